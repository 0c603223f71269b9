//! What workflows hold, and what is wrong with them, before anything runs.

use std::collections::BTreeMap;

use holobiont_core::graph::ModuleMap;
use holobiont_core::{Digest, ModuleId, Workflow, WorkflowError};
use serde::Serialize;

use crate::documents::WorkflowFile;
use crate::modules::FileState;
use crate::project::{Project, ProjectError};

/// A workflow in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WorkflowListed {
    /// Its file.
    pub file: String,
    /// What it holds, or why it does not read.
    #[serde(flatten)]
    pub read: WorkflowRead,
}

/// What a workflow holds, where it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum WorkflowRead {
    /// It reads.
    Good {
        /// Its name.
        name: String,
        /// How many steps.
        steps: usize,
        /// How many members that are no steps.
        members: usize,
        /// How many inputs; none where one is missing.
        #[serde(skip_serializing_if = "Option::is_none")]
        inputs: Option<usize>,
    },
    /// It does not.
    Wrong {
        /// Why, in a line.
        error: String,
    },
}

/// A workflow with what is known of its modules.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WorkflowShown {
    /// Its file.
    pub file: String,
    /// What it is.
    pub workflow: Workflow,
    /// How many inputs it has; none where one is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<usize>,
    /// What is known of its modules.
    pub modules: BTreeMap<ModuleId, ModuleKnown>,
}

/// What is known of a module of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModuleKnown {
    /// The digest of its bytes now; none where they cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// What became of its file since it was integrated; none where it is not integrated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrated: Option<FileState>,
}

/// What is wrong with a workflow.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkflowProblem {
    /// It does not read.
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    /// A module, an input or an expected output is not there.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// What says what an output is worth is not there.
    #[error("the scorer: {0}")]
    Scorer(ProjectError),
    /// An integrated module is not what it was.
    #[error("{0} was changed since it was integrated: measure it again, or pin it as it is now")]
    Changed(ModuleId),
}

/// A workflow with all that is wrong with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct WorkflowChecked {
    /// Its file.
    pub file: String,
    /// What is wrong; nothing where it can run as it was integrated.
    pub problems: Vec<WorkflowProblem>,
}

impl Project {
    /// The workflows of the project, in the order of their files' names.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Read`] when the files cannot be read.
    pub fn workflows(&self) -> Result<Vec<WorkflowListed>, ProjectError> {
        let listed = self.workflow_files()?.into_iter().map(|file| {
            let read = match file.workflow {
                Err(error) => WorkflowRead::Wrong { error: error.to_string() },
                Ok(workflow) => WorkflowRead::Good {
                    inputs: self.count_inputs(&workflow),
                    steps: workflow.steps.len(),
                    members: workflow.members.len(),
                    name: workflow.name,
                },
            };
            WorkflowListed { file: file.path, read }
        });
        Ok(listed.collect())
    }

    /// A workflow with what is known of its modules, by its path or by the name of a file in `workflows/`.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when there is none of that name, or it or the map is wrong.
    pub fn workflow_shown(&self, name: &str) -> Result<WorkflowShown, ProjectError> {
        let file = self.workflow_file(name)?;
        let wrong = |source| ProjectError::Workflow { path: file.path.clone(), source };
        let workflow = file.workflow.map_err(wrong)?;
        let (map, _) = self.module_map()?;
        let known = workflow.modules().into_iter().map(|id| {
            let known = ModuleKnown { digest: self.digest_now(id), integrated: self.state_of(&map, id) };
            (id.clone(), known)
        });
        let modules = known.collect();
        Ok(WorkflowShown { file: file.path, inputs: self.count_inputs(&workflow), workflow, modules })
    }

    /// What is wrong with workflows, by their paths or the names of files in `workflows/`; with all of those where
    /// none is named. Nothing is run.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when there is none of a name, or the map is wrong.
    pub fn check_workflows(&self, names: &[String]) -> Result<Vec<WorkflowChecked>, ProjectError> {
        let files = if names.is_empty() {
            self.workflow_files()?
        } else {
            names.iter().map(|name| self.workflow_file(name)).collect::<Result<_, _>>()?
        };
        let (map, _) = self.module_map()?;
        Ok(files.into_iter().map(|file| self.checked(&map, file)).collect())
    }

    fn count_inputs(&self, workflow: &Workflow) -> Option<usize> {
        self.input_ids(workflow).ok().map(|ids| ids.len())
    }

    fn checked(&self, map: &ModuleMap, file: WorkflowFile) -> WorkflowChecked {
        let problems = match file.workflow {
            Err(error) => vec![error.into()],
            Ok(workflow) => self.problems(map, &workflow),
        };
        WorkflowChecked { file: file.path, problems }
    }

    fn problems(&self, map: &ModuleMap, workflow: &Workflow) -> Vec<WorkflowProblem> {
        let mut problems = Vec::new();
        for id in workflow.modules() {
            match self.module_bytes(id) {
                Err(error) => problems.push(error.into()),
                Ok(bytes) => {
                    let measured = map.modules.get(id).map(|known| known.digest);
                    if measured.is_some_and(|measured| measured != Digest::of(&bytes)) {
                        problems.push(WorkflowProblem::Changed(id.clone()));
                    }
                }
            }
        }
        if let Some(Err(error)) = workflow.objective.scorer().map(|scorer| self.module_bytes(scorer)) {
            problems.push(WorkflowProblem::Scorer(error));
        }
        match self.input_ids(workflow) {
            Err(error) => problems.push(error.into()),
            Ok(inputs) => {
                let expected = inputs.iter().filter_map(|input| self.expected(workflow, input.as_str()).err());
                problems.extend(expected.map(WorkflowProblem::from));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests;
