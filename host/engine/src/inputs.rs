//! The inputs of a workflow.

use std::fs;
use std::path::Path;

use holobiont_core::{Digest, ModuleId, Workflow};

use crate::project::{Project, ProjectError};

/// One input of a workflow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Input {
    /// Its path in the repository.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their digest.
    pub digest: Digest,
}

impl Input {
    /// An input that does not come from a file.
    #[must_use]
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), digest: Digest::of(&bytes), bytes }
    }
}

impl Project {
    /// Reads the inputs of a workflow: files as they are named, of folders every file in the order of
    /// their names. Hidden files and notes (`.md`) are no inputs.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when one is missing, unreadable, or lies outside the repository, or a folder
    /// has no file.
    pub fn inputs(&self, workflow: &Workflow) -> Result<Vec<Input>, ProjectError> {
        self.input_ids(workflow)?.iter().map(|id| self.input(id)).collect()
    }

    /// The paths of the inputs of a workflow, in their order.
    pub(crate) fn input_ids(&self, workflow: &Workflow) -> Result<Vec<ModuleId>, ProjectError> {
        let mut inputs = Vec::new();
        for named in &workflow.inputs {
            let wrong =
                |reason: String| ProjectError::Input { workflow: workflow.name.clone(), input: named.clone(), reason };
            let id = ModuleId::new(named)?;
            let path = self.path_of(&id)?;
            let about = fs::metadata(&path).map_err(|e| wrong(e.to_string()))?;
            if about.is_dir() {
                let files = files_of(&path).map_err(|e| wrong(e.to_string()))?;
                if files.is_empty() {
                    return Err(wrong("the folder holds no file".to_owned()));
                }
                for file in files {
                    inputs.push(ModuleId::new(&format!("{}/{file}", id.as_str()))?);
                }
            } else {
                inputs.push(id);
            }
        }
        Ok(inputs)
    }

    /// Reads the output that a workflow's objective expects for an input, by the input's name; `None` where it
    /// expects none.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Expected`] when it is missing or unreadable; [`ProjectError`] when it lies outside the
    /// repository.
    pub fn expected(&self, workflow: &Workflow, input: &str) -> Result<Option<Input>, ProjectError> {
        let Some(path) = workflow.objective.expected_path(input) else { return Ok(None) };
        match self.input(&ModuleId::new(&path)?) {
            Err(ProjectError::Read { path, source }) => {
                let (workflow, input) = (workflow.name.clone(), input.to_owned());
                Err(ProjectError::Expected { workflow, input, path, source })
            }
            read => read.map(Some),
        }
    }

    fn input(&self, id: &ModuleId) -> Result<Input, ProjectError> {
        let bytes = fs::read(self.path_of(id)?);
        let bytes = bytes.map_err(|source| ProjectError::Read { path: id.as_str().into(), source })?;
        Ok(Input::new(id.as_str(), bytes))
    }
}

fn files_of(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && !name.starts_with('.') && !name.ends_with(".md") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
