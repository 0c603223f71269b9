//! From the trials of a group's arms to the answer.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::arm::Arm;
use crate::assessment::{
    ArmReport, Assessment, Calibration, Combination, PairInteraction, ScenarioResult, SynergyValue,
};
use crate::gate::Gate;
use crate::id::ModuleId;
use crate::metrics::{METRICS, Metric, MetricSet, interaction, mean, measure, synergy};
use crate::scenario::Role;
use crate::stats::{Bootstrap, Coalition, Estimate, Game};
use crate::trials::{ArmView, MetricContext, Sample, Trials};

/// One arm as it was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmTrials {
    /// By scenario; the first is the nominal one.
    pub trials: Vec<Trials>,
    /// What the objective counted in the nominal scenario, by input, in units.
    pub units: Vec<f64>,
    /// What went wrong in nominal trials: input and words.
    pub troubles: Vec<(String, String)>,
}

/// A group as it was tried.
pub struct Tried<'a> {
    /// The workflow's name.
    pub workflow: &'a str,
    /// What its objective counts.
    pub unit: &'a str,
    /// The group, in the order of the workflow: player `i` of a coalition is its module `i`.
    pub group: &'a [ModuleId],
    /// How its members are put together.
    pub combination: Combination,
    /// The inputs, by name.
    pub inputs: &'a [String],
    /// What was tried: nobody, each alone and all at least. Where every coalition was, members have Shapley values.
    pub arms: &'a BTreeMap<Coalition, ArmTrials>,
    /// What is known of a coalition beside its trials.
    pub context: &'a (dyn Fn(Coalition) -> MetricContext<'a> + Sync),
}

