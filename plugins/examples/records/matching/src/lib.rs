//! Says which records are about the same person: those whose values are alike enough.
//!
//! It compares the candidates that a module before it has named. Where nobody has, it sorts the records and
//! compares each with those next to it: cheap, and blind for any two that begin differently. To compare all
//! with each other, set `window` to their number, and see what that costs.

use holobiont_guest::{Descriptor, Domain, Failure, Module, Task, export_module};
use records_table::Table;

mod pairs;
mod similarity;

const THRESHOLD: f64 = 0.6;
const FLOOR: f64 = 0.8;
const SHARES: std::ops::RangeInclusive<f64> = 0.0..=1.0;
const WINDOW: u16 = 2;
const WINDOWS: std::ops::RangeInclusive<u16> = 1..=1024;

struct Matching;

const SUMMARY: &str = "Says which records are about the same person.";

impl Module for Matching {
    fn describe() -> Descriptor {
        Descriptor::named("matching", env!("CARGO_PKG_VERSION"), SUMMARY)
            .accepting(["text/csv"])
            .tunable(
                "threshold",
                "How alike two records have to be.",
                Domain::Number((*SHARES.start(), *SHARES.end())),
                &THRESHOLD.to_string(),
            )
            .tunable(
                "floor",
                "How alike two values have to be to count at all.",
                Domain::Number((*SHARES.start(), *SHARES.end())),
                &FLOOR.to_string(),
            )
            .tunable(
                "window",
                "With how many next to it a record is compared, if nobody has named candidates.",
                Domain::Integer(((*WINDOWS.start()).into(), (*WINDOWS.end()).into())),
                &WINDOW.to_string(),
            )
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        let rule = pairs::Rule {
            threshold: task.parameter_in("threshold", SHARES, THRESHOLD)?,
            floor: task.parameter_in("floor", SHARES, FLOOR)?,
            window: task.parameter_in("window", WINDOWS, WINDOW)?.into(),
        };
        let mut table = Table::parse(task.text()?)?;
        let comparisons = pairs::find(&mut table, rule)?;
        holobiont_guest::metric("comparisons", comparisons as f64);
        Ok(table.to_text().into_bytes())
    }
}

export_module!(Matching);

#[cfg(test)]
mod tests {
    use holobiont_guest::Parameter;
    use proptest::prelude::*;

    use super::*;
    use similarity::jaro_winkler;

    fn run(payload: &str, parameters: &[(&str, &str)]) -> Result<String, Failure> {
        let parameters = parameters.iter().map(|&(name, value)| Parameter { name: name.into(), value: value.into() });
        let task = Task { payload: payload.into(), media_type: "text/csv".into(), parameters: parameters.collect() };
        Matching::run(task).map(|output| String::from_utf8(output).expect("text"))
    }

    /// The ids of the matches.
    fn matches(payload: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let output = run(payload, parameters).expect("matches");
        output.lines().filter_map(|row| row.strip_prefix("match,")).map(String::from).collect()
    }

    const NAMES: &str = "\
id,given_name,surname,state
a,ann,berry,nsw
b,bob,green,nsw
c,anne,berri,nsw
d,carl,white,nsw
e,eve,,nsw
";

    #[test]
    fn neighbours_are_compared_where_there_are_no_candidates() {
        assert_eq!(matches(NAMES, &[]), ["a,c"]);
        // Of five records in order, each with the next: a-c, c-b, b-d, d-e.
        assert_eq!(matches(NAMES, &[("threshold", "0"), ("window", "1")]), ["a,c", "b,c", "b,d", "d,e"]);
        assert_eq!(matches(NAMES, &[("threshold", "0"), ("window", "1024")]).len(), 10);
    }

    #[test]
    fn candidates_are_compared_where_there_are_some_and_do_not_stay() {
        let pairs = "match,x,y\ncandidate,c,a\ncandidate,a,c\ncandidate,a,a\ncandidate,b,d\ncandidate,a,z\n";
        let output = run(&format!("{NAMES}{pairs}"), &[]).unwrap();
        assert_eq!(output, format!("{NAMES}match,x,y\nmatch,a,c\n"));
        assert_eq!(matches(&format!("{NAMES}candidate,b,d\n"), &[]), [""; 0]);
        assert_eq!(matches(&format!("{NAMES}candidate,x,y\n"), &[("threshold", "0")]), [""; 0]);
    }

    #[test]
    fn what_is_missing_speaks_neither_for_nor_against() {
        let pair = format!("{NAMES}candidate,d,e\n");
        // Both columns that tell something are as good as unlike: (0 + 0.5) of about 2.
        assert_eq!(matches(&pair, &[("threshold", "0.26")]), [""; 0]);
        assert_eq!(matches(&pair, &[("threshold", "0.22")]), ["d,e"]);
    }

    #[test]
    fn columns_of_keys_do_not_count_and_equal_records_match() {
        assert_eq!(matches("id,key_a,b\n1,x,berry\n2,x,white\n", &[]), [""; 0]);
        assert_eq!(matches("id,a\n1,x\n2,x\n2,x\n", &[("threshold", "1")]), ["1,2", "1,2"]);
        assert_eq!(matches("id\n1\n2\n", &[]), ["1,2"]);
    }

    #[test]
    fn too_many_comparisons_are_refused() {
        let text = format!("id\n{}", "1\n".repeat(2000));
        assert!(matches!(run(&text, &[("window", "1024")]), Err(Failure::Unsupported(_))));
        assert!(run(&text, &[]).is_ok());
    }

    #[test]
    fn parameters_are_checked() {
        for parameters in [("threshold", "1.1"), ("floor", "-0.1"), ("threshold", "NaN"), ("window", "0")] {
            assert!(matches!(run("id\n", &[parameters]), Err(Failure::InvalidParameter(_))));
        }
    }

    #[test]
    fn the_examples_of_the_census_bureau_come_out() {
        // From Winkler's table of 1990, where they are rounded.
        for (one, other, alike) in [
            ("shackleford", "shackelford", 0.982),
            ("dunningham", "cunnigham", 0.896),
            ("nichleson", "nichulson", 0.956),
            ("jones", "johnson", 0.832),
            ("massey", "massie", 0.933),
            ("abroms", "abrams", 0.922),
            ("jeraldine", "geraldine", 0.926),
            ("marhta", "martha", 0.961),
            ("michelle", "michael", 0.921),
            ("julies", "julius", 0.933),
            ("tanya", "tonya", 0.880),
            ("dwayne", "duane", 0.840),
            ("dixon", "dickson", 0.832),
        ] {
            assert!((jaro_winkler(one, other) - alike).abs() < 0.0006, "{one} {other} {}", jaro_winkler(one, other));
        }
        assert_eq!(jaro_winkler("abc", "xyz"), 0.0);
        assert_eq!(jaro_winkler("", "xyz"), 0.0);
        assert_eq!(jaro_winkler("é", "e"), 0.0);
    }

    #[test]
    fn long_texts_are_cut() {
        let long = "a".repeat(100_000);
        assert!((jaro_winkler(&long, &format!("{long}b")) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_between_0_and_1(one in "[ab]{0,9}|\\PC{0,9}", other in "[ab]{0,9}|\\PC{0,9}") {
            let alike = jaro_winkler(&one, &other);
            prop_assert!((0.0..=1.0).contains(&alike));
            prop_assert!((alike - jaro_winkler(&other, &one)).abs() < 1e-12);
        }

        #[test]
        fn no_payload_makes_it_panic(payload in "id,a\n1,[äb,\" \r\n\\PC]{0,60}") {
            let _ = run(&payload, &[]);
        }
    }
}
