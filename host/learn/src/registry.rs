//! Learners by their names: made anew, saved and loaded.

use holobiont_core::{DocumentError, SynergyWeights, printable, read_document, write_document};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::LearnerError;
use crate::kind::LearnerKind;
use crate::learner::Learner;
use crate::linucb::LinUcb;
use crate::synergy_weight_learner::SynergyWeightLearner;

/// The name of the document's form. Its number goes up when older programs could not read it.
pub const SCHEMA: &str = "holobiont.synergy-learner/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    kind: LearnerKind,
    state: Value,
}

/// A learner that begins with such weights. `learning_rate` is from above 0 to 1, the furthest that a weight moves at a
/// time; `seed` is of all its chances.
///
/// # Errors
///
/// [`LearnerError::LearningRate`], and [`LearnerError::NotBuilt`] for a neural one in a program without them.
pub fn create(
    kind: LearnerKind,
    weights: SynergyWeights,
    learning_rate: f64,
    seed: u64,
) -> Result<Box<dyn Learner>, LearnerError> {
    check_rate(learning_rate)?;
    Ok(match kind {
        LearnerKind::Linucb => Box::new(LinUcb::new(weights, learning_rate)),
        LearnerKind::ActorCritic => Box::new(SynergyWeightLearner::new(weights, learning_rate, seed)),
        LearnerKind::Dqn | LearnerKind::DoubleDqn | LearnerKind::Sac | LearnerKind::Td3 => {
            #[cfg(feature = "deep")]
            return crate::deep::create(kind, weights, learning_rate, seed);
            #[cfg(not(feature = "deep"))]
            return Err(LearnerError::NotBuilt(kind));
        }
    })
}

/// A learner as a JSON document of the schema [`SCHEMA`]. The learning rate is a setting, and not in it.
///
/// # Errors
///
/// [`DocumentError::Syntax`] where it cannot be written, which no learner comes to.
pub fn to_json(learner: &dyn Learner) -> Result<String, DocumentError> {
    let state = learner.save().map_err(|error| DocumentError::Syntax(printable(&error.to_string())))?;
    write_document(&Document { schema: SCHEMA.to_owned(), kind: learner.kind(), state })
}

/// The learner that a document holds: at the same rate it goes on, to the last bit, as the one that was written would
/// have.
///
/// # Errors
///
/// [`LearnerError`] for what is not such a document or is of another schema, for what no learner would have come to,
/// and as [`create`].
pub fn from_json(json: &str, learning_rate: f64) -> Result<Box<dyn Learner>, LearnerError> {
    check_rate(learning_rate)?;
    let Document { schema: _, kind, state } = read_document(json, SCHEMA)?;
    let damaged = |problem| LearnerError::Damaged { kind, problem };
    Ok(match kind {
        LearnerKind::Linucb => Box::new(LinUcb::restore(state, learning_rate).map_err(damaged)?),
        LearnerKind::ActorCritic => Box::new(SynergyWeightLearner::restore(state, learning_rate).map_err(damaged)?),
        LearnerKind::Dqn | LearnerKind::DoubleDqn | LearnerKind::Sac | LearnerKind::Td3 => {
            #[cfg(feature = "deep")]
            return crate::deep::restore(kind, state, learning_rate);
            #[cfg(not(feature = "deep"))]
            return Err(LearnerError::NotBuilt(kind));
        }
    })
}

fn check_rate(learning_rate: f64) -> Result<(), LearnerError> {
    if learning_rate > 0.0 && learning_rate <= 1.0 { Ok(()) } else { Err(LearnerError::LearningRate(learning_rate)) }
}
