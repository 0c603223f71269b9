//! A workflow as candidates are tried in it: the stages that need its inputs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use holobiont_core::graph::Behaviour;
use holobiont_core::inclusion::{Earned, Split, Stage, Types, split};
use holobiont_core::stats::{Coalition, Estimate};
use holobiont_core::{ArmTrials, End, Gate, IncidentKind, Limits, ModuleId, Role, Scenario, Step, Workflow, printable};

use super::SelfTestProgress;
use super::report::StageReport;
use super::unit::{Unit, common};
use crate::evaluate::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;
use crate::project::Project;

/// The part of a preset's limits under which a candidate is looked at first: one that takes more for the smallest
/// input would not get far with the others.
const SMOKE_PART: u64 = 4;

/// A workflow, its inputs, and what makes runs.
pub(super) struct Bench<'a> {
    pub(super) evaluator: &'a Evaluator<'a>,
    pub(super) project: &'a Project,
    pub(super) workflow: &'a Workflow,
    inputs: Vec<Input>,
    split: Split,
    /// What steps take and give, by module.
    types: BTreeMap<ModuleId, Types>,
    /// What the workflow's modules do alone, by module.
    pub(super) behaviours: BTreeMap<ModuleId, Behaviour>,
    /// What is being done, for people.
    what: RefCell<String>,
    listen: &'a (dyn Fn(SelfTestProgress) + Sync),
}

/// What a candidate did alone.
pub(super) struct Solo {
    pub(super) earned: Earned,
    pub(super) incidents: Vec<IncidentKind>,
    pub(super) behaviour: Option<Behaviour>,
}

/// What a candidate does at its best place.
#[derive(Clone)]
pub(super) struct Placed {
    /// The workflow with it.
    pub(super) with: Workflow,
    /// Its place among the steps, the first being 0.
    pub(super) place: usize,
    pub(super) synergy_roi: Estimate,
    pub(super) gain: Estimate,
}

