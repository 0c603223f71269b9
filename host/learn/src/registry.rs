//! Learners by their names: made anew, saved and loaded.

use holobiont_core::{DocumentError, SynergyWeights, printable, read_document, write_document};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::LearnerError;
use crate::kind::LearnerKind;
use crate::learner::{Learner, Saved};
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
            return Ok(Box::new(crate::deep::NeuralLearner::new(kind, weights, learning_rate, seed)));
            #[cfg(not(feature = "deep"))]
            return Err(LearnerError::NotBuilt(kind));
        }
    })
}

/// What a learner's file holds: a JSON document of the schema [`SCHEMA`], and of a neural one a safetensors file. The
/// learning rate is a setting, and not in it.
///
/// # Errors
///
/// [`DocumentError::Syntax`] where it cannot be written, which no learner comes to.
pub fn to_bytes(learner: &dyn Learner) -> Result<Vec<u8>, DocumentError> {
    match learner.save().map_err(|error| DocumentError::Syntax(printable(&error)))? {
        Saved::Json(state) => {
            let document = Document { schema: SCHEMA.to_owned(), kind: learner.kind(), state };
            Ok(write_document(&document)?.into_bytes())
        }
        Saved::Safetensors(bytes) => Ok(bytes),
    }
}

/// The learner that a file holds: at the same rate it goes on, to the last bit, as the one that was written would have.
///
/// # Errors
///
/// [`LearnerError`] for what is no such file or is of another schema, for what no learner would have come to, and as
/// [`create`].
pub fn from_bytes(bytes: &[u8], learning_rate: f64) -> Result<Box<dyn Learner>, LearnerError> {
    check_rate(learning_rate)?;
    if let Some(kind) = neural(bytes) {
        #[cfg(feature = "deep")]
        return match crate::deep::NeuralLearner::restore(bytes, learning_rate) {
            Ok(learner) => Ok(Box::new(learner)),
            Err(problem) => Err(LearnerError::Damaged { kind, problem: problem.to_string() }),
        };
        #[cfg(not(feature = "deep"))]
        return Err(LearnerError::NotBuilt(kind));
    }
    let json = str::from_utf8(bytes).map_err(|error| DocumentError::Syntax(error.to_string()))?;
    let Document { schema: _, kind, state } = read_document(json, SCHEMA)?;
    let damaged = |problem| LearnerError::Damaged { kind, problem };
    Ok(match kind {
        LearnerKind::Linucb => Box::new(LinUcb::restore(state, learning_rate).map_err(damaged)?),
        LearnerKind::ActorCritic => Box::new(SynergyWeightLearner::restore(state, learning_rate).map_err(damaged)?),
        LearnerKind::Dqn | LearnerKind::DoubleDqn | LearnerKind::Sac | LearnerKind::Td3 => {
            return Err(damaged("a neural learner is no JSON document".to_owned()));
        }
    })
}

/// Which neural learner a safetensors file is of. It is read here, so that a program without them can say so: the file
/// begins with the length of a JSON object, whose metadata has what the learner wrote.
fn neural(bytes: &[u8]) -> Option<LearnerKind> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let head = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let head: Value = serde_json::from_slice(head).ok()?;
    let described = head.get("__metadata__")?.get("holobiont")?.as_str()?;
    let (_, described): (String, Value) = serde_json::from_str(described).ok()?;
    serde_json::from_value(described.get("kind")?.clone()).ok().filter(|kind: &LearnerKind| kind.is_neural())
}

fn check_rate(learning_rate: f64) -> Result<(), LearnerError> {
    if learning_rate > 0.0 && learning_rate <= 1.0 { Ok(()) } else { Err(LearnerError::LearningRate(learning_rate)) }
}
