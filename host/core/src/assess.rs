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
use crate::stats::{Bootstrap, Coalition, EXACT_PLAYERS, Estimate, Game, InteractionPlan, Sampled, ShapleyPlan};
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
        let Attribution { shapley, errors, pairs } = self.attribution(&metrics, seed);
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
            shapley: sets(shapley),
            shapley_errors: sets(errors),
            pairs: self.pairs(pairs),
            revenue_by_input,
            verdict,
            calibration,
        }
    }

    fn solos(&self) -> impl Iterator<Item = Coalition> {
        Coalition::solos(self.group.len())
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
        let members: Vec<Vec<f64>> = self.solos().map(|solo| self.values(solo).collect()).collect();
        beyond_mean(&self.values(Coalition::all(self.group.len())).collect::<Vec<_>>(), &members)
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

    /// Shapley values and interaction indices of the metrics that every coalition has which it takes: exact to
    /// [`EXACT_PLAYERS`] members, beyond that from some orders of joining, with standard errors.
    fn attribution(&self, metrics: &BTreeMap<Coalition, MetricSet>, seed: u64) -> Attribution {
        let players = self.group.len();
        let mut found = Attribution::default();
        for metric in METRICS {
            let value = |coalition| metrics.get(&coalition).and_then(|set| set.get(metric.name)).ok_or(Untried);
            let Ok((shares, pairs)) = attributed(players, seed, value) else { continue };
            for (id, share) in self.group.iter().zip(shares) {
                let name = metric.name.to_owned();
                found.shapley.entry(id.clone()).or_default().push((name.clone(), share.value));
                if let Some(error) = share.standard_error {
                    found.errors.entry(id.clone()).or_default().push((name, error));
                }
            }
            for (a, b, value) in pairs {
                found.pairs.entry((a, b)).or_default().push((metric.name.to_owned(), value));
            }
        }
        found
    }

    fn pairs(&self, found: BTreeMap<(usize, usize), Vec<(String, f64)>>) -> Vec<PairInteraction> {
        let named = |player: usize| self.group.get(player).cloned();
        let pair = |((a, b), own): ((usize, usize), Vec<(String, f64)>)| {
            Some(PairInteraction { pair: [named(a)?, named(b)?], metrics: own.into_iter().collect() })
        };
        found.into_iter().filter_map(pair).collect()
    }

    fn reports(&self, metrics: &BTreeMap<Coalition, MetricSet>) -> Vec<ArmReport> {
        Coalition::arms(self.group.len())
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

/// By input, what a group was worth beyond the mean of its members. An input on which a member was not tried counts as
/// one on which it was worth nothing.
#[must_use]
pub fn beyond_mean(together: &[f64], members: &[Vec<f64>]) -> Vec<f64> {
    let alone = |input: usize| {
        let sum = members.iter().filter_map(|values| values.get(input)).fold(0.0, |sum, value| sum + value);
        sum / members.len().max(1) as f64
    };
    together.iter().enumerate().map(|(input, value)| value - alone(input)).collect()
}

/// By module, values by the names of metrics.
type ByModule = BTreeMap<ModuleId, Vec<(String, f64)>>;

/// Who contributed what.
#[derive(Default)]
struct Attribution {
    shapley: ByModule,
    /// Standard errors, of values that were sampled.
    errors: ByModule,
    pairs: BTreeMap<(usize, usize), Vec<(String, f64)>>,
}

fn sets(by_module: ByModule) -> BTreeMap<ModuleId, MetricSet> {
    by_module.into_iter().map(|(id, values)| (id, values.into_iter().collect())).collect()
}

/// A coalition was not tried, or not under what a metric needs.
struct Untried;

/// Orders of joining, each with its reverse, that Shapley values are estimated from where they are not exact; and
/// rounds of such orders for pairs. With 16 modules that is about 1,000 and 1,000 coalitions.
const ORDERS: usize = 32;
const ROUNDS: usize = 2;

/// The coalitions that must be tried, so that each of so many members gets its share: all of them to
/// [`EXACT_PLAYERS`], beyond that those of some orders of joining, drawn from the seed.
#[must_use]
pub fn coalitions_for_shares(players: usize, seed: u64) -> Vec<Coalition> {
    if players <= EXACT_PLAYERS {
        return (0..1u64 << players).map(Coalition::from_bits).collect();
    }
    let shares = ShapleyPlan::new(players, ORDERS, seed).map(|plan| plan.needed()).unwrap_or_default();
    let pairs = InteractionPlan::new(players, ROUNDS, seed).map(|plan| plan.needed()).unwrap_or_default();
    shares.union(&pairs).copied().collect()
}

/// Shapley values by player and interaction indices by pair.
type Shares = (Vec<Sampled>, Vec<(usize, usize, f64)>);

fn attributed(players: usize, seed: u64, value: impl Fn(Coalition) -> Result<f64, Untried>) -> Result<Shares, Untried> {
    if players <= EXACT_PLAYERS {
        let worth: Vec<f64> =
            (0..1u64 << players).map(|bits| value(Coalition::from_bits(bits))).collect::<Result<_, _>>()?;
        let game = Game::new(worth).map_err(|_| Untried)?;
        let exact = |value| Sampled { value, standard_error: None };
        let pairs = game.interactions().iter().map(|(a, b, value)| (a, b, *value)).collect();
        return Ok((game.shapley().into_iter().map(exact).collect(), pairs));
    }
    let shares = ShapleyPlan::new(players, ORDERS, seed).map_err(|_| Untried)?.estimate(&value)?;
    let pairs = InteractionPlan::new(players, ROUNDS, seed).map_err(|_| Untried)?.estimate(&value)?;
    Ok((shares, pairs.iter().map(|(a, b, sampled)| (a, b, sampled.value)).collect()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_to_twelve_members_and_sampled_beyond() {
        for (players, exact) in [(3, true), (14, false)] {
            let needed = coalitions_for_shares(players, 5);
            let worth = |coalition: Coalition| {
                needed.contains(&coalition).then(|| f64::from(coalition.bits().count_ones()).powi(2)).ok_or(Untried)
            };
            let Ok((shares, pairs)) = attributed(players, 5, worth) else { panic!("all that is needed is there") };
            assert_eq!(shares.iter().all(|share| share.standard_error.is_none()), exact);
            // A square is a game of pairs, for which both are exact: everybody gets the same, each pair 2.
            assert!(shares.iter().all(|share| (share.value - players as f64).abs() < 1e-9), "{shares:?}");
            assert_eq!(pairs.len(), players * (players - 1) / 2);
            assert!(pairs.iter().all(|(.., index)| (index - 2.0).abs() < 1e-9));
        }
        assert!(attributed(14, 5, |_| Err(Untried)).is_err());
    }
}
