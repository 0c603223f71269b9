//! What each stage turns away, and that nobody else suffers from it.

use holobiont::SelfTest;
use holobiont_core::inclusion::Stage;
use holobiont_test_guests as guests;

use super::yard::{Yard, id, left_out, of};
use crate::evaluation::lab::SAVED;
use crate::evaluation::modules::{Shaper, TOIL, Traps};
use crate::linking::{adder, adder_over, asks};

/// A workflow whose step saves a byte of each input, and eight inputs.
fn yard() -> Yard {
    let yard = Yard::new(&["step"], SAVED);
    yard.module("step", &Shaper::cuts(1).wasm());
    yard.texts(12);
    yard
}

#[test]
fn each_candidate_has_a_verdict_of_its_own_and_a_bad_one_blocks_nobody() {
    let yard = yard();
    yard.module("good", &Shaper::cuts(3).wasm());
    yard.module("traps", &Shaper { traps: Traps::Always, ..Shaper::cuts(3) }.wasm());
    yard.module("network", guests::NET_CONNECTS.wasm);
    yard.module("needs_nobody_has_it", &asks("acme:no/where@0.1.0", 1));
    yard.module("grows", &Shaper { grows: 2000, ..Shaper::cuts(1) }.wasm());
    let report = yard.test();
    assert!(of(&report, "good").passed, "{report:#?}");
    let traps = of(&report, "traps");
    assert_eq!((traps.passed, traps.stage), (false, Stage::Smoke), "{traps:#?}");
    assert_eq!(of(&report, "network").stage, Stage::Authority);
    assert!(left_out(&report, "needs_nobody_has_it").contains("acme:no/where@0.1.0"));
    assert_eq!(report.integrated, [id("m/good.wasm")]);
    // What it said on the way is kept.
    let stages: Vec<Stage> = of(&report, "good").stages.iter().map(|said| said.stage).collect();
    use Stage::{Authority, Group, Load, Pairs, Solo};
    assert_eq!(stages, [Load, Authority, Stage::Smoke, Solo, Pairs, Group]);
}

/// R5 of the original's facts: a module that returns more than it costs passes, one that returns less does not; and
/// thresholds are strict.
#[test]
fn r5_the_thresholds_decide() {
    let yard = yard();
    yard.module("more", &Shaper::cuts(9).wasm());
    // It costs more than the bytes that it saves are worth.
    yard.module("less", &Shaper { toils: 90 * TOIL, ..Shaper::cuts(1) }.wasm());
    let cheap = |credits: f64| {
        move |settings: &mut holobiont::Settings| {
            settings.prices.per_call = 0.0;
            settings.prices.per_gigafuel = credits;
        }
    };
    let dry = SelfTest { dry_run: true, ..SelfTest::default() };
    let report = yard.test_with(&cheap(300_000.0), &dry);
    assert!(of(&report, "more").passed && !of(&report, "less").passed, "{report:#?}");
    assert!(!yard.path("sandbox_data/module_map.json").exists(), "a dry run changes nothing");
    let strict = |settings: &mut holobiont::Settings| {
        settings.gate.roi_threshold = 1e12;
        settings.gate.synergy_threshold = 1e12;
    };
    let report = yard.test_with(&strict, &dry);
    let more = of(&report, "more");
    assert!(!more.passed && more.reasons.iter().any(|reason| reason.contains("1000000000000")), "{more:#?}");
}

#[test]
fn what_does_the_same_for_no_less_is_redundant_and_never_taken_in() {
    let yard = yard();
    // The same outputs as the step, after some toil; and a cheaper way that two candidates have.
    yard.module("slower", &Shaper { toils: 2000, ..Shaper::cuts(1) }.wasm());
    yard.module("cuts_a", &Shaper { toils: 10, ..Shaper::cuts(4) }.wasm());
    yard.module("cuts_b", &Shaper { toils: 500, ..Shaper::cuts(4) }.wasm());
    let report = yard.test();
    let slower = of(&report, "slower");
    assert!(slower.redundant && !slower.passed && slower.stage == Stage::Redundancy, "{slower:#?}");
    assert!(slower.reasons[0].contains("exports what `m/step.wasm` does and gives the same outputs"), "{slower:#?}");
    assert!(of(&report, "cuts_a").passed && of(&report, "cuts_b").redundant, "{report:#?}");
    let list = yard.text("sandbox_data/orphan_modules.json");
    let json: serde_json::Value = serde_json::from_str(&list).expect("a document");
    assert_eq!(json["modules"]["m/slower.wasm"]["redundant"], true);
    assert!(json["modules"]["m/slower.wasm"]["reason"].as_str().is_some_and(|reason| reason.contains("m/step.wasm")));
    assert_eq!(yard.listed("module_map"), ["m/cuts_a.wasm"]);
}

#[test]
fn some_that_are_turned_away_early_go_on_so_that_it_is_known_how_often_that_is_wrong() {
    let yard = yard();
    // On no bytes at all it traps, which no input of the workflow is: only the strictest would turn it away for that.
    yard.module("good", &Shaper { traps: Traps::OnNothing, ..Shaper::cuts(3) }.wasm());
    let strict = |share: f64| {
        move |settings: &mut holobiont::Settings| {
            settings.self_test.most_incident_weight = 0.0;
            settings.self_test.audit_share = share;
        }
    };
    let none = yard.test_with(&strict(0.0), &SelfTest::default());
    let (good, counted) = (of(&none, "good"), none.false_rejections);
    assert_eq!((good.passed, good.stage, good.workflows[0].early), (false, Stage::Solo, Some(Stage::Solo)));
    assert_eq!((counted.rejected, counted.audited, counted.rate()), (1, 0, None));
    let all = yard.test_with(&strict(1.0), &SelfTest::default());
    let (good, counted) = (of(&all, "good"), all.false_rejections);
    // It went on to the end, where the same incident keeps it out: so turning it away was right.
    assert_eq!((good.passed, good.stage, good.workflows[0].audited), (false, Stage::Group, true), "{good:#?}");
    assert_eq!((counted.rejected, counted.audited, counted.passed), (1, 1, 0));
}

