//! One cycle of an engine, step by step.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use holobiont_core::cycle::{Decision, EnergyInputs, EnergyPlan, Signals, energy_for};
use holobiont_core::inclusion::{Earned, split};
use holobiont_core::policy::{Action, PolicyState, Transition};
use holobiont_core::stats::Coalition;
use holobiont_core::{Arm, Digest, ModuleId, Scenario, Workflow};

use super::record::{CycleRecord, Opening, Work};
use super::{Engine, EngineError, House};
use crate::adaptation::PresetAdapted;
use crate::discover::Discovery;
use crate::documents::WorkflowFile;
use crate::evaluate::{EvaluateError, Evaluator, Progress};
use crate::history::History;
use crate::json::json;
use crate::patching::Patching;
use crate::project::ProjectError;
use crate::self_test::{SelfTest, SelfTestProgress};
use crate::weights::Weighed;

/// What a cycle begins with.
pub(super) struct Found {
    pub(super) discovery: Discovery,
    pub(super) workflow: Workflow,
    /// How many modules are integrated.
    pub(super) integrated: usize,
    /// All that the cycle depends on.
    seen: Digest,
}

/// What was decided before anything is spent.
struct Decided {
    decision: Decision,
    state: PolicyState,
    action: Action,
    explored: bool,
    energy: EnergyPlan,
    /// What had to be mended to decide.
    notes: Vec<String>,
}

/// What a workflow is worth.
#[derive(Clone, Copy, Default)]
struct Worth {
    roi: Option<f64>,
    /// What its modules are worth together beyond what they are worth alone; of one module there is none.
    synergy_roi: Option<f64>,
    /// Its return on the inputs that changes are not chosen by.
    fresh_roi: Option<f64>,
}

impl Worth {
    fn of(record: &CycleRecord) -> Self {
        Self { roi: record.roi, synergy_roi: record.synergy_roi, fresh_roi: record.fresh_roi }
    }
}

impl Engine {
    /// Makes a cycle, or says why there is none: tests candidates, decides whether to go on, reckons the energy, runs the
    /// workflow with it, measures what there is then, learns, and keeps all of it. `now_ms` is the time since 1970 by the
    /// host's clock, which may go back.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when something is missing or a part of the host fails. What modules do is in the record.
    pub fn cycle(&mut self, house: &House<'_>, now_ms: u64) -> Result<CycleRecord, EngineError> {
        let before = (self.state.clone(), self.policy.clone());
        let result = self.turn(house, now_ms);
        if result.is_err() {
            // It is made again, as if nothing had been: by this process or by another.
            (self.state, self.policy) = before;
        }
        result
    }

    fn turn(&mut self, house: &House<'_>, now_ms: u64) -> Result<CycleRecord, EngineError> {
        self.state.see_clock(now_ms);
        let mut found = self.look(house)?;
        let Opening { mut record, is_new } = self.opening(house, &found, now_ms)?;
        if !record.due {
            // Nothing was decided but to wait: there is nothing to learn from, or to keep.
            return Ok(record);
        }
        if record.action != Action::Skip {
            let (before, modules) = (Worth::of(&record), record.modules.clone());
            self.change(house, is_new, &mut record)?;
            let has_changed = is_new || record.patched > 0;
            if has_changed {
                found = self.look(house)?;
            }
            record.ran = true;
            record.work = self.work(house, &found, &record)?;
            let worth = if has_changed { self.measure(house, &found)? } else { before };
            (record.roi, record.synergy_roi, record.fresh_roi) = (worth.roi, worth.synergy_roi, worth.fresh_roi);
            if has_changed && self.config.adapt {
                record.moved = self.adapt(house, &found)?;
            }
            record.seen = found.seen;
            self.account(&mut record, before.roi, now_ms);
            record.modules = found.workflow.modules().into_iter().cloned().collect();
            if record.modules != modules || record.patched > 0 {
                let rise = worth.fresh_roi.zip(before.fresh_roi).map(|(now, before)| now - before);
                self.weigh(house, &mut record, rise)?;
            }
        }
        self.learn(&record);
        record.rest = self.rest(&record, is_new);
        record.number = self.state.cycles() + u64::from(!record.ran);
        record.engine_state = self.state.to_json().map_err(|error| self.wrong(&error.to_string()))?;
        record.policy = self.policy.to_json().map_err(|error| self.wrong(&error.to_string()))?;
        self.keep(house.project, house.store, record.clone())?;
        Ok(record)
    }

