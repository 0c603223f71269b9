//! Learns how much each synergy counts when groups are ranked.
//!
//! A [`Learner`] holds [`SynergyWeights`](holobiont_core::SynergyWeights). It is asked what each group promises, and
//! told what integrating one brought: what was really measured, on inputs that the decision was not made on, and never
//! something that was reckoned from the same weights.
//!
//! ```
//! use holobiont_core::{SynergyWeights, WeightedMetric};
//! use holobiont_learn::{LearnerKind, Outcome, Seen, create, from_bytes, to_bytes};
//!
//! let (learning_rate, seed) = (0.1, 1);
//! let mut learner = create(LearnerKind::default(), SynergyWeights::default(), learning_rate, seed)?;
//!
//! // One group is resilient and slow, one fragile and fast; here only throughput pays, and resilience costs.
//! let slow = [0.1, 0.0, 1.5, 0.0, 0.2, 0.0, -1.0];
//! let fast = [0.0, 0.1, -1.0, 0.0, 0.0, -0.2, 1.0];
//! for cycle in 0..40 {
//!     let seen = Seen { groups: vec![slow, fast] };
//!     let chosen = if learner.score(&fast) > learner.score(&slow) { fast } else { slow };
//!     let reward = 0.3 * chosen[6] - 0.1 * chosen[2];
//!     learner.tell(&seen, &Outcome { chosen, reward, next: None });
//! }
//! assert!(learner.score(&fast) > learner.score(&slow));
//! assert!(learner.weights().of(WeightedMetric::Throughput) > learner.weights().of(WeightedMetric::Resilience));
//!
//! // What was saved goes on as if there had been no break.
//! let loaded = from_bytes(&to_bytes(&*learner)?, learning_rate)?;
//! assert_eq!((loaded.weights(), loaded.score(&slow)), (learner.weights(), learner.score(&slow)));
//! # Ok::<(), holobiont_learn::LearnerError>(())
//! ```
//!
//! The nouns:
//!
//! - [`Synergies`] are what is known of a group; [`Seen`] is what is known before a decision, [`Outcome`] what came of
//!   it;
//! - a [`Learner`] goes by them: [`LinUcb`], a regression that explores, or [`SynergyWeightLearner`], a policy and a
//!   critic;
//! - a [`LearnerKind`] is its name, by which it is made ([`create`]) and loaded ([`from_bytes`]);
//! - a [`Decision`] is one of a history, from which weights are learned at once ([`train`]);
//! - an [`ActorCritic`] is the arithmetic of the latter learner, for any features;
//! - with the feature `deep` there are neural learners, and the module `deep` has the agents that they are made of.
//!
//! How well they do, next to each other and to those that do not learn, is measured in `docs/LEARNING.md`. A group that
//! may be integrated is ranked by [`Learner::score`], which may be below 0 where a synergy costs; the weights, which
//! are not, are for people and for what counts synergies in other places.
//!
//! # Chance
//!
//! A seed fixes all of it. Each draw follows from the seed, the number of outcomes that were told and what is asked
//! about, so that these numbers are all there is to remember of chance.

mod actor_critic;
#[cfg(feature = "deep")]
pub mod deep;
mod error;
mod kind;
mod learner;
mod linucb;
mod random;
mod registry;
mod regression;
mod synergy_weight_learner;
mod train;
mod unit;

pub use actor_critic::{ActorCritic, ActorCriticRates, ActorCriticStep};
pub use error::LearnerError;
pub use kind::LearnerKind;
pub use learner::{Learner, Outcome, Saved, Seen, Synergies};
pub use linucb::LinUcb;
pub use registry::{SCHEMA, create, from_bytes, to_bytes};
pub use synergy_weight_learner::SynergyWeightLearner;
pub use train::{Decision, train};
