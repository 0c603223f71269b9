//! Who sets the limits, and what the cycles tell them.

use std::collections::BTreeMap;

use holobiont_core::adapt::{AdaptConfig, AdaptState, PresetAgent, adapt_presets};
use holobiont_core::forecast::Method;
use holobiont_core::{Environment, LimitKind, Peaks, RoiTracker, Update};

use crate::cost::{Bill, KEYS, Limits, bill, cheapest, priced};
use crate::world::{Cycle, Demand};

/// The limits that everybody starts with.
pub(crate) const START: Limits = [1.0, 256.0];

/// How much more a run needs under stress: what resilience is measured by.
const STRESS: f64 = 1.5;

/// Who sets the limits.
#[derive(Clone, Debug)]
pub(crate) enum Policy {
    /// Nobody.
    Never,
    /// Somebody who sets them once, and knows what is to come.
    BestFixed,
    /// The rules, on forecasts by a method, and the agent if there is one.
    Rules(AdaptConfig, Method, Option<PresetAgent>),
    /// Somebody who sets them for each cycle, and knows what it needs.
    Oracle,
}

impl Policy {
    /// The limits of each cycle.
    pub(crate) fn limits(&mut self, cycles: &[Cycle], worth: f64) -> Vec<Limits> {
        match self {
            Self::Never => vec![START; cycles.len()],
            Self::BestFixed => vec![cheapest(cycles, worth); cycles.len()],
            Self::Oracle => cycles.iter().map(|cycle| cheapest(std::slice::from_ref(cycle), worth)).collect(),
            Self::Rules(config, method, agent) => adapted(cycles, worth, (config, *method), agent.as_mut()),
        }
    }
}

/// What cycles come to under their limits.
pub(crate) fn bills(cycles: &[Cycle], limits: &[Limits], worth: f64) -> Vec<Bill> {
    cycles.iter().zip(limits).map(|(cycle, limits)| bill(cycle, limits, worth)).collect()
}

/// The limits that the rules set after each cycle, for the next one. They see what a host would: nothing of a run
/// beyond the limit that ended it.
fn adapted(
    cycles: &[Cycle],
    worth: f64,
    (config, method): (&AdaptConfig, Method),
    mut agent: Option<&mut PresetAgent>,
) -> Vec<Limits> {
    let mut environment = Environment::default();
    for (key, value) in KEYS.into_iter().zip(START) {
        environment.set(key, value);
    }
    let (mut tracker, mut state) = (RoiTracker::default().with_method(method), AdaptState::default());
    let mut before = 0.0;
    let mut all = Vec::with_capacity(cycles.len());
    for cycle in cycles {
        let limits = KEYS.map(|key| environment.get(key).unwrap_or_default());
        all.push(limits);
        let update = update(cycle, &limits, worth, before);
        before = update.after;
        tracker.record(update);
        let adapted =
            adapt_presets(&tracker, std::slice::from_ref(&environment), config, &mut state, agent.as_deref_mut());
        environment = adapted.environments.into_iter().next().unwrap_or(environment);
    }
    all
}

/// What a host would record of a cycle.
pub(crate) fn update(cycle: &Cycle, limits: &Limits, worth: f64, before: f64) -> Update {
    let mut peaks: BTreeMap<String, Peaks> = BTreeMap::new();
    for run in cycle {
        let share = run.share_done(limits);
        let peak = peaks.entry(format!("module-{}", run.module)).or_default();
        peak.fuel = peak.fuel.max((run.amounts[0] * share * 1e9) as u64);
        peak.memory_bytes = peak.memory_bytes.max((run.amounts[1] * share * 1_048_576.0) as u64);
        if share < 1.0 {
            let ended_by_fuel = limits[0] / run.amounts[0] <= limits[1] / run.amounts[1];
            let kind = if ended_by_fuel { LimitKind::Fuel } else { LimitKind::Memory };
            if !peak.exceeded.contains(&kind) {
                peak.exceeded.push(kind);
            }
        }
    }
    let group = Standing::of(cycle, limits, worth);
    let mut solos: BTreeMap<usize, Cycle> = BTreeMap::new();
    for run in cycle {
        solos.entry(run.module).or_default().push(*run);
    }
    let solos: Vec<Standing> = solos.values().map(|runs| Standing::of(runs, limits, worth)).collect();
    let mut metrics = BTreeMap::new();
    for (name, of) in METRICS {
        let mean = solos.iter().map(of).sum::<f64>() / solos.len().max(1) as f64;
        metrics.insert((*name).to_owned(), of(&group));
        metrics.insert(format!("synergy_{name}"), of(&group) - mean);
    }
    let modules = peaks.keys().cloned().collect();
    let cost = bill(cycle, limits, worth).reserved;
    Update { before, after: group.roi, modules, peaks, metrics, cost, ..Update::default() }
}

type Reading = fn(&Standing) -> f64;

/// What is measured of a cycle, defined as the host's metrics are.
const METRICS: &[(&str, Reading)] = &[
    ("roi", |standing| standing.roi),
    ("efficiency", |standing| 1.0 - (standing.cpu_usage + standing.memory_usage) / 2.0),
    ("resilience", |standing| standing.resilience),
    ("cpu_usage", |standing| standing.cpu_usage),
    ("memory_usage", |standing| standing.memory_usage),
];

/// What some runs come to.
struct Standing {
    /// Of what runs that ended well are worth, over what was reserved.
    roi: f64,
    /// Fuel per run over the limit.
    cpu_usage: f64,
    /// Peak memory over the limit.
    memory_usage: f64,
    /// Value under stress, over value without, at most 1; 1 where there is none to lose.
    resilience: f64,
}

impl Standing {
    fn of(runs: &Cycle, limits: &Limits, worth: f64) -> Self {
        let count = runs.len().max(1) as f64;
        let used = |run: &Demand, place: usize| run.amounts[place] * run.share_done(limits) / limits[place];
        let value = |stress: f64| -> f64 {
            let stressed = |run: &&Demand| run.amounts.iter().zip(limits).all(|(need, limit)| need * stress <= *limit);
            runs.iter().filter(stressed).map(|run| run.worth(worth)).sum()
        };
        let (cost, calm) = (priced(limits) * count, value(1.0));
        Self {
            roi: (calm - cost) / cost,
            cpu_usage: runs.iter().map(|run| used(run, 0)).sum::<f64>() / count,
            memory_usage: runs.iter().map(|run| used(run, 1)).fold(0.0, f64::max),
            resilience: if calm > 0.0 { (value(STRESS) / calm).min(1.0) } else { 1.0 },
        }
    }
}
