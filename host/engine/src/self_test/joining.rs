//! Which candidates a workflow takes in, one after another, as long as it is surely better for it.

use holobiont_core::stats::Estimate;
use holobiont_core::{ModuleId, Workflow};

use super::bench::{Again, Bench, Placed, together};
use super::course::Course;
use super::report::{Inserted, WorkflowReport};
use crate::evaluate::EvaluateError;

/// Of so many candidates pairs are tried: each pair in both orders at every place.
const MOST_PAIRED: usize = 6;

/// A workflow with those that it takes in.
pub(super) struct Joined {
    /// As it is to be; none where its file does not read.
    pub(super) workflow: Option<Workflow>,
    pub(super) report: WorkflowReport,
}

impl Joined {
    /// A workflow that nobody can be tried in.
    pub(super) fn unusable(file: &str, workflow: Option<&Workflow>, reason: &str) -> Self {
        let report = WorkflowReport {
            workflow: workflow.map_or_else(|| file.to_owned(), |workflow| workflow.name.clone()),
            file: file.to_owned(),
            inserted: Vec::new(),
            before: None,
            after: None,
            gain: None,
            kept: false,
            reason: reason.to_owned(),
        };
        Self { workflow: workflow.cloned(), report }
    }
}

/// Puts candidates into a workflow: of those with which it surely earns more the one, or the two, with which it earns
/// most, then the others are tried again beside them. What comes of it is measured again on all inputs, and rolled back
/// unless it is surely better.
pub(super) fn join(bench: &mut Bench<'_>, courses: &mut [Course], file: &str) -> Result<Joined, EvaluateError> {
    let mut current = bench.workflow.clone();
    let mut joined: Vec<usize> = Vec::new();
    loop {
        let waiting: Vec<usize> =
            (0..courses.len()).filter(|n| !joined.contains(n) && courses[*n].may_join(bench)).collect();
        // Of several that are good by themselves the best may be in the way of two that are better together.
        let single = best_single(bench, courses, &waiting, &current, joined.is_empty())?;
        let pair = best_pair(bench, courses, &waiting, &current)?;
        let Some((numbers, placed)) = better(single, pair) else { break };
        let company: Vec<ModuleId> =
            joined.iter().chain(&numbers).map(|number| courses[*number].unit.module.clone()).collect();
        for number in &numbers {
            let course = &mut courses[*number];
            let others: Vec<ModuleId> =
                company.iter().filter(|module| **module != course.unit.module).cloned().collect();
            if !others.is_empty() {
                course.judge(bench, &placed, &others);
            }
            bench.note(&course.unit);
        }
        joined.extend(numbers);
        current = placed.with;
    }
    settle(bench, courses, &joined, current, file)
}

/// The candidate with which the workflow surely earns more, and most.
fn best_single(
    bench: &Bench<'_>,
    courses: &[Course],
    waiting: &[usize],
    current: &Workflow,
    is_first: bool,
) -> Result<Option<(Vec<usize>, Placed)>, EvaluateError> {
    let mut best: Option<(Vec<usize>, Placed)> = None;
    for number in waiting {
        let placed = match &courses[*number].placed {
            Some(placed) if is_first => Some(placed.clone()),
            _ => bench.placed(&[&courses[*number].unit], current)?,
        };
        let passes = placed.filter(|placed| courses[*number].would_pass(bench, placed));
        best = better(best, passes.map(|placed| (vec![*number], placed)));
    }
    Ok(best)
}

/// Two candidates with which the workflow surely earns more, and surely more than with either alone.
fn best_pair(
    bench: &Bench<'_>,
    courses: &[Course],
    waiting: &[usize],
    current: &Workflow,
) -> Result<Option<(Vec<usize>, Placed)>, EvaluateError> {
    let mut best = None;
    if waiting.len() > MOST_PAIRED {
        return Ok(None);
    }
    for first in waiting {
        for second in waiting.iter().filter(|second| *second != first) {
            let units = [&courses[*first].unit, &courses[*second].unit];
            let Some(placed) = bench.placed(&units, current)? else { continue };
            let pass = [first, second].into_iter().all(|number| courses[*number].would_pass(bench, &placed));
            best = better(best, pass.then(|| (vec![*first, *second], placed)));
        }
    }
    let Some((numbers, placed)) = best else { return Ok(None) };
    for number in &numbers {
        let without = together(&[&courses[*number].unit], current, placed.place);
        if !is_more(&bench.difference(&placed.with, &without)?.0) {
            return Ok(None);
        }
    }
    Ok(Some((numbers, placed)))
}

/// The better of what was found and of what surely earns more: the one that earns most.
fn better(best: Option<(Vec<usize>, Placed)>, other: Option<(Vec<usize>, Placed)>) -> Option<(Vec<usize>, Placed)> {
    let gain = |found: &(Vec<usize>, Placed)| found.1.gain.interval().map_or(0.0, |gain| gain.estimate);
    match (best, other.filter(|(_, placed)| is_more(&placed.synergy_roi))) {
        (Some(best), Some(other)) => Some(if gain(&other) > gain(&best) { other } else { best }),
        (best, other) => best.or(other),
    }
}

/// Whether profit surely rises: `synergy_roi` has its sign, and as a ratio of sums it is steadier than the mean gain,
/// which a single large input may blur.
fn is_more(synergy_roi: &Estimate) -> bool {
    synergy_roi.interval().is_some_and(|interval| interval.low > 0.0)
}

/// Measures the changed workflow as a whole, and says what became of it.
fn settle(
    bench: &Bench<'_>,
    courses: &mut [Course],
    joined: &[usize],
    changed: Workflow,
    file: &str,
) -> Result<Joined, EvaluateError> {
    let report = |before, after, gain, kept, reason: &str, inserted| WorkflowReport {
        workflow: bench.workflow.name.clone(),
        file: file.to_owned(),
        inserted,
        before: Some(before),
        after: Some(after),
        gain,
        kept,
        reason: reason.to_owned(),
    };
    if joined.is_empty() {
        let profit = bench.profit()?;
        let reason = match courses.is_empty() {
            true => "there was no candidate to try in it",
            false => "with none of the candidates does it surely earn more",
        };
        let report = report(profit, profit, None, false, reason, Vec::new());
        return Ok(Joined { workflow: Some(bench.workflow.clone()), report });
    }
    let Again { before, after, synergy_roi, gain } = bench.again(&changed)?;
    let is_better = is_more(&synergy_roi);
    let new: Vec<&ModuleId> = joined.iter().map(|number| &courses[*number].unit.module).collect();
    let steps = changed.steps.iter().enumerate().filter(|(_, step)| new.contains(&&step.module));
    let inserted = steps.map(|(place, step)| Inserted { module: step.module.clone(), step: place + 1 }).collect();
    let reason = if is_better {
        "measured again on all inputs, it surely earns more"
    } else {
        "measured again on all inputs, it does not surely earn more: rolled back"
    };
    let report = report(before, after, Some(gain), is_better, reason, inserted);
    if is_better {
        return Ok(Joined { workflow: Some(changed), report });
    }
    // Who passed in the company of others has no such company.
    for number in joined {
        let measures = &mut courses[*number].measures;
        measures.passed &= measures.company.is_empty();
    }
    Ok(Joined { workflow: Some(bench.workflow.clone()), report })
}
