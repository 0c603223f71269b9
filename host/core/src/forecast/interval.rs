//! How far off a forecast may be.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::Model as _;
use super::fitted::Fitted;

/// The level of all intervals.
const LEVEL: f64 = 0.95;

/// With fewer degrees of freedom than this there is no interval: on one, Student's t asks for 13 standard deviations,
/// and there is one error to tell what they are.
const LEAST_DEGREES: usize = 2;

/// From so many errors of a rolling origin on, an interval is at least as wide as they ask for.
const LEAST_ERRORS: usize = 5;

/// From so many on, it is at least as wide as split conformal prediction asks for.
const CONFORMAL_ERRORS: usize = 20;

/// So many errors that were all 0 make a zero-width interval honest: that the next one is another then has a chance of
/// 1 in 20 at most.
const EXACT_ERRORS: usize = 19;

/// Half the width of the 95 % interval of each of the next `horizon` values; never less for a later one. `None` where
/// errors are too few, or say nothing of how large they can be.
///
/// `standardised` are the errors of the rolling origin so many values ahead, over the square roots of their spreads;
/// what is at most `rounding` is 0.
pub(super) fn half_widths(
    series: &[f64],
    model: &Fitted,
    standardised: impl Fn(usize) -> Vec<f64>,
    horizon: usize,
    rounding: f64,
) -> Option<Vec<f64>> {
    let residuals = model.residuals(series);
    let degrees = residuals.len().checked_sub(model.parameters()).filter(|degrees| *degrees >= LEAST_DEGREES)?;
    let exact = residuals.iter().chain(&standardised(1)).all(|error| error.abs() <= rounding);
    if exact && residuals.len() >= EXACT_ERRORS {
        return Some(vec![0.0; horizon]);
    }
    if exact {
        return half_widths_of_changes(series, horizon, rounding);
    }
    let noise = student(degrees) * root_of_squares(&residuals, degrees);
    let mut widest = 0.0f64;
    let widths = (1..=horizon).map(|steps| {
        let observed = unit_width(standardised(steps));
        widest = widest.max(noise.max(observed) * model.spread(steps).sqrt());
        widest
    });
    Some(widths.collect())
}

/// The half widths for the last value of a series, by its changes; `None` where it has never changed.
fn half_widths_of_changes(series: &[f64], horizon: usize, rounding: f64) -> Option<Vec<f64>> {
    let changes: Vec<f64> = series.windows(2).map(|pair| pair[1] - pair[0]).collect();
    if changes.iter().all(|change| change.abs() <= rounding) {
        return None;
    }
    let noise = student(changes.len()) * root_of_squares(&changes, changes.len());
    Some((1..=horizon).map(|steps| noise * (steps as f64).sqrt()).collect())
}

/// The half width that errors of a rolling origin ask for, in the unit of the errors; 0 where they are too few to ask.
fn unit_width(errors: Vec<f64>) -> f64 {
    let count = errors.len();
    let by_squares = if count < LEAST_ERRORS { 0.0 } else { student(count) * root_of_squares(&errors, count) };
    let by_rank = if count < CONFORMAL_ERRORS { 0.0 } else { conformal(errors) };
    by_squares.max(by_rank)
}

/// The size that 95 % of errors do not exceed, at (count + 1) x 0.95 of them in order, between neighbours (Lei and
/// others, Distribution-free predictive inference for regression, JASA 113, 2018, rounds up).
fn conformal(errors: Vec<f64>) -> f64 {
    let mut sizes: Vec<f64> = errors.into_iter().map(f64::abs).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let last = sizes.len().saturating_sub(1);
    let place = ((sizes.len() as f64 + 1.0) * LEVEL - 1.0).clamp(0.0, last as f64);
    let (below, part) = (place.floor() as usize, place.fract());
    let (low, high) = (sizes[below], sizes[(below + 1).min(last)]);
    low + part * (high - low)
}

fn root_of_squares(errors: &[f64], degrees: usize) -> f64 {
    (errors.iter().map(|error| error * error).sum::<f64>() / degrees as f64).sqrt()
}

