//! SAC: an actor that says how likely to do what, and is paid for keeping its choice wide.

use std::f64::consts::{LN_2, PI};

use serde::{Deserialize, Serialize};

use super::critics::{ContinuousConfig, Critics};
use super::draws::{Draws, Place};
use super::network::{Adam, Learning, Loss, Matrix, Network, matrix, number, numbers};
use super::replay::{Batch, Replay, Transition};
use super::saved::{self, SavedError, Tensors};

/// The form of a saved agent. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.sac/1";

/// The bounds of the logarithm of the policy's deviation, so that neither its density nor its samples overflow.
const LOG_DEVIATION: [f64; 2] = [-20.0, 2.0];

/// How a [`Sac`] learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SacConfig {
    /// What it has in common with others.
    pub common: ContinuousConfig,
    /// The entropy that the policy is to keep, in nats. The paper's is one below 0 for each number of an action.
    pub target_entropy: f64,
    /// What a nat of entropy is worth at first.
    pub temperature: f64,
}

/// Soft actor-critic with twin critics, a squashed normal policy and a tuned temperature (Haarnoja et al., Soft
/// actor-critic algorithms and applications, 2018).
///
/// The actor says a mean m and a deviation d for each number of an action; the action is tanh(m + d e) for a standard normal
/// e, and log p is the logarithm of its density. For a transition from s by a to s' with the reward r, and what the policy would
/// do next, a', each critic Q moves so that the mean over a batch of (Q(s, a) - y)^2 falls, the actor and the temperature T so
/// that theirs fall, and the targets Q' follow:
///
/// ```text
/// y           = r + gamma (min(Q1', Q2')(s', a') - T log p(a' | s'))
/// actor       : T log p(tanh(m + d e) | s) - min(Q1, Q2)(s, tanh(m + d e))
/// temperature : -log T (log p + target entropy)
/// ```
#[derive(Clone, Debug)]
pub struct Sac {
    config: SacConfig,
    actor: Learning,
    critics: Critics,
    /// Its logarithm: 1 by 1, since it is above 0 whatever Adam does.
    temperature: Matrix,
    temperature_adam: Adam,
    replay: Replay,
    draws: Draws,
}

/// What is saved beside the numbers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    config: SacConfig,
    draws: Place,
}

impl Sac {
    /// One that has learned nothing. The seed fixes its first networks and all its draws.
    #[must_use]
    pub fn new(config: SacConfig, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let common = &config.common;
        let actor = Learning::new(Network::new(&common.actor(2 * common.actions), &mut draws));
        let critics = Critics::new(common, &mut draws);
        let replay = Replay::new(common.states, common.actions, common.replay);
        let temperature = matrix(1, 1, vec![config.temperature.max(f64::MIN_POSITIVE).ln()]);
        Self { actor, critics, temperature, temperature_adam: Adam::default(), replay, draws, config }
    }

