//! Seeded draws: every random choice of this crate comes from here, so that a seed fixes it.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What draws are for. Each use has a stream of its own, so that two uses of one seed are independent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Bootstrap = 1,
    SignFlip = 2,
    Orders = 3,
    Rounds = 4,
    Split = 5,
    Variant = 6,
    HostileClass = 7,
    HostileInputs = 8,
    Null = 9,
    Environments = 10,
    PresetAgent = 11,
    Audit = 12,
    Places = 13,
    Policy = 14,
}

/// A seeded source of draws.
#[derive(Clone, Debug)]
pub(crate) struct Draws(ChaCha12Rng);

impl Draws {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha12Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// The draws of one of many decisions, which are numbered: whoever remembers the number goes on after a break as if
    /// there had been none.
    pub(crate) fn of_decision(seed: u64, stream: Stream, number: u64) -> Self {
        // An odd factor: no two decisions have a seed.
        Self::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15), stream)
    }

    /// 64 fair coins.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to below 1, each of 2^53 equally likely: as many as a double tells apart there.
    pub(crate) fn even(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `end`, each equally likely; 0 where `end` is 0.
    ///
    /// Lemire, Fast random integer generation in an interval (ACM TOMACS 29, 2019): the high half of a
    /// product, and another draw where the low half would favour some numbers.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let short = end.wrapping_neg().checked_rem(end).unwrap_or(0);
        loop {
            let product = u64::from(self.0.next_u32()) * u64::from(end);
            if product as u32 >= short {
                return (product >> 32) as u32;
            }
        }
    }

    /// A place of so many, each equally likely; 0 where there is none.
    pub(crate) fn place(&mut self, places: usize) -> usize {
        // A seeded choice beyond 4 Gi places would only ever be among the first of them.
        self.below(u32::try_from(places).unwrap_or(u32::MAX)) as usize
    }

    /// One of some items; `None` where there is none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.place(items.len()))
    }

    /// So many bytes, each equally likely.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Puts items in an order, each equally likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_a_seed_fixes_them() {
        let mut draws = Draws::new(7, Stream::Split);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[draws.below(6) as usize] += 1;
        }
        // Six standard deviations of a count are 550.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 550), "{counts:?}");
        assert_eq!(draws.below(0), 0);
        let order = |seed, stream| {
            let mut items: Vec<u32> = (0..20).collect();
            Draws::new(seed, stream).shuffle(&mut items);
            items
        };
        assert_eq!(order(1, Stream::Split), order(1, Stream::Split));
        assert_ne!(order(1, Stream::Split), order(2, Stream::Split));
        assert_ne!(order(1, Stream::Split), order(1, Stream::Orders));
    }

    #[test]
    fn each_decision_has_draws_of_its_own() {
        let first = |seed, number| Draws::of_decision(seed, Stream::Policy, number).even();
        let mut seen: Vec<u64> = (0..4000).map(|number| first(5, number).to_bits()).collect();
        // Six standard deviations of the mean of so many even draws are 0.027.
        let mean = (0..4000).map(|number| first(5, number)).sum::<f64>() / 4000.0;
        assert!((mean - 0.5).abs() < 0.027, "{mean}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4000);
        assert_eq!(first(5, 7), first(5, 7));
        assert_ne!(first(5, 7), first(6, 7));
    }
}
