//! Axes: which numbers they show, and where a value lies on them.
//!
//! The drawing library's own axes panic on NaN and take a range of less than 2.2e-16 for a point; so it is given these,
//! where what is huge, tiny, no number or the same everywhere is settled.

use std::ops::Range;

use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::DrawingAreaErrorKind;

use super::canvas::{Area, TEXT, font, stroke};
use super::number::{significant, width};
use super::palette::{AXIS, GRID, SOFT};

/// Past this, differences of values would not be finite.
const HUGE: f64 = 1e300;

/// An axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that has room for all of these values, with about so many steps.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, steps: usize) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite()).map(|value| value.clamp(-HUGE, HUGE));
        let (low, high) = finite.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
        let size = low.abs().max(high.abs());
        let (low, high) = if size < 1e-290 {
            (0.0, 1.0)
        } else if high - low <= size * 1e-12 {
            (low - size / 2.0, high + size / 2.0)
        } else {
            (low, high)
        };
        Self::stepped(low, high, steps.max(1))
    }

    /// An axis whose ends are steps of 1, 2 or 5 times a power of ten.
    fn stepped(low: f64, high: f64, steps: usize) -> Self {
        let rough = (high - low) / steps as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(rough);
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let (low, high) = (first * step, last * step);
        let count = (last - first).clamp(1.0, 3.0 * steps as f64 + 3.0) as usize;
        let digits = |value: f64| (value.abs().log10().floor() - step.log10().floor() + 1.0).clamp(1.0, 9.0) as usize;
        let tick = |index: usize| {
            let value = (first + index as f64) * step;
            (value, significant(value, if value == 0.0 { 1 } else { digits(value) }))
        };
        Self { low, high, ticks: (0..=count).map(tick).collect() }
    }

    /// An axis of things in a row, each in the middle of its part.
    pub(super) fn of_slots(names: impl IntoIterator<Item = String>) -> Self {
        let ticks: Vec<(f64, String)> =
            names.into_iter().enumerate().map(|(index, name)| (index as f64 + 0.5, name)).collect();
        Self { low: 0.0, high: ticks.len().max(1) as f64, ticks }
    }

    /// The same axis with some room at both ends, so that nothing lies on its edge.
    pub(super) fn padded(self, share: f64) -> Self {
        let room = (self.high - self.low) * share;
        Self { low: self.low - room, high: self.high + room, ..self }
    }

    /// Where a value lies, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = (value.clamp(-HUGE, HUGE) - self.low) / (self.high - self.low);
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The highest value on it.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// How wide its labels are.
    fn label_width(&self) -> f64 {
        self.ticks.iter().map(|(_, text)| width(text, TEXT)).fold(0.0, f64::max)
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.place(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map_or_else(String::new, |(_, text)| text.clone())
    }
}

/// A chart with two axes.
pub(super) struct Plot<'a, 'b> {
    chart: ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>,
    low: (f64, f64),
    high: f64,
}

/// What stands at the sides of a chart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    /// What the axis from left to right counts.
    pub(super) x: &'a str,
    /// What the axis from bottom to top counts.
    pub(super) y: &'a str,
    /// Room at the right, for labels.
    pub(super) right: i32,
}

impl<'a, 'b> Plot<'a, 'b> {
    /// Draws the axes.
    pub(super) fn on(
        area: &'a Area<'b>,
        x: Axis,
        y: Axis,
        sides: Sides<'_>,
    ) -> Result<Self, DrawingAreaErrorKind<std::io::Error>> {
        let (low, high) = ((x.low, y.low), y.high);
        let mut chart = ChartBuilder::on(area)
            .margin_top(14)
            .margin_bottom(6)
            .margin_left(6)
            .margin_right(sides.right)
            .x_label_area_size(44)
            .y_label_area_size(y.label_width() as i32 + 34)
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .bold_line_style(stroke(GRID, 1))
            .axis_style(stroke(AXIS, 1))
            .label_style(font(TEXT, SOFT))
            .axis_desc_style(font(TEXT, SOFT))
            .x_desc(sides.x)
            .y_desc(sides.y)
            .draw()?;
        Ok(Self { chart, low, high })
    }

    /// The pixel of a point.
    pub(super) fn pixel(&self, x: f64, y: f64) -> (i32, i32) {
        self.chart.backend_coord(&(x, y))
    }

    /// The pixel of the upper left corner.
    pub(super) fn left_top(&self) -> (i32, i32) {
        self.pixel(self.low.0, self.high)
    }

    /// The lowest row of pixels.
    pub(super) fn bottom(&self) -> i32 {
        self.pixel(self.low.0, self.low.1).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_round() {
        let texts = |values: &[f64]| Axis::over(values.iter().copied(), 4).ticks.into_iter().map(|(_, text)| text);
        assert_eq!(texts(&[0.0, 0.37]).collect::<Vec<_>>(), ["0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(texts(&[-12.0, 25.0]).collect::<Vec<_>>(), ["−20", "−10", "0", "10", "20", "30"]);
        assert_eq!(texts(&[]).collect::<Vec<_>>(), ["0", "0.5", "1"]);
        assert_eq!(texts(&[1000.0, 1000.4]).collect::<Vec<_>>(), ["1000", "1000.1", "1000.2", "1000.3", "1000.4"]);
    }

    proptest! {
        #[test]
        fn every_value_has_a_place(values in proptest::collection::vec(any::<f64>(), 0..6), steps in 0usize..9) {
            let axis = Axis::over(values.iter().copied(), steps);
            prop_assert!(axis.ticks.len() >= 2 && axis.ticks.len() < 40);
            for value in values.into_iter().chain([f64::NAN, f64::INFINITY]) {
                prop_assert!((0.0..=1.0).contains(&axis.place(value)));
            }
        }
    }
}
