//! What all learners do.

use std::fmt;

use holobiont_core::{SynergyWeights, WEIGHTS};
use serde_json::Value;

use crate::kind::LearnerKind;

/// The synergies of a group in the order of [`WeightedMetric`](holobiont_core::WeightedMetric), in standard deviations
/// around their mean over what was measured before.
pub type Synergies = [f64; WEIGHTS];

/// What is known of the groups that may be integrated, before one is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The synergies of each group.
    pub groups: Vec<Synergies>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The synergies of the group that was integrated, as they were [seen](Seen).
    pub chosen: Synergies,
    /// The change of the return that was realised, on inputs that the decision was not made on. In any unit that
    /// stays the same: twice all rewards teach the same weights.
    pub reward: f64,
    /// What is known after it, where the world goes on.
    pub next: Option<Seen>,
}

/// Synergies further from 0 than this count as no further: more standard deviations than any honest measurement is off,
/// and few enough for one mistaken one not to be all that counts.
const FURTHEST: f64 = 6.0;

/// Rewards nearer to 0 than the first count as 0, and further from it than the second as no number: sums of their squares
/// have to be numbers.
const REWARDS: (f64, f64) = (1e-60, 1e60);

impl Outcome {
    /// The reward, if the outcome says anything: all its numbers are finite, and not all synergies are 0.
    pub(crate) fn telling_reward(&self) -> Option<f64> {
        let (least, most) = REWARDS;
        let finite = self.reward.abs() <= most && self.chosen.iter().all(|synergy| synergy.is_finite());
        let says = finite && self.chosen.iter().any(|synergy| *synergy != 0.0);
        says.then_some(if self.reward.abs() < least { 0.0 } else { self.reward })
    }
}

/// Synergies as learners go by them: within bounds, and 0 for what was not measured.
pub(crate) fn bounded(group: &Synergies) -> Synergies {
    group.map(|synergy| if synergy.is_nan() { 0.0 } else { synergy.clamp(-FURTHEST, FURTHEST) })
}

/// Learns weights from what decisions brought.
///
/// Nothing is remembered between a question and its answer, so an outcome may be told any number of cycles late,
/// and others before it.
pub trait Learner: fmt::Debug + Send {
    /// Which one it is.
    fn kind(&self) -> LearnerKind;

    /// The weights now: from 0 to [`SynergyWeights::MOST`].
    fn weights(&self) -> SynergyWeights;

    /// Goes on from weights that somebody else has set. What was learned of a weight that is as [before](Self::weights)
    /// stays.
    fn set_weights(&mut self, weights: SynergyWeights);

    /// What a group promises, with what there is to find out about it: the group with the most is to be chosen.
    /// The scale is the learner's own, and it may be below 0, which weights are not. The same until the next
    /// [`tell`](Self::tell).
    fn score(&self, group: &Synergies) -> f64;

    /// Takes what came of a decision. No weight moves further than the learning rate. An outcome that is no finite
    /// number, or whose synergies are all 0, moves nothing.
    fn tell(&mut self, seen: &Seen, outcome: &Outcome);

    /// All that it has learned, its place in the sequence of chances included, for [`to_bytes`](crate::to_bytes). The
    /// learning rate is a setting, and not in it.
    ///
    /// # Errors
    ///
    /// What cannot be written, which no learner comes to: it keeps finite numbers only.
    fn save(&self) -> Result<Saved, String>;
}

/// What a learner has learned.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// As JSON.
    Json(Value),
    /// As the bytes of a safetensors file: too many numbers for a text.
    Safetensors(Vec<u8>),
}
