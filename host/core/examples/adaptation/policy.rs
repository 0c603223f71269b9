//! Ways of setting limits, run through a world.

use holobiont_core::adapt::{AdaptConfig, AdaptState, PresetAgent, adapt_presets};
use holobiont_core::{Key, RoiTracker};

use crate::cost::{Bill, Demand, LOSS, Limits, START, cheapest, price, update};
use crate::world::World;

/// Why more was reserved than the oracle did, in credits. What is below the oracle's rung counts as less.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Excess {
    /// What was used plus headroom takes a higher rung than what was used.
    pub(crate) headroom: f64,
    /// The same of the highest use that is remembered.
    pub(crate) memory: f64,
    /// The limit stands higher than that: it has not come down yet, or was voted or forecast up.
    pub(crate) late: f64,
    /// The limit stands lower than the oracle's.
    pub(crate) below: f64,
}

/// What came of a way through a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// The limits of each cycle.
    pub(crate) limits: Vec<Limits>,
    pub(crate) moves: usize,
}

impl Run {
    pub(crate) fn bill(&self, world: &World, loss: f64) -> Bill {
        let mut bill = Bill::default();
        for (demands, limits) in world.cycles.iter().zip(&self.limits) {
            bill.add(&Bill::of(demands, *limits, loss));
        }
        bill
    }

    pub(crate) fn fixed(world: &World, limits: Limits) -> Self {
        Self { limits: vec![limits; world.cycles.len()], moves: 0 }
    }

    /// The cheapest limits of each cycle, known beforehand.
    pub(crate) fn oracle(world: &World, loss: f64) -> Self {
        let best = |demands: &Vec<Demand>| cheapest(std::slice::from_ref(demands), loss);
        Self { limits: world.cycles.iter().map(best).collect(), moves: 0 }
    }

    /// The cheapest limits of the cycle before: what there is to know without looking ahead.
    pub(crate) fn of_the_cycle_before(world: &World, loss: f64) -> Self {
        let mut run = Self::oracle(world, loss);
        run.limits.insert(0, START);
        run.limits.truncate(world.cycles.len());
        run
    }

    /// The cheapest limits of all that start with those that everything does, and go at most a rung each cycle, known
    /// beforehand.
    pub(crate) fn rung_by_rung(world: &World, loss: f64) -> Self {
        let (fuels, memories) = (Key::CpuLimit.row().ladder, Key::MemoryLimit.row().ladder);
        let all: Vec<Limits> = Limits::all().collect();
        let cost = |demands: &Vec<Demand>, place: usize| {
            all.get(place).map_or(f64::INFINITY, |limits| Bill::of(demands, *limits, loss).total())
        };
        let near = |place: usize| {
            let (fuel, memory) = (place / memories.len(), place % memories.len());
            (fuel.saturating_sub(1)..=(fuel + 1).min(fuels.len() - 1)).flat_map(move |fuel| {
                let memories_near = memory.saturating_sub(1)..=(memory + 1).min(memories.len() - 1);
                memories_near.map(move |memory| fuel * memories.len() + memory)
            })
        };
        // What is still to be paid from each pair of rungs on, by cycle, from the last to the first; and where to go next.
        let mut to_come = vec![0.0; all.len()];
        let mut next: Vec<Vec<usize>> = Vec::new();
        for demands in world.cycles.iter().rev() {
            let paid: Vec<f64> = (0..all.len()).map(|place| cost(demands, place) + to_come[place]).collect();
            let best = |place: usize| near(place).min_by(|a, b| paid[*a].total_cmp(&paid[*b])).unwrap_or(place);
            let chosen: Vec<usize> = (0..all.len()).map(best).collect();
            to_come = chosen.iter().map(|place| paid[*place]).collect();
            next.push(chosen);
        }
        let mut place = all.iter().position(|limits| *limits == START).unwrap_or(0);
        let mut run = Self::default();
        for (cycle, chosen) in next.iter().rev().enumerate() {
            // The first cycle is run under what everything starts with.
            place = if cycle == 0 { place } else { chosen[place] };
            run.limits.push(all[place]);
        }
        run
    }

