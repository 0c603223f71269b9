//! What one cycle came to, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::LimitKind;
use crate::text::printable;

/// What one cycle came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// The return on investment before the cycle.
    pub before: f64,
    /// The return on investment after it.
    pub after: f64,
    /// The modules that took part, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// What each module used at most, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peaks: BTreeMap<String, Peaks>,
    /// Metrics and `synergy_<metric>`, by name. One that the cycle did not have is absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// By scenario, some of the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scenarios: BTreeMap<String, BTreeMap<String, f64>>,
    /// What the cycle cost, in credits.
    #[serde(default)]
    pub cost: f64,
    /// When it ended, in milliseconds since 1970, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
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
    /// Bytes that crossed its boundary per second of virtual time that it did not wait.
    pub bytes_per_s: u64,
    /// Limits that ended a run of it.
    pub exceeded: Vec<LimitKind>,
}

impl Update {
    /// How far the cycle moved the return on investment.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.after - self.before
    }

    /// What of the cycle's return is no number to reckon with, and what it should be.
    pub(super) fn unusable(&self) -> Option<(&'static str, &'static str)> {
        match () {
            () if !self.before.is_finite() => Some(("before", "a finite number")),
            () if !self.after.is_finite() => Some(("after", "a finite number")),
            () if !self.delta().is_finite() => Some(("after", "a finite distance from before")),
            () if !(self.cost >= 0.0 && self.cost.is_finite()) => {
                Some(("cost", "a finite number of credits, 0 or more"))
            }
            () => None,
        }
    }

    /// Takes out metrics that are not finite, and says which, fit to print.
    pub(super) fn without_unusable_metrics(&mut self) -> Vec<String> {
        let mut refused = Vec::new();
        let mut keep = |path: &str, metrics: &mut BTreeMap<String, f64>| {
            metrics.retain(|name, value| {
                if !value.is_finite() {
                    refused.push(format!("{path}.{}", printable(name)));
                }
                value.is_finite()
            });
        };
        keep("metrics", &mut self.metrics);
        for (scenario, metrics) in &mut self.scenarios {
            keep(&format!("scenarios.{}", printable(scenario)), metrics);
        }
        refused
    }
}
