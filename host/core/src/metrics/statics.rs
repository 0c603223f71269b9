//! What is read off the bytes of an arm's modules, without running them.

use super::sums::mean_of_any;
use crate::trials::{ArmView, StaticScores};

/// The score of nothing: what is not there has no fault.
const NO_MODULE: f64 = 100.0;

pub(super) fn security_score(view: &ArmView<'_>) -> f64 {
    view.context.statics.iter().map(|scores| scores.security_score).fold(NO_MODULE, f64::min).max(0.0)
}

pub(super) fn maintainability(view: &ArmView<'_>) -> f64 {
    mean_score(view, |scores| scores.maintainability)
}

pub(super) fn code_quality(view: &ArmView<'_>) -> f64 {
    mean_score(view, |scores| scores.code_quality)
}

fn mean_score(view: &ArmView<'_>, of: impl Fn(&StaticScores) -> f64) -> f64 {
    mean_of_any(view.context.statics.iter().map(of)).unwrap_or(NO_MODULE).clamp(0.0, 100.0)
}
