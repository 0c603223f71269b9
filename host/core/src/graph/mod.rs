//! The modules of a repository as a graph: who imports what others export, which of them nobody uses yet, which are
//! there twice.
//!
//! What a module imports and exports comes in as [`ModuleFacts`]; an [`ImportGraph`] is made of all of them, of the
//! [`ModuleMap`] and of what was said by hand in [`Links`]. Everything that it answers is sorted, and depends on nothing
//! else than what it was made of.
//!
//! ```
//! use holobiont_core::graph::{HOST_PREFIXES, ImportGraph, Links, ModuleFacts, ModuleMap};
//! use holobiont_core::{Digest, ModuleId};
//!
//! let facts = |path: &str, imports: &[&str], exports: &[&str]| {
//!     let (digest, texts) = (Digest::of(path.as_bytes()), |names: &[&str]| names.iter().map(ToString::to_string).collect());
//!     let (imports, exports) = (texts(imports), texts(exports));
//!     let id = ModuleId::new(path)?;
//!     Ok::<_, holobiont_core::ModuleIdError>(ModuleFacts {
//!         id, digest, code_digest: digest, imports, exports, accepts: Vec::new(), emits: None,
//!     })
//! };
//! let modules = [
//!     facts("orphan.wasm", &["acme:words/stems@0.1.2", "wasi:cli/stdout@0.2.3"], &[])?,
//!     facts("helper.wasm", &[], &["acme:words/stems@0.1.0"])?,
//! ];
//! let (orphan, helper) = (modules[0].id.clone(), modules[1].id.clone());
//! let graph = ImportGraph::new(modules, &ModuleMap::default(), &Links::default(), HOST_PREFIXES);
//!
//! assert_eq!(graph.closure(&orphan)?, [&helper]);
//! let orphans = graph.recursive_orphans([], &graph.redundancies(&Default::default()));
//! assert_eq!(orphans[&helper].parents, [orphan]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod closure;
mod cycles;
mod documents;
mod facts;
mod import_error;
mod imports;
mod interface;
mod links;
mod orphans;
mod redundancy;
#[cfg(test)]
mod tests;

pub use crate::document::DocumentError;
pub use closure::ClosureError;
pub use cycles::Cycle;
pub use documents::{Integrated, ModuleMap, Orphan, OrphanModules};
pub use facts::ModuleFacts;
pub use import_error::ImportError;
pub use imports::{Edge, HOST_PREFIXES, ImportGraph};
pub use interface::{Interface, InterfaceError};
pub use links::{LinkedTwice, Links};
pub use redundancy::{Behaviour, Redundancy, Sameness};
