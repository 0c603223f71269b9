//! Seeded draws whose place can be kept: who goes on from a place draws what would have been drawn there.

use std::f64::consts::TAU;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// The draws of an agent or of a world.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: u64,
    generator: ChaCha12Rng,
}

/// Where some draws are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The seed that they began with.
    pub seed: u64,
    /// How many words of 32 bits have been drawn since.
    pub words: u64,
}

impl Draws {
    /// Draws that a seed fixes.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, generator: ChaCha12Rng::seed_from_u64(seed) }
    }

    /// Draws that go on from a place.
    #[must_use]
    pub fn at(place: Place) -> Self {
        let mut draws = Self::new(place.seed);
        draws.generator.set_word_pos(u128::from(place.words));
        draws
    }

    /// Where they are.
    #[must_use]
    pub fn place(&self) -> Place {
        // Nobody draws 2^64 words.
        Place { seed: self.seed, words: self.generator.get_word_pos() as u64 }
    }

    /// A number from 0 to below 1, evenly.
    pub fn even(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `low` to below `high`, evenly.
    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.even()
    }

    /// A number below `end`, each as likely but for a part in 2^32; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * end as u128) >> 64) as usize
    }

    /// A number of mean 0 and deviation 1, normally distributed (Box and Muller 1958). The second number of each pair
    /// is let go, so that a [`Place`] is all there is to keep.
    pub fn normal(&mut self) -> f64 {
        // From above 0, whose logarithm is none, to 1.
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (TAU * self.even()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_go_on_from_their_place() {
        let mut draws = Draws::new(3);
        for _ in 0..7 {
            draws.normal();
            draws.below(5);
        }
        let mut again = Draws::at(draws.place());
        for _ in 0..9 {
            assert_eq!(draws.normal().to_bits(), again.normal().to_bits());
        }
        assert_eq!(draws.place(), again.place());
    }

    #[test]
    fn draws_are_distributed_as_said() {
        let mut draws = Draws::new(4);
        let (mut sum, mut squares, mut counts) = (0.0, 0.0, [0_u32; 3]);
        for _ in 0..40_000 {
            let normal = draws.normal();
            sum += normal;
            squares += normal * normal;
            counts[draws.below(3)] += 1;
            assert!((-2.0..-1.0).contains(&draws.within(-2.0, -1.0)));
        }
        // Six standard errors.
        assert!((sum / 40_000.0_f64).abs() < 0.03, "{sum}");
        assert!((squares / 40_000.0 - 1.0_f64).abs() < 0.043, "{squares}");
        assert!(counts.iter().all(|count| count.abs_diff(13_333) < 566), "{counts:?}");
        assert_eq!(draws.below(0), 0);
    }
}
