//! Thanks to whom: from nothing to the group, a step for each member.

use holobiont_core::{Direction, ModuleId};

use super::axes::Axis;
use super::canvas::{Area, At, Drawn, Mark, TEXT, dashed, draw, fill, line, mark, write, write_bold};
use super::gains::with_unit;
use super::markup::Html;
use super::number::{fitted, number, signed, signed_beside};
use super::palette::{AXIS, BAD, GOOD, GRID, GROUP, INK, NEUTRAL, SOFT};
use super::view::{Row, View};

/// What is shown where it was measured, first what matters most.
const WISHED: [&str; 7] =
    ["revenue", "profitability", "roi", "cpu_usage", "memory_usage", "energy_consumption", "reliability"];
const MOST: usize = 4;

const WIDTH: i32 = 390;
const ROW: i32 = 24;
const TOP: i32 = 10;
/// Bars lie between these.
const BARS: (i32, i32) = (130, 276);

/// The steps of one metric.
struct Steps<'a> {
    row: Row<'a>,
    start: f64,
    end: f64,
    members: Vec<(&'a ModuleId, f64)>,
}

impl<'a> Steps<'a> {
    fn of(view: &View<'a>, name: &str) -> Option<Self> {
        let row = view.metric(name)?;
        let start = view.empty()?.metrics.get(name)?;
        let end = view.combined()?.metrics.get(name)?;
        let member = |module: &'a ModuleId| {
            let value = view.assessment.shapley.get(module)?.get(name)?;
            value.is_finite().then_some((module, value))
        };
        let members: Option<Vec<_>> = view.assessment.group.iter().map(member).collect();
        Some(Self { row, start, end, members: members.filter(|members| !members.is_empty())? })
    }
}

/// A chart for each of a few metrics.
pub(super) fn shapley(view: &View<'_>) -> Html {
    let all: Vec<Steps<'_>> = WISHED.iter().filter_map(|name| Steps::of(view, name)).take(MOST).collect();
    let mut html = Html::new();
    let Some(first) = all.first() else {
        html.element("p", &[], "What each member contributes was not measured.");
        return html;
    };
    html.open("figure", &[]).raw("<figcaption><b>");
    let most = first.members.iter().max_by(|a, b| gain(first, a.1).total_cmp(&gain(first, b.1)));
    if let Some((module, value)) = most {
        if gain(first, *value) > 0.0 {
            view.write_name(&mut html, module);
            html.text(&format!(" contributes most to {}: {}. ", first.row.name, signed(*value)));
        } else {
            html.text(&format!("No member makes {} better. ", first.row.name));
        }
    }
    html.raw("</b>").text(
        "Each bar is a member's Shapley value: what it adds, averaged over all orders in which the group can be put \
         together. The bars lead from the value without any module to that of the group. Blue-green with a triangle up \
         is better, orange-brown with one down worse.",
    );
    html.close("figcaption").raw("<div class=\"multiples\">\n");
    for steps in &all {
        let size = (WIDTH as u32, (TOP + ROW * (steps.members.len() as i32 + 2) + 4) as u32);
        html.raw("<div><h3>").element("span", &[("title", steps.row.doc)], steps.row.name).text(" ");
        html.element("small", &[], &unit(&steps.row)).close("h3");
        html.append(&draw(size, &label(view, steps), |area| paint(area, view, steps))).close("div");
    }
    html.raw("</div>").close("figure");
    html
}

fn unit(row: &Row<'_>) -> String {
    let direction = match row.direction {
        Direction::Higher => "more is better",
        Direction::Lower => "less is better",
        Direction::Neutral => "neither is better",
    };
    if row.unit.is_empty() { direction.to_owned() } else { format!("{}, {direction}", row.unit) }
}

fn gain(steps: &Steps<'_>, value: f64) -> f64 {
    steps.row.gain(value).unwrap_or(value)
}

fn label(view: &View<'_>, steps: &Steps<'_>) -> String {
    let parts: Vec<String> =
        steps.members.iter().map(|(module, value)| format!("{} {}", view.name(module), signed(*value))).collect();
    let (start, end) = (with_unit(steps.start, steps.row.unit), with_unit(steps.end, steps.row.unit));
    format!("{}: from {start} with nothing, {}, to {end} together.", steps.row.name, parts.join(", "))
}

fn paint(area: &Area<'_>, view: &View<'_>, steps: &Steps<'_>) -> Drawn {
    let mut levels = vec![steps.start];
    for (_, value) in &steps.members {
        levels.push(levels[levels.len() - 1] + value);
    }
    let axis = Axis::over(levels.iter().copied().chain([steps.end]), 4);
    let place = |value: f64| BARS.0 + (axis.place(value) * f64::from(BARS.1 - BARS.0)).round() as i32;
    let most = steps.members.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    let middle = |row: usize| TOP + ROW * row as i32 + ROW / 2;
    let last = steps.members.len() + 1;
    for x in [BARS.0, BARS.1] {
        line(area, (x, TOP), (x, middle(last) + ROW / 2), GRID, 1)?;
    }
    write(area, "(nothing)", (BARS.0 - 10, middle(0)), At::Right, SOFT)?;
    write(area, &number(steps.start), (BARS.1 + 10, middle(0)), At::Left, SOFT)?;
    for (index, (module, value)) in steps.members.iter().enumerate() {
        let y = middle(index + 1);
        let (from, to) = (place(levels[index]), place(levels[index + 1]));
        dashed(area, (from, y - ROW), (from, y), AXIS, 1)?;
        let (tone, shape) = match steps.row.gain(*value) {
            Some(gain) if gain > 0.0 => (GOOD, Some(Mark::Up)),
            Some(gain) if gain < 0.0 => (BAD, Some(Mark::Down)),
            _ => (NEUTRAL, None),
        };
        let (left, right) = (from.min(to), from.max(to));
        fill(area, (left, y - 7), (right.max(left + 2), y + 7), tone)?;
        let name = fitted(view.name(module), TEXT, f64::from(BARS.0 - 14));
        write(area, &name, (BARS.0 - 10, y), At::Right, INK)?;
        if let Some(shape) = shape {
            mark(area, (BARS.1 + 14, y), shape, true, 4, tone)?;
        }
        write(area, &signed_beside(*value, most), (BARS.1 + 24, y), At::Left, tone)?;
    }
    let to = place(steps.end);
    dashed(area, (place(levels[last - 1]), middle(last) - ROW), (to, middle(last)), AXIS, 1)?;
    mark(area, (place(steps.start), middle(0)), Mark::Round, false, 5, NEUTRAL)?;
    mark(area, (to, middle(last)), Mark::Diamond, true, 6, GROUP)?;
    write_bold(area, "together", (BARS.0 - 10, middle(last)), At::Right, GROUP)?;
    write_bold(area, &number(steps.end), (BARS.1 + 10, middle(last)), At::Left, GROUP)
}
