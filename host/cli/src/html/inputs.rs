//! On which inputs the group is worth more: a bar for each.

use super::axes::{Axis, Plot, Sides};
use super::canvas::{Area, At, Drawn, TEXT, draw, fill, line, write};
use super::markup::Html;
use super::number::{count, fitted, signed, width};
use super::palette::{AXIS, BAD, GOOD, GRID, INK, NEUTRAL, Tone};
use super::view::{View, file_name};

/// With more inputs than this, bars have no names; those are in the table below.
const NAMED: usize = 30;
const WIDTH: i32 = 760;
const ROW: i32 = 22;

/// The bar chart, and the same as a table where names are left out of the chart.
pub(super) fn inputs(view: &View<'_>) -> Html {
    let mut all: Vec<(&str, f64)> = view
        .assessment
        .inputs
        .iter()
        .map(String::as_str)
        .zip(view.assessment.revenue_by_input.iter().copied())
        .filter(|(_, value)| value.is_finite())
        .collect();
    // Best first; the names settle ties, so that the order is one.
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut html = Html::new();
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        html.element("p", &[], "No input was measured.");
        return html;
    };
    let better = all.iter().filter(|(_, value)| *value > 0.0).count();
    let worse = all.iter().filter(|(_, value)| *value < 0.0).count();
    let total = count(all.len(), "input");
    html.open("figure", &[]).raw("<figcaption><b>").text(&format!(
        "Of {total}, the group is worth more than the mean of its members on {better}, and less on {worse}. Best: "
    ));
    html.name(file_name(first.0), first.0).text(&format!(" ({}); last: ", signed(first.1)));
    html.name(file_name(last.0), last.0).text(&format!(" ({}).", signed(last.1)));
    html.raw("</b>").text("In credits, from best to worst.");
    html.close("figcaption");
    let label = format!(
        "Bar chart of revenue synergy on {total}: above 0 on {better}, below on {worse}; from {} to {}.",
        signed(first.1),
        signed(last.1)
    );
    let drawing = if all.len() > NAMED {
        draw((900, 320), &label, |area| thin(area, &all))
    } else {
        let height = ROW * all.len() as i32 + 10;
        draw((WIDTH as u32, height as u32), &label, |area| named(area, &all))
    };
    html.scroll("Chart of synergy by input").append(&drawing).close("div").close("figure");
    if all.len() > NAMED {
        html.append(&listed(&all));
    }
    html
}

fn tone(value: f64) -> Tone {
    if value > 0.0 {
        GOOD
    } else if value < 0.0 {
        BAD
    } else {
        NEUTRAL
    }
}

/// Bars from left to right, each with the name of its input.
fn named(area: &Area<'_>, all: &[(&str, f64)]) -> Drawn {
    let names = all.iter().map(|(input, _)| width(&holobiont_core::printable(file_name(input)), TEXT));
    let room = names.fold(0.0, f64::max).min(220.0);
    // Room for numbers, at the left where there are negative ones.
    let numbers = if all.iter().any(|(_, value)| *value < 0.0) { 76 } else { 0 };
    let (left, right) = (room as i32 + 20 + numbers, WIDTH - 76);
    let axis = Axis::over(all.iter().map(|(_, value)| *value).chain([0.0]), 5);
    let place = |value: f64| left + (axis.place(value) * f64::from(right - left)).round() as i32;
    let zero = place(0.0);
    for (index, (input, value)) in all.iter().enumerate() {
        let y = 5 + ROW * index as i32 + ROW / 2;
        let name = fitted(&holobiont_core::printable(file_name(input)), TEXT, room);
        write(area, &name, (4, y), At::Left, INK)?;
        line(area, (room as i32 + 16, y + ROW / 2), (WIDTH, y + ROW / 2), GRID, 1)?;
        let end = place(*value);
        fill(area, (zero, y - 7), (if end == zero { zero + 1 } else { end }, y + 7), tone(*value))?;
        if *value < 0.0 {
            write(area, &signed(*value), (end - 6, y), At::Right, tone(*value))?;
        } else {
            write(area, &signed(*value), (end + 6, y), At::Left, tone(*value))?;
        }
    }
    line(area, (zero, 0), (zero, ROW * all.len() as i32 + 10), AXIS, 1)
}

/// Bars side by side, for many inputs.
fn thin(area: &Area<'_>, all: &[(&str, f64)]) -> Drawn {
    let x = Axis::of_slots([format!("{}, from best to worst", count(all.len(), "input"))]);
    let y = Axis::over(all.iter().map(|(_, value)| *value).chain([0.0]), 5);
    let plot = Plot::on(area, x, y, Sides { x: "", y: "synergy, credits", right: 10 })?;
    let step = 1.0 / all.len() as f64;
    for (index, (_, value)) in all.iter().enumerate() {
        let (left, zero) = plot.pixel(index as f64 * step, 0.0);
        let (right, end) = plot.pixel((index as f64 + 1.0) * step, *value);
        fill(area, (left, zero), ((right - 1).max(left + 1), if end == zero { zero - 1 } else { end }), tone(*value))?;
    }
    let (from, to) = (plot.pixel(0.0, 0.0), plot.pixel(1.0, 0.0));
    line(area, from, to, AXIS, 1)
}

/// All inputs by name.
fn listed(all: &[(&str, f64)]) -> Html {
    let mut html = Html::new();
    html.raw("<details><summary>All inputs by name</summary>").scroll("All inputs").raw("<table>\n<thead><tr>");
    html.raw("<th scope=\"col\">input</th><th scope=\"col\" class=\"n\">synergy, credits</th></tr></thead>\n<tbody>");
    for (input, value) in all {
        html.raw("<tr><th scope=\"row\">").name(file_name(input), input).raw("</th>");
        html.element("td", &[("class", "n")], &signed(*value)).close("tr");
    }
    html.raw("</tbody></table></div>").close("details");
    html
}
