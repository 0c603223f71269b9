//! `holobiont tracker`: what cycles came to so far, and what is to be expected.

mod forecast;
mod plot;
mod rank;

use holobiont_core::forecast::{Method, predict, reliability};
use holobiont_core::{METRICS, RoiTracker, nearest, printable};

use crate::Done;
use crate::args::{Args, SeriesArgs, TrackerArgs, TrackerCommand};
use crate::fault::Fault;
use crate::history::Past;

pub(crate) fn tracker(args: &Args, tracker: &TrackerArgs) -> Done {
    match &tracker.command {
        TrackerCommand::Forecast(asked) => forecast::forecast(args, asked),
        TrackerCommand::Rank(asked) => rank::rank(args, asked),
        TrackerCommand::Reliability(asked) => forecast::reliability(args, asked),
        TrackerCommand::Plot(asked) => plot::plot(args, asked),
    }
}

/// What is asked of which series.
struct Asked {
    past: Past,
    tracker: RoiTracker,
    metrics: Vec<String>,
    method: Method,
}

impl Asked {
    fn of(args: &Args, asked: &SeriesArgs) -> Result<Self, Fault> {
        let past = Past::of(args, &asked.past)?;
        let method = asked.method.unwrap_or(past.project.settings.forecast_method);
        let tracker = past.history.tracker(method);
        let metrics = named(&tracker, &asked.metrics)?;
        Ok(Self { past, tracker, metrics, method })
    }

    fn series(&self, metric: &str) -> Vec<f64> {
        self.tracker.series(metric)
    }

    fn ahead(&self, metric: &str, steps: u32) -> Vec<holobiont_core::forecast::Prediction> {
        predict(&self.series(metric), steps as usize, self.method)
    }

    fn reliability(&self, metric: &str) -> Option<f64> {
        reliability(&self.series(metric), self.method)
    }
}

/// The series of these names; without any, ROI and the synergies, in the order of the table of metrics.
fn named(tracker: &RoiTracker, names: &[String]) -> Result<Vec<String>, Fault> {
    let known: Vec<String> = METRICS
        .iter()
        .map(|metric| metric.name.to_owned())
        .chain(METRICS.iter().map(|metric| format!("synergy_{}", metric.name)))
        .filter(|name| !tracker.series(name).is_empty())
        .collect();
    if names.is_empty() {
        return Ok(known.into_iter().filter(|name| name == "roi" || name.starts_with("synergy_")).collect());
    }
    for name in names {
        if !known.contains(name) {
            let remedy = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "see docs/METRICS.md; `synergy_` before a name is the group less the mean of its members".to_owned()
                }
            };
            return Err(Fault::usage(format!("no series `{}`: {remedy}", printable(name))));
        }
    }
    Ok(names.to_vec())
}

/// In what a metric or its synergy is counted.
fn unit(name: &str) -> &'static str {
    let base = name.strip_prefix("synergy_").unwrap_or(name);
    METRICS.iter().find(|metric| metric.name == base).map_or("", |metric| metric.unit)
}
