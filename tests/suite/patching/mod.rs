//! What patchers propose: tried beside what is there, kept where it is surely better, rolled back otherwise.

mod proposer;

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use holobiont::{
    Engine, EngineConfig, EngineError, EvaluateError, Evaluator, House, PatchError, PatchReport, PatchTried, Patching,
    SelfTestProgress, Store,
};
use holobiont_core::Digest;
use holobiont_core::inclusion::split;
use holobiont_core::stats::Estimate;
use holobiont_sandbox::Patch;
use holobiont_test_guests as guests;

use self::proposer::proposer;
use crate::evaluation::lab::{HOST, SAVED};
use crate::evaluation::modules::{Shaper, TOIL, Traps, actor, example};
use crate::inclusion::yard::{Yard, id};
use crate::support::{is_plain, working};

const SQUEEZE: &str = "scorer = \"m/squeeze_scorer.wasm\"\ncredits-per-unit = 1e-5\n[objective.round-trip]\n\
                       parameter = \"direction\"\nvalue = \"decode\"";

const STEP: &str = "m/step.wasm";

fn patching(rounds: u32) -> Patching {
    Patching { workflow: String::new(), patcher: id("m/patcher.wasm"), rounds, since: None, dry_run: false }
}

fn try_patch(yard: &Yard, patching: &Patching) -> Result<PatchReport, PatchError> {
    let _working = working();
    let (project, store) = (yard.project(), yard.store());
    let workflow = yard.path("workflows/work.toml").to_string_lossy().into_owned();
    let patching = Patching { workflow, ..patching.clone() };
    patching.run(&project, &Evaluator::new(&project, &HOST, &store), &store, &|_| ())
}

/// Patches a workflow, as a new process would.
fn patch(yard: &Yard, patching: &Patching) -> PatchReport {
    try_patch(yard, patching).expect("what patchers propose is never a reason")
}

/// The attempts that are kept as events.
fn events(yard: &Yard) -> Vec<PatchTried> {
    let mut found = Vec::new();
    let mut visit = |_, event: holobiont::StoredEvent| {
        found.push(serde_json::from_str(&event.document).expect("an attempt"));
    };
    yard.store().events("patched", "work", &mut visit).expect("read");
    found
}

/// A workflow of one step on 12 inputs, and a patcher that proposes bytes for it.
fn shaped(step: Shaper, proposed: &[Vec<u8>]) -> Yard {
    let yard = Yard::new(&["step"], SAVED);
    yard.module("step", &step.wasm());
    yard.texts(12);
    propose(&yard, proposed);
    yard
}

fn propose(yard: &Yard, bytes: &[Vec<u8>]) {
    let patch = |bytes: &Vec<u8>| Patch::Component { id: STEP.to_owned(), bytes: bytes.clone() };
    yard.module("patcher", &proposer(&bytes.iter().map(patch).collect::<Vec<_>>()));
}

fn squeeze(steps: &[&str]) -> Yard {
    let yard = Yard::new(steps, SQUEEZE);
    for name in steps.iter().chain(&["squeeze_scorer", "squeeze_tuner"]) {
        yard.module(name, &example(name));
    }
    yard.inputs_of("squeeze", 16);
    yard
}

/// Whether an interval lies above a number.
fn is_above(estimate: Option<Estimate>, number: f64) -> bool {
    estimate.is_some_and(|estimate| estimate.interval().is_some_and(|interval| interval.low > number))
}

