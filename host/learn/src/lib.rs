//! Learns how much each synergy counts when groups are ranked.
//!
//! A [`Learner`] holds [`SynergyWeights`] and is asked before each decision and told after it. What it is told is what
//! really came of integrating a group, never something that was reckoned from the same weights.
//!
//! - [`Learner`]: what all of them do;
//! - [`Seen`]: what is known before a decision; [`Outcome`]: what came of it.

#[cfg(feature = "deep")]
pub mod deep;

use holobiont_core::{SynergyWeights, WEIGHTS};

/// What is known of the groups that may be integrated, before one is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The synergies of each group, in the order of [`WeightedMetric`](holobiont_core::WeightedMetric), in standard
    /// deviations around their mean over what was measured before.
    pub groups: Vec<[f64; WEIGHTS]>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The synergies of the group that was integrated, as they were [seen](Seen).
    pub chosen: [f64; WEIGHTS],
    /// The change of the return that was realised, on inputs that the decision was not made on.
    pub reward: f64,
    /// What is known after it, where the world goes on.
    pub next: Option<Seen>,
}

/// Learns weights from what decisions brought.
pub trait Learner {
    /// The weights now: from 0 to [`SynergyWeights::MOST`].
    fn weights(&self) -> SynergyWeights;

    /// What a group promises, with what there is to find out about it: the group with the most is to be chosen.
    /// The scale is the learner's own.
    fn score(&self, group: &[f64; WEIGHTS]) -> f64;

    /// Takes what came of a decision: weights move by a bounded step from where they are. An outcome that is no finite
    /// number, or whose synergies are all 0, moves nothing.
    fn tell(&mut self, seen: &Seen, outcome: &Outcome);
}
