//! The numbers behind the charts.

use holobiont_core::{Arm, ArmReport, Direction, Unit, bytes_text};

use super::markup::Html;
use super::number::{count, interval, number, signed};
use super::view::{Row, View, file_name};

/// More of what went wrong than this is only counted.
const MOST_TROUBLES: usize = 100;

/// What each arm came to.
pub(super) fn arms(view: &View<'_>) -> Html {
    let mut html = Html::new();
    html.raw("<p class=\"soft\">Sums over all inputs, in the nominal scenario.</p>");
    html.scroll("What each arm came to").raw("<table>\n<thead><tr>");
    html.raw("<th scope=\"col\">module or group</th>").open("th", &[("scope", "col"), ("class", "n")]);
    html.text(&view.assessment.unit).raw("</th>");
    for name in ["value, credits", "cost, credits", "fuel", "peak memory", "ROI"] {
        html.element("th", &[("scope", "col"), ("class", "n")], name);
    }
    html.raw("</tr></thead>\n<tbody>");
    let best = view.best_solo().map(|report| &report.arm);
    for report in &view.assessment.arms {
        let class = if report.arm == Arm::Combined { "group" } else { "" };
        html.open("tr", &[("class", class)]).raw("<th scope=\"row\">");
        view.write_arm(&mut html, &report.arm);
        if report.arm == Arm::Combined {
            html.element("small", &[], &format!(" all {}", view.assessment.group.len()));
        } else if Some(&report.arm) == best {
            html.raw(" <small>best alone</small>");
        }
        html.raw("</th>");
        let figures = [number(report.units), number(report.value), number(report.cost)];
        for figure in &figures {
            html.element("td", &[("class", "n")], figure);
        }
        let exactly = Unit::Count.text(report.fuel);
        html.element("td", &[("class", "n"), ("title", &exactly)], &number(report.fuel as f64));
        html.element("td", &[("class", "n")], &bytes_text(report.peak_memory_bytes));
        let roi = report.metrics.get("roi").map_or("–".to_owned(), number);
        html.element("td", &[("class", "n")], &roi).close("tr");
    }
    html.raw("</tbody></table>").close("div");
    html
}

/// Every metric of every arm, and what comparing them gives.
pub(super) fn metrics(view: &View<'_>) -> Html {
    let mut html = Html::new();
    html.raw("<p class=\"soft\">Per metric, in its unit: the group less the mean of its members (synergy), and less ");
    html.raw(
        "their sum (interaction); then each arm. Where the pointer rests on its name, a metric explains itself.</p>",
    );
    html.scroll("All metrics of all arms").raw("<table class=\"wide\">\n<thead><tr>");
    for name in ["metric", "unit", "better"] {
        html.element("th", &[("scope", "col")], name);
    }
    for name in ["synergy", "interval", "interaction"] {
        html.element("th", &[("scope", "col"), ("class", "n")], name);
    }
    let arms: Vec<&ArmReport> = view.combined().into_iter().chain(view.solos()).chain(view.empty()).collect();
    for report in &arms {
        html.raw("<th scope=\"col\" class=\"n\">");
        view.write_arm(&mut html, &report.arm);
        html.raw("</th>");
    }
    html.raw("</tr></thead>\n<tbody>");
    for row in view.metrics() {
        html.raw("<tr>").element("th", &[("scope", "row"), ("title", row.doc)], row.name);
        html.element("td", &[], row.unit);
        html.raw(match row.direction {
            Direction::Higher => "<td>▲ more</td>",
            Direction::Lower => "<td>▼ less</td>",
            Direction::Neutral => "<td>neither</td>",
        });
        compared(view, &row, &mut html);
        for report in &arms {
            let figure = report.metrics.get(row.name).map_or("–".to_owned(), number);
            html.element("td", &[("class", "n")], &figure);
        }
        html.close("tr");
    }
    html.raw("</tbody></table>").close("div");
    html
}

fn compared(view: &View<'_>, row: &Row<'_>, html: &mut Html) {
    let synergy = view.assessment.synergy.get(row.name);
    let class = match synergy.and_then(|synergy| row.gain(synergy.value)) {
        Some(gain) if gain > 0.0 => "n good",
        Some(gain) if gain < 0.0 => "n bad",
        _ => "n",
    };
    html.element("td", &[("class", class)], &synergy.map_or("–".to_owned(), |synergy| signed(synergy.value)));
    let ends = synergy.and_then(|synergy| synergy.low.zip(synergy.high));
    let ends = ends.map_or("–".to_owned(), |(low, high)| interval(low, high, "to"));
    html.element("td", &[("class", "n")], &ends);
    let interaction = view.assessment.interaction.get(row.name).map_or("–".to_owned(), signed);
    html.element("td", &[("class", "n")], &interaction);
}

/// What went wrong, if anything did.
pub(super) fn troubles(view: &View<'_>) -> Option<Html> {
    let troubles = |report: &ArmReport| report.troubles.len();
    let total: usize = view.assessment.arms.iter().map(troubles).sum();
    if total == 0 {
        return None;
    }
    let mut html = Html::new();
    html.raw("<p>")
        .text(&format!("{} in nominal trials; such a trial is worth 0.", count(total, "trouble")))
        .close("p");
    html.scroll("What went wrong").raw("<table>\n<thead><tr><th scope=\"col\">arm</th><th scope=\"col\">input</th>");
    html.raw("<th scope=\"col\">what went wrong</th></tr></thead>\n<tbody>");
    let all =
        view.assessment.arms.iter().flat_map(|report| report.troubles.iter().map(move |trouble| (report, trouble)));
    for (report, (input, trouble)) in all.take(MOST_TROUBLES) {
        html.raw("<tr><th scope=\"row\">");
        view.write_arm(&mut html, &report.arm);
        html.raw("</th><td>").name(file_name(input), input).raw("</td>");
        html.element("td", &[("class", "words")], trouble).close("tr");
    }
    html.raw("</tbody></table>").close("div");
    if total > MOST_TROUBLES {
        html.element("p", &[], &format!("And {} more.", total - MOST_TROUBLES));
    }
    Some(html)
}
