//! A rolling origin: what a method would have foretold from each point of a series, knowing only what came before.

use super::fitted::{Fitted, least_points};
use super::{Method, Model as _};

/// Models after more and more of a series, one value apart.
///
/// Parameters are fitted anew when the known part has grown by a fifth, and kept in between. That costs a fraction of
/// fitting at every origin, and no forecast knows what comes after it.
pub(super) struct Origins<'a> {
    series: &'a [f64],
    /// How many values the first of the models has seen.
    first: usize,
    models: Vec<Fitted>,
}

impl<'a> Origins<'a> {
    /// From the fewest points with which the method says more than the last value, to all points but one.
    pub(super) fn of(series: &'a [f64], method: Method) -> Self {
        let first = least_points(method);
        let (mut models, mut next, mut model) = (Vec::new(), first, None);
        for seen in first..series.len() {
            if seen == next {
                model = Fitted::of(&series[..seen], method);
                next += (seen / 5).max(1);
            } else if let Some(model) = &mut model {
                model.step(series[seen - 1]);
            }
            models.extend(model);
        }
        Self { series, first, models }
    }

    /// The errors of what was expected of the next value, oldest first.
    pub(super) fn errors(&self) -> Vec<f64> {
        self.each(1, |model, _, value| value - model.ahead(1))
    }

    /// The errors that the last value would have made instead.
    pub(super) fn errors_of_last(&self) -> Vec<f64> {
        self.each(1, |_, last, value| value - last)
    }

    /// The errors of what was expected `steps` values ahead, each over the square root of its model's spread.
    pub(super) fn standardised(&self, steps: usize) -> Vec<f64> {
        self.each(steps, |model, _, value| (value - model.ahead(steps)) / model.spread(steps).sqrt())
    }

    /// The same of the last value.
    pub(super) fn standardised_of_last(&self, steps: usize) -> Vec<f64> {
        let spread = (steps as f64).sqrt();
        self.each(steps, |_, last, value| (value - last) / spread)
    }

    /// What a function says of each model, the last value that it has seen, and the value `steps` after that.
    fn each(&self, steps: usize, of: impl Fn(&Fitted, f64, f64) -> f64) -> Vec<f64> {
        let known = self.series.iter().skip(self.first.saturating_sub(1));
        let actual = self.series.iter().skip(self.first.saturating_add(steps).saturating_sub(1));
        self.models.iter().zip(known.zip(actual)).map(|(model, (last, value))| of(model, *last, *value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_moving_average_by_hand() {
        // After 1; 1, 2; 1, 2, 3 it says 1, 1.3, 1.81.
        let series = [1.0, 2.0, 3.0, 4.0];
        let origins = Origins::of(&series, Method::Ema);
        let expected = [1.0, 1.7, 2.19];
        assert!(origins.errors().iter().zip(expected).all(|(error, by_hand)| (error - by_hand).abs() < 1e-12));
        assert_eq!((origins.errors().len(), origins.errors_of_last()), (3, vec![1.0; 3]));
        assert_eq!(origins.standardised_of_last(2), [2.0 / 2f64.sqrt(); 2]);
        // 1 + 0.3^2 is the spread two values ahead.
        let two = origins.standardised(2);
        assert!((two[0] - 2.0 / 1.09f64.sqrt()).abs() < 1e-12 && two.len() == 2);
        assert!(origins.standardised(4).is_empty() && origins.standardised(usize::MAX).is_empty());
    }

    #[test]
    fn no_forecast_knows_what_comes_after_it() {
        let mut series: Vec<f64> = (0..40).map(|place| f64::from(place * 7 % 11)).collect();
        for method in [Method::Auto, Method::Ses, Method::Holt, Method::Theta, Method::Arima, Method::Linear] {
            let before = Origins::of(&series[..30], method).errors();
            series[30..].iter_mut().for_each(|value| *value *= -3.0);
            assert_eq!(Origins::of(&series, method).errors()[..before.len()], before, "{method}");
        }
    }

    #[test]
    fn too_few_points_have_no_origin() {
        assert!(Origins::of(&[], Method::Ema).errors().is_empty());
        assert!(Origins::of(&[1.0; 5], Method::Auto).errors().is_empty());
        assert_eq!(Origins::of(&[1.0; 6], Method::Auto).errors(), [0.0]);
    }
}
