//! What a comparison leaves for later ones: an update of the tracker, with what the modules used at most.

use std::collections::BTreeMap;

use holobiont_core::stats::Coalition;
use holobiont_core::{
    Arm, ArmTrials, Assessment, Combination, Digest, End, Invocation, LimitKind, Limits, Peaks, Preset, Role, Update,
};

use super::trials::Plan;
use super::{EvaluateError, Evaluator};
use crate::history::{ArmPast, Measured};
use crate::json::json;

/// Under which name the peaks of runs are kept whose modules cannot be told apart: those of a group in which some
/// call others.
const TOGETHER: &str = "(together)";

impl Evaluator<'_> {
    /// What a comparison depends on: equal questions have equal answers.
    pub(super) fn question(&self, plan: &Plan<'_>, preset: &Preset) -> Result<Digest, EvaluateError> {
        let settings = &self.project.settings;
        let mut parts: Vec<Vec<u8>> = vec![
            b"question 1".to_vec(),
            json(plan.workflow),
            json(&plan.group),
            json(&plan.scenarios),
            json(&preset.limits),
            // What it is written as says what it is; nothing ever reads it back.
            format!("{:?}", preset.environment).into_bytes(),
            json(&settings.prices),
            json(&settings.energy),
            settings.seed.to_le_bytes().to_vec(),
            self.objective_key(plan.workflow, None)?.as_bytes().to_vec(),
        ];
        for id in plan.group {
            parts.push(self.candidate(id)?.identity.as_bytes().to_vec());
        }
        for input in plan.inputs {
            let expected = self.project.expected(plan.workflow, &input.name)?;
            parts.push(input.name.clone().into_bytes());
            parts.push(input.digest.as_bytes().to_vec());
            parts.push(expected.map_or_else(Vec::new, |expected| expected.digest.as_bytes().to_vec()));
        }
        Ok(self.key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }

    /// A comparison as the history keeps it. `before` is the ROI of the group in the cycle before this one; without
    /// one, its parts are what there was before.
    pub(super) fn measured(
        &self,
        plan: &Plan<'_>,
        preset: &Preset,
        arms: &BTreeMap<Coalition, ArmTrials>,
        assessment: &Assessment,
        (question, before): (Digest, Option<f64>),
    ) -> Measured {
        let synergy_of_roi = assessment.synergy.get("roi").map_or(0.0, |synergy| synergy.value);
        let combined = assessment.arms.iter().find(|report| report.arm == Arm::Combined);
        let after = combined.and_then(|report| report.metrics.get("roi")).unwrap_or(0.0);
        let own = combined.into_iter().flat_map(|report| report.metrics.iter());
        let beyond = assessment.synergy.iter().map(|(name, synergy)| (format!("synergy_{name}"), synergy.value));
        let scenarios = combined.into_iter().flat_map(|report| &report.scenarios).map(|result| {
            let figures = [
                ("mean_value", result.mean_value),
                ("completed", result.completed),
                ("threat_intensity", result.threat_intensity),
            ];
            (result.scenario.clone(), figures.map(|(name, value)| (name.to_owned(), value)).into())
        });
        let update = Update {
            before: before.unwrap_or(after - synergy_of_roi),
            after,
            cost: combined.map_or(0.0, |report| report.cost),
            modules: plan.group.iter().map(|id| id.as_str().to_owned()).collect(),
            peaks: peaks(plan, &preset.limits, arms, assessment.combination),
            metrics: own.map(|(name, value)| (name.to_owned(), value)).chain(beyond).collect(),
            scenarios: scenarios.collect(),
            ..Update::default()
        };
        let past = |report: &holobiont_core::ArmReport| {
            let of = |name| report.metrics.get(name).unwrap_or(0.0);
            ArmPast { modules: report.modules.clone(), roi: of("roi"), profitability: of("profitability") }
        };
        Measured {
            schema: Measured::SCHEMA.to_owned(),
            question,
            preset: preset.name.clone(),
            group: plan.group.to_vec(),
            arms: assessment.arms.iter().map(past).collect(),
            update,
        }
    }
}

/// By module, what its runs used at most where they had all that the preset allows: in nominal trials, and in harder
/// ones where they completed, since what worked under a limit should go on working. What a scenario itself takes away
/// says nothing of the preset.
fn peaks(
    plan: &Plan<'_>,
    limits: &Limits,
    arms: &BTreeMap<Coalition, ArmTrials>,
    combination: Combination,
) -> BTreeMap<String, Peaks> {
    let mut peaks: BTreeMap<String, Peaks> = BTreeMap::new();
    for (coalition, arm) in arms {
        let steps: Vec<&str> = plan
            .workflow
            .steps
            .iter()
            .filter(|step| coalition.players().any(|player| plan.group.get(player) == Some(&step.module)))
            .map(|step| step.module.as_str())
            .collect();
        for trials in &arm.trials {
            let nominal = trials.role == Role::Nominal;
            let scenario = plan.scenarios.iter().find(|scenario| scenario.name == trials.scenario);
            if !nominal && !scenario.is_some_and(|scenario| scenario.limits(limits) == *limits) {
                continue;
            }
            for invocations in trials.samples.iter().map(|sample| &sample.invocations) {
                for (place, invocation) in invocations.iter().enumerate() {
                    if !nominal && invocation.end != End::Completed {
                        continue;
                    }
                    let whose = match combination {
                        Combination::Chain => steps.get(place).copied().unwrap_or(TOGETHER),
                        Combination::Linked | Combination::Fused => TOGETHER,
                    };
                    raise(peaks.entry(whose.to_owned()).or_default(), invocation);
                }
            }
        }
    }
    peaks
}

fn raise(peaks: &mut Peaks, Invocation { end, usage }: &Invocation) {
    peaks.fuel = peaks.fuel.max(usage.fuel);
    peaks.memory_bytes = peaks.memory_bytes.max(usage.peak_memory_bytes);
    peaks.disk_bytes = peaks.disk_bytes.max(usage.disk_bytes);
    // Fuel is what of the time it did not wait: a unit takes a nanosecond.
    let bytes_per_s = u128::from(usage.host_data_bytes) * 1_000_000_000 / u128::from(usage.fuel.max(1));
    peaks.bytes_per_s = peaks.bytes_per_s.max(u64::try_from(bytes_per_s).unwrap_or(u64::MAX));
    if let End::Limit(limit @ (LimitKind::Fuel | LimitKind::Memory | LimitKind::Disk)) = end
        && !peaks.exceeded.contains(limit)
    {
        peaks.exceeded.push(*limit);
    }
}
