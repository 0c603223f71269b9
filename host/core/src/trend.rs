//! Where a figure has been going over past cycles, so that one odd cycle does not decide it.

/// The past of a figure, prepared so that asking for the slope with one more value is cheap: metrics are measured
/// anew for thousands of resamples, and only the present value differs between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// The values of up to [`Trend::CYCLES`] - 1 past cycles, oldest first.
    past: Vec<f64>,
    /// The slopes between every two of them, in order.
    slopes: Vec<f64>,
}

impl Trend {
    /// The most cycles that are looked at, the present one among them.
    pub const CYCLES: usize = 200;

    /// The trend of past values, oldest first. Only the newest [`Trend::CYCLES`] - 1 are looked at, and values that are not
    /// finite are left out.
    #[must_use]
    pub fn of(past: &[f64]) -> Self {
        let finite: Vec<f64> = past.iter().copied().filter(|value| value.is_finite()).collect();
        let past = finite[finite.len().saturating_sub(Self::CYCLES - 1)..].to_vec();
        let mut slopes = Vec::with_capacity(past.len() * past.len().saturating_sub(1) / 2);
        for (later, value) in past.iter().enumerate() {
            slopes.extend(slopes_to(&past[..later], *value));
        }
        slopes.sort_unstable_by(f64::total_cmp);
        Self { past, slopes }
    }

    /// The Theil-Sen slope of the past values and a present one, per cycle: the median of the slopes between every
    /// two cycles (Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63, 1968). Up to 29 % of
    /// the values may be arbitrarily wrong before it is. 0 where there is no past.
    #[must_use]
    pub fn slope_with(&self, present: f64) -> f64 {
        let mut room = [0.0; Self::CYCLES - 1];
        let mut count = 0;
        for (place, slope) in room.iter_mut().zip(slopes_to(&self.past, present)) {
            *place = slope;
            count += 1;
        }
        let new = &mut room[..count];
        new.sort_unstable_by(f64::total_cmp);
        let all = self.slopes.len() + new.len();
        if all == 0 {
            return 0.0;
        }
        let upper = nth_of_both(&self.slopes, new, all / 2);
        if all % 2 == 1 { upper } else { f64::midpoint(nth_of_both(&self.slopes, new, all / 2 - 1), upper) }
    }
}

/// The slopes from each of some values, one cycle apart, to the value that follows the last.
fn slopes_to(past: &[f64], present: f64) -> impl Iterator<Item = f64> {
    past.iter().rev().enumerate().map(move |(back, value)| (present - value) / (back + 1) as f64)
}

/// The `n`-th, from 0, of the values of two sorted lists that together have more than `n`.
fn nth_of_both(a: &[f64], b: &[f64], n: usize) -> f64 {
    // How many of the first n come from b: the fewest such that b's next is not before a's last.
    let (mut from_b, mut most) = (n.saturating_sub(a.len()), n.min(b.len()));
    while from_b < most {
        let middle = usize::midpoint(from_b, most);
        if b[middle] < a[n - middle - 1] { from_b = middle + 1 } else { most = middle }
    }
    let next = |list: &[f64], place: usize| list.get(place).copied().unwrap_or(f64::INFINITY);
    next(a, n - from_b).min(next(b, from_b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slopes_worked_by_hand() {
        assert_eq!(Trend::default().slope_with(7.0), 0.0);
        assert_eq!(Trend::of(&[1.0]).slope_with(4.0), 3.0);
        // 1, 2, 9: slopes 1, 7, 4.
        assert_eq!(Trend::of(&[1.0, 2.0]).slope_with(9.0), 4.0);
        // 1, 2, 3, 100: slopes 1, 1, 1, 97, 49, 33: the median is between 1 and 33.
        assert_eq!(Trend::of(&[1.0, 2.0, 3.0]).slope_with(100.0), 17.0);
        assert_eq!(Trend::of(&[0.0, 1.0, 2.0, f64::NAN, 3.0, 4.0]).slope_with(1000.0), 1.0);
    }

    #[test]
    fn only_the_newest_cycles_count() {
        let falling = (0..500).map(|cycle| f64::from(1000 - cycle));
        let rising = (0..199).map(f64::from);
        let past: Vec<f64> = falling.chain(rising).collect();
        assert_eq!(Trend::of(&past).slope_with(199.0), 1.0);
    }

    proptest! {
        #[test]
        fn it_is_the_median_of_all_slopes(values in proptest::collection::vec(-100i32..100, 2..30)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut slopes = Vec::new();
            for j in 0..values.len() {
                for i in 0..j {
                    slopes.push((values[j] - values[i]) / (j - i) as f64);
                }
            }
            slopes.sort_by(f64::total_cmp);
            let half = slopes.len() / 2;
            let median = if slopes.len() % 2 == 1 { slopes[half] } else { (slopes[half - 1] + slopes[half]) / 2.0 };
            let (present, past) = values.split_last().unwrap();
            prop_assert_eq!(Trend::of(past).slope_with(*present), median);
        }
    }
}
