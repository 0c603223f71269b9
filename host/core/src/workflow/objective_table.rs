//! How an objective is written down: one table, of whose keys only some go together.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::ModuleId;
use crate::objective::{BuiltIn, Judge, Likeness, Objective, Reference, RoundTrip, Scorer};

/// `[objective]` as it is written, whatever goes together or not.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    scorer: Option<ModuleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<Measure>,
    #[serde(skip_serializing_if = "is_unset")]
    header: bool,
    #[serde(skip_serializing_if = "is_unset")]
    bytes_saved: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credits_per_unit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip: Option<RoundTrip>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_unset(flag: &bool) -> bool {
    !flag
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Measure {
    Exact,
    LinesF1,
    RecordsF1,
}

/// Why a table is no objective.
#[derive(Debug, thiserror::Error)]
enum TableError {
    #[error(
        "`[objective]` does not say what an output is worth: give it one of `scorer = \"module.wasm\"`, `expected = \
         \"folder\"` with `measure`, `bytes-saved = true` and `metric = \"name\"`"
    )]
    NoJudge,
    #[error("{} each say what an output is worth: keep one of them", list(.0))]
    Several(Vec<&'static str>),
    #[error("`{key}` does not go with `{judge}`: {remedy}")]
    Apart { key: &'static str, judge: &'static str, remedy: &'static str },
    #[error("`expected` needs `measure = \"exact\"`, `\"lines-f1\"` or `\"records-f1\"`, or a `scorer` that compares")]
    NoMeasure,
    #[error("`{0}` is empty: {1}")]
    Empty(&'static str, &'static str),
}

fn list(keys: &[&str]) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ")
}

/// Reads an objective.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Objective, D::Error> {
    Table::deserialize(from)?.objective().map_err(D::Error::custom)
}

/// Writes an objective, all of its keys in one table.
pub(super) fn serialize<S: Serializer>(objective: &Objective, to: S) -> Result<S::Ok, S::Error> {
    Table::of(objective).serialize(to)
}

impl Table {
    fn objective(self) -> Result<Objective, TableError> {
        let (unit, credits_per_unit) = (self.unit.clone(), self.credits_per_unit.unwrap_or(1.0));
        let judge = self.judge()?;
        let unit = unit.unwrap_or_else(|| default_unit(&judge));
        Ok(Objective { judge, unit, credits_per_unit })
    }

    fn judge(self) -> Result<Judge, TableError> {
        if self.header && self.measure != Some(Measure::RecordsF1) {
            return Err(apart("header", "measure", "only `measure = \"records-f1\"` knows headers, leave it out"));
        }
        match (self.scorer, self.expected, self.bytes_saved, self.metric) {
            (Some(module), expected, false, None) => {
                refuse(self.measure.is_some(), "measure", "scorer", "the scorer says how it compares, leave it out")?;
                let reference = match (expected, self.round_trip) {
                    (None, None) => Reference::Nothing,
                    (Some(folder), None) => Reference::Folder(named(folder)?),
                    (None, Some(back)) => Reference::RoundTrip(back),
                    (Some(_), Some(_)) => {
                        return Err(apart("round-trip", "expected", "a scorer is given only one of them, keep that"));
                    }
                };
                Ok(Judge::Scorer(Scorer { module, reference }))
            }
            (None, Some(folder), false, None) => {
                refuse_round_trip(self.round_trip.as_ref(), "expected")?;
                let likeness = match self.measure.ok_or(TableError::NoMeasure)? {
                    Measure::Exact => Likeness::Exact,
                    Measure::LinesF1 => Likeness::Lines,
                    Measure::RecordsF1 => Likeness::Records { header: self.header },
                };
                Ok(Judge::BuiltIn(BuiltIn::Expected { folder: named(folder)?, likeness }))
            }
            (None, None, true, None) => {
                refuse(self.measure.is_some(), "measure", "bytes-saved", "it is for `expected`, leave it out")?;
                Ok(Judge::BuiltIn(BuiltIn::BytesSaved { round_trip: self.round_trip }))
            }
            (None, None, false, Some(name)) => {
                refuse(self.measure.is_some(), "measure", "metric", "it is for `expected`, leave it out")?;
                refuse_round_trip(self.round_trip.as_ref(), "metric")?;
                if name.trim().is_empty() {
                    return Err(TableError::Empty("metric", "give the name that a module records its number under"));
                }
                Ok(Judge::BuiltIn(BuiltIn::Metric { name }))
            }
            (None, None, false, None) => Err(TableError::NoJudge),
            (scorer, expected, bytes_saved, metric) => {
                let given = [
                    // With a scorer, `expected` does not say what an output is worth, but it is what has to go.
                    ("scorer", scorer.is_some()),
                    ("expected", expected.is_some() && scorer.is_none()),
                    ("bytes-saved", bytes_saved),
                    ("metric", metric.is_some()),
                ];
                Err(TableError::Several(given.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect()))
            }
        }
    }

