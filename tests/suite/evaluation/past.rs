//! What was measured is kept, and later questions know of it.

use holobiont::{History, MemoryStore, SqliteStore};
use holobiont_core::{Arm, LimitKind};

use super::lab::{Lab, SAVED, beside, exactly, nominal};
use super::modules::{Shaper, TOIL};

fn pair() -> Lab {
    let steps = [("a", 1), ("b", 2)].map(|(name, cuts)| (name, Shaper { toils: TOIL, ..Shaper::cuts(cuts) }.wasm()));
    Lab::new(&steps, SAVED).inputs(8)
}

#[test]
fn a_question_is_kept_once_until_another_is_asked() {
    let mut lab = pair();
    let store = SqliteStore::open(&lab.path("state/holobiont.db")).expect("a store");
    let first = lab.ask(&store, &nominal());
    lab.ask(&store, &nominal());
    lab.project.settings.choose_seed(9, "--seed");
    lab.ask(&store, &nominal());
    let history = History::of(&store, "tiny").expect("it reads");
    assert_eq!(history.cycles.len(), 2, "the same question is no new evidence");
    let [one, other] = history.cycles.as_slice() else { panic!("two cycles") };
    assert!(one.number < other.number);
    assert_eq!(one.measured.preset, "standard");
    let combined = first.assessment.arms.iter().find(|report| report.arm == Arm::Combined).expect("an arm");
    assert_eq!(one.measured.update.after, combined.metrics["roi"]);
    let synergy = first.assessment.synergy["roi"].value;
    assert_eq!(one.measured.update.before, combined.metrics["roi"] - synergy, "before there was a group: its parts");
    assert_eq!(other.measured.update.before, one.measured.update.after);
    assert_eq!(one.measured.update.metrics["synergy_roi"], synergy);
    assert_eq!(History::workflows(&store).expect("it reads"), ["tiny"]);
    assert_eq!(history.tracker(Default::default()).levels().len(), 2);
}

#[test]
fn what_is_asked_last_is_answered_the_same_again() {
    let mut lab = pair();
    let store = MemoryStore::default();
    lab.ask(&store, &nominal());
    lab.project.settings.prices.per_gigafuel = 5.0;
    let dear = lab.ask(&store, &nominal());
    assert_eq!(exactly(&dear.assessment), exactly(&lab.ask(&store, &nominal()).assessment));
    let combined = dear.assessment.arms.iter().find(|report| report.arm == Arm::Combined).expect("an arm");
    assert!(combined.metrics["long_term_lucrativity"] < 0.0, "the same for more money is a falling return");
}

#[test]
fn peaks_are_of_what_the_preset_allows() {
    let mut lab = pair();
    let store = MemoryStore::default();
    lab.ask(&store, &beside(&["tight", "classes"]));
    let standard = lab.project.settings.presets.iter_mut().find(|preset| preset.name == "standard").expect("built in");
    let used = History::of(&store, "tiny").expect("it reads").cycles[0].measured.update.peaks.clone();
    assert_eq!(used.keys().collect::<Vec<_>>(), ["m/a.wasm", "m/b.wasm"]);
    for peaks in used.values() {
        assert!(
            peaks.fuel > 0 && peaks.memory_bytes > 0 && peaks.bytes_per_s > 0 && peaks.exceeded.is_empty(),
            "{peaks:?}"
        );
    }
    // A tight scenario ends runs by its own doing; a tight preset does so by the preset's.
    standard.limits.fuel = used["m/a.wasm"].fuel / 2;
    lab.ask(&store, &nominal());
    let history = History::of(&store, "tiny").expect("it reads");
    assert_eq!(history.cycles[1].measured.update.peaks["m/a.wasm"].exceeded, [LimitKind::Fuel]);
}
