//! A series in units of its own, so that models meet neither overflow nor a level that hides what moves.

/// The newest values of a series less the first of them, in a unit that is a power of two, so that the largest is
/// between 1 and 2. A constant series is all zeros, and what is exact stays exact; a series of twice the values has
/// the same values here.
#[derive(Clone, Debug)]
pub(super) struct Scaled {
    pub(super) values: Vec<f64>,
    /// What is as good as 0 here: what rounding of the original values may have left.
    pub(super) rounding: f64,
    /// The first value over 2^`outer`.
    base: f64,
    /// The unit is 2^(`inner` + `outer`).
    inner: i32,
    outer: i32,
}

impl Scaled {
    /// The newest `most` of the values that are finite. `None` where there are none.
    pub(super) fn newest(series: &[f64], most: usize) -> Option<Self> {
        let mut values: Vec<f64> = series.iter().rev().copied().filter(|v| v.is_finite()).take(most).collect();
        values.reverse();
        let outer = exponent(largest(&values));
        // The largest is below 2 now, and so no difference overflows.
        values.iter_mut().for_each(|value| *value = times_power_of_two(*value, -outer));
        let (base, level) = (*values.first()?, largest(&values));
        values.iter_mut().for_each(|value| *value -= base);
        let inner = exponent(largest(&values));
        values.iter_mut().for_each(|value| *value = times_power_of_two(*value, -inner));
        let rounding = times_power_of_two(256.0 * f64::EPSILON * level, -inner);
        Some(Self { values, rounding, base, inner, outer })
    }

    /// A value in the unit of the series; at most the largest number that there is.
    pub(super) fn back(&self, value: f64) -> f64 {
        let whole = times_power_of_two(self.base + times_power_of_two(value, self.inner), self.outer);
        whole.clamp(f64::MIN, f64::MAX)
    }
}

/// The largest size of some values; 0 of none.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

/// The power of two that is not above a number; of 0 that of 1.
pub(super) fn exponent(value: f64) -> i32 {
    const DIGITS: i32 = f64::MANTISSA_DIGITS as i32;
    let of_normal = |value: f64| (value.to_bits() >> (DIGITS - 1)) as i32 - (f64::MAX_EXP - 1);
    match value {
        0.0 => 0,
        _ if value.is_normal() => of_normal(value),
        _ => of_normal(times_power_of_two(value, DIGITS)) - DIGITS,
    }
}

/// A number times a power of two, which is exact unless it leaves the range of numbers. In two steps, since the
/// power itself may leave it.
pub(super) fn times_power_of_two(value: f64, power: i32) -> f64 {
    value * 2f64.powi(power / 2) * 2f64.powi(power - power / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn powers_of_two() {
        assert_eq!([0.0, 1.0, 1.9, 2.0, 0.75, f64::MAX].map(exponent), [0, 0, 0, 1, -1, 1023]);
        assert_eq!([f64::MIN_POSITIVE, f64::from_bits(1)].map(exponent), [-1022, -1074]);
    }

    #[test]
    fn a_series_in_its_own_unit() {
        let scaled = Scaled::newest(&[f64::NAN, 7.0, 10.0, 13.0, 4.0, f64::INFINITY], 3).unwrap();
        assert_eq!(scaled.values, [0.0, 0.75, -1.5]);
        assert_eq!([0.0, 0.75, -1.5, 1.0].map(|value| scaled.back(value)), [10.0, 13.0, 4.0, 14.0]);
        assert_eq!(Scaled::newest(&[5.5; 4], 9).unwrap().values, [0.0; 4]);
        assert!(Scaled::newest(&[f64::NAN], 3).is_none());
    }

    #[test]
    fn the_ends_of_the_range() {
        let scaled = Scaled::newest(&[-f64::MAX, f64::MAX], 2).unwrap();
        assert_eq!(scaled.back(scaled.values[1]), f64::MAX);
        assert_eq!(scaled.back(9.0), f64::MAX);
        let tiny = Scaled::newest(&[0.0, f64::from_bits(3)], 2).unwrap();
        assert_eq!(tiny.back(tiny.values[1]), f64::from_bits(3));
    }

    proptest! {
        #[test]
        fn there_and_back(series in proptest::collection::vec(-1e6..1e6f64, 1..20)) {
            let scaled = Scaled::newest(&series, 20).unwrap();
            for (value, original) in scaled.values.iter().zip(&series) {
                prop_assert!((scaled.back(*value) - original).abs() < 1e-9);
            }
        }
    }
}
