//! The same answer to the last bit, however it came about.

use holobiont::{MemoryStore, SqliteStore, Store};
use holobiont_core::Scenario;
use holobiont_test_guests as guests;

use super::lab::{Lab, exactly, nominal};
use super::modules::{Shaper, TOIL, actor};

/// A module that draws lots, one that leaves something for the next, one that is worth remembering, and a scorer.
fn lab() -> Lab {
    let steps = [
        ("cuts", Shaper { toils: TOIL, ..Shaper::cuts(3) }.wasm()),
        ("draws", actor()),
        ("grows", Shaper { grows: 9, marks: Some(b'x'), ..Shaper::default() }.wasm()),
    ];
    let lab = Lab::new(&steps, "scorer = \"m/scorer.wasm\"\nexpected = \"expected\"").inputs(9);
    lab.write("m/scorer.wasm", guests::SCORER.wasm);
    for number in 0..9 {
        lab.write(&format!("expected/{number:02}.txt"), &b"expected"[number % 4..]);
    }
    lab.told(1, "act", "random_sample")
}

fn answered(lab: &Lab, store: &dyn Store) -> String {
    exactly(&lab.ask(store, &Scenario::builtin()).assessment)
}

#[test]
fn threads_stores_and_what_is_remembered_make_no_difference() {
    let mut lab = lab();
    lab.project.settings.threads = Some(1);
    let memory = MemoryStore::default();
    let expected = answered(&lab, &memory);
    assert_eq!(answered(&lab, &memory), expected, "everything remembered");

    lab.project.settings.threads = Some(2);
    assert_eq!(answered(&lab, &MemoryStore::default()), expected, "two threads");
    let file = SqliteStore::open(&lab.path("state/holobiont.db")).expect("opened");
    assert_eq!(answered(&lab, &file), expected, "a file");
    assert_eq!(answered(&lab, &file), expected, "a file that remembers");

    // A part of it is remembered, and of that not the outputs.
    let part = MemoryStore::default();
    lab.project.settings.keep_output_bytes = 0;
    lab.try_ask(&part, &lab.group(&["draws", "grows"]), &Scenario::builtin()[3..]).expect("answered");
    lab.try_ask(&part, &lab.group(&["cuts", "draws"]), &nominal()).expect("answered");
    assert_eq!(answered(&lab, &part), expected, "a part remembered");
}

#[test]
fn the_order_of_names_makes_no_difference() {
    let lab = lab();
    let store = MemoryStore::default();
    let expected = exactly(&lab.ask(&store, &nominal()).assessment);
    for names in [["cuts", "draws", "grows"], ["grows", "cuts", "draws"], ["draws", "grows", "cuts"]] {
        let answer = lab.try_ask(&store, &lab.group(&names), &nominal()).expect("answered");
        assert_eq!(exactly(&answer.assessment), expected);
    }
}
