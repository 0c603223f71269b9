//! How each arm bears up: its value from the easiest scenario to the hardest.

use std::collections::BTreeMap;

use holobiont_core::{Arm, ArmReport, Role, ScenarioResult};
use plotters::element::PathElement;

use super::axes::{Axis, Plot, Sides};
use super::canvas::{Area, At, Drawn, TEXT, draw, mark, stroke, write};
use super::labels::{Point, column};
use super::markup::Html;
use super::money::{look, widest};
use super::number::{fitted, number};
use super::palette::SOFT;
use super::view::View;

const SIZE: (i32, i32) = (900, 420);

/// How an arm did where scenarios differ in how hard they are; input classes are another question.
fn by_threat(report: &ArmReport) -> impl Iterator<Item = &ScenarioResult> {
    report.scenarios.iter().filter(|result| result.role != Role::Classes)
}

/// The scenarios that have values, by how hard they are and then in their own order.
fn ordered<'a>(view: &View<'a>) -> Vec<&'a ScenarioResult> {
    let place = |name: &str| view.assessment.scenarios.iter().position(|other| other == name);
    let mut found: BTreeMap<&str, &ScenarioResult> = BTreeMap::new();
    for result in view.assessment.arms.iter().flat_map(by_threat) {
        found.entry(&result.scenario).or_insert(result);
    }
    let mut all: Vec<&ScenarioResult> = found.into_values().collect();
    all.sort_by(|a, b| {
        a.threat_intensity.total_cmp(&b.threat_intensity).then_with(|| place(&a.scenario).cmp(&place(&b.scenario)))
    });
    all
}

/// The line chart.
pub(super) fn scenarios(view: &View<'_>) -> Html {
    let all = ordered(view);
    let mut html = Html::new();
    if all.len() < 2 {
        html.element(
            "p",
            &[],
            "Only one scenario was tried, so there is nothing to say of how the arms bear up under harder ones.",
        );
        return html;
    }
    html.open("figure", &[]).raw("<figcaption>");
    let mut label = format!("Line chart of mean value over {} scenarios.", all.len());
    if let Some(combined) = view.combined() {
        let said = fall(combined, &all);
        html.element("b", &[], &said);
        label += &format!(" {said}");
    }
    html.text(
        "From left to right the scenarios get harder; the number below each name is its threat intensity, from 0 to 1.",
    );
    html.close("figcaption");
    let drawing = draw((SIZE.0 as u32, SIZE.1 as u32), &label, |area| paint(area, view, &all));
    html.scroll("Chart of value by scenario").append(&drawing).close("div").close("figure");
    html
}

/// What the group keeps in its worst scenario.
fn fall(combined: &ArmReport, all: &[&ScenarioResult]) -> String {
    let of = |name: &str| combined.scenarios.iter().find(|result| result.scenario == name);
    let nominal = all.first().and_then(|first| of(&first.scenario));
    let worst = by_threat(combined).min_by(|a, b| a.mean_value.total_cmp(&b.mean_value));
    let (Some(nominal), Some(worst)) = (nominal, worst) else { return String::new() };
    if worst.mean_value >= nominal.mean_value {
        return "Together, no scenario is worth less than the easiest. ".to_owned();
    }
    let name = holobiont_core::printable(&worst.scenario);
    let (before, after) = (number(nominal.mean_value), number(worst.mean_value));
    let trials = super::number::percent(worst.completed);
    format!(
        "Together, the value falls from {before} to {after} credits per input under {name}, where \
         {trials} of trials complete. "
    )
}

fn paint(area: &Area<'_>, view: &View<'_>, all: &[&ScenarioResult]) -> Drawn {
    let arms = &view.assessment.arms;
    let values = arms.iter().flat_map(by_threat).map(|result| result.mean_value);
    let room = widest(view);
    let right = room + 44;
    let slot = f64::from(SIZE.0 - right - 90) / all.len() as f64;
    let name = |result: &&ScenarioResult| fitted(&holobiont_core::printable(&result.scenario), TEXT, slot - 6.0);
    let x = Axis::of_slots(all.iter().map(name));
    let y = Axis::over(values.chain([0.0]), 5);
    let plot = Plot::on(area, x, y, Sides { x: "", y: "mean value, credits per input", right })?;
    for (slot, result) in all.iter().enumerate() {
        let place = (plot.pixel(slot as f64 + 0.5, 0.0).0, plot.bottom() + 32);
        write(area, &number(result.threat_intensity), place, At::Middle, SOFT)?;
    }
    let mut turn = 0;
    let mut ends = Vec::new();
    for report in arms {
        let (tone, shape, solid) = look(&report.arm, turn);
        turn += usize::from(matches!(report.arm, Arm::Solo(_)));
        let bold = report.arm == Arm::Combined;
        let pixel = |(slot, scenario): (usize, &&ScenarioResult)| {
            let result = report.scenarios.iter().find(|result| result.scenario == scenario.scenario)?;
            Some(plot.pixel(slot as f64 + 0.5, result.mean_value))
        };
        let path: Vec<(i32, i32)> = all.iter().enumerate().filter_map(pixel).collect();
        let Some(end) = path.last().copied() else { continue };
        area.draw(&PathElement::new(path.clone(), stroke(tone, if bold { 3 } else { 1 })))?;
        for place in path {
            mark(area, place, shape, solid, if bold { 5 } else { 4 }, tone)?;
        }
        ends.push(Point { place: end, text: view.arm(&report.arm).to_owned(), tone, shape, solid, bold });
    }
    let height = (plot.left_top().1 + 6, plot.bottom() - 6);
    column(area, &ends.iter().collect::<Vec<_>>(), SIZE.0 - room - 6, height, f64::from(room))
}
