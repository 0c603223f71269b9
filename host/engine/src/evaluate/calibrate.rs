//! How often the gate passes what it should not.
//!
//! The gate claims that a group is worth more than its parts on inputs like these. That claim is tried where it is
//! known to be false: the differences that groups of the workflow showed, input by input, are shifted so that their
//! mean is exactly the threshold; then comparisons are drawn from them with as many inputs as the workflow has, and
//! the gate is asked about each. Two plainer trials go along: each module against its own copy under other entropy,
//! and groups of modules that hand through what they are given.

use std::collections::BTreeMap;
use std::sync::Arc;

use holobiont_core::stats::{Coalition, LEAST_INPUTS, wilson};
use holobiont_core::{ArmTrials, Calibration, Digest, ModuleId, Scenario, Step, Workflow, beyond_mean};
use serde::{Deserialize, Serialize};

use super::candidates::Candidate;
use super::no_effect::pass_through;
use super::trials::Plan;
use super::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;
use crate::json::json;
use crate::parallel::in_parallel;

/// Comparisons that are drawn for each group.
const REPLICATES: u64 = 500;

/// How many modules without effect make the largest group of them.
const NO_EFFECT: u8 = 3;

/// What calibrating the gate came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CalibrationReport {
    /// How often it passes what it should not, all trials taken together.
    pub calibration: Calibration,
    /// Comparisons drawn from differences without effect.
    pub simulated: Tally,
    /// Modules against their own copies.
    pub own_copies: Tally,
    /// Groups of modules that hand through what they are given.
    pub no_effect: Tally,
    /// Whether there are enough inputs for the gate to pass anybody at all.
    pub enough_data: bool,
    /// The engine and host that it holds for.
    pub engine: String,
}

/// By input, a group's value less the mean of its members', in credits.
type Differences = Vec<f64>;

/// How many of how many were passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Passed, though they should not have been.
    pub alarms: u64,
    /// In all.
    pub trials: u64,
}

