//! Engines and their cycles in words.

mod account;
mod scaling;

use holobiont::{CycleRecord, CycleResult, Engine, Scaled};
use holobiont_core::printable;
use serde::Serialize;
use serde_json::Value;

pub(super) use self::account::account;
pub(super) use self::scaling::{decision, is_change, scaled};
use crate::synergy::{number, signed};
use crate::terminal::{named, table, wrap};

pub(super) fn round(number_of: u32, results: &[CycleResult]) -> String {
    let mut lines = vec![format!("Round {number_of}")];
    for CycleResult { engine, result, .. } in results {
        match result {
            Ok(record) => lines.extend(cycle(record, false).lines().map(|line| format!("  {line}"))),
            Err(error) => wrap(&mut lines, "  ", &format!("{engine}: no cycle: {}", printable(&error.to_string()))),
        }
    }
    lines.join("\n")
}

pub(super) fn cycle(record: &CycleRecord, explain: bool) -> String {
    let mut lines = Vec::new();
    let engine = &record.engine;
    if record.ran {
        let how = if record.explored { ", to find out" } else { "" };
        let head = format!("{engine}: cycle {} with energy {} ({}{how})", record.number, record.energy, record.action);
        let since = if record.because.is_empty() { String::new() } else { format!(": {}", printable(&record.because)) };
        wrap(&mut lines, "", &format!("{head}{since}"));
        if record.tested > 0 {
            let words = "what became of each is in `holobiont events --kind self-tested`";
            wrap(
                &mut lines,
                "  ",
                &format!("tested {}, of which {} passed; {words}", candidates(record.tested), record.passed),
            );
        }
        if let Some(taken) = named(record.integrated.iter().map(ToString::to_string)) {
            wrap(&mut lines, "  ", &format!("took in {taken}"));
        }
        if record.patched > 0 {
            let changes = if record.patched == 1 { "change" } else { "changes" };
            let named = named(record.changes.iter().map(|change| printable(change))).unwrap_or_default();
            wrap(&mut lines, "  ", &format!("kept {} {changes} that its patcher proposed: {named}", record.patched));
        }
        if record.moved > 0 {
            let limits = if record.moved == 1 { "limit" } else { "limits" };
            lines.push(format!("  moved {} {limits} of its preset to what was measured", record.moved));
        }
        let work = &record.work;
        wrap(
            &mut lines,
            "  ",
            &format!(
                "ran {} inputs, {} completed: worth {} credits for {}, {} of {} fuel",
                work.inputs,
                work.completed,
                number(work.value),
                number(work.cost),
                work.fuel,
                work.fuel_bought
            ),
        );
        if let Some(roi) = record.roi {
            let worth = match record.units_per_credit(roi) {
                Some(units) => format!(": {} {} for each credit", number(units), printable(&record.unit)),
                None => String::new(),
            };
            lines.push(format!("  ROI {}, {} by this cycle{worth}", number(roi), signed(record.delta)));
        }
    } else {
        wrap(&mut lines, "", &format!("{engine}: no cycle, {}", why_not(record)));
    }
    record.notes.iter().for_each(|note| wrap(&mut lines, "  ", &printable(note)));
    if let Some(trouble) = &record.trouble {
        wrap(&mut lines, "  ", &printable(trouble));
    }
    if explain {
        lines.push("  what was considered".to_owned());
        record.reasons.iter().for_each(|reason| wrap(&mut lines, "    ", &printable(reason)));
        lines.push("  what the energy is made of".to_owned());
        record.energy_parts.iter().for_each(|part| wrap(&mut lines, "    ", &printable(part)));
        lines.push(format!("  the policy saw {}", record.state));
    }
    lines.join("\n")
}

fn candidates(count: u64) -> String {
    if count == 1 { "1 candidate".to_owned() } else { format!("{count} candidates") }
}

