//! `holobiont history`, and what it shares with `tracker`: the past that is asked for.

use holobiont::{Adapting, Cycle, History, Project, SqliteStore};
use holobiont_core::{ModuleId, nearest, printable};
use serde::Serialize;

use crate::args::{Args, HistoryArgs, PastArgs};
use crate::context::project;
use crate::fault::Fault;
use crate::synergy::{number, signed, tail};
use crate::terminal::{print, print_json, table};
use crate::{Done, Verdict};

/// The past of a group in a workflow.
pub(crate) struct Past {
    pub(crate) project: Project,
    pub(crate) workflow: String,
    pub(crate) group: Vec<ModuleId>,
    /// The comparisons of that group.
    pub(crate) history: History,
    /// Those of all groups of the workflow.
    pub(crate) all: History,
    /// The presets that were adapted to them.
    pub(crate) adapted: Vec<Adapting>,
}

impl Past {
    /// The past that is asked for. There is none where nothing was compared yet, which is told with what to do.
    pub(crate) fn of(args: &Args, asked: &PastArgs) -> Result<Self, Fault> {
        let project = project(args)?;
        if !project.database().exists() {
            return Err(nothing_yet());
        }
        let store = SqliteStore::open(&project.database())?;
        let known = History::workflows(&store)?;
        let workflow = match &asked.workflow {
            Some(name) => project.workflow(name)?.name,
            None => only(&known)?,
        };
        let all = History::of(&store, &workflow)?;
        let group = group(&all, &workflow, &asked.group)?;
        let adapted = History::adapted(&store, &workflow)?;
        Ok(Self { history: all.of_group(&group), project, workflow, group, all, adapted })
    }

    /// The group, for a heading.
    pub(crate) fn title(&self) -> String {
        let group: Vec<String> = self.group.iter().map(tail).collect();
        format!("{}, {}", printable(&self.workflow), group.join(" + "))
    }
}

fn nothing_yet() -> Fault {
    Fault::usage("nothing was compared yet: `holobiont synergy` begins a history")
}

/// The only workflow with a history.
fn only(known: &[String]) -> Result<String, Fault> {
    match known {
        [] => Err(nothing_yet()),
        [one] => Ok(one.clone()),
        several => {
            let names: Vec<String> = several.iter().map(|name| printable(name)).collect();
            Err(Fault::usage(format!("which workflow? give --workflow, one of {}", names.join(", "))))
        }
    }
}

/// The group that is asked for, or the one that was compared last.
fn group(all: &History, workflow: &str, asked: &[String]) -> Result<Vec<ModuleId>, Fault> {
    let Some(last) = all.last_group() else {
        let name = printable(workflow);
        return Err(Fault::usage(format!(
            "no group of {name} was compared yet: `holobiont synergy -w {name} MODULE...`"
        )));
    };
    if asked.is_empty() {
        return Ok(last.to_vec());
    }
    let mut groups: Vec<&[ModuleId]> = all.cycles.iter().map(|cycle| cycle.measured.group.as_slice()).collect();
    groups.sort_unstable();
    groups.dedup();
    let is = |id: &ModuleId, name: &String| id.as_str() == name || id.short() == name || tail(id) == *name;
    let meant = |group: &&[ModuleId]| {
        group.len() == asked.len() && asked.iter().all(|name| group.iter().any(|id| is(id, name)))
    };
    match groups.iter().copied().find(meant) {
        Some(group) => Ok(group.to_vec()),
        None => {
            let names: Vec<String> =
                groups.iter().map(|group| group.iter().map(tail).collect::<Vec<_>>().join(" ")).collect();
            let asked = printable(&asked.join(" "));
            let remedy = match nearest(&asked, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names.join("; ")),
            };
            Err(Fault::usage(format!("the group `{asked}` was never compared: {remedy}")))
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    cycles: Vec<Row<'a>>,
    presets_adapted: Vec<&'a serde_json::Value>,
}

#[derive(Serialize)]
struct Row<'a> {
    number: u64,
    at_ms: u64,
    preset: &'a str,
    group: &'a [ModuleId],
    roi_before: f64,
    roi: f64,
    metrics: &'a std::collections::BTreeMap<String, f64>,
    peaks: &'a std::collections::BTreeMap<String, holobiont_core::Peaks>,
}

