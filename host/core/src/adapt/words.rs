//! Why a key was moved, or was not, in words.

use super::votes::{Vote, Way};
use crate::environment::Key;
use crate::units::figure;

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
