//! What people do by hand counts.

use holobiont::SelfTest;

use super::yard::{id, left_out, of, yard};
use crate::evaluation::lab::SAVED;
use crate::evaluation::modules::Shaper;

#[test]
fn what_was_taken_out_by_hand_stays_out_until_somebody_asks_for_it_or_it_changes() {
    let yard = yard();
    assert!(of(&yard.test(), "good").passed);
    assert_eq!(yard.steps("work").len(), 2);
    yard.project().removing("m/good.wasm").expect("it is there").make(&yard.store()).expect("removed");
    assert_eq!(yard.steps("work"), ["step"]);
    assert_eq!(yard.listed("module_map"), Vec::<String>::new());

    let report = yard.test();
    assert!(left_out(&report, "good").contains("removed by hand"), "{report:#?}");
    assert_eq!(yard.steps("work"), ["step"]);
    // By name it is tried again, and what has other bytes is another module.
    let named = SelfTest { modules: vec![id("m/good.wasm")], dry_run: true, ..SelfTest::default() };
    assert!(of(&yard.test_with(&|_| (), &named), "good").passed);
    yard.module("good", &Shaper { toils: 3, ..Shaper::cuts(3) }.wasm());
    assert!(of(&yard.test(), "good").passed);
    assert_eq!(yard.steps("work").len(), 2);
}

#[test]
fn what_was_integrated_and_changed_since_is_a_candidate_again() {
    let yard = yard();
    yard.test();
    let before = yard.text("sandbox_data/module_map.json");
    // It is a step of the workflow, and so in use, whatever the map says.
    yard.module("good", &Shaper::cuts(7).wasm());
    assert_eq!(yard.discover().changed, [id("m/good.wasm")]);
    let report = yard.test();
    assert!(report.candidates.is_empty(), "{report:#?}");
    assert_eq!(yard.text("sandbox_data/module_map.json"), before, "nobody tested the new bytes");
    // Taken out of the workflow by hand, in the file, it is nobody's.
    yard.workflow("work", &["step"], SAVED);
    let report = yard.test();
    assert!(of(&report, "good").passed, "{report:#?}");
    assert_ne!(yard.text("sandbox_data/module_map.json"), before);
    assert!(yard.discover().changed.is_empty());
}

#[test]
fn what_is_integrated_and_has_no_place_yet_may_find_one_later() {
    let yard = yard();
    // Pinned by hand: in the map, and a step of nothing.
    let pinning = yard.project().pinning("m/good.wasm").expect("a module").expect("it is not in the map");
    pinning.make(&yard.store()).expect("pinned");
    let report = yard.test();
    assert!(report.candidates.is_empty() && report.integrated.is_empty(), "{report:#?}");
    assert_eq!(report.workflows[0].inserted.len(), 1);
    assert_eq!(yard.steps("work").len(), 2);
    assert!(yard.text("sandbox_data/module_map.json").contains("m/step.wasm"), "it has company now");
}
