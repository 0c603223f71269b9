//! Why there is no such learner.

use holobiont_core::{DocumentError, printable};

use crate::kind::LearnerKind;

/// Why there is no such learner.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LearnerError {
    /// It is a neural network, and this program was built without them.
    #[error(
        "the learner `{0}` is a neural network, which this program was built without: build it with `--features deep`, \
         or choose `{linucb}` or `{actor_critic}`",
        linucb = LearnerKind::Linucb,
        actor_critic = LearnerKind::ActorCritic
    )]
    NotBuilt(LearnerKind),
    /// A rate that nothing can be learned at.
    #[error("the learning rate is {0}: it is a number above 0, up to 1")]
    LearningRate(f64),
    /// The text is no such document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is one, but holds what no learner would.
    #[error("the learner `{kind}` is damaged: {}", printable(.problem))]
    Damaged {
        /// Which one.
        kind: LearnerKind,
        /// What is wrong.
        problem: String,
    },
}
