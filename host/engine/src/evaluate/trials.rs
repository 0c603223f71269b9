//! The trials that a comparison needs: coalitions x scenarios x inputs, those remembered and those made now.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use holobiont_core::stats::Coalition;
use holobiont_core::{
    ArmTrials, Conditions, Digest, InputClass, ModuleId, Preset, Prices, Role, Sample, Scenario, Trials, Workflow,
    coalitions_for_shares,
};

use super::chains::{Ask, Chains, TrialRecord};
use super::runs::{Memo, Terms};
use super::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;
use crate::parallel::in_parallel;

/// The largest group whose every coalition is tried under the harder scenarios too: beyond it, members have Shapley
/// values of what nominal trials tell.
const FULL_PLAYERS: usize = 4;

/// What a comparison is to be made of.
pub(super) struct Plan<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) group: &'a [ModuleId],
    pub(super) inputs: &'a [Input],
    pub(super) scenarios: &'a [Scenario],
    /// The coalitions that are tried in the nominal scenario, and those that are in the others.
    pub(super) nominal: Vec<Coalition>,
    pub(super) harder: Vec<Coalition>,
}

impl<'a> Plan<'a> {
    /// What a comparison of a group with its members needs, Shapley values included where they are exact.
    pub(super) fn comparison(
        workflow: &'a Workflow,
        group: &'a [ModuleId],
        inputs: &'a [Input],
        scenarios: &'a [Scenario],
        seed: u64,
    ) -> Self {
        let players = group.len();
        let mut nominal = coalitions_for_shares(players, seed);
        nominal.extend(Coalition::arms(players));
        nominal.sort_unstable();
        nominal.dedup();
        let harder = if players <= FULL_PLAYERS { nominal.clone() } else { Coalition::arms(players).collect() };
        Self { workflow, group, inputs, scenarios, nominal, harder }
    }

    fn coalitions(&self, scenario: &Scenario) -> &[Coalition] {
        if scenario.role == Role::Nominal { &self.nominal } else { &self.harder }
    }

    fn trials(&self) -> u64 {
        let classes = InputClass::assignment(self.inputs.len()).first().map_or(1, Vec::len);
        let of = |scenario: &Scenario| {
            let per_input = if scenario.role == Role::Classes { classes } else { 1 };
            (self.coalitions(scenario).len() * self.inputs.len() * per_input) as u64
        };
        self.scenarios.iter().map(of).sum()
    }
}

/// One thing that is run: an input as a scenario has it.
struct Case {
    scenario: usize,
    input: Input,
    class: Option<InputClass>,
}

/// What all coalitions came to on one case.
struct CaseTrials {
    scenario: usize,
    class: Option<InputClass>,
    trials: HashMap<Coalition, TrialRecord>,
}