    /// The rules, with or without an agent.
    pub(crate) fn adapted(world: &World, config: &AdaptConfig, mut agent: Option<&mut PresetAgent>) -> Self {
        let (mut tracker, mut state) = (RoiTracker::default(), AdaptState::default());
        let mut environment = START.environment();
        let mut run = Self::default();
        let mut before = 0.0;
        for (demands, sharing) in world.cycles.iter().zip(&world.sharing) {
            let limits = Limits::of(&environment);
            let cycle = update(demands, limits, *sharing, before);
            before = cycle.after;
            tracker.record(cycle);
            let adapted = adapt_presets(&tracker, &[environment], config, &mut state, agent.as_deref_mut());
            run.limits.push(limits);
            run.moves += adapted.moves.len();
            environment = adapted.environments.into_iter().next().unwrap_or_default();
        }
        run
    }

    /// Why more was reserved than the oracle did.
    pub(crate) fn excess(&self, world: &World, oracle: &Self, config: &AdaptConfig) -> Excess {
        let mut excess = Excess::default();
        let kinds: [(Key, fn(&Limits) -> f64, fn(&Demand) -> f64, f64); 2] = [
            (Key::CpuLimit, |limits| limits.fuel, |demand| demand.fuel, price(1.0, 0.0)),
            (Key::MemoryLimit, |limits| limits.memory, |demand| demand.memory, price(0.0, 1.0)),
        ];
        for (key, limit, need, unit) in kinds {
            let peaks: Vec<f64> =
                world.cycles.iter().map(|demands| demands.iter().map(need).fold(0.0, f64::max)).collect();
            for (cycle, demands) in world.cycles.iter().enumerate() {
                let (Some(own), Some(best), Some(peak)) =
                    (self.limits.get(cycle), oracle.limits.get(cycle), peaks.get(cycle))
                else {
                    continue;
                };
                let priced = unit * demands.len() as f64;
                let (own, best) = (limit(own), limit(best));
                let from = cycle.saturating_sub(config.window);
                let remembered = peaks.get(from..=cycle).unwrap_or_default().iter().copied().fold(0.0, f64::max);
                let more = 1.0 + config.headroom;
                let with_headroom = rung(key, peak * more).max(best);
                let with_memory = rung(key, remembered * more).max(with_headroom);
                excess.below += priced * (own - best).min(0.0);
                excess.headroom += priced * (own.min(with_headroom) - best).max(0.0);
                excess.memory += priced * (own.min(with_memory) - with_headroom).max(0.0);
                excess.late += priced * (own - with_memory).max(0.0);
            }
        }
        excess
    }
}

/// The lowest rung that holds a value.
fn rung(key: Key, value: f64) -> f64 {
    let ladder = key.row().ladder;
    ladder.iter().copied().find(|rung| *rung >= value).or(ladder.last().copied()).unwrap_or(value)
}

/// The ways that are compared, in the order of the tables.
pub(crate) const WAYS: [&str; 8] = [
    "never adapting",
    "best fixed",
    "rules",
    "rules, agent",
    "rules, trained agent",
    "best of the cycle before",
    "oracle, a rung a cycle",
    "oracle",
];

/// All ways through a world; the oracle and the best fixed limits know what a lost run costs.
pub(crate) fn all(world: &World, config: &AdaptConfig, trained: &PresetAgent, seed: u64) -> [Run; WAYS.len()] {
    let mut trained = trained.clone();
    trained.turn_to_another();
    [
        Run::fixed(world, START),
        Run::fixed(world, cheapest(&world.cycles, LOSS)),
        Run::adapted(world, config, None),
        Run::adapted(world, config, Some(&mut PresetAgent::new(seed))),
        Run::adapted(world, config, Some(&mut trained)),
        Run::of_the_cycle_before(world, LOSS),
        Run::rung_by_rung(world, LOSS),
        Run::oracle(world, LOSS),
    ]
}
