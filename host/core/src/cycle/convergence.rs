//! Whether what is measured cycle after cycle has come to rest.
//!
//! The engine that this one succeeds tested whether the mean of some deltas differs from 0, and asked that it surely
//! does. So it took an offset for rest, and noise around 0, which is rest, never. Here the question is put the other
//! way round, as tests of equivalence do (Schuirmann, A comparison of the two one-sided tests procedure and the power
//! approach, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987): it has to be shown that the next value stays
//! near 0. It takes one figure instead of a mean, a scatter, a trend and a change of variance with a threshold each:
//! the chance that the next value lies within the threshold, by Student's distribution of the next of `n` normal values
//! around their mean `m`, with the deviation `s` (Geisser, Predictive Inference, 1993):
//!
//! ```text
//! (next - m) / (s sqrt(1 + 1 / n))   has n - 1 degrees of freedom
//! ```
//!
//! A trend needs no test of its own: values on a straight line scatter around their mean, and as long as there are at
//! most ten of them, the threshold within which the next lies with 95 % holds what the line comes to next.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::units::figure;

/// How many values are looked at, at least and at most.
const WINDOWS: (usize, usize) = (3, 10);

/// The reliability of forecasts from which on a calm cycle less is waited for.
const RELIABLE: f64 = 0.8;

/// By what it is decided whether values have come to rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConvergenceRules {
    /// How many of the newest values are looked at, from 3 to 10. With 3 to this number there is an answer too.
    pub window: usize,
    /// How sure it has to be that the next value is within the threshold, from 0.5 to 0.999.
    pub level: f64,
}

/// Whether values have come to rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Convergence {
    /// Whether they have.
    pub converged: bool,
    /// The chance that the next value is within the threshold; absent with too few values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Why, in words.
    pub because: String,
}

impl Default for ConvergenceRules {
    fn default() -> Self {
        Self { window: 5, level: 0.95 }
    }
}

impl ConvergenceRules {
    /// The key that has an impossible value, and what would be right, if one has.
    #[must_use]
    pub fn invalid(&self) -> Option<(&'static str, &'static str)> {
        let Self { window, level } = self;
        match () {
            () if !(WINDOWS.0..=WINDOWS.1).contains(window) => Some(("window", "a number of values from 3 to 10")),
            () if !(0.5..=0.999).contains(level) => Some(("level", "a number from 0.5 to 0.999")),
            () => None,
        }
    }

    /// Whether values, oldest first, have come to rest within a threshold of 0: ROI deltas of an engine, those of a
    /// module, changes of a synergy.
    #[must_use]
    pub fn judge(&self, values: &[f64], threshold: f64) -> Convergence {
        let window = self.window.clamp(WINDOWS.0, WINDOWS.1);
        let newest = &values[values.len().saturating_sub(window)..];
        if newest.len() < WINDOWS.0 {
            let because = format!("{} values are too few to say: it takes {}", newest.len(), WINDOWS.0);
            return Convergence { converged: false, confidence: None, because };
        }
        let confidence = chance_within(newest, threshold);
        let converged = confidence >= self.level;
        let because = format!(
            "by the newest {} values the next is within {} of 0 with a chance of {}, {} {}",
            newest.len(),
            figure(threshold),
            figure(confidence),
            if converged { "not below" } else { "below" },
            figure(self.level)
        );
        Convergence { converged, confidence: Some(confidence), because }
    }
}

/// The threshold that noise of this size asks for: `factor` standard deviations of some values, oldest first, where
/// each counts `decay` times the one that follows it, from 0 to 1. The values may be the newest deltas, or what
/// predictions were wrong by. `None` without values, or where they are no numbers to reckon with.
///
/// Held against the values themselves such a threshold says that they scatter around 0, whatever their size: a caller
/// to whom the size matters takes the smaller of this and his own.
#[must_use]
pub fn noise_threshold(values: &[f64], factor: f64, decay: f64) -> Option<f64> {
    let mean_of = |number: &dyn Fn(f64) -> f64| {
        let (sum, weights) = values
            .iter()
            .fold((0.0, 0.0), |(sum, weights), value| (sum * decay + number(*value), weights * decay + 1.0));
        sum / weights
    };
    let mean = mean_of(&|value| value);
    let threshold = factor * mean_of(&|value| (value - mean).powi(2)).sqrt();
    threshold.is_finite().then_some(threshold)
}

