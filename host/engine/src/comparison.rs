//! The answer to "is the group worth more than its parts?".

use holobiont_core::{Arm, MetricSet, ModuleId, Sample, Workflow, interaction, synergy};
use serde::Serialize;

/// One arm of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmReport {
    /// Which arm.
    pub arm: Arm,
    /// The modules that ran in it, in the order of the steps.
    pub modules: Vec<ModuleId>,
    /// Its metrics over all inputs.
    pub metrics: MetricSet,
    /// Its trials, in the order of the inputs.
    pub samples: Vec<Sample>,
    /// What the scorer said of each, in units.
    pub units: Vec<f64>,
    /// What went wrong in trials that are worth nothing for it: input and words.
    pub troubles: Vec<(String, String)>,
}

/// A group compared with its members alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The workflow's name.
    pub workflow: String,
    /// What the scorer counts.
    pub unit: String,
    /// The group, in the order of the steps.
    pub group: Vec<ModuleId>,
    /// The inputs, by name.
    pub inputs: Vec<String>,
    /// Empty, each solo, combined.
    pub arms: Vec<ArmReport>,
    /// Combined minus the mean of the solos, per metric.
    pub synergy: MetricSet,
    /// Combined minus the sum of the solos, with what all share counted once.
    pub interaction: MetricSet,
    /// The revenue synergy of each input alone.
    pub revenue_by_input: Vec<f64>,
    /// Runs that were made for this answer.
    pub runs_made: u64,
    /// Runs that were remembered.
    pub runs_reused: u64,
}

impl Comparison {
    /// Compares the arms of a group: empty, each solo, combined.
    pub(crate) fn of(workflow: &Workflow, group: &[ModuleId], inputs: Vec<String>, arms: Vec<ArmReport>) -> Self {
        let solo = |report: &&ArmReport| matches!(report.arm, Arm::Solo(_));
        let solos: Vec<MetricSet> = arms.iter().filter(solo).map(|report| report.metrics.clone()).collect();
        let metrics = |arm: &Arm| {
            arms.iter().find(|report| report.arm == *arm).map(|report| report.metrics.clone()).unwrap_or_default()
        };
        let (empty, combined) = (metrics(&Arm::Empty), metrics(&Arm::Combined));
        let value = |report: &ArmReport, input: usize| report.samples.get(input).map_or(0.0, |sample| sample.value);
        let revenue_by_input = (0..inputs.len())
            .map(|input| {
                let alone: f64 = arms.iter().filter(solo).map(|report| value(report, input)).sum();
                let together: f64 =
                    arms.iter().filter(|report| report.arm == Arm::Combined).map(|report| value(report, input)).sum();
                together - alone / group.len().max(1) as f64
            })
            .collect();
        Self {
            workflow: workflow.name.clone(),
            unit: workflow.objective.unit.clone(),
            group: group.to_vec(),
            synergy: synergy(&solos, &combined),
            interaction: interaction(&solos, &combined, &empty),
            inputs,
            arms,
            revenue_by_input,
            runs_made: 0,
            runs_reused: 0,
        }
    }
}
