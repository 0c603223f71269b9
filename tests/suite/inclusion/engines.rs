//! Engines: their cycles, and what they survive.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use holobiont::{
    Bus, CycleRecord, CycleResult, Engine, EngineConfig, EngineError, EvaluateError, Evaluator, House, MemoryStore,
    Registry, Scale, ScaleTerms, Scaled, Store,
};
use holobiont_core::cycle::{Autoscale, Scaling};
use holobiont_core::policy::Action;

use holobiont_test_guests::PIPELINE_ECHO;

use super::yard::{Yard, yard};
use crate::evaluation::lab::{HOST, SAVED};
use crate::evaluation::modules::{Shaper, Traps};
use crate::support::working;

/// An engine that is always due and does what looks best.
fn config(name: &str, workflow: &str) -> EngineConfig {
    let mut config = EngineConfig::new(name, workflow);
    config.trigger.interval_ms = 0;
    config.policy.epsilon = 0.0;
    config.policy.epsilon_least = 0.0;
    config
}

fn turn(yard: &Yard, store: &dyn Store, engine: &mut Engine, now_ms: u64) -> CycleRecord {
    let _working = working();
    let (project, files, stop) = (yard.project(), Mutex::new(()), AtomicBool::new(false));
    let house = House { project: &project, sandbox: &HOST, store, files: &files, stop: &stop, listen: &|_| () };
    engine.cycle(&house, now_ms).expect("what modules do is never a reason")
}

fn open(yard: &Yard, store: &dyn Store, config: EngineConfig) -> Engine {
    Engine::open(&yard.project(), store, config).expect("it opens")
}

#[test]
fn a_cycle_takes_in_what_is_new_and_the_next_begins_where_it_ended() {
    let yard = yard();
    let store = yard.store();
    let mut engine = open(&yard, &store, config("alpha", "work"));
    let first = turn(&yard, &store, &mut engine, 1_000);
    assert!(first.ran && first.integrated.len() == 1 && first.delta > 0.0, "{first:#?}");
    assert_eq!((first.work.inputs, first.work.completed), (12, 12));
    assert_eq!(yard.steps("work").len(), 2);
    // The file says what the engine remembers, and another process goes on from it.
    assert!(yard.text("sandbox_data/alpha.json").contains("holobiont.engine-state/1"));
    let mut engine = open(&yard, &store, config("alpha", "work"));
    assert_eq!((engine.state().cycles(), engine.last()), (1, Some(&first)));
    let runs = |record: &CycleRecord| (record.integrated.len(), record.delta);
    for now_ms in [2_000, 3_000, 4_000] {
        let next = turn(&yard, &store, &mut engine, now_ms);
        assert_eq!(runs(&next), (0, 0.0), "nothing is new: {next:#?}");
        assert_eq!(next.roi, first.roi);
    }
    assert_eq!(engine.log().rankings().len(), 2);
    // What comes later is looked at, whatever the policy thinks.
    yard.module("better", &Shaper { toils: 7, ..Shaper::cuts(8) }.wasm());
    let next = turn(&yard, &store, &mut engine, 5_000);
    assert!(next.ran && next.integrated.len() == 1 && next.delta > 0.0, "{next:#?}");
}

#[test]
fn a_cycle_that_is_not_due_does_nothing_and_keeps_nothing() {
    let yard = yard();
    let store = yard.store();
    let mut hourly = EngineConfig::new("alpha", "work");
    // Returns are in the hundreds here, and would go on to be expected.
    hourly.trigger.forecast_threshold = 1e9;
    let mut engine = open(&yard, &store, hourly.clone());
    assert!(turn(&yard, &store, &mut engine, 10).ran);
    let file = yard.text("sandbox_data/alpha.json");
    yard.module("later", &Shaper { toils: 7, ..Shaper::cuts(8) }.wasm());
    // A clock that goes back is no reason either.
    for now_ms in [20, 3_599_999, 0] {
        let record = turn(&yard, &store, &mut engine, now_ms);
        assert!(!record.ran && !record.due && record.action == Action::Skip, "{record:#?}");
        assert!(record.reasons.iter().any(|reason| reason.contains("less than 60.0 min")), "{record:#?}");
    }
    assert_eq!(yard.text("sandbox_data/alpha.json"), file);
    // Then it is, and what came in the meantime is new to it.
    let mut engine = open(&yard, &store, hourly);
    let record = turn(&yard, &store, &mut engine, 3_600_010);
    assert!(record.ran && record.integrated.len() == 1, "{record:#?}");
}

