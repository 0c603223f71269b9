//! `tracker forecast` and `tracker reliability`.

use std::collections::BTreeMap;

use holobiont_core::ModuleId;
use holobiont_core::forecast::{Method, Prediction};
use serde::Serialize;

use super::{Asked, unit};
use crate::args::{Args, ForecastArgs, SeriesArgs};
use crate::synergy::number;
use crate::terminal::{print, print_json, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    group: &'a [ModuleId],
    method: Method,
    cycles: usize,
    series: BTreeMap<&'a str, Row>,
}

#[derive(Serialize)]
struct Row {
    unit: &'static str,
    samples: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<Prediction>,
    /// Left out where there is no evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    reliability: Option<f64>,
}

pub(super) fn forecast(args: &Args, forecast: &ForecastArgs) -> Done {
    let asked = Asked::of(args, &forecast.series)?;
    let rows = rows(&asked, forecast.ahead);
    if args.json {
        return told(&asked, rows, "holobiont.forecast/1");
    }
    let head = ["metric", "unit", "cycles", "last", "expected", "95 % interval", "reliability"];
    let mut shown = table(&head, 2..7);
    for (name, row) in &rows {
        let next = row.ahead.last();
        let ends = next.and_then(|next| Some(format!("{} to {}", number(next.low?), number(next.high?))));
        shown.add_row([
            (*name).to_owned(),
            row.unit.to_owned(),
            row.samples.to_string(),
            row.last.map(number).unwrap_or_default(),
            next.map(|next| number(next.value)).unwrap_or_default(),
            ends.unwrap_or_default(),
            share(row.reliability),
        ]);
    }
    let when =
        if forecast.ahead == 1 { "next cycle".to_owned() } else { format!("{} cycles from now", forecast.ahead) };
    print(&format!("Expected of {}, {when} (by {}):\n{shown}", asked.past.title(), asked.method))?;
    Ok(Verdict::Passed)
}

pub(super) fn reliability(args: &Args, series: &SeriesArgs) -> Done {
    let asked = Asked::of(args, series)?;
    let rows = rows(&asked, 0);
    if args.json {
        return told(&asked, rows, "holobiont.reliability/1");
    }
    let mut shown = table(&["metric", "cycles", "reliability"], 1..3);
    for (name, row) in &rows {
        shown.add_row([(*name).to_owned(), row.samples.to_string(), share(row.reliability)]);
    }
    print(&format!(
        "How well forecasts of {} have held (by {}; 1 is exactly, 0.5 no better than that nothing changes):\n{shown}",
        asked.past.title(),
        asked.method
    ))?;
    Ok(Verdict::Passed)
}

fn rows(asked: &Asked, ahead: u32) -> BTreeMap<&str, Row> {
    let row = |name: &String| {
        let series = asked.series(name);
        Row {
            unit: unit(name),
            samples: series.len(),
            last: series.last().copied(),
            ahead: asked.ahead(name, ahead),
            reliability: asked.reliability(name),
        }
    };
    asked.metrics.iter().map(|name| (name.as_str(), row(name))).collect()
}

fn told(asked: &Asked, series: BTreeMap<&str, Row>, schema: &'static str) -> Done {
    print_json(&Document {
        schema,
        workflow: &asked.past.workflow,
        group: &asked.past.group,
        method: asked.method,
        cycles: asked.past.history.cycles.len(),
        series,
    })?;
    Ok(Verdict::Passed)
}

fn share(reliability: Option<f64>) -> String {
    reliability.map_or_else(|| "not known yet".to_owned(), |share| format!("{share:.2}"))
}