/// Whether the synergies of a loop of cycles have settled: the largest change of any of them was at most the threshold
/// in the newest cycle, and in the one before too unless forecasts of the synergy can be relied on. So it takes two
/// cycles, or three. `changes` are those from each cycle to the next, oldest first, one less than there are cycles.
///
/// The engine that this one succeeds lowered the threshold where forecasts were reliable, which made it go on longer;
/// here what is reliable is believed sooner.
#[must_use]
pub fn is_settled(changes: &[f64], threshold: f64, reliability: Option<f64>) -> bool {
    let needed = if reliability.is_some_and(|reliability| reliability >= RELIABLE) { 1 } else { 2 };
    changes.len() >= needed && changes[changes.len() - needed..].iter().all(|change| change.abs() <= threshold)
}

/// The chance that the value after some, at least two, is within a threshold of 0.
fn chance_within(values: &[f64], threshold: f64) -> f64 {
    // What never changed is expected to stay. Its mean may differ from it by rounding, which is no scatter.
    if let [first, rest @ ..] = values
        && rest.iter().all(|value| value == first)
    {
        return if first.abs() <= threshold { 1.0 } else { 0.0 };
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let scale = (variance * (1.0 + 1.0 / count)).sqrt();
    let Ok(student) = StudentsT::new(mean, scale, count - 1.0) else { return 0.0 };
    let chance = student.cdf(threshold) - student.cdf(-threshold);
    // NaN, of a threshold that is none, is no chance.
    if chance.is_nan() { 0.0 } else { chance.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Stream};
    use crate::tracker::Pair;
    use proptest::prelude::*;

    fn judge(values: &[f64], threshold: f64) -> Convergence {
        ConvergenceRules::default().judge(values, threshold)
    }

    fn converged(values: &[f64], threshold: f64) -> bool {
        judge(values, threshold).converged
    }

    /// Evenly drawn values around 0, none further from it than `most`.
    fn noise(draws: &mut Draws, most: f64, count: usize) -> Vec<f64> {
        (0..count).map(|_| most * (f64::from(draws.below(2001)) / 1000.0 - 1.0)).collect()
    }

    #[test]
    fn small_and_steady_has_converged_and_what_moves_has_not() {
        // Fact C1, with the threshold that its first case names.
        let steady = judge(&[0.005; 3], 0.03);
        assert!(steady.converged && steady.confidence.is_some_and(|chance| chance >= 0.95));
        assert!(!converged(&[0.05, -0.04, 0.04], 0.03));
        // Within the threshold, but on the way out of it.
        assert!(!converged(&[0.01, 0.015, 0.02], 0.03));
        for count in 3..12 {
            let alternating: Vec<f64> = (0..count).map(|place| f64::from(place % 2) * 0.02).collect();
            assert!(!converged(&alternating, 0.03), "{count}");
        }
        // Fact C2.
        assert!(converged(&[0.001, 0.002, 0.0015, 0.0011, 0.0009], 0.01));
        assert!(!converged(&[0.05, -0.05, 0.05, -0.05], 0.01));
        assert!(!converged(
            &[0.05, -0.05, 0.05, -0.05],
            noise_threshold(&[0.05, -0.05, 0.05, -0.05], 2.0, 1.0).unwrap()
        ));
        // Fact C3. Its last case was not flagged for its size; nor is it here.
        assert_eq!(judge(&[0.005; 4], 0.01).confidence, Some(1.0));
        assert!(!converged(&[0.05, -0.05, 0.05], 0.01));
        assert!(!converged(&[0.02; 3], 0.01));
    }

    #[test]
    fn thresholds_follow_from_what_predictions_were_wrong_by() {
        // Fact C4.
        let pair = |actual, predicted| Pair { predicted, actual };
        let pairs = [pair(1.0, 0.9), pair(2.0, 2.1), pair(3.0, 2.9)];
        let errors: Vec<f64> = pairs.iter().map(|pair| pair.actual - pair.predicted).collect();
        assert!((noise_threshold(&errors, 1.0, 1.0).unwrap() - 0.0943).abs() < 5e-5);
        assert!((noise_threshold(&[1.0, 2.0, 1.0, 0.0], 1.0, 0.5).unwrap() - 0.7118).abs() < 5e-5);
        assert_eq!(noise_threshold(&[3.0; 4], 2.0, 0.9), Some(0.0));
        assert_eq!((noise_threshold(&[], 2.0, 1.0), noise_threshold(&[1.0, f64::NAN], 2.0, 1.0)), (None, None));
    }

    #[test]
    fn a_loop_ends_after_two_cycles_with_reliable_forecasts_and_after_three_without() {
        // Fact C5: as many changes as there are cycles after the first.
        let cycles = |reliability| (1..9).find(|cycles| is_settled(&vec![0.0; cycles - 1], 0.01, reliability));
        assert_eq!((cycles(Some(0.8)), cycles(Some(0.79)), cycles(None)), (Some(2), Some(3), Some(3)));
        assert!(is_settled(&[0.5, -0.01], 0.01, Some(1.0)) && !is_settled(&[0.5, 0.01], 0.01, None));
        assert!(!is_settled(&[f64::NAN], 0.01, Some(1.0)));
    }

    #[test]
    fn noise_around_zero_converges_and_noise_around_an_offset_does_not() {
        let rules = ConvergenceRules { window: 10, ..ConvergenceRules::default() };
        let mut draws = Draws::new(5, Stream::Split);
        let (mut calm, mut wide, mut offset) = (0, 0, 0);
        for _ in 0..1000 {
            let values = noise(&mut draws, 0.005, 10);
            calm += u32::from(rules.judge(&values, 0.01).converged);
            offset +=
                u32::from(rules.judge(&values.iter().map(|value| value + 0.02).collect::<Vec<_>>(), 0.01).converged);
            wide += u32::from(rules.judge(&noise(&mut draws, 0.05, 10), 0.01).converged);
        }
        println!("of 1000: calm {calm}, wide {wide}, offset {offset}");
        assert!(calm > 990 && wide == 0 && offset == 0, "{calm} {wide} {offset}");
    }

    #[test]
    fn too_few_values_and_values_that_are_none_have_not_converged() {
        let few = judge(&[0.0, 0.0], 1.0);
        assert_eq!((few.converged, few.confidence), (false, None));
        assert_eq!(few.because, "2 values are too few to say: it takes 3");
        assert!(!converged(&[0.0, f64::NAN, 0.0], 1.0) && !converged(&[f64::INFINITY; 3], 1.0));
        assert!(!converged(&[0.0; 3], f64::NAN) && !converged(&[0.0; 3], -1.0) && converged(&[0.0; 3], 0.0));
        // An old storm is over.
        assert!(converged(&[9.0, -9.0, 0.0, 0.0, 0.0, 0.0, 0.0], 0.01));
        assert_eq!(
            judge(&[0.02; 3], 0.01).because,
            "by the newest 3 values the next is within 0.01 of 0 with a chance of 0, below 0.95"
        );
    }

    #[test]
    fn what_cannot_be_is_named() {
        let rules = |window, level| ConvergenceRules { window, level }.invalid().map(|(key, _)| key);
        assert_eq!((rules(5, 0.95), rules(2, 0.95), rules(11, 0.95)), (None, Some("window"), Some("window")));
        assert_eq!((rules(5, f64::NAN), rules(5, 1.0)), (Some("level"), Some("level")));
    }

    proptest! {
        #[test]
        fn what_has_converged_stays_within_the_threshold_along_a_line(
            start in -1.0..1.0f64, slope in -1.0..1.0f64, count in 3usize..=10, threshold in 0.001..10.0f64
        ) {
            let line: Vec<f64> = (0..count).map(|place| start + slope * place as f64).collect();
            let rules = ConvergenceRules { window: 10, ..ConvergenceRules::default() };
            if rules.judge(&line, threshold).converged {
                prop_assert!((start + slope * count as f64).abs() <= threshold);
            }
        }

        #[test]
        fn the_chance_is_one_and_grows_with_the_threshold(
            values in prop::collection::vec(any::<f64>(), 0..12), low in any::<f64>(), high in any::<f64>()
        ) {
            let chance = |threshold| judge(&values, threshold).confidence;
            let (low, high) = (chance(low.min(high)), chance(low.max(high)));
            for chance in [low, high].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&chance));
            }
            prop_assert!(low <= high, "{low:?} {high:?}");
        }
    }
}
