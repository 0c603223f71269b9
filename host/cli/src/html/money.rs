//! What each arm costs and what it is worth.

use holobiont_core::{Arm, ArmReport};
use plotters::drawing::DrawingAreaErrorKind;

use super::axes::{Axis, Plot, Sides};
use super::canvas::{Area, At, Drawn, Mark, TEXT, draw, line, write};
use super::labels::{Point, Room, points};
use super::markup::Html;
use super::number::{count, number, width};
use super::palette::{GROUP, NEUTRAL, SERIES, SOFT, Tone};
use super::view::View;

const SIZE: (i32, i32) = (900, 420);
/// The most room for a label.
pub(super) const LABEL: f64 = 170.0;

/// How an arm looks in charts: its colour, its shape, whether that is filled.
pub(super) fn look(arm: &Arm, turn: usize) -> (Tone, Mark, bool) {
    match arm {
        Arm::Empty => (NEUTRAL, Mark::Round, false),
        Arm::Solo(_) => (SERIES[turn % SERIES.len()], Mark::TURNS[turn % Mark::TURNS.len()], true),
        Arm::Combined => (GROUP, Mark::Diamond, true),
    }
}

/// The widest label of an arm, though no wider than there is room for.
pub(super) fn widest(view: &View<'_>) -> i32 {
    let widths = view.assessment.arms.iter().map(|report| width(view.arm(&report.arm), TEXT));
    widths.fold(60.0, f64::max).min(LABEL).ceil() as i32
}

/// The scatter chart.
pub(super) fn money(view: &View<'_>) -> Html {
    let arms: Vec<&ArmReport> =
        view.assessment.arms.iter().filter(|report| report.cost.is_finite() && report.value.is_finite()).collect();
    let mut html = Html::new();
    if arms.is_empty() {
        html.element("p", &[], "Neither costs nor values were measured.");
        return html;
    }
    if arms.iter().all(|report| report.cost == 0.0 && report.value == 0.0) {
        html.element("p", &[], "Nothing cost anything, and nothing was worth anything.");
        return html;
    }
    let running = arms.iter().filter(|report| report.arm != Arm::Empty);
    let paying = running.clone().filter(|report| report.value > report.cost).count();
    html.open("figure", &[]).raw("<figcaption><b>");
    html.text(&format!("{paying} of {} are worth more than they cost. ", count(running.count(), "arm")));
    if let Some(combined) = view.combined() {
        let (value, cost) = (number(combined.value), number(combined.cost));
        html.text(&format!("Together, the outputs for all inputs are worth {value} credits and cost {cost}. "));
    }
    html.raw("</b>")
        .text("The grey line is where an arm earns just what it costs: above it there is a gain, below it a loss.");
    html.close("figcaption");
    let said: Vec<String> = arms
        .iter()
        .map(|report| {
            format!("{} costs {}, worth {}", view.arm(&report.arm), number(report.cost), number(report.value))
        })
        .collect();
    let label = format!("Scatter chart of cost and value in credits: {}.", said.join("; "));
    let drawing = draw((SIZE.0 as u32, SIZE.1 as u32), &label, |area| paint(area, view, &arms));
    html.scroll("Chart of cost and value").append(&drawing).close("div").close("figure");
    html
}

fn paint(area: &Area<'_>, view: &View<'_>, arms: &[&ArmReport]) -> Drawn {
    let x = Axis::over(arms.iter().map(|report| report.cost).chain([0.0]), 6).padded(0.06);
    let y = Axis::over(arms.iter().map(|report| report.value).chain([0.0]), 5).padded(0.06);
    let room = widest(view);
    let right = room + 24;
    let sides = Sides { x: "cost, credits for all inputs", y: "value, credits for all inputs", right };
    let end = x.high().min(y.high());
    let plot = Plot::on(area, x, y, sides)?;
    let taken = break_even(area, plot.pixel(0.0, 0.0), plot.pixel(end, end))?;
    let mut turn = 0;
    let mut shown = Vec::new();
    for report in arms {
        let (tone, shape, solid) = look(&report.arm, turn);
        turn += usize::from(matches!(report.arm, Arm::Solo(_)));
        shown.push(Point {
            place: plot.pixel(report.cost, report.value),
            text: view.arm(&report.arm).to_owned(),
            tone,
            shape,
            solid,
            bold: report.arm == Arm::Combined,
        });
    }
    let inside = (plot.left_top().0, plot.left_top().1, SIZE.0 - right, plot.bottom());
    points(area, &shown, (inside, taken), SIZE.0 - room - 6, f64::from(room))
}

/// The line on which value is cost, with its name; gives back the room that they take.
fn break_even(
    area: &Area<'_>,
    from: (i32, i32),
    to: (i32, i32),
) -> Result<Vec<Room>, DrawingAreaErrorKind<std::io::Error>> {
    line(area, from, to, NEUTRAL, 2)?;
    let along = |part: i32| (from.0 + (to.0 - from.0) * part / 60, from.1 + (to.1 - from.1) * part / 60);
    let mut taken: Vec<Room> = (0..=60).map(along).map(|(x, y)| (x - 3, y - 3, x + 3, y + 3)).collect();
    let (x, y) = along(48);
    // Under a line that rises, over one that hardly does.
    let (x, y) = if from.1 - to.1 > 90 { (x + 14, y + 10) } else { (x, y - 22) };
    write(area, "break-even", (x, y), At::Left, SOFT)?;
    taken.push((x, y - 8, x + 80, y + 8));
    Ok(taken)
}