    /// What is decided before anything is spent, with what the workflow is worth by then; what was, where a cycle was begun and
    /// ended by somebody. Where something may change it is written down.
    fn opening(&mut self, house: &House<'_>, found: &Found, now_ms: u64) -> Result<Opening, EngineError> {
        if let Some(opening) = &self.begun_cycle {
            // The same lot is drawn again, so that the next is the one that follows it.
            self.policy.choose(&opening.record.state);
            return Ok(opening.clone());
        }
        let is_new = self.last.as_ref().is_none_or(|last| last.seen != found.seen);
        let decided = self.decide(house, found, is_new, now_ms)?;
        let mut record = self.record(found, &decided);
        if is_new && record.due && record.action != Action::Skip {
            // Anew: what differs from the last cycle may be inputs or prices, which are no merit of this one.
            let before = self.measure(house, found)?;
            (record.roi, record.synergy_roi, record.fresh_roi) = (before.roi, before.synergy_roi, before.fresh_roi);
        }
        let opening = Opening { record, is_new };
        self.begin(house.store, &opening)?;
        Ok(opening)
    }

    /// Takes in candidates, where something is new, and what a patcher proposes, as long as it may have more.
    fn change(&self, house: &House<'_>, is_new: bool, record: &mut CycleRecord) -> Result<(), EngineError> {
        if is_new && self.config.self_test {
            self.take_in(house, record)?;
        }
        if is_new || record.has_more {
            self.patch(house, record)?;
        }
        Ok(())
    }

    pub(super) fn wrong(&self, what: &str) -> EngineError {
        EngineError::State { engine: self.config.name.clone(), what: what.to_owned() }
    }

    /// Finds what there is now.
    fn look(&self, house: &House<'_>) -> Result<Found, EngineError> {
        let project = house.project;
        let file = self.file(house)?;
        let workflow = file.workflow.map_err(|source| ProjectError::Workflow { path: file.path.clone(), source })?;
        let discovery = project.discover(&project.reached_by_workflows()?.modules)?;
        let settings = &project.settings;
        let preset = settings.chosen().map_err(EvaluateError::from)?;
        let mut parts: Vec<Vec<u8>> = vec![
            file.digest.as_bytes().to_vec(),
            json(&preset.limits),
            json(&settings.prices),
            json(&settings.gate),
            settings.seed.to_le_bytes().to_vec(),
        ];
        for facts in discovery.graph.modules() {
            parts.push(facts.id.as_str().as_bytes().to_vec());
            parts.push(facts.digest.as_bytes().to_vec());
        }
        for input in project.inputs(&workflow)? {
            parts.push(input.name.into_bytes());
            parts.push(input.digest.as_bytes().to_vec());
        }
        let seen = Digest::of_parts(parts.iter().map(Vec::as_slice));
        let integrated = project.module_map()?.0.modules.len();
        Ok(Found { discovery, workflow, integrated, seen })
    }

    fn file(&self, house: &House<'_>) -> Result<WorkflowFile, EngineError> {
        let path = format!("workflows/{}.toml", self.config.workflow);
        let files = house.project.workflow_files()?;
        let found = files.into_iter().find(|file| file.path == path);
        found.ok_or_else(|| self.wrong(&format!("there is no {path}: name a file of workflows/ as its `workflow`")))
    }

    /// Whether to go on, by what is known before anything is spent, and with how much energy. What is new is looked at
    /// whatever the policy thinks of it, and so is what a patcher may have more of: it may skip cycles in which nothing is,
    /// and otherwise they are small.
    fn decide(&mut self, house: &House<'_>, found: &Found, is_new: bool, now_ms: u64) -> Result<Decided, EngineError> {
        let (synergies, notes) = self.synergies(house, found)?;
        let state = self.policy.state(&self.situation(found, &synergies));
        let promise = self.policy.value(&state);
        let alarms: Vec<String> = found.discovery.changed.iter().map(|id| format!("{id} is not as measured")).collect();
        let signals = Signals {
            capital: self.config.capital,
            policy: Some(promise),
            forecast: self.state.forecast(holobiont_core::forecast::Method::Auto),
            alarms: &alarms,
        };
        let decision = self.config.trigger.should_trigger(&self.state, &signals, now_ms);
        let has_work = is_new || self.may_patch();
        let (action, explored) = match decision.go {
            false => (Action::Skip, false),
            true => match self.policy.choose(&state) {
                (Action::Skip, _) if has_work => (Action::RunSmall, false),
                chosen => chosen,
            },
        };
        let mut energy = energy_for(&EnergyInputs {
            capital: self.config.capital,
            policy: Some(promise),
            short_mean: self.state.short_mean(),
            roi_delta_ema: self.state.roi_delta_ema(),
            synergies,
        });
        let scaled = f64::from(energy.energy) * action.energy_factor();
        energy.energy = scaled.round().clamp(1.0, 100.0) as u8;
        Ok(Decided { decision, state, action, explored, energy, notes })
    }