/// Why a cycle did not run, in short.
fn why_not(record: &CycleRecord) -> String {
    if record.due {
        return "its policy skips it: nothing is new".to_owned();
    }
    let forbidden = if record.because.is_empty() { "nothing asks for it" } else { &record.because };
    format!("{}; `engine cycle --explain` says what was considered", printable(forbidden))
}

pub(super) fn list(engines: &[Engine]) -> String {
    let mut rows = table(&["engine", "workflow", "cycles", "ROI", "moving average", "failures in a row"], 2..6);
    for engine in engines {
        let roi = engine.last().and_then(|last| last.roi);
        rows.add_row([
            engine.name().to_owned(),
            printable(&engine.config().workflow),
            engine.state().cycles().to_string(),
            roi.map(number).unwrap_or_default(),
            signed(engine.state().roi_delta_ema()),
            engine.state().failures_in_a_row().to_string(),
        ]);
    }
    rows.to_string()
}

pub(super) fn engine(engine: &Engine) -> String {
    let (config, state) = (engine.config(), engine.state());
    let mut lines = vec![format!("{}: workflow {}", engine.name(), printable(&config.workflow))];
    lines.push(format!("  cycles            {}, {} failures in a row", state.cycles(), state.failures_in_a_row()));
    lines.push(format!(
        "  ROI deltas        mean of the newest {}, moving average {}",
        signed(state.short_mean()),
        signed(state.roi_delta_ema())
    ));
    lines.push(format!("  energy            1 buys {} fuel", config.energy_fuel));
    lines.push(format!("  policy            {} decisions", engine.policy().decisions()));
    if let Some(last) = engine.last() {
        let mut known = table(&["action", "value", "tried"], 1..3);
        for what in engine.policy().known(&last.state) {
            known.add_row([what.action.to_string(), signed(what.value), what.tried.to_string()]);
        }
        lines.push(format!("  in the state      {}", last.state));
        lines.extend(known.lines().map(|line| format!("    {}", line.trim_end())));
        lines.push("  last".to_owned());
        lines.extend(cycle(last, true).lines().map(|line| format!("    {line}")));
    }
    let rankings = engine.log().rankings();
    if !rankings.is_empty() {
        lines.push("  what cycles brought, by module".to_owned());
        lines.extend(rankings.iter().map(|ranked| format!("    {} {}", signed(ranked.total), printable(&ranked.name))));
    }
    lines.join("\n")
}

#[derive(Serialize)]
pub(super) struct EngineDocument<'a> {
    schema: &'static str,
    engine: &'a str,
    workflow: &'a str,
    cycles: u64,
    failures_in_a_row: u32,
    roi_delta_ema: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct ListDocument<'a> {
    schema: &'static str,
    engines: Vec<EngineDocument<'a>>,
}

/// A cycle without what an engine goes on from, which is of use to engines alone.
pub(super) fn cycle_document(record: &CycleRecord) -> Value {
    without(record, &["engine_state", "policy"])
}

/// The same of a decision on the number of engines.
pub(super) fn scaled_document(scaled: &Scaled) -> Value {
    without(scaled, &["state"])
}

fn without(document: &impl Serialize, keys: &[&str]) -> Value {
    // It is plain data, and so always one.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        keys.iter().for_each(|key| drop(fields.remove(*key)));
    }
    document
}

pub(super) fn engine_document(engine: &Engine) -> EngineDocument<'_> {
    EngineDocument {
        schema: "holobiont.engine/1",
        engine: engine.name(),
        workflow: &engine.config().workflow,
        cycles: engine.state().cycles(),
        failures_in_a_row: engine.state().failures_in_a_row(),
        roi_delta_ema: engine.state().roi_delta_ema(),
        last: engine.last().map(cycle_document),
    }
}

pub(super) fn list_document(engines: &[Engine]) -> ListDocument<'_> {
    ListDocument { schema: "holobiont.engines/1", engines: engines.iter().map(engine_document).collect() }
}
