//! The gate: what a group must show before it is integrated.

mod candidate;

use serde::{Deserialize, Serialize};

use crate::assessment::{Calibration, Verdict};
use crate::random::{Draws, Stream};
use crate::stats::{Bootstrap, Estimate, Interval};

pub use candidate::Candidate;

/// What a group must show. Default: more than 0 credits of synergy per input, surely at 95 %, at an ROI of at least
/// 0, with a gate that is wrong in at most one of twenty groups without effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gate {
    /// The synergy of revenue, in credits per input, that the interval must lie above.
    pub synergy_threshold: f64,
    /// The least return on investment of the group.
    pub roi_threshold: f64,
    /// The level of the interval, from 0.5 to 0.999.
    pub level: f64,
    /// The most false alarms that are acceptable, as a share of groups without effect.
    pub false_positive_target: f64,
}

impl Default for Gate {
    fn default() -> Self {
        Self { synergy_threshold: 0.0, roi_threshold: 0.0, level: 0.95, false_positive_target: 0.05 }
    }
}

impl Gate {
    /// The key that has an impossible value, and what would be right, if one has.
    #[must_use]
    pub fn invalid(&self) -> Option<(&'static str, &'static str)> {
        let Self { synergy_threshold, roi_threshold, level, false_positive_target } = self;
        if !synergy_threshold.is_finite() {
            return Some(("synergy-threshold", "a finite number of credits per input"));
        }
        if !roi_threshold.is_finite() {
            return Some(("roi-threshold", "a finite number"));
        }
        if !(0.5..=0.999).contains(level) {
            return Some(("level", "a number from 0.5 to 0.999"));
        }
        if !(*false_positive_target > 0.0 && *false_positive_target < 1.0) {
            return Some(("false-positive-target", "a number between 0 and 1"));
        }
        None
    }

    /// How sure one is of the mean of differences, one per input.
    #[must_use]
    pub fn estimate(&self, differences: &[f64], seed: u64) -> Estimate {
        Bootstrap::new(seed).level(self.level).mean(differences)
    }

    /// Whether the synergy of revenue is surely above the threshold.
    #[must_use]
    pub fn is_above(&self, estimate: &Estimate) -> bool {
        estimate.interval().is_some_and(|interval| interval.low > self.synergy_threshold)
    }

    /// How many of `replicates` simulated comparisons the gate passes though it should not. Differences of a real
    /// group, one per input, are shifted until their mean is the threshold itself; then as many are drawn from them
    /// with repetition as there were.
    #[must_use]
    pub fn false_alarms(&self, differences: &[f64], replicates: u64, seed: u64) -> u64 {
        let inputs = differences.len();
        let mean = differences.iter().sum::<f64>() / inputs.max(1) as f64;
        // Equal differences hold no chance, and rounding must not look like one.
        if differences.iter().all(|difference| Some(difference) == differences.first()) {
            return 0;
        }
        let mut draws = Draws::new(seed, Stream::Null);
        let mut drawn = vec![0.0; inputs];
        let mut alarm = |replicate: &u64| {
            drawn.fill_with(|| {
                let which = draws.below(inputs as u32) as usize;
                differences.get(which).copied().unwrap_or(mean) - mean + self.synergy_threshold
            });
            self.is_above(&self.estimate(&drawn, seed.wrapping_add(*replicate)))
        };
        (0..replicates).filter(|replicate| alarm(replicate)).count() as u64
    }

    /// Judges a group by the synergy of its revenue, its ROI and how far the gate itself can be relied on.
    #[must_use]
    pub fn judge(&self, synergy: &Estimate, roi: f64, calibration: Option<&Calibration>) -> Verdict {
        let mut verdict = Verdict { passed: true, enough_data: true, reasons: Vec::new() };
        let threshold = self.synergy_threshold;
        match synergy {
            Estimate::Known(interval) => {
                verdict.passed &= interval.low > threshold;
                verdict.reasons.push(words(
                    "the synergy of revenue",
                    interval,
                    &format!("{threshold} credits per input"),
                    threshold,
                ));
            }
            Estimate::NotEnoughData { inputs, needed } => {
                verdict.passed = false;
                verdict.enough_data = false;
                verdict
                    .reasons
                    .push(format!("{inputs} inputs are too few to say how sure the synergy is: it takes {needed}"));
            }
            Estimate::Undefined => {
                verdict.passed = false;
                verdict.enough_data = false;
                verdict.reasons.push("the synergy of revenue is not a finite number".to_owned());
            }
        }
        if roi < self.roi_threshold {
            verdict.passed = false;
            verdict.reasons.push(format!("its ROI is {roi:.2}, below {}", self.roi_threshold));
        }
        if let Some(calibration) = calibration.filter(|calibration| !calibration.is_good()) {
            verdict.passed = false;
            let share = calibration.false_positives;
            verdict.reasons.push(format!(
                "the gate cannot be relied on here: it passes {:.1} % of groups without effect ({:.1} to {:.1} %), more than {:.1} %",
                share.share * 100.0,
                share.low * 100.0,
                share.high * 100.0,
                calibration.target * 100.0
            ));
        }
        verdict
    }
}

