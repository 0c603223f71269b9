//! Keeps all bytes in a list, the one used last in front, and replaces every byte by its place there.
//!
//! Nothing gets shorter by that. But where the same few bytes come again and again for a while and then
//! others do, as after the module `bwt`, almost all places are small numbers and most are 0, whichever
//! bytes they stand for; a coder after this module lives on that.

use holobiont_guest::{Descriptor, Direction, Failure, Module, Task, export_module};

mod codec;

struct Mtf;

impl Module for Mtf {
    fn describe() -> Descriptor {
        Descriptor::named("mtf", env!("CARGO_PKG_VERSION"), "Replaces every byte by how many others were used since.")
            .emitting("application/octet-stream")
            .two_way()
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        Ok(match task.direction()? {
            Direction::Encode => codec::encode(&task.payload),
            Direction::Decode => codec::decode(&task.payload),
        })
    }
}

export_module!(Mtf);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Mtf::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    #[test]
    fn places_are_counted_from_the_front() {
        assert_eq!(codec::encode(b"aaba"), [97, 0, 98, 1]);
        assert_eq!(codec::encode(b""), b"");
    }

    #[test]
    fn there_are_two_directions_and_one_is_the_default() {
        assert_eq!(run(b"aa", &[]), Ok(vec![97, 0]));
        assert_eq!(run(&[97, 0], &[("direction", "decode")]), Ok(b"aa".to_vec()));
        assert!(matches!(run(b"aa", &[("direction", "sideways")]), Err(Failure::InvalidParameter(_))));
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(data: Vec<u8>) {
            let encoded = codec::encode(&data);
            prop_assert_eq!(encoded.len(), data.len());
            prop_assert_eq!(codec::decode(&encoded), data);
        }
    }
}
