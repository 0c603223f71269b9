//! On which inputs something is chosen, and on which it is judged.

use crate::random::{Draws, Stream};
use crate::stats::LEAST_INPUTS;

/// Inputs by what they are for, by their numbers, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Those that places are chosen on.
    pub choosing: Vec<usize>,
    /// Those that what was chosen is judged on.
    pub fresh: Vec<usize>,
    /// Whether the two have none in common. Too few inputs serve for both, so that the best of several places looks
    /// better than it is.
    pub apart: bool,
}

/// Splits inputs by a seed: half of them, and at least as many as an interval takes, are kept for judging. Where that
/// leaves none to choose on, all are used for both.
#[must_use]
pub fn split(inputs: usize, seed: u64) -> Split {
    let all: Vec<usize> = (0..inputs).collect();
    if inputs <= LEAST_INPUTS {
        return Split { choosing: all.clone(), fresh: all, apart: false };
    }
    let mut choosing = all;
    Draws::new(seed, Stream::Places).shuffle(&mut choosing);
    let mut fresh = choosing.split_off(inputs - LEAST_INPUTS.max(inputs / 2));
    choosing.sort_unstable();
    fresh.sort_unstable();
    Split { choosing, fresh, apart: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_is_used_and_enough_are_kept_for_judging() {
        for inputs in 0..40 {
            let Split { choosing, fresh, apart } = split(inputs, 5);
            assert_eq!(apart, inputs > LEAST_INPUTS, "{inputs}");
            if apart {
                assert!(!choosing.is_empty() && fresh.len() >= LEAST_INPUTS && fresh.len() >= inputs / 2);
                let mut all = [choosing.clone(), fresh.clone()].concat();
                all.sort_unstable();
                assert_eq!(all, (0..inputs).collect::<Vec<_>>());
            } else {
                assert_eq!((choosing.len(), fresh.len()), (inputs, inputs));
            }
        }
        assert_eq!(split(30, 1), split(30, 1));
        assert_ne!(split(30, 1), split(30, 2));
    }
}