    /// The record of a cycle that has not done anything yet.
    fn record(&self, found: &Found, decided: &Decided) -> CycleRecord {
        let reasons = &decided.decision.reasons;
        CycleRecord {
            schema: CycleRecord::SCHEMA.to_owned(),
            engine: self.config.name.clone(),
            workflow: found.workflow.name.clone(),
            number: 0,
            ran: false,
            due: decided.decision.go,
            because: decided.decision.because().unwrap_or_default().to_owned(),
            reasons: reasons.iter().map(|reason| reason.because.clone()).collect(),
            state: decided.state,
            action: decided.action,
            explored: decided.explored,
            energy: decided.energy.energy,
            energy_parts: decided.energy.parts.iter().map(|part| part.because.clone()).collect(),
            tested: 0,
            passed: 0,
            integrated: Vec::new(),
            patched: 0,
            changes: Vec::new(),
            has_more: self.may_patch(),
            moved: 0,
            work: Work { fuel_bought: decided.energy.fuel(self.config.energy_fuel), ..Work::default() },
            // Of a cycle that does not run, what was before: what is new by then has not been looked at.
            roi: self.last.as_ref().and_then(|last| last.roi),
            synergy_roi: self.last.as_ref().and_then(|last| last.synergy_roi),
            fresh_roi: self.last.as_ref().and_then(|last| last.fresh_roi),
            delta: 0.0,
            price: 0.0,
            unit: found.workflow.objective.unit.clone(),
            credits_per_unit: found.workflow.objective.credits_per_unit,
            modules: found.workflow.modules().into_iter().cloned().collect(),
            seen: self.last.as_ref().map_or(found.seen, |last| last.seen),
            trouble: None,
            notes: decided.notes.clone(),
            rest: None,
            engine_state: String::new(),
            policy: String::new(),
        }
    }

    /// Tests candidates for the workflow, and takes in those that pass.
    fn take_in(&self, house: &House<'_>, record: &mut CycleRecord) -> Result<(), EngineError> {
        let _files = house.files.lock().unwrap_or_else(PoisonError::into_inner);
        // Another engine may have taken some of them in while this one waited.
        let found = self.look(house)?;
        let evaluator = self.evaluator(house);
        let test = SelfTest { workflow: Some(self.config.workflow.clone()), ..SelfTest::default() };
        let report = test.run(house.project, &evaluator, house.store, &found.discovery, house.listen)?;
        record.tested = report.candidates.len() as u64;
        record.passed = report.candidates.iter().filter(|candidate| candidate.passed).count() as u64;
        record.integrated = report.integrated;
        Ok(())
    }

    /// Asks the patcher for changes, if there is one, and keeps those that are surely better.
    fn patch(&self, house: &House<'_>, record: &mut CycleRecord) -> Result<(), EngineError> {
        let Some(patcher) = self.config.patcher.clone() else { return Ok(()) };
        let _files = house.files.lock().unwrap_or_else(PoisonError::into_inner);
        let evaluator = self.evaluator(house);
        let (workflow, rounds) = (self.config.workflow.clone(), self.config.patch_rounds);
        let patching = Patching { workflow, patcher, rounds, since: Some(self.since), dry_run: false };
        let what = format!("{}: what its patcher proposes", self.config.workflow);
        let tell = |progress: Progress| (house.listen)(SelfTestProgress::of(&what, progress));
        let report = patching.run(house.project, &evaluator, house.store, &tell)?;
        record.has_more = !report.exhausted;
        record.changes = patching.kept(house.store, &report.workflow)?;
        record.patched = record.changes.len() as u64;
        Ok(())
    }

    /// Whether the patcher had more to propose when it was last asked.
    fn may_patch(&self) -> bool {
        self.config.patcher.is_some() && self.last.as_ref().is_some_and(|last| last.has_more)
    }

