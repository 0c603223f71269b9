//! Runs strangers' WebAssembly under limits, and measures what it does.
//!
//! ```no_run
//! use holobiont_sandbox::{Job, Loaded, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::builder().build()?;
//! match sandbox.load(&std::fs::read("stranger.wasm")?)? {
//!     Loaded::Ready(module) => {
//!         let run = sandbox.run(&module, &Job::new(b"some input"))?;
//!         println!("{}: {} fuel", run.measurement.outcome, run.measurement.usage.fuel);
//!     }
//!     Loaded::Refused(outcome) => println!("{outcome}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The nouns: a [`Sandbox`] holds the engine, a [`Module`] is compiled and linked code, a [`Job`] is one
//! run to be made, a [`Run`] what came of it, a [`Workspace`] the blackboard of a group.
//!
//! Whatever a guest does is data: [`Sandbox::load`] and [`Sandbox::run`] fail only when the host or its
//! machine does. Nothing is granted by default, and nothing in a run can block: its clock is virtual,
//! its input and output are memory, its files are virtual; so the same bytes, input, limits and seed
//! give the same [`Measurement`](holobiont_core::Measurement), bit for bit.

mod adapt;
mod arm;
mod attribution;
mod cache;
mod code_digest;
mod compile;
mod describe;
mod engine;
mod entropy;
mod error;
mod files;
mod fuse;
mod handles;
mod host;
mod interfaces;
mod limiter;
mod linked;
mod member;
mod meter;
mod module;
mod nest;
mod options;
mod permits;
mod propose;
mod resources;
mod run;
mod sandbox;
mod scan;
mod signature;
mod state;
mod statics;
mod stop;
mod types;
mod vfs;
mod weather;
mod wit;
mod workspace;

pub use code_digest::code_digest;
pub use compile::compile_worker;
pub use describe::Described;
pub use error::SandboxError;
pub use files::{Files, FilesError};
pub use fuse::FuseError;
pub use member::Member;
pub use module::Module;
pub use propose::{Patch, PatchAttempt, PatchContext, PatchTarget, Proposed};
pub use run::{Job, Run, Scored};
pub use sandbox::{Loaded, Sandbox, SandboxBuilder};
pub use scan::{Facts, Import, ModuleKind, Wish, inspect};
pub use statics::{Finding, LINTS, Rule, SECURITY_RULES, Score, Statics, statics};
pub use wit::PLUGIN_WIT;
pub use workspace::Workspace;
