//! Sorts the bytes by what comes after them.
//!
//! Nothing gets shorter by that; there is even a small header for each block. But what comes before `he ` in
//! a text is mostly a `t`, so that after sorting many a `t` are next to each other, and this for all the
//! contexts of a text, long and short, at once. A module that makes something of neighbours that are alike
//! should come after it: `mtf`, and then `coder`. None of the three does as much alone, and the first two
//! do nothing at all: this is the example of modules that are worth more together.

use holobiont_guest::{Descriptor, Direction, Domain, Failure, Module, Task, export_module};

mod codec;

/// A longer block holds more of the same context, and takes more memory and time to sort. This is more
/// than most inputs have.
const BLOCK_KIB: u16 = 256;
const BLOCKS_KIB: std::ops::RangeInclusive<u16> = 1..=(codec::LONGEST_BLOCK >> 10) as u16;

struct Bwt;

impl Module for Bwt {
    fn describe() -> Descriptor {
        Descriptor::named("bwt", env!("CARGO_PKG_VERSION"), "Sorts the bytes by what comes after them.")
            .emitting("application/octet-stream")
            .two_way()
            .tunable(
                "block-kib",
                "How many KiB to sort at once.",
                Domain::Integer(((*BLOCKS_KIB.start()).into(), (*BLOCKS_KIB.end()).into())),
                &BLOCK_KIB.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let block = usize::from(task.parameter_in("block-kib", BLOCKS_KIB, BLOCK_KIB)?) << 10;
        match task.direction()? {
            Direction::Encode => Ok(codec::encode(&task.payload, block)),
            Direction::Decode => codec::decode(&task.payload),
        }
    }
}

export_module!(Bwt);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Bwt::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    /// The transform as it is defined, by comparing suffixes.
    fn by_definition(text: &[u8]) -> Vec<u8> {
        let mut order: Vec<usize> = (0..=text.len()).collect();
        order.sort_by_key(|&start| &text[start..]);
        order.iter().filter_map(|&start| text.get(start.checked_sub(1)?)).copied().collect()
    }

    #[test]
    fn likes_come_to_likes() {
        // The suffixes of "banana" in order: "", a, ana, anana, banana, na, nana.
        assert_eq!(codec::encode(b"banana", 100), [&[6, 0, 0, 4, 0, 0][..], b"annbaa"].concat());
        assert_eq!(codec::encode(b"", 100), b"");
    }

    #[test]
    fn repetitions_are_sorted_as_fast_as_anything() {
        // Comparing suffixes would take 10^11 steps for each.
        for data in [vec![b'a'; 400_000], b"ab".repeat(200_000), b"abcabcabd".repeat(50_000)] {
            assert_eq!(codec::decode(&codec::encode(&data, codec::LONGEST_BLOCK)), Ok(data));
        }
    }

    #[test]
    fn parameters_are_checked() {
        let two_blocks = run(&[7; 1500], &[("block-kib", "1")]).unwrap();
        assert_eq!(two_blocks.len(), 1512);
        assert_eq!(run(&two_blocks, &[("direction", "decode")]), Ok(vec![7; 1500]));
        for parameters in [("direction", "sideways"), ("block-kib", "0"), ("block-kib", "1025"), ("block-kib", "x")] {
            assert!(matches!(run(b"ab", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    #[test]
    fn what_is_no_transform_is_refused() {
        let cases: [&[u8]; 7] = [
            &[1, 0],                         // half a header
            &[0, 0, 0, 0, 0, 0],             // an empty block
            &[1, 0, 0, 2, 0, 0, b'a'],       // a mark behind the end
            &[2, 0, 0, 0, 0, 0, b'a', b'b'], // a mark on the end sign
            &[9, 0, 0, 1, 0, 0, b'a'],       // fewer bytes than the header says
            &[255, 255, 255, 1, 0, 0, b'a'], // more bytes than a block may have
            &[2, 0, 0, 1, 0, 0, b'a', b'b'], // a way that goes round in a circle
        ];
        for payload in cases {
            assert!(matches!(run(payload, &[("direction", "decode")]), Err(Failure::InvalidInput(_))), "{payload:?}");
        }
    }

    /// Bytes of few kinds, so that they repeat and run, and bytes of all kinds.
    fn data() -> impl Strategy<Value = Vec<u8>> {
        let of = |byte: std::ops::RangeInclusive<u8>| prop::collection::vec(byte, 0..2000);
        prop_oneof![of(0..=1), of(0..=3), of(b'a'..=b'z'), of(0..=255)]
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(data in data(), block in 1..3000usize) {
            prop_assert_eq!(codec::decode(&codec::encode(&data, block)), Ok(data));
        }

        #[test]
        fn sorting_is_what_its_definition_says(data in data()) {
            let encoded = codec::encode(&data, codec::LONGEST_BLOCK);
            prop_assert_eq!(encoded.get(6..).unwrap_or_default(), by_definition(&data));
        }

        #[test]
        fn no_payload_makes_it_panic(payload: Vec<u8>, mark: u8) {
            let _ = codec::decode(&payload);
            let _ = codec::decode(&[&[payload.len() as u8, 0, 0, mark, 0, 0], &payload[..]].concat());
        }
    }
}
