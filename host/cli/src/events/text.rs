//! An event in a line.

use holobiont::{CandidateReport, CycleRecord, Measured, PatchTried, PresetAdapted, Scaled, StoredEvent};
use holobiont_core::cycle::Scaling;
use holobiont_core::{Digest, one_line};
use serde_json::Value;

use crate::history::{moves_text, when};
use crate::synergy::{number as figure, signed, tail};

/// Its number, when it was, its kind, what it happened to, and what it says.
pub(super) fn line(number: u64, event: &StoredEvent) -> String {
    let kind = one_line(&event.kind);
    let said = one_line(&sentence(&event.document));
    format!("{number:>6}  {}  {kind:<14}  {}: {said}", when(event.at_ms), one_line(&event.subject))
}

/// What a document says, by its schema; not yet made safe to print. Of one that is not known here, that.
fn sentence(document: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(document) else { return "its document does not read".to_owned() };
    let schema = value["schema"].as_str().unwrap_or("a document without a schema");
    let known = match schema {
        Measured::SCHEMA => serde_json::from_str(document).ok().map(|measured| of_measured(&measured)),
        CandidateReport::SCHEMA => serde_json::from_str(document).ok().map(|report| of_candidate(&report)),
        CycleRecord::SCHEMA => serde_json::from_str(document).ok().map(|record| of_cycle(&record)),
        PatchTried::SCHEMA => serde_json::from_str(document).ok().map(|tried| of_patch(&tried)),
        PresetAdapted::SCHEMA => Some(moves_text(&value)),
        "holobiont.integrated/1" => {
            Some(format!("passed its test and is integrated{}", bytes_and_places(&value, "in")))
        }
        Scaled::SCHEMA => serde_json::from_str(document).ok().map(|scaled| of_scaled(&scaled)),
        "holobiont.engine-restarted/1" => Some("begins anew".to_owned()),
        "holobiont.patch-round/1" => {
            Some(format!("a round with {} proposals", value["tried"].as_array().map_or(0, Vec::len)))
        }
        "holobiont.engine-beginning/1" => {
            Some(format!("begins a cycle where the ROI is {}", value["roi"].as_f64().map(figure).unwrap_or_default()))
        }
        "holobiont.pinned/1" => Some(format!("integrated by hand{}", bytes_and_places(&value, "in"))),
        "holobiont.removed/1" => Some(format!("removed by hand{}", bytes_and_places(&value, "from"))),
        _ => None,
    };
    known.unwrap_or_else(|| schema.to_owned())
}

fn of_measured(measured: &Measured) -> String {
    let group: Vec<String> = measured.group.iter().map(tail).collect();
    let (after, change) = (measured.update.after, measured.update.after - measured.update.before);
    format!("{} under {}: ROI {} ({})", group.join(" + "), measured.preset, figure(after), signed(change))
}

fn of_candidate(report: &CandidateReport) -> String {
    let why = report.reasons.first().map_or_else(String::new, |reason| format!(": {reason}"));
    match (report.passed, report.redundant, report.enough_data) {
        (true, ..) => format!("passed{why}"),
        (false, true, _) => format!("redundant{why}"),
        (false, false, true) => format!("did not pass ({}){why}", report.stage.name()),
        (false, false, false) => format!("not enough data{why}"),
    }
}

fn of_cycle(record: &CycleRecord) -> String {
    if !record.ran {
        return "its policy skipped a cycle".to_owned();
    }
    let roi = record.roi.map_or_else(String::new, |roi| format!(", ROI {} ({})", figure(roi), signed(record.delta)));
    let taken = match record.integrated.len() {
        0 => String::new(),
        number => format!(", took in {number} modules"),
    };
    format!("cycle {} with energy {}{taken}{roi}", record.number, record.energy)
}

fn of_scaled(scaled: &Scaled) -> String {
    let approved = if scaled.approved { "" } else { " (not approved)" };
    match &scaled.scaling {
        Scaling::Add { name, because, .. } => format!("one more, {name}{approved}: {because}"),
        Scaling::Remove { name, because } => format!("one less, {name}{approved}: {because}"),
        Scaling::Stay { because } => format!("as many as there are: {because}"),
    }
}

fn of_patch(tried: &PatchTried) -> String {
    let values: Vec<String> = tried.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let what = if values.is_empty() { "other bytes".to_owned() } else { values.join(", ") };
    let kept = if tried.kept { "kept" } else { "not kept" };
    format!("{} with {what}: {kept}: {}", tried.module, tried.reason)
}

/// With which bytes, and of which workflows, where a document says so.
fn bytes_and_places(document: &Value, word: &str) -> String {
    let digest = document["digest"].as_str().and_then(|digest| digest.parse::<Digest>().ok());
    let workflows = document["workflows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let workflows: Vec<&str> = workflows.iter().filter_map(Value::as_str).collect();
    let mut said = digest.map_or_else(String::new, |digest| format!(", {}", digest.short()));
    if !workflows.is_empty() {
        said += &format!(", {word} {}", workflows.join(", "));
    }
    said
}

#[cfg(test)]
mod tests;
