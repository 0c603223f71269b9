//! Telling modules apart by what they do, whatever their tools noted in them.

use holobiont_core::{Digest, Outcome};
use wasmparser::{Parser, Payload};

use crate::scan::broken;

/// The section that holds names, notes of tools, and no code; in core modules and in components.
const CUSTOM: u8 = 0;

/// What stands for the end of a module or component among the numbers of sections.
const END: u8 = u8::MAX;

/// The digest of a module's bytes without custom sections, at all depths of a component: of the numbers of the other
/// sections and what is in them. How their lengths are written does not count.
///
/// # Errors
///
/// The outcome that says where the bytes are no module. Bytes that [`inspect`](crate::inspect) takes are one.
pub fn code_digest(bytes: &[u8]) -> Result<Digest, Outcome> {
    let mut parts: Vec<(u8, &[u8])> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| broken(bytes, &error))?;
        match (&payload, payload.as_section()) {
            // What is in them comes next, piece by piece: among it may be custom sections.
            (Payload::ModuleSection { .. } | Payload::ComponentSection { .. }, Some((number, _))) => {
                parts.push((number, &[]));
            }
            (Payload::End(_), _) => parts.push((END, &[])),
            (_, Some((number, range))) if number != CUSTOM => {
                parts.push((number, bytes.get(range).unwrap_or_default()));
            }
            _ => {}
        }
    }
    // The first eight bytes say whether it is a core module or a component.
    let head = bytes.get(..8).unwrap_or(bytes);
    let parts = parts.iter().flat_map(|(number, part)| [std::slice::from_ref(number), *part]);
    Ok(Digest::of_parts([head].into_iter().chain(parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use holobiont_core::Rejection;

    fn digest(bytes: &[u8]) -> Digest {
        code_digest(bytes).expect("a module")
    }

    fn component(number: u8, notes: &[&str]) -> Vec<u8> {
        let note = |place: usize| notes.get(place).map_or(String::new(), |note| format!("(@custom \"{note}\" \"x\")"));
        let text = format!(
            "(component {} (core module {} (func (result i32) i32.const {number})) (component {} (core module {})))",
            note(0),
            note(1),
            note(2),
            note(3)
        );
        wat::parse_str(text).expect("a component")
    }

    #[test]
    fn custom_sections_do_not_count_at_any_depth_and_an_instruction_does() {
        let plain = digest(&component(1, &[]));
        let notes = ["name", "producers", "a", "a-longer-name-for-another-length-of-what-is-around-it"];
        for count in 1..=notes.len() {
            assert_eq!(digest(&component(1, &notes[..count])), plain, "{count}");
        }
        assert_ne!(digest(&component(2, &[])), plain);
        assert_ne!(digest(&component(2, &notes)), plain);
    }

    #[test]
    fn what_is_in_what_counts() {
        let of = |text: &str| digest(&wat::parse_str(text).expect("good"));
        let all = [
            of("(module)"),
            of("(component)"),
            of("(component (component))"),
            of("(component (component (component)))"),
            of("(component (component) (component))"),
            of("(component (core module))"),
            of("(module (memory 1))"),
            of("(module (func (export \"f\")))"),
            of("(module (func (export \"g\")))"),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[place + 1..].contains(one), "{place}");
        }
    }

    #[test]
    fn a_length_may_be_written_longer() {
        let mut module = wat::parse_str("(module (memory 1))").expect("good");
        let short = digest(&module);
        // The length of the section: 3, in one byte and in two.
        assert_eq!(module[8..10], [5, 3]);
        module.splice(9..10, [0x83, 0]);
        assert_eq!(digest(&module), short);
    }

    #[test]
    fn what_is_no_module_has_an_outcome() {
        let whole = component(1, &["name"]);
        for end in 0..whole.len() {
            assert_ne!(code_digest(&whole[..end]).ok(), Some(digest(&whole)), "{end}");
        }
        let outcome = code_digest(&whole[..whole.len() - 1]).expect_err("cut off");
        assert!(outcome.to_string().contains("copy or build it again"), "{outcome}");
        assert!(matches!(code_digest(b"prose"), Err(Outcome::Rejected { reason: Rejection::Invalid, .. })));
    }
}
