//! A self-test in words.

use holobiont::{CandidateReport, Measures, SelfTestReport, WorkflowReport};
use holobiont_core::printable;
use holobiont_core::stats::Estimate;

use crate::synergy::signed;

/// Of those left out, so many are named.
const MOST_NAMED: usize = 20;

pub(crate) fn text(report: &SelfTestReport) -> String {
    let mut lines = vec![headline(report)];
    for candidate in &report.candidates {
        lines.push(String::new());
        lines.extend(of_candidate(candidate));
    }
    if !report.left_out.is_empty() {
        lines.push("\nLeft out:".to_owned());
        for out in report.left_out.iter().take(MOST_NAMED) {
            lines.push(format!("  {}: {}", out.module, printable(&out.reason)));
        }
        if let Some(more) = report.left_out.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            lines.push(format!("  {more} more: see --json"));
        }
    }
    if !report.workflows.is_empty() {
        lines.push("\nWorkflows:".to_owned());
        lines.extend(report.workflows.iter().map(of_workflow));
    }
    lines.push(format!("\n{}", of_false_rejections(report)));
    lines.push(format!("{} runs made, {} trials and runs remembered.", report.runs_made, report.reused));
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

fn of_candidate(candidate: &CandidateReport) -> Vec<String> {
    let verdict = match (candidate.passed, candidate.redundant, candidate.enough_data) {
        (true, ..) => "passed".to_owned(),
        (false, true, _) => "redundant".to_owned(),
        (false, false, true) => format!("did not pass ({})", candidate.stage.name()),
        (false, false, false) => "not enough data".to_owned(),
    };
    let mut lines = vec![format!("{}: {verdict}", candidate.module)];
    if !candidate.imports.is_empty() {
        let imports: Vec<&str> = candidate.imports.iter().map(|id| id.as_str()).collect();
        lines.push(format!("  with {}", imports.join(", ")));
    }
    lines.extend(candidate.workflows.iter().filter_map(of_measures));
    lines.extend(candidate.reasons.iter().map(|reason| format!("  {}", printable(reason))));
    lines
}

/// Both measures, whatever came of them.
fn of_measures(measures: &Measures) -> Option<String> {
    let roi = measures.roi?;
    let mut words = vec![format!("ROI {}", estimate(&roi))];
    if let Some(synergy_roi) = &measures.synergy_roi {
        words.push(format!("synergy_roi {}", estimate(synergy_roi)));
    }
    if let Some(gain) = &measures.gain {
        words.push(format!("gain {} credits per input", estimate(gain)));
    }
    if let Some(step) = measures.step {
        words.push(format!("best as step {step}"));
    }
    if let Some(early) = measures.early {
        let lot = if measures.audited { "; drawn to go on all the same" } else { "" };
        words.push(format!("turned away at {}{lot}", early.name()));
    }
    Some(format!("  in {}: {}", printable(&measures.workflow), words.join(", ")))
}

fn estimate(estimate: &Estimate) -> String {
    match estimate {
        Estimate::Known(interval) => {
            let (low, high) = (signed(interval.low), signed(interval.high));
            format!("{} ({low} to {high})", signed(interval.estimate))
        }
        Estimate::NotEnoughData { inputs, needed } => format!("unknown ({inputs} inputs, it takes {needed})"),
        Estimate::Undefined => "undefined".to_owned(),
    }
}

fn of_workflow(workflow: &WorkflowReport) -> String {
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
        (true, _) => format!("takes in {}", steps.join(", ")),
        (false, true) => "stays as it is".to_owned(),
        (false, false) => format!("stays as it is, without {}", steps.join(", ")),
    };
    format!("  {name} {what}{profit}: {}", printable(&workflow.reason))
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
