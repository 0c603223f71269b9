//! The answer for a terminal: first a sentence, then why, then the figures.

use holobiont::Answer;
use holobiont_core::{
    Arm, ArmReport, Assessment, Combination, Direction, METRICS, Metric, ModuleId, Unit, bytes_text, printable,
};

use crate::terminal::table;

/// How many inputs are listed one by one.
const INPUTS_LISTED: usize = 20;

pub(super) fn text(answer: &Answer) -> String {
    let assessment = &answer.assessment;
    let mut parts = vec![headline(assessment), verdict(assessment), arms(assessment), metrics(assessment)];
    parts.extend(shapley(assessment));
    parts.extend(scenarios(assessment));
    parts.push(by_input(assessment));
    parts.push(format!("{} runs made, {} trials and runs remembered.", answer.runs_made, answer.reused));
    parts.join("\n\n")
}

/// What an arm is called in a table.
pub(super) fn label(report: &ArmReport) -> String {
    match &report.arm {
        Arm::Empty => "(nothing)".to_owned(),
        Arm::Solo(module) => tail(module),
        Arm::Combined => report.modules.iter().map(tail).collect::<Vec<_>>().join(" + "),
    }
}

/// The last word of a module's file name: `squeeze_bwt.wasm` is `bwt` among its like.
pub(crate) fn tail(module: &ModuleId) -> String {
    let short = module.short();
    printable(short.rsplit(['_', '-']).next().unwrap_or(short))
}

/// The answer in a sentence.
fn headline(assessment: &Assessment) -> String {
    let group = assessment.group.iter().map(tail).collect::<Vec<_>>().join(" + ");
    let value = |report: &ArmReport| report.metrics.get("revenue").unwrap_or(0.0);
    let combined = assessment.arms.iter().find(|report| report.arm == Arm::Combined);
    let best = assessment
        .arms
        .iter()
        .filter(|report| matches!(report.arm, Arm::Solo(_)))
        .max_by(|a, b| value(a).total_cmp(&value(b)));
    let (Some(combined), Some(best), Some(revenue)) = (combined, best, assessment.synergy.get("revenue")) else {
        return group;
    };
    // Synergy is against the mean of the members; a group can beat that and still be beaten by its best.
    let verb = match (revenue.value > 0.0, value(combined) > value(best)) {
        (_, true) => "is worth more than any of its parts",
        (true, false) => "is worth more than the mean of its parts, but no more than the best of them",
        (false, false) => "is worth no more than the mean of its parts",
    };
    let interval = ends(revenue.low, revenue.high).map(|ends| format!(" ({ends})")).unwrap_or_default();
    format!(
        "{group} {verb}: {:.3} credits per input together, {:.3} the best alone ({}), synergy {:+.3}{interval}.",
        value(combined),
        value(best),
        label(best),
        revenue.value,
    )
}

fn verdict(assessment: &Assessment) -> String {
    let verdict = &assessment.verdict;
    let word = match (verdict.passed, verdict.enough_data) {
        (true, _) => "Passed",
        (false, true) => "Not passed",
        (false, false) => "Not enough data to say",
    };
    let gate = match &assessment.calibration {
        None => "the gate is not calibrated here: see `holobiont synergy calibrate`".to_owned(),
        Some(known) => format!(
            "the gate passes {:.1} % of groups without effect ({:.1} to {:.1} %)",
            known.false_positives.share * 100.0,
            known.false_positives.low * 100.0,
            known.false_positives.high * 100.0
        ),
    };
    let reasons: Vec<&str> = verdict.reasons.iter().map(String::as_str).chain([gate.as_str()]).collect();
    format!("{word}: {}.", reasons.join("; "))
}

fn arms(assessment: &Assessment) -> String {
    let unit = printable(&assessment.unit);
    let header = ["module or group", &unit, "credits", "cost", "fuel", "peak memory", "ROI"];
    let mut shown = table(&header, 1..7);
    for report in &assessment.arms {
        let units = if report.units.fract() == 0.0 && report.units >= 0.0 && report.units < 1e15 {
            Unit::Count.text(report.units as u64)
        } else {
            number(report.units)
        };
        shown.add_row([
            label(report),
            units,
            format!("{:.3}", report.value),
            format!("{:.3}", report.cost),
            Unit::Count.text(report.fuel),
            bytes_text(report.peak_memory_bytes),
            format!("{:.2}", report.metrics.get("roi").unwrap_or(0.0)),
        ]);
    }
    let how = match assessment.combination {
        Combination::Chain => "step after step",
        Combination::Linked => "steps calling others, each in a sandbox of its own",
        Combination::Fused => "fused into one",
    };
    format!("Over {} inputs, undisturbed, {how}:\n{shown}", assessment.inputs.len())
}

