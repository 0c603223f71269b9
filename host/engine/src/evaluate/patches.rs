//! What patchers need: what may be tuned, their proposals, and modules with other bytes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use holobiont_core::stats::Coalition;
use holobiont_core::{Digest, ModuleId, Scenario, Tunable, Workflow};
use holobiont_sandbox::{Job, Loaded, PatchContext, Proposed, SandboxError};

use super::candidates::Candidate;
use super::runs::of_another_kind;
use super::trials::Plan;
use super::{EvaluateError, Evaluator};
use crate::inputs::Input;

impl Evaluator<'_> {
    /// The parameters that a module says may be tuned: none for one that says nothing, or cannot be asked.
    pub(crate) fn tunables_of(&self, id: &ModuleId, others: &[ModuleId]) -> Result<Vec<Tunable>, EvaluateError> {
        Ok(self.described(id, others)?.ok().flatten().map(|said| said.tunables).unwrap_or_default())
    }

    /// The bytes of a module as this evaluator measures it.
    pub(crate) fn bytes_of(&self, id: &ModuleId) -> Result<Vec<u8>, EvaluateError> {
        Ok(self.candidate(id)?.bytes.clone())
    }

    /// Asks a patcher, which is granted nothing, for proposals.
    pub(crate) fn propose(&self, patcher: &ModuleId, context: &PatchContext) -> Result<Proposed, EvaluateError> {
        let unusable = |outcome| EvaluateError::Patcher { id: patcher.clone(), outcome };
        let candidate = self.candidate(patcher)?;
        let module = match candidate.load(self.sandbox)? {
            Loaded::Ready(module) => module,
            Loaded::Refused(outcome) => return Err(unusable(outcome.clone())),
        };
        let settings = &self.project.settings;
        let job = Job::new(&[]).limits(settings.chosen()?.run_limits()).seed(settings.seed);
        match self.sandbox.propose(module, &job, context) {
            Err(error @ SandboxError::Kind { .. }) => Err(unusable(of_another_kind(&error))),
            proposed => {
                self.made.fetch_add(1, Ordering::Relaxed);
                Ok(proposed?)
            }
        }
    }

    /// The same evaluator with other bytes for a module. What it is granted follows from its bytes, so that other ones
    /// are granted nothing that nobody granted them.
    pub(crate) fn replacing(&self, id: &ModuleId, bytes: Vec<u8>) -> Result<Self, EvaluateError> {
        let candidates = self.candidates.with(Candidate::new(self.project, id, bytes)?);
        Ok(Self { candidates, made: Arc::clone(&self.made), reused: Arc::clone(&self.reused), ..*self })
    }

    /// What trials of a whole workflow on some inputs depend on: where it is the same, so are they.
    pub(crate) fn question_of(&self, workflow: &Workflow, inputs: &[Input]) -> Result<Digest, EvaluateError> {
        let group: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
        let scenarios = [Scenario::default()];
        let (nominal, harder) = (vec![Coalition::all(group.len())], Vec::new());
        let plan = Plan { workflow, group: &group, inputs, scenarios: &scenarios, nominal, harder };
        self.question(&plan, self.project.settings.chosen()?)
    }
}