/// A changed workflow beside the one that it was made from, on all inputs.
pub(super) struct Again {
    /// Mean profit, in credits per input.
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) synergy_roi: Estimate,
    pub(super) gain: Estimate,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        evaluator: &'a Evaluator<'a>,
        project: &'a Project,
        workflow: &'a Workflow,
        listen: &'a (dyn Fn(SelfTestProgress) + Sync),
    ) -> Result<Self, EvaluateError> {
        let inputs = project.inputs(workflow)?;
        // What is missing is found before anything is tried.
        for input in &inputs {
            project.expected(workflow, &input.name)?;
        }
        if let Some(scorer) = workflow.objective.scorer() {
            project.module_bytes(scorer)?;
        }
        let split = split(inputs.len(), project.settings.seed);
        let modules: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
        let mut types = BTreeMap::new();
        for Step { module, .. } in &workflow.steps {
            let others: Vec<ModuleId> = modules.iter().filter(|other| *other != module).cloned().collect();
            // A step that does not load takes nothing in particular: the workflow is no worse off for a neighbour.
            types.insert(module.clone(), evaluator.try_load(module, &others)?.unwrap_or_default().0);
        }
        let (behaviours, what) = (BTreeMap::new(), RefCell::default());
        Ok(Self { evaluator, project, workflow, inputs, split, types, behaviours, what, listen })
    }

    /// Says what is being done from here on.
    pub(super) fn at(&self, stage: Stage, unit: &Unit) {
        *self.what.borrow_mut() = format!("{}, {}: {}", self.workflow.name, stage.name(), unit.module.short());
    }

    /// Tries some coalitions of a workflow.
    fn arms(
        &self,
        workflow: &Workflow,
        inputs: &[Input],
        scenarios: &[Scenario],
        coalitions: Vec<Coalition>,
    ) -> Result<BTreeMap<Coalition, ArmTrials>, EvaluateError> {
        let (what, listen) = (self.what.borrow().clone(), self.listen);
        let tell = |progress: Progress| listen(SelfTestProgress::of(&what, progress));
        self.evaluator.arms_of(workflow, inputs, scenarios, coalitions, &tell)
    }

    fn gate(&self) -> &Gate {
        &self.project.settings.gate
    }

    fn seed(&self) -> u64 {
        self.project.settings.seed
    }

    /// Whether places are chosen on other inputs than those that they are judged on.
    pub(super) fn is_split(&self) -> bool {
        self.split.apart
    }

    /// Why a candidate's types let it go nowhere in the workflow, if they do not.
    pub(super) fn refusal(&self, unit: &Unit) -> Option<String> {
        if !self.places(&[unit], self.workflow).is_empty() {
            return None;
        }
        let accepts = match unit.types.accepts.as_slice() {
            [] => "anything".to_owned(),
            ranges => ranges.iter().map(|range| printable(range)).collect::<Vec<_>>().join(", "),
        };
        let gives =
            unit.types.emits.as_ref().map_or_else(String::new, |gives| format!(" and gives {}", printable(gives)));
        Some(format!("it takes {accepts}{gives}, and there is no place among the steps where that goes together"))
    }

    /// Notes what a candidate takes that is put among the steps.
    pub(super) fn note(&mut self, unit: &Unit) {
        self.types.insert(unit.module.clone(), unit.types.clone());
    }

    /// One run on the smallest input, under a part of the limits.
    pub(super) fn smoke(&self, unit: &Unit) -> Result<StageReport, EvaluateError> {
        let smallest = self.inputs.iter().min_by_key(|input| (input.bytes.len(), &input.name));
        let Some(input) = smallest else { return Ok(self.said(Stage::Smoke, true, "there is no input".to_owned())) };
        let limits = a_part(&self.project.settings.chosen()?.run_limits());
        let run = self.evaluator.run_once(&unit.module, &unit.imports, input, &self.workflow.media_type, limits)?;
        let incident = IncidentKind::of(End::from(&run.outcome));
        let words = match incident {
            None => format!("{} on {}: {} fuel", run.outcome, printable(&input.name), run.usage.fuel),
            Some(incident) => format!("{} on {}: {}", run.outcome, printable(&input.name), incident.reason()),
        };
        Ok(self.said(Stage::Smoke, incident.is_none(), words))
    }

    /// All inputs under all scenarios, alone.
    pub(super) fn solo(&self, unit: &Unit) -> Result<(StageReport, Solo), EvaluateError> {
        let alone = unit.alone(self.workflow);
        let arm = self.arm(&alone, &self.inputs, &Scenario::builtin())?;
        let solo = Solo {
            earned: Earned::of(&arm),
            incidents: IncidentKind::of_trials(&arm.trials),
            behaviour: behaviour(&arm, &self.inputs),
        };
        let most = self.project.settings.self_test.most_incident_weight;
        let worst = solo.incidents.iter().max_by(|a, b| a.weight().total_cmp(&b.weight()));
        let report = match worst.filter(|incident| incident.weight() > most) {
            Some(worst) => {
                let words = format!("an incident weighs {}, more than {most}: {}", worst.weight(), worst.reason());
                self.said(Stage::Solo, false, words)
            }
            None => {
                let (value, profit) = (solo.earned.mean_value(), solo.earned.mean_profit());
                self.said(
                    Stage::Solo,
                    true,
                    format!("alone worth {value:+.4} credits per input, {profit:+.4} after costs"),
                )
            }
        };
        Ok((report, solo))
    }

    /// What the workflow's own modules do alone, for telling whether a candidate does the same.
    pub(super) fn watch_members(&mut self) -> Result<(), EvaluateError> {
        // Those of which behaviour is made.
        let mut scenarios = Scenario::builtin();
        scenarios.retain(|scenario| matches!(scenario.role, Role::Nominal | Role::Classes));
        for step in &self.workflow.steps {
            if self.behaviours.contains_key(&step.module) {
                continue;
            }
            let alone = Workflow { steps: vec![step.clone()], ..self.workflow.clone() };
            let arm = self.arm(&alone, &self.inputs, &scenarios)?;
            if let Some(behaviour) = behaviour(&arm, &self.inputs) {
                self.behaviours.insert(step.module.clone(), behaviour);
            }
        }
        Ok(())
    }

    /// Beside each step that is surely worth something alone, before it and after it: does anything remain of that?
    pub(super) fn pairs(&self, unit: &Unit) -> Result<StageReport, EvaluateError> {
        let mut ruined = Vec::new();
        let mut fine = Vec::new();
        for step in &self.workflow.steps {
            let alone = Workflow { steps: vec![step.clone()], ..self.workflow.clone() };
            let own = Earned::of(&self.arm(&alone, &self.inputs, &[Scenario::default()])?);
            if !self.surely_above_nothing(&own) {
                continue;
            }
            let mut is_fine = false;
            for place in [0, 1] {
                let both = Earned::of(&self.arm(&unit.within(&alone, place), &self.inputs, &[Scenario::default()])?);
                is_fine |= !self.surely_nothing(&both);
            }
            if is_fine { &mut fine } else { &mut ruined }.push(step.module.short());
        }
        let passed = ruined.is_empty() || !fine.is_empty();
        Ok(self.said(
            Stage::Pairs,
            passed,
            match (passed, ruined.is_empty(), fine.is_empty()) {
                (false, _, _) => {
                    format!("before or after {}, nothing is left of what that is worth", ruined.join(", "))
                }
                (true, true, true) => "no step is surely worth anything alone, so there is nothing to spoil".to_owned(),
                (true, true, false) => format!("goes with {}", fine.join(", ")),
                (true, false, _) => format!("goes with {}, not with {}", fine.join(", "), ruined.join(", ")),
            },
        ))
    }

    fn surely_above_nothing(&self, earned: &Earned) -> bool {
        self.gate().estimate(&earned.values, self.seed()).interval().is_some_and(|interval| interval.low > 0.0)
    }

    fn surely_nothing(&self, earned: &Earned) -> bool {
        self.gate().estimate(&earned.values, self.seed()).interval().is_some_and(|interval| interval.high <= 0.0)
    }

    /// The best place of some candidates beside each other among the steps of `current`, chosen on some inputs and
    /// judged on others; none where their types let them go nowhere.
    pub(super) fn placed(&self, units: &[&Unit], current: &Workflow) -> Result<Option<Placed>, EvaluateError> {
        let choosing = self.some(&self.split.choosing);
        let mut best: Option<(f64, usize, Workflow)> = None;
        for place in self.places(units, current) {
            let with = together(units, current, place);
            let profit = Earned::of(&self.arm(&with, &choosing, &[Scenario::default()])?).mean_profit();
            if best.as_ref().is_none_or(|(most, ..)| profit > *most) {
                best = Some((profit, place, with));
            }
        }
        let Some((_, place, with)) = best else { return Ok(None) };
        let (synergy_roi, gain) = self.difference(&with, current)?;
        Ok(Some(Placed { with, place, synergy_roi, gain }))
    }

    fn places(&self, units: &[&Unit], current: &Workflow) -> Vec<usize> {
        let Some((first, rest)) = units.split_first() else { return Vec::new() };
        let of = |step: &Step| self.types.get(&step.module).cloned().unwrap_or_default();
        let types: Vec<Types> = current.steps.iter().map(of).collect();
        // What the first gives, the next must take, and so on: as if the others were there already.
        let fits = |place: &usize| {
            let mut steps = types.clone();
            for unit in rest.iter().rev() {
                steps.insert(*place, unit.types.clone());
            }
            first.types.places(&current.media_type, &steps).contains(place)
        };
        (0..=types.len()).filter(fits).collect()
    }

    /// What a workflow adds to what another one earns that holds a part of it, on the inputs that had no part
    /// in choosing: for each credit of its cost, and for each input.
    pub(super) fn difference(
        &self,
        with: &Workflow,
        without: &Workflow,
    ) -> Result<(Estimate, Estimate), EvaluateError> {
        let [more, less] = self.both(with, without, &self.some(&self.split.fresh))?;
        Ok((more.synergy_roi(&less, self.gate(), self.seed()), more.gain(&less, self.gate(), self.seed())))
    }

    /// A changed workflow and the one that it was made from, on all inputs.
    pub(super) fn again(&self, changed: &Workflow) -> Result<Again, EvaluateError> {
        let [more, less] = self.both(changed, self.workflow, &self.inputs)?;
        Ok(Again {
            before: less.mean_profit(),
            after: more.mean_profit(),
            synergy_roi: more.synergy_roi(&less, self.gate(), self.seed()),
            gain: more.gain(&less, self.gate(), self.seed()),
        })
    }

    /// What the workflow earns as it is, in credits per input.
    pub(super) fn profit(&self) -> Result<f64, EvaluateError> {
        Ok(Earned::of(&self.arm(self.workflow, &self.inputs, &[Scenario::default()])?).mean_profit())
    }

    fn both(&self, with: &Workflow, without: &Workflow, inputs: &[Input]) -> Result<[Earned; 2], EvaluateError> {
        let (all, part) = (Coalition::all(with.modules().len()), common(with, without));
        let nominal = [Scenario::default()];
        let arms = self.arms(with, inputs, &nominal, vec![all, part])?;
        let earned = |coalition| arms.get(&coalition).map(Earned::of).unwrap_or_default();
        Ok([earned(all), earned(part)])
    }

    /// All modules of a workflow together.
    fn arm(&self, workflow: &Workflow, inputs: &[Input], scenarios: &[Scenario]) -> Result<ArmTrials, EvaluateError> {
        let all = Coalition::all(workflow.modules().len());
        let mut arms = self.arms(workflow, inputs, scenarios, vec![all])?;
        arms.remove(&all).ok_or_else(|| EvaluateError::Fault("an arm was not tried".to_owned()))
    }

    fn some(&self, places: &[usize]) -> Vec<Input> {
        places.iter().filter_map(|place| self.inputs.get(*place)).cloned().collect()
    }

    fn said(&self, stage: Stage, passed: bool, detail: String) -> StageReport {
        StageReport { stage, workflow: Some(self.workflow.name.clone()), passed, detail }
    }
}

