//! The gate of a single module: whether it earns its place, alone or in company.

use super::{Gate, words};
use crate::assessment::Verdict;
use crate::metrics::IncidentKind;
use crate::stats::Estimate;

/// What a module showed that may be integrated.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Its return on investment.
    pub roi: Estimate,
    /// The synergy of ROI of the group with it; none where it was tried alone only.
    pub synergy_roi: Option<Estimate>,
    /// What it did in its runs that it should not have done.
    pub incidents: &'a [IncidentKind],
}

impl Gate {
    /// Judges a module: its ROI must surely be above the ROI threshold, or its `synergy_roi` above the synergy
    /// threshold (here no credits, but a difference of ROIs), and none of its incidents may weigh more than
    /// `most_incident_weight`, on the scale of [`INCIDENTS`](crate::INCIDENTS). Both measures are among the reasons,
    /// whatever comes of them. There is not enough data where one of them may still turn out to be above its threshold,
    /// for lack of an interval, and nothing else decides.
    #[must_use]
    pub fn judge_candidate(&self, candidate: &Candidate<'_>, most_incident_weight: f64) -> Verdict {
        let measures = [
            ("its ROI", Some(&candidate.roi), self.roi_threshold),
            ("its synergy_roi", candidate.synergy_roi.as_ref(), self.synergy_threshold),
        ];
        let (mut is_above, mut is_open, mut reasons) = (false, false, Vec::new());
        for (what, estimate, threshold) in measures {
            reasons.push(match estimate {
                None => format!("{what} is not there, since it was tried alone"),
                Some(Estimate::Known(interval)) => {
                    is_above |= interval.low > threshold;
                    words(what, interval, &threshold.to_string(), threshold)
                }
                Some(Estimate::NotEnoughData { inputs, needed }) => {
                    is_open = true;
                    format!("{inputs} inputs are too few to say how sure {what} is: it takes {needed}")
                }
                Some(Estimate::Undefined) => {
                    is_open = true;
                    format!("{what} is not a finite number")
                }
            });
        }
        // A bound that is no number bounds nothing: then any incident is one too many.
        let too_bad =
            |incident: &&IncidentKind| most_incident_weight.is_nan() || incident.weight() > most_incident_weight;
        let worst = candidate.incidents.iter().filter(too_bad).max_by(|a, b| a.weight().total_cmp(&b.weight()));
        if let Some(worst) = worst {
            let weight = worst.weight();
            reasons.push(format!("an incident weighs {weight}, more than {most_incident_weight}: {}", worst.reason()));
        }
        let passed = is_above && worst.is_none();
        Verdict { passed, enough_data: is_above || worst.is_some() || !is_open, reasons }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::LimitKind;
    use proptest::prelude::*;

    fn known(low: f64, high: f64) -> Estimate {
        let estimate = f64::midpoint(low, high);
        Estimate::Known(crate::stats::Interval { estimate, low, high, ..interval() })
    }

    fn interval() -> crate::stats::Interval {
        *Gate::default().estimate(&[1.0; 8], 7).interval().expect("eight inputs are enough")
    }

    const FEW: Estimate = Estimate::NotEnoughData { inputs: 3, needed: 8 };

    fn judge(roi: Estimate, synergy_roi: Option<Estimate>, incidents: &[IncidentKind]) -> Verdict {
        Gate::default().judge_candidate(&Candidate { roi, synergy_roi, incidents }, 1.0)
    }

    #[test]
    fn one_more_passes_and_one_less_does_not() {
        let gate = Gate::default();
        let judge = |delta: f64| judge(gate.estimate(&[delta; 8], 7), None, &[]);
        assert!(judge(1.0).passed);
        assert!(!judge(-1.0).passed && judge(-1.0).enough_data);
        assert!(!judge(0.0).passed, "strictly above");
    }

    #[test]
    fn either_measure_is_enough_and_both_are_told() {
        let verdict = judge(known(-0.5, 0.5), Some(known(0.25, 0.5)), &[]);
        assert!(verdict.passed);
        assert_eq!(
            verdict.reasons,
            [
                "its ROI may be as low as 0: -0.5000 to +0.5000 at 95 %",
                "its synergy_roi is above 0: +0.2500 to +0.5000 at 95 %"
            ]
        );
        let verdict = judge(known(-0.5, 0.0), Some(known(0.0, 0.5)), &[]);
        assert!(!verdict.passed && verdict.enough_data);
        assert!(verdict.reasons[0].starts_with("its ROI is not above 0: "));
        assert!(judge(known(0.1, 0.2), Some(FEW), &[]).passed);
        assert!(judge(FEW, Some(known(0.1, 0.2)), &[]).enough_data);
        assert!(!judge(FEW, Some(known(-0.2, 0.1)), &[]).enough_data);
        assert!(!judge(Estimate::Undefined, None, &[]).enough_data);
        assert!(!judge(known(f64::NAN, f64::NAN), None, &[]).passed);
    }

    #[test]
    fn an_incident_above_the_level_outweighs_everything() {
        let bad = [IncidentKind::Trap, IncidentKind::DeniedCall, IncidentKind::UnsafeTrap];
        let verdict = judge(known(5.0, 6.0), Some(FEW), &bad);
        assert!(!verdict.passed && verdict.enough_data);
        assert_eq!(
            verdict.reasons.last().map(String::as_str),
            Some("an incident weighs 3, more than 1: it tried to reach what it was not given")
        );
        let at_the_level = [IncidentKind::Trap, IncidentKind::Limit(LimitKind::Output)];
        assert!(judge(known(5.0, 6.0), None, &at_the_level).passed);
        let candidate = Candidate { roi: known(5.0, 6.0), synergy_roi: None, incidents: &bad };
        assert!(!Gate::default().judge_candidate(&candidate, f64::NAN).passed);
        assert!(Gate::default().judge_candidate(&candidate, f64::INFINITY).passed);
    }

    proptest! {
        #[test]
        fn a_higher_bound_never_turns_a_pass_into_a_fail(
            roi in -1.0f64..1.0, synergy in -1.0f64..1.0, more in 0.0f64..1.0
        ) {
            let passed = |roi: f64, synergy: f64| judge(known(roi, 3.0), Some(known(synergy, 3.0)), &[]).passed;
            prop_assert_eq!(passed(roi, synergy), roi > 0.0 || synergy > 0.0);
            prop_assert!(!passed(roi, synergy) || (passed(roi + more, synergy) && passed(roi, synergy + more)));
        }
    }
}
