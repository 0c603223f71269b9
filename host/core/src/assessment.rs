//! The answer to "is the group worth more than its parts, by how much, how sure are we, and thanks to whom?"

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::arm::Arm;
use crate::id::ModuleId;
use crate::metrics::{Direction, MetricSet};
use crate::scenario::Role;
use crate::stats::Proportion;

/// What comparing a group with its members alone came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The workflow's name.
    pub workflow: String,
    /// What its objective counts, in words: `bytes saved`.
    pub unit: String,
    /// The group, in the order of the workflow.
    pub group: Vec<ModuleId>,
    /// How its members were put together.
    pub combination: Combination,
    /// The inputs, by name.
    pub inputs: Vec<String>,
    /// The scenarios, by name; the first is the nominal one.
    pub scenarios: Vec<String>,
    /// Empty, each solo in the group's order, combined.
    pub arms: Vec<ArmReport>,
    /// Per metric (by its bare name): combined minus the mean of the solos, with its interval over inputs.
    pub synergy: BTreeMap<String, SynergyValue>,
    /// Per metric: combined minus the sum of the solos, with what all share counted once.
    pub interaction: MetricSet,
    /// Per member and metric: its Shapley value. They add up to combined minus empty.
    pub shapley: BTreeMap<ModuleId, MetricSet>,
    /// The standard errors of those, where they were sampled: beyond twelve members.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shapley_errors: BTreeMap<ModuleId, MetricSet>,
    /// Per pair of members: the Shapley interaction index of each metric.
    pub pairs: Vec<PairInteraction>,
    /// The synergy of revenue on each input alone, in credits, in the order of the inputs.
    pub revenue_by_input: Vec<f64>,
    /// Whether the group passed the gate.
    pub verdict: Verdict,
    /// How often the gate passes what it should not, where that was measured.
    pub calibration: Option<Calibration>,
}

/// How members of a group are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Combination {
    /// Steps one after the other, each on what the one before gave back, with a shared workspace.
    Chain,
    /// A chain in which some modules call others that they import or invoke; each in a sandbox of its own, the
    /// host forwards the calls.
    Linked,
    /// One component made of several, with one set of limits and one bill: for groups that have passed. Its fuel is
    /// not comparable with that of the others, since what crosses between its parts is copied in metered code.
    Fused,
}

/// One arm of an assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmReport {
    /// Which arm.
    pub arm: Arm,
    /// The modules that ran in it, in the order of the workflow.
    pub modules: Vec<ModuleId>,
    /// Its metrics.
    pub metrics: MetricSet,
    /// What the objective counted in the nominal scenario over all inputs, in units.
    pub units: f64,
    /// Credits of all inputs in the nominal scenario.
    pub value: f64,
    /// Costs of all inputs in the nominal scenario, in credits.
    pub cost: f64,
    /// Fuel of all inputs in the nominal scenario.
    pub fuel: u64,
    /// The highest peak of memory in the nominal scenario, in bytes.
    pub peak_memory_bytes: u64,
    /// Each scenario's mean value and share of completed trials.
    pub scenarios: Vec<ScenarioResult>,
    /// What went wrong in nominal trials: input and words (made printable).
    pub troubles: Vec<(String, String)>,
}

/// How an arm did under one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// The scenario.
    pub scenario: String,
    /// What its trials are for.
    pub role: Role,
    /// How hard it is, from 0 to 1.
    pub threat_intensity: f64,
    /// Mean value, in credits per input.
    pub mean_value: f64,
    /// The share of trials that completed, from 0 to 1.
    pub completed: f64,
}

/// The synergy of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynergyValue {
    /// Combined minus the mean of the solos, exactly.
    pub value: f64,
    /// The lower end of its interval over inputs; left out where there are too few inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Which way the metric is better.
    pub direction: Direction,
}

/// How two members work on each other, averaged over the company of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairInteraction {
    /// The two, in the order of the group.
    pub pair: [ModuleId; 2],
    /// Per metric: above 0 they do more together than each by itself, below 0 less.
    pub metrics: MetricSet,
}

/// Whether a group passed the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it did. `false` too where there was not enough data to say.
    pub passed: bool,
    /// Whether there was enough data to say.
    pub enough_data: bool,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
}

/// How often the gate, as it is configured, passes a group that has no effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The share of false alarms, with its interval.
    pub false_positives: Proportion,
    /// The most that is acceptable.
    pub target: f64,
    /// How many inputs each simulated comparison had.
    pub inputs: usize,
}
