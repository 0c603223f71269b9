//! Deep Q-networks: what each of a few actions is worth.

use serde::{Deserialize, Serialize};

use super::draws::{Draws, Place};
use super::network::{Learning, Loss, Matrix, Network, matrix, numbers};
use super::replay::{Batch, Replay, Transition};
use super::saved::{self, SavedError, Tensors};

/// The form of a saved agent. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.dqn/1";

/// How a [`Dqn`] learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DqnConfig {
    /// How many numbers make a state.
    pub states: usize,
    /// How many actions there are.
    pub actions: usize,
    /// The widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Whether the learning network chooses the next action that the target network values (van Hasselt, Guez and Silver
    /// 2016), so that a value that is too high by chance is not also the one that is taken. Without it, the target network does
    /// both (Mnih et al. 2015).
    pub double: bool,
    /// The step size of Adam.
    pub rate: f64,
    /// What a reward is worth a step before it comes, as a share.
    pub gamma: f64,
    /// How many transitions are learned from at once.
    pub batch: usize,
    /// How many transitions are kept.
    pub replay: usize,
    /// How many there must be before anything is learned.
    pub start: usize,
    /// After how many updates the target network becomes what the learning one is.
    pub target_sync: u64,
    /// The likelihood of trying any action, at first.
    pub epsilon: f64,
    /// What it falls to.
    pub epsilon_least: f64,
    /// In how many decisions it falls there, by as much in each.
    pub epsilon_falls: u64,
}

/// A deep Q-network (Mnih et al., Human-level control through deep reinforcement learning, Nature 518, 2015), or a double
/// one (van Hasselt, Guez and Silver, Deep reinforcement learning with double Q-learning, AAAI 2016).
///
/// For a transition from s by a to s' with the reward r, the learning network Q moves so that the mean over a batch of
/// (Q(s, a) - y)^2 falls, where Q' is the target network and nothing is added where the world ended:
///
/// ```text
/// y = r + gamma max_a' Q'(s', a')                 plain
/// y = r + gamma Q'(s', argmax_a' Q(s', a'))       double
/// ```
#[derive(Clone, Debug)]
pub struct Dqn {
    config: DqnConfig,
    online: Learning,
    target: Network,
    replay: Replay,
    draws: Draws,
    decisions: u64,
    updates: u64,
}

/// What is saved beside the numbers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    config: DqnConfig,
    draws: Place,
    decisions: u64,
    updates: u64,
}

impl Dqn {
    /// One that has learned nothing. The seed fixes its first networks and all its draws.
    #[must_use]
    pub fn new(config: DqnConfig, seed: u64) -> Self {
        let mut draws = Draws::new(seed);
        let target = Network::new(&sizes(&config), &mut draws);
        let replay = Replay::new(config.states, 1, config.replay);
        Self { online: Learning::new(target.clone()), target, replay, draws, decisions: 0, updates: 0, config }
    }

