//! How good forecasts were, by pairs of what was foretold and what came, oldest first. Pairs with a number that is
//! not finite are left out; without pairs there is no answer.

use super::scaled::{exponent, largest, times_power_of_two};

/// The share of the newest error in [`ema_reliability`].
const EMA_SHARE: f64 = 0.3;

/// With fewer pairs than this nothing can be cross-validated: each half needs two for a line.
pub const LEAST_PAIRS: usize = 4;

/// Most parts that pairs are divided into for cross-validation.
const FOLDS: usize = 5;

/// The mean absolute error, of the newest `window` pairs where there is one. `None` where there are none.
#[must_use]
pub fn mean_absolute(pairs: &[(f64, f64)], window: Option<usize>) -> Option<f64> {
    let pairs = finite(pairs);
    let newest = &pairs[pairs.len() - window.unwrap_or(usize::MAX).min(pairs.len())..];
    // Halves, since the difference of two numbers may be larger than any number.
    let count = newest.len() as f64;
    let mean: f64 = newest.iter().map(|(foretold, came)| (foretold / 2.0 - came / 2.0).abs() / count).sum();
    (!newest.is_empty()).then_some((2.0 * mean).min(f64::MAX))
}

/// 1 / (1 + e), where e is the exponential moving average of absolute errors, with the share 0.3, from the first.
///
/// It depends on the unit of the series: that is what [`reliability`](super::reliability) mends. `None` where there
/// are no pairs: no evidence is no reason for trust.
#[must_use]
pub fn ema_reliability(pairs: &[(f64, f64)]) -> Option<f64> {
    let sizes = finite(pairs).into_iter().map(|(foretold, came)| (foretold - came).abs().min(f64::MAX));
    let mean = sizes.reduce(|mean, size| mean + EMA_SHARE * (size - mean))?;
    Some(1.0 / (1.0 + mean))
}

/// How much of what came a line through the pairs explains, on pairs that the line was not fitted to: R squared of
/// up to five parts together, from 0 to 1. `None` for fewer than [`LEAST_PAIRS`].
///
/// A forecast that is off by the same amount, or the same factor, each time counts as good; that is what is asked
/// here. The parts are every so many-th pair, and none is left to chance. What a line explains is held against the mean
/// of the same pairs that the line was fitted to. Where what came never varied, there was nothing to explain: 1 if the
/// forecasts said just that, else 0.
#[must_use]
pub fn cross_validated(pairs: &[(f64, f64)]) -> Option<f64> {
    let pairs = finite(pairs);
    if pairs.len() < LEAST_PAIRS {
        return None;
    }
    let pairs = in_own_units(&pairs);
    let folds = FOLDS.min(pairs.len() / 2);
    let (mut by_line, mut by_mean) = (0.0, 0.0);
    for fold in 0..folds {
        let (held, known): (Vec<_>, Vec<_>) = pairs.iter().enumerate().partition(|(place, _)| place % folds == fold);
        let line = LineOfPairs::through(known.iter().map(|(_, pair)| **pair));
        for (_, (foretold, came)) in held {
            by_line += (came - line.at(*foretold)).powi(2);
            by_mean += (came - line.mean.1).powi(2);
        }
    }
    if by_mean == 0.0 {
        return Some(f64::from(u8::from(pairs.iter().all(|(foretold, came)| foretold == came))));
    }
    Some((1.0 - by_line / by_mean).clamp(0.0, 1.0))
}

/// The least-squares line through pairs; level where the first of the pairs does not vary.
struct LineOfPairs {
    mean: (f64, f64),
    slope: f64,
}

impl LineOfPairs {
    fn through(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let count = pairs.clone().count() as f64;
        let sum = pairs.clone().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        let mean = (sum.0 / count, sum.1 / count);
        let (mut together, mut spread) = (0.0, 0.0);
        for (x, y) in pairs {
            together += (x - mean.0) * (y - mean.1);
            spread += (x - mean.0).powi(2);
        }
        Self { mean, slope: if spread > 0.0 { together / spread } else { 0.0 } }
    }

