//! The learners that are neural networks.

use holobiont_core::SynergyWeights;
use serde_json::Value;

use crate::error::LearnerError;
use crate::kind::LearnerKind;
use crate::learner::Learner;

/// As [`create`](crate::create), of a neural learner.
pub(crate) fn create(
    kind: LearnerKind,
    _weights: SynergyWeights,
    _learning_rate: f64,
    _seed: u64,
) -> Result<Box<dyn Learner>, LearnerError> {
    Err(LearnerError::NotBuilt(kind))
}

/// As [`from_json`](crate::from_json), of a neural learner's state.
pub(crate) fn restore(kind: LearnerKind, _state: Value, _learning_rate: f64) -> Result<Box<dyn Learner>, LearnerError> {
    Err(LearnerError::NotBuilt(kind))
}