    /// How many numbers make a state, and how many actions there are.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.config.states, self.config.actions)
    }

    /// Whether it is a double one.
    pub(super) fn is_double(&self) -> bool {
        self.config.double
    }

    /// The number of the action to take in a state, from 0: the best, or by epsilon any.
    pub fn act(&mut self, state: &[f64]) -> usize {
        let DqnConfig { epsilon, epsilon_least, epsilon_falls, .. } = self.config;
        let fallen = self.decisions as f64 / epsilon_falls.max(1) as f64;
        let epsilon = epsilon_least.max(epsilon + (epsilon_least - epsilon) * fallen);
        self.decisions += 1;
        if self.draws.even() < epsilon { self.draws.below(self.config.actions) } else { self.best(state) }
    }

    /// The action that is worth the most in a state; the first of several.
    #[must_use]
    pub fn best(&self, state: &[f64]) -> usize {
        largest(&self.values(state))
    }

    /// What each action is worth in a state; nothing for a state of another shape.
    #[must_use]
    pub fn values(&self, state: &[f64]) -> Vec<f64> {
        if state.len() != self.config.states {
            return Vec::new();
        }
        numbers(self.online.network.forward(matrix(1, state.len(), state.to_vec())))
    }

    /// Keeps what came of an action. What is of another shape or no finite number is let go.
    pub fn observe(&mut self, transition: &Transition<'_, usize>) {
        let Transition { state, action, reward, next, terminated } = *transition;
        if action < self.config.actions {
            let action = &[action as f64][..];
            self.replay.push(&Transition { state, action, reward, next, terminated });
        }
    }

    /// Learns from a batch of what was seen, and says what the loss was before; `None` where too little was seen.
    pub fn learn(&mut self) -> Option<f64> {
        if self.replay.len() < self.config.start.max(1) {
            return None;
        }
        let batch = self.replay.sample(self.config.batch, &mut self.draws);
        Some(self.update(&batch))
    }

    /// A step of the learning network, and with each `target_sync`-th one the target network becomes what it is.
    fn update(&mut self, batch: &Batch) -> f64 {
        let returns = batch.returns(self.config.gamma, &self.after(batch));
        let actions = self.config.actions;
        let loss = self.online.descend(self.config.rate, |network| loss(network, batch, actions, &returns));
        self.updates += 1;
        if self.updates.is_multiple_of(self.config.target_sync.max(1)) {
            self.target.follow(&self.online.network, 1.0);
        }
        loss
    }

    /// What the next state of each transition is worth.
    fn after(&self, batch: &Batch) -> Vec<f64> {
        let nexts = batch.matrix(&batch.nexts);
        let values = numbers(self.target.forward(nexts.clone()));
        let choosing = if self.config.double { numbers(self.online.network.forward(nexts)) } else { values.clone() };
        let each = values.chunks_exact(self.config.actions).zip(choosing.chunks_exact(self.config.actions));
        each.map(|(values, choosing)| values[largest(choosing)]).collect()
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
        self.online.save("online", tensors);
        self.target.save("target", tensors);
        self.replay.save(tensors);
        let Self { decisions, updates, .. } = *self;
        Header { config: self.config.clone(), draws: self.draws.place(), decisions, updates }
    }

    /// The agent that was [kept](Self::keep).
    pub(super) fn kept(header: Header, tensors: &mut Tensors) -> Result<Self, SavedError> {
        let Header { config, draws, decisions, updates } = header;
        let sizes = sizes(&config);
        saved::check(&sizes, config.batch, &[config.rate, config.gamma, config.epsilon, config.epsilon_least])?;
        let online = Learning::load("online", &sizes, tensors)?;
        let target = Network::load("target", &sizes, tensors)?;
        let mut replay = Replay::new(config.states, 1, config.replay);
        replay.restore(tensors)?;
        Ok(Self { config, online, target, replay, draws: Draws::at(draws), decisions, updates })
    }
}

/// The widths of all layers.
fn sizes(config: &DqnConfig) -> Vec<usize> {
    [&[config.states][..], &config.hidden, &[config.actions]].concat()
}

/// The mean squared error of what a network says the taken actions are worth.
fn loss(network: &Network, batch: &Batch, actions: usize, returns: &[f64]) -> Loss {
    let mut taken = vec![0.0; batch.size() * actions];
    for (row, action) in taken.chunks_exact_mut(actions).zip(&batch.actions) {
        // A file may hold an action that there is not.
        row.get_mut(*action as usize).into_iter().for_each(|taken| *taken = 1.0);
    }
    let values: Matrix = network.forward(batch.matrix(&batch.states)) * batch.matrix(&taken);
    (values.sum_dim(1) - batch.matrix(returns)).square().mean()
}

/// The place of the largest; the first of several.
fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = place;
        }
    }
    best
}

#[cfg(test)]
#[path = "dqn/tests.rs"]
mod tests;
