//! The straight line through a series.

use super::Model;

/// The least-squares line through all values so far, carried on. Of a single value it is level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    count: f64,
    /// Sum of the values.
    sum: f64,
    /// Sum of each value times its place, from 0.
    sum_by_place: f64,
}

impl Line {
    /// The line after a first value.
    #[must_use]
    pub fn new(first: f64) -> Self {
        Self { count: 1.0, sum: first, sum_by_place: 0.0 }
    }

    /// The line after a series. `None` for no values.
    #[must_use]
    pub fn fitted(series: &[f64]) -> Option<Self> {
        let (first, rest) = series.split_first()?;
        let mut line = Self::new(*first);
        rest.iter().for_each(|value| line.take(*value));
        Some(line)
    }

    /// How many values there were.
    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// By how much the line rises with each value.
    #[must_use]
    pub fn slope(&self) -> f64 {
        let n = self.count;
        if n < 2.0 {
            return 0.0;
        }
        12.0 * (self.sum_by_place - self.sum * (n - 1.0) / 2.0) / (n * (n * n - 1.0))
    }

    /// Takes the next value in.
    pub(super) fn take(&mut self, value: f64) {
        self.sum += value;
        self.sum_by_place += self.count * value;
        self.count += 1.0;
    }

    /// How far the place `steps` values from now is from the middle of the places.
    fn beyond_middle(&self, steps: usize) -> f64 {
        steps as f64 + (self.count - 1.0) / 2.0
    }
}

impl Model for Line {
    fn step(&mut self, value: f64) -> f64 {
        let error = value - self.ahead(1);
        self.take(value);
        error
    }

    fn ahead(&self, steps: usize) -> f64 {
        self.sum / self.count + self.slope() * self.beyond_middle(steps)
    }

    /// 1 + 1/n + the square of the distance from the middle over the sum of those of the places (FPP3, section 7.6);
    /// of a single value 2, since there is no slope to be wrong about.
    fn spread(&self, steps: usize) -> f64 {
        let n = self.count;
        let level = 1.0 + 1.0 / n;
        if n < 2.0 {
            return level;
        }
        level + self.beyond_middle(steps).powi(2) * 12.0 / (n * (n * n - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        // Through 1, 2, 4: the mean is 7/3, the slope (4 - 1) / 2; three places from the first it is 7/3 + 2 * 1.5.
        let line = Line::fitted(&[1.0, 2.0, 4.0]).unwrap();
        assert_eq!(line.slope(), 1.5);
        assert!((line.ahead(1) - 16.0 / 3.0).abs() < 1e-12);
        // 1 + 1/3 + 2^2 / (1 + 0 + 1)
        assert!((line.spread(1) - 10.0 / 3.0).abs() < 1e-12);
        assert_eq!(Line::fitted(&[]), None);
        assert_eq!((Line::new(3.0).ahead(5), Line::new(3.0).spread(5)), (3.0, 2.0));
    }

    /// The squares of errors over their spreads add up to those of the residuals of the line (Brown, Durbin and
    /// Evans, Techniques for testing the constancy of regression relationships over time, JRSS B 37, 1975).
    #[test]
    fn errors_on_the_way_add_up_to_the_residuals() {
        let series = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let mut line = Line::fitted(&series[..2]).unwrap();
        let mut recursive = 0.0;
        for value in &series[2..] {
            let spread = line.spread(1);
            recursive += line.step(*value).powi(2) / spread;
        }
        let at = |place: usize| line.sum / 8.0 + line.slope() * (place as f64 - 3.5);
        let residuals: f64 = series.iter().enumerate().map(|(place, value)| (value - at(place)).powi(2)).sum();
        assert!((recursive - residuals).abs() < 1e-9, "{recursive} {residuals}");
    }
}