impl Evaluator<'_> {
    /// Measures how often the gate, as it is configured, passes a group of a workflow that has no effect; later
    /// comparisons with the same gate, workflow, inputs and engine are judged with it.
    ///
    /// # Errors
    ///
    /// As [`Evaluator::synergy`].
    pub fn calibrate(
        &self,
        workflow: &Workflow,
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<CalibrationReport, EvaluateError> {
        let gate = &self.project.settings.gate;
        let inputs = self.project.inputs(workflow)?;
        let modules: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
        let (pairs, copies) = self.differences(workflow, &modules, &inputs, listen)?;
        let simulated = in_parallel(self.project.settings.threads(), pairs.len(), |index| {
            let own = pairs.get(index).map_or(&[][..], Vec::as_slice);
            let seed = self.project.settings.seed.wrapping_add(index as u64);
            Ok::<_, EvaluateError>(gate.false_alarms(own, REPLICATES, seed))
        })?;
        let simulated = Tally { alarms: simulated.iter().sum(), trials: pairs.len() as u64 * REPLICATES };
        let own_copies = self.tally(&copies);
        let no_effect = self.tally(&self.no_effect_differences(workflow, &inputs)?);
        let alarms = simulated.alarms + own_copies.alarms + no_effect.alarms;
        let trials = simulated.trials + own_copies.trials + no_effect.trials;
        let false_positives =
            wilson(alarms, trials, 0.95).ok_or_else(|| EvaluateError::Fault("nothing was calibrated".to_owned()))?;
        let calibration = Calibration { false_positives, target: gate.false_positive_target, inputs: inputs.len() };
        let engine = self.sandbox.identity().to_owned();
        let enough_data = inputs.len() >= LEAST_INPUTS;
        let report = CalibrationReport { calibration, simulated, own_copies, no_effect, enough_data, engine };
        let key = self.calibration_key(workflow, &inputs)?;
        let document = serde_json::to_string(&report).map_err(|e| EvaluateError::Fault(e.to_string()))?;
        self.store.keep_baseline(&key, &document)?;
        Ok(report)
    }

    /// What calibrating came to, where it was done.
    pub(super) fn calibration(
        &self,
        workflow: &Workflow,
        inputs: &[Input],
    ) -> Result<Option<Calibration>, EvaluateError> {
        let document = self.store.baseline(&self.calibration_key(workflow, inputs)?)?;
        // A document that this version cannot read is one that is not there.
        Ok(document.and_then(|text| Some(serde_json::from_str::<CalibrationReport>(&text).ok()?.calibration)))
    }

    /// What a calibration holds for. The engine is part of every key: an upgrade moved a fixed program's fuel by 4 %.
    fn calibration_key(&self, workflow: &Workflow, inputs: &[Input]) -> Result<Digest, EvaluateError> {
        let mut parts = vec![b"calibration 1".to_vec(), json(&self.project.settings.gate)];
        parts.push(workflow.media_type.as_bytes().to_vec());
        parts.push(json(&self.project.settings.limits()?));
        for step in &workflow.steps {
            parts.push(self.candidate(&step.module)?.identity.as_bytes().to_vec());
            parts.push(json(&step.parameters));
        }
        for member in &workflow.members {
            parts.push(self.candidate(&member.module)?.identity.as_bytes().to_vec());
        }
        for input in inputs {
            let expected = self.project.expected(workflow, &input.name)?;
            parts.push(input.digest.as_bytes().to_vec());
            parts.push(self.objective_key(workflow, expected.as_ref())?.as_bytes().to_vec());
        }
        Ok(self.key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    /// The differences by input of every pair and of all modules together, and of each module to its own copy.
    fn differences(
        &self,
        workflow: &Workflow,
        modules: &[ModuleId],
        inputs: &[Input],
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<(Vec<Differences>, Vec<Differences>), EvaluateError> {
        let players = modules.len();
        let solos: Vec<Coalition> = Coalition::solos(players).collect();
        let mut groups: Vec<Coalition> =
            (0..players).flat_map(|a| (a + 1..players).map(move |b| Coalition::EMPTY.with(a).with(b))).collect();
        if players > 2 {
            groups.push(Coalition::all(players));
        }
        let scenarios = [Scenario::default(), Scenario::repeat()];
        let nominal = solos.iter().chain(&groups).copied().collect();
        let plan = Plan { workflow, group: modules, inputs, scenarios: &scenarios, nominal, harder: solos.clone() };
        let arms = self.trials(&plan, listen)?;
        let of_groups = groups.iter().map(|group| beyond_members(&arms, *group));
        let of_copies = solos.iter().map(|solo| beyond_mean(&values(&arms, *solo, 0), &[values(&arms, *solo, 1)]));
        Ok((of_groups.collect(), of_copies.collect()))
    }

    /// The differences of groups of two and more modules without effect, which really run.
    fn no_effect_differences(&self, workflow: &Workflow, inputs: &[Input]) -> Result<Vec<Differences>, EvaluateError> {
        let mut idle = workflow.clone();
        idle.members.clear();
        idle.steps.clear();
        for number in 1..=NO_EFFECT {
            let module = ModuleId::new(&format!("holobiont-no-effect/{number}.wasm"))
                .map_err(crate::project::ProjectError::from)?;
            self.candidates.put(Arc::new(Candidate::new(self.project, &module, pass_through(number))?));
            idle.steps.push(Step { module, parameters: BTreeMap::new() });
        }
        let modules: Vec<ModuleId> = idle.modules().into_iter().cloned().collect();
        let scenarios = [Scenario::default()];
        let plan = Plan::comparison(&idle, &modules, inputs, &scenarios, self.project.settings.seed);
        let arms = self.trials(&plan, &|_| ())?;
        let groups = arms.keys().filter(|coalition| coalition.len() > 1);
        Ok(groups.map(|group| beyond_members(&arms, *group)).collect())
    }

    fn tally(&self, all: &[Vec<f64>]) -> Tally {
        let settings = &self.project.settings;
        let alarm = |own: &&Vec<f64>| settings.gate.is_above(&settings.gate.estimate(own, settings.seed));
        Tally { alarms: all.iter().filter(alarm).count() as u64, trials: all.len() as u64 }
    }
}

/// The value of a coalition on each input, in credits, under one of the scenarios tried.
fn values(arms: &BTreeMap<Coalition, ArmTrials>, coalition: Coalition, scenario: usize) -> Vec<f64> {
    let trials = arms.get(&coalition).and_then(|arm| arm.trials.get(scenario));
    trials.into_iter().flat_map(|trials| &trials.samples).map(|sample| sample.value).collect()
}

/// By input, what a group was worth beyond the mean of its members.
fn beyond_members(arms: &BTreeMap<Coalition, ArmTrials>, group: Coalition) -> Differences {
    let members: Vec<Vec<f64>> = group.players().map(|player| values(arms, Coalition::EMPTY.with(player), 0)).collect();
    beyond_mean(&values(arms, group, 0), &members)
}
