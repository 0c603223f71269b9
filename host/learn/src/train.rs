//! Learning from a history.

use holobiont_core::SynergyWeights;

use crate::learner::{Learner, Outcome, Seen, Synergies};

/// A decision of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The synergies of the groups that could be integrated.
    pub groups: Vec<Synergies>,
    /// The place of the one that was.
    pub chosen: usize,
    /// The change of the return that was realised.
    pub reward: f64,
}

/// The weights that a learner comes to by a history, oldest first. What follows a decision is the next one. A decision
/// for a group that is not there teaches nothing.
pub fn train(learner: &mut dyn Learner, history: &[Decision]) -> SynergyWeights {
    let mut following = history.iter().skip(1);
    for Decision { groups, chosen, reward } in history {
        let next = following.next().map(|decision| Seen { groups: decision.groups.clone() });
        if let Some(chosen) = groups.get(*chosen) {
            learner.tell(&Seen { groups: groups.clone() }, &Outcome { chosen: *chosen, reward: *reward, next });
        }
    }
    learner.weights()
}
