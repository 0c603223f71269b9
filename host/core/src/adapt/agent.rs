//! A learned agent beside the rules: what a move brought in the like of this.
//!
//! Q-learning with a table (Watkins and Dayan, Q-learning, Machine Learning 8, 1992; Sutton and Barto, Reinforcement
//! Learning, 2nd edition, section 6.5): the value of an action in a state moves towards the reward that came, plus
//! the discounted value of the best action in the state that followed.
//!
//! - *State*: the signs of the last differences of the series in [`SIGNS`]; of a single value, its own sign; 0 where
//!   nothing was measured.
//! - *Actions*: all of [`Action`], in every state, from the first.
//! - *Reward* of a cycle: how far it moved the return on investment, from -1 to 1; less the share of modules that a
//!   limit ended a run of; less half of the share of fuel and memory limits that was left unused.
//! - *Learning rate*: 1 / (times tried + 1), so that a value is the mean of what came, but at least 0.1, since worlds
//!   drift. *Discount*: 0.5, since a move shows within a cycle or two.
//! - *Exploration*: of the best actions one by lot, and with a likelihood that falls from 0.5 to 0.05, halved in every
//!   50 decisions, any action.
//!
//! Each decision draws from its own stream of the seed, so that the number of decisions is all there is to remember of
//! chance.

mod document;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

pub use self::document::PolicyError;
use crate::action_values::{ActionValues, Falling};
use crate::random::{Draws, Stream};
use crate::tracker::{RoiTracker, Update};

/// Whether hosts are to use the agent where nobody says so: no.
///
/// It would have to make limits cheaper than the rules alone do, with an interval below 0, both in simulated worlds and in
/// replayed runs. Over 30 seeds (`cargo xtask adaptation`) one that was trained on others did so where demand swings (by 1.3 %, 1.0 to 1.7) and where all is mixed
/// (by 0.2 %, 0.1 to 0.4), not where it drifts, falls or has spikes, and not in replayed runs of either example family.
pub const AGENT_BY_DEFAULT: bool = false;

/// The series whose signs are the state; the first is the return on investment.
const SIGNS: [&str; 7] =
    ["roi", "synergy_roi", "synergy_efficiency", "synergy_resilience", "cpu_usage", "memory_usage", "threat_intensity"];

const DISCOUNT: f64 = 0.5;
const LEAST_RATE: f64 = 0.1;
const EXPLORED: Falling = Falling { first: 0.5, least: 0.05, halves: 50 };
const WEIGHT_OF_SLACK: f64 = 0.5;

/// What the agent may vote for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    Stay,
    /// `CPU_LIMIT` up.
    CpuUp,
    /// `CPU_LIMIT` down.
    CpuDown,
    /// `MEMORY_LIMIT` up.
    MemoryUp,
    /// `MEMORY_LIMIT` down.
    MemoryDown,
    /// All three bandwidths up.
    BandwidthUp,
    /// All three bandwidths down.
    BandwidthDown,
    /// `THREAT_INTENSITY` up.
    ThreatUp,
    /// `THREAT_INTENSITY` down.
    ThreatDown,
}

/// What the agent says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Advice {
    /// What to do.
    pub action: Action,
    /// What it is worth, by what was learned: rewards to come, discounted.
    pub value: f64,
    /// What doing nothing is worth.
    pub value_of_staying: f64,
    /// How often it was tried in the like of this.
    pub tried: usize,
}

/// The signs of seven differences.
type Signs = [i8; SIGNS.len()];

/// What was learned of the actions in a state, in the order of [`Action`].
type Learned = ActionValues<{ Action::VARIANTS.len() }>;

/// The last decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    signs: Signs,
    action: Action,
    /// After how many updates of the tracker.
    updates: usize,
}

/// An agent that learns which moves pay; it votes beside the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetAgent {
    seed: u64,
    decisions: u64,
    last: Option<Decided>,
    learned: BTreeMap<Signs, Learned>,
}

impl PresetAgent {
    /// An agent that has learned nothing.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, decisions: 0, last: None, learned: BTreeMap::new() }
    }

    /// Learns from what came after the last decision, and decides anew. Without a new cycle the last decision stands.
    /// After another tracker, with fewer cycles than the last one, there is nothing to learn from.
    pub fn advise(&mut self, tracker: &RoiTracker) -> Advice {
        let updates = tracker.updates().len();
        if let Some(last) = self.last.filter(|last| last.updates == updates) {
            return self.advice(last);
        }
        let signs = signs(tracker);
        if let (Some(last), Some(newest)) = (self.last.filter(|last| last.updates < updates), tracker.updates().last())
        {
            self.learn(last, reward(newest), &signs);
        }
        let decided = Decided { signs, action: self.choose(&signs), updates };
        self.decisions += 1;
        self.last = Some(decided);
        self.advice(decided)
    }

    /// Forgets which tracker it last looked at, and keeps what it learned: for going on with another one.
    pub fn turn_to_another(&mut self) {
        self.last = None;
    }

    fn of(&self, signs: &Signs) -> Learned {
        self.learned.get(signs).copied().unwrap_or_default()
    }

    fn advice(&self, decided: Decided) -> Advice {
        let learned = self.of(&decided.signs);
        let place = decided.action as usize;
        Advice {
            action: decided.action,
            value: learned.value(place),
            value_of_staying: learned.value(Action::Stay as usize),
            tried: learned.tried(place) as usize,
        }
    }

    fn learn(&mut self, last: Decided, reward: f64, next: &Signs) {
        let target = reward + DISCOUNT * self.of(next).best();
        let learned = self.learned.entry(last.signs).or_default();
        let place = last.action as usize;
        learned.note_try(place);
        learned.add(place, learned.mean_rate(place, LEAST_RATE) * (target - learned.value(place)));
    }

    fn choose(&self, signs: &Signs) -> Action {
        let mut draws = Draws::of_decision(self.seed, Stream::PresetAgent, self.decisions);
        let place = self.of(signs).epsilon_greedy(EXPLORED.after(self.decisions), &mut draws);
        Action::VARIANTS.get(place).copied().unwrap_or(Action::Stay)
    }
}

/// The state that a tracker is in.
fn signs(tracker: &RoiTracker) -> Signs {
    SIGNS.map(|name| {
        let series = if name == "roi" { tracker.levels() } else { tracker.series(name) };
        let difference = match series.as_slice() {
            [] => 0.0,
            [only] => *only,
            [.., before, last] => last - before,
        };
        if difference > 0.0 {
            1
        } else if difference < 0.0 {
            -1
        } else {
            0
        }
    })
}

/// What a cycle was worth.
fn reward(update: &Update) -> f64 {
    let moved = update.after - update.before;
    let growth = if moved.is_finite() { moved.clamp(-1.0, 1.0) } else { 0.0 };
    let modules = update.peaks.len().max(1) as f64;
    let hit = update.peaks.values().filter(|peaks| !peaks.exceeded.is_empty()).count() as f64 / modules;
    let unused: Vec<f64> = ["cpu_usage", "memory_usage"]
        .iter()
        .filter_map(|name| update.metrics.get(*name))
        .filter(|usage| usage.is_finite())
        .map(|usage| 1.0 - usage.clamp(0.0, 1.0))
        .collect();
    let slack = unused.iter().sum::<f64>() / unused.len().max(1) as f64;
    growth - hit - WEIGHT_OF_SLACK * slack
}

#[cfg(test)]
mod tests;
