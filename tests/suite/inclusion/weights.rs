//! Synergy weights of a project: learned from what changes brought, kept, mended, and respected where people set them.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use holobiont::{
    Engine, EngineConfig, Evaluator, House, Settings, Store, Weighing, WeightsChanged, decisions_of, rank_groups,
};
use holobiont_core::{Scenario, SynergyWeights, WeightedMetric};
use holobiont_learn::LearnerKind;

use super::yard::{Yard, id};
use crate::evaluation::lab::{HOST, SAVED};
use crate::evaluation::modules::Shaper;
use crate::support::working;

/// A workflow of two steps, and inputs enough to keep some apart.
fn pair() -> Yard {
    let yard = Yard::new(&["first", "second"], SAVED);
    yard.module("first", &Shaper::cuts(1).wasm());
    yard.module("second", &Shaper { toils: 5, ..Shaper::cuts(2) }.wasm());
    yard.texts(20);
    yard
}

fn opened(yard: &Yard, change: impl Fn(&mut Settings)) -> Weighing {
    let mut project = yard.project();
    change(&mut project.settings);
    Weighing::open(&project).expect("opened")
}

fn weights(yard: &Yard) -> SynergyWeights {
    opened(yard, |_| ()).weights()
}

/// Keeps a weight, as somebody who sets it by hand would.
fn keep(yard: &Yard, metric: WeightedMetric, value: f64) {
    let mut weighing = opened(yard, |_| ());
    let mut weights = weighing.weights();
    weights.set(metric, value).expect("a weight");
    weighing.set(weights);
    weighing.keep(&yard.project(), &yard.store(), "by hand").expect("kept");
}

#[test]
fn a_change_that_paid_teaches_weights_once() {
    let yard = pair();
    let store = yard.store();
    let mut config = EngineConfig::new("alpha", "work");
    config.trigger.interval_ms = 0;
    (config.policy.epsilon, config.policy.epsilon_least) = (0.0, 0.0);
    let mut now_ms = 0;
    let mut turn = |engine: &mut Engine| {
        now_ms += 1_000;
        let (project, files, stop, _working) = (yard.project(), Mutex::new(()), AtomicBool::new(false), working());
        let house =
            House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &|_| () };
        engine.cycle(&house, now_ms).expect("a cycle")
    };
    let open = || Engine::open(&yard.project(), &store, config.clone()).expect("opened");
    let mut engine = open();
    turn(&mut engine);
    for (name, cuts) in [("third", 9), ("fourth", 14)] {
        yard.module(name, &Shaper { toils: cuts, ..Shaper::cuts(cuts) }.wasm());
        let record = turn(&mut engine);
        assert!(record.delta > 0.0 && !record.integrated.is_empty(), "{record:#?}");
        assert!(record.fresh_roi.is_some());
    }
    let learned = weights(&yard);
    assert_ne!(learned, SynergyWeights::default());
    let changes = WeightsChanged::all(&store).expect("read");
    let (_, last) = changes.last().expect("a change");
    assert!(last.cause.starts_with("a cycle of alpha that brought +"), "{last:?}");
    assert_eq!((last.weights.as_slice(), last.learner), (learned.values().as_slice(), LearnerKind::Linucb));
    // Where nothing changes, nothing is told, and the next process goes on from there.
    let mut engine = open();
    (0..3).for_each(|_| drop(turn(&mut engine)));
    assert_eq!((weights(&yard), WeightsChanged::all(&store).expect("read").len()), (learned, changes.len()));
}

#[test]
fn what_people_set_is_gone_on_from_and_logged() {
    let yard = pair();
    keep(&yard, WeightedMetric::Roi, 3.0);
    let text = yard.text("sandbox_data/synergy_weights.json");
    assert!(text.contains("\"roi\": 3.0"), "{text}");
    yard.write("sandbox_data/synergy_weights.json", text.replace("3.0", "4.5").as_bytes());
    assert_eq!(weights(&yard).of(WeightedMetric::Roi), 4.5);
    keep(&yard, WeightedMetric::Efficiency, 0.5);
    let causes: Vec<String> =
        WeightsChanged::all(&yard.store()).expect("read").into_iter().map(|(_, change)| change.cause).collect();
    assert_eq!(causes, ["by hand", "the file was changed by hand, or by a command that was ended", "by hand"]);
    // The environment wins over all of it, and is written down only where something is.
    let set = |settings: &mut Settings| settings.learner.overrides = [(WeightedMetric::Roi, 0.25)].into();
    let weighing = opened(&yard, set);
    assert_eq!(weighing.weights().values()[..2], [0.25, 0.5]);
    assert_eq!(weights(&yard).of(WeightedMetric::Roi), 4.5);
    // Another learner begins with the weights, and without what the first one knew.
    let weighing = opened(&yard, |settings| settings.learner.kind = LearnerKind::ActorCritic);
    assert_eq!((weighing.learner().kind(), weighing.weights()), (LearnerKind::ActorCritic, weights(&yard)));
}