impl Evaluator<'_> {
    /// Makes the trials of a plan that are not remembered, on as many threads as there are cores. `listen` is told
    /// how far it is, from any of them.
    pub(super) fn trials(
        &self,
        plan: &Plan<'_>,
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<BTreeMap<Coalition, ArmTrials>, EvaluateError> {
        let settings = &self.project.settings;
        let preset = settings.chosen()?;
        let terms: Vec<Terms> = plan.scenarios.iter().map(|scenario| self.terms(scenario, preset, plan)).collect();
        // What an output is worth does not depend on the weather.
        let valued = Terms::new(preset.limits.clone(), Conditions::default(), settings.seed, &plan.workflow.media_type);
        let chains = [
            Chains::new(self, plan.workflow, plan.group, plan.nominal.iter().copied())?,
            Chains::new(self, plan.workflow, plan.group, plan.harder.iter().copied())?,
        ];
        let cases = self.cases(plan);
        let progress = Counter::new(plan.trials(), self, listen);
        let by_input = in_parallel(settings.threads(), plan.inputs.len(), |index| {
            let mut memo = Memo::default();
            let mut tried = Vec::new();
            // Of whatever form a scenario has it.
            let expected = match plan.inputs.get(index) {
                None => None,
                Some(input) => self.project.expected(plan.workflow, &input.name)?,
            };
            for case in cases.get(index).into_iter().flatten() {
                if let Err(stopped) = self.go_on() {
                    self.commit(memo)?;
                    return Err(stopped);
                }
                let (Some(scenario), Some(own)) = (plan.scenarios.get(case.scenario), terms.get(case.scenario)) else {
                    continue;
                };
                let ask = Ask {
                    workflow: plan.workflow,
                    input: &case.input,
                    expected: expected.as_ref(),
                    terms: own,
                    gentler: Some(&valued).filter(|nominal| nominal.key() != own.key()),
                    valued: &valued,
                };
                let chains = &chains[usize::from(scenario.role != Role::Nominal)];
                let trials = self.case(chains, &ask, &mut memo, &|| progress.one())?;
                tried.push(CaseTrials { scenario: case.scenario, class: case.class, trials });
            }
            self.commit(memo)?;
            Ok::<_, EvaluateError>(tried)
        })?;
        Ok(self.arms(plan, &by_input))
    }

    fn terms(&self, scenario: &Scenario, preset: &Preset, plan: &Plan<'_>) -> Terms {
        let scenario = preset.under(scenario);
        let seed = self.project.settings.seed;
        // A repeat is told apart by its entropy alone.
        let seed = if scenario.role == Role::Repeat { seed ^ 0x5eed_5eed_5eed_5eed } else { seed };
        Terms::new(scenario.limits(&preset.limits), scenario.conditions, seed, &plan.workflow.media_type)
    }

    /// By input, what is run on it.
    fn cases(&self, plan: &Plan<'_>) -> Vec<Vec<Case>> {
        let seed = self.project.settings.seed;
        let classes = InputClass::assignment(plan.inputs.len());
        let hostile_ones: Vec<Vec<bool>> =
            plan.scenarios.iter().map(|scenario| scenario.hostile_choice(plan.inputs.len(), seed)).collect();
        let of = |(index, input): (usize, &Input)| {
            let own_seed = seed.wrapping_add(index as u64);
            let mut cases = Vec::new();
            for (place, scenario) in plan.scenarios.iter().enumerate() {
                if scenario.role == Role::Classes {
                    for class in classes.get(index).into_iter().flatten() {
                        let bytes = class.variant(&input.bytes, own_seed);
                        cases.push(Case {
                            scenario: place,
                            input: Input::new(&input.name, bytes),
                            class: Some(*class),
                        });
                    }
                } else if hostile_ones.get(place).and_then(|chosen| chosen.get(index)) == Some(&true) {
                    let (_, bytes) = InputClass::hostile(&input.bytes, own_seed, &scenario.hostile_classes);
                    cases.push(Case { scenario: place, input: Input::new(&input.name, bytes), class: None });
                } else {
                    cases.push(Case { scenario: place, input: input.clone(), class: None });
                }
            }
            cases
        };
        plan.inputs.iter().enumerate().map(of).collect()
    }

    /// All chains on one case: what is remembered is taken, the others are walked and remembered.
    pub(super) fn case(
        &self,
        chains: &Chains,
        ask: &Ask<'_>,
        memo: &mut Memo,
        done: &dyn Fn(),
    ) -> Result<HashMap<Coalition, TrialRecord>, EvaluateError> {
        let context = self.context(ask)?;
        let keys: HashMap<Coalition, Digest> = chains.keyed().collect();
        let asked: HashSet<Digest> = keys.values().copied().collect();
        let mut found = HashMap::new();
        self.store.trials(&context, &mut |key, record| {
            // A record of another format is one that is not there: it is made again.
            if asked.contains(&key)
                && let Ok(record) = postcard::from_bytes::<TrialRecord>(record)
            {
                found.insert(key, record);
            }
        })?;
        let mut trials: HashMap<Coalition, TrialRecord> = HashMap::new();
        for (coalition, key) in &keys {
            if let Some(record) = found.get(key) {
                trials.insert(*coalition, record.clone());
                done();
            }
        }
        self.note_reused(trials.len() as u64);
        let made = self.walk(chains, &|coalition| !trials.contains_key(&coalition), ask, memo, done)?;
        let mut new = Vec::new();
        for (coalition, record) in made {
            if let Some(key) = keys.get(&coalition).filter(|_| record.repeatable) {
                new.push((*key, postcard::to_allocvec(&record).map_err(|e| EvaluateError::Fault(e.to_string()))?));
            }
            trials.insert(coalition, record);
        }
        if !new.is_empty() {
            self.store.remember_trials(&context, &new)?;
        }
        Ok(trials)
    }

    /// What a trial depends on beside its chain.
    fn context(&self, ask: &Ask<'_>) -> Result<Digest, EvaluateError> {
        Ok(self.key(&[
            b"trial 1",
            ask.input.digest.as_bytes(),
            ask.input.name.as_bytes(),
            ask.terms.key().as_bytes(),
            ask.valued.key().as_bytes(),
            self.objective_key(ask.workflow, ask.expected)?.as_bytes(),
        ]))
    }

    /// The trials by coalition and scenario.
    fn arms(&self, plan: &Plan<'_>, by_input: &[Vec<CaseTrials>]) -> BTreeMap<Coalition, ArmTrials> {
        let prices = &self.project.settings.prices;
        let worth = plan.workflow.objective.credits_per_unit;
        let arm = |coalition: Coalition| {
            let mut arm = ArmTrials { trials: Vec::new(), units: Vec::new(), troubles: Vec::new() };
            for (place, scenario) in plan.scenarios.iter().enumerate() {
                if !plan.coalitions(scenario).contains(&coalition) {
                    continue;
                }
                let mut trials = Trials {
                    scenario: scenario.name.clone(),
                    role: scenario.role,
                    threat_intensity: scenario.threat_intensity,
                    samples: Vec::new(),
                    classes: Vec::new(),
                };
                for (input, cases) in plan.inputs.iter().zip(by_input) {
                    for case in cases.iter().filter(|case| case.scenario == place) {
                        let Some(record) = case.trials.get(&coalition) else { continue };
                        trials.samples.push(sample(record, prices, worth));
                        trials.classes.extend(case.class);
                        if scenario.role == Role::Nominal {
                            arm.units.push(record.units);
                            arm.troubles.extend(record.trouble.clone().map(|words| (input.name.clone(), words)));
                        }
                    }
                }
                arm.trials.push(trials);
            }
            (coalition, arm)
        };
        let mut coalitions: Vec<Coalition> = plan.nominal.clone();
        coalitions.extend(&plan.harder);
        coalitions.sort_unstable();
        coalitions.dedup();
        coalitions.into_iter().map(arm).collect()
    }
}

fn sample(record: &TrialRecord, prices: &Prices, worth: f64) -> Sample {
    let cost = record.invocations.iter().map(|invocation| prices.cost(&invocation.usage)).sum();
    Sample::new(record.units * worth, cost, record.completed, record.output.clone(), record.invocations.clone())
}

/// Tells how far it is.
struct Counter<'a> {
    total: u64,
    done: AtomicU64,
    made_before: u64,
    evaluator: &'a Evaluator<'a>,
    listen: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Counter<'a> {
    fn new(total: u64, evaluator: &'a Evaluator<'a>, listen: &'a (dyn Fn(Progress) + Sync)) -> Self {
        let made_before = evaluator.made.load(Ordering::Relaxed);
        Self { total, done: AtomicU64::new(0), made_before, evaluator, listen }
    }

    fn one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let runs_made = self.evaluator.made.load(Ordering::Relaxed) - self.made_before;
        (self.listen)(Progress { done, total: self.total, runs_made });
    }
}
