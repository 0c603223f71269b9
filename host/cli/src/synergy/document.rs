//! The answer as JSON: `holobiont.synergy/1`.

use std::collections::BTreeMap;

use holobiont::Answer;
use holobiont_core::{
    Arm, ArmReport, Calibration, Combination, MetricSet, ModuleId, PairInteraction, ScenarioResult, SynergyValue,
    Verdict,
};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    group: &'a [ModuleId],
    combination: Combination,
    inputs: &'a [String],
    scenarios: &'a [String],
    arms: Vec<ArmDocument<'a>>,
    synergy: BTreeMap<String, &'a SynergyValue>,
    interaction: &'a MetricSet,
    shapley: &'a BTreeMap<ModuleId, MetricSet>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    shapley_errors: &'a BTreeMap<ModuleId, MetricSet>,
    pairs: &'a [PairInteraction],
    revenue_by_input: BTreeMap<&'a str, f64>,
    verdict: &'a Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<&'a Calibration>,
    runs_made: u64,
    reused: u64,
}

#[derive(Serialize)]
struct ArmDocument<'a> {
    arm: &'static str,
    modules: &'a [ModuleId],
    units: f64,
    value: f64,
    cost: f64,
    fuel: u64,
    peak_memory_bytes: u64,
    metrics: &'a MetricSet,
    scenarios: &'a [ScenarioResult],
    troubles: BTreeMap<&'a str, &'a str>,
}

impl<'a> Document<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        let assessment = &answer.assessment;
        Self {
            schema: "holobiont.synergy/1",
            workflow: &assessment.workflow,
            group: &assessment.group,
            combination: assessment.combination,
            inputs: &assessment.inputs,
            scenarios: &assessment.scenarios,
            arms: assessment.arms.iter().map(ArmDocument::of).collect(),
            synergy: assessment.synergy.iter().map(|(name, value)| (format!("synergy_{name}"), value)).collect(),
            interaction: &assessment.interaction,
            shapley: &assessment.shapley,
            shapley_errors: &assessment.shapley_errors,
            pairs: &assessment.pairs,
            revenue_by_input: assessment
                .inputs
                .iter()
                .map(String::as_str)
                .zip(assessment.revenue_by_input.iter().copied())
                .collect(),
            verdict: &assessment.verdict,
            calibration: assessment.calibration.as_ref(),
            runs_made: answer.runs_made,
            reused: answer.reused,
        }
    }
}

impl<'a> ArmDocument<'a> {
    fn of(report: &'a ArmReport) -> Self {
        Self {
            arm: match &report.arm {
                Arm::Empty => "empty",
                Arm::Solo(_) => "solo",
                Arm::Combined => "combined",
            },
            modules: &report.modules,
            units: report.units,
            value: report.value,
            cost: report.cost,
            fuel: report.fuel,
            peak_memory_bytes: report.peak_memory_bytes,
            metrics: &report.metrics,
            scenarios: &report.scenarios,
            troubles: report.troubles.iter().map(|(input, words)| (input.as_str(), words.as_str())).collect(),
        }
    }
}
