//! Writes the values of records in one way: small letters, no punctuation, no spaces, dates as `19500423`.
//!
//! Alone it makes a few records equal that are about the same person, namely those that differ in nothing
//! else. What it is really for comes after it: a module that compares or looks up values takes `St Ives`
//! and `ST. IVES` for different ones, and `23/4/1950` and `19500423` for utterly different ones.
//!
//! Accents stay: what a letter without its accent is depends on the language.

use holobiont_guest::{Descriptor, Domain, Failure, Module, Task, export_module};
use records_table::Table;

mod values;

const SPACES: [&str; 2] = ["keep", "drop"];
const DATES: [&str; 2] = ["day-first", "month-first"];

struct Normalise;

const SUMMARY: &str = "Writes the values of records in one way: case, punctuation, spaces, dates.";

impl Module for Normalise {
    fn describe() -> Descriptor {
        Descriptor::named("normalise", env!("CARGO_PKG_VERSION"), SUMMARY)
            .accepting(["text/csv"])
            .tunable(
                "spaces",
                "Whether words are left apart: together, a forgotten space makes no difference.",
                Domain::Choice(SPACES.map(String::from).into()),
                "drop",
            )
            .tunable(
                "dates",
                "What comes first in a date like 3/4/1950, where both can be.",
                Domain::Choice(DATES.map(String::from).into()),
                "day-first",
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let style = values::Style {
            keep_spaces: task.parameter_among("spaces", &SPACES, "drop")? == "keep",
            day_first: task.parameter_among("dates", &DATES, "day-first")? == "day-first",
        };
        let mut table = Table::parse(task.text()?)?;
        values::normalise(&mut table, style);
        Ok(table.to_text().into_bytes())
    }
}

export_module!(Normalise);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;

    fn run(payload: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        let task = Task { payload: payload.into(), media_type: "text/csv".into(), parameters: parameters.collect() };
        Normalise::run(task).map(|output| String::from_utf8(output).expect("text"))
    }

    fn written(value: &str) -> String {
        values::written(value, values::Style { keep_spaces: true, day_first: true })
    }

    #[test]
    fn ids_and_pairs_stay_and_values_change() {
        let text = "Id,Name\nREC-1,\"O'Neil,  Ann-Mary \"\ncandidate,REC-1,REC-2\n";
        assert_eq!(run(text, &[]).unwrap(), "Id,Name\nREC-1,oneilannmary\ncandidate,REC-1,REC-2\n");
        let kept = run(text, &[("spaces", "keep")]).unwrap();
        assert_eq!(kept, "Id,Name\nREC-1,oneil ann mary\ncandidate,REC-1,REC-2\n");
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for date in ["23/4/1950", "23.04.1950", "1950-04-23", "4/23/1950", "23 Apr 1950", "April 23, 1950", "19500423"]
        {
            assert_eq!(written(date), "19500423", "{date}");
        }
        let text = "id,born\n1,3/4/1950\n";
        assert_eq!(run(text, &[]).unwrap(), "id,born\n1,19500403\n");
        assert_eq!(run(text, &[("dates", "month-first")]).unwrap(), "id,born\n1,19500304\n");
    }

    #[test]
    fn what_is_no_date_is_left_alone() {
        for value in ["2 98 latchford", "1 2 3", "31 13 1950", "may 5", "1950 may", "12 34 56 1950", "mar del plata"] {
            assert_eq!(written(value), value);
        }
        assert_eq!(written("-5/+4/1950"), "5 4 1950");
    }

    #[test]
    fn parameters_are_checked() {
        for parameters in [("spaces", "some"), ("dates", "year-first")] {
            assert!(matches!(run("id\n", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    proptest! {
        #[test]
        fn what_is_normal_stays(value: String, keep_spaces: bool) {
            let style = values::Style { keep_spaces, day_first: true };
            let once = values::written(&value, style);
            // Three numbers that had to be apart to be no date may become one: that is seldom, not wrong.
            prop_assume!(!once.contains(|c: char| c.is_ascii_digit()));
            prop_assert_eq!(values::written(&once, style), once);
        }

        #[test]
        fn no_payload_makes_it_panic(payload in "id,name\n[a1,/\" \r\n\\PC]{0,60}") {
            let _ = run(&payload, &[]);
        }
    }
}
