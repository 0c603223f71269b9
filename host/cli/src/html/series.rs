//! A series over cycles: what was measured, and what is expected next.

use holobiont_core::forecast::Prediction;
use plotters::element::{PathElement, Polygon};

use super::axes::{Axis, Plot, Sides};
use super::canvas::{Area, At, Drawn, Mark, dashed, draw, mark, stroke, write};
use super::markup::Html;
use super::number::{count, interval, number, percent};
use super::palette::{GRID, GROUP, SERIES, SOFT};

const SIZE: (i32, i32) = (900, 320);

/// A series as it is drawn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// The metric.
    pub(crate) name: String,
    /// In what it is counted; empty where that is not known.
    pub(crate) unit: String,
    /// Its values, oldest first, and whether each is an outlier.
    pub(crate) values: Vec<(f64, bool)>,
    /// From what to what it goes, in the singular: `cycle`.
    pub(crate) step: &'static str,
    /// What is expected of the next ones; nothing where nothing is to be said of that.
    pub(crate) ahead: Vec<Prediction>,
    /// How well forecasts of it have held, from 0 to 1, where that is known.
    pub(crate) reliability: Option<f64>,
}

/// The figure of a series.
pub(super) fn series(series: &Series) -> Html {
    let mut html = Html::new();
    let known = series.values.iter().filter(|(value, _)| value.is_finite()).count();
    if known == 0 {
        html.element("p", &[], "Nothing was measured yet.");
        return html;
    }
    let said = said(series);
    html.open("figure", &[]).raw("<figcaption>").element("b", &[], &said);
    html.text(&match series.ahead.is_empty() {
        true => format!(" Each mark is a {}.", series.step),
        false => format!(
            " Each mark is a {}, a hollow one an outlier; the dashed line is the forecast, the band its 95 % interval.",
            series.step
        ),
    });
    html.close("figcaption");
    let label = format!("Line chart of {} over {}. {said}", series.name, count(known, series.step));
    let drawing = draw((SIZE.0 as u32, SIZE.1 as u32), &label, |area| paint(area, series));
    html.scroll("Chart of a series").append(&drawing).close("div").close("figure");
    html
}

/// The series in a sentence.
fn said(series: &Series) -> String {
    let last = series.values.last().map_or(0.0, |(value, _)| *value);
    let unit = if series.unit.is_empty() { String::new() } else { format!(" {}", series.unit) };
    let mut words = format!("Last {}{unit}", number(last));
    if let Some(next) = series.ahead.first() {
        words += &format!(", next {}", number(next.value));
        if let (Some(low), Some(high)) = (next.low, next.high) {
            words += &format!(" ({})", interval(low, high, "to"));
        }
    }
    words += &match series.reliability {
        Some(share) => format!("; forecasts of it are {} reliable.", percent(share)),
        None if series.ahead.is_empty() => ".".to_owned(),
        None => "; how reliable forecasts of it are is not known yet.".to_owned(),
    };
    words
}

fn paint(area: &Area<'_>, series: &Series) -> Drawn {
    let ends = series.ahead.iter().flat_map(|next| [Some(next.value), next.low, next.high]).flatten();
    let y = Axis::over(series.values.iter().map(|(value, _)| *value).chain(ends), 5).padded(0.06);
    let (cycles, ahead) = (series.values.len(), series.ahead.len());
    // No more marks than there are steps: there is nothing between two of them.
    let steps = (cycles + ahead).max(2);
    let x = Axis::over([1.0, steps as f64], steps.min(10) - 1).padded(0.03);
    let side = if series.unit.is_empty() { &series.name } else { &series.unit };
    let plot = Plot::on(area, x, y, Sides { x: series.step, y: side, right: 90 })?;
    let at = |place: usize, value: f64| plot.pixel((place + 1) as f64, value);
    band(area, series, &at)?;
    let own: Vec<(usize, f64, bool)> = series
        .values
        .iter()
        .enumerate()
        .filter(|(_, (value, _))| value.is_finite())
        .map(|(place, (value, outlier))| (place, *value, *outlier))
        .collect();
    let line: Vec<(i32, i32)> = own.iter().map(|(place, value, _)| at(*place, *value)).collect();
    area.draw(&PathElement::new(line, stroke(SERIES[0], 2)))?;
    // Marks of hundreds of cycles would be one thick line.
    if own.len() <= 80 {
        for (place, value, outlier) in &own {
            mark(area, at(*place, *value), Mark::Round, !outlier, 4, SERIES[0])?;
        }
    }
    let mut from = own.last().map(|(place, value, _)| at(*place, *value));
    for (step, next) in series.ahead.iter().enumerate() {
        let to = at(cycles + step, next.value);
        if let Some(from) = from {
            dashed(area, from, to, GROUP, 2)?;
        }
        mark(area, to, Mark::Diamond, false, 4, GROUP)?;
        from = Some(to);
    }
    if let Some((x, y)) = from.filter(|_| ahead > 0) {
        write(area, "forecast", (x + 10, y), At::Left, SOFT)?;
    }
    Ok(())
}

/// The band between the ends of the forecast's intervals, where they are known.
fn band(area: &Area<'_>, series: &Series, at: &dyn Fn(usize, f64) -> (i32, i32)) -> Drawn {
    let cycles = series.values.len();
    let known = series.ahead.iter().enumerate().filter_map(|(step, next)| Some((cycles + step, next.low?, next.high?)));
    let known: Vec<(usize, f64, f64)> = known.collect();
    let last = series.values.last().map(|(value, _)| (cycles.saturating_sub(1), *value, *value));
    let all: Vec<(usize, f64, f64)> = last.into_iter().chain(known.iter().copied()).collect();
    if known.is_empty() {
        return Ok(());
    }
    let upper = all.iter().map(|(place, _, high)| at(*place, *high));
    let lower = all.iter().rev().map(|(place, low, _)| at(*place, *low));
    area.draw(&Polygon::new(upper.chain(lower).collect::<Vec<_>>(), fill_style()))
}

fn fill_style() -> plotters::style::ShapeStyle {
    use plotters::style::Color as _;
    GRID.rgb().filled()
}
