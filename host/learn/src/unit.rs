//! What rewards are measured in, and how far weights go.

use holobiont_core::SynergyWeights;
use serde::{Deserialize, Serialize};

/// How many of the newest rewards say what a usual one is, about.
const MEMORY: f64 = 50.0;

/// The usual size of a reward: the mean of the absolute ones, the newest more. Learners divide by it, so that returns
/// in percent and in credits teach the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardUnit {
    size: f64,
    count: f64,
}

impl RewardUnit {
    /// Takes one more into account.
    pub(crate) fn note(&mut self, reward: f64) {
        // At first the mean of all: none is more of a beginning than another.
        self.count = (self.count + 1.0).min(MEMORY);
        self.size += (reward.abs() - self.size) / self.count;
    }

    /// The usual size; `None` where no reward was ever other than 0.
    pub(crate) fn size(&self) -> Option<f64> {
        (self.size > 0.0).then_some(self.size)
    }

    /// Whether rewards can have come to it.
    pub(crate) fn is_sound(&self) -> bool {
        self.size.is_finite() && self.size >= 0.0 && (0.0..=MEMORY).contains(&self.count)
    }
}

/// A weight after a step towards a target: the learning rate times the way, of which 1 counts at most. So the rate is
/// also the longest step.
pub(crate) fn step(weight: f64, target: f64, learning_rate: f64) -> f64 {
    let way = target - weight;
    if way.is_nan() {
        return weight;
    }
    (weight + learning_rate * way.clamp(-1.0, 1.0)).clamp(0.0, SynergyWeights::MOST)
}
