//! Weights as the preferences of a policy that integrates groups.

use holobiont_core::{SynergyWeights, WEIGHTS};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::actor_critic::{ActorCritic, ActorCriticRates, ActorCriticStep, length};
use crate::kind::LearnerKind;
use crate::learner::{Learner, Outcome, Saved, Seen, Synergies, bounded};
use crate::random::luck;
use crate::unit::{RewardUnit, step};

/// What the critic knows of a state: the mean synergies of the groups, and 1.
const STATE_FEATURES: usize = WEIGHTS + 1;

/// How far the policy's preferences move for an error of a usual reward, in learning rates, and how far at most. Like
/// all numbers here chosen on seeds that are not reported (docs/LEARNING.md).
const ACTOR_RATES: f64 = 5.0;
/// How far the critic moves for an error of 1.
const CRITIC_RATE: f64 = 0.05;
/// What a reward is worth a cycle before it comes, as a share. With 0.9, what follows by chance hides what follows from
/// the decision: it does worse, also where decisions do change what follows.
const GAMMA: f64 = 0.5;
/// How long preferences may become, as the root of the sum of their squares: twice that of weights of 1 each. Without a
/// bound the policy becomes so sure of itself that it does not find out when the world changes.
const LONGEST: f64 = 5.3;

/// Actor-critic: a softmax policy prefers groups by their synergies, and what it prefers moves so that what brought
/// more than was expected is done more often. The choice to integrate none, whose synergies are 0, is always one of
/// them. What follows a decision counts too, where it is told.
///
/// The arithmetic is that of [`ActorCritic`], without traces: they made it worse in all worlds that were tried but
/// the one whose weights turn round. Rewards are in usual ones, so that the learning rate fits any. The weights follow
/// the policy's preferences step by step, those below 0 to 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SynergyWeightLearner {
    learning_rate: f64,
    state: State,
}

/// What is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct State {
    seed: u64,
    decisions: u64,
    weights: Synergies,
    unit: RewardUnit,
    policy: ActorCritic,
}

impl SynergyWeightLearner {
    /// One that begins with such weights. The rate is from above 0 to 1: the furthest that a weight moves at a time.
    #[must_use]
    pub fn new(weights: SynergyWeights, learning_rate: f64, seed: u64) -> Self {
        let (weights, unit) = (weights.values(), RewardUnit::default());
        let policy = ActorCritic::new(weights.to_vec(), STATE_FEATURES);
        Self { learning_rate, state: State { seed, decisions: 0, weights, unit, policy } }
    }

    /// The one that was saved; what is wrong where no learner would have come to it.
    pub(crate) fn restore(state: Value, learning_rate: f64) -> Result<Self, String> {
        let state: State = serde_json::from_value(state).map_err(|error| error.to_string())?;
        SynergyWeights::new(state.weights).map_err(|error| error.to_string())?;
        if !state.policy.is_sound(WEIGHTS, STATE_FEATURES) {
            return Err("its policy is none".to_owned());
        }
        if !state.unit.is_sound() {
            return Err("its unit of rewards is none".to_owned());
        }
        Ok(Self { learning_rate, state })
    }
}

impl Learner for SynergyWeightLearner {
    fn kind(&self) -> LearnerKind {
        LearnerKind::ActorCritic
    }

    fn weights(&self) -> SynergyWeights {
        SynergyWeights::clamped(self.state.weights, &SynergyWeights::default())
    }

    fn set_weights(&mut self, weights: SynergyWeights) {
        for (place, new) in weights.values().into_iter().enumerate() {
            if new != self.state.weights[place] {
                self.state.weights[place] = new;
                self.state.policy.set_theta(place, new);
            }
        }
    }

    fn score(&self, group: &Synergies) -> f64 {
        self.state.policy.preference(&bounded(group)) + luck(self.state.seed, self.state.decisions, group)
    }

    fn tell(&mut self, seen: &Seen, outcome: &Outcome) {
        let Some(reward) = outcome.telling_reward() else { return };
        let State { decisions, weights, unit, policy, .. } = &mut self.state;
        *decisions += 1;
        unit.note(reward);
        let Some(usual) = unit.size() else { return };
        let (actions, taken) = actions(seen, &outcome.chosen);
        let next = outcome.next.as_ref().map(state_features);
        let state = state_features(seen);
        let actor = ACTOR_RATES * self.learning_rate;
        // Over the square of the state, a step would go further than the error, and the next one further back.
        let critic = CRITIC_RATE.min(length(&state).powi(-2));
        let rates = ActorCriticRates { actor, critic, gamma: GAMMA, lambda: 0.0, most_step: actor };
        let reward = reward / usual;
        // Whoever set weights that are longer is not overruled.
        let longest = length(policy.theta()).max(LONGEST);
        let next = next.as_deref();
        policy.learn(&rates, ActorCriticStep { state: &state, actions: &actions, taken, reward, next });
        policy.shorten(longest);
        for (weight, target) in weights.iter_mut().zip(policy.theta()) {
            *weight = step(*weight, *target, self.learning_rate);
        }
    }

    fn save(&self) -> Result<Saved, String> {
        serde_json::to_value(&self.state).map(Saved::Json).map_err(|error| error.to_string())
    }
}

/// What could have been done, integrating none as the last, and the place of what was.
fn actions(seen: &Seen, chosen: &Synergies) -> (Vec<Vec<f64>>, usize) {
    let mut actions: Vec<Vec<f64>> = seen.groups.iter().map(|group| bounded(group).to_vec()).collect();
    let chosen = bounded(chosen).to_vec();
    let taken = actions.iter().position(|action| *action == chosen).unwrap_or(actions.len());
    if taken == actions.len() {
        actions.push(chosen);
    }
    actions.push(vec![0.0; WEIGHTS]);
    (actions, taken)
}

fn state_features(seen: &Seen) -> Vec<f64> {
    let mut features = vec![0.0; WEIGHTS];
    for group in &seen.groups {
        for (feature, synergy) in features.iter_mut().zip(bounded(group)) {
            *feature += synergy / seen.groups.len() as f64;
        }
    }
    features.push(1.0);
    features
}