#[test]
fn the_tuner_improves_squeeze() {
    let yard = squeeze(&["squeeze_lz77", "squeeze_coder"]);
    let tuner = Patching { patcher: id("m/squeeze_tuner.wasm"), ..patching(6) };
    let dry = patch(&yard, &Patching { dry_run: true, ..tuner.clone() });
    let before = yard.text("workflows/work.toml");
    assert!(!before.contains("parameters") && events(&yard).is_empty(), "{before}");

    let report = patch(&yard, &tuner);
    assert!(report.after > 1.02 * report.before, "{report:#?}");
    assert_eq!((dry.after, dry.kept, dry.tried), (report.after, report.kept, report.tried.clone()));

    // Only what was kept is in the file, and what people wrote is still there.
    let text = yard.text("workflows/work.toml");
    assert!(text.starts_with("# By hand.") && text.contains("# What squeeze_lz77 is for.\n[[step]]"), "{text}");
    let kept: Vec<&PatchTried> = report.tried.iter().filter(|tried| tried.kept).collect();
    assert_eq!(kept.len(), report.kept);
    for tried in &kept {
        assert!(is_above(tried.gain_per_credit, 0.0), "{tried:#?}");
    }
    let (name, value) = kept.last().and_then(|tried| tried.values.first_key_value()).expect("one value each");
    assert!(text.contains(&format!("{name} = \"{value}\"")), "{text}");
    assert!(!text.contains("direction = \"d"), "what the host sets itself is not tuned");
    assert_eq!(events(&yard), report.tried);

    // It goes on where it was, tries nothing twice, and another process measures the same.
    let again = patch(&yard, &Patching { rounds: 2, ..tuner });
    assert_eq!(again.before, report.after);
    let all = events(&yard);
    assert_eq!(all.len(), report.tried.len() + again.tried.len());
    let unique: std::collections::BTreeSet<_> = all.iter().map(|t| (t.incumbent, t.proposal)).collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn better_bytes_take_the_place_of_the_old_ones_which_are_kept() {
    let (old, new) = (Shaper::cuts(1).wasm(), Shaper::cuts(5).wasm());
    let yard = shaped(Shaper::cuts(1), &[Shaper::cuts(3).wasm(), new.clone(), Shaper::cuts(2).wasm()]);
    yard.project().pinning(STEP).expect("a module").expect("not in the map").make(&yard.store()).expect("pinned");
    let text = yard.text("workflows/work.toml");

    let dry = patch(&yard, &Patching { dry_run: true, ..patching(1) });
    assert_eq!((dry.kept, fs::read(yard.path(STEP)).expect("there")), (1, old.clone()));
    assert!(events(&yard).is_empty() && !yard.path("sandbox_data/replaced").exists());

    let report = patch(&yard, &patching(3));
    // In the second round there is another incumbent, for which nothing was tried; in the third there is not.
    assert_eq!((report.kept, report.rounds, report.repeated), (1, 3, 3), "{report:#?}");
    assert!((report.after - report.before - 4.0).abs() < 0.01, "{report:#?}");
    assert_eq!(fs::read(yard.path(STEP)).expect("there"), new);
    let kept = format!("sandbox_data/replaced/{}.wasm", Digest::of(&old).hex());
    assert_eq!(fs::read(yard.path(&kept)).expect("kept"), old);
    assert_eq!(yard.text("workflows/work.toml"), text);
    let map = yard.text("sandbox_data/module_map.json");
    assert!(map.contains(&Digest::of(&new).to_string()) && !map.contains(&Digest::of(&old).to_string()), "{map}");
    assert!(yard.discover().changed.is_empty(), "what is in the map is what was measured");
    let told: Vec<(Option<Digest>, bool)> = events(&yard).iter().map(|tried| (tried.component, tried.kept)).collect();
    assert!(told.contains(&(Some(Digest::of(&new)), true)), "{told:?}");
}

#[test]
fn what_is_better_only_where_it_was_chosen_is_rolled_back() {
    let yard = shaped(Shaper::cuts(1), &[Shaper { needs: Some(b'+'), ..Shaper::cuts(40) }.wasm()]);
    let split = split(12, yard.project().settings.seed);
    assert!(split.apart);
    for number in 0..12 {
        let mark = if split.choosing.contains(&number) { '+' } else { '-' };
        yard.write(&format!("inputs/{number:02}.txt"), format!("{mark}{number:02}{}", "x".repeat(90)).as_bytes());
    }
    let report = patch(&yard, &patching(2));
    let tried = &report.tried[0];
    assert!(tried.after > tried.before && !tried.kept, "{report:#?}");
    assert!(tried.gain.is_some_and(|gain| gain.interval().is_some_and(|gain| gain.high < 0.0)), "{report:#?}");
    assert!(tried.reason.ends_with("rolled back"), "{}", tried.reason);
    assert_eq!((report.kept, report.gain, report.before), (0, None, report.after));
    assert_eq!(fs::read(yard.path(STEP)).expect("there"), Shaper::cuts(1).wasm());
    // The second round had nothing new, and neither has another process; it runs the patcher and nothing else.
    assert_eq!((report.rounds, report.repeated, report.ended.as_str()), (2, 1, "the patcher proposed nothing new"));
    let again = patch(&yard, &patching(2));
    assert_eq!((again.tried.len(), again.repeated), (0, 1));
    assert_eq!(events(&yard).len(), 1);
    // For another incumbent it is new.
    yard.module("step", &Shaper { toils: TOIL, ..Shaper::cuts(1) }.wasm());
    assert_eq!(patch(&yard, &patching(1)).tried.len(), 1);
}

#[test]
fn bytes_that_may_not_be_there_are_not_tried() {
    let proposed = [
        b"nonsense".to_vec(),
        guests::CAT.wasm.to_vec(),
        Shaper::cuts(1).wasm(),
        guests::WAT_WASI_HTTP_IMPORT.wasm.to_vec(),
    ];
    let yard = shaped(Shaper::cuts(1), &proposed);
    let report = patch(&yard, &patching(1));
    let reasons: Vec<&str> = report.tried.iter().map(|tried| tried.reason.as_str()).collect();
    let wanted = [
        "not tried: rejected",
        "not tried: it is a command and not, as what it would replace, a candidate",
        "not tried: these are the bytes that it has",
        "not tried: ",
    ];
    assert_eq!(reasons.len(), wanted.len());
    for (reason, wanted) in reasons.iter().zip(wanted) {
        assert!(reason.starts_with(wanted), "{reason}");
    }
    assert!(report.tried.iter().all(|tried| tried.after.is_none() && !tried.kept));
    assert_eq!(report.kept, 0);
}

#[test]
fn better_bytes_that_do_not_stand_up_to_what_befalls_modules_are_not_kept() {
    // On no bytes at all it traps, which no input of the workflow is; as a rule a module may.
    let strict = "[self-test]\nmost-incident-weight = 0.5\n";
    let yard = shaped(Shaper::cuts(1), &[Shaper { traps: Traps::OnNothing, ..Shaper::cuts(5) }.wasm()]);
    yard.write("holobiont.toml", strict.as_bytes());
    let report = patch(&yard, &patching(1));
    let tried = &report.tried[0];
    assert!(is_above(tried.gain_per_credit, 0.0) && !tried.kept, "{report:#?}");
    assert!(tried.reason.starts_with("surely better, but an incident weighs "), "{}", tried.reason);
    // Where the old ones are no better at that, they are no worse.
    let yard = shaped(
        Shaper { traps: Traps::OnNothing, ..Shaper::cuts(1) },
        &[Shaper { traps: Traps::OnNothing, ..Shaper::cuts(5) }.wasm()],
    );
    yard.write("holobiont.toml", strict.as_bytes());
    assert_eq!(patch(&yard, &patching(1)).kept, 1);
}

#[test]
fn bytes_that_others_use_are_not_replaced() {
    let yard = shaped(Shaper::cuts(1), &[Shaper::cuts(5).wasm()]);
    yard.workflow("other", &["step"], SAVED);
    let report = patch(&yard, &patching(1));
    assert!(report.tried[0].reason.contains("is used by workflows/other.toml too"), "{report:#?}");
    assert_eq!((report.kept, fs::read(yard.path(STEP)).expect("there")), (0, Shaper::cuts(1).wasm()));
}

#[test]
fn a_patchers_misbehaviour_is_data() {
    for (act, code) in [
        ("runs_away", "limit: fuel"),
        ("allocates_without_end", "limit: memory"),
        ("logs_without_end", "limit: log"),
        ("panics", "trap"),
        ("declines", "nothing could be better\\u{1b}[2J"),
    ] {
        let report = patch(&acting(act), &patching(3));
        assert!(report.ended.starts_with("the patcher ended otherwise: "), "{report:#?}");
        assert!(report.ended.contains(code) && is_plain(&report.ended), "{}", report.ended);
        assert_eq!((report.rounds, report.tried.len()), (1, 0));
    }
    let report = patch(&acting("gives_too_many"), &patching(3));
    assert_eq!((report.tried.len(), report.repeated, report.unread), (1, 63, 2 * (100_000 - 32)));
    let report = patch(&acting("gives_much"), &patching(3));
    assert!(report.tried[0].reason.starts_with("not tried: rejected"), "{report:#?}");
}

/// A workflow of a module that saves 20 bytes and of the fixture candidate, which does what a parameter says; the
/// fixture patcher goes by that too, and the candidate declines what it does not know.
fn acting(act: &str) -> Yard {
    let yard = Yard::new(&["cut", "step"], SAVED);
    let text = yard.text("workflows/work.toml");
    let told = text.replace("/step.wasm\"\n", &format!("/step.wasm\"\nparameters = {{ act = \"{act}\" }} # told\n"));
    yard.write("workflows/work.toml", told.as_bytes());
    yard.module("cut", &Shaper::cuts(20).wasm());
    yard.module("step", &actor());
    yard.module("patcher", guests::PATCHER_PROPOSES.wasm);
    yard.texts(12);
    yard
}

fn tune(id: &str, values: &[(&str, &str)]) -> Patch {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Patch::Parameters { id: id.to_owned(), values }
}

#[test]
fn odd_proposals_are_looked_at_and_nothing_is_the_worse_for_them() {
    let yard = acting("echo");
    let odd = "\u{1b}[2J\r\n\u{202e}\u{0}";
    let megabyte = "x".repeat(1 << 20);
    let patches = [
        tune("../../etc/passwd", &[("act", "x")]),
        tune("m/stepp.wasm", &[]),
        tune(STEP, &[(odd, odd)]),
        tune(STEP, &[("act", odd)]),
        tune(STEP, &[("act", &megabyte)]),
        tune(STEP, &[("act", "first"), ("act", "echo")]),
        tune("m/cut.wasm", &[("act", "echo")]),
        Patch::Component { id: odd.to_owned(), bytes: Vec::new() },
        tune(&megabyte, &[]),
        tune(STEP, &[("act", "unheard of")]),
        tune(STEP, &[("act", "panics")]),
    ];
    yard.module("patcher", &proposer(&patches));
    let text = yard.text("workflows/work.toml");
    let report = patch(&yard, &patching(1));
    let reasons: Vec<&str> = report.tried.iter().map(|tried| tried.reason.as_str()).collect();
    let wanted = [
        "not tried: it is no module of the workflow's steps",
        "not tried: it is no module of the workflow's steps; the nearest is `m/step.wasm`",
        "not tried: it declares no parameter `\\u{1b}[2J\\r\\n\\u{202e}\\u{0}`",
        "not tried: `act` is `\\u{1b}[2J\\r\\n\\u{202e}\\u{0}`: it must be of characters that can be shown",
        "not tried: `act` is 1048576 bytes long: it must be at most 1024",
        "not tried: these are the values that it has",
        "not tried: it declares no parameter `act`",
        "not tried: it is no module of the workflow's steps",
        "not tried: it is no module of the workflow's steps",
        "on the inputs to choose on, it does not earn more",
        "on the inputs to choose on, it does not earn more",
    ];
    assert_eq!(reasons, wanted);
    assert!(report.tried.iter().all(|tried| is_plain(&tried.module) && tried.module.len() < 300 && !tried.kept));
    assert_eq!(yard.text("workflows/work.toml"), text);
    assert_eq!(events(&yard), report.tried);
}

#[test]
fn a_parameter_that_is_better_stands_in_the_file_where_it_stood() {
    let yard = acting("panics");
    let patches = [tune(STEP, &[("act", "echo"), ("act", "unheard of")]), tune(STEP, &[("act", "echo")])];
    yard.module("patcher", &proposer(&patches));
    let text = yard.text("workflows/work.toml");
    let report = patch(&yard, &patching(1));
    assert_eq!(report.tried.iter().map(|tried| tried.kept).collect::<Vec<_>>(), [false, true], "{report:#?}");
    assert_eq!(yard.text("workflows/work.toml"), text.replace("act = \"panics\"", "act = \"echo\""));
    assert!((report.after - report.before - 20.0).abs() < 0.1 && is_above(report.gain, 19.0), "{report:#?}");
}

#[test]
fn a_cycle_that_is_stopped_while_a_proposal_is_tried_has_not_failed() {
    let yard = shaped(Shaper::cuts(1), &[Shaper::cuts(5).wasm()]);
    let (project, store, files, stop) = (yard.project(), yard.store(), Mutex::new(()), AtomicBool::new(false));
    let listen = |state: SelfTestProgress| {
        stop.fetch_or(state.what.ends_with("what its patcher proposes"), Ordering::Relaxed);
    };
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &listen };
    let mut config = EngineConfig::new("alpha", "work");
    (config.self_test, config.patcher) = (false, Some(id("m/patcher.wasm")));
    let mut engine = Engine::open(&project, &store, config).expect("it opens");
    let before = fs::read(yard.path(STEP)).expect("read");
    let _working = working();
    let error = engine.cycle(&house, 1_000).expect_err("it was stopped");
    assert!(matches!(error, EngineError::Patch(PatchError::Evaluate(EvaluateError::Stopped))), "{error}");
    assert!(error.is_stopped());
    assert_eq!(fs::read(yard.path(STEP)).expect("read"), before);
}

#[test]
fn what_is_no_patcher_is_said_to_be_none() {
    let yard = shaped(Shaper::cuts(1), &[]);
    let error = try_patch(&yard, &Patching { patcher: id(STEP), ..patching(1) }).expect_err("no patcher");
    assert!(matches!(error, PatchError::Evaluate(EvaluateError::Patcher { .. })), "{error:?}");
    assert!(error.to_string().contains("patcher m/step.wasm: ") && error.to_string().contains("candidate"), "{error}");
    let report = patch(&yard, &patching(3));
    assert_eq!((report.rounds, report.ended.as_str()), (1, "the patcher proposed nothing new"));
}
