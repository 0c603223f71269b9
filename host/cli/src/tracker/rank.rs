//! `tracker rank`.

use holobiont_core::{Diminishing, ModuleId, printable};
use serde::Serialize;

use crate::args::{Args, PastArgs};
use crate::history::Past;
use crate::synergy::{number, signed, tail};
use crate::terminal::{print, print_json, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    cycles: usize,
    ranking: Vec<Row>,
    returns: &'static str,
    /// What a recent cycle of the group that was compared last may bring at most on average; left out where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    upper: Option<f64>,
}

#[derive(Serialize)]
struct Row {
    module: String,
    total: f64,
    robust_total: f64,
    cycles: usize,
}

/// Modules are ranked over all groups of the workflow, unless one is named.
pub(super) fn rank(args: &Args, asked: &PastArgs) -> Done {
    let past = Past::of(args, asked)?;
    let history = if asked.group.is_empty() { &past.all } else { &past.history };
    let method = past.project.settings.forecast_method;
    let tracker = history.tracker(method);
    let deltas = tracker.module_deltas();
    let rows: Vec<Row> = tracker
        .rankings()
        .into_iter()
        .map(|ranked| Row {
            cycles: deltas.get(ranked.name.as_str()).map_or(0, Vec::len),
            module: ranked.name,
            total: ranked.total,
            robust_total: ranked.robust_total,
        })
        .collect();
    let (returns, upper, words) = told(past.history.tracker(method).diminishing());
    if args.json {
        let (workflow, cycles) = (past.workflow.as_str(), history.cycles.len());
        print_json(&Document { schema: "holobiont.ranking/1", workflow, cycles, ranking: rows, returns, upper })?;
        return Ok(Verdict::Passed);
    }
    let mut shown = table(&["module", "cycles", "ROI gained", "without outliers"], 1..4);
    for row in &rows {
        let name = ModuleId::new(&row.module).map_or_else(|_| printable(&row.module), |id| tail(&id));
        shown.add_row([name, row.cycles.to_string(), signed(row.total), signed(row.robust_total)]);
    }
    print(&format!(
        "Modules of {} by the ROI that cycles gained with them (each of a group has the whole of it):\n{shown}\n\nOf {}: {words}.",
        printable(&past.workflow),
        past.title(),
    ))?;
    Ok(Verdict::Passed)
}

/// Whether returns diminish, as a word, as a figure, and in words.
fn told(returns: Diminishing) -> (&'static str, Option<f64>, String) {
    match returns {
        Diminishing::NotEnoughData { have, need } => {
            ("not-enough-data", None, format!("{have} of {need} cycles that it takes to say whether returns diminish"))
        }
        Diminishing::Continuing { upper } => {
            let upper = Some(upper).filter(|upper| upper.is_finite());
            let most = upper.map_or_else(String::new, |upper| format!("; a cycle may bring up to {}", number(upper)));
            ("continuing", upper, format!("nothing shows that returns diminish{most}"))
        }
        Diminishing::Diminishing { upper } => {
            ("diminishing", Some(upper), format!("returns diminish: a cycle brings {} at most", number(upper)))
        }
    }
}
