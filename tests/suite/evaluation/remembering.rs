//! Nothing runs twice, and what is new runs.

use holobiont::{MemoryStore, SqliteStore};
use holobiont_core::{Gate, Scenario};

use super::lab::{Lab, SAVED, nominal};
use super::modules::{Shaper, TOIL};

const INPUTS: u64 = 3;

/// Three modules whose every chain hands something else on, with runs that are worth keeping.
fn lab() -> Lab {
    let steps = [("one", 1), ("two", 2), ("four", 4)]
        .map(|(name, cuts)| (name, Shaper { toils: TOIL, ..Shaper::cuts(cuts) }.wasm()));
    Lab::new(&steps, SAVED).inputs(INPUTS as usize)
}

#[test]
fn asking_again_runs_nothing() {
    let (lab, store) = (lab(), MemoryStore::default());
    // Every group but the empty one is one run more than a shorter one.
    let first = lab.ask(&store, &nominal());
    assert_eq!((first.runs_made, first.reused), (7 * INPUTS, 0));
    let again = lab.ask(&store, &nominal());
    assert_eq!((again.runs_made, again.reused), (0, 8 * INPUTS));
    assert_eq!(again.assessment, first.assessment);
    // A part of it is no news either.
    let part = lab.try_ask(&store, &lab.group(&["one", "four"]), &nominal()).expect("answered");
    assert_eq!(part.runs_made, 0);
}

#[test]
fn every_scenario_is_remembered() {
    let (lab, store) = (lab(), MemoryStore::default());
    let first = lab.ask(&store, &Scenario::builtin());
    assert!(first.runs_made > 7 * INPUTS);
    let again = lab.ask(&store, &Scenario::builtin());
    assert_eq!((again.runs_made, &again.assessment), (0, &first.assessment));
}

#[test]
fn what_is_only_reckoned_runs_nothing() {
    let (mut lab, store) = (lab(), MemoryStore::default());
    let first = lab.ask(&store, &nominal()).assessment;
    let roi = |assessment: &holobiont_core::Assessment| assessment.arms[4].metrics.get("roi");

    lab.project.settings.prices.per_call = 5.0;
    let dearer = lab.ask(&store, &nominal());
    assert_eq!(dearer.runs_made, 0, "another price");
    assert!(roi(&dearer.assessment) < roi(&first));

    lab.workflow.objective.credits_per_unit = 3.0;
    let worthier = lab.ask(&store, &nominal());
    assert_eq!(worthier.runs_made, 0, "another worth of a unit");
    assert_eq!(worthier.assessment.arms[4].value, 3.0 * first.arms[4].value);
    assert_eq!(worthier.assessment.arms[4].units, first.arms[4].units);

    lab.project.settings.gate = Gate { synergy_threshold: 1.0, roi_threshold: 9.0, level: 0.8, ..Gate::default() };
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 0, "another gate");
    lab.project.settings.energy.joules_per_gigafuel *= 2.0;
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 0, "other energy");
    lab.project.settings.threads = Some(1);
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 0, "other threads");
}

#[test]
fn a_changed_module_runs_what_it_is_part_of() {
    let (lab, store) = (lab(), MemoryStore::default());
    let first = lab.ask(&store, &nominal());
    // The last module runs in every group that it is in; those before it hand on what they did.
    lab.write("m/four.wasm", &Shaper { toils: TOIL, note: 1, ..Shaper::cuts(4) }.wasm());
    let last = lab.ask(&store, &nominal());
    assert_eq!(last.runs_made, 4 * INPUTS);
    // The first one runs once: the others are handed what they were handed before.
    lab.write("m/one.wasm", &Shaper { toils: TOIL, note: 1, ..Shaper::cuts(1) }.wasm());
    let again = lab.ask(&store, &nominal());
    assert_eq!(again.runs_made, INPUTS);
    assert_eq!(again.assessment.synergy["revenue"], first.assessment.synergy["revenue"]);
    // Where it hands on something else, they run anew.
    lab.write("m/one.wasm", &Shaper { toils: TOIL, ..Shaper::cuts(9) }.wasm());
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 4 * INPUTS);
}

#[test]
fn another_seed_limit_or_input_runs_anew() {
    let (mut lab, store) = (lab(), MemoryStore::default());
    let all = 7 * INPUTS;
    assert_eq!(lab.ask(&store, &nominal()).runs_made, all);
    lab.project.settings.seed = 1;
    assert_eq!(lab.ask(&store, &nominal()).runs_made, all, "another seed");
    lab.project.settings.preset = "wide".to_owned();
    assert_eq!(lab.ask(&store, &nominal()).runs_made, all, "other limits");
    lab.write("inputs/00.txt", b"Something else that is long enough for all of them.");
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 7, "another input");
    lab = lab.told(1, "ignored", "but who knows");
    // The second module alone and after the first; the third is handed what it was.
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 2 * INPUTS, "another parameter");
    lab.workflow.media_type = "text/plain".to_owned();
    assert_eq!(lab.ask(&store, &nominal()).runs_made, all, "another media type");
}

#[test]
fn a_file_remembers_for_the_next_process() {
    let lab = lab();
    let open = || SqliteStore::open(&lab.path("state/holobiont.db")).expect("opened");
    let first = lab.ask(&open(), &nominal());
    assert_eq!(first.runs_made, 7 * INPUTS);
    let again = lab.ask(&open(), &nominal());
    assert_eq!((again.runs_made, again.assessment), (0, first.assessment));
}

/// Real time is no property of a module: what it ended is tried again, in the scorer and on the way back too.
#[test]
fn what_real_time_ended_is_tried_again() {
    let mut lab = Lab::new(&[("echo", super::modules::actor())], "scorer = \"m/scorer.wasm\"");
    lab.write("m/scorer.wasm", holobiont_test_guests::SCORER.wasm);
    // For that output the scorer spins.
    lab.write("inputs/one.txt", b"spin");
    let standard = lab.project.settings.presets.iter_mut().find(|preset| preset.name == "standard").expect("built in");
    standard.limits.fuel = u64::MAX / 2;
    standard.limits.time_ns = u64::MAX / 2;
    standard.limits.wall_time_ns = 100_000_000;
    let store = MemoryStore::default();
    for _ in 0..2 {
        let answer = lab.ask(&store, &nominal());
        assert!(answer.runs_made > 0, "it was remembered");
        assert_eq!(answer.assessment.arms.len(), 3);
    }
}