    fn of(objective: &Objective) -> Self {
        let table = Self {
            unit: Some(objective.unit.clone()),
            credits_per_unit: Some(objective.credits_per_unit),
            round_trip: objective.round_trip().cloned(),
            expected: objective.expected_folder().map(str::to_owned),
            scorer: objective.scorer().cloned(),
            ..Self::default()
        };
        match &objective.judge {
            Judge::Scorer(_) => table,
            Judge::BuiltIn(BuiltIn::Expected { likeness, .. }) => match likeness {
                Likeness::Exact => Self { measure: Some(Measure::Exact), ..table },
                Likeness::Lines => Self { measure: Some(Measure::LinesF1), ..table },
                Likeness::Records { header } => Self { measure: Some(Measure::RecordsF1), header: *header, ..table },
            },
            Judge::BuiltIn(BuiltIn::BytesSaved { .. }) => Self { bytes_saved: true, ..table },
            Judge::BuiltIn(BuiltIn::Metric { name }) => Self { metric: Some(name.clone()), ..table },
        }
    }
}

fn apart(key: &'static str, judge: &'static str, remedy: &'static str) -> TableError {
    TableError::Apart { key, judge, remedy }
}

fn refuse(given: bool, key: &'static str, judge: &'static str, remedy: &'static str) -> Result<(), TableError> {
    if given { Err(apart(key, judge, remedy)) } else { Ok(()) }
}

fn refuse_round_trip(given: Option<&RoundTrip>, judge: &'static str) -> Result<(), TableError> {
    refuse(given.is_some(), "round-trip", judge, "it is for `scorer` and `bytes-saved`, leave it out")
}

fn named(folder: String) -> Result<String, TableError> {
    if folder.trim().is_empty() {
        return Err(TableError::Empty("expected", "give the folder that holds the expected outputs"));
    }
    Ok(folder)
}

