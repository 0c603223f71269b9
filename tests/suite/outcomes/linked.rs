//! A candidate that calls another module by import: what the other does to it, and what it does to the other.

use holobiont_core::Measurement;
use holobiont_test_guests as guests;

use super::{ends, excess};
use crate::support::{Came, Setup};

/// Ends in a way that is the linked module's, and is said to be.
#[track_caller]
fn ends_there(fixture: &guests::Fixture, code: &str) -> Came {
    let came = ends(fixture, code);
    let measurement = came.measurement();
    let [part] = measurement.parts.as_slice() else { panic!("{} parts", measurement.parts.len()) };
    assert_eq!(part.outcome.code(), code);
    let place = format!("in linked module {} (holobiont-fixtures:text/transform@0.1.3): ", part.digest.short());
    assert_eq!(came.outcome.detail(), format!("{place}{}", part.outcome.detail()));
    assert_eq!(part.calls, 1);
    came
}

fn part(measurement: &Measurement) -> &holobiont_core::Part {
    measurement.parts.first().expect("a part")
}

#[test]
pub(super) fn importer_argument_huge() {
    let came = ends(&guests::IMPORTER_ARGUMENT_HUGE, "limit: host-data");
    assert!(!came.outcome.detail().contains("linked"), "{}", came.outcome);
    assert!(came.measurement().parts.is_empty(), "nothing was called");
}

#[test]
pub(super) fn importer_calls_without_end() {
    let came = ends(&guests::IMPORTER_CALLS_WITHOUT_END, "limit: fuel");
    assert!(!came.outcome.detail().contains("linked"), "{}", came.outcome);
    let usage = &came.measurement().usage;
    assert!(usage.host_calls <= 10_000_000 / 500, "{} calls", usage.host_calls);
    assert!(part(came.measurement()).outcome.is_completed());
}

#[test]
pub(super) fn importer_callee_allocates() {
    let came = ends_there(&guests::IMPORTER_CALLEE_ALLOCATES, "limit: memory");
    assert!(excess(&came).0 > 8 << 20);
    // The memory is the other's, and so is the bill.
    let measurement = came.measurement();
    assert!(measurement.usage.peak_memory_bytes < 2 << 20, "{}", measurement.usage.peak_memory_bytes);
    assert!(part(measurement).usage.peak_memory_bytes > 7 << 20);
}

#[test]
pub(super) fn importer_callee_declines() {
    let came = ends(&guests::IMPORTER_CALLEE_DECLINES, "completed");
    assert_eq!(came.text(), "Err(\"it was told to decline\")");
    assert!(part(came.measurement()).outcome.is_completed(), "an answer is an answer");
}

#[test]
pub(super) fn importer_callee_exits() {
    let came = ends_there(&guests::IMPORTER_CALLEE_EXITS, "trap: other");
    assert!(came.outcome.detail().ends_with("ended itself with exit code 0 in the middle of a call"));
}

#[test]
pub(super) fn importer_callee_fills_the_workspace() {
    // The disk that was refused was the other's; the caller's own end is its own.
    let came = ends(&guests::IMPORTER_CALLEE_FILLS_THE_WORKSPACE, "trap: unreachable");
    assert!(!came.outcome.detail().contains("linked"), "{}", came.outcome);
    let measurement = came.measurement();
    assert!(part(measurement).usage.disk_bytes > 60_000, "{}", part(measurement).usage.disk_bytes);
    assert!(part(measurement).outcome.is_completed());
}

#[test]
pub(super) fn importer_callee_panics() {
    let came = ends_there(&guests::IMPORTER_CALLEE_PANICS, "trap: unreachable");
    assert!(came.outcome.detail().contains("told to panic"), "{}", came.outcome);
}

#[test]
pub(super) fn importer_callee_prints_without_end() {
    ends_there(&guests::IMPORTER_CALLEE_PRINTS_WITHOUT_END, "limit: output");
}

#[test]
pub(super) fn importer_callee_recurses() {
    ends_there(&guests::IMPORTER_CALLEE_RECURSES, "limit: stack");
}

#[test]
pub(super) fn importer_callee_returns_much() {
    ends_there(&guests::IMPORTER_CALLEE_RETURNS_MUCH, "limit: host-data");
}

#[test]
pub(super) fn importer_callee_sleeps_a_year() {
    let came = ends_there(&guests::IMPORTER_CALLEE_SLEEPS_A_YEAR, "limit: time");
    assert!(excess(&came).0 >= 365 * 86_400 * 1_000_000_000);
}

#[test]
pub(super) fn importer_callee_spins() {
    let came = ends_there(&guests::IMPORTER_CALLEE_SPINS, "limit: fuel");
    let measurement = came.measurement();
    assert_eq!(part(measurement).usage.fuel, 40_000_000);
    assert!(measurement.usage.fuel < 1_000_000, "{} fuel", measurement.usage.fuel);
    assert!(measurement.usage.waiting_ns >= 40_000_000, "the caller waited for it");
}

#[test]
pub(super) fn importer_looks_around() {
    let mut setup = Setup::new(&guests::IMPORTER_LOOKS_AROUND);
    setup.grants.args = vec!["--fast".into()];
    setup.grants.env.extend([("KEY".into(), "value".into())]);
    let first = ends(&guests::IMPORTER_LOOKS_AROUND, "completed").text().to_owned();
    // What its caller was granted it was not. (No arguments but the program's own name, no files.)
    assert_eq!(setup.run().text(), first);
    assert!(first.contains("(1, 0)"), "{first}");
    setup.seed += 1;
    assert_ne!(setup.run().text(), first, "its entropy comes from the seed of the run");
}

#[test]
pub(super) fn importer_tour() {
    let came = ends(&guests::IMPORTER_TOUR, "completed");
    assert_eq!(
        came.text(),
        "STRASSE [46, 116, 117, 112, 110, 105, 32, 101, 109, 111, 83] [83, 111, 46, 116, 117, 112, 110, 105, 32, 101, 109] \
         [(\"one\", 3), (\"three\", 5)] 1 2 \"good day\" Some(\"thank you\")"
    );
    let measurement = came.measurement();
    let part = part(measurement);
    assert_eq!((part.calls, part.outcome.code().as_str()), (7, "completed"));
    let row = measurement.usage.interfaces.iter().find(|row| row.name == "holobiont-fixtures:text/transform");
    let row = row.expect("a row for the linked interface");
    // "note", "thank you"; "Straße"; the input twice; "one  three"; and the answers: for each word eight bytes
    // for where it lies and four for its length.
    assert_eq!((row.calls, row.denied), (7, 0));
    assert_eq!(row.to_host_bytes, 4 + 9 + 7 + 11 + 11 + 10);
    assert_eq!(row.to_guest_bytes, 8 + 7 + 11 + 11 + 2 * 12 + 8);
}