pub(crate) fn history(args: &Args, asked: &HistoryArgs) -> Done {
    let past = Past::of(args, &asked.past)?;
    // All groups, unless one is named.
    let shown = if asked.past.group.is_empty() { &past.all } else { &past.history };
    let skipped = shown.cycles.len().saturating_sub(asked.last);
    let cycles: Vec<&Cycle> = shown.cycles.iter().skip(skipped).collect();
    if args.json {
        let cycles = cycles.iter().map(|cycle| Row::of(cycle)).collect();
        let presets_adapted = past.adapted.iter().map(|adapting| &adapting.document).collect();
        let workflow = past.workflow.as_str();
        print_json(&Document { schema: "holobiont.history/1", workflow, cycles, presets_adapted })?;
        return Ok(Verdict::Passed);
    }
    let mut rows = table(&["cycle", "when", "group", "preset", "ROI", "change", "synergy of revenue"], 4..7);
    for cycle in &cycles {
        let measured = &cycle.measured;
        let update = &measured.update;
        rows.add_row([
            cycle.number.to_string(),
            when(cycle.at_ms),
            measured.group.iter().map(tail).collect::<Vec<_>>().join(" + "),
            printable(&measured.preset),
            number(update.after),
            signed(update.after - update.before),
            update.metrics.get("synergy_revenue").copied().map(signed).unwrap_or_default(),
        ]);
    }
    let more = if skipped == 0 { String::new() } else { format!("\n{skipped} older ones: see --last") };
    let mut text = format!("What was measured of {}:\n{rows}{more}", printable(&past.workflow));
    let first = cycles.first().map_or(0, |cycle| cycle.number);
    let adapted: Vec<String> =
        past.adapted.iter().filter(|adapting| adapting.number > first).map(adapting_text).collect();
    if !adapted.is_empty() {
        text += &format!("\n\nPresets that were adapted to it:\n{}", adapted.join("\n"));
    }
    print(&text)?;
    Ok(Verdict::Passed)
}

/// What adapting a preset came to, in a line; why is for --json.
fn adapting_text(adapting: &Adapting) -> String {
    let Adapting { number, at_ms, document, .. } = adapting;
    format!("  {number:<6} {}  {}", when(*at_ms), moves_text(document))
}

/// What became of a preset, by the document of its adapting.
pub(crate) fn moves_text(document: &serde_json::Value) -> String {
    let moves = document["moves"].as_array().map(Vec::as_slice).unwrap_or_default();
    let word = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), printable);
    let value = |step: &serde_json::Value, end: &str| step[end].as_f64().unwrap_or(0.0);
    let moves: Vec<String> = moves
        .iter()
        .map(|step| format!("{} {} to {}", word(&step["key"]), value(step, "from"), value(step, "to")))
        .collect();
    format!("{}: {}", word(&document["preset"]), moves.join(", "))
}

impl<'a> Row<'a> {
    fn of(cycle: &'a Cycle) -> Self {
        let measured = &cycle.measured;
        Self {
            number: cycle.number,
            at_ms: cycle.at_ms,
            preset: &measured.preset,
            group: &measured.group,
            roi_before: measured.update.before,
            roi: measured.update.after,
            metrics: &measured.update.metrics,
            peaks: &measured.update.peaks,
        }
    }
}

/// A time of the host's clock as UTC: `2026-01-31 08:05:09`. Days are counted in the civil calendar from 1970 by eras
/// of 400 years, which have 146,097 days each.
pub(crate) fn when(at_ms: u64) -> String {
    let seconds = at_ms / 1000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // From 0000-03-01, so that a leap day is the last of its year.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + later;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::when;

    #[test]
    fn times_are_told_in_the_civil_calendar() {
        for (at_ms, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400_000, "2000-02-29 00:00:00"),
            (1_767_225_599_000, "2025-12-31 23:59:59"),
            (4_107_542_400_500, "2100-03-01 00:00:00"),
        ] {
            assert_eq!(when(at_ms), text);
        }
    }
}
