//! What an engine knows of its cycles beside its state, and what it goes by.

use std::sync::PoisonError;

use holobiont_core::cycle::{DeltaError, MetaLog, WeightedSynergy, is_settled};
use holobiont_core::policy::{Feature, Situation};
use holobiont_core::{Diminishing, ModuleId, RoiTracker, Trend, WeightedMetric};
use holobiont_learn::{Outcome, Seen};

use super::cycle::Found;
use super::record::{CycleRecord, Work};
use super::{Engine, EngineError, House};
use crate::history::History;
use crate::weights::{Weighed, Weighing};

/// The synergies that a policy may go by, as they are called there.
const FEATURES: [(WeightedMetric, Feature); 4] = [
    (WeightedMetric::Roi, Feature::SynergyRoi),
    (WeightedMetric::Efficiency, Feature::SynergyEfficiency),
    (WeightedMetric::Resilience, Feature::SynergyResilience),
    (WeightedMetric::Antifragility, Feature::SynergyAntifragility),
];

/// A fold over the cycles of an engine that ran.
#[derive(Default)]
pub(super) struct Past {
    /// What they brought, by module.
    pub(super) log: MetaLog,
    /// The returns after them, as far as these could be measured.
    pub(super) levels: Vec<f64>,
    /// The synergy of the return after them.
    synergies: Vec<f64>,
    /// What the workflow did in the last of them.
    pub(super) work: Work,
}

impl Past {
    /// Takes a cycle that ran.
    pub(super) fn add(&mut self, record: &CycleRecord) -> Result<(), DeltaError> {
        let modules: Vec<&str> = record.modules.iter().map(ModuleId::as_str).collect();
        self.log.record(&modules, record.delta)?;
        self.levels.extend(record.roi);
        self.synergies.extend(record.synergy_roi);
        self.work = record.work;
        Ok(())
    }
}

impl Engine {
    /// How far the synergies of the workflow have moved of late, by its comparisons, each with its weight; and what had to be
    /// mended to know these.
    pub(super) fn synergies(
        &self,
        house: &House<'_>,
        found: &Found,
    ) -> Result<(Vec<WeightedSynergy>, Vec<String>), EngineError> {
        let group: Vec<ModuleId> = found.workflow.modules().into_iter().cloned().collect();
        let history = History::of(house.store, &found.workflow.name)?.of_group(&group);
        let tracker = history.tracker(house.project.settings.forecast_method);
        let weighing = Weighing::open(house.project)?;
        let weights = weighing.weights();
        let of = |metric: &WeightedMetric| {
            let series = tracker.series(&format!("synergy_{metric}"));
            WeightedSynergy::of(&metric.to_string(), &series, weights.of(*metric))
        };
        Ok((WeightedMetric::ALL.iter().filter_map(of).collect(), weighing.notes().to_vec()))
    }

    /// What the policy goes by.
    pub(super) fn situation(&self, found: &Found, synergies: &[WeightedSynergy]) -> Situation {
        let mut situation = Situation::default();
        let mut read = |feature, value: Option<f64>| situation.readings.extend(value.map(|value| (feature, value)));
        read(Feature::RoiGain, Some(self.state.short_mean()));
        read(Feature::RoiAverage, Some(self.state.roi_delta_ema()));
        let waiting = found.discovery.orphans.values().filter(|orphan| !orphan.redundant).count() as f64;
        read(Feature::Waiting, Some(waiting));
        // By what there is, and not by how many were tested: what passed before a cycle was ended is not tested again.
        let share = found.integrated as f64 / (found.integrated as f64 + waiting);
        read(Feature::Passed, Some(share).filter(|share| share.is_finite()));
        read(Feature::Energy, self.config.capital);
        if let Some((present, before)) = self.past.levels.split_last().filter(|(_, before)| !before.is_empty()) {
            read(Feature::RoiTrend, Some(Trend::of(before).slope_with(*present)));
        }
        let last = self.last.as_ref().filter(|last| last.work.inputs > 0);
        read(Feature::Failed, last.map(|last| 1.0 - last.work.completed as f64 / last.work.inputs as f64));
        read(Feature::Diminishing, self.diminishing(found));
        for (metric, feature) in FEATURES {
            let weighed = synergies.iter().find(|synergy| synergy.metric == metric.to_string());
            read(feature, weighed.map(|synergy| synergy.weight * synergy.value));
        }
        for id in found.workflow.modules() {
            if let Some(delta) = self.past.log.deltas(id.as_str()).last() {
                situation.modules.insert(id.clone(), *delta);
            }
        }
        situation
    }

    /// 1 where cycles no longer bring anything by any module of the workflow of which that can be said, 0 where they do by
    /// one; nothing where it can be said of none.
    fn diminishing(&self, found: &Found) -> Option<f64> {
        let told = self.past.log.diminishing();
        let of = |id: &ModuleId| match told.get(id.as_str()) {
            Some(Diminishing::Diminishing { .. }) => Some(true),
            Some(Diminishing::Continuing { .. }) => Some(false),
            _ => None,
        };
        let known: Vec<bool> = found.workflow.modules().into_iter().filter_map(of).collect();
        (!known.is_empty()).then(|| f64::from(u8::from(known.iter().all(|is_diminishing| *is_diminishing))))
    }

    /// Tells the learner of weights what a change of the workflow brought: by how much its return rose on the inputs that
    /// the change was not chosen by, and what synergies the modules had on the others. Once, however often the cycle has to
    /// be made.
    pub(super) fn weigh(
        &self,
        house: &House<'_>,
        record: &mut CycleRecord,
        rise: Option<f64>,
    ) -> Result<(), EngineError> {
        let _files = house.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut weighing = Weighing::open(house.project)?;
        record.notes.extend(weighing.notes().iter().cloned());
        let all = Weighed::all(house.store, &record.workflow)?;
        let is_of_now = all.last().is_some_and(|weighed| weighed.group == record.modules);
        let Some((reward, chosen)) = rise.zip(Weighed::standardised(&all).pop()).filter(|_| is_of_now) else {
            return Ok(());
        };
        let seen = Seen { groups: vec![chosen] };
        weighing.tell(&record.engine, self.since, &seen, &Outcome { chosen, reward, next: None });
        let cause = format!("a cycle of {} that brought {reward:+.4} on other inputs", record.engine);
        Ok(weighing.keep(house.project, house.store, &cause)?)
    }

    /// Why there is nothing left to wait for after a cycle, if there is nothing: it found nothing to change, and there was
    /// nothing left to propose; or the return has come to rest, and its synergy has settled.
    pub(super) fn rest(&self, record: &CycleRecord, is_new: bool) -> Option<String> {
        let has_changed = is_new || record.patched > 0 || record.moved > 0;
        if !has_changed && !record.has_more {
            let patcher =
                if self.config.patcher.is_some() { ", and its patcher has proposed all that it had" } else { "" };
            return Some(format!("nothing is new{patcher}"));
        }
        let threshold = self.config.rest_threshold;
        let judged = self.config.convergence.judge(self.state.roi_deltas(), threshold);
        let synergies = &self.past.synergies;
        let changes: Vec<f64> =
            synergies.iter().zip(synergies.iter().skip(1)).map(|(before, after)| after - before).collect();
        let reliability = RoiTracker::default().reliability_of(synergies);
        let is_rest = judged.converged && (synergies.is_empty() || is_settled(&changes, threshold, reliability));
        is_rest.then_some(judged.because)
    }
}
