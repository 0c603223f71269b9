//! What the metrics are reckoned with. None of it gives a number that is not finite.

use crate::trials::{ArmView, Invocation, Sample};

/// A number as it is, 0 for none, and the largest there is for what is larger.
pub(super) fn finite(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.clamp(f64::MIN, f64::MAX) }
}

/// A part of a whole; 0 of nothing.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { finite(part / whole) }
}

/// A part of a limit, from 0 to 1; a limit of 0 is used up by anything.
pub(super) fn share(used: f64, limit: u64) -> f64 {
    if limit > 0 { (used / limit as f64).clamp(0.0, 1.0) } else { f64::from(u8::from(used > 0.0)) }
}

/// The mean of some numbers; 0 of none.
pub(super) fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    mean_of_any(numbers).unwrap_or(0.0)
}

/// The mean of some numbers, if there are any.
pub(super) fn mean_of_any(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0_u64), |(sum, count), number| (sum + number, count + 1));
    (count > 0).then(|| ratio(sum, count as f64))
}

/// A mean over the nominal trials.
pub(super) fn nominal_mean(view: &ArmView<'_>, of: impl Fn(&Sample) -> f64) -> f64 {
    mean(view.nominal().map(of))
}

/// A mean over the invocations of modules in the nominal trials.
pub(super) fn per_invocation(view: &ArmView<'_>, of: impl Fn(&Invocation) -> f64) -> f64 {
    mean(view.nominal().flat_map(|sample| &sample.invocations).map(of))
}
