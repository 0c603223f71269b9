//! Which modules, clusters and scenarios stand out.

use std::collections::{BTreeMap, BTreeSet};

use super::{RoiTracker, Update};
use crate::metrics::{Direction, Metric};

/// The scenario that others are held against.
const NOMINAL: &str = "nominal";

/// A module or cluster, and what the cycles that it took part in brought.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its id or name.
    pub name: String,
    /// The sum of the deltas.
    pub total: f64,
    /// The sum with each outlier put where it would just be none, so that one odd cycle does not decide the order.
    pub robust_total: f64,
}

/// Where a metric suffers most.
#[derive(Clone, Debug, PartialEq)]
pub struct WorstScenario {
    /// The scenario.
    pub scenario: String,
    /// The cycle that says so, from 0.
    pub cycle: usize,
    /// The metric in the nominal scenario.
    pub nominal: f64,
    /// The metric in this one.
    pub value: f64,
    /// By how much it is worse, above 0 for metrics of which less is better too.
    pub drop: f64,
}

impl RoiTracker {
    /// The deltas of the cycles that each module took part in, oldest first.
    ///
    /// Each module of a cycle gets the whole delta, so theirs do not sum to what a cycle brought: this says in whose
    /// company things went well. What each module brought itself takes trials without it: the Shapley values of
    /// [`Game`](crate::stats::Game), which do sum to the group's worth.
    #[must_use]
    pub fn module_deltas(&self) -> BTreeMap<&str, Vec<f64>> {
        self.deltas_by(modules)
    }

    /// The deltas of the cycles that each cluster took part in, oldest first: once for each cycle, however many of its
    /// modules did. Modules without a cluster are in none.
    #[must_use]
    pub fn cluster_deltas(&self) -> BTreeMap<&str, Vec<f64>> {
        self.deltas_by(|update| self.clusters_of(update))
    }

    /// Modules by the sum of their deltas, the largest first; equal ones by name.
    #[must_use]
    pub fn rankings(&self) -> Vec<Ranked> {
        self.ranked_by(modules)
    }

    /// Clusters by the sum of their deltas, the largest first; equal ones by name.
    #[must_use]
    pub fn cluster_rankings(&self) -> Vec<Ranked> {
        self.ranked_by(|update| self.clusters_of(update))
    }

    /// The values of a metric in the cycles that had it in a scenario, oldest first.
    #[must_use]
    pub fn scenario_series(&self, scenario: &str, name: &str) -> Vec<f64> {
        let value = |update: &Update| update.scenarios.get(scenario)?.get(name).copied();
        self.updates.iter().filter_map(value).collect()
    }

    /// In which scenario a metric is furthest below its nominal value (above, where less is better), by the newest
    /// cycle that can say. Of equals the first by name. `None` where no scenario is worse, and for a metric of which
    /// neither more nor less is better. The nominal value is that of the scenario `nominal`, else that of the cycle.
    #[must_use]
    pub fn worst_scenario(&self, name: &str) -> Option<WorstScenario> {
        let metric = Metric::named(name.strip_prefix(super::predictions::SYNERGY).unwrap_or(name));
        // What the table does not know, such as what an objective reckons, is better for being more.
        let sign = match metric.map_or(Direction::Higher, |metric| metric.direction) {
            Direction::Higher => 1.0,
            Direction::Lower => -1.0,
            Direction::Neutral => return None,
        };
        let (cycle, update, nominal) = self.updates.iter().enumerate().rev().find_map(|(cycle, update)| {
            let own = update.scenarios.get(NOMINAL).and_then(|metrics| metrics.get(name));
            let nominal = own.or_else(|| update.metrics.get(name))?;
            let other =
                |(scenario, metrics): (&String, &BTreeMap<_, _>)| scenario != NOMINAL && metrics.contains_key(name);
            update.scenarios.iter().any(other).then_some((cycle, update, *nominal))
        })?;
        let mut worst: Option<WorstScenario> = None;
        for (scenario, metrics) in update.scenarios.iter().filter(|(scenario, _)| *scenario != NOMINAL) {
            let Some(&value) = metrics.get(name) else { continue };
            let drop = (nominal - value) * sign;
            if drop > worst.as_ref().map_or(0.0, |worst| worst.drop) {
                worst = Some(WorstScenario { scenario: scenario.clone(), cycle, nominal, value, drop });
            }
        }
        worst
    }

    fn clusters_of<'a>(&'a self, update: &'a Update) -> BTreeSet<&'a str> {
        update.modules.iter().filter_map(|module| self.clusters.get(module)).map(String::as_str).collect()
    }

    fn deltas_by<'a>(&'a self, names: impl Fn(&'a Update) -> BTreeSet<&'a str>) -> BTreeMap<&'a str, Vec<f64>> {
        let mut deltas: BTreeMap<_, Vec<f64>> = BTreeMap::new();
        for update in &self.updates {
            for name in names(update) {
                deltas.entry(name).or_default().push(update.delta());
            }
        }
        deltas
    }

    fn ranked_by<'a>(&'a self, names: impl Fn(&'a Update) -> BTreeSet<&'a str>) -> Vec<Ranked> {
        let mut totals: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for (cycle, update) in self.updates.iter().enumerate() {
            let delta = update.delta();
            let tamed = self.outlier_at(cycle).map_or(delta, |outlier| delta.clamp(outlier.low, outlier.high));
            for name in names(update) {
                let (total, robust_total) = totals.entry(name).or_default();
                *total += delta;
                *robust_total += tamed;
            }
        }
        let ranked = |(name, (total, robust_total)): (&str, _)| Ranked { name: name.to_owned(), total, robust_total };
        let mut ranked: Vec<Ranked> = totals.into_iter().map(ranked).collect();
        // They are in order of names, and equals stay in theirs.
        ranked.sort_by(|a, b| b.total.total_cmp(&a.total));
        ranked
    }
}

/// The modules of a cycle, each once.
fn modules(update: &Update) -> BTreeSet<&str> {
    update.modules.iter().map(String::as_str).collect()
}
