//! What rounds came to, engine by engine.

use holobiont::{CycleRecord, CycleResult, Engine, Registry};
use holobiont_core::printable;

use crate::synergy::{number, signed};
use crate::terminal::{named, wrap};

/// The account of some rounds: what each engine did in them, and where it stands beside where it began.
pub(crate) fn account(rounds: &[Vec<CycleResult>], registry: &Registry) -> String {
    let count = rounds.len();
    let mut lines = vec![format!("In {count} {}", if count == 1 { "round" } else { "rounds" })];
    registry.each(|engine| {
        let of_engine = |result: &&CycleResult| result.engine == engine.name();
        let results: Vec<&CycleResult> = rounds.iter().flatten().filter(of_engine).collect();
        if !results.is_empty() {
            of(&mut lines, engine, &results);
        }
    });
    lines.join("\n")
}

fn of(lines: &mut Vec<String>, engine: &Engine, results: &[&CycleResult]) {
    let records: Vec<&CycleRecord> = results.iter().filter_map(|result| result.result.as_ref().ok()).collect();
    let count = |is: &dyn Fn(&CycleRecord) -> bool| records.iter().filter(|record| is(record)).count();
    let plural = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let ways = [
        (count(&|record| record.due && !record.ran), "skipped by its policy"),
        (count(&|record| !record.due), "not due"),
        (results.len() - records.len(), "failed"),
    ];
    let others = ways.iter().filter(|way| way.0 > 0).map(|way| format!(", {} {}", way.0, way.1));
    let (turns, cycles) = (plural(results.len(), "turn"), plural(count(&|record| record.ran), "cycle"));
    wrap(lines, "  ", &format!("{}: {turns}: {cycles}{}", engine.name(), others.collect::<String>()));
    if let Some(taken) = named(records.iter().flat_map(|record| &record.integrated).map(ToString::to_string)) {
        wrap(lines, "    ", &format!("took in {taken}"));
    }
    if let Some(kept) = named(records.iter().flat_map(|record| &record.changes).map(|change| printable(change))) {
        wrap(lines, "    ", &format!("kept of what its patcher proposed {kept}"));
    }
    if let Some(trouble) = records.iter().rev().find_map(|record| record.trouble.as_ref()) {
        wrap(lines, "    ", &format!("last trouble: {}", printable(trouble)));
    }
    if let Some(worth) = engine.last().and_then(|last| worth(engine, last)) {
        wrap(lines, "    ", &worth);
    }
    if let Some(rest) = records.last().and_then(|record| record.rest.as_ref()) {
        wrap(lines, "    ", &format!("at rest: {}", printable(rest)));
    }
}

/// Where the workflow stands, beside where it stood before the engine's first cycle.
fn worth(engine: &Engine, last: &CycleRecord) -> Option<String> {
    let (begun, now) = (engine.begun()?, last.roi?);
    let roi = format!("ROI {} now, {} before its first cycle", number(now), number(begun));
    let (Some(units), Some(units_then)) = (last.units_per_credit(now), last.units_per_credit(begun)) else {
        return Some(roi);
    };
    let share =
        if units_then > 0.0 { format!(" ({} %)", signed(100.0 * (units / units_then - 1.0))) } else { String::new() };
    let unit = printable(&last.unit);
    Some(format!(
        "{} {unit} for each credit now, {} before its first cycle{share}; {roi}",
        number(units),
        number(units_then)
    ))
}
