//! Why a key was moved, or was not, in words.

use super::votes::{Vote, Way};
use crate::environment::Key;

/// A number as people read it: four digits of it.
pub(super) fn figure(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs().log10().floor();
    if !(-4.0..7.0).contains(&size) {
        return format!("{value:.3e}");
    }
    // Scaled by a power that is exact, so that no digit comes from rounding the power.
    let power = 10f64.powi((3.0 - size).abs() as i32);
    let rounded = if size <= 3.0 { (value * power).round() / power } else { (value / power).round() * power };
    rounded.to_string()
}

/// What a vote rests on.
fn reason(vote: &Vote) -> String {
    let samples = if vote.samples == 1 { "sample" } else { "samples" };
    let [low, high] = vote.band.map(figure);
    let band = if low == high { low } else { format!("{low} to {high}") };
    format!("{} {} against {band} ({} {samples})", vote.metric, figure(vote.value), vote.samples)
}

/// What votes come to: which way, by how much, for what reasons, and against which.
pub(super) fn election(votes: &[Vote], way: Way, net: f64) -> String {
    let (won, lost): (Vec<&Vote>, Vec<&Vote>) = votes.iter().partition(|vote| vote.direction == way);
    let reasons = |votes: &[&Vote]| votes.iter().map(|vote| reason(vote)).collect::<Vec<_>>().join("; ");
    let mut words = format!("{} by a net vote of {}: {}", way.word(), figure(net.abs()), reasons(&won));
    if let [first] = won.as_slice() {
        words.push_str(": ");
        words.push_str(first.why);
    }
    if !lost.is_empty() {
        words.push_str(". Against it: ");
        words.push_str(&reasons(&lost));
    }
    words
}

/// A key with a value.
pub(super) fn named(key: Key, value: f64) -> String {
    format!("{} {}", key.row().name, figure(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let shown = [0.065_000_000_1, 0.02, -12.345_67, 123_456.0, 0.0, 5e-7, 2.5e9, 9_999.96];
        assert_eq!(
            shown.map(figure),
            ["0.065", "0.02", "-12.35", "123500", "0", "5.000e-7", "2.500e9", "10000"].map(str::to_owned)
        );
    }
}
