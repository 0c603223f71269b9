//! `holobiont synergy calibrate`: how often does the gate pass what it should not?

use holobiont::{CalibrationReport, Evaluator, SqliteStore, Tally};
use serde::Serialize;

use crate::args::{Args, CalibrateArgs};
use crate::context::sandbox;
use crate::terminal::{print, print_json, progress};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    #[serde(flatten)]
    report: &'a CalibrationReport,
    passed: bool,
}

pub(super) fn calibrate(args: &Args, calibrate: &CalibrateArgs) -> Done {
    let (project, workflow) = super::prepared(args, Some(&calibrate.workflow), &calibrate.under)?;
    super::look(&project, &workflow, &workflow.modules().into_iter().cloned().collect::<Vec<_>>())?;
    let sandbox = sandbox(&project)?;
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let bar = progress(0, "trials");
    let report = evaluator.calibrate(&workflow, &|state| {
        bar.set_length(state.total);
        bar.set_position(state.done);
    });
    bar.finish_and_clear();
    let report = report?;
    let passed = report.calibration.is_good();
    if args.json {
        let schema = "holobiont.calibration/1";
        print_json(&Document { schema, workflow: &workflow.name, report: &report, passed })?;
    } else {
        print(&text(&report))?;
    }
    Ok(match (report.enough_data, passed) {
        (false, _) => Verdict::NotEnoughData,
        (true, true) => Verdict::Passed,
        (true, false) => Verdict::NotPassed,
    })
}

fn text(report: &CalibrationReport) -> String {
    let calibration = &report.calibration;
    let share = calibration.false_positives;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let relied = if !report.enough_data {
        "It never passes anybody: there are too few inputs"
    } else if calibration.is_good() {
        "It can be relied on"
    } else {
        "It cannot be relied on, and passes nobody until it is mended: more inputs, or a higher level"
    };
    let line = |what: &str, tally: Tally| format!("  {:>5} of {:>6}  {what}", tally.alarms, tally.trials);
    [
        format!(
            "The gate passes {} of groups without effect ({} to {}), on {} inputs; at most {} are acceptable. {relied}.",
            percent(share.share),
            percent(share.low),
            percent(share.high),
            calibration.inputs,
            percent(calibration.target)
        ),
        String::new(),
        line("comparisons drawn from real differences, shifted to the threshold", report.simulated),
        line("modules against their own copies under other entropy", report.own_copies),
        line("groups of modules that hand through what they are given", report.no_effect),
        String::new(),
        "Kept for this gate, workflow, inputs and engine; comparisons are judged with it from now on.".to_owned(),
    ]
    .join("\n")
}