#[test]
fn a_file_that_does_not_read_is_kept_aside_and_the_last_good_copy_gone_on_from() {
    let yard = pair();
    keep(&yard, WeightedMetric::Roi, 3.0);
    keep(&yard, WeightedMetric::Roi, 5.0);
    for name in ["synergy_weights.json", "synergy_learner.json", "synergy_learner.state"] {
        let path = format!("sandbox_data/{name}");
        let whole = yard.text(&path);
        yard.write(&path, &whole.as_bytes()[..whole.len() / 2]);
        let weighing = opened(&yard, |_| ());
        let [note] = weighing.notes() else { panic!("{:?}", weighing.notes()) };
        assert!(note.contains(&format!("{name}.damaged-")) && note.contains("the last good copy"), "{note}");
        let roi = weighing.weights().of(WeightedMetric::Roi);
        assert_eq!(roi, if name == "synergy_weights.json" { 3.0 } else { 5.0 });
        yard.write(&path, whole.as_bytes());
    }
    // A weight that cannot be is damage too; a newer program's file is none.
    let whole = yard.text("sandbox_data/synergy_weights.json");
    yard.write("sandbox_data/synergy_weights.json", whole.replace("5.0", "50.0").as_bytes());
    assert!(opened(&yard, |_| ()).notes()[0].contains("the weight of roi is 50"));
    yard.write("sandbox_data/synergy_weights.json", whole.replace("weights/1", "weights/2").as_bytes());
    let error = Weighing::open(&yard.project()).expect_err("newer").to_string();
    assert!(error.contains("synergy-weights/2"), "{error}");
}

#[test]
fn comparisons_are_decisions_by_what_they_brought_on_inputs_kept_apart() {
    let yard = Yard::new(&["one", "two", "three"], SAVED);
    for (name, cuts) in [("one", 1), ("two", 6), ("three", 12)] {
        yard.module(name, &Shaper { toils: 4, ..Shaper::cuts(cuts) }.wasm());
    }
    yard.texts(20);
    let (project, store, _working) = (yard.project(), yard.store(), working());
    let workflow = project.workflow(&yard.path("workflows/work.toml").to_string_lossy()).expect("a workflow");
    let evaluator = Evaluator::new(&project, &HOST, &store);
    for group in [["one", "two"], ["two", "three"], ["one", "three"], ["one", "three"]] {
        let group = group.map(|name| id(&format!("m/{name}.wasm")));
        evaluator.synergy(&workflow, &group, &Scenario::builtin(), &|_| ()).expect("an answer");
    }
    let decisions = decisions_of(&store, "work").expect("read");
    assert_eq!(decisions.len(), 3, "the same question again is no new evidence");
    assert!(decisions.iter().map(|decision| decision.reward).sum::<f64>().abs() < 1e-9);
    assert!(decisions[1].reward > 0.0 && decisions[0].reward < 0.0, "{decisions:?}");
    for place in 0..7 {
        let (sum, squares) = decisions.iter().fold((0.0, 0.0), |(sum, squares), decision| {
            let value = decision.groups[0][place];
            (sum + value, squares + value * value)
        });
        assert!(f64::abs(sum) < 1e-9 && (squares == 0.0 || f64::abs(squares - 3.0) < 1e-9), "{decisions:?}");
    }
    let mut weighing = Weighing::open(&project).expect("opened");
    weighing.train(&decisions);
    let ranked = rank_groups(&store as &dyn Store, "work", weighing.learner()).expect("ranked");
    assert_eq!(ranked[0].group, [id("m/two.wasm"), id("m/three.wasm")]);
}
