//! The table of metrics: each a pure function over what the trials of an arm came to.
//!
//! To add one, write its function and add its row; the row's tests are the table's.

use std::collections::BTreeMap;
use std::ops::Index;

use serde::{Deserialize, Serialize};

use crate::trials::{ArmView, Sample};

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither.
    Neutral,
}

/// One row of the table.
#[derive(Debug)]
pub struct Metric {
    /// The name, as in JSON.
    pub name: &'static str,
    /// In what it is counted.
    pub unit: &'static str,
    /// Which way it is better.
    pub direction: Direction,
    /// Whether it is reckoned from nominal trials alone.
    pub nominal: bool,
    /// What it says, in a sentence or two.
    pub doc: &'static str,
    /// Its value for an arm. Never NaN.
    pub measure: fn(&ArmView<'_>) -> f64,
}

impl Metric {
    /// The metric of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.name == name)
    }
}

/// The table of metrics.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "revenue",
        unit: "credits/input",
        direction: Direction::Higher,
        nominal: true,
        doc: "What an output is worth, on average. An input that did not complete is worth 0.",
        measure: |view| mean(view, |trial| trial.value),
    },
    Metric {
        name: "roi",
        unit: "ratio",
        direction: Direction::Higher,
        nominal: true,
        doc: "Return on investment: (sum of values - sum of costs) / sum of costs; 0 where nothing was spent.",
        measure: roi,
    },
    Metric {
        name: "efficiency",
        unit: "0..1",
        direction: Direction::Higher,
        nominal: true,
        doc: "1 - the mean of cpu_usage and memory_usage: how much of the room given to a module was left.",
        measure: |view| 1.0 - (cpu_usage(view) + memory_usage(view)) / 2.0,
    },
    Metric {
        name: "cpu_usage",
        unit: "0..1",
        direction: Direction::Lower,
        nominal: true,
        doc: "Fuel per invocation of a module, as a share of the fuel limit.",
        measure: cpu_usage,
    },
    Metric {
        name: "memory_usage",
        unit: "0..1",
        direction: Direction::Lower,
        nominal: true,
        doc: "Peak memory of a trial, on average, as a share of the memory limit.",
        measure: memory_usage,
    },
];

fn roi(view: &ArmView<'_>) -> f64 {
    let value: f64 = view.nominal().map(|trial| trial.value).sum();
    let cost: f64 = view.nominal().map(|trial| trial.cost).sum();
    if cost > 0.0 { (value - cost) / cost } else { 0.0 }
}

fn cpu_usage(view: &ArmView<'_>) -> f64 {
    let fuel: f64 = view.nominal().map(|trial| trial.usage.fuel as f64).sum();
    let invocations: usize = view.nominal().map(|trial| trial.invocations.len()).sum();
    share(fuel / invocations.max(1) as f64, view.context.limits.fuel)
}

fn memory_usage(view: &ArmView<'_>) -> f64 {
    share(mean(view, |trial| trial.usage.peak_memory_bytes as f64), view.context.limits.memory_bytes)
}

/// A part of a limit; a limit of 0 is used up by anything.
fn share(used: f64, limit: u64) -> f64 {
    if limit > 0 { used / limit as f64 } else { f64::from(u8::from(used > 0.0)) }
}

