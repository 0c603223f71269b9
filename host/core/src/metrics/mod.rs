//! The metrics: each a pure function over what the trials of an arm came to, and a row of one table.
//!
//! To add one, write its function in the file of its subject and add its row to `table.rs`; then its figure for the
//! small arm and its property in `tests/`, and `cargo xtask metrics --bless` for its paragraph in docs/METRICS.md.
//!
//! An arm may be looked at through a draw of its inputs, as a bootstrap makes them, so a metric goes through
//! [`ArmView`]'s methods and never to the samples themselves. It is called once for each of thousands of draws: what
//! does not change between them is prepared before (in [`MetricContext`](crate::MetricContext) and
//! [`Sample::new`](crate::Sample::new)).

mod behaviour;
mod document;
mod incidents;
mod money;
mod robustness;
mod statics;
mod sums;
mod table;
#[cfg(test)]
mod tests;
mod usage;

use std::collections::BTreeMap;
use std::ops::Index;

use serde::{Deserialize, Serialize};

pub use self::document::document;
pub use self::incidents::{INCIDENTS, Incident, IncidentKind};
pub use self::table::METRICS;
use crate::trials::ArmView;

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
    /// Whether nominal trials are all it is reckoned from.
    pub nominal: bool,
    /// What it says, its formula, and what it does not say.
    pub doc: &'static str,
    /// Its value for an arm. Always a finite number.
    pub measure: fn(&ArmView<'_>) -> f64,
}

impl Metric {
    /// The metric of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.name == name)
    }
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

/// What a group is worth beyond its parts: per metric, combined minus the mean of the solos, exactly; so it is exactly
/// 0 for a group that does what each of its members does. Metrics that not every arm has are left out.
#[must_use]
pub fn synergy(solos: &[MetricSet], combined: &MetricSet) -> MetricSet {
    if solos.is_empty() {
        return MetricSet::default();
    }
    combined
        .iter()
        .filter_map(|(name, together)| {
            let alone: Option<Vec<f64>> = solos.iter().map(|solo| solo.get(name)).collect();
            Some((name, together - mean(&alone?)))
        })
        .collect()
}

/// The mean of some numbers. That of equal numbers is that number, which sum and division may miss by a rounding.
pub(crate) fn mean(numbers: &[f64]) -> f64 {
    match numbers {
        [first, others @ ..] if others.iter().all(|other| other == first) => *first,
        _ => numbers.iter().sum::<f64>() / numbers.len() as f64,
    }
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