/// Where an interval lies, seen from a threshold.
fn words(what: &str, interval: &Interval, shown: &str, threshold: f64) -> String {
    let ends = format!("{:+.4} to {:+.4} at {:.0} %", interval.low, interval.high, interval.level * 100.0);
    if interval.low > threshold {
        format!("{what} is above {shown}: {ends}")
    } else if interval.high <= threshold {
        format!("{what} is not above {shown}: {ends}")
    } else {
        format!("{what} may be as low as {shown}: {ends}")
    }
}

impl Calibration {
    /// Whether false alarms are not shown to be more than what is acceptable.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.false_positives.low <= self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Proportion;

    fn judged(differences: &[f64], roi: f64, calibration: Option<&Calibration>) -> Verdict {
        let gate = Gate::default();
        gate.judge(&gate.estimate(differences, 1), roi, calibration)
    }

    #[test]
    fn a_group_passes_when_it_is_surely_worth_more() {
        let clear = [1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 1.3, 1.0];
        let verdict = judged(&clear, 2.0, None);
        assert!(verdict.passed && verdict.enough_data, "{verdict:?}");
        let unsure = [1.0, -1.2, 0.9, -1.1, 1.0, -0.8, 1.3, 1.0];
        assert!(!judged(&unsure, 2.0, None).passed);
        assert!(!judged(&[0.0; 12], 2.0, None).passed, "nothing is not more than nothing");
        assert!(judged(&clear, -0.5, None).reasons[1].contains("ROI"));
    }

    #[test]
    fn too_few_inputs_are_no_verdict() {
        let verdict = judged(&[1.0, 1.0, 1.0], 2.0, None);
        assert!(!verdict.passed && !verdict.enough_data);
        assert_eq!(verdict.reasons, ["3 inputs are too few to say how sure the synergy is: it takes 8"]);
    }

    #[test]
    fn a_gate_that_is_too_often_wrong_passes_nobody() {
        let clear = [1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 1.3, 1.0];
        let bad =
            Calibration { false_positives: Proportion { share: 0.2, low: 0.18, high: 0.22 }, target: 0.05, inputs: 8 };
        let verdict = judged(&clear, 2.0, Some(&bad));
        assert!(!verdict.passed && verdict.reasons[1].contains("20.0 %"), "{verdict:?}");
        let unsure = Calibration { false_positives: Proportion { share: 0.06, low: 0.04, high: 0.08 }, ..bad };
        assert!(judged(&clear, 2.0, Some(&unsure)).passed);
    }

    #[test]
    fn false_alarms_are_about_as_frequent_as_the_level_says() {
        let gate = Gate::default();
        // A normal shape by its quantiles: one side of a 95 % interval is wrong in one of forty.
        let normal: Vec<f64> = [-1.8, -1.3, -1.0, -0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 1.0, 1.3, 1.8].into();
        let alarms = gate.false_alarms(&normal, 1000, 7);
        assert!((10..=50).contains(&alarms), "{alarms} of 1000");
        let shifted: Vec<f64> = normal.iter().map(|x| x + 5.0).collect();
        assert!(gate.false_alarms(&shifted, 1000, 7).abs_diff(alarms) <= 2, "an effect is taken out first");
        assert_eq!(gate.false_alarms(&[0.3; 14], 100, 7), 0);
        let lax = Gate { level: 0.6, ..gate };
        assert!(lax.false_alarms(&normal, 1000, 7) > 120, "a lax gate is found out");
    }

    #[test]
    fn impossible_values_are_named() {
        assert_eq!(Gate::default().invalid(), None);
        assert_eq!(Gate { level: 1.0, ..Gate::default() }.invalid().map(|(key, _)| key), Some("level"));
        assert!(Gate { synergy_threshold: f64::NAN, ..Gate::default() }.invalid().is_some());
    }
}
