//! How often the early stages are wrong.

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::random::{Draws, Stream};
use crate::stats::{Proportion, wilson};

/// The share of those that were turned away early which go on all the same.
pub const AUDIT_SHARE: f64 = 0.05;

/// Whether a module goes on although it was turned away early. The draw is of the seed and of the module's bytes, so
/// that it is the same however often and in whatever company the module is tried.
#[must_use]
pub fn is_audited(seed: u64, digest: &Digest, share: f64) -> bool {
    let own = digest.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    Draws::new(seed ^ own, Stream::Audit).even() < share
}

/// What is known of how often the early stages turn away what the gate would have passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FalseRejections {
    /// Modules that were turned away early.
    pub rejected: u64,
    /// Those of them that went on all the same.
    pub audited: u64,
    /// Those of these that passed the gate.
    pub passed: u64,
}

impl FalseRejections {
    /// Counts one that was turned away early.
    pub fn count(&mut self, audited: bool, passed: bool) {
        self.rejected += 1;
        self.audited += u64::from(audited);
        self.passed += u64::from(audited && passed);
    }

    /// The share of wrong ones with its 95 % interval; none before one has gone on.
    #[must_use]
    pub fn rate(&self) -> Option<Proportion> {
        wilson(self.passed, self.audited, 0.95)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_share_is_drawn_and_the_same_ones_every_time() {
        let drawn = |seed, share| {
            (0..20_000_u32).filter(|n| is_audited(seed, &Digest::of(&n.to_le_bytes()), share)).collect::<Vec<_>>()
        };
        let some = drawn(1, AUDIT_SHARE);
        // Five standard deviations of a binomial: 1000 +- 154.
        assert!((846..=1154).contains(&some.len()), "{}", some.len());
        assert_eq!(some, drawn(1, AUDIT_SHARE));
        assert_ne!(some, drawn(2, AUDIT_SHARE));
        assert_eq!((drawn(1, 0.0).len(), drawn(1, 1.0).len()), (0, 20_000));
    }

    #[test]
    fn the_rate_is_of_those_that_went_on() {
        let mut counted = FalseRejections::default();
        assert_eq!(counted.rate(), None);
        for (audited, passed) in [(false, false), (true, false), (true, true), (true, false), (true, false)] {
            counted.count(audited, passed);
        }
        assert_eq!(counted, FalseRejections { rejected: 5, audited: 4, passed: 1 });
        let rate = counted.rate().expect("four went on");
        assert!(rate.share == 0.25 && rate.low > 0.0 && rate.high < 1.0, "{rate:?}");
    }
}