fn default_unit(judge: &Judge) -> String {
    match judge {
        Judge::Scorer(_) => "units",
        Judge::BuiltIn(BuiltIn::Expected { likeness: Likeness::Exact, .. }) => "matches",
        Judge::BuiltIn(BuiltIn::Expected { .. }) => "F1",
        Judge::BuiltIn(BuiltIn::BytesSaved { .. }) => "bytes saved",
        Judge::BuiltIn(BuiltIn::Metric { name }) => name,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::objective::{BuiltIn, Judge, Likeness, Objective, Reference};
    use crate::workflow::Workflow;

    const STEPS: &str = "name = \"w\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"m/a.wasm\"\n[objective]\n";

    fn parse(table: &str) -> Result<Objective, String> {
        Workflow::parse(&format!("{STEPS}{table}")).map(|w| w.objective).map_err(|e| e.to_string())
    }

    #[test]
    fn each_judge_has_its_keys_and_its_unit() {
        let unit = |table: &str| parse(table).expect("a good objective").unit;
        assert_eq!(unit("scorer = \"s.wasm\""), "units");
        assert_eq!(unit("expected = \"e\"\nmeasure = \"exact\""), "matches");
        assert_eq!(unit("expected = \"e\"\nmeasure = \"lines-f1\""), "F1");
        assert_eq!(unit("expected = \"e\"\nmeasure = \"lines-f1\"\nunit = \"points\""), "points");
        assert_eq!(unit("bytes-saved = true"), "bytes saved");
        assert_eq!(unit("metric = \"hits\""), "hits");
        let records = parse("expected = \"e\"\nmeasure = \"records-f1\"\nheader = true\ncredits-per-unit = 2.5");
        let records = records.expect("a good objective");
        let likeness = Likeness::Records { header: true };
        assert_eq!(records.judge, Judge::BuiltIn(BuiltIn::Expected { folder: "e".to_owned(), likeness }));
        assert_eq!(records.credits_per_unit, 2.5);
        let scorer = parse("scorer = \"s.wasm\"\nexpected = \"e\"").expect("a good objective");
        let Judge::Scorer(scorer) = scorer.judge else { panic!("a scorer was asked for") };
        assert_eq!(scorer.reference, Reference::Folder("e".to_owned()));
        let back = "\n[objective.round-trip]\nparameter = \"direction\"\nvalue = \"decode\"";
        for judge in ["scorer = \"s.wasm\"", "bytes-saved = true"] {
            let objective = parse(&format!("{judge}{back}")).expect("a good objective");
            assert_eq!(objective.round_trip().map(|back| back.value.as_str()), Some("decode"), "{judge}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused_in_a_line() {
        let back = "\nround-trip = { parameter = \"direction\", value = \"decode\" }";
        let cases = [
            (
                "unit = \"x\"",
                "`[objective]` does not say what an output is worth: give it one of `scorer = \"module.wasm\"`, \
                 `expected = \"folder\"` with `measure`, `bytes-saved = true` and `metric = \"name\"`",
            ),
            (
                "scorer = \"s.wasm\"\nbytes-saved = true",
                "`scorer` and `bytes-saved` each say what an output is worth: keep one of them",
            ),
            (
                "metric = \"m\"\nexpected = \"e\"",
                "`expected` and `metric` each say what an output is worth: keep one of them",
            ),
            (
                "scorer = \"s.wasm\"\nexpected = \"e\"\nmetric = \"m\"",
                "`scorer` and `metric` each say what an output is worth: keep one of them",
            ),
            (
                "expected = \"e\"",
                "`expected` needs `measure = \"exact\"`, `\"lines-f1\"` or `\"records-f1\"`, or a `scorer` that compares",
            ),
            (
                "scorer = \"s.wasm\"\nexpected = \"e\"\nmeasure = \"exact\"",
                "`measure` does not go with `scorer`: the scorer says how it compares, leave it out",
            ),
            (
                "bytes-saved = true\nmeasure = \"exact\"",
                "`measure` does not go with `bytes-saved`: it is for `expected`, leave it out",
            ),
            (
                "expected = \"e\"\nmeasure = \"exact\"\nheader = true",
                "`header` does not go with `measure`: only `measure = \"records-f1\"` knows headers, leave it out",
            ),
            (
                &format!("scorer = \"s.wasm\"\nexpected = \"e\"{back}"),
                "`round-trip` does not go with `expected`: a scorer is given only one of them, keep that",
            ),
            (
                &format!("metric = \"m\"{back}"),
                "`round-trip` does not go with `metric`: it is for `scorer` and `bytes-saved`, leave it out",
            ),
            (
                &format!("expected = \"e\"\nmeasure = \"exact\"{back}"),
                "`round-trip` does not go with `expected`: it is for `scorer` and `bytes-saved`, leave it out",
            ),
            ("metric = \"\"", "`metric` is empty: give the name that a module records its number under"),
            (
                "expected = \" \"\nmeasure = \"exact\"",
                "`expected` is empty: give the folder that holds the expected outputs",
            ),
        ];
        for (table, words) in cases {
            assert_eq!(parse(table).expect_err(table), format!("line 5: {words}"), "{table}");
        }
    }

    #[test]
    fn slips_are_named_with_their_place() {
        let words = |table: &str| parse(table).expect_err(table);
        assert_eq!(words("scorrer = \"s.wasm\""), "line 6: unknown key `scorrer`: did you mean `scorer`?");
        assert_eq!(
            words("expected = \"e\"\nmeasure = \"line-f1\""),
            "line 7: unknown value `line-f1`: did you mean `lines-f1`?"
        );
    }

    #[test]
    fn what_is_written_reads_as_what_it_was() {
        let back = "\nround-trip = { parameter = \"direction\", value = \"decode\" }";
        for table in [
            "scorer = \"s.wasm\"".to_owned(),
            "scorer = \"s.wasm\"\nexpected = \"e\"".to_owned(),
            format!("scorer = \"s.wasm\"\nunit = \"u\"\ncredits-per-unit = 0.5{back}"),
            "expected = \"e\"\nmeasure = \"exact\"".to_owned(),
            "expected = \"e\"\nmeasure = \"lines-f1\"".to_owned(),
            "expected = \"e\"\nmeasure = \"records-f1\"\nheader = true".to_owned(),
            format!("bytes-saved = true{back}"),
            "metric = \"hits\"".to_owned(),
        ] {
            let workflow = Workflow::parse(&format!("{STEPS}{table}")).expect("a good workflow");
            let written = toml::to_string(&workflow).expect("a text");
            assert_eq!(Workflow::parse(&written).expect("what was written"), workflow, "{written}");
        }
    }
}
