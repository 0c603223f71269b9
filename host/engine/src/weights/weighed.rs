//! What comparisons leave for learners: the synergies of a group on some inputs, and what it brought on the others.

use std::collections::BTreeMap;

use holobiont_core::inclusion::split;
use holobiont_core::stats::Coalition;
use holobiont_core::{
    ArmTrials, ArmView, Digest, MetricContext, ModuleId, SynergyWeights, WEIGHTS, WeightedMetric, measure, synergy,
};
use holobiont_learn::{Decision, Learner, Synergies};
use serde::{Deserialize, Serialize};

use super::WeightsError;
use crate::history::{HistoryError, events};
use crate::store::Store;

/// The kind of event, of a workflow.
pub(crate) const WEIGHED: &str = "weighed";

/// A group as it was compared, with inputs kept apart: what it looked like on those that a decision may be made on, and
/// what it brought on the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Weighed {
    /// [`Weighed::SCHEMA`].
    pub(crate) schema: String,
    /// All that the comparison depended on.
    pub(crate) question: Digest,
    /// The group, in the order of the workflow.
    pub(crate) group: Vec<ModuleId>,
    /// Its synergies on the inputs to choose on; absent what not every arm has.
    pub(crate) synergies: BTreeMap<WeightedMetric, f64>,
    /// Its return on the inputs to judge on.
    pub(crate) roi: f64,
}

impl Weighed {
    /// The schema that this program writes.
    pub(crate) const SCHEMA: &str = "holobiont.weighed/1";

    /// Of the arms of a comparison on so many inputs; nothing where a member was not tried alone.
    pub(crate) fn of<'a>(
        (question, group, inputs, seed): (Digest, &[ModuleId], usize, u64),
        arms: &BTreeMap<Coalition, ArmTrials>,
        context: &dyn Fn(Coalition) -> MetricContext<'a>,
    ) -> Option<Self> {
        let split = split(inputs, seed);
        let measured = |coalition: Coalition, draw: &[usize]| {
            let (arm, context) = (arms.get(&coalition)?, context(coalition));
            Some(measure(&ArmView { trials: &arm.trials, inputs, draw: Some(draw), context: &context }))
        };
        let all = Coalition::all(group.len());
        let solos: Option<Vec<_>> = Coalition::solos(group.len()).map(|solo| measured(solo, &split.choosing)).collect();
        let beyond = synergy(&solos?, &measured(all, &split.choosing)?);
        let of = |metric: &WeightedMetric| Some((*metric, beyond.get(&metric.to_string())?));
        let roi = measured(all, &split.fresh)?.get("roi")?;
        let synergies = WeightedMetric::ALL.iter().filter_map(of).collect();
        Some(Self { schema: Self::SCHEMA.to_owned(), question, group: group.to_vec(), synergies, roi })
    }

    /// All of a workflow, oldest first; the same question that was asked again in a row counts once.
    pub(crate) fn all(store: &dyn Store, workflow: &str) -> Result<Vec<Self>, HistoryError> {
        let read = events::<Self>(store, WEIGHED, workflow, Self::SCHEMA)?;
        let mut all: Vec<Self> = read.into_iter().map(|(_, _, weighed)| weighed).collect();
        all.dedup_by(|later, earlier| later.question == earlier.question);
        Ok(all)
    }

    /// Several, as learners see them: each synergy in standard deviations around its mean over all of them. What never
    /// differs, and what was not measured, is 0.
    pub(crate) fn standardised(all: &[Self]) -> Vec<Synergies> {
        let mut standardised = vec![[0.0; WEIGHTS]; all.len()];
        for (place, metric) in WeightedMetric::ALL.iter().enumerate() {
            let known: Vec<f64> = all.iter().filter_map(|weighed| weighed.synergies.get(metric).copied()).collect();
            let count = known.len() as f64;
            let mean = known.iter().sum::<f64>() / count;
            let deviation = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            for (row, weighed) in standardised.iter_mut().zip(all) {
                let of = weighed.synergies.get(metric).map(|value| (value - mean) / deviation);
                row[place] = of.filter(|value| value.is_finite()).unwrap_or(0.0);
            }
        }
        standardised
    }
}

/// The decisions that the comparisons of a workflow were, oldest first: each for the group that was compared, among all
/// that were. What one brought is its return on the inputs that it was not chosen by, less the mean of all groups': so much
/// it is better than a group that is drawn by lot.
///
/// # Errors
///
/// [`WeightsError`] when the store cannot be read, or an event does not read.
pub fn decisions_of(store: &dyn Store, workflow: &str) -> Result<Vec<Decision>, WeightsError> {
    let all = Weighed::all(store, workflow)?;
    let groups = Weighed::standardised(&all);
    let mean = all.iter().map(|weighed| weighed.roi).sum::<f64>() / all.len() as f64;
    let decision = |(place, weighed): (usize, &Weighed)| Decision {
        groups: vec![groups[place]],
        chosen: 0,
        reward: weighed.roi - mean,
    };
    Ok(all.iter().enumerate().map(decision).collect())
}

/// A group that was compared, and what there is to be said of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedGroup {
    /// The group, in the order of the workflow.
    pub group: Vec<ModuleId>,
    /// What it promises by what was learned; higher is better, on the learner's own scale.
    pub score: f64,
    /// The sum of its synergies, each by its weight, in standard deviations.
    pub weighted: f64,
    /// The same where each synergy counts 1.
    pub equal: f64,
    /// Its return on the inputs that none of these go by.
    pub roi: f64,
}

/// The groups of a workflow that were compared, each as it was last, the most promising first.
///
/// # Errors
///
/// [`WeightsError`] when the store cannot be read, or an event does not read.
pub fn rank_groups(store: &dyn Store, workflow: &str, learner: &dyn Learner) -> Result<Vec<RankedGroup>, WeightsError> {
    let mut last: BTreeMap<Vec<ModuleId>, Weighed> = BTreeMap::new();
    for weighed in Weighed::all(store, workflow)? {
        last.insert(weighed.group.clone(), weighed);
    }
    let all: Vec<Weighed> = last.into_values().collect();
    let (weights, equal) = (learner.weights(), SynergyWeights::default());
    let ranked = |(weighed, synergies): (&Weighed, Synergies)| RankedGroup {
        group: weighed.group.clone(),
        score: learner.score(&synergies),
        weighted: weights.score(&synergies),
        equal: equal.score(&synergies),
        roi: weighed.roi,
    };
    let mut ranked: Vec<RankedGroup> = all.iter().zip(Weighed::standardised(&all)).map(ranked).collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(ranked)
}
