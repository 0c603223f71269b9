//! TD3: an actor that says what to do, and critics that say what it is worth.

use serde::{Deserialize, Serialize};

use super::critics::{ContinuousConfig, Critics};
use super::draws::{Draws, Place};
use super::network::{Learning, Loss, Matrix, Network, matrix, numbers};
use super::replay::{Batch, Replay, Transition};
use super::saved::{self, SavedError, Tensors};

/// The form of a saved agent. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.td3/1";

/// How a [`Td3`] learns. Actions are numbers from -1 to 1, and so are the units of noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Td3Config {
    /// What it has in common with others.
    pub common: ContinuousConfig,
    /// The deviation of the noise on actions that are taken, so that others than the best are tried.
    pub noise: f64,
    /// The deviation of the noise on the next actions that are valued.
    pub target_noise: f64,
    /// The most of that noise, either way.
    pub target_noise_most: f64,
    /// With each how-many-th update of the critics the actor moves.
    pub policy_delay: u64,
}

/// Twin delayed deterministic policy gradient (Fujimoto, van Hoof and Meger, Addressing function approximation error in
/// actor-critic methods, ICML 2018).
///
/// For a transition from s by a to s' with the reward r, and noise e, normal and clipped, each critic Q moves so that the mean
/// over a batch of (Q(s, a) - y)^2 falls; with each `policy_delay`-th update the actor moves so that the first critic's
/// Q(s, actor(s)) rises, and the targets, which are marked with ', follow:
///
/// ```text
/// y = r + gamma min(Q1', Q2')(s', actor'(s') + e brought within -1 and 1)
/// ```
#[derive(Clone, Debug)]
pub struct Td3 {
    config: Td3Config,
    actor: Learning,
    actor_target: Network,
    critics: Critics,
    replay: Replay,
    draws: Draws,
    updates: u64,
}

/// What is saved beside the numbers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    config: Td3Config,
    draws: Place,
    updates: u64,
}

impl Td3 {
    /// One that has learned nothing. The seed fixes its first networks and all its draws.
    #[must_use]
    pub fn new(config: Td3Config, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let common = &config.common;
        let actor_target = Network::new(&common.actor(common.actions), &mut draws);
        let critics = Critics::new(common, &mut draws);
        let replay = Replay::new(common.states, common.actions, common.replay);
        Self { actor: Learning::new(actor_target.clone()), actor_target, critics, replay, draws, updates: 0, config }
    }

    /// How many numbers make a state, and how many an action.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.config.common.states, self.config.common.actions)
    }

    /// What to do in a state, with noise; anything while too little was seen.
    pub fn act(&mut self, state: &[f64]) -> Vec<f64> {
        if self.replay.len() < self.config.common.start {
            return (0..self.config.common.actions).map(|_| self.draws.within(-1.0, 1.0)).collect();
        }
        let mut action = self.best(state);
        action.iter_mut().for_each(|part| *part = (*part + self.config.noise * self.draws.normal()).clamp(-1.0, 1.0));
        action
    }

    /// What looks best in a state; nothing for a state of another shape.
    #[must_use]
    pub fn best(&self, state: &[f64]) -> Vec<f64> {
        if state.len() != self.config.common.states {
            return Vec::new();
        }
        numbers(self.actor.network.forward(matrix(1, state.len(), state.to_vec())).tanh())
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
        let noise: Vec<f64> = (0..batch.size() * common.actions).map(|_| self.draws.normal()).collect();
        Some(self.update(&batch, &noise))
    }

    /// A step of the critics, and with each `policy_delay`-th one of the actor and of all targets. `noise` has deviation 1.
    fn update(&mut self, batch: &Batch, noise: &[f64]) -> f64 {
        let ContinuousConfig { rate, gamma, polyak, .. } = self.config.common;
        let nexts = batch.matrix(&batch.nexts);
        let actions = batch.matrix(&self.next_actions(&nexts, noise));
        let returns = batch.returns(gamma, &self.critics.least_target(&nexts, &actions));
        let loss = self.critics.learn(batch, &returns, rate);
        self.updates += 1;
        if self.updates.is_multiple_of(self.config.policy_delay.max(1)) {
            let states = batch.matrix(&batch.states);
            self.actor.descend(rate, |actor| actor_loss(actor, &self.critics, &states));
            self.actor_target.follow(&self.actor.network, polyak);
            self.critics.follow(polyak);
        }
        loss
    }

    /// What the target actor would do next, a little off: what is nearly the same action should be worth nearly the same.
    fn next_actions(&self, nexts: &Matrix, noise: &[f64]) -> Vec<f64> {
        let Td3Config { target_noise, target_noise_most: most, .. } = self.config;
        let actions = numbers(self.actor_target.forward(nexts.clone()).tanh());
        let noise = noise.iter().map(|noise| (noise * target_noise).clamp(-most, most));
        actions.into_iter().zip(noise).map(|(action, noise)| (action + noise).clamp(-1.0, 1.0)).collect()
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
        self.actor_target.save("actor-target", tensors);
        self.critics.save(tensors);
        self.replay.save(tensors);
        Header { config: self.config.clone(), draws: self.draws.place(), updates: self.updates }
    }

    /// The agent that was [kept](Self::keep).
    pub(super) fn kept(header: Header, tensors: &mut Tensors) -> Result<Self, SavedError> {
        let Header { config, draws, updates } = header;
        let common = &config.common;
        common.check()?;
        saved::check(&[], common.batch, &[config.noise, config.target_noise, config.target_noise_most])?;
        let sizes = common.actor(common.actions);
        let actor = Learning::load("actor", &sizes, tensors)?;
        let actor_target = Network::load("actor-target", &sizes, tensors)?;
        let critics = Critics::load(common, tensors)?;
        let mut replay = Replay::new(common.states, common.actions, common.replay);
        replay.restore(tensors)?;
        Ok(Self { config, actor, actor_target, critics, replay, draws: Draws::at(draws), updates })
    }
}

/// What the first critic says against what an actor would do: it falls as the actor gets better.
fn actor_loss(actor: &Network, critics: &Critics, states: &Matrix) -> Loss {
    let [worth, _] = critics.worth(states, &actor.forward(states.clone()).tanh());
    worth.mean().neg()
}

#[cfg(test)]
#[path = "td3/tests.rs"]
mod tests;