/// What Student's t exceeds in 2.5 % of cases.
fn student(degrees: usize) -> f64 {
    // There is at least one degree and the scale is 1, which is all that the distribution asks for.
    StudentsT::new(0.0, 1.0, degrees as f64).map_or(f64::INFINITY, |student| student.inverse_cdf(0.5 + LEVEL / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Method;

    fn widths(series: &[f64], method: Method, horizon: usize) -> Option<Vec<f64>> {
        let model = Fitted::of(series, method).unwrap();
        half_widths(series, &model, |_| Vec::new(), horizon, 0.0)
    }

    fn close(ours: &[f64], by_hand: &[f64]) {
        assert_eq!(ours.len(), by_hand.len());
        for (a, b) in ours.iter().zip(by_hand) {
            assert!((a - b).abs() < 1e-6, "{ours:?} {by_hand:?}");
        }
    }

    #[test]
    fn student_of_tables() {
        close(&[student(2), student(3), student(30)], &[4.302_652_730, 3.182_446_305, 2.042_272_456]);
    }

    #[test]
    fn the_last_value_by_hand() {
        // Changes of 1 and -2: a standard deviation of the root of 5 / 2, on 2 degrees.
        let one = 4.302_652_730 * 2.5f64.sqrt();
        close(&widths(&[3.0, 4.0, 2.0], Method::Auto, 2).unwrap(), &[one, one * 2f64.sqrt()]);
        assert_eq!(widths(&[3.0, 4.0], Method::Auto, 2), None);
        assert_eq!(widths(&[3.0, 4.0, 2.0], Method::Auto, 0), Some(Vec::new()));
    }

    #[test]
    fn the_moving_average_by_hand() {
        // Errors 1, 1.7, 2.19 on 3 degrees; 1 + 0.3^2 two values ahead.
        let one = 3.182_446_305 * ((1.0 + 2.89 + 4.7961) / 3.0f64).sqrt();
        close(&widths(&[1.0, 2.0, 3.0, 4.0], Method::Ema, 2).unwrap(), &[one, one * 1.09f64.sqrt()]);
    }

    /// The textbook's interval for a line: 1, 2, 4, 4 leave squares of 0.7 on 2 degrees; the spread of the next is
    /// 1 + 1/4 + 2.5^2 / 5.
    #[test]
    fn the_line_by_hand() {
        let one = 4.302_652_730 * (0.35 * 2.5f64).sqrt();
        close(&widths(&[1.0, 2.0, 4.0, 4.0], Method::Linear, 1).unwrap(), &[one]);
        assert_eq!(widths(&[1.0, 2.0, 4.0], Method::Linear, 1), None);
    }

    #[test]
    fn errors_of_the_past_widen_and_never_narrow() {
        let series = [3.0, 4.0, 2.0];
        let model = Fitted::of(&series, Method::Auto).unwrap();
        let with = |errors: Vec<f64>| half_widths(&series, &model, |_| errors.clone(), 1, 0.0).unwrap()[0];
        assert_eq!(with(vec![100.0; 4]), with(Vec::new()));
        assert_eq!(with(vec![0.1; 40]), with(Vec::new()));
        close(&[with(vec![100.0; 5])], &[student(5) * 100.0]);
        // One of 21 is huge: rank 20.9 is nine tenths of it, its square alone asks for t / sqrt(21), less than half.
        let mut errors = vec![0.0; 20];
        errors.push(-210.0);
        close(&[conformal(errors.clone()), with(errors)], &[189.0; 2]);
        // 15 of 300 are the largest: those at rank 285.95.
        let errors: Vec<f64> = (1..=300).map(f64::from).collect();
        close(&[conformal(errors)], &[285.95]);
    }

    #[test]
    fn what_was_always_exact() {
        assert_eq!(widths(&[0.0; 19], Method::Auto, 1), None);
        assert_eq!(widths(&[0.0; 19], Method::Ema, 1), None);
        assert_eq!(widths(&[0.0; 20], Method::Ema, 2), Some(vec![0.0; 2]));
        // A line, of which the last value was wrong by 1 each time.
        let line: Vec<f64> = (0..5).map(f64::from).collect();
        close(&widths(&line, Method::Linear, 1).unwrap(), &[student(4)]);
    }
}
