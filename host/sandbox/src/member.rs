//! The modules that a pipeline may invoke.

use holobiont_core::{Grants, ModuleId};

use crate::files::Files;
use crate::module::Module;
use crate::scan::{MODULES, ModuleKind, split_version};

/// A module that a pipeline may invoke: a candidate, a command, or another pipeline.
#[derive(Clone, Debug)]
pub struct Member {
    /// The id that the pipeline knows it by.
    pub id: ModuleId,
    /// The module.
    pub module: Module,
    pub(crate) grants: Grants,
    pub(crate) files: Files,
}

impl Member {
    /// A module that is granted nothing; what the pipeline is granted is not its members'.
    #[must_use]
    pub fn new(id: ModuleId, module: Module) -> Self {
        Self { id, module, grants: Grants::default(), files: Files::default() }
    }

    /// The environment and arguments that it sees. Whose clocks and entropy it has is the pipeline's affair:
    /// a run has one clock. Default: none.
    #[must_use]
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// Directories of the host, as they were when they were opened: each invocation sees the same, and what
    /// it changes is never written back. Default: none.
    #[must_use]
    pub fn files(mut self, files: Files) -> Self {
        self.files = files.never_written_back();
        self
    }
}

/// Whether a module can invoke others.
pub(crate) fn invokes(module: &Module) -> bool {
    module.kind() == ModuleKind::Pipeline
        && module.facts().imports.iter().any(|import| split_version(&import.name).0 == MODULES)
}