#[test]
fn a_damaged_file_of_state_is_kept_aside_and_the_last_cycle_gone_on_from() {
    let yard = yard();
    let store = yard.store();
    let mut engine = open(&yard, &store, config("alpha", "work"));
    turn(&yard, &store, &mut engine, 1_000);
    let whole = yard.text("sandbox_data/alpha.json");
    yard.write("sandbox_data/alpha.json", &whole.as_bytes()[..whole.len() / 2]);
    let engine = open(&yard, &store, config("alpha", "work"));
    assert_eq!(engine.state().cycles(), 1);
    assert!(engine.notes()[0].contains("alpha.json.damaged-"), "{:?}", engine.notes());
    let aside = std::fs::read_dir(yard.path("sandbox_data")).expect("a folder").flatten();
    assert!(aside.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("alpha.json.damaged-")));
    // One of a newer program is no damage.
    yard.write("sandbox_data/alpha.json", whole.replace("engine-state/1", "engine-state/2").as_bytes());
    let words = Engine::open(&yard.project(), &store, config("alpha", "work")).err().expect("refused").to_string();
    assert!(words.contains("engine-state/2"), "{words}");
}

#[test]
fn an_engine_whose_workflow_always_traps_rests_and_the_others_go_on() {
    let yard = yard();
    yard.module("traps", &Shaper { traps: Traps::Always, ..Shaper::cuts(1) }.wasm());
    yard.workflow("bad", &["traps"], SAVED);
    let (project, store) = (yard.project(), yard.store());
    let mut registry = Registry::default();
    for (name, workflow) in [("bad", "bad"), ("good", "work"), ("lost", "nowhere")] {
        let mut config = config(name, workflow);
        config.self_test = false;
        assert!(registry.register(open(&yard, &store, config)));
    }
    assert!(!registry.register(open(&yard, &store, config("good", "work"))), "names are unique");
    let (files, stop) = (Mutex::new(()), AtomicBool::new(false));
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &|_| () };
    let _working = working();
    let mut failures = 0;
    for round in 0..20_u64 {
        let results = registry.run_all_cycles(&house, 2, 1_000 * (round + 1));
        let of = |name: &str| results.iter().find(|result| result.engine == name).expect("a turn");
        let CycleResult { result: bad, .. } = of("bad");
        failures += u64::from(bad.as_ref().expect("data").trouble.is_some());
        assert!(of("good").result.is_ok());
        let words = of("lost").result.as_ref().expect_err("there is no such workflow").to_string();
        assert!(words.contains("there is no workflows/nowhere.toml"), "{words}");
    }
    // A minute after the first failure: once in these twenty seconds.
    assert_eq!(failures, 1);
    assert_eq!(registry.names(), ["bad", "good", "lost"]);
    assert!(registry.unregister("lost").is_some() && registry.unregister("lost").is_none());
}

#[test]
fn engines_side_by_side_change_one_project_one_after_the_other() {
    // Each workflow has a candidate that is good in it alone.
    let yard = Yard::new(&["asks"], SAVED);
    yard.texts(12);
    for (step, candidate, mark) in [("asks", "first", b'?'), ("marks", "second", b'!')] {
        yard.module(step, &Shaper { marks: Some(mark), ..Shaper::default() }.wasm());
        yard.module(candidate, &Shaper { needs: Some(mark), ..Shaper::cuts(9) }.wasm());
    }
    yard.workflow("zeal", &["marks"], SAVED);
    let (project, store) = (yard.project(), yard.store());
    let mut registry = Registry::default();
    for name in ["work", "zeal"] {
        registry.register(open(&yard, &store, config(name, name)));
    }
    let (files, stop) = (Mutex::new(()), AtomicBool::new(false));
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &|_| () };
    let _working = working();
    for result in registry.run_all_cycles(&house, 2, 1_000) {
        result.result.expect("a cycle");
    }
    assert_eq!(
        (yard.steps("work"), yard.steps("zeal")),
        (vec!["asks".to_owned(), "first".to_owned()], vec!["marks".to_owned(), "second".to_owned()],)
    );
    assert_eq!(yard.listed("module_map"), ["m/first.wasm", "m/second.wasm"]);
}

