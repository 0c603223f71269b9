//! Adds columns with what names sound like: `key_surname` for `surname`, where `harrington` and
//! `harington` have the same key.
//!
//! Alone that is good for nothing: it makes no two records more alike than they were. But a module that
//! looks for records worth comparing, as `blocking` does, finds by such a key those where a name was
//! misspelt, which it would not find by the name.

use holobiont_guest::{Descriptor, Domain, Failure, Module, Task, export_module};
use records_table::Table;

mod codes;

const COLUMNS: &str = "given_name,surname";
const METHODS: [&str; 2] = ["nysiis", "soundex"];
/// As long as the first users of NYSIIS had its codes. What is wrong in the end of a long name makes no
/// difference then.
const LENGTH: u8 = 6;
const LENGTHS: std::ops::RangeInclusive<u8> = 1..=16;

struct Phonetic;

impl Module for Phonetic {
    fn describe() -> Descriptor {
        Descriptor::named("phonetic", env!("CARGO_PKG_VERSION"), "Adds to records what their names sound like.")
            .accepting(["text/csv"])
            .tunable("columns", "The columns with names, between commas.", Domain::Text, COLUMNS)
            .tunable(
                "method",
                "How to tell what a name sounds like.",
                Domain::Choice(METHODS.map(String::from).into()),
                "nysiis",
            )
            .tunable(
                "length",
                "How many letters of a key to keep; one of soundex has four in all.",
                Domain::Integer(((*LENGTHS.start()).into(), (*LENGTHS.end()).into())),
                &LENGTH.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let method = match task.parameter_among("method", &METHODS, "nysiis")? {
            "soundex" => codes::Method::Soundex,
            _ => codes::Method::Nysiis,
        };
        let length = task.parameter_in("length", LENGTHS, LENGTH)?.into();
        let mut table = Table::parse(task.text()?)?;
        let places = table.places(task.parameter("columns").unwrap_or(COLUMNS));
        codes::add(&mut table, &places, method, length);
        Ok(table.to_text().into_bytes())
    }
}

export_module!(Phonetic);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        let task = Task { payload: payload.into(), media_type: "text/csv".into(), parameters: parameters.collect() };
        Phonetic::run(task).map(|output| String::from_utf8(output).expect("text"))
    }

    #[test]
    fn keys_are_added_behind_the_columns() {
        let text = "id,surname,born,given_name\n1,Meyer,,\n2,\"O'Neil, jr\",1950,Ann\nmatch,1,2\n";
        assert_eq!(
            run(text, &[]).unwrap(),
            "id,surname,born,given_name,key_given_name,key_surname\n\
             1,Meyer,,,,MAYAR\n2,\"O'Neil, jr\",1950,Ann,AN,ONALJR\nmatch,1,2\n"
        );
        let soundex = run("id,born\n1,meyer\n", &[("method", "soundex"), ("columns", "born,died"), ("length", "2")]);
        assert_eq!(soundex.unwrap(), "id,born,key_born\n1,meyer,M6\n");
    }

    #[test]
    fn keys_that_are_there_are_written_again() {
        let text = "id,key_surname,surname\n1,OLD,meyer\n";
        assert_eq!(run(text, &[]).unwrap(), "id,key_surname,surname\n1,MAYAR,meyer\n");
        // Not even the ids, if somebody calls them so.
        let text = "key_surname,surname\n1,meyer\n";
        assert_eq!(run(text, &[]).unwrap(), "key_surname,surname,key_surname\n1,meyer,MAYAR\n");
    }

    #[test]
    fn soundex_is_that_of_the_census() {
        // The examples of the United States National Archives, and what its rules add to them.
        for (word, code) in [
            ("Washington", "W252"),
            ("Lee", "L000"),
            ("Gutierrez", "G362"),
            ("Pfister", "P236"),
            ("Jackson", "J250"),
            ("Tymczak", "T522"),
            ("VanDeusen", "V532"),
            ("Ashcraft", "A261"),
            ("", ""),
        ] {
            assert_eq!(codes::Method::Soundex.code(word)[..code.len()], *code, "{word}");
        }
    }

    #[test]
    fn nysiis_is_that_of_new_york() {
        for (word, code) in [
            ("macdonald", "MCDANALD"),
            ("knight", "NAGT"),
            ("kelly", "CALY"),
            ("phillips", "FALAP"),
            ("pfeiffer", "FAFAR"),
            ("schmidt", "SNAD"),
            ("lee", "LY"),
            ("bertie", "BARTY"),
            ("mckee", "MCY"),
            ("evans", "EVAN"),
            ("steven", "STAFAN"),
            ("quinn", "QAN"),
            ("zimmerman", "ZANARNAN"),
            ("knuckleman", "NACLANAN"),
            ("thompson", "TANPSAN"),
            ("wheeler", "WALAR"),
            ("shaw", "S"),
            ("brown", "BRAN"),
            ("day", "DY"),
            ("hayes", "HAY"),
            ("joseph", "JASAF"),
            ("Van 't Hof", "VANTAF"),
            ("s", "S"),
            ("a", "A"),
            ("", ""),
            ("1/2", ""),
        ] {
            assert_eq!(codes::Method::Nysiis.code(word), code, "{word}");
        }
    }

    #[test]
    fn parameters_are_checked() {
        for parameters in [("method", "metaphone"), ("length", "0"), ("length", "17")] {
            assert!(matches!(run("id\n", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(payload in "id,surname\n1,[A-Z1.,\" \r\n\\PC]{0,60}", method in 0..2usize) {
            let _ = run(&payload, &[("method", METHODS[method])]);
        }

        #[test]
        fn a_key_is_never_longer_than_its_word(word in "[ACDEFHIKMNPQRSTUVWYZ]{0,12}") {
            prop_assert!(codes::Method::Nysiis.code(&word).len() <= word.len());
        }
    }
}
