//! A beam search over chains of steps.

/// Some steps, each at most once, and what they made of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub steps: Vec<usize>,
    pub bytes: Vec<u8>,
}

/// The chain that makes the input smallest, of those that were tried; of equals the one found first, which is
/// the shortest. No step at all is a chain too.
pub fn smallest(
    input: Vec<u8>,
    steps: usize,
    width: usize,
    mut apply: impl FnMut(usize, &[u8]) -> Option<Vec<u8>>,
) -> Chain {
    let mut best = Chain { steps: Vec::new(), bytes: input };
    let mut kept = vec![best.clone()];
    while !kept.is_empty() {
        let mut longer = Vec::new();
        for chain in &kept {
            for step in (0..steps).filter(|step| !chain.steps.contains(step)) {
                let Some(bytes) = apply(step, &chain.bytes) else { continue };
                let chain = Chain { steps: [&chain.steps[..], &[step]].concat(), bytes };
                if chain.bytes.len() < best.bytes.len() {
                    best = chain.clone();
                }
                longer.push((bits(&chain.bytes), chain));
            }
        }
        longer.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        kept = longer.into_iter().take(width).map(|(_, chain)| chain).collect();
    }
    best
}

/// Bits that a perfect coder needs which knows how often each byte comes: what a chain promises, if not what
/// it is.
fn bits(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) * (total / f64::from(*count)).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorts; takes what is repeated away; adds a byte; declines.
    fn apply(step: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = bytes.to_vec();
        match step {
            0 => bytes.sort_unstable(),
            1 => bytes.dedup(),
            2 => bytes.push(0),
            _ => return None,
        }
        Some(bytes)
    }

    #[test]
    fn steps_that_help_only_together_are_found() {
        let found = smallest(b"abababab".to_vec(), 4, 3, apply);
        assert_eq!(found, Chain { steps: vec![0, 1], bytes: b"ab".to_vec() });
    }

    #[test]
    fn nothing_is_done_where_nothing_helps() {
        let found = smallest(b"abc".to_vec(), 4, 3, apply);
        assert_eq!(found, Chain { steps: vec![], bytes: b"abc".to_vec() });
        assert_eq!(smallest(vec![], 0, 1, apply).bytes, b"");
    }

    #[test]
    fn the_work_is_bounded_by_the_width() {
        for (width, most) in [(1, 10), (2, 4 + 6 + 4 + 2), (100, 4 + 12 + 24 + 24)] {
            let mut invocations = 0;
            smallest(vec![1, 2], 4, width, |_, bytes| {
                invocations += 1;
                Some(bytes.to_vec())
            });
            assert_eq!(invocations, most, "width {width}");
        }
    }

    #[test]
    fn bits_are_those_of_the_distribution() {
        assert_eq!((bits(b""), bits(b"aaaa"), bits(b"abab"), bits(b"abcdabcd")), (0.0, 0.0, 4.0, 16.0));
    }
}
