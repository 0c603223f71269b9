//! What modules earned, input by input, and what a candidate has to do with it.

use crate::assess::ArmTrials;
use crate::gate::Gate;
use crate::scenario::Role;
use crate::stats::{Bootstrap, Estimate};

/// What an arm came to in the nominal scenario, in credits, by input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earned {
    /// What its outputs are worth.
    pub values: Vec<f64>,
    /// What they cost.
    pub costs: Vec<f64>,
}

impl Earned {
    /// What an arm earned.
    #[must_use]
    pub fn of(arm: &ArmTrials) -> Self {
        let nominal = arm.trials.iter().find(|trials| trials.role == Role::Nominal);
        let samples = || nominal.into_iter().flat_map(|trials| &trials.samples);
        Self {
            values: samples().map(|sample| sample.value).collect(),
            costs: samples().map(|sample| sample.cost).collect(),
        }
    }

    /// Its profit on each input.
    #[must_use]
    pub fn profits(&self) -> Vec<f64> {
        self.values.iter().zip(&self.costs).map(|(value, cost)| value - cost).collect()
    }

    /// Its mean profit, in credits per input; 0 on none.
    #[must_use]
    pub fn mean_profit(&self) -> f64 {
        mean(&self.profits())
    }

    /// Its mean value, in credits per input; 0 on none.
    #[must_use]
    pub fn mean_value(&self) -> f64 {
        mean(&self.values)
    }

    /// Its return on investment: profit over cost, both summed. What costs nothing and earns nothing returns nothing.
    #[must_use]
    pub fn roi(&self, gate: &Gate, seed: u64) -> Estimate {
        per_credit(&self.profits(), &self.costs, gate, seed)
    }

    /// What these earn more than the same without the candidate, in credits per input.
    #[must_use]
    pub fn gain(&self, without: &Self, gate: &Gate, seed: u64) -> Estimate {
        gate.estimate(&self.gains(without), seed)
    }

    /// What the candidate adds to the profit of those that it joined, for each credit that all of them then cost.
    ///
    /// It is the part of the group's ROI that is owed to the candidate: the ROI with it, less the profit without it over
    /// the same cost. Above 0 exactly where the profit rises. The group's ROI less the mean of its members', which
    /// comparisons of groups show under the same name, would not do for a single candidate: whatever idles among
    /// members that are good together is then credited with their success.
    #[must_use]
    pub fn synergy_roi(&self, without: &Self, gate: &Gate, seed: u64) -> Estimate {
        per_credit(&self.gains(without), &self.costs, gate, seed)
    }

    fn gains(&self, without: &Self) -> Vec<f64> {
        self.profits().iter().zip(without.profits()).map(|(with, without)| with - without).collect()
    }
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len().max(1) as f64
}

/// The ratio of two sums over inputs, with its interval.
fn per_credit(credits: &[f64], costs: &[f64], gate: &Gate, seed: u64) -> Estimate {
    Bootstrap::new(seed).level(gate.level).statistic(credits.len().min(costs.len()), |inputs| {
        let sum = |of: &[f64]| inputs.iter().filter_map(|input| of.get(*input)).sum::<f64>();
        let (credits, costs) = (sum(credits), sum(costs));
        if credits == 0.0 && costs == 0.0 { 0.0 } else { credits / costs }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn earned(values: &[f64], costs: &[f64]) -> Earned {
        Earned { values: values.to_vec(), costs: costs.to_vec() }
    }

    fn estimate(estimate: &Estimate) -> f64 {
        estimate.interval().expect("enough inputs").estimate
    }

    #[test]
    fn worked_by_hand() {
        let gate = Gate::default();
        let without = earned(&[3.0; 8], &[1.0; 8]);
        // 1 credit of value more each for half a credit of cost: a gain of 0.5 for 1.5 credits.
        let with = earned(&[4.0; 8], &[1.5; 8]);
        assert_eq!(estimate(&without.roi(&gate, 1)), 2.0);
        assert_eq!(estimate(&with.gain(&without, &gate, 1)), 0.5);
        assert!((estimate(&with.synergy_roi(&without, &gate, 1)) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!((with.mean_profit(), with.mean_value()), (2.5, 4.0));
        assert_eq!(estimate(&earned(&[0.0; 8], &[0.0; 8]).roi(&gate, 1)), 0.0);
        assert!(matches!(earned(&[1.0; 8], &[0.0; 8]).roi(&gate, 1), Estimate::Undefined));
        assert!(matches!(earned(&[1.0; 3], &[1.0; 3]).roi(&gate, 1), Estimate::NotEnoughData { .. }));
        assert_eq!(Earned::default().mean_profit(), 0.0);
    }

    #[test]
    fn what_idles_is_not_credited_with_the_others_success() {
        let gate = Gate::default();
        let values = [3.0, 4.0, 5.0, 3.5, 4.5, 5.5, 3.2, 4.2];
        let without = earned(&values, &[1.0; 8]);
        let with = earned(&values, &[1.01; 8]);
        let synergy = with.synergy_roi(&without, &gate, 1);
        assert!(synergy.interval().is_some_and(|interval| interval.high < 0.0), "{synergy:?}");
        // By the mean of the members it would look good: its own ROI is -1.
        let roi = |earned: &Earned| estimate(&earned.roi(&gate, 1));
        assert!(roi(&with) - f64::midpoint(roi(&without), -1.0) > 1.0);
    }

    proptest! {
        #[test]
        fn it_rises_where_the_profit_does(
            inputs in proptest::collection::vec((0.0..9.0, 0.01..2.0, 0.0..9.0, 0.01..2.0), 8..20)
        ) {
            let with = earned(
                &inputs.iter().map(|i| i.0).collect::<Vec<f64>>(), &inputs.iter().map(|i| i.1).collect::<Vec<f64>>());
            let without = earned(
                &inputs.iter().map(|i| i.2).collect::<Vec<f64>>(), &inputs.iter().map(|i| i.3).collect::<Vec<f64>>());
            let gate = Gate::default();
            let more = with.mean_profit() - without.mean_profit();
            prop_assume!(more.abs() > 1e-9);
            let synergy = estimate(&with.synergy_roi(&without, &gate, 3));
            prop_assert_eq!(synergy > 0.0, more > 0.0);
            prop_assert!((estimate(&with.gain(&without, &gate, 3)) - more).abs() < 1e-9);
        }
    }
}
