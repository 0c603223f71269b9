//! Seeded draws: every random choice of this crate comes from here, so that a seed fixes it.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::learner::Synergies;

/// An odd factor, so that no two numbers share a product.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A group's luck in a decision: Gumbel noise, with which the largest of some preferences is each of them as often as a
/// softmax says (Gumbel, Statistical Theory of Extreme Values, 1954; as a trick: Maddison, Tarlow and Minka, A*
/// sampling, 2014).
///
/// It follows from the seed, the number of the decision and the group itself. So it does not matter in what order
/// groups are asked about, and whoever remembers the number goes on after a break as if there had been none.
pub(crate) fn luck(seed: u64, decision: u64, group: &Synergies) -> f64 {
    let place = group.iter().fold(decision, |mixed, synergy| {
        let mixed = (mixed ^ synergy.to_bits()).wrapping_mul(SPREAD);
        mixed ^ (mixed >> 29)
    });
    let mut generator = ChaCha12Rng::seed_from_u64(seed);
    generator.set_stream(place);
    // In the middle of one of 2^53 equal parts of 0 to 1: both logarithms are finite.
    let even = ((generator.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    -(-even.ln()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luck_is_as_gumbels_and_its_own_for_each_group_and_decision() {
        let group = |number: u32| [f64::from(number), 0.0, 1.0, 0.0, -2.0, 0.5, 1.0];
        let all: Vec<f64> =
            (0..100).flat_map(|number| (0..100).map(move |decision| luck(1, decision, &group(number)))).collect();
        let mean = all.iter().sum::<f64>() / 1e4;
        let variance = all.iter().map(|luck| (luck - mean).powi(2)).sum::<f64>() / 1e4;
        // Euler's constant and pi^2 / 6, each within five standard errors.
        assert!((mean - 0.577_2).abs() < 0.064 && (variance - 1.644_9).abs() < 0.18, "{mean} {variance}");
        let mut sorted: Vec<u64> = all.iter().map(|luck| luck.to_bits()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 10_000);
        assert_eq!(luck(1, 2, &group(3)), luck(1, 2, &group(3)));
        assert_ne!(luck(1, 2, &group(3)), luck(2, 2, &group(3)));
    }
}