#[test]
fn who_wants_to_stop_waits_for_a_trial_and_no_longer() {
    let yard = yard();
    let (project, store, files) = (yard.project(), yard.store(), Mutex::new(()));
    let stop = AtomicBool::new(false);
    // After the first trial.
    let listen = |_| stop.store(true, Ordering::Relaxed);
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &listen };
    let _working = working();
    let mut engine = open(&yard, &store, config("alpha", "work"));
    let error = engine.cycle(&house, 1_000).expect_err("it was stopped");
    assert!(matches!(error, EngineError::Evaluate(EvaluateError::Stopped)) && error.is_stopped(), "{error}");
    assert_eq!(yard.steps("work"), ["step"]);
    // What follows is as if nothing had been: what was measured is remembered.
    let mut engine = open(&yard, &store, config("alpha", "work"));
    assert!(turn(&yard, &store, &mut engine, 2_000).delta > 0.0);
}

#[test]
fn one_host_at_a_time_gives_engines_their_turns() {
    let yard = yard();
    let first = yard.project().take_turns().expect("nobody has it");
    let words = yard.project().take_turns().expect_err("somebody has it").to_string();
    assert!(words.contains("engines.lock") && words.contains("wait until it has ended"), "{words}");
    drop(first);
    let _second = yard.project().take_turns().expect("nobody has it any more");
}

#[test]
fn limits_follow_what_was_measured_where_an_engine_is_told_so() {
    let yard = yard();
    let store = yard.store();
    let mut told = config("alpha", "work");
    told.adapt = true;
    let mut engine = open(&yard, &store, told);
    let memory = || yard.project().settings.chosen().expect("a preset").limits.memory_bytes;
    let before = memory();
    let first = turn(&yard, &store, &mut engine, 1_000);
    assert!(first.moved > 0 && memory() < before, "{first:#?}");
    // Under other limits things are measured anew.
    let second = turn(&yard, &store, &mut engine, 2_000);
    assert!(second.ran && second.moved > 0, "{second:#?}");
}

#[test]
fn a_policy_learns_to_skip_what_brings_nothing() {
    let yard = yard();
    let store = yard.store();
    let mut config = config("alpha", "work");
    config.policy.exploration_halves = 0;
    let mut engine = open(&yard, &store, config);
    let ran: Vec<bool> = (0..40).map(|number| turn(&yard, &store, &mut engine, 1_000 * number).ran).collect();
    // As long as the first cycle shows in what the policy goes by, there are states to find out about.
    assert!(ran[0] && ran[1..].iter().any(|ran| *ran) && ran[30..].iter().all(|ran| !ran), "{ran:?}");
    let last = engine.last().expect("a cycle");
    assert_eq!(last.rest.as_deref(), Some("nothing is new"));
    // What it earned when it last ran is known all the same.
    let mut registry = Registry::default();
    registry.register(engine);
    assert!(registry.earned_share().is_some_and(|share| share > 0.5));
}

