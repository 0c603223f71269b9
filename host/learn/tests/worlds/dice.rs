//! What simulations draw with.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Draws from usual distributions.
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    /// Draws of a seed, of which each stream is independent of the others.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha12Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Within 0..1, never 0.
    pub(crate) fn even(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos()
    }

    /// Several of them.
    pub(crate) fn normals<const N: usize>(&mut self) -> [f64; N] {
        std::array::from_fn(|_| self.normal())
    }

    /// A place of so many.
    pub(crate) fn place(&mut self, places: usize) -> usize {
        ((self.even() * places as f64) as usize).min(places.saturating_sub(1))
    }
}