#[test]
fn what_vanishes_or_changes_after_it_was_found_is_not_taken_in() {
    let yard = yard();
    for name in ["changes", "vanishes", "stays"] {
        yard.module(name, &Shaper { note: name.len() as u32, toils: name.len() as u32, ..Shaper::cuts(3) }.wasm());
    }
    let discovery = yard.discover();
    yard.module("changes", &Shaper::cuts(5).wasm());
    std::fs::remove_file(yard.path("m/vanishes.wasm")).expect("removed");
    let report = yard.test_of(&discovery, &|_| (), &SelfTest::default());
    let changes = of(&report, "changes");
    assert!(changes.stage == Stage::Load && changes.reasons[0].contains("changed since it was found"), "{changes:#?}");
    let vanishes = of(&report, "vanishes");
    assert!(vanishes.stage == Stage::Load && vanishes.reasons[0].contains("vanished"), "{vanishes:#?}");
    assert_eq!(report.integrated, [id("m/stays.wasm")]);
}

#[test]
fn a_workflow_that_cannot_be_used_is_named_and_the_others_are() {
    let yard = yard();
    yard.module("good", &Shaper::cuts(3).wasm());
    yard.workflow("another", &["not_there"], SAVED);
    yard.write("workflows/broken.toml", b"name = 3");
    yard.write(
        "workflows/inline.toml",
        b"name = \"inline\"\ninputs = [\"inputs\"]\nstep = [{ module = \"m/step.wasm\" }]\n[objective]\nbytes-saved = true\n",
    );
    let report = yard.test();
    let reason = |file: &str| {
        let found = report.workflows.iter().find(|workflow| workflow.file == file).expect("it is named");
        assert_eq!(found.kept, file == "workflows/work.toml", "{found:#?}");
        found.reason.clone()
    };
    assert!(reason("workflows/another.toml").contains("cannot read m/not_there.wasm"));
    assert!(reason("workflows/broken.toml").contains("line 1"));
    assert!(reason("workflows/inline.toml").contains("step"));
    reason("workflows/work.toml");
    assert_eq!(report.integrated, [id("m/good.wasm")]);
    // Where none can be used, nobody is to blame for it.
    std::fs::remove_file(yard.path("workflows/work.toml")).expect("removed");
    yard.module("other", &Shaper::cuts(4).wasm());
    let report = yard.test();
    let other = of(&report, "other");
    assert!(!other.passed && other.reasons == ["no workflow could be used to try it in"], "{other:#?}");
}

#[test]
fn what_is_worth_nothing_in_one_workflow_may_be_in_another() {
    let yard = yard();
    // Of what comes after a mark it saves much, and nothing of anything else.
    yard.module("good", &Shaper { needs: Some(b'!'), ..Shaper::cuts(9) }.wasm());
    yard.module("marks", &Shaper { marks: Some(b'!'), ..Shaper::default() }.wasm());
    yard.workflow("zeal", &["marks"], SAVED);
    let report = yard.test();
    let good = of(&report, "good");
    let passed: Vec<(&str, bool)> = good.workflows.iter().map(|own| (own.workflow.as_str(), own.passed)).collect();
    assert_eq!(passed, [("work", false), ("zeal", true)], "{good:#?}");
    assert!(good.passed && good.reasons.iter().any(|reason| reason == "it is now step 2 of zeal"), "{good:#?}");
    assert_eq!(
        (yard.steps("work"), yard.steps("zeal")),
        (vec!["step".to_owned()], vec!["marks".into(), "good".into()])
    );
}

#[test]
fn the_same_modules_come_to_the_same_wherever_they_are_tried() {
    let test = || {
        let yard = yard();
        yard.module("good", &Shaper::cuts(3).wasm());
        yard.module("better", &Shaper { toils: 90, ..Shaper::cuts(7) }.wasm());
        yard.module("traps", &Shaper { traps: Traps::Always, ..Shaper::cuts(3) }.wasm());
        let report = yard.test();
        (serde_json::to_string(&report.candidates).expect("plain data"), yard.text("workflows/work.toml"))
    };
    assert_eq!(test(), test());
}

#[test]
fn too_few_inputs_are_no_verdict() {
    let yard = Yard::new(&["step"], SAVED);
    yard.module("step", &Shaper::cuts(1).wasm());
    yard.module("good", &Shaper::cuts(3).wasm());
    yard.texts(4);
    let report = yard.test();
    let good = of(&report, "good");
    assert!(!good.passed && !good.enough_data && report.lacks_data(), "{good:#?}");
    assert!(good.reasons.iter().any(|reason| reason.starts_with("4 inputs are too few")), "{good:#?}");
}

#[test]
fn a_chain_of_imports_that_is_too_long_is_told_before_anything_is_compiled() {
    let yard = yard();
    const LINKS: usize = 1000;
    let name = |number: usize| format!("acme:chain/n{number}@0.1.0");
    yard.module("start", &asks(&name(0), 1));
    for number in 0..LINKS {
        yard.module(&format!("link{number:03}"), &adder_over(&name(number), &name(number + 1)));
    }
    yard.module("end", &adder(&name(LINKS)));
    let report = yard.test();
    let start = of(&report, "start");
    assert_eq!(start.stage, Stage::Load);
    assert_eq!(start.reasons, ["it takes 1001 modules to link it, limit 16"]);
    assert_eq!(yard.listed("orphan_modules").len(), 1002);
}