#[test]
fn pipelines_are_told_the_energy_and_others_are_not() {
    let yard = Yard::new(&["asks", "lib"], "metric = \"energy\"");
    yard.module("asks", PIPELINE_ECHO.wasm);
    yard.module("lib", &Shaper::default().wasm());
    yard.texts(2);
    let text =
        yard.text("workflows/work.toml").replace("m/asks.wasm\"", "m/asks.wasm\"\nparameters = { act = \"echo\" }");
    yard.write("workflows/work.toml", text.as_bytes());
    let (project, store, _working) = (yard.project(), yard.store(), working());
    let workflow = project.workflow(&yard.path("workflows/work.toml").to_string_lossy()).expect("a workflow");
    let input = &project.inputs(&workflow).expect("inputs")[0];
    let energy = |energy| {
        let evaluator = Evaluator::new(&project, &HOST, &store).with_energy(energy);
        let run = evaluator.run_workflow(&workflow, input).expect("run");
        (run.steps[0].measurement.metrics.get("energy").copied(), evaluator.runs_made())
    };
    assert_eq!(energy(1), (Some(1.0), 2));
    // The other step is as it was, and too cheap to be remembered.
    assert_eq!(energy(40), (Some(40.0), 2));
}

/// Who makes engines for a registry, and who approves of everything.
fn autoscale(
    yard: &Yard,
    store: &dyn Store,
    registry: &mut Registry,
    (capital, now_ms, says): (f64, u64, bool),
    scale: &mut Scale,
) -> Scaled {
    let project = yard.project();
    let rules = Autoscale { signals: 1, cool_down_ms: 0, max_engines: 3, band: 0.0, ..Autoscale::default() };
    let (declared, workflows) = ([config("alpha", "work"), config("beta", "work")], ["work".to_owned()]);
    let terms =
        ScaleTerms { rules: &rules, store, declared: &declared, workflows: &workflows, capital: Some(capital), now_ms };
    let mut open = |config| Engine::open(&project, store, config).map_err(Box::new);
    scale.step(registry, &terms, &mut open, &mut |_| Ok(says)).expect("decided")
}

#[test]
fn engines_come_and_go_and_it_is_remembered() {
    let yard = yard();
    let store = yard.store();
    let declared = [config("alpha", "work"), config("beta", "work")];
    let mut registry = Registry::default();
    for config in &declared {
        registry.register(open(&yard, &store, config.clone()));
    }
    let mut scale = Scale::open(&store).expect("opened");
    // The first brings something, and so a new one is like it.
    let (project, files, stop, _working) = (yard.project(), Mutex::new(()), AtomicBool::new(false), working());
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &|_| () };
    for (round, cuts) in [(1, 3), (2, 8)] {
        yard.module("better", &Shaper { toils: 7, ..Shaper::cuts(cuts) }.wasm());
        assert!(registry.run_all_cycles(&house, 1, 1_000 * round).iter().all(|result| result.result.is_ok()));
    }
    assert!(registry.trend() > 0.0 && registry.earned_share().is_some_and(|share| share > 0.5));

    let refused = autoscale(&yard, &store, &mut registry, (0.9, 1, false), &mut scale);
    assert!(matches!(refused.scaling, Scaling::Add { .. }) && !refused.approved, "{refused:?}");
    assert_eq!(registry.names(), ["alpha", "beta"]);
    let more = autoscale(&yard, &store, &mut registry, (0.9, 2, true), &mut scale);
    assert_eq!(
        (registry.names(), more.made[0].like.as_deref()),
        (vec!["alpha".into(), "beta".into(), "engine-1".into()], Some("alpha"))
    );
    let most = autoscale(&yard, &store, &mut registry, (0.9, 3, true), &mut scale);
    assert!(matches!(&most.scaling, Scaling::Stay { because } if because.contains("max-engines is 3")), "{most:?}");

    // The worst goes: of the two that brought nothing the one that came last; then one of the settings.
    autoscale(&yard, &store, &mut registry, (0.1, 4, true), &mut scale);
    assert_eq!(registry.names(), ["alpha", "beta"]);
    let less = autoscale(&yard, &store, &mut registry, (0.1, 5, true), &mut scale);
    assert_eq!((registry.names(), less.removed), (vec!["alpha".to_owned()], vec!["beta".to_owned()]));
    // What it did stays: its file, and its cycles.
    assert!(yard.text("sandbox_data/beta.json").contains("holobiont.engine-state/1"));
    let fewest = autoscale(&yard, &store, &mut registry, (0.1, 6, true), &mut scale);
    assert!(matches!(&fewest.scaling, Scaling::Stay { because } if because.contains("min-engines is 1")), "{fewest:?}");

    // Another process has the same engines, and gives no name twice.
    let names = |scale: &Scale| scale.engines(&declared).into_iter().map(|config| config.name).collect::<Vec<_>>();
    let mut scale = Scale::open(&store).expect("opened");
    assert_eq!(names(&scale), ["alpha"]);
    autoscale(&yard, &store, &mut registry, (0.9, 7, true), &mut scale);
    assert_eq!(names(&Scale::open(&store).expect("opened")), ["alpha", "engine-2"]);
    let made = &scale.engines(&declared)[1];
    assert_eq!(
        (made.workflow.as_str(), made.policy.epsilon),
        ("work", 0.0),
        "it has the settings of the one it is like"
    );
    scale.reset(&store).expect("reset");
    assert_eq!(names(&Scale::open(&store).expect("opened")), ["alpha", "beta"]);
    let mut events = 0;
    store.events("scaled", "engines", &mut |_, _| events += 1).expect("read");
    assert_eq!(events, 8, "each change, each refusal, each new count, and no more");
}

