//! What decisions on the number of engines rest on.

use crate::tracker::Ranked;

/// Of a series of returns, so many of the newest are looked at.
const LONG_TERM: usize = 200;

/// What is known at the time of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Load<'a> {
    /// How well off the project is, from 0 to 1.
    pub capital: f64,
    /// Where the return on investment is going in the long term: what one more engine is projected to bring.
    pub trend: f64,
    /// The engines there are, in the order in which they came, and what each brought: 0 for one without cycles.
    pub engines: &'a [Ranked],
}

/// Where a return has been going in the long term: the mean of the later half of the newest 200 values less that of the
/// earlier half, as a share of the latter's size; 0 of fewer than two values, and where the earlier mean is 0. The
/// formula is that of the engine that this one succeeds.
#[must_use]
pub fn long_term_trend(levels: &[f64]) -> f64 {
    let newest = &levels[levels.len().saturating_sub(LONG_TERM)..];
    let (earlier, later) = newest.split_at(newest.len() / 2);
    // Divided before they are summed, so that the largest numbers there are have a mean too.
    let mean = |values: &[f64]| values.iter().map(|value| value / values.len() as f64).sum::<f64>();
    let (earlier, later) = (mean(earlier), mean(later));
    let trend = (later - earlier) / earlier.abs();
    if earlier == 0.0 || trend.is_nan() { 0.0 } else { trend }
}

/// How well off a project is by what it earned and what that cost, in credits: the share of all that changed hands that
/// was earned, from 0 to 1. A half is what breaks even, 0.8 is four times what it costs. `None` where nothing did.
#[must_use]
pub fn earned_share(value: f64, cost: f64) -> Option<f64> {
    let share = value.max(0.0) / (value.max(0.0) + cost);
    share.is_finite().then(|| share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trends_worked_by_hand() {
        assert_eq!(long_term_trend(&[]), 0.0);
        assert_eq!(long_term_trend(&[3.0]), 0.0);
        assert_eq!(long_term_trend(&[0.0, 3.0]), 0.0);
        assert_eq!(long_term_trend(&[2.0, 3.0]), 0.5);
        // Of an odd number the middle one counts to the later half; what falls from -2 to -3 falls.
        assert_eq!(long_term_trend(&[-2.0, -3.0, -3.0]), -0.5);
        let old: Vec<f64> = [vec![100.0; 50], vec![1.0; 100], vec![2.0; 100]].concat();
        assert_eq!(long_term_trend(&old), 1.0);
        assert_eq!(long_term_trend(&[f64::NAN, 1.0]), 0.0);
        assert_eq!(long_term_trend(&[f64::MAX, f64::MAX, f64::MAX, f64::MAX]), 0.0);
    }

    #[test]
    fn shares_worked_by_hand() {
        assert_eq!(earned_share(4.0, 1.0), Some(0.8));
        assert_eq!((earned_share(1.0, 1.0), earned_share(-5.0, 1.0)), (Some(0.5), Some(0.0)));
        assert_eq!((earned_share(0.0, 0.0), earned_share(f64::NAN, 0.0)), (None, None));
    }
}
