//! The walkthrough of the document: an orphan and its helper, a self-test that cleans up, then an autonomous run.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use holobiont::{CycleRecord, Engine, House, SelfTest, Switch};
use holobiont_core::inclusion::Stage;

use super::yard::{Yard, id, left_out, of};
use crate::evaluation::lab::{HOST, SAVED};
use crate::evaluation::modules::Shaper;
use crate::linking::adder;
use crate::support::working;

const STEMS: &str = "acme:words/stems@0.1.0";

/// A workflow with one step, an orphan that imports from a helper, and a module that nobody has to do with.
fn yard() -> Yard {
    let yard = Yard::new(&["step"], SAVED);
    yard.module("step", &Shaper::cuts(1).wasm());
    yard.module("orphan", &Shaper { asks: Some(STEMS), ..Shaper::cuts(3) }.wasm());
    yard.module("helper", &adder("acme:words/stems@0.1.4"));
    yard.texts(12);
    yard
}

/// R1, R3 and R4 of the original's facts.
#[test]
fn an_orphan_and_its_helper_are_tried_integrated_and_cleaned_up() {
    let yard = yard();
    yard.module("isolated", &Shaper { toils: 50, ..Shaper::cuts(6) }.wasm());
    let found = yard.discover();
    // R1: who imports from whom.
    assert_eq!(found.orphans[&id("m/orphan.wasm")].parents, []);
    assert_eq!(found.orphans[&id("m/helper.wasm")].parents, [id("m/orphan.wasm")]);
    assert!(found.isolated.contains(&id("m/isolated.wasm")) && found.isolated.len() == 1);

    let report = yard.test_with(
        &|settings| settings.choose_switch(Switch::CleanOrphans, true, "--clean-orphans"),
        &SelfTest::default(),
    );
    // R4: both, and the isolated one, are in the map, and workflows have them.
    assert!(of(&report, "orphan").passed && of(&report, "isolated").passed, "{report:#?}");
    assert_eq!(of(&report, "orphan").imports, [id("m/helper.wasm")]);
    assert_eq!(yard.listed("module_map"), ["m/helper.wasm", "m/isolated.wasm", "m/orphan.wasm"]);
    assert_eq!(yard.steps("work").len(), 3);
    assert!(yard.text("workflows/work.toml").contains("[[member]]\nmodule = \"m/helper.wasm\""));
    // R3: nothing is left in the list.
    assert_eq!(yard.listed("orphan_modules"), Vec::<String>::new());

    // Then by itself: there is nothing new, and the workflow is measured as it is now.
    let record = autonomous(&yard);
    assert!(record.ran && record.integrated.is_empty(), "{record:#?}");
    assert_eq!((record.modules.len(), record.work.completed), (4, 12));
    assert!(record.roi.is_some_and(|roi| roi > 0.0));
}

/// An engine's first turn, as an autonomous run gives it.
fn autonomous(yard: &Yard) -> CycleRecord {
    let _working = working();
    let (project, store, files) = (yard.project(), yard.store(), Mutex::new(()));
    let config = project.settings.engines_for(&["work".to_owned()]).remove(0);
    let mut engine = Engine::open(&project, &store, config).expect("an engine");
    let stop = AtomicBool::new(false);
    let house = House { project: &project, sandbox: &HOST, store: &store, files: &files, stop: &stop, listen: &|_| () };
    engine.cycle(&house, 1_000).expect("a cycle")
}

/// The second half of the walkthrough alone: an autonomous run takes in what was found.
#[test]
fn an_autonomous_run_takes_in_what_nobody_tested_before() {
    let yard = yard();
    let record = autonomous(&yard);
    assert_eq!(record.integrated, [id("m/helper.wasm"), id("m/orphan.wasm")]);
    assert_eq!(record.modules.len(), 3);
    // Without --clean-orphans they are still listed, and say why.
    assert!(yard.text("sandbox_data/orphan_modules.json").contains("integrated; --clean-orphans"));
}

/// R2: what is there twice is left out with a word, and what is said of it is kept.
#[test]
fn r2_what_is_there_twice_is_left_out_with_a_word() {
    let yard = yard();
    yard.module("copy", &Shaper::cuts(1).wasm());
    let report = yard.test();
    assert_eq!(left_out(&report, "copy"), "has the same bytes as `m/step.wasm`");
    assert!(report.left_out.iter().any(|out| out.redundant));
    let list: serde_json::Value =
        serde_json::from_str(&yard.text("sandbox_data/orphan_modules.json")).expect("a document");
    assert_eq!(list["modules"]["m/copy.wasm"]["redundant"], true);
    assert!(!yard.listed("module_map").contains(&"m/copy.wasm".to_owned()));
}

#[test]
fn switches_leave_out_what_they_say() {
    let yard = yard();
    yard.module("isolated", &Shaper { toils: 50, ..Shaper::cuts(6) }.wasm());
    let dry = SelfTest { dry_run: true, ..SelfTest::default() };
    let without =
        |switch: Switch| yard.test_with(&move |settings| settings.choose_switch(switch, false, "--a-flag"), &dry);
    let report = without(Switch::RecursiveOrphans);
    assert!(left_out(&report, "orphan").contains("imports from `m/helper.wasm`"), "{report:#?}");
    assert!(of(&report, "isolated").passed);
    let report = without(Switch::AutoIncludeIsolated);
    assert!(left_out(&report, "isolated").contains("auto-include-isolated is off") && of(&report, "orphan").passed);
    let report = without(Switch::DiscoverOrphans);
    assert!(report.candidates.is_empty() && left_out(&report, "orphan").contains("is not listed"));
    // One by name is tried whatever the switches say of lists.
    let named = SelfTest { modules: vec![id("m/isolated.wasm")], dry_run: true, ..SelfTest::default() };
    let report = yard.test_with(&|settings| settings.choose_switch(Switch::DiscoverOrphans, false, "--a-flag"), &named);
    assert!(of(&report, "isolated").passed && report.candidates.len() == 1);
    assert!(!yard.path("sandbox_data/orphan_modules.json").exists());
}

/// An isolated pipeline reaches others by invoking them.
#[test]
fn an_isolated_pipeline_has_the_workflows_modules_to_invoke() {
    let yard = Yard::new(&["squeeze_coder"], SAVED);
    for name in ["squeeze_coder", "squeeze_auto"] {
        yard.module(name, &crate::evaluation::modules::example(name));
    }
    yard.inputs_of("squeeze", 9);
    let dry = SelfTest { dry_run: true, ..SelfTest::default() };
    let value = |follows: bool| {
        let report = yard
            .test_with(&move |settings| settings.choose_switch(Switch::RecursiveIsolated, follows, "--a-flag"), &dry);
        let auto = of(&report, "squeeze_auto").clone();
        let solo = auto.stages.iter().find(|said| said.stage == Stage::Solo).expect("it was tried alone").clone();
        solo.detail
    };
    let (with, without) = (value(true), value(false));
    assert!(
        without.starts_with("alone worth +0.0000") && !with.starts_with("alone worth +0.0000"),
        "{with}; {without}"
    );
}