impl Tried<'_> {
    /// The answer: equal trials, gate and seed give equal answers. Empty, solo and combined arms that were not tried
    /// count as arms without trials.
    #[must_use]
    pub fn assess(&self, gate: &Gate, seed: u64, calibration: Option<Calibration>) -> Assessment {
        let all = Coalition::all(self.group.len());
        let metrics: BTreeMap<Coalition, MetricSet> =
            self.arms.keys().map(|coalition| (*coalition, self.measured(*coalition))).collect();
        let of = |coalition: Coalition| metrics.get(&coalition).cloned().unwrap_or_default();
        let solos: Vec<MetricSet> = self.solos().map(of).collect();
        let (empty, combined) = (of(Coalition::EMPTY), of(all));
        let revenue_by_input = self.revenue_by_input();
        let revenue = gate.estimate(&revenue_by_input, seed);
        let verdict = gate.judge(&revenue, combined.get("roi").unwrap_or(0.0), calibration.as_ref());
        let (shapley, pairs) = self.attribution(&metrics);
        Assessment {
            workflow: self.workflow.to_owned(),
            unit: self.unit.to_owned(),
            group: self.group.to_vec(),
            combination: self.combination,
            inputs: self.inputs.to_vec(),
            scenarios: self
                .arms
                .get(&all)
                .into_iter()
                .flat_map(|arm| &arm.trials)
                .map(|t| t.scenario.clone())
                .collect(),
            arms: self.reports(&metrics),
            synergy: self.synergies(&synergy(&solos, &combined), gate, seed, &revenue),
            interaction: interaction(&solos, &combined, &empty),
            shapley,
            pairs,
            revenue_by_input,
            verdict,
            calibration,
        }
    }

    fn solos(&self) -> impl Iterator<Item = Coalition> {
        (0..self.group.len()).map(|player| Coalition::EMPTY.with(player))
    }

    fn view(&self, coalition: Coalition, measured: impl FnOnce(&ArmView<'_>) -> MetricSet) -> MetricSet {
        let context = (self.context)(coalition);
        match self.arms.get(&coalition) {
            None => MetricSet::default(),
            Some(arm) => {
                measured(&ArmView { trials: &arm.trials, inputs: self.inputs.len(), draw: None, context: &context })
            }
        }
    }

    /// The metrics of a coalition: those of harder scenarios only where it was tried under them.
    fn measured(&self, coalition: Coalition) -> MetricSet {
        let only_nominal = self.arms.get(&coalition).is_some_and(|arm| arm.trials.len() < 2);
        let whole = self.arms.get(&Coalition::all(self.group.len())).is_some_and(|arm| arm.trials.len() < 2);
        self.view(coalition, |view| {
            measure(view)
                .iter()
                .filter(|(name, _)| whole || !only_nominal || Metric::named(name).is_some_and(|metric| metric.nominal))
                .collect()
        })
    }

    fn values(&self, coalition: Coalition) -> impl Iterator<Item = f64> {
        let nominal = self.arms.get(&coalition).and_then(|arm| arm.trials.first());
        nominal.into_iter().flat_map(|trials| &trials.samples).map(|sample| sample.value)
    }

    /// The synergy of revenue of each input alone, in credits.
    fn revenue_by_input(&self) -> Vec<f64> {
        let mut alone = vec![0.0; self.inputs.len()];
        for solo in self.solos() {
            for (sum, value) in alone.iter_mut().zip(self.values(solo)) {
                *sum += value;
            }
        }
        let members = self.group.len().max(1) as f64;
        self.values(Coalition::all(self.group.len())).zip(alone).map(|(all, alone)| all - alone / members).collect()
    }

    fn synergies(
        &self,
        values: &MetricSet,
        gate: &Gate,
        seed: u64,
        revenue: &Estimate,
    ) -> BTreeMap<String, SynergyValue> {
        METRICS
            .iter()
            .filter_map(|metric| {
                let value = values.get(metric.name)?;
                let estimate = if metric.name == "revenue" { *revenue } else { self.interval(metric, gate, seed) };
                let ends = estimate.interval().map(|interval| (interval.low.min(value), interval.high.max(value)));
                let synergy = SynergyValue {
                    value,
                    low: ends.map(|(low, _)| low),
                    high: ends.map(|(_, high)| high),
                    direction: metric.direction,
                };
                Some((metric.name.to_owned(), synergy))
            })
            .collect()
    }

    /// How sure one is of a metric's synergy: the metric is reckoned anew for every draw of inputs.
    fn interval(&self, metric: &Metric, gate: &Gate, seed: u64) -> Estimate {
        let arms: Vec<(Coalition, MetricContext<'_>)> = self
            .solos()
            .chain([Coalition::all(self.group.len())])
            .map(|coalition| (coalition, (self.context)(coalition)))
            .collect();
        let none = [];
        let alone = RefCell::new(Vec::with_capacity(arms.len()));
        Bootstrap::new(seed).level(gate.level).bca().statistic(self.inputs.len(), |draw| {
            let value = |(coalition, context): &(Coalition, MetricContext<'_>)| {
                let trials = self.arms.get(coalition).map_or(&none[..], |arm| &arm.trials);
                (metric.measure)(&ArmView { trials, inputs: self.inputs.len(), draw: Some(draw), context })
            };
            let Some((together, solos)) = arms.split_last() else { return 0.0 };
            let mut alone = alone.borrow_mut();
            alone.clear();
            alone.extend(solos.iter().map(value));
            value(together) - mean(&alone)
        })
    }

    /// Shapley values and interaction indices of the metrics that every coalition has.
    fn attribution(
        &self,
        metrics: &BTreeMap<Coalition, MetricSet>,
    ) -> (BTreeMap<ModuleId, MetricSet>, Vec<PairInteraction>) {
        let players = self.group.len();
        let mut values: Vec<Vec<(String, f64)>> = vec![Vec::new(); players];
        let mut pairs: BTreeMap<(usize, usize), Vec<(String, f64)>> = BTreeMap::new();
        for metric in METRICS {
            let worth: Option<Vec<f64>> = (0..1u64 << players.min(63))
                .map(|bits| metrics.get(&Coalition::from_bits(bits))?.get(metric.name))
                .collect();
            let Some(game) = worth.and_then(|worth| Game::new(worth).ok()) else { continue };
            for (own, value) in values.iter_mut().zip(game.shapley()) {
                own.push((metric.name.to_owned(), value));
            }
            for (a, b, value) in game.interactions().iter() {
                pairs.entry((a, b)).or_default().push((metric.name.to_owned(), *value));
            }
        }
        let named = |player: usize| self.group.get(player).cloned();
        let shapley = self
            .group
            .iter()
            .cloned()
            .zip(values)
            .filter(|(_, own)| !own.is_empty())
            .map(|(id, own)| (id, own.into_iter().collect()))
            .collect();
        let pairs = pairs.into_iter().filter_map(|((a, b), own)| {
            Some(PairInteraction { pair: [named(a)?, named(b)?], metrics: own.into_iter().collect() })
        });
        (shapley, pairs.collect())
    }

    fn reports(&self, metrics: &BTreeMap<Coalition, MetricSet>) -> Vec<ArmReport> {
        let coalitions =
            std::iter::once(Coalition::EMPTY).chain(self.solos()).chain([Coalition::all(self.group.len())]);
        coalitions
            .zip(Arm::of_group(self.group))
            .filter_map(|(coalition, arm)| {
                let tried = self.arms.get(&coalition)?;
                let nominal = &tried.trials.first()?.samples;
                Some(ArmReport {
                    modules: coalition.players().filter_map(|player| self.group.get(player).cloned()).collect(),
                    arm,
                    metrics: metrics.get(&coalition).cloned().unwrap_or_default(),
                    units: tried.units.iter().sum(),
                    value: total(nominal, |sample| sample.value),
                    cost: total(nominal, |sample| sample.cost),
                    fuel: nominal.iter().map(|sample| sample.usage.fuel).sum(),
                    peak_memory_bytes: nominal.iter().map(|s| s.usage.peak_memory_bytes).max().unwrap_or(0),
                    scenarios: tried.trials.iter().filter(|t| t.role != Role::Repeat).map(scenario_result).collect(),
                    troubles: tried.troubles.clone(),
                })
            })
            .collect()
    }
}

/// Begins at 0: the sum of no numbers is -0 otherwise.
fn total(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    samples.iter().fold(0.0, |sum, sample| sum + of(sample))
}

fn scenario_result(trials: &Trials) -> ScenarioResult {
    let count = trials.samples.len().max(1) as f64;
    ScenarioResult {
        scenario: trials.scenario.clone(),
        role: trials.role,
        threat_intensity: trials.threat_intensity,
        mean_value: total(&trials.samples, |sample| sample.value) / count,
        completed: trials.samples.iter().filter(|sample| sample.completed).count() as f64 / count,
    }
}
