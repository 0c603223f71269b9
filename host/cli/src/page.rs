//! `holobiont report`: the comparison as a page with charts.

use std::path::Path;

use crate::Done;
use crate::args::{Args, ReportArgs};
use crate::context::output_folder;
use crate::html::{About, page};
use crate::synergy::{assessed, tell_troubles, verdict};
use crate::terminal::{print, replace_with, say, show};

pub(crate) fn report(args: &Args, report: &ReportArgs) -> Done {
    let to_file = report.output != Path::new("-");
    output_folder(&report.output)?;
    let (project, answer, engine) = assessed(args, &report.group)?;
    let settings = &project.settings;
    let about = About {
        preset: settings.preset.clone(),
        seed: settings.seed.to_string(),
        engine,
        versions: vec![("holobiont".to_owned(), env!("CARGO_PKG_VERSION").to_owned())],
    };
    let html = page(&answer.assessment, &about);
    tell_troubles(&answer.assessment);
    if to_file {
        replace_with(&report.output, html.as_bytes())?;
        say(&format!("{} written, {} runs made for it", show(&report.output), answer.runs_made));
    } else {
        print(html.trim_end())?;
    }
    Ok(verdict(&answer.assessment.verdict))
}
