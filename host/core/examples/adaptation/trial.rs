//! Policies side by side, on the same cycles.

use holobiont_core::Key;
use holobiont_core::adapt::{AdaptConfig, PresetAgent};
use holobiont_core::forecast::Method;

use crate::cost::{Bill, KEYS, Limits, UNIT_PRICES, WORTH};
use crate::policy::{Policy, bills};
use crate::world::{CYCLES, Cycle, World};

/// The seeds that are reported begin here; what is tuned and trained goes by others.
pub(crate) const REPORTED: u64 = 0;
pub(crate) const TUNED_ON: u64 = 1_000;
pub(crate) const TRAINED_ON: u64 = 2_000;

/// So many seeds an agent is trained on.
pub(crate) const TRAINING_SEEDS: u64 = 10;

/// Who is compared, in the order of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub(crate) enum Contender {
    Never,
    BestFixed,
    Rules,
    RulesTuned,
    Learning,
    Trained,
    Oracle,
}

impl Contender {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Never => "never adapting",
            Self::BestFixed => "best fixed limits, in hindsight",
            Self::Rules => "rules, by default",
            Self::RulesTuned => "rules, tuned",
            Self::Learning => "rules, tuned, and an agent that learns as it goes",
            Self::Trained => "rules, tuned, and an agent that was trained",
            Self::Oracle => "oracle",
        }
    }

    fn policy(self, method: Method, tuned: &AdaptConfig, trained: &PresetAgent, seed: u64) -> Policy {
        match self {
            Self::Never => Policy::Never,
            Self::BestFixed => Policy::BestFixed,
            Self::Rules => Policy::Rules(AdaptConfig::default(), method, None),
            Self::RulesTuned => Policy::Rules(tuned.clone(), method, None),
            Self::Learning => Policy::Rules(tuned.clone(), method, Some(PresetAgent::new(seed))),
            Self::Trained => Policy::Rules(tuned.clone(), method, Some(trained.clone())),
            Self::Oracle => Policy::Oracle,
        }
    }
}

/// What came best out of tuning: see `--tune`.
pub(crate) fn tuned() -> AdaptConfig {
    AdaptConfig { headroom: 0.05, upper_share: 0.0, window: 1, rest: 1, ..AdaptConfig::default() }
}

/// Where what somebody pays more than the oracle comes from, in credits; it sums to the difference of the totals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    /// Rungs above the oracle's that headroom asks for.
    pub(crate) headroom: f64,
    /// Rungs above those: limits that have not come down yet.
    pub(crate) late: f64,
    /// What was saved where a limit was below the oracle's: below 0.
    pub(crate) too_low: f64,
    /// Value lost, less what the oracle let go.
    pub(crate) hits: f64,
}

/// What a contender came to on the cycles of a seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) bill: Bill,
    pub(crate) profile: Profile,
}

/// What all contenders came to, by seed.
pub(crate) type Outcomes = Vec<[Outcome; Contender::COUNT]>;

impl Contender {
    pub(crate) const COUNT: usize = <Self as strum::VariantArray>::VARIANTS.len();
    pub(crate) const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;
}

/// How a world is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seeds: u64,
    pub(crate) cycles: usize,
    /// What a run is worth, as a multiple of what it needs.
    pub(crate) worth: f64,
    /// How the rules' forecasts are made.
    pub(crate) method: Method,
}

impl Plan {
    pub(crate) fn of(seeds: u64, method: Method) -> Self {
        Self { seeds, cycles: CYCLES, worth: WORTH, method }
    }