    fn at(&self, x: f64) -> f64 {
        self.mean.1 + self.slope * (x - self.mean.0)
    }
}

fn finite(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    pairs.iter().copied().filter(|(foretold, came)| foretold.is_finite() && came.is_finite()).collect()
}

/// Pairs over a power of two, so that no square is larger than any number.
fn in_own_units(pairs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let numbers: Vec<f64> = pairs.iter().flat_map(|(foretold, came)| [*foretold, *came]).collect();
    let unit = exponent(largest(&numbers));
    let over_unit = |number: f64| times_power_of_two(number, -unit);
    pairs.iter().map(|(foretold, came)| (over_unit(*foretold), over_unit(*came))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn absolute_errors_by_hand() {
        let pairs = [(1.0, 1.5), (2.0, 1.0)];
        assert_eq!((mean_absolute(&pairs, None), mean_absolute(&pairs, Some(1))), (Some(0.75), Some(1.0)));
        assert_eq!((mean_absolute(&pairs, Some(9)), mean_absolute(&pairs, Some(0))), (Some(0.75), None));
        assert_eq!(mean_absolute(&[], None), None);
        assert_eq!(mean_absolute(&[(f64::NAN, 1.0), (1.0, 4.0), (1.0, f64::INFINITY)], Some(1)), Some(3.0));
        assert_eq!(mean_absolute(&[(f64::MAX, -f64::MAX)], None), Some(f64::MAX));
    }

    #[test]
    fn the_moving_average_of_errors_by_hand() {
        // 0.7 * 0.5 + 0.3 * 1
        let reliability = ema_reliability(&[(1.0, 1.5), (2.0, 1.0)]).unwrap();
        assert!((reliability - 1.0 / 1.65).abs() < 1e-12);
        assert_eq!(ema_reliability(&[(3.0, 3.0)]), Some(1.0));
        assert_eq!(ema_reliability(&[]), None);
        assert_eq!(ema_reliability(&[(f64::NAN, 1.0)]), None);
    }

    #[test]
    fn a_constant_error_is_explained() {
        let pairs: Vec<(f64, f64)> = (0..5).map(|i| (f64::from(i), f64::from(i) + 0.1)).collect();
        let explained = cross_validated(&pairs).unwrap();
        assert!((0.9..=1.0).contains(&explained), "{explained}");
        assert_eq!(cross_validated(&pairs[..3]), None);
    }

    #[test]
    fn cross_validation_by_hand() {
        // The even pairs give the line y = x with mean 1, the odd ones y = x + 1 with mean 3: errors of 1 four times,
        // against distances from the other half's mean of 1, 3 and 3, 1.
        let pairs = [(0.0, 0.0), (1.0, 2.0), (2.0, 2.0), (3.0, 4.0)];
        assert!((cross_validated(&pairs).unwrap() - 0.8).abs() < 1e-12);
    }

    #[test]
    fn what_explains_nothing() {
        let noise = [(1.0, 5.0), (2.0, -5.0), (3.0, -5.0), (4.0, 5.0), (5.0, 5.0), (6.0, -5.0)];
        assert_eq!(cross_validated(&noise), Some(0.0));
        assert_eq!(cross_validated(&[(2.0, 3.0); 6]), Some(0.0));
        assert_eq!(cross_validated(&[(3.0, 3.0); 6]), Some(1.0));
    }

    proptest! {
        #[test]
        fn all_are_finite_and_within_bounds(
            pairs in proptest::collection::vec((-1e308..1e308f64, -1e308..1e308f64), 0..20),
        ) {
            prop_assert!(mean_absolute(&pairs, None).is_none_or(|mean| mean.is_finite() && mean >= 0.0));
            for share in [ema_reliability(&pairs), cross_validated(&pairs)].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&share), "{}", share);
            }
        }
    }
}
