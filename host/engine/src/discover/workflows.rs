//! Which modules the workflows of a project reach.

use std::collections::BTreeSet;
use std::path::PathBuf;

use holobiont_core::{Judge, ModuleId, Workflow};

use super::skipped::{SkipReason, Skipped};
use crate::project::Project;

/// The modules that the workflows of a project reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reached {
    /// Their steps, their members, and the components that their objectives use; each once, in the order of ids.
    pub modules: Vec<ModuleId>,
    /// The workflows that could not be read.
    pub skipped: Vec<Skipped>,
}

/// The folder of a project's workflows.
const FOLDER: &str = "workflows";

impl Project {
    /// The modules that the files `workflows/*.toml` reach.
    #[must_use]
    pub fn reached_by_workflows(&self) -> Reached {
        let entries = std::fs::read_dir(self.root.join(FOLDER)).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        let (mut modules, mut skipped) = (BTreeSet::new(), Vec::new());
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
            match text.and_then(|text| Workflow::parse(&text).map_err(|error| error.to_string())) {
                Ok(workflow) => {
                    modules.extend(workflow.modules().into_iter().cloned());
                    if let Judge::Scorer(scorer) = workflow.objective.judge {
                        modules.insert(scorer.module);
                    }
                }
                Err(words) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    skipped.push(Skipped::new(&format!("{FOLDER}/{name}"), SkipReason::Workflow(words)));
                }
            }
        }
        Reached { modules: modules.into_iter().collect(), skipped }
    }
}