/// Some candidates beside each other among the steps of a workflow.
pub(super) fn together(units: &[&Unit], current: &Workflow, place: usize) -> Workflow {
    units.iter().rev().fold(current.clone(), |workflow, unit| unit.within(&workflow, place))
}

/// What an arm did with the inputs as they are and with their classes; nothing where it did not complete on each as it
/// is, or handed all of them through: two that do nothing by themselves may do different things in company.
fn behaviour(arm: &ArmTrials, inputs: &[Input]) -> Option<Behaviour> {
    let of =
        |role: Role| arm.trials.iter().filter(move |trials| trials.role == role).flat_map(|trials| &trials.samples);
    let hands_through = of(Role::Nominal).zip(inputs).all(|(sample, input)| sample.output.digest == input.digest);
    if hands_through || !of(Role::Nominal).all(|sample| sample.completed) {
        return None;
    }
    let outputs = of(Role::Nominal).chain(of(Role::Classes)).map(|sample| sample.output.digest).collect();
    Some(Behaviour { outputs, cost: of(Role::Nominal).map(|sample| sample.cost).sum() })
}

fn a_part(limits: &Limits) -> Limits {
    Limits {
        fuel: limits.fuel / SMOKE_PART,
        memory_bytes: limits.memory_bytes / SMOKE_PART,
        time_ns: limits.time_ns / SMOKE_PART,
        output_bytes: limits.output_bytes / SMOKE_PART,
        log_bytes: limits.log_bytes / SMOKE_PART,
        disk_bytes: limits.disk_bytes / SMOKE_PART,
        ..limits.clone()
    }
}
