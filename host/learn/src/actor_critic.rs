//! A policy that prefers actions by a linear rule, and a critic that says what states are worth.

use serde::{Deserialize, Serialize};

/// How an [`ActorCritic`] learns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActorCriticRates {
    /// How far the preferences move for an error of 1.
    pub actor: f64,
    /// How far values move for an error of 1.
    pub critic: f64,
    /// What a reward is worth a step before it comes, as a share.
    pub gamma: f64,
    /// How much of what is learned is passed back by one more step, as a share beside `gamma`.
    pub lambda: f64,
    /// The furthest that a parameter of the actor moves in a step.
    pub most_step: f64,
}

/// One-step rewards, and what they were for.
#[derive(Clone, Copy, Debug)]
pub struct ActorCriticStep<'a> {
    /// The features of the state before, for the critic.
    pub state: &'a [f64],
    /// The features of each action that could be taken, for the actor.
    pub actions: &'a [Vec<f64>],
    /// The place of the one that was taken.
    pub taken: usize,
    /// What it brought.
    pub reward: f64,
    /// The features of the state after it; none where the world ended.
    pub next: Option<&'a [f64]>,
}

/// Actor and critic with eligibility traces (Sutton and Barto, Reinforcement Learning, 2nd edition, section 13.5, for
/// worlds without an end: the discount of the start is left out of the actor's step, as all do).
///
/// An action with the features x is taken with a likelihood in proportion to e^(theta x) (section 13.1), a state with
/// the features s is worth w s. For an error d = reward + gamma w s' - w s:
///
/// ```text
/// critic:  z <- gamma lambda z + s                          w <- w + rate d z
/// actor:   z <- gamma lambda z + x - mean of x by policy    theta <- theta + rate d z
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorCritic {
    theta: Vec<f64>,
    values: Vec<f64>,
    theta_trace: Vec<f64>,
    values_trace: Vec<f64>,
}

impl ActorCritic {
    /// One that begins with such preferences, and to which all states are worth 0.
    #[must_use]
    pub fn new(theta: Vec<f64>, state_features: usize) -> Self {
        let theta_trace = vec![0.0; theta.len()];
        let zeros = vec![0.0; state_features];
        Self { theta, values: zeros.clone(), theta_trace, values_trace: zeros }
    }

    /// By what actions are preferred: a number for each of their features.
    #[must_use]
    pub fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// What an action is preferred by.
    #[must_use]
    pub fn preference(&self, action: &[f64]) -> f64 {
        dot(&self.theta, action)
    }

    /// What a state is worth: rewards to come, discounted.
    #[must_use]
    pub fn value(&self, state: &[f64]) -> f64 {
        dot(&self.values, state)
    }

    /// How likely each action is.
    #[must_use]
    pub fn likelihoods(&self, actions: &[Vec<f64>]) -> Vec<f64> {
        let preferences: Vec<f64> = actions.iter().map(|action| self.preference(action)).collect();
        let best = preferences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut shares: Vec<f64> = preferences.into_iter().map(|preference| (preference - best).exp()).collect();
        let whole: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= whole);
        shares
    }

    /// The place of the action that an even lot from 0 to below 1 falls on.
    #[must_use]
    pub fn choose(&self, actions: &[Vec<f64>], lot: f64) -> usize {
        let mut left = lot;
        for (place, share) in self.likelihoods(actions).into_iter().enumerate() {
            if left < share {
                return place;
            }
            left -= share;
        }
        // Rounding has left a rest.
        actions.len().saturating_sub(1)
    }

    /// Learns from a step.
    pub fn learn(&mut self, rates: &ActorCriticRates, step: ActorCriticStep<'_>) {
        let ActorCriticStep { state, actions, taken, reward, next } = step;
        let Some(action) = actions.get(taken) else { return };
        let after = next.map_or(0.0, |next| self.value(next));
        let error = reward + rates.gamma * after - self.value(state);
        let fading = rates.gamma * rates.lambda;
        for (trace, feature) in self.values_trace.iter_mut().zip(state) {
            *trace = fading * *trace + feature;
        }
        let likelihoods = self.likelihoods(actions);
        for (place, trace) in self.theta_trace.iter_mut().enumerate() {
            let usual: f64 = actions.iter().zip(&likelihoods).map(|(other, share)| share * other[place]).sum();
            *trace = fading * *trace + action[place] - usual;
        }
        for (value, trace) in self.values.iter_mut().zip(&self.values_trace) {
            *value += rates.critic * error * trace;
        }
        for (theta, trace) in self.theta.iter_mut().zip(&self.theta_trace) {
            *theta += (rates.actor * error * trace).clamp(-rates.most_step, rates.most_step);
        }
        if next.is_none() {
            self.forget_the_way();
        }
    }

    /// What comes next has nothing to do with what came before.
    pub fn forget_the_way(&mut self) {
        self.theta_trace.fill(0.0);
        self.values_trace.fill(0.0);
    }

    /// Sets one of the preferences.
    pub(crate) fn set_theta(&mut self, place: usize, value: f64) {
        if let Some(theta) = self.theta.get_mut(place) {
            *theta = value;
        }
    }

    /// Makes the preferences shorter, all by the same factor, where they are longer than this.
    pub(crate) fn shorten(&mut self, longest: f64) {
        let length = length(&self.theta);
        if length > longest {
            self.theta.iter_mut().for_each(|theta| *theta *= longest / length);
        }
    }

    /// Whether it has so many features, and only finite numbers.
    pub(crate) fn is_sound(&self, action_features: usize, state_features: usize) -> bool {
        let sound =
            |numbers: &[f64], length| numbers.len() == length && numbers.iter().all(|number| number.is_finite());
        [&self.theta, &self.theta_trace].iter().all(|numbers| sound(numbers, action_features))
            && [&self.values, &self.values_trace].iter().all(|numbers| sound(numbers, state_features))
    }
}

/// The root of the sum of squares.
pub(crate) fn length(numbers: &[f64]) -> f64 {
    dot(numbers, numbers).sqrt()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}
