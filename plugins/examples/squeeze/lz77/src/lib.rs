//! Replaces what was there before by a reference to it.
//!
//! The classic of the field, and strong alone: it finds whole words and lines again. It is here as the one
//! to beat. A coder after it gains less than after `bwt` and `mtf`, since references look like noise.

use holobiont_guest::{Descriptor, Direction, Domain, Failure, Module, Task, export_module};

mod codec;

/// As far as a reference can reach.
const WINDOW_BITS: u32 = 16;
const WINDOWS_BITS: std::ops::RangeInclusive<u32> = 8..=16;
/// Past this, looking at more candidates rarely finds a longer match.
const CHAIN: u16 = 32;
const CHAINS: std::ops::RangeInclusive<u16> = 1..=1024;

struct Lz77;

impl Module for Lz77 {
    fn describe() -> Descriptor {
        Descriptor::named("lz77", env!("CARGO_PKG_VERSION"), "Replaces what was there before by a reference to it.")
            .emitting("application/octet-stream")
            .two_way()
            .tunable(
                "window-bits",
                "How far back to look for a match, as a power of two.",
                Domain::Integer(((*WINDOWS_BITS.start()).into(), (*WINDOWS_BITS.end()).into())),
                &WINDOW_BITS.to_string(),
            )
            .tunable(
                "chain",
                "How many candidates to look at for one match.",
                Domain::Integer(((*CHAINS.start()).into(), (*CHAINS.end()).into())),
                &CHAIN.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let effort = codec::Effort {
            window_bits: task.parameter_in("window-bits", WINDOWS_BITS, WINDOW_BITS)?,
            chain: task.parameter_in("chain", CHAINS, CHAIN)?.into(),
        };
        match task.direction()? {
            Direction::Encode => Ok(codec::encode(&task.payload, effort)),
            Direction::Decode => codec::decode(&task.payload),
        }
    }
}

export_module!(Lz77);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Lz77::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    const EFFORT: codec::Effort = codec::Effort { window_bits: 16, chain: 32 };

    #[test]
    fn what_was_there_is_referred_to() {
        // Five literals and a copy of 4 + 6 from five back.
        assert_eq!(codec::encode(b"hellohellohello", EFFORT), *b"\x56hello\x05\x00");
        assert_eq!(codec::encode(b"", EFFORT), b"");
    }

    #[test]
    fn a_run_is_a_copy_of_itself() {
        let data = vec![b'a'; 1_000_000];
        let encoded = codec::encode(&data, EFFORT);
        assert!(encoded.len() < 4000);
        assert_eq!(codec::decode(&encoded), Ok(data));
    }

    #[test]
    fn the_window_is_kept_to() {
        let data = [&b"once upon a time"[..], &vec![0; 1000], b"once upon a time"].concat();
        let long = run(&data, &[]).unwrap();
        let short = run(&data, &[("window-bits", "8")]).unwrap();
        assert!(long.len() + 10 < short.len());
        assert_eq!(run(&short, &[("direction", "decode")]), Ok(data));
    }

    #[test]
    fn parameters_are_checked() {
        for parameters in [("direction", "sideways"), ("window-bits", "17"), ("window-bits", "7"), ("chain", "0")] {
            assert!(matches!(run(b"ab", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    #[test]
    fn what_no_encoder_wrote_is_refused() {
        let cases: [&[u8]; 6] = [
            &[0x20, b'a'],       // a literal too few
            &[0xf0],             // no rest of a number
            &[0x11, b'a'],       // no distance
            &[0x11, b'a', 1],    // half a distance
            &[0x11, b'a', 0, 0], // a copy of nothing
            &[0x11, b'a', 2, 0], // a copy from before the beginning
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
        fn what_was_encoded_decodes(data in data(), window_bits in WINDOWS_BITS, chain in 1..100usize) {
            let encoded = codec::encode(&data, codec::Effort { window_bits, chain });
            prop_assert_eq!(codec::decode(&encoded), Ok(data));
        }

        #[test]
        fn no_payload_makes_it_panic(payload: Vec<u8>) {
            let _ = codec::decode(&payload);
        }
    }
}
