//! `tracker plot`.

use std::path::Path;

use super::{Asked, unit};
use crate::args::{Args, PlotArgs};
use crate::context::output_folder;
use crate::html::{Series, history_page};
use crate::synergy::tail;
use crate::terminal::{print, replace_with, say, show};
use crate::{Done, Verdict};

pub(super) fn plot(args: &Args, plot: &PlotArgs) -> Done {
    output_folder(&plot.output)?;
    let asked = Asked::of(args, &plot.series)?;
    // Of the return, which every cycle has, it is known which ones are odd.
    let odd: Vec<usize> = asked.tracker.outliers().iter().map(|outlier| outlier.cycle).collect();
    let series = |name: &String| {
        let values = asked.series(name);
        Series {
            name: name.clone(),
            unit: unit(name).to_owned(),
            values: values
                .into_iter()
                .enumerate()
                .map(|(cycle, value)| (value, name == "roi" && odd.contains(&cycle)))
                .collect(),
            step: "cycle",
            ahead: asked.ahead(name, plot.ahead),
            reliability: asked.reliability(name),
        }
    };
    let all: Vec<Series> = asked.metrics.iter().map(series).collect();
    let group: Vec<String> = asked.past.group.iter().map(tail).collect();
    let html = history_page(&asked.past.workflow, &group, &all);
    if plot.output == Path::new("-") {
        print(html.trim_end())?;
    } else {
        replace_with(&plot.output, html.as_bytes())?;
        say(&format!("{} written, {} series", show(&plot.output), all.len()));
    }
    Ok(Verdict::Passed)
}
