//! An assessment as one page of HTML that needs nothing else: no script, no font, no picture from anywhere.
//!
//! The page is for people who were not there when the group was measured. It begins with the answer, then shows what
//! it rests on, then explains its words. It is a function of the assessment: the same one makes the same bytes.
//!
//! Names of modules, inputs and workflows are strangers' texts. They get into the page through [`markup::Html`] only,
//! which escapes whatever is not a literal of this program; in drawings, the library escapes.

mod about;
mod answer;
mod axes;
mod canvas;
#[cfg(test)]
pub(crate) mod fixtures;
mod gains;
mod inputs;
mod labels;
mod markup;
mod money;
mod number;
mod pairs;
mod palette;
mod scenarios;
mod series;
mod shapley;
mod tables;
#[cfg(test)]
mod tests;
mod view;

use holobiont_core::Assessment;

use self::markup::Html;
use self::palette::Sheet;
pub(crate) use self::series::Series;
use self::view::View;

/// What a page says of how it came about, beside the assessment.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// The preset whose limits held.
    pub(crate) preset: String,
    /// What all randomness came from.
    pub(crate) seed: String,
    /// Which engine, as the sandbox identifies itself.
    pub(crate) engine: String,
    /// What else was involved, by name and version.
    pub(crate) versions: Vec<(String, String)>,
}

/// The page of an assessment.
pub(crate) fn page(assessment: &Assessment, made: &About) -> String {
    let view = View::of(assessment);
    let mut html = Html::new();
    section(&mut html, "What each came to", &tables::arms(&view));
    section(&mut html, "Better or worse, in every metric", &gains::gains(&view));
    section(&mut html, "Who helps whom", &pairs::pairs(&view));
    section(&mut html, "Thanks to whom", &shapley::shapley(&view));
    section(&mut html, "Cost and value", &money::money(&view));
    section(&mut html, "When it gets harder", &scenarios::scenarios(&view));
    section(&mut html, "Input by input", &inputs::inputs(&view));
    section(&mut html, "All numbers", &tables::metrics(&view));
    if let Some(troubles) = tables::troubles(&view) {
        section(&mut html, "Troubles", &troubles);
    }
    section(&mut html, "How to read this", &about::words());
    section(&mut html, "How it was measured", &about::about(&view, made));
    document(&["Synergy of ", &assessment.workflow], &answer::answer(&view), &html)
}

/// The page of what was measured cycle by cycle: a figure for each series.
pub(crate) fn history_page(workflow: &str, group: &[String], all: &[Series]) -> String {
    let mut header = Html::new();
    header.open("h1", &[]).text("History of ").element("bdi", &[], workflow).close("h1");
    header.open("p", &[]).text("The group ").element("bdi", &[], &group.join(" + "));
    header.text(", cycle by cycle, and what is expected next.").close("p");
    document(&["History of ", workflow], &header, &all_series(all))
}

/// The page of how synergy weights changed.
pub(crate) fn weights_page(all: &[Series]) -> String {
    let mut header = Html::new();
    header.open("h1", &[]).text("Synergy weights").close("h1");
    header.open("p", &[]).text("How much each synergy counts, from one change to the next.").close("p");
    document(&["Synergy weights"], &header, &all_series(all))
}

fn all_series(all: &[Series]) -> Html {
    let mut html = Html::new();
    for one in all {
        html.raw("<section>\n").element("h2", &[], &one.name).raw("\n").append(&series::series(one)).close("section");
    }
    html
}

/// A whole page.
fn document(title: &[&str], header: &Html, main: &Html) -> String {
    let mut html = Html::new();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ");
    html.raw("img-src data:\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    for part in title {
        html.text(part);
    }
    html.raw("</title>\n<style>\n").style(&Sheet::of_page()).raw("</style>\n</head>\n");
    html.raw("<body>\n<header>\n").append(header).raw("</header>\n<main>\n").append(main);
    html.raw("</main>\n</body>\n</html>\n");
    html.into_string()
}

/// A part of the page.
fn section(html: &mut Html, title: &'static str, body: &Html) {
    html.raw("<section>\n").element("h2", &[], title).raw("\n").append(body).close("section");
}
