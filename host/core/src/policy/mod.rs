//! Whether another cycle pays, and how large a one: learned from what cycles brought.
//!
//! A [`Policy`] is a table: for each [`PolicyState`] that it was in, what each [`Action`] is worth there, in rewards to
//! come, where each cycle later counts `gamma` times as much. Before a cycle a host makes a state of what it measured
//! ([`Policy::state`]), asks what to do ([`Policy::choose`]), does it, and says what came of it ([`Policy::learn`]) once
//! it has chosen again, since two of the [strategies](Strategy) want to know the next action as well. The reward is all
//! that a cycle brought less what it cost; a policy adds nothing to it.
//!
//! ```
//! use holobiont_core::policy::{Action, Feature, Policy, PolicyConfig, Situation, Transition};
//!
//! let mut policy = Policy::new(PolicyConfig::default(), 7);
//! let situation = |gain| Situation { readings: [(Feature::RoiGain, gain)].into(), ..Situation::default() };
//! let (rising, falling) = (policy.state(&situation(0.2)), policy.state(&situation(-0.2)));
//! assert_eq!((rising.to_string(), falling.to_string()), ("roi-gain=3".to_owned(), "roi-gain=1".to_owned()));
//!
//! // A world in which cycles pay as long as the return rises, for two cycles out of four, and cost otherwise.
//! let states = [rising, rising, falling, falling];
//! let mut chosen = policy.choose(&states[0]).0;
//! for cycle in 0..2000 {
//!     let (state, next) = (states[cycle % 4], states[(cycle + 1) % 4]);
//!     let reward = 0.3 * chosen.energy_factor() * if state == rising { 1.0 } else { -1.0 };
//!     let next_chosen = policy.choose(&next).0;
//!     policy.learn(Transition { state, action: chosen, reward, next: Some((next, next_chosen)) });
//!     chosen = next_chosen;
//! }
//! assert_eq!(policy.best(&rising), Action::RunLarge);
//! assert_eq!(policy.best(&falling), Action::Skip);
//! assert!(policy.value(&rising) > policy.value(&falling));
//!
//! // What was saved goes on as if there had been no break.
//! let mut loaded = Policy::from_json(&policy.to_json()?, PolicyConfig::default())?;
//! assert_eq!(loaded.choose(&rising), policy.choose(&rising));
//! # Ok::<(), holobiont_core::policy::DocumentError>(())
//! ```
//!
//! # Features
//!
//! A reading is put into a bin, whose number is how many of the [edges](FEATURES) it has reached; what was not measured
//! is a bin of its own. [`PolicyConfig::features`] says which features count.
//!
//! | feature | reads | edges |
//! | --- | --- | --- |
//! | `roi-trend` | slope of the return on investment, per cycle | -0.05, 0.05 |
//! | `roi-gain` | mean of the last changes of the return | -0.5, -0.05, 0.05, 0.5 |
//! | `roi-average` | moving average of all changes of the return | -0.05, 0.05 |
//! | `energy` | score of the energy that there is, 0 to 1 | 0.25, 0.5, 0.75 |
//! | `passed` | share of candidates that are integrated by now | 0.25, 0.75 |
//! | `failed` | share of runs that ended badly of late | 0.05, 0.25 |
//! | `waiting` | modules that wait to be tried | 1, 4, 16 |
//! | `diminishing` | whether returns diminish, 0 or 1 | 0.5 |
//! | `synergy-roi` | weighed change of the synergy of the return | -0.05, 0.05 |
//! | `synergy-efficiency` | the same of efficiency | -0.05, 0.05 |
//! | `synergy-resilience` | the same of resilience | -0.05, 0.05 |
//! | `synergy-antifragility` | the same of antifragility | -0.05, 0.05 |
//!
//! Of the modules, the one whose return goes furthest up or down is a part of the state: the bucket that the SHA-256 of
//! its path falls into, of [`PolicyConfig::module_buckets`], and which way it goes, with the edges -0.05 and 0.05. So
//! there are at most [`PolicyConfig::most_states`], however many modules come and go, and a module is the same one to
//! every run of every host. Two modules of one bucket are one to the policy.
//!
//! # Chance
//!
//! Each decision draws from its own stream of the seed, so that the number of decisions is all there is to remember
//! of chance. Of several actions that are equally good one is taken by lot: in a state that was never met, any of them.

