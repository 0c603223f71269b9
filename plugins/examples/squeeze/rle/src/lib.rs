//! Replaces runs of one byte by the byte and a count.
//!
//! The oldest trick, and a cheap one. On its own it helps where bytes come in runs: pictures with areas of
//! one colour, tables padded with blanks. Where they do not, it costs one byte in 128.

use holobiont_guest::{Descriptor, Direction, Failure, Module, Task, export_module};

mod codec;

struct Rle;

impl Module for Rle {
    fn describe() -> Descriptor {
        Descriptor::named("rle", env!("CARGO_PKG_VERSION"), "Replaces runs of one byte by the byte and a count.")
            .emitting("application/octet-stream")
            .two_way()
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        match task.direction()? {
            Direction::Encode => Ok(codec::encode(&task.payload)),
            Direction::Decode => codec::decode(&task.payload),
        }
    }
}

export_module!(Rle);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Rle::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    #[test]
    fn runs_and_others_get_packets_of_their_own() {
        assert_eq!(codec::encode(b"abbcccc"), [2, b'a', b'b', b'b', 129, b'c']);
        assert_eq!(codec::encode(&[7; 131]), [255, 7, 0, 7]);
        assert_eq!(codec::encode(b""), b"");
    }

    #[test]
    fn what_does_not_run_grows_little() {
        let data: Vec<u8> = (0..=255).cycle().take(12_800).collect();
        assert_eq!(codec::encode(&data).len(), 12_900);
    }

    #[test]
    fn there_are_two_directions_and_one_is_the_default() {
        assert_eq!(run(b"aaaa", &[]), Ok(vec![129, 97]));
        assert_eq!(run(&[129, 97], &[("direction", "decode")]), Ok(b"aaaa".to_vec()));
        assert!(matches!(run(b"aaaa", &[("direction", "sideways")]), Err(Failure::InvalidParameter(_))));
    }

    #[test]
    fn a_packet_without_its_bytes_is_refused() {
        for payload in [&[0][..], &[5, 1, 2], &[128], &[0, 1, 255]] {
            assert!(matches!(run(payload, &[("direction", "decode")]), Err(Failure::InvalidInput(_))));
        }
    }

    /// Bytes of few kinds, so that they repeat and run, and bytes of all kinds.
    fn data() -> impl Strategy<Value = Vec<u8>> {
        let of = |byte: std::ops::RangeInclusive<u8>| prop::collection::vec(byte, 0..2000);
        prop_oneof![of(0..=1), of(0..=3), of(b'a'..=b'z'), of(0..=255)]
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(data in data()) {
            prop_assert_eq!(codec::decode(&codec::encode(&data)), Ok(data));
        }

        #[test]
        fn no_payload_makes_it_panic(payload: Vec<u8>) {
            let _ = codec::decode(&payload);
        }
    }
}
