//! Says which records are worth comparing: those that have a value in common.
//!
//! To compare all records with each other takes a million comparisons for 1,414 of them. Most are of two
//! that have nothing to do with each other, and it takes an index only to leave those out. Alone this finds
//! nobody, it only says where to look; and it looks by values as they are written, so that it misses those
//! with a mistake in them. Columns of keys, whose names begin with `key_`, are used whichever they are:
//! `phonetic` adds some.

use holobiont_guest::{Descriptor, Domain, Failure, Module, Task, export_module};
use records_table::Table;

mod blocks;

/// Names are what `phonetic` makes keys of; the address is what a record has besides, and most unlike others.
const COLUMNS: &str = "address_1";
const PREFIX: u8 = 0;
const PREFIXES: std::ops::RangeInclusive<u8> = 0..=16;
/// What is common to more of some hundred records is not about a person.
const LARGEST: u16 = 24;
const LARGESTS: std::ops::RangeInclusive<u16> = 2..=512;

struct Blocking;

const SUMMARY: &str = "Says which records are worth comparing with each other.";

impl Module for Blocking {
    fn describe() -> Descriptor {
        Descriptor::named("blocking", env!("CARGO_PKG_VERSION"), SUMMARY)
            .accepting(["text/csv"])
            .tunable(
                "columns",
                "The columns to look for common values in, between commas, besides those of keys.",
                Domain::Text,
                COLUMNS,
            )
            .tunable(
                "prefix",
                "How many letters of a value have to be the same; 0 for all.",
                Domain::Integer(((*PREFIXES.start()).into(), (*PREFIXES.end()).into())),
                &PREFIX.to_string(),
            )
            .tunable(
                "largest-block",
                "How many records may have a value in common before it is too common to tell anything.",
                Domain::Integer(((*LARGESTS.start()).into(), (*LARGESTS.end()).into())),
                &LARGEST.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let rule = blocks::Rule {
            prefix: task.parameter_in("prefix", PREFIXES, PREFIX)?.into(),
            largest: task.parameter_in("largest-block", LARGESTS, LARGEST)?.into(),
        };
        let mut table = Table::parse(task.text()?)?;
        let places = table.places(task.parameter("columns").unwrap_or(COLUMNS));
        let tally = blocks::add_candidates(&mut table, &places, rule)?;
        holobiont_guest::info!("{} blocks, {} of them too large", tally.blocks, tally.too_large);
        holobiont_guest::metric("candidates", tally.candidates as f64);
        Ok(table.to_text().into_bytes())
    }
}

export_module!(Blocking);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        let task = Task { payload: payload.into(), media_type: "text/csv".into(), parameters: parameters.collect() };
        Blocking::run(task).map(|output| String::from_utf8(output).expect("text"))
    }

    /// The ids of the candidates.
    fn candidates(payload: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let output = run(payload, parameters).expect("candidates");
        let rows = output.strip_prefix(payload).expect("the records as they were");
        rows.lines().map(|row| row.replacen("candidate,", "", 1)).collect()
    }

    const PLACES: &str = "id,address_1,suburb\na,berry,ayr\nb,green,ayr\nc,berry,\nd,berri,\ne,,\n";

    #[test]
    fn a_common_value_makes_a_candidate_and_an_empty_one_does_not() {
        assert_eq!(candidates(PLACES, &[]), ["a,c"]);
        assert_eq!(candidates(PLACES, &[("columns", "address_1,suburb")]), ["a,b", "a,c"]);
        assert_eq!(candidates(PLACES, &[("columns", "id")]), [""; 0]);
        assert_eq!(candidates(PLACES, &[("prefix", "4")]), ["a,c", "a,d", "c,d"]);
        assert_eq!(candidates(PLACES, &[("prefix", "4"), ("largest-block", "2")]), [""; 0]);
    }

    #[test]
    fn keys_are_one_index() {
        let text = "id,key_given_name,key_surname\na,AN,BARY\nb,BARY,AN\nc,CAN,CAN\nd,,CAN\n";
        assert_eq!(candidates(text, &[]), ["a,b", "c,d"]);
    }

    #[test]
    fn too_many_candidates_are_refused() {
        let mut text = String::from("id,address_1\n");
        for id in 0..3 * 512 {
            text += &format!("{id},{}\n", id / 512);
        }
        assert!(matches!(run(&text, &[("largest-block", "512")]), Err(Failure::Unsupported(_))));
        assert!(run(&text, &[]).is_ok());
    }

    #[test]
    fn parameters_are_checked() {
        for parameters in [("prefix", "17"), ("largest-block", "1"), ("largest-block", "513")] {
            assert!(matches!(run("id\n", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(payload in "id,address_1\n1,[äb,\" \r\n\\PC]{0,60}", prefix in PREFIXES) {
            let _ = run(&payload, &[("prefix", &prefix.to_string())]);
        }
    }
}