    /// What all contenders come to in each of some worlds.
    pub(crate) fn run_all(&self, worlds: &[World], tuned: &AdaptConfig) -> Vec<(String, Outcomes)> {
        std::thread::scope(|scope| {
            let all: Vec<_> = worlds.iter().map(|world| scope.spawn(|| self.run(world, tuned))).collect();
            let names = worlds.iter().map(World::name);
            names
                .zip(all)
                .map(|(name, thread)| (name, thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))))
                .collect()
        })
    }

    /// What all contenders come to in a world.
    fn run(&self, world: &World, tuned: &AdaptConfig) -> Outcomes {
        let trained = self.train(world, tuned);
        let of_seed = |seed: u64| {
            let cycles = world.cycles(REPORTED + seed, self.cycles);
            let mut limits = Contender::ALL
                .iter()
                .map(|who| who.policy(self.method, tuned, &trained, seed).limits(&cycles, self.worth));
            let limits: [Vec<Limits>; Contender::COUNT] = std::array::from_fn(|_| limits.next().unwrap_or_default());
            let ideal = &limits[Contender::Oracle as usize];
            let headroom = tuned.headroom;
            std::array::from_fn(|place| outcome(&cycles, &limits[place], ideal, headroom, self.worth))
        };
        (0..self.seeds).map(of_seed).collect()
    }

    /// An agent that has seen other seeds of a world.
    fn train(&self, world: &World, tuned: &AdaptConfig) -> PresetAgent {
        let mut policy = Policy::Rules(tuned.clone(), self.method, Some(PresetAgent::new(TRAINED_ON)));
        for seed in 0..TRAINING_SEEDS.min(self.seeds) {
            policy.limits(&world.cycles(TRAINED_ON + seed, self.cycles), self.worth);
            if let Policy::Rules(.., Some(agent)) = &mut policy {
                agent.turn_to_another();
            }
        }
        match policy {
            Policy::Rules(.., Some(agent)) => agent,
            _ => PresetAgent::new(TRAINED_ON),
        }
    }
}

fn outcome(cycles: &[Cycle], limits: &[Limits], ideal: &[Limits], headroom: f64, worth: f64) -> Outcome {
    let (own, best) = (bills(cycles, limits, worth), bills(cycles, ideal, worth));
    let mut profile = Profile::default();
    for (cycle, (limits, ideal)) in cycles.iter().zip(limits.iter().zip(ideal)) {
        for place in 0..KEYS.len() {
            let need = cycle.iter().map(|run| run.amounts[place]).fold(0.0, f64::max);
            let price = UNIT_PRICES[place] * cycle.len() as f64;
            let (limit, ideal) = (limits[place], ideal[place]);
            let held = rung_for(KEYS[place], need * (1.0 + headroom)).max(ideal);
            profile.too_low += price * (limit - ideal).min(0.0);
            profile.headroom += price * (limit.min(held) - ideal).max(0.0);
            profile.late += price * (limit - held).max(0.0);
        }
    }
    let (own, best): (Bill, Bill) = (own.into_iter().sum(), best.into_iter().sum());
    profile.hits = own.lost - best.lost;
    Outcome { bill: own, profile }
}

/// The smallest rung that holds so much, or the highest.
fn rung_for(key: Key, need: f64) -> f64 {
    let ladder = key.row().ladder;
    ladder.iter().copied().find(|rung| *rung >= need).or(ladder.last().copied()).unwrap_or(need)
}

/// What configurations come to on the seeds for tuning: the mean of the totals over the oracle's, in percent, best
/// first.
pub(crate) fn tune(worlds: &[World], seeds: u64, method: Method) -> Vec<(f64, AdaptConfig)> {
    let mut cases = Vec::new();
    for world in worlds {
        for seed in 0..seeds {
            let cycles = world.cycles(TUNED_ON + seed, CYCLES);
            let ideal = total(&mut Policy::Oracle, &cycles);
            cases.push((cycles, ideal));
        }
    }
    let mut results: Vec<(f64, AdaptConfig)> = candidates()
        .into_iter()
        .map(|config| {
            let mut policy = Policy::Rules(config.clone(), method, None);
            let ratios = cases.iter().map(|(cycles, ideal)| total(&mut policy, cycles) / ideal - 1.0);
            (100.0 * ratios.sum::<f64>() / cases.len().max(1) as f64, config)
        })
        .collect();
    results.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    results
}

fn total(policy: &mut Policy, cycles: &[Cycle]) -> f64 {
    let limits = policy.limits(cycles, WORTH);
    bills(cycles, &limits, WORTH).iter().map(Bill::total).sum()
}

fn candidates() -> Vec<AdaptConfig> {
    let mut all = vec![AdaptConfig::default()];
    for headroom in [0.0, 0.05, 0.15] {
        for window in [1, 2, 4] {
            for rest in [1, 3] {
                for upper_share in [0.0, 0.25] {
                    all.push(AdaptConfig { headroom, window, rest, upper_share, ..AdaptConfig::default() });
                }
            }
        }
    }
    all
}
