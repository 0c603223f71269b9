//! Spends few bits on bytes that are likely, and many on those that are not.
//!
//! What is likely it learns from the bytes that it has seen; a decoder has seen the same ones, so that no
//! table need be sent. On its own it makes use of some bytes being more frequent than others, and that is
//! all it sees. Modules that come before it should make few bytes very frequent: `bwt` and `mtf` do, and
//! the three together beat `lz77`, alone and with this coder after it.

use holobiont_guest::{Descriptor, Direction, Domain, Failure, Module, Task, export_module};

mod codec;

/// Quick to learn, as the statistics of most inputs change on the way.
const RATE: u8 = 4;

struct Coder;

impl Module for Coder {
    fn describe() -> Descriptor {
        Descriptor::named("coder", env!("CARGO_PKG_VERSION"), "Spends few bits on bytes that are likely.")
            .emitting("application/octet-stream")
            .two_way()
            .tunable(
                "rate",
                "How slowly to learn: an estimate goes 2^-rate of the way to each bit.",
                Domain::Integer(((*codec::RATES.start()).into(), (*codec::RATES.end()).into())),
                &RATE.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let rate = task.parameter_in("rate", codec::RATES, RATE)?;
        match task.direction()? {
            Direction::Encode => Ok(codec::encode(&task.payload, rate)),
            Direction::Decode => codec::decode(&task.payload),
        }
    }
}

export_module!(Coder);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Coder::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    #[test]
    fn what_is_likely_gets_short() {
        // A header of four bytes, and not much more.
        assert!(codec::encode(&[0; 100_000], 4).len() < 100);
        assert!(codec::encode(&b"ab".repeat(4000), 4).len() < 8000 / 7);
        assert_eq!(codec::encode(b"", 4), b"");
    }

    #[test]
    fn what_cannot_get_shorter_grows_little() {
        let mut state = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(100_000)
        .collect();
        assert!(codec::encode(&noise, 7).len() < 101_000);
    }

    #[test]
    fn parameters_are_checked() {
        let encoded = run(b"abc", &[("rate", "8")]).unwrap();
        assert_eq!(encoded[0], 8);
        // The way back takes the rate from the header.
        assert_eq!(run(&encoded, &[("direction", "decode"), ("rate", "2")]), Ok(b"abc".to_vec()));
        for parameters in [("direction", "sideways"), ("rate", "1"), ("rate", "9"), ("rate", "x")] {
            assert!(matches!(run(b"ab", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    #[test]
    fn what_no_encoder_wrote_is_refused() {
        let encoded = codec::encode(b"hello, hello, hello", 4);
        let mut longer = encoded.clone();
        longer.push(0);
        let shorter = &encoded[..encoded.len() / 2];
        let cases: [&[u8]; 7] =
            [&[4], &[9, 1, 0], &[4, 255, 255, 255, 255, 255, 0], &[4, 128], &[4, 1], &longer, shorter];
        for payload in cases {
            assert!(matches!(run(payload, &[("direction", "decode")]), Err(Failure::InvalidInput(_))), "{payload:?}");
        }
    }

    #[test]
    fn a_header_that_promises_much_is_not_believed() {
        // 32 GiB of something, in two bytes.
        assert!(matches!(codec::decode(&[4, 255, 255, 255, 255, 127, 255, 255]), Err(Failure::InvalidInput(_))));
    }

    /// Bytes of few kinds, so that they repeat and run, and bytes of all kinds.
    fn data() -> impl Strategy<Value = Vec<u8>> {
        let of = |byte: std::ops::RangeInclusive<u8>| prop::collection::vec(byte, 0..2000);
        prop_oneof![of(0..=1), of(0..=3), of(b'a'..=b'z'), of(0..=255)]
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(data in data(), rate in codec::RATES) {
            prop_assert_eq!(codec::decode(&codec::encode(&data, rate)), Ok(data));
        }

        #[test]
        fn no_payload_makes_it_panic(payload: Vec<u8>) {
            let _ = codec::decode(&payload);
            let _ = codec::decode(&[&[4, 255, 255, 255, 255, 127], &payload[..]].concat());
        }
    }
}
