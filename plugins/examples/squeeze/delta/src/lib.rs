//! Replaces every byte by its difference to the byte before.
//!
//! Nothing gets shorter by that. But where neighbours are close to each other, as samples of a sound or
//! pixels of a picture are, the differences are small numbers that come again and again, and a coder
//! after this module has an easier time. Text has no such neighbours; there the module does harm, and
//! to find that out is what modules are measured together for.
//!
//! This is the smallest module of the family, and a good one to start reading with. `codec` holds the work;
//! what follows here is all that it takes to offer it to a host: [`describe`](Module::describe) says what
//! the module is, [`run`](Module::run) does one task, and the macro exports both.

use holobiont_guest::{Descriptor, Direction, Failure, Module, Task, export_module};

mod codec;

struct Delta;

impl Module for Delta {
    fn describe() -> Descriptor {
        Descriptor::named(
            "delta",
            env!("CARGO_PKG_VERSION"),
            "Replaces every byte by its difference to the one before.",
        )
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

export_module!(Delta);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &[u8], parameters: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        Delta::run(Task {
            payload: payload.into(),
            media_type: "application/octet-stream".into(),
            parameters: parameters.collect(),
        })
    }

    #[test]
    fn differences_wrap_around() {
        assert_eq!(codec::encode(&[10, 12, 11, 0]), [10, 2, 255, 245]);
        assert_eq!(codec::encode(b""), b"");
    }

    #[test]
    fn there_are_two_directions_and_one_is_the_default() {
        assert_eq!(run(b"ab", &[]), Ok(vec![97, 1]));
        assert_eq!(run(b"ab", &[("direction", "encode")]), Ok(vec![97, 1]));
        assert_eq!(run(&[97, 1], &[("direction", "decode")]), Ok(b"ab".to_vec()));
        assert!(matches!(run(b"ab", &[("direction", "sideways")]), Err(Failure::InvalidParameter(_))));
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
