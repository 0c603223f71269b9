//! In how many ways an arm behaves, and whether it does so again.

use super::sums::ratio;
use crate::scenario::Role;
use crate::trials::{ArmView, Sample};

pub(super) fn shannon_entropy(view: &ArmView<'_>) -> f64 {
    let once = view.trials.iter().filter(|trials| trials.role != Role::Repeat);
    let mut behaviours: Vec<u64> =
        once.flat_map(|trials| view.samples(trials)).flat_map(|(_, sample)| &sample.behaviours).copied().collect();
    behaviours.sort_unstable();
    let all = behaviours.len() as f64;
    behaviours.chunk_by(|a, b| a == b).fold(0.0, |bits, equal| {
        let part = ratio(equal.len() as f64, all);
        bits - part * part.log2()
    })
}

pub(super) fn discrepancy_count(view: &ArmView<'_>) -> f64 {
    let Some(nominal) = view.nominal_trials() else { return 0.0 };
    let differing = (0..view.looked_at()).filter(|number| {
        let Some((first, others)) = view.on_input(nominal, *number).1.split_first() else { return false };
        let repeats = view.of_role(Role::Repeat).flat_map(|trials| view.on_input(trials, *number).1);
        others.iter().chain(repeats).any(|other| differs(first, other))
    });
    differing.count() as f64
}

/// Whether two trials of an input came to something else. No output is something else than an empty one.
fn differs(one: &Sample, other: &Sample) -> bool {
    one.completed != other.completed || one.output != other.output
}
