//! A self-test in words.

use std::collections::BTreeSet;

use holobiont::{CandidateReport, Measures, SelfTestReport, WorkflowReport};
use holobiont_core::printable;
use holobiont_core::stats::Estimate;

use crate::synergy::signed;
use crate::terminal::{more, named, section, table, wrap};

/// Of a list, so many are printed.
const MOST_LISTED: usize = 40;

/// Of those that were measured in a workflow, so many: the best.
const MOST_MEASURED: usize = 10;

pub(crate) fn text(report: &SelfTestReport) -> String {
    let mut lines = vec![headline(report)];
    let (passed, others): (Vec<_>, Vec<_>) = report.candidates.iter().partition(|candidate| candidate.passed);
    section(&mut lines, "Passed", MOST_LISTED, passed.into_iter().map(of_candidate));
    section(&mut lines, "Did not pass", MOST_LISTED, others.into_iter().map(of_candidate));
    for workflow in &report.workflows {
        measured(&mut lines, report, &workflow.workflow);
    }
    let left_out = report.left_out.iter().map(|out| format!("{}: {}", out.module, printable(&out.reason)));
    section(&mut lines, "Left out", MOST_LISTED, left_out);
    let workflows = report.workflows.iter().map(|workflow| of_workflow(workflow, report.dry_run));
    section(&mut lines, "Workflows", MOST_LISTED, workflows);
    lines.push(String::new());
    wrap(&mut lines, "", &of_false_rejections(report));
    let made = if report.runs_made == 1 { "1 run".to_owned() } else { format!("{} runs", report.runs_made) };
    lines.push(format!("{made} made, {} trials and runs remembered.", report.reused));
    lines.join("\n")
}

fn headline(report: &SelfTestReport) -> String {
    let count = |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let candidates = count(report.candidates.len(), "candidate", "candidates");
    if report.candidates.is_empty() {
        return "No candidates: nothing that nobody uses could be tried.".to_owned();
    }
    let passed = report.candidates.iter().filter(|candidate| candidate.passed).count();
    let done = match (report.dry_run, report.integrated.len()) {
        (true, _) => "a dry run, so no file was changed".to_owned(),
        (false, 0) => "nothing new is integrated".to_owned(),
        (false, number) => format!("{} integrated", count(number, "module is", "modules are")),
    };
    format!("{passed} of {candidates} passed; {done}.")
}

fn of_candidate(candidate: &CandidateReport) -> String {
    let mut words = candidate.module.to_string();
    if let Some(imports) = named(candidate.imports.iter().map(ToString::to_string)) {
        words += &format!(" with {imports}");
    }
    match (candidate.passed, candidate.redundant, candidate.enough_data) {
        (true, ..) => {}
        (false, true, _) => words += " (redundant)",
        (false, false, true) => words += &format!(" (at {})", candidate.stage.name()),
        (false, false, false) => words += " (not enough data)",
    }
    format!("{words}: {}", printable(&candidate.reasons.join("; ")))
}

/// Adds what candidates came to in a workflow, the best first; nothing where none was measured in it.
fn measured(lines: &mut Vec<String>, report: &SelfTestReport, workflow: &str) {
    let of = |candidate| in_workflow(candidate, workflow).map(|measures| (candidate, measures));
    let mut found: Vec<(&CandidateReport, &Measures)> = report.candidates.iter().filter_map(of).collect();
    if found.is_empty() {
        return;
    }
    let gain = |measures: &Measures| known(measures.gain).unwrap_or(f64::NEG_INFINITY);
    found.sort_by(|(_, a), (_, b)| b.passed.cmp(&a.passed).then_with(|| gain(b).total_cmp(&gain(a))));
    let is_unique = names_apart(report);
    lines.push(format!("\nWhat they come to in {}, with intervals", printable(workflow)));
    let mut rows = table(&["", "ROI", "synergy_roi", "gain per input", "step", ""], 1..5);
    for (candidate, measures) in found.iter().take(MOST_MEASURED) {
        rows.add_row([
            if is_unique { candidate.module.short().to_owned() } else { candidate.module.to_string() },
            interval(measures.roi),
            interval(measures.synergy_roi),
            interval(measures.gain),
            measures.step.map(|step| step.to_string()).unwrap_or_default(),
            remark(measures),
        ]);
    }
    lines.extend(rows.lines().map(|line| format!(" {}", line.trim_end())));
    lines.extend(more(found.len().saturating_sub(MOST_MEASURED)));
}

/// What it came to there, if anything was measured of it.
fn in_workflow<'a>(candidate: &'a CandidateReport, workflow: &str) -> Option<&'a Measures> {
    candidate.workflows.iter().find(|measures| measures.workflow == workflow && measures.roi.is_some())
}

/// Whether the last parts of the candidates' names tell them apart.
fn names_apart(report: &SelfTestReport) -> bool {
    let shorts: BTreeSet<&str> = report.candidates.iter().map(|candidate| candidate.module.short()).collect();
    shorts.len() == report.candidates.len()
}

fn remark(measures: &Measures) -> String {
    match (measures.early, measures.passed) {
        (_, true) => "passed".to_owned(),
        (Some(early), false) if measures.audited => format!("out at {}, drawn", early.name()),
        (Some(early), false) => format!("out at {}", early.name()),
        (None, false) => String::new(),
    }
}

fn known(estimate: Option<Estimate>) -> Option<f64> {
    estimate.and_then(|estimate| estimate.interval().map(|interval| interval.estimate))
}

fn interval(estimate: Option<Estimate>) -> String {
    match estimate {
        None => String::new(),
        Some(Estimate::Known(interval)) => format!("{} to {}", signed(interval.low), signed(interval.high)),
        Some(Estimate::NotEnoughData { inputs, needed }) => format!("{inputs} of {needed} inputs"),
        Some(Estimate::Undefined) => "undefined".to_owned(),
    }
}

fn of_workflow(workflow: &WorkflowReport, dry_run: bool) -> String {
    let name = printable(&workflow.workflow);
    let profit = match (workflow.before, workflow.after) {
        (Some(before), Some(after)) if workflow.gain.is_some() => {
            format!(", {} to {} credits per input", signed(before), signed(after))
        }
        (Some(before), _) => format!(", {} credits per input", signed(before)),
        _ => String::new(),
    };
    let steps: Vec<String> =
        workflow.inserted.iter().map(|inserted| format!("{} as step {}", inserted.module, inserted.step)).collect();
    let what = match (workflow.kept, steps.is_empty()) {
        (true, _) if dry_run => format!("would take in {}", steps.join(", ")),
        (true, _) => format!("takes in {}", steps.join(", ")),
        (false, true) => "stays as it is".to_owned(),
        (false, false) => format!("stays as it is, without {}", steps.join(", ")),
    };
    format!("{name} {what}{profit}: {}", printable(&workflow.reason))
}

fn of_false_rejections(report: &SelfTestReport) -> String {
    let counted = &report.false_rejections;
    match counted.rate() {
        None if counted.rejected == 0 => "Nobody was turned away early.".to_owned(),
        None => format!(
            "{} turned away early; none of them was drawn to go on, so how often that is wrong is not known yet.",
            counted.rejected
        ),
        Some(rate) => format!(
            "{} turned away early; of {} that were drawn to go on all the same, {} passed: {:.0} % ({:.0} to {:.0} %).",
            counted.rejected,
            counted.audited,
            counted.passed,
            rate.share * 100.0,
            rate.low * 100.0,
            rate.high * 100.0
        ),
    }
}

#[cfg(test)]
mod tests;