fn mean(view: &ArmView<'_>, of: impl Fn(&Sample) -> f64) -> f64 {
    let (sum, count) = view.nominal().fold((0.0, 0.0), |(sum, count), sample| (sum + of(sample), count + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Metrics of one arm, or differences of them, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MetricSet(BTreeMap<String, f64>);

impl MetricSet {
    /// The value of a metric, if the set has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// Names and values, in byte order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl Index<&str> for MetricSet {
    type Output = f64;

    /// # Panics
    ///
    /// When the set does not have the metric; [`MetricSet::get`] asks.
    fn index(&self, name: &str) -> &f64 {
        &self.0[name]
    }
}

impl<N: Into<String>> FromIterator<(N, f64)> for MetricSet {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(values: I) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// All metrics of an arm.
#[must_use]
pub fn measure(view: &ArmView<'_>) -> MetricSet {
    METRICS.iter().map(|metric| (metric.name, (metric.measure)(view))).collect()
}

/// What a group is worth beyond its parts: per metric, combined minus the mean of the solos, exactly.
/// Metrics that not every arm has are left out.
#[must_use]
pub fn synergy(solos: &[MetricSet], combined: &MetricSet) -> MetricSet {
    if solos.is_empty() {
        return MetricSet::default();
    }
    combined
        .iter()
        .filter_map(|(name, together)| {
            let alone: Option<Vec<f64>> = solos.iter().map(|solo| solo.get(name)).collect();
            let alone = alone?;
            Some((name, together - alone.iter().sum::<f64>() / alone.len() as f64))
        })
        .collect()
}

/// What a group does that its members do not do by themselves: per metric, combined minus the sum of
/// the solos, with what they all share counted once: combined - sum of solos + (n - 1) x empty. It is 0
/// for a metric to which each member adds its own, where [`synergy`] is not.
#[must_use]
pub fn interaction(solos: &[MetricSet], combined: &MetricSet, empty: &MetricSet) -> MetricSet {
    combined
        .iter()
        .filter_map(|(name, together)| {
            let alone: Option<f64> = solos.iter().map(|solo| solo.get(name)).sum();
            Some((name, together - alone? + (solos.len() as f64 - 1.0) * empty.get(name)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{End, Invocation, Limits, MetricContext, OutputFacts, Role, Trials, Usage};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn trials(nominal: Vec<Sample>) -> Vec<Trials> {
        let classes = Vec::new();
        vec![Trials {
            scenario: "nominal".into(),
            role: Role::Nominal,
            threat_intensity: 0.0,
            samples: nominal,
            classes,
        }]
    }

    fn sample(value: f64, cost: f64, fuel: u64, memory: u64) -> Sample {
        let usage = Usage { fuel, peak_memory_bytes: memory, ..Usage::default() };
        let output = OutputFacts::of(&[]);
        Sample::new(value, cost, true, output, vec![Invocation { end: End::Completed, usage }])
    }

    fn measured(samples: Vec<Sample>, limits: &Limits) -> MetricSet {
        let context = MetricContext {
            limits,
            energy: &crate::Energy::default(),
            statics: &[],
            past_roi: &crate::Trend::default(),
            past_profitability: &crate::forecast::Outlook::default(),
        };
        let inputs = samples.len();
        measure(&ArmView { trials: &trials(samples), inputs, draw: None, context: &context })
    }

    #[test]
    fn rows_are_complete_and_unique() {
        let names: BTreeSet<_> = METRICS.iter().map(|m| m.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for metric in METRICS {
            assert!(!metric.unit.is_empty() && metric.doc.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn the_figures_of_a_small_arm() {
        let limits = Limits { fuel: 1000, memory_bytes: 100, ..Limits::default() };
        let set = measured(vec![sample(3.0, 1.0, 200, 10), sample(1.0, 1.0, 400, 30)], &limits);
        assert_eq!(set["revenue"], 2.0);
        assert_eq!(set["roi"], 1.0);
        assert_eq!(set["cpu_usage"], 0.3);
        assert_eq!(set["memory_usage"], 0.2);
        assert_eq!(set["efficiency"], 0.75);
    }

    #[test]
    fn nothing_measured_is_not_nan() {
        let limits = Limits { fuel: 0, memory_bytes: 0, ..Limits::default() };
        for samples in [vec![], vec![sample(0.0, 0.0, 0, 0)]] {
            assert!(measured(samples, &limits).iter().all(|(_, value)| value.is_finite()));
        }
    }

    proptest! {
        #[test]
        fn what_each_adds_by_itself_is_no_interaction(empty in -100i32..100, parts in proptest::collection::vec(-100i32..100, 1..6)) {
            // Whole numbers, so that sums are exact.
            let set = |value: i32| MetricSet::from_iter([("revenue", f64::from(value))]);
            let solos: Vec<_> = parts.iter().map(|part| set(empty + part)).collect();
            let combined = set(empty + parts.iter().sum::<i32>());
            prop_assert_eq!(interaction(&solos, &combined, &set(empty))["revenue"], 0.0);
        }

        #[test]
        fn a_group_of_copies_has_no_synergy(value in -1e6..1e6f64, copies in 1usize..5) {
            let one = MetricSet::from_iter([("revenue", value)]);
            let solos = vec![one.clone(); copies];
            prop_assert!(synergy(&solos, &one)["revenue"].abs() <= 1e-9 * value.abs());
        }

        #[test]
        fn synergy_is_combined_minus_the_mean_of_solos(solos in proptest::collection::vec(-1e3..1e3f64, 1..6), together in -1e3..1e3f64) {
            let sets: Vec<_> = solos.iter().map(|v| MetricSet::from_iter([("roi", *v)])).collect();
            let expected = together - solos.iter().sum::<f64>() / solos.len() as f64;
            prop_assert_eq!(synergy(&sets, &MetricSet::from_iter([("roi", together)]))["roi"], expected);
        }
    }
}
