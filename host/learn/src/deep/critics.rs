//! Twin critics: two networks that say what an action is worth, of which the lower one is believed.
//!
//! An error of one that is too high by chance would be sought out by the actor; two seldom err alike (Fujimoto, van Hoof
//! and Meger, Addressing function approximation error in actor-critic methods, ICML 2018).

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::draws::Draws;
use super::network::{Learning, Loss, Matrix, Network, numbers};
use super::replay::Batch;
use super::saved::{self, SavedError, Tensors};

/// How an agent learns whose actions are numbers from -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContinuousConfig {
    /// How many numbers make a state.
    pub states: usize,
    /// How many make an action, each from -1 to 1.
    pub actions: usize,
    /// The widths of the hidden layers, of the actor as of the critics.
    pub hidden: Vec<usize>,
    /// The step size of Adam.
    pub rate: f64,
    /// What a reward is worth a step before it comes, as a share.
    pub gamma: f64,
    /// How many transitions are learned from at once.
    pub batch: usize,
    /// How many transitions are kept.
    pub replay: usize,
    /// How many there must be before anything is learned; until then actions are drawn evenly.
    pub start: usize,
    /// How far the networks that are aimed at go towards the ones that learn with each update, as a share of the way.
    pub polyak: f64,
}

impl ContinuousConfig {
    /// The widths of a critic's layers.
    fn critic(&self) -> Vec<usize> {
        [&[self.states + self.actions][..], &self.hidden, &[1]].concat()
    }

    /// The widths of the layers of an actor with so many outputs.
    pub(super) fn actor(&self, outputs: usize) -> Vec<usize> {
        [&[self.states][..], &self.hidden, &[outputs]].concat()
    }

    pub(super) fn check(&self) -> Result<(), SavedError> {
        saved::check(&self.critic(), self.batch, &[self.rate, self.gamma, self.polyak])?;
        saved::check(&self.actor(self.actions), self.batch, &[])
    }
}

/// Both critics, and the networks that follow them.
#[derive(Clone, Debug)]
pub(super) struct Critics {
    online: [Learning; 2],
    targets: [Network; 2],
}

impl Critics {
    pub(super) fn new(config: &ContinuousConfig, draws: &mut Draws) -> Self {
        let targets = [(); 2].map(|()| Network::new(&config.critic(), draws));
        Self { online: targets.clone().map(Learning::new), targets }
    }

    /// What the lower target says that an action in each state is worth.
    pub(super) fn least_target(&self, states: &Matrix, actions: &Matrix) -> Vec<f64> {
        let [one, other] = self.targets.each_ref().map(|target| numbers(worth(target, states, actions)));
        one.into_iter().zip(other).map(|(one, other)| one.min(other)).collect()
    }

    /// What the learning critics say; the gradients go through to the actions.
    pub(super) fn worth(&self, states: &Matrix, actions: &Matrix) -> [Matrix; 2] {
        self.online.each_ref().map(|critic| worth(&critic.network, states, actions))
    }

    /// A step of both towards the returns of a batch. The sum of their losses before.
    pub(super) fn learn(&mut self, batch: &Batch, returns: &[f64], rate: f64) -> f64 {
        self.online.iter_mut().map(|critic| critic.descend(rate, |network| loss(network, batch, returns))).sum()
    }

    /// The targets go part of the way to the critics.
    pub(super) fn follow(&mut self, part: f64) {
        for (target, critic) in self.targets.iter_mut().zip(&self.online) {
            target.follow(&critic.network, part);
        }
    }

    pub(super) fn save(&self, tensors: &mut Tensors) {
        for (place, (critic, target)) in self.online.iter().zip(&self.targets).enumerate() {
            critic.save(&format!("critic-{place}"), tensors);
            target.save(&format!("critic-target-{place}"), tensors);
        }
    }

    pub(super) fn load(config: &ContinuousConfig, tensors: &mut Tensors) -> Result<Self, SavedError> {
        let sizes = config.critic();
        let online = [Learning::load("critic-0", &sizes, tensors)?, Learning::load("critic-1", &sizes, tensors)?];
        let mut target = |name| Network::load(name, &sizes, tensors);
        Ok(Self { online, targets: [target("critic-target-0")?, target("critic-target-1")?] })
    }
}

/// What a critic says that an action in each state is worth.
fn worth(critic: &Network, states: &Matrix, actions: &Matrix) -> Matrix {
    critic.forward(Tensor::cat(vec![states.clone(), actions.clone()], 1))
}

/// The mean squared error of what a critic says.
fn loss(critic: &Network, batch: &Batch, returns: &[f64]) -> Loss {
    let worth = worth(critic, &batch.matrix(&batch.states), &batch.matrix(&batch.actions));
    (worth - batch.matrix(returns)).square().mean()
}

#[cfg(test)]
#[path = "critics/tests.rs"]
pub(super) mod tests;
