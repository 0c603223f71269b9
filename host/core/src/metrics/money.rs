//! What the outputs of an arm are worth, and what they cost.

use super::sums::{finite, nominal_mean, ratio};
use crate::trials::ArmView;

/// How many cycles [`projected_lucrativity`] looks ahead.
pub(super) const HORIZON: usize = 10;

pub(super) fn roi(view: &ArmView<'_>) -> f64 {
    let (value, cost) =
        view.nominal().fold((0.0, 0.0), |(value, cost), sample| (value + sample.value, cost + sample.cost));
    if cost > 0.0 { ratio(value - cost, cost) } else { 0.0 }
}

pub(super) fn revenue(view: &ArmView<'_>) -> f64 {
    nominal_mean(view, |sample| sample.value)
}

pub(super) fn profitability(view: &ArmView<'_>) -> f64 {
    finite(nominal_mean(view, |sample| sample.value) - nominal_mean(view, |sample| sample.cost))
}

pub(super) fn projected_lucrativity(view: &ArmView<'_>) -> f64 {
    let outlook = view.context.past_profitability.then(profitability(view));
    finite((1..=HORIZON).map(|cycle| outlook.ahead(cycle)).sum())
}

pub(super) fn long_term_lucrativity(view: &ArmView<'_>) -> f64 {
    finite(view.context.past_roi.slope_with(roi(view)))
}
