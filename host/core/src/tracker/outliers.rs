//! Deltas that do not go with those before them. They are flagged and never dropped.

use super::RoiTracker;
use crate::trend::Trend;

/// From so many deltas before it on, a delta may be an outlier.
const LEAST_BEFORE: usize = 4;

/// How many standard deviations from the median a delta may be (Iglewicz and Hoaglin, How to Detect and Handle
/// Outliers, 1993, who take 3.5 for the modified z-score).
const FENCE: f64 = 3.5;

/// The standard deviation of a normal distribution, per median absolute deviation.
const DEVIATIONS_PER_MAD: f64 = 1.482_602_218_505_602;

/// A delta that does not go with those before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlier {
    /// The cycle, from 0.
    pub cycle: usize,
    /// How far the cycle moved the return on investment.
    pub delta: f64,
    /// What a delta there had to be at least.
    pub low: f64,
    /// What it could be at most.
    pub high: f64,
}

impl RoiTracker {
    /// The deltas that do not go with those before them, oldest first; none where the rules do not ask for it.
    ///
    /// A delta is held against the median and the median absolute deviation of up to [`Trend::CYCLES`] before it,
    /// which half of them cannot spoil. The spread is taken to be the rules' tolerance at least: what is negligible
    /// by the rules is no outlier, and where all were equal there would else be none that is not. As outliers are
    /// kept, a lasting change is the new normal once it is half of what is looked at.
    #[must_use]
    pub fn outliers(&self) -> Vec<Outlier> {
        (0..self.updates.len()).filter_map(|cycle| self.outlier_at(cycle)).collect()
    }

    /// The delta of a cycle, if it is an outlier.
    pub(super) fn outlier_at(&self, cycle: usize) -> Option<Outlier> {
        if !self.rules.flag_outliers || cycle < LEAST_BEFORE {
            return None;
        }
        let delta = self.updates.get(cycle)?.delta();
        let before = &self.updates[cycle.saturating_sub(Trend::CYCLES)..cycle];
        let (low, high) = fences(before.iter().map(super::Update::delta).collect(), self.rules.tolerance);
        (delta < low || delta > high).then_some(Outlier { cycle, delta, low, high })
    }
}

/// Between what a delta goes with those before it. `floor` is the least that the spread is taken to be.
fn fences(mut before: Vec<f64>, floor: f64) -> (f64, f64) {
    let middle = median(&mut before);
    let mut distances: Vec<f64> = before.iter().map(|delta| (delta - middle).abs()).collect();
    let reach = FENCE * (DEVIATIONS_PER_MAD * median(&mut distances)).max(floor);
    (middle - reach, middle + reach)
}

/// The median; 0 of nothing.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.len() % 2) {
        (Some(upper), 0) => f64::midpoint(values[values.len() / 2 - 1], *upper),
        (Some(middle), _) => *middle,
        (None, _) => 0.0,
    }
}