mod action;
mod config;
mod document;
mod learner;
mod state;
#[cfg(test)]
mod tests;

use strum::VariantArray as _;

pub use self::action::Action;
pub use self::config::{Exploration, PolicyConfig, Strategy};
pub use self::document::DocumentError;
pub use self::state::{FEATURES, Feature, FeatureRow, PolicyState, Situation, StateError};

use self::learner::Learner;
use crate::action_values::ActionValues;
use crate::random::{Draws, Stream};

const ACTIONS: usize = Action::VARIANTS.len();

/// What was learned of the actions in a state, in the order of [`Action`].
type Values = ActionValues<ACTIONS>;

/// What was done, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition {
    /// The state before.
    pub state: PolicyState,
    /// What was done in it.
    pub action: Action,
    /// All that it brought less what it cost. Counts up to [`PolicyConfig::reward_bound`] either way; what is no finite
    /// number teaches nothing.
    pub reward: f64,
    /// The state after, and what was chosen there; none where there will be no further cycle.
    pub next: Option<(PolicyState, Action)>,
}

/// What is known of an action in a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Which one.
    pub action: Action,
    /// What it is worth: rewards to come, discounted. 0 before it was tried.
    pub value: f64,
    /// How often it was tried there.
    pub tried: u32,
}

/// What cycles are worth, and what to do next.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    config: PolicyConfig,
    seed: u64,
    decisions: u64,
    learner: Learner<PolicyState, ACTIONS>,
}

impl Policy {
    /// A policy that has learned nothing. Settings are to be looked at with [`PolicyConfig::invalid`] before.
    #[must_use]
    pub fn new(config: PolicyConfig, seed: u64) -> Self {
        Self { config, seed, decisions: 0, learner: Learner::new() }
    }

    /// How it learns and tries.
    #[must_use]
    pub fn config(&self) -> &PolicyConfig {
        &self.config
    }

    /// How many decisions it has made.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// The state of a situation.
    #[must_use]
    pub fn state(&self, situation: &Situation) -> PolicyState {
        PolicyState::of(situation, &self.config.features, self.config.module_buckets)
    }

    /// What the best action promises: rewards to come, discounted; 0 in a state that it was never in. Times
    /// 1 - `gamma` it is what each of these cycles brings, if all bring the same.
    #[must_use]
    pub fn value(&self, state: &PolicyState) -> f64 {
        self.learner.row(state).best()
    }

    /// What is known of each action in a state.
    #[must_use]
    pub fn known(&self, state: &PolicyState) -> [Known; ACTIONS] {
        let row = self.learner.row(state);
        std::array::from_fn(|place| Known {
            action: Action::at(place),
            value: row.value(place),
            tried: row.tried(place),
        })
    }

    /// The action that is best by what was learned; of several equally good ones one by the lot of the next decision.
    #[must_use]
    pub fn best(&self, state: &PolicyState) -> Action {
        Action::at(self.learner.row(state).greedy(&mut self.draws()))
    }

    /// What to do, and whether it is done to find out: another action looks better.
    pub fn choose(&mut self, state: &PolicyState) -> (Action, bool) {
        let place = self.learner.choose(&self.config, state, self.decisions, &mut self.draws());
        self.decisions += 1;
        let row = self.learner.row(state);
        (Action::at(place), row.value(place) < row.best())
    }

    /// Learns from what came of an action.
    pub fn learn(&mut self, transition: Transition) {
        let Transition { state, action, reward, next } = transition;
        let next = next.map(|(state, action)| (state, action as usize));
        self.learner.learn(&self.config, (state, action as usize), reward, next);
    }

    fn draws(&self) -> Draws {
        Draws::of_decision(self.seed, Stream::Policy, self.decisions)
    }
}