fn metrics(assessment: &Assessment) -> String {
    let mut shown = table(&["metric", "unit", "mean alone", "together", "synergy", "interval", ""], 2..6);
    let solos: Vec<&ArmReport> = assessment.arms.iter().filter(|report| matches!(report.arm, Arm::Solo(_))).collect();
    let combined = assessment.arms.iter().find(|report| report.arm == Arm::Combined);
    for metric in METRICS {
        let Some(synergy) = assessment.synergy.get(metric.name) else { continue };
        let alone: f64 = solos.iter().filter_map(|solo| solo.metrics.get(metric.name)).sum();
        shown.add_row([
            metric.name.to_owned(),
            metric.unit.to_owned(),
            number(alone / solos.len().max(1) as f64),
            number(combined.and_then(|report| report.metrics.get(metric.name)).unwrap_or(0.0)),
            signed(synergy.value),
            ends(synergy.low, synergy.high).unwrap_or_default(),
            better(metric, synergy.value, synergy.low, synergy.high).to_owned(),
        ]);
    }
    format!("Synergy is the group less the mean of its members:\n{shown}")
}

/// Whether a synergy is surely for better or worse.
fn better(metric: &Metric, value: f64, low: Option<f64>, high: Option<f64>) -> &'static str {
    let sure = match (low, high) {
        (Some(low), Some(high)) => low > 0.0 || high < 0.0,
        _ => false,
    };
    match (metric.direction, sure && value != 0.0) {
        (Direction::Neutral, _) | (_, false) => "",
        (Direction::Higher, true) => {
            if value > 0.0 {
                "better"
            } else {
                "worse"
            }
        }
        (Direction::Lower, true) => {
            if value < 0.0 {
                "better"
            } else {
                "worse"
            }
        }
    }
}

fn shapley(assessment: &Assessment) -> Option<String> {
    if assessment.shapley.is_empty() {
        return None;
    }
    let mut shown = table(&["module", "revenue", "profitability", "roi"], 1..4);
    for module in &assessment.group {
        let Some(values) = assessment.shapley.get(module) else { continue };
        let value = |name: &str| values.get(name).map(signed).unwrap_or_default();
        shown.add_row([tail(module), value("revenue"), value("profitability"), value("roi")]);
    }
    let mut lines = vec![format!("Thanks to whom (Shapley values; they add up to together less nothing):\n{shown}")];
    let by = |pair: &&holobiont_core::PairInteraction| pair.metrics.get("revenue").unwrap_or(0.0);
    let strongest = assessment.pairs.iter().max_by(|a, b| by(a).abs().total_cmp(&by(b).abs()));
    if let Some(pair) = strongest.filter(|pair| by(pair) != 0.0) {
        let [a, b] = &pair.pair;
        let what = if by(&pair) > 0.0 { "help each other most" } else { "stand in each other's way most" };
        lines.push(format!("{} and {} {what}: {} credits per input.", tail(a), tail(b), signed(by(&pair))));
    }
    Some(lines.join("\n"))
}

fn scenarios(assessment: &Assessment) -> Option<String> {
    let arms: Vec<&ArmReport> = assessment.arms.iter().filter(|report| report.arm != Arm::Empty).collect();
    let first = arms.first().filter(|report| report.scenarios.len() > 1)?;
    let names = arms.iter().map(|report| label(report));
    let header: Vec<String> = ["scenario".to_owned(), "threat".to_owned()].into_iter().chain(names).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut shown = table(&header, 1..header.len());
    for (place, scenario) in first.scenarios.iter().enumerate() {
        let cell = |report: &&ArmReport| match report.scenarios.get(place) {
            None => String::new(),
            Some(result) => format!("{} ({:.0} %)", number(result.mean_value), result.completed * 100.0),
        };
        let row = [scenario.scenario.clone(), format!("{}", scenario.threat_intensity)];
        shown.add_row(row.into_iter().chain(arms.iter().map(cell)));
    }
    Some(format!("Credits per input (and trials completed) under each scenario:\n{shown}"))
}

fn by_input(assessment: &Assessment) -> String {
    let values = &assessment.revenue_by_input;
    let better = values.iter().filter(|value| **value > 0.0).count();
    let mut lines = vec![format!("The synergy of revenue is positive on {better} of {} inputs:", values.len())];
    for (input, value) in assessment.inputs.iter().zip(values).take(INPUTS_LISTED) {
        let file = input.rsplit('/').next().unwrap_or(input);
        lines.push(format!("  {value:+9.4}  {}", printable(file)));
    }
    if let Some(more) = values.len().checked_sub(INPUTS_LISTED).filter(|more| *more > 0) {
        lines.push(format!("  and {more} more: see --json"));
    }
    lines.join("\n")
}

/// The ends of an interval.
pub(super) fn ends(low: Option<f64>, high: Option<f64>) -> Option<String> {
    Some(format!("{} to {}", signed(low?), signed(high?)))
}

/// A number to four significant digits, without an exponent where it can be read without.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e9).contains(&size) {
        format!("{value:.3e}")
    } else {
        let whole = size.log10().floor() as i32;
        format!("{value:.*}", usize::try_from(3 - whole).unwrap_or(0))
    }
}

/// The same with its sign.
pub(crate) fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let all = [(0.0, "0"), (1.0, "1.000"), (-0.45678, "-0.4568"), (123_456.0, "123456"), (1e-7, "1.000e-7")];
        for (value, shown) in all {
            assert_eq!(number(value), shown);
        }
        assert_eq!((signed(2.5).as_str(), signed(-2.5).as_str(), signed(0.0).as_str()), ("+2.500", "-2.500", "0"));
    }
}
