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
}

impl Module {
    /// The SHA-256 of the bytes that were loaded.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inner.digest
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
    exports.iter().find(|export| crate::scan::split_version(export).0 == kind.entry_interface())
}

/// The function that the host calls in a component of a kind.
pub(crate) fn entry(component: &Component, kind: ModuleKind, export: &str) -> Option<ComponentExportIndex> {
    let instance = component.get_export_index(None, export)?;
    component.get_export_index(Some(&instance), signature::function(kind))
}
