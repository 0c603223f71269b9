//! Says what a lossless squeeze is worth: the bytes saved, if what came out can be turned back.
//!
//! A module could save any number of bytes by throwing them away. So the objective of a workflow with this
//! scorer must name a round trip: the host runs the steps backwards over the output and hands over what
//! that made. Where it is not the input again, the output is worth nothing, however short it is. An
//! output longer than the input is worth nothing as well, and not less: one would keep the input.

use holobiont_guest::{Failure, Scorer, export_scorer};

struct BytesSaved;

impl Scorer for BytesSaved {
    fn score(input: Vec<u8>, output: Vec<u8>, expected: Option<Vec<u8>>) -> Result<f64, Failure> {
        let returned = expected.ok_or_else(|| {
            let what = "nothing to compare the input with: the workflow's objective needs a round trip";
            Failure::InvalidInput(what.into())
        })?;
        if let Some(offset) = first_difference(&input, &returned) {
            holobiont_guest::warn!("the way back does not lead to the input: they differ from byte {offset} on");
            return Ok(0.0);
        }
        Ok(input.len().saturating_sub(output.len()) as f64)
    }
}

export_scorer!(BytesSaved);

/// Where two byte strings begin to differ; the end of the shorter one, if it begins the other.
fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (same < one.len().max(other.len())).then_some(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(input: &[u8], output: &[u8], expected: Option<&[u8]>) -> Result<f64, Failure> {
        BytesSaved::score(input.into(), output.into(), expected.map(Into::into))
    }

    #[test]
    fn bytes_saved_count_and_bytes_added_do_not() {
        assert_eq!(score(b"hello", b"h", Some(b"hello")), Ok(4.0));
        assert_eq!(score(b"hello", b"hello!", Some(b"hello")), Ok(0.0));
        assert_eq!(score(b"", b"", Some(b"")), Ok(0.0));
    }

    #[test]
    fn without_a_round_trip_there_is_no_score() {
        assert!(matches!(score(b"hello", b"h", None), Err(Failure::InvalidInput(why)) if why.contains("round trip")));
    }

    #[test]
    fn the_first_difference_is_found() {
        assert_eq!(first_difference(b"hello", b"hello"), None);
        assert_eq!(first_difference(b"hello", b"hallo"), Some(1));
        assert_eq!(first_difference(b"hello", b"hell"), Some(4));
        assert_eq!(first_difference(b"", b"hello"), Some(0));
    }
}
