//! `holobiont synergy`: is the group worth more than its parts?

use std::collections::BTreeMap;

use holobiont::{ArmReport, Comparison, Evaluator, SqliteStore};
use holobiont_core::{Arm, Direction, METRICS, MetricSet, ModuleId, Unit, bytes_text, printable};
use serde::Serialize;

use crate::args::{Args, SynergyArgs};
use crate::context::{project, sandbox};
use crate::terminal::{print, print_json, progress, say, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    group: &'a [ModuleId],
    inputs: &'a [String],
    arms: Vec<ArmDocument<'a>>,
    synergy: BTreeMap<String, SynergyValue>,
    interaction: &'a MetricSet,
    revenue_by_input: BTreeMap<&'a str, f64>,
    runs_made: u64,
    runs_reused: u64,
}

#[derive(Serialize)]
struct ArmDocument<'a> {
    arm: &'static str,
    modules: &'a [ModuleId],
    metrics: &'a MetricSet,
}

#[derive(Serialize)]
struct SynergyValue {
    value: f64,
    direction: Direction,
}

pub(crate) fn synergy(args: &Args, synergy: &SynergyArgs) -> Done {
    let mut project = project(args)?;
    if let Some(preset) = &synergy.preset {
        project.settings.choose_preset(preset, "--preset")?;
    }
    if let Some(seed) = synergy.seed {
        project.settings.choose_seed(seed, "--seed");
    }
    let workflow = project.workflow(&synergy.workflow)?;
    let group = workflow.group(&synergy.modules).map_err(crate::fault::Fault::usage)?;
    // What is missing is told before anything is made.
    project.inputs(&workflow)?;
    for module in group.iter().chain([&workflow.objective.scorer]) {
        project.module_bytes(module)?;
    }
    let sandbox = sandbox(&project)?;
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let bar = progress(0, "trials");
    let answer = evaluator.synergy(&workflow, &group, &|state| {
        bar.set_length(state.total);
        bar.set_position(state.done);
    });
    bar.finish_and_clear();
    let comparison = answer?;
    if args.json {
        print_json(&document(&comparison))?;
    } else {
        print(&text(&comparison))?;
    }
    for report in &comparison.arms {
        for (input, trouble) in &report.troubles {
            say(&format!("note: {} on {}: {trouble}", label(report), printable(input)));
        }
    }
    Ok(Verdict::Passed)
}

fn document(comparison: &Comparison) -> Document<'_> {
    let direction = |name: &str| METRICS.iter().find(|metric| metric.name == name).map(|metric| metric.direction);
    let value = |(name, value): (&str, f64)| {
        let direction = direction(name).unwrap_or(Direction::Neutral);
        (format!("synergy_{name}"), SynergyValue { value, direction })
    };
    Document {
        schema: "holobiont.synergy/1",
        workflow: &comparison.workflow,
        group: &comparison.group,
        inputs: &comparison.inputs,
        arms: comparison.arms.iter().map(arm_document).collect(),
        synergy: comparison.synergy.iter().map(value).collect(),
        interaction: &comparison.interaction,
        revenue_by_input: comparison
            .inputs
            .iter()
            .map(String::as_str)
            .zip(comparison.revenue_by_input.clone())
            .collect(),
        runs_made: comparison.runs_made,
        runs_reused: comparison.runs_reused,
    }
}

fn arm_document(report: &ArmReport) -> ArmDocument<'_> {
    let arm = match &report.arm {
        Arm::Empty => "empty",
        Arm::Solo(_) => "solo",
        Arm::Combined => "combined",
    };
    ArmDocument { arm, modules: &report.modules, metrics: &report.metrics }
}

/// What an arm is called in a table.
fn label(report: &ArmReport) -> String {
    match &report.arm {
        Arm::Empty => "(nothing)".to_owned(),
        Arm::Solo(module) => tail(module),
        Arm::Combined => report.modules.iter().map(tail).collect::<Vec<_>>().join(" + "),
    }
}

/// The last word of a module's file name: `squeeze_bwt.wasm` is `bwt` among its like.
fn tail(module: &ModuleId) -> String {
    let short = module.short();
    printable(short.rsplit(['_', '-']).next().unwrap_or(short))
}

fn text(comparison: &Comparison) -> String {
    let unit = printable(&comparison.unit);
    let mut shown = table(&["module or group", &unit, "credits", "fuel", "peak memory", "ROI", "synergy"], 1..7);
    let synergy = |name: &str| comparison.synergy.get(name).unwrap_or(0.0);
    for report in &comparison.arms {
        let fuel: u64 = report.samples.iter().map(|sample| sample.usage.fuel).sum();
        let peak = report.samples.iter().map(|sample| sample.usage.peak_memory_bytes).max().unwrap_or(0);
        let value: f64 = report.samples.iter().map(|sample| sample.value).sum();
        let combined = report.arm == Arm::Combined;
        shown.add_row([
            label(report),
            Unit::Count.text(report.units.iter().sum::<f64>().max(0.0).round() as u64),
            format!("{value:.3}"),
            Unit::Count.text(fuel),
            bytes_text(peak),
            format!("{:.2}", report.metrics.get("roi").unwrap_or(0.0)),
            if combined { format!("{:+.3}", synergy("revenue")) } else { String::new() },
        ]);
    }
    let better = comparison.revenue_by_input.iter().filter(|value| **value > 0.0).count();
    let mut lines = vec![
        headline(comparison),
        String::new(),
        shown.to_string(),
        String::new(),
        "Synergy is the group less the mean of its members, in credits per input; in the other metrics:".to_owned(),
    ];
    for metric in METRICS {
        lines.push(format!("  {:+9.4}  {} ({})", synergy(metric.name), metric.name, metric.unit));
    }
    lines.push(format!("It is positive on {better} of {} inputs:", comparison.inputs.len()));
    for (input, value) in comparison.inputs.iter().zip(&comparison.revenue_by_input) {
        let file = input.rsplit('/').next().unwrap_or(input);
        lines.push(format!("  {value:+9.4}  {}", printable(file)));
    }
    lines.push(format!("{} runs made, {} remembered.", comparison.runs_made, comparison.runs_reused));
    lines.join("\n")
}

/// The answer in a sentence.
fn headline(comparison: &Comparison) -> String {
    let group = comparison.group.iter().map(tail).collect::<Vec<_>>().join(" + ");
    let revenue = comparison.synergy.get("revenue").unwrap_or(0.0);
    let combined = comparison.arms.iter().find(|report| report.arm == Arm::Combined);
    let best = comparison
        .arms
        .iter()
        .filter(|report| matches!(report.arm, Arm::Solo(_)))
        .max_by(|a, b| a.metrics.get("revenue").unwrap_or(0.0).total_cmp(&b.metrics.get("revenue").unwrap_or(0.0)));
    let (Some(combined), Some(best)) = (combined, best) else { return group };
    let value = |report: &ArmReport| report.metrics.get("revenue").unwrap_or(0.0);
    // Synergy is against the mean of the members; a group can beat that and still be beaten by its best.
    let verb = match (revenue > 0.0, value(combined) > value(best)) {
        (_, true) => "is worth more than any of its parts",
        (true, false) => "is worth more than the mean of its parts, but no more than the best of them",
        (false, false) => "is worth no more than the mean of its parts",
    };
    format!(
        "{group} {verb}: {:.3} credits per input together, {:.3} the best alone ({}), synergy {revenue:+.3}.",
        value(combined),
        value(best),
        label(best)
    )
}
