//! Intervals of proportions.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, Normal};

/// A proportion and an interval for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// The share that was seen, 0..1.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The share of `hits` in `trials` with Wilson's interval, which stays within 0..1 and is of use for few
/// trials and for none or all of them hitting: there the usual share ± 1.96 standard errors says that
/// nothing is unsure. Nothing for no trials, or a level that is not between 0 and 1. More hits than trials
/// count as all of them.
///
/// Wilson, Probable inference, the law of succession, and statistical inference (JASA 22, 1927).
#[must_use]
pub fn wilson(hits: u64, trials: u64, level: f64) -> Option<Proportion> {
    if trials == 0 || !(level > 0.0 && level < 1.0) {
        return None;
    }
    let count = trials as f64;
    let share = hits.min(trials) as f64 / count;
    let z = Normal::standard().inverse_cdf(0.5 + level / 2.0);
    let shrunk = 1.0 + z * z / count;
    let middle = (share + z * z / (2.0 * count)) / shrunk;
    let half = z / shrunk * (share * (1.0 - share) / count + z * z / (4.0 * count * count)).sqrt();
    // At the edges rounding would leave the share just outside.
    Some(Proportion { share, low: (middle - half).clamp(0.0, share), high: (middle + half).clamp(share, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn another_implementation_agrees() {
        // scipy.stats.binomtest(...).proportion_ci(0.95, method="wilson").
        let known = [
            (0, 20, 0.0, 0.16112515805281935),
            (3, 50, 0.020614970348973957, 0.1621709168883817),
            (50, 50, 0.9286524008666412, 1.0),
            (7, 400, 0.008502291107038097, 0.035677072925558044),
        ];
        for (hits, trials, low, high) in known {
            let ours = wilson(hits, trials, 0.95).expect("an interval");
            assert!((ours.low - low).abs() < 1e-9 && (ours.high - high).abs() < 1e-9, "{ours:?}");
        }
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(1, 2, 1.0), None);
        assert_eq!(wilson(1, 2, f64::NAN), None);
    }

    proptest! {
        #[test]
        fn the_share_lies_within_and_hits_mirror_misses(
            trials in 1u64..500, hits in 0u64..500, level in 0.5..0.999f64
        ) {
            let hits = hits.min(trials);
            let of = |hits| wilson(hits, trials, level).expect("an interval");
            let (hit, missed) = (of(hits), of(trials - hits));
            prop_assert!(0.0 <= hit.low && hit.low <= hit.share && hit.share <= hit.high && hit.high <= 1.0);
            prop_assert!((hit.low + missed.high - 1.0).abs() < 1e-12);
        }
    }
}
