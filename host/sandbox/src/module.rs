//! A module that is ready to run.

use std::sync::Arc;

use holobiont_core::Digest;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};

use crate::scan::{Facts, ModuleKind};
use crate::signature;
use crate::state::RunState;

/// A module that is compiled and linked: cheap to clone, and to run many times.
#[derive(Clone)]
pub struct Module {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) digest: Digest,
    pub(crate) facts: Facts,
    pub(crate) pre: InstancePre<RunState>,
    pub(crate) entry: ComponentExportIndex,
    pub(crate) memories: u64,
    pub(crate) compile_ns: u64,
    /// Where its imports lead that other modules meet.
    pub(crate) links: Vec<Link>,
    pub(crate) identity: Digest,
    /// The longest chain of links that begins here; 0 without any.
    pub(crate) depth: usize,
    /// The identities of all modules that a run of it may call by import, each once.
    pub(crate) reach: Vec<Digest>,
}

/// An import that another module meets.
#[derive(Clone)]
pub(crate) struct Link {
    /// The interface, as the importer spells it.
    pub(crate) import: String,
    /// The same without its version.
    pub(crate) name: Arc<str>,
    pub(crate) provider: Module,
    /// The interface, as the provider spells it.
    pub(crate) export: String,
}

impl Module {
    /// The SHA-256 of the bytes that were loaded.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// What its runs depend on: its bytes, and those of all modules that it is linked with. Without links
    /// it is the digest.
    #[must_use]
    pub fn identity(&self) -> Digest {
        self.inner.identity
    }

    /// The interfaces that other modules meet for it: as it imports them, as the other exports them, and who.
    pub fn links(&self) -> impl ExactSizeIterator<Item = (&str, &str, &Module)> {
        self.inner.links.iter().map(|link| (link.import.as_str(), link.export.as_str(), &link.provider))
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> ModuleKind {
        self.inner.facts.kind
    }

    /// What its bytes say of it.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.inner.facts
    }

    /// How long it took to compile, or to load from the cache, in nanoseconds.
    #[must_use]
    pub fn compile_ns(&self) -> u64 {
        self.inner.compile_ns
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("digest", &self.digest()).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// The name under which a component exports the interface that makes it what it is.
pub(crate) fn entry_export(kind: ModuleKind, exports: &[String]) -> Option<&String> {
    exports.iter().find(|export| match kind {
        ModuleKind::Library => crate::scan::is_strangers(export),
        kind => crate::scan::split_version(export).0 == kind.entry_interface(),
    })
}

/// The function that the host calls in a component of a kind; of a library, which it does not call, the interface.
pub(crate) fn entry(component: &Component, kind: ModuleKind, export: &str) -> Option<ComponentExportIndex> {
    let instance = component.get_export_index(None, export)?;
    if kind == ModuleKind::Library {
        return Some(instance);
    }
    component.get_export_index(Some(&instance), signature::function(kind))
}
