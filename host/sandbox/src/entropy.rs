//! Where a run's random bytes come from.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Random bytes for a run: from its seed, or from the host where that was granted. The generator is
/// made when it is first asked, since most runs never do.
///
/// With a seed, `wasi:random/random` is as predictable as the seed: a module that makes keys must be
/// run with `--realtime`.
#[derive(Debug)]
pub(crate) struct Entropy {
    seed: u64,
    from_host: bool,
    generator: Option<ChaCha12Rng>,
}

impl Entropy {
    pub(crate) fn new(seed: u64, from_host: bool) -> Self {
        Self { seed, from_host, generator: None }
    }

    /// Fills a buffer.
    ///
    /// # Errors
    ///
    /// When the host has no entropy to give.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<(), getrandom::Error> {
        if self.from_host {
            return getrandom::fill(buffer);
        }
        self.generator.get_or_insert_with(|| ChaCha12Rng::seed_from_u64(self.seed)).fill_bytes(buffer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_however_they_are_asked_for() {
        let mut whole = [0; 16];
        Entropy::new(7, false).fill(&mut whole).expect("seeded");
        let mut other = [0; 16];
        Entropy::new(8, false).fill(&mut other).expect("seeded");
        assert_ne!(whole, other);
        let mut again = [0; 16];
        Entropy::new(7, false).fill(&mut again).expect("seeded");
        assert_eq!(whole, again);
    }
}
