//! Writes out the abbreviations in addresses: `Beach Rd.` and `BEACH road` become `Beach road` and
//! `BEACH road`.
//!
//! What an abbreviation stands for may depend on where it is: `St Ives` is a saint, and `Ives St` a
//! street. And the word that an address ends with is mended if it is almost one of those that very many
//! end with: `Beach srteet`. Alone that makes hardly two records equal, as the example shows: the case of
//! the other words is left to the module `normalise`, which should come after this one, since it takes
//! away the spaces by which words are known.

use holobiont_guest::{Descriptor, Domain, Failure, Module, Task, export_module};
use records_table::Table;

mod words;

const COLUMNS: &str = "address_1,address_2,suburb";
/// With two mistakes allowed, `creek` would be a street.
const REPAIR: u8 = 1;
const REPAIRS: std::ops::RangeInclusive<u8> = 0..=2;

struct Abbreviations;

const SUMMARY: &str = "Writes out the abbreviations in addresses, and mends their commonest words.";

impl Module for Abbreviations {
    fn describe() -> Descriptor {
        Descriptor::named("abbreviations", env!("CARGO_PKG_VERSION"), SUMMARY)
            .accepting(["text/csv"])
            .tunable("columns", "The columns with addresses, between commas.", Domain::Text, COLUMNS)
            .tunable(
                "repair",
                "How many mistakes the last word may have to be taken for a street, a place and so on.",
                Domain::Integer(((*REPAIRS.start()).into(), (*REPAIRS.end()).into())),
                &REPAIR.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let effort = words::Effort { repair: task.parameter_in("repair", REPAIRS, REPAIR)?.into() };
        let mut table = Table::parse(task.text()?)?;
        let places = table.places(task.parameter("columns").unwrap_or(COLUMNS));
        words::write_out(&mut table, &places, effort);
        Ok(table.to_text().into_bytes())
    }
}

export_module!(Abbreviations);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        let task = Task { payload: payload.into(), media_type: "text/csv".into(), parameters: parameters.collect() };
        Abbreviations::run(task).map(|output| String::from_utf8(output).expect("text"))
    }

    fn written_out(value: &str) -> Option<String> {
        words::written_out(value, words::Effort { repair: 1 })
    }

    #[test]
    fn abbreviations_are_known_by_their_place() {
        for (short, full) in [
            ("Beach Rd.", "Beach road"),
            ("ST IVES ST", "saint IVES street"),
            ("St", "saint"),
            ("Dr  Jekyll Dr", "doctor Jekyll drive"),
            ("brentwood vlge", "brentwood village"),
            ("Mt Eliza", "mount Eliza"),
        ] {
            assert_eq!(written_out(short).as_deref(), Some(full));
        }
        for full in ["Beach road", "", " beach  Street", "stan st. john"] {
            assert_eq!(written_out(full).unwrap_or(full.into()), full.replace("st. john", "saint john"));
        }
    }

    #[test]
    fn only_the_last_word_is_mended() {
        assert_eq!(written_out("kings srteet").as_deref(), Some("kings street"));
        assert_eq!(written_out("lace place"), None);
        assert_eq!(written_out("srteet"), None);
        assert_eq!(written_out("the parade"), None);
        assert_eq!(words::written_out("kings srteet", words::Effort { repair: 0 }), None);
        assert_eq!(words::written_out("old crseecnt", words::Effort { repair: 2 }), None);
    }

    #[test]
    fn only_addresses_are_changed() {
        let text = "st,surname,suburb\nSt,St,St Ives\nmatch,st,pl\n";
        assert_eq!(run(text, &[]).unwrap(), "st,surname,suburb\nSt,St,saint Ives\nmatch,st,pl\n");
        assert_eq!(
            run(text, &[("columns", "surname, st")]).unwrap(),
            "st,surname,suburb\nSt,saint,St Ives\nmatch,st,pl\n"
        );
    }

    #[test]
    fn mistakes_are_counted() {
        for (one, mistakes) in
            [("street", 0), ("treet", 1), ("srteet", 1), ("strzeet", 1), ("sgreet", 1), ("tsret", 2), ("", 6)]
        {
            assert_eq!(words::distance(one, "street"), mistakes, "{one}");
            assert_eq!(words::distance("street", one), mistakes, "{one}");
        }
    }

    #[test]
    fn abbreviations_are_in_order_and_in_small_letters() {
        let short: Vec<&str> = words::FULL.iter().map(|(short, _)| *short).collect();
        assert!(short.is_sorted_by(|one, next| one < next));
        let by_place = words::BY_PLACE.iter().map(|(short, ..)| *short);
        assert!(by_place.clone().all(|place| !short.contains(&place)));
        assert!(short.into_iter().chain(by_place).all(|short| short.len() <= 7 && short == short.to_lowercase()));
    }

    #[test]
    fn parameters_are_checked() {
        for value in ["3", "-1", "x"] {
            assert!(matches!(run("id\n", &[("repair", value)]), Err(Failure::InvalidParameter(_))));
        }
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(payload in "id,suburb\n1,[a1t.,\" \r\n\\PC]{0,60}", repair in REPAIRS) {
            let _ = run(&payload, &[("repair", &repair.to_string())]);
        }
    }
}
