//! A planted group is found among many, and what is said of it comes from inputs that did not choose it.

use holobiont::{Evaluator, FindError, Found, MemoryStore, SearchPlan};
use holobiont_core::ModuleId;
use holobiont_core::stats::Goal;

use super::lab::{HOST, Lab, SAVED};
use super::modules::Shaper;
use crate::support::working;

/// Three modules that pass a mark on and save 50 bytes together, 15 the first two of them, and nothing alone; among
/// them some that do nothing, and one that spoils what comes after it.
fn planted(idle: u32, inputs: usize) -> Lab {
    let shape = |needs: Option<u8>, marks: Option<u8>, cuts| Shaper { needs, marks, cuts, ..Shaper::default() }.wasm();
    let mut steps = vec![
        ("first".to_owned(), shape(None, Some(b'1'), 0)),
        ("second".to_owned(), shape(Some(b'1'), Some(b'2'), 15)),
        ("third".to_owned(), shape(Some(b'2'), None, 35)),
    ];
    for note in 0..idle {
        // Before, between and after those who matter.
        let at = (note as usize * 2) % (steps.len() + 1);
        steps.insert(at, (format!("idle{note}"), Shaper { note, ..Shaper::default() }.wasm()));
    }
    steps.insert(2, ("spoils".to_owned(), shape(None, Some(b'!'), 0)));
    let steps: Vec<(&str, Vec<u8>)> = steps.iter().map(|(name, wasm)| (name.as_str(), wasm.clone())).collect();
    Lab::new(&steps, SAVED).inputs(inputs)
}

fn search(lab: &Lab, store: &MemoryStore, plan: &SearchPlan) -> Result<Found, FindError> {
    let _working = working();
    Evaluator::new(&lab.project, &HOST, store).search(&lab.workflow, &lab.modules(), plan, &|_| ())
}

fn plan(goal: Goal) -> SearchPlan {
    SearchPlan { goal, sizes: 2..=99, finalists: 3, budget: None }
}

fn names(group: &[ModuleId]) -> Vec<&str> {
    group.iter().map(ModuleId::short).collect()
}

fn found_where_it_was_planted(found: &Found) {
    let best = &found.finalists[0];
    assert_eq!(names(&best.group), ["first", "second", "third"]);
    assert_eq!((best.chosen_by, best.fresh, best.low, best.high), (50.0, 50.0, Some(50.0), Some(50.0)));
    assert!(found.passed && best.passed && found.enough_data && best.p_value.is_some_and(|p| p < 0.05));
    assert!(found.finalists.iter().all(|other| other.fresh <= best.fresh));
}

#[test]
fn all_groups_of_few_modules_are_tried() {
    let (lab, store) = (planted(2, 18), MemoryStore::default());
    for goal in [Goal::Worth, Goal::Synergy] {
        let found = search(&lab, &store, &plan(goal)).expect("found");
        found_where_it_was_planted(&found);
        assert!(found.exhaustive && !found.cut_short);
        // Six modules: 64 groups less nobody and those of one.
        assert_eq!(found.groups, 57);
        assert_eq!(found.modules, lab.modules());
    }
}

#[test]
fn a_beam_finds_it_among_many_modules() {
    let found = search(&planted(11, 18), &MemoryStore::default(), &plan(Goal::Synergy)).expect("found");
    found_where_it_was_planted(&found);
    assert_eq!(found.modules.len(), 15);
    assert!(!found.exhaustive && found.groups < 1000);
}

#[test]
fn finalists_are_measured_on_inputs_that_did_not_choose_them() {
    let lab = planted(1, 18);
    let found = search(&lab, &MemoryStore::default(), &plan(Goal::Worth)).expect("found");
    let mut all: Vec<&String> = found.choosing.iter().chain(&found.fresh).collect();
    all.sort();
    assert_eq!(all.len(), 18);
    all.dedup();
    assert_eq!(all.len(), 18, "no input is of both kinds");
    assert_eq!(found.fresh.len(), 8);

    // Where groups are good on the inputs that choose only, that is told.
    for name in &found.choosing {
        lab.write(name, &b"1".repeat(80));
    }
    for name in &found.fresh {
        lab.write(name, b"short");
    }
    let flattered = search(&lab, &MemoryStore::default(), &plan(Goal::Worth)).expect("found");
    assert_eq!((&flattered.choosing, &flattered.fresh), (&found.choosing, &found.fresh));
    let best = &flattered.finalists[0];
    assert!(best.chosen_by >= 50.0 && best.fresh < 1.0, "{best:?}");
    assert!(!flattered.passed);
}

#[test]
fn asking_again_runs_nothing_and_says_the_same() {
    let (lab, store) = (planted(2, 9), MemoryStore::default());
    let first = search(&lab, &store, &plan(Goal::Worth)).expect("found");
    let again = search(&lab, &store, &plan(Goal::Worth)).expect("found");
    assert!(first.runs_made > 0 && again.runs_made == 0);
    assert_eq!((&again.finalists, again.trials), (&first.finalists, first.trials));
    assert!(!first.enough_data && !first.passed, "four fresh inputs are too few");
}

#[test]
fn a_budget_that_ends_is_told() {
    let (lab, store) = (planted(3, 18), MemoryStore::default());
    let whole = search(&lab, &store, &plan(Goal::Worth)).expect("found");
    let budget = whole.trials / 2;
    let cut = search(&lab, &store, &SearchPlan { budget: Some(budget), ..plan(Goal::Worth) }).expect("found");
    assert!(cut.trials <= budget, "{} of {budget}", cut.trials);
    assert!(cut.exhaustive, "every group was looked at");
    found_where_it_was_planted(&cut);

    let lab = planted(11, 18);
    let needed = search(&lab, &store, &SearchPlan { budget: Some(10), ..plan(Goal::Worth) }).expect_err("too few");
    assert!(needed.to_string().starts_with("a budget of 10 trials does not do: the first look takes"), "{needed}");
    let words = needed.to_string();
    let needed: u64 = words.rsplit(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    let cut = search(&lab, &store, &SearchPlan { budget: Some(needed), ..plan(Goal::Worth) }).expect("found");
    assert!(cut.cut_short && cut.trials <= needed);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let lab = planted(1, 1);
    let refused = |plan: &SearchPlan| search(&lab, &MemoryStore::default(), plan).expect_err("refused").to_string();
    assert!(refused(&plan(Goal::Worth)).starts_with("tiny has 1 input: a search takes at least one to choose"));
    let sizes = SearchPlan { sizes: 6..=7, ..plan(Goal::Worth) };
    assert_eq!(refused(&sizes), "5 modules make no group of 6 to 7");
}
