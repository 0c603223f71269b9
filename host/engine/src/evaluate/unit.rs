//! Single modules, with those that they import from: what a candidate is tried as before it is put into a workflow.

use std::collections::BTreeMap;
use std::sync::Arc;

use holobiont_core::inclusion::Types;
use holobiont_core::stats::Coalition;
use holobiont_core::{ArmTrials, Conditions, Digest, Limits, Measurement, ModuleId, Outcome, Scenario, Step, Workflow};
use holobiont_sandbox::{Described, Facts, Loaded};

use super::candidates::Candidate;
use super::runs::{Handed, Memo, ReadyStep, Terms};
use super::trials::Plan;
use super::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;

impl Evaluator<'_> {
    /// The digest of a module as this evaluator measures it: its bytes are read once.
    pub(crate) fn digest_of(&self, id: &ModuleId) -> Result<Digest, EvaluateError> {
        Ok(self.candidate(id)?.digest)
    }

    /// What a module's bytes say of it, or why they say nothing.
    pub(crate) fn facts_of(&self, id: &ModuleId) -> Result<Result<Facts, Outcome>, EvaluateError> {
        Ok(self.candidate(id)?.facts().cloned().map_err(Clone::clone))
    }

    /// Loads a module among others. Why it cannot be loaded, if it cannot; otherwise what it says that it takes and
    /// gives, and what came of asking.
    pub(crate) fn try_load(
        &self,
        id: &ModuleId,
        others: &[ModuleId],
    ) -> Result<Result<(Types, Option<Measurement>), Outcome>, EvaluateError> {
        Ok(self.described(id, others)?.map(|said| match said {
            None => (Types::default(), None),
            Some(said) => (Types { accepts: said.accepts, emits: said.emits }, Some(said.measurement)),
        }))
    }

    /// Loads a module among others and asks what it says of itself. Why it cannot be loaded, if it cannot.
    pub(crate) fn described(
        &self,
        id: &ModuleId,
        others: &[ModuleId],
    ) -> Result<Result<Option<Described>, Outcome>, EvaluateError> {
        let candidate = self.candidate(id)?;
        let module = match candidate.load_among(self.sandbox, &self.company(others)?)? {
            (Loaded::Ready(module), _) => module,
            (Loaded::Refused(outcome), _) => return Ok(Err(outcome)),
        };
        let limits = self.project.settings.chosen()?.run_limits();
        Ok(Ok(self.sandbox.describe(&module, &limits)?))
    }

    /// One run of a module among others on an input.
    pub(crate) fn run_once(
        &self,
        id: &ModuleId,
        others: &[ModuleId],
        input: &Input,
        media_type: &str,
        limits: Limits,
    ) -> Result<Measurement, EvaluateError> {
        let step = Step { module: id.clone(), parameters: BTreeMap::new() };
        let step: ReadyStep = self.ready(&step)?.among(&self.company(others)?);
        let terms = Terms::new(limits, Conditions::default(), self.project.settings.seed, media_type);
        let mut memo = Memo::default();
        let run = self.step(&step, &Handed::from(input), &terms, None, &mut memo)?;
        self.commit(memo)?;
        Ok(run.measurement.clone())
    }

    /// What some coalitions of a workflow's modules come to on some inputs, under some scenarios.
    pub(crate) fn arms_of(
        &self,
        workflow: &Workflow,
        inputs: &[Input],
        scenarios: &[Scenario],
        coalitions: Vec<Coalition>,
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<BTreeMap<Coalition, ArmTrials>, EvaluateError> {
        let group: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
        let plan = Plan { workflow, group: &group, inputs, scenarios, harder: coalitions.clone(), nominal: coalitions };
        let made = self.runs_made();
        let arms = self.trials(&plan, listen)?;
        if self.runs_made() > made {
            // To look whether there is room is to look at every run: an engine that finds nothing new does not.
            self.store.trim_outputs(self.project.settings.keep_output_bytes)?;
        }
        Ok(arms)
    }

    fn company(&self, others: &[ModuleId]) -> Result<Vec<Arc<Candidate>>, EvaluateError> {
        others.iter().map(|other| self.candidate(other)).collect()
    }
}
