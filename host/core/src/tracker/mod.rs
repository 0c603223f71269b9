//! What cycles came to, one after the other: the return on investment, metrics and synergies, what was used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::forecast::{Method, Prediction, predict, reliability};
use crate::limits::LimitKind;

/// What one cycle came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Update {
    /// The return on investment before the cycle.
    pub before: f64,
    /// The return on investment after it.
    pub after: f64,
    /// The modules that took part, by id.
    pub modules: Vec<String>,
    /// What each module used at most, by id.
    pub peaks: BTreeMap<String, Peaks>,
    /// Metrics and `synergy_<metric>`, by name.
    pub metrics: BTreeMap<String, f64>,
    /// By scenario, some of the same.
    pub scenarios: BTreeMap<String, BTreeMap<String, f64>>,
}

/// What a module used at most in a run of a cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Peaks {
    /// Fuel.
    pub fuel: u64,
    /// Linear memory, in bytes.
    pub memory_bytes: u64,
    /// What it added to its disk, in bytes.
    pub disk_bytes: u64,
    /// Limits that ended a run of it.
    pub exceeded: Vec<LimitKind>,
}

/// The series so far, and what they say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoiTracker {
    updates: Vec<Update>,
    method: Method,
}

impl RoiTracker {
    /// Takes what a cycle came to.
    pub fn record(&mut self, update: Update) {
        self.updates.push(update);
    }

    /// What the cycles came to, oldest first.
    #[must_use]
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The return on investment after each cycle.
    #[must_use]
    pub fn levels(&self) -> Vec<f64> {
        self.updates.iter().map(|update| update.after).collect()
    }

    /// The values of a metric or `synergy_<metric>` in the cycles that had it, oldest first.
    #[must_use]
    pub fn series(&self, name: &str) -> Vec<f64> {
        self.updates.iter().filter_map(|update| update.metrics.get(name).copied()).collect()
    }

    /// What a series is expected to be next. `None` for an empty one.
    #[must_use]
    pub fn forecast_of(&self, series: &[f64]) -> Option<Prediction> {
        predict(series, 1, self.method).first().copied()
    }

    /// How well forecasts of a series have held, from 0 to 1; `None` without evidence.
    #[must_use]
    pub fn reliability_of(&self, series: &[f64]) -> Option<f64> {
        reliability(series, self.method)
    }
}