    /// How many numbers make a state, and how many an action.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.config.common.states, self.config.common.actions)
    }

    /// What to do in a state, by the policy's lot; anything while too little was seen.
    pub fn act(&mut self, state: &[f64]) -> Vec<f64> {
        if self.replay.len() < self.config.common.start {
            return (0..self.config.common.actions).map(|_| self.draws.within(-1.0, 1.0)).collect();
        }
        let (means, deviations) = self.policy(state);
        means.iter().zip(deviations).map(|(mean, deviation)| (mean + deviation * self.draws.normal()).tanh()).collect()
    }

    /// What looks best in a state, the middle of the policy; nothing for a state of another shape.
    #[must_use]
    pub fn best(&self, state: &[f64]) -> Vec<f64> {
        self.policy(state).0.into_iter().map(f64::tanh).collect()
    }

    /// What a nat of entropy is worth now.
    #[must_use]
    pub fn temperature(&self) -> f64 {
        self.log_temperature().exp()
    }

    fn log_temperature(&self) -> f64 {
        numbers(self.temperature.clone()).first().copied().unwrap_or_default()
    }

    /// The means and deviations in a state, before they are squashed.
    fn policy(&self, state: &[f64]) -> (Vec<f64>, Vec<f64>) {
        if state.len() != self.config.common.states {
            return (Vec::new(), Vec::new());
        }
        let mut means = numbers(self.actor.network.forward(matrix(1, state.len(), state.to_vec())));
        let logs = means.split_off(self.config.common.actions.min(means.len()));
        let [least, most] = LOG_DEVIATION;
        (means, logs.into_iter().map(|log| log.clamp(least, most).exp()).collect())
    }

    /// Keeps what came of an action. What is of another shape or no finite number is let go.
    pub fn observe(&mut self, transition: &Transition<'_, &[f64]>) {
        self.replay.push(transition);
    }

    /// Learns from a batch of what was seen, and says what the critics' loss was before; `None` where too little was seen.
    pub fn learn(&mut self) -> Option<f64> {
        let common = &self.config.common;
        if self.replay.len() < common.start.max(1) {
            return None;
        }
        let batch = self.replay.sample(common.batch, &mut self.draws);
        let mut noise = || (0..batch.size() * common.actions).map(|_| self.draws.normal()).collect::<Vec<f64>>();
        let (now, next) = (noise(), noise());
        Some(self.update(&batch, &now, &next))
    }

    /// A step of everything. The noise has deviation 1: one for the actions of the policy now, one for those it would take next.
    fn update(&mut self, batch: &Batch, now: &[f64], next: &[f64]) -> f64 {
        let ContinuousConfig { rate, gamma, polyak, .. } = self.config.common;
        let temperature = self.temperature();
        let returns = self.returns(batch, gamma, temperature, &batch.matrix(next));
        let loss = self.critics.learn(batch, &returns, rate);

        let (states, noise) = (batch.matrix(&batch.states), batch.matrix(now));
        let mut likelihood = 0.0;
        self.actor.descend(rate, |actor| {
            let (actions, log_likelihoods) = sample(actor, &states, &noise);
            likelihood = number(&log_likelihoods.clone().mean());
            actor_loss(&self.critics, &states, &actions, log_likelihoods, temperature)
        });
        // The gradient of -log T (log p + target entropy) by log T.
        let gradient = matrix(1, 1, vec![-(likelihood + self.config.target_entropy)]);
        self.temperature_adam.step(std::slice::from_mut(&mut self.temperature), vec![gradient], rate);
        self.critics.follow(polyak);
        loss
    }

    /// What each transition was worth, entropy counted.
    fn returns(&self, batch: &Batch, gamma: f64, temperature: f64, noise: &Matrix) -> Vec<f64> {
        let nexts = batch.matrix(&batch.nexts);
        let (actions, log_likelihoods) = sample(&self.actor.network, &nexts, noise);
        let least = self.critics.least_target(&nexts, &actions);
        let soft = least.iter().zip(numbers(log_likelihoods)).map(|(least, log)| least - temperature * log);
        batch.returns(gamma, &soft.collect::<Vec<f64>>())
    }

    /// All that it is, as the bytes of a safetensors file.
    ///
    /// # Errors
    ///
    /// [`SavedError::Form`] where they cannot be made, which no agent comes to.
    pub fn save(&self) -> Result<Vec<u8>, SavedError> {
        let mut tensors = Tensors::default();
        let header = self.keep(&mut tensors);
        saved::write(SCHEMA, &header, &tensors)
    }

    /// The agent that was [saved](Self::save): it goes on as the other one would have, to the last bit.
    ///
    /// # Errors
    ///
    /// [`SavedError`] for bytes that no agent was saved as.
    pub fn load(bytes: &[u8]) -> Result<Self, SavedError> {
        let (header, mut tensors) = saved::read(SCHEMA, bytes)?;
        Self::kept(header, &mut tensors)
    }

    /// Puts all numbers among others, and says the rest.
    pub(super) fn keep(&self, tensors: &mut Tensors) -> Header {
        self.actor.save("actor", tensors);
        self.critics.save(tensors);
        tensors.put("log-temperature".to_owned(), vec![1, 1], numbers(self.temperature.clone()));
        self.temperature_adam.save("log-temperature.adam", tensors);
        self.replay.save(tensors);
        Header { config: self.config.clone(), draws: self.draws.place() }
    }

    /// The agent that was [kept](Self::keep).
    pub(super) fn kept(header: Header, tensors: &mut Tensors) -> Result<Self, SavedError> {
        let Header { config, draws } = header;
        let common = &config.common;
        common.check()?;
        saved::check(&[], common.batch, &[config.target_entropy, config.temperature])?;
        let actor = Learning::load("actor", &common.actor(2 * common.actions), tensors)?;
        let critics = Critics::load(common, tensors)?;
        let temperature = matrix(1, 1, tensors.take("log-temperature", &[1, 1])?);
        let temperature_adam = Adam::load("log-temperature.adam", &[[1, 1]], tensors)?;
        let mut replay = Replay::new(common.states, common.actions, common.replay);
        replay.restore(tensors)?;
        Ok(Self { config, actor, critics, temperature, temperature_adam, replay, draws: Draws::at(draws) })
    }
}

/// What a policy would do in each state with some noise, and the logarithm of how likely that was, one a row.
///
/// With u = m + d e, the density of tanh(u) is that of u over 1 - tanh(u)^2, whose logarithm is
/// 2 (log 2 - u - softplus(-2 u)) without rounding to that of 0 far out (Haarnoja et al. 2018, appendix C).
fn sample(actor: &Network, states: &Matrix, noise: &Matrix) -> (Matrix, Matrix) {
    let said = actor.forward(states.clone());
    let [rows, columns] = said.dims();
    let actions = columns / 2;
    let means = said.clone().slice([0..rows, 0..actions]);
    let [least, most] = LOG_DEVIATION;
    let logs = said.slice([0..rows, actions..columns]).clamp(least, most);
    let before = means + logs.clone().exp() * noise.clone();
    let normal = noise.clone().square() * -0.5 - logs - 0.5 * (2.0 * PI).ln();
    let squeezed = (before.clone().neg() + LN_2 - softplus(before.clone() * -2.0)) * 2.0;
    (before.tanh(), (normal - squeezed).sum_dim(1))
}

/// log(1 + e^x), which neither overflows nor loses what is small.
fn softplus(input: Matrix) -> Matrix {
    input.clone().clamp_min(0.0) + input.abs().neg().exp().log1p()
}

/// What the actor is to lower: what the lower critic says against its actions, and what their likelihood costs.
fn actor_loss(critics: &Critics, states: &Matrix, actions: &Matrix, log_likelihoods: Matrix, temperature: f64) -> Loss {
    let [one, other] = critics.worth(states, actions);
    (log_likelihoods * temperature - one.min_pair(other)).mean()
}

#[cfg(test)]
#[path = "sac/tests.rs"]
mod tests;