#[test]
fn an_engine_may_begin_anew() {
    let yard = yard();
    let store = yard.store();
    let mut engine = open(&yard, &store, config("alpha", "work"));
    let first = turn(&yard, &store, &mut engine, 1_000);
    assert!(first.delta > 0.0 && engine.begun().is_some());
    Engine::restart(&yard.project(), &store, engine.config()).expect("restarted");
    let mut engine = open(&yard, &store, config("alpha", "work"));
    assert_eq!((engine.state().cycles(), engine.last(), engine.begun()), (0, None, None));
    assert!(engine.log().rankings().is_empty());
    // What was taken in stays, so it begins with more.
    let next = turn(&yard, &store, &mut engine, 2_000);
    assert_eq!((next.number, next.delta, engine.begun()), (1, 0.0, first.roi));
    assert_eq!(open(&yard, &store, config("alpha", "work")).state().cycles(), 1);
}

#[test]
fn a_file_of_state_that_was_not_replaced_any_more_does_not_win() {
    let yard = yard();
    let store = yard.store();
    let mut engine = open(&yard, &store, config("alpha", "work"));
    turn(&yard, &store, &mut engine, 1_000);
    let older = yard.text("sandbox_data/alpha.json");
    yard.module("better", &Shaper { toils: 7, ..Shaper::cuts(8) }.wasm());
    turn(&yard, &store, &mut engine, 2_000);
    yard.write("sandbox_data/alpha.json", older.as_bytes());
    let engine = open(&yard, &store, config("alpha", "work"));
    assert_eq!((engine.state().cycles(), engine.state().roi_deltas().len()), (2, 2));
}

#[test]
fn each_engine_may_have_a_store_and_a_bus_of_its_own() {
    let yard = yard();
    let (one, other) = (Bus::new(yard.store()), MemoryStore::default());
    let heard = one.subscribe(64);
    let mut registry = Registry::default();
    registry.register(open(&yard, &one, config("alpha", "work")));
    registry.register(open(&yard, &other, config("beta", "work")));
    let (project, files, stop, _working) = (yard.project(), Mutex::new(()), AtomicBool::new(false), working());
    let house_of = |name: &str| {
        let store: &dyn Store = if name == "alpha" { &one } else { &other };
        House { project: &project, sandbox: &HOST, store, files: &files, stop: &stop, listen: &|_| () }
    };
    assert!(registry.run_cycles_in(&house_of, 1, 1_000).iter().all(|result| result.result.is_ok()));
    let kinds: Vec<String> = std::iter::from_fn(|| heard.next_within(Duration::ZERO))
        .map(|published| published.event.kind.clone())
        .collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "cycle").count(), 1, "{kinds:?}");
    let mut cycles = 0;
    other.events("cycle", "beta", &mut |_, _| cycles += 1).expect("read");
    assert_eq!(cycles, 1);
}
