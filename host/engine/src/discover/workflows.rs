//! Which modules the workflows of a project reach.

use std::collections::BTreeSet;

use holobiont_core::ModuleId;

use super::skipped::{SkipReason, Skipped};
use crate::project::{Project, ProjectError};

/// The modules that the workflows of a project reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reached {
    /// Their steps, their members, and the components that their objectives use; each once, in the order of ids.
    pub modules: Vec<ModuleId>,
    /// The workflows that could not be read.
    pub skipped: Vec<Skipped>,
}

impl Project {
    /// The modules that the files `workflows/*.toml` reach.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when the folder, or a file in it, cannot be read.
    pub fn reached_by_workflows(&self) -> Result<Reached, ProjectError> {
        let (mut modules, mut skipped) = (BTreeSet::new(), Vec::new());
        for file in self.workflow_files()? {
            match file.workflow {
                Ok(workflow) => {
                    modules.extend(workflow.modules().into_iter().cloned());
                    modules.extend(workflow.objective.scorer().cloned());
                }
                Err(error) => skipped.push(Skipped::new(&file.path, SkipReason::Workflow(error.to_string()))),
            }
        }
        Ok(Reached { modules: modules.into_iter().collect(), skipped })
    }
}
