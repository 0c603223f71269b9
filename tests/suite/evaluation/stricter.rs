//! A run that was made with more room is taken for one with less only where it would be the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use holobiont::{Evaluator, MemoryStore, Store, StoreError, StoredEvent, StoredRun};
use holobiont_core::{Digest, Limits, Role, Scenario, Usage, WallTime};

use super::lab::{HOST, Lab, SAVED};
use super::modules::{Shaper, TOIL, actor, example};
use crate::support::working;

/// Keeps nothing, but sees every trial.
#[derive(Default)]
struct Watch {
    nothing: MemoryStore,
    seen: Mutex<BTreeMap<(Digest, Digest), Vec<u8>>>,
}

impl Store for Watch {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        self.nothing.run(key)
    }
    fn remember(&self, _: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        Ok(())
    }
    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        self.nothing.trim_outputs(keep_bytes)
    }
    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        self.nothing.trials(context, visit)
    }
    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().expect("no thread panics");
        seen.extend(trials.iter().map(|(chain, record)| ((*context, *chain), record.clone())));
        Ok(())
    }
    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        self.nothing.baseline(key)
    }
    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        self.nothing.keep_baseline(key, document)
    }
    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        self.nothing.append(event)
    }
    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        self.nothing.events(kind, subject, visit)
    }
    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.nothing.subjects(kind)
    }
    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        self.nothing.events_after(after, most)
    }
    fn take_in(&self, events: &[StoredEvent]) -> Result<u64, StoreError> {
        self.nothing.take_in(events)
    }
}

/// The trials of all chains in the nominal case and another, and how many runs they took. Whichever comes first has
/// nothing to take runs from, so in one of the two orders every trial of the other is really made.
fn trials(lab: &Lab, other: &Scenario, nominal_first: bool) -> (BTreeMap<(Digest, Digest), Vec<u8>>, u64) {
    let watch = Watch::default();
    let mut scenarios = vec![Scenario::default(), other.clone()];
    if !nominal_first {
        scenarios.reverse();
    }
    let answer = lab.try_ask(&watch, &lab.modules(), &scenarios).expect("answered");
    (watch.seen.into_inner().expect("no thread panics"), answer.runs_made)
}

/// Tries whether reuse changes nothing. How many runs it spared.
fn spared(lab: &Lab, other: &Scenario, what: &str) -> u64 {
    let (taken, few) = trials(lab, other, true);
    let (made, all) = trials(lab, other, false);
    assert!(!made.is_empty() && taken == made, "{what}: a trial that was taken is not the one that is made");
    all - few
}

/// What one run in the nominal case uses at most, over the steps of the workflow.
fn used(lab: &Lab, of: fn(&Usage, &WallTime) -> Option<u64>) -> u64 {
    let _working = working();
    let (inputs, store) = (lab.project.inputs(&lab.workflow).expect("inputs"), MemoryStore::default());
    let evaluator = Evaluator::new(&lab.project, &HOST, &store);
    let chains = inputs.iter().map(|input| evaluator.run_workflow(&lab.workflow, input).expect("a chain"));
    let steps = chains.flat_map(|chain| chain.steps);
    steps.filter_map(|step| of(&step.measurement.usage, &WallTime::default())).max().expect("a step")
}

/// Which of the limits a scenario makes stricter.
const STRICTER: [&str; 5] = ["fuel", "memory", "time", "max-output", "disk"];

/// Half of everything, which for the limit at hand is what runs use, a little less or a little more.
fn at_and_around_what_is_used(mut lab: Lab, what: &str, chains: u64) {
    let half = Scenario { name: "half".to_owned(), role: Role::Stressed, resources: 0.5, ..Scenario::default() };
    for name in STRICTER {
        let field = Limits::field(name).expect("a limit");
        let ample = Limits { wall_time_ns: u64::MAX / 4, ..Limits::default() };
        set(&mut lab, ample.clone());
        let used = used(&lab, field.used);
        let mut sparing = Vec::new();
        for limit in [used / 2, used.saturating_sub(1), used, used + 1] {
            let mut limits = ample.clone();
            (field.set)(&mut limits, 2 * limit);
            // The other half of what time and fuel have in common stays ample.
            set(&mut lab, limits);
            sparing.push(spared(&lab, &half, &format!("{what}, {name} {limit} of {used}")));
        }
        assert_eq!(sparing[2..], [chains; 2], "{what}, {name}: what fits is taken");
    }
}

fn set(lab: &mut Lab, limits: Limits) {
    let standard = lab.project.settings.presets.iter_mut().find(|preset| preset.name == "standard").expect("built in");
    standard.limits = limits;
}

#[test]
fn of_shapers() {
    let steps = [
        ("toils", Shaper { toils: TOIL, ..Shaper::cuts(2) }.wasm()),
        ("grows", Shaper { grows: 30, ..Shaper::cuts(3) }.wasm()),
    ];
    at_and_around_what_is_used(Lab::new(&steps, SAVED).inputs(1), "shapers", 3);
}

#[test]
fn of_squeezing() {
    for name in ["lz77", "delta", "bwt", "mtf", "rle", "coder"] {
        let lab = Lab::new(&[(name, example(&format!("squeeze_{name}")))], SAVED).inputs(1);
        at_and_around_what_is_used(lab, name, 1);
    }
}

#[test]
fn of_acts() {
    for act in ["upper", "workspace_tour", "zero", "memory_refused_then_goes_on", "random_sample", "odd_log"] {
        let lab = Lab::new(&[("acts", actor())], SAVED).inputs(1).told(0, "act", act);
        // What does not complete is made again, whatever it used.
        let taken = if act == "zero" { 0 } else { 1 };
        at_and_around_what_is_used(lab, act, taken);
    }
}

#[test]
fn of_a_command() {
    let lab = Lab::new(&[("cat", holobiont_test_guests::WAT_CORE_CAT.wasm.to_vec())], SAVED).inputs(1);
    at_and_around_what_is_used(lab, "cat", 1);
}

#[test]
fn other_entropy_matters_to_those_who_ask_for_some() {
    let repeat = Scenario { name: "repeat".to_owned(), role: Role::Repeat, ..Scenario::default() };
    let lab = |act: &str| Lab::new(&[("acts", actor())], SAVED).inputs(1).told(0, "act", act);
    assert_eq!(spared(&lab("upper"), &repeat, "upper"), 1);
    assert_eq!(spared(&lab("random_sample"), &repeat, "random_sample"), 0);
}

#[test]
fn weather_and_bandwidth_are_felt_by_all() {
    let lab = Lab::new(&[("acts", actor())], SAVED).inputs(1).told(0, "act", "upper");
    for other in &Scenario::builtin()[1..] {
        let spared = spared(&lab, other, &other.name);
        let expected = u64::from(["tight", "classes", "repeat"].contains(&other.name.as_str()));
        assert!(spared == expected || other.role == Role::Classes, "{}: {spared}", other.name);
    }
}