    fn evaluator<'a>(&self, house: &House<'a>) -> Evaluator<'a> {
        Evaluator::new(house.project, house.sandbox, house.store).stopped_by(house.stop)
    }

    /// Runs the workflow on its inputs, one after the other, until the fuel that the energy buys is used: an input that has
    /// begun is finished. Pipelines among its steps are told the energy.
    fn work(&self, house: &House<'_>, found: &Found, record: &CycleRecord) -> Result<Work, EngineError> {
        let evaluator = self.evaluator(house).with_energy(record.energy);
        let mut work = record.work;
        let all = Coalition::all(found.workflow.modules().len());
        for input in house.project.inputs(&found.workflow)? {
            if work.fuel >= work.fuel_bought || house.stop.load(Ordering::Relaxed) {
                break;
            }
            let nominal = [Scenario::default()];
            let arms = evaluator.arms_of(&found.workflow, &[input], &nominal, vec![all], &|_| ())?;
            let Some(arm) = arms.get(&all) else { continue };
            let earned = Earned::of(arm);
            work.inputs += 1;
            work.value += earned.values.iter().sum::<f64>();
            work.cost += earned.costs.iter().sum::<f64>();
            for sample in arm.trials.iter().flat_map(|trials| &trials.samples) {
                work.completed += u64::from(sample.completed);
                work.fuel = work.fuel.saturating_add(sample.usage.fuel);
            }
        }
        Ok(work)
    }

    /// What the workflow is worth now: by a comparison with its modules, which is in its history then; where it has one
    /// module, by that on all inputs.
    fn measure(&self, house: &House<'_>, found: &Found) -> Result<Worth, EngineError> {
        let evaluator = self.evaluator(house);
        let modules: Vec<ModuleId> = found.workflow.modules().into_iter().cloned().collect();
        let what = format!("{}, as it is now", found.workflow.name);
        let tell = |progress: Progress| (house.listen)(SelfTestProgress::of(&what, progress));
        if modules.len() < 2 {
            let (all, nominal) = (Coalition::all(modules.len()), [Scenario::default()]);
            let inputs = house.project.inputs(&found.workflow)?;
            let arms = evaluator.arms_of(&found.workflow, &inputs, &nominal, vec![all], &tell)?;
            let Some(earned) = arms.get(&all).map(Earned::of) else { return Ok(Worth::default()) };
            let places: Vec<usize> = (0..earned.costs.len()).collect();
            let fresh = split(inputs.len(), house.project.settings.seed).fresh;
            return Ok(Worth { roi: roi_of(&earned, &places), synergy_roi: None, fresh_roi: roi_of(&earned, &fresh) });
        }
        let answer = evaluator.synergy(&found.workflow, &modules, &Scenario::builtin(), &tell)?;
        let combined = answer.assessment.arms.iter().find(|report| report.arm == Arm::Combined);
        let synergy_roi = answer.assessment.synergy.get("roi").map(|synergy| synergy.value);
        let weighed = Weighed::all(house.store, &found.workflow.name)?.pop();
        let fresh_roi = weighed.filter(|weighed| weighed.group == modules).map(|weighed| weighed.roi);
        Ok(Worth { roi: combined.and_then(|report| report.metrics.get("roi")), synergy_roi, fresh_roi })
    }

    /// Moves the limits of the preset to what was measured under it; says how many. They hold for whoever reads the
    /// project's settings next.
    fn adapt(&self, house: &House<'_>, found: &Found) -> Result<u64, EngineError> {
        let _files = house.files.lock().unwrap_or_else(PoisonError::into_inner);
        let (project, workflow) = (house.project, &found.workflow.name);
        let group: Vec<ModuleId> = found.workflow.modules().into_iter().cloned().collect();
        let history = History::of(house.store, workflow)?;
        let (adapted, presets) = PresetAdapted::of(project, &history, &group, &project.settings.preset)?;
        adapted.keep(project, house.store, workflow, &presets)?;
        Ok(adapted.moves.len() as u64)
    }

    /// What the cycle brought, and what it cost. One in which nothing was done is a failure: after those the engine rests.
    fn account(&mut self, record: &mut CycleRecord, before: Option<f64>, now_ms: u64) {
        record.price = f64::from(record.energy) * self.config.energy_price;
        record.delta = match (record.roi, before) {
            (Some(roi), Some(before)) => roi - before,
            _ => 0.0,
        };
        if record.work.inputs > 0 && record.work.completed == 0 {
            record.trouble = Some(format!("the workflow completed on none of {} inputs", record.work.inputs));
            self.state.record_failure(now_ms);
        } else if let Err(error) = self.state.record(record.delta, now_ms) {
            record.trouble = Some(error.to_string());
            record.delta = 0.0;
            self.state.record_failure(now_ms);
        }
    }

    /// What the cycle before taught, now that it is known what was chosen next; and who was there when something was brought.
    fn learn(&mut self, record: &CycleRecord) {
        if let Some(last) = &self.last {
            let (next, reward) = (Some((record.state, record.action)), last.delta - last.price);
            self.policy.learn(Transition { state: last.state, action: last.action, reward, next });
        }
        if record.ran {
            // A delta that is no number was made 0 when the cycle was accounted for.
            let _ = self.past.add(record);
        }
    }
}

/// The return on some inputs; none where they cost nothing.
fn roi_of(earned: &Earned, places: &[usize]) -> Option<f64> {
    let sum = |of: &[f64]| places.iter().filter_map(|place| of.get(*place)).sum::<f64>();
    let cost = sum(&earned.costs);
    (cost > 0.0).then(|| (sum(&earned.values) - cost) / cost)
}
