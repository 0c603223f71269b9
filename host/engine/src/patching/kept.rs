//! What is kept goes into the project's files.

use std::fs;

use holobiont_core::{Digest, Workflow, WorkflowText};

use super::PatchError;
use super::bench::Bench;
use super::proposal::{Change, Proposal};
use crate::evaluate::EvaluateError;
use crate::project::{Project, ProjectError};
use crate::transaction::TransactionError;

/// The folder, in the data folder, of modules whose files have other bytes now.
const REPLACED: &str = "replaced";

/// The files that a patched workflow is made of.
pub(super) struct Files<'a> {
    pub(super) project: &'a Project,
    /// That of the workflow, in the repository.
    pub(super) path: String,
    /// Its text, and the digest of that.
    pub(super) text: String,
    pub(super) digest: Digest,
    /// Whether nothing is written.
    pub(super) is_dry: bool,
}

impl Files<'_> {
    /// Writes a proposal, which is not yet the incumbent: parameters into the workflow's file, bytes into the module's,
    /// whose old ones are kept by their digest.
    pub(super) fn keep(&mut self, bench: &Bench<'_>, proposal: &Proposal) -> Result<(), PatchError> {
        if self.is_dry {
            return Ok(());
        }
        let mut transaction = self.project.transaction();
        match &proposal.change {
            Change::Parameters { .. } => {
                let text = self.changed_text(bench, proposal)?;
                transaction.replace(&self.path, Some(self.digest), text.clone());
                transaction.commit()?;
                self.digest = Digest::of(text.as_bytes());
                self.text = text;
            }
            Change::Component(bytes) => {
                let old = bench.evaluator().bytes_of(&proposal.module)?;
                let digest = Digest::of(&old);
                let data = self.project.data_dir();
                let folder = data.join(REPLACED);
                fs::create_dir_all(&folder).map_err(|source| TransactionError::Write { path: folder, source })?;
                let kept = format!("{REPLACED}/{}.wasm", digest.hex());
                let is_there = fs::read(data.join(&kept)).ok().map(|bytes| Digest::of(&bytes));
                transaction.replace_bytes_in_data(&kept, is_there, old);
                transaction.replace_bytes(proposal.module.as_str(), Some(digest), bytes.clone());
                let (mut map, before) = self.project.module_map()?;
                if let Some(integrated) = map.modules.get_mut(&proposal.module) {
                    integrated.digest = Digest::of(bytes);
                    let path = data.join(Project::MODULE_MAP);
                    let text = map.to_json().map_err(|source| ProjectError::Document { path, source })?;
                    transaction.replace_in_data(Project::MODULE_MAP, before, text);
                }
                transaction.commit()?;
            }
        }
        Ok(())
    }

    /// The workflow's text with the values of a proposal.
    fn changed_text(&self, bench: &Bench<'_>, proposal: &Proposal) -> Result<String, PatchError> {
        let wrong = |words: String| EvaluateError::Fault(format!("{}: {words}", self.path));
        let mut text = WorkflowText::parse(&self.text).map_err(|error| wrong(error.to_string()))?;
        if let Change::Parameters { values, .. } = &proposal.change {
            text.set_parameters(&proposal.module, values);
        }
        let text = text.to_string();
        match Workflow::parse(&text) {
            Ok(workflow) if workflow == bench.workflow_with(proposal) => Ok(text),
            Ok(_) => {
                Err(wrong("the changed text is another workflow than the one that was measured".to_owned()).into())
            }
            Err(error) => Err(wrong(error.to_string()).into()),
        }
    }
}
