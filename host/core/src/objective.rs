//! What an output is worth: said by a component, or reckoned by the host.
//!
//! Worth is counted in units, which the workflow names and prices. What cannot be combined has no
//! representation here; how an objective is written down is in `workflow/objective_table.rs`.

mod likeness;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::ModuleId;
use crate::outcome::one_line;
use crate::suggest::nearest;

pub use likeness::Likeness;

/// What an output is worth to a workflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What says how much it is worth.
    pub judge: Judge,
    /// What is counted, in words: `bytes saved`.
    pub unit: String,
    /// What one unit is worth, in credits; finite and above 0.
    pub credits_per_unit: f64,
}

/// What says how much an output is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judge {
    /// A component, which the host runs.
    Scorer(Scorer),
    /// The host itself: [`BuiltIn::units`].
    BuiltIn(BuiltIn),
}

/// A component that says what an output is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scorer {
    /// The component.
    pub module: ModuleId,
    /// What it is given as `expected`.
    pub reference: Reference,
}

/// What a scorer is given beside input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Nothing.
    Nothing,
    /// The file that has the input's file name, of this folder.
    Folder(String),
    /// What the steps, run backwards, make of the output.
    RoundTrip(RoundTrip),
}

/// What the host can reckon itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// How much the output is like the one that was expected, from 0 to 1.
    Expected {
        /// Where the expected outputs are: each has the file name of its input.
        folder: String,
        /// How the two are compared.
        likeness: Likeness,
    },
    /// The bytes of the input less those of the output, and 0 where the output is longer.
    ///
    /// Never below 0: who is given a longer output keeps the input. And an output that is worth less than none would
    /// make failing the better course. An output of no bytes saves them all, so without a way back this rewards a
    /// module that gives nothing back.
    BytesSaved {
        /// The way back: if there is one, an output is worth something only if it leads to the input.
        round_trip: Option<RoundTrip>,
    },
    /// A number that a module of the chain recorded; of several the last. It may be below 0.
    ///
    /// A module that records it says itself what it is worth, so it should be one that can be believed.
    Metric {
        /// The name it is recorded under.
        name: String,
    },
}

/// How a step is told to undo what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoundTrip {
    /// The parameter that says which way.
    pub parameter: String,
    /// Its value for the way back.
    pub value: String,
}

/// What a chain made of an input, and what the host found out about it.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// What went into the chain.
    pub input: &'a [u8],
    /// What came out.
    pub output: &'a [u8],
    /// What should have come out; for [`BuiltIn::Expected`].
    pub expected: Option<&'a [u8]>,
    /// What the steps, run backwards, made of the output; for an objective with a round trip.
    pub decoded: Option<&'a [u8]>,
    /// The numbers that the chain recorded; of each name the last, so that a later step's replaces an earlier one's.
    pub metrics: &'a BTreeMap<String, f64>,
}

/// Why an output is worth nothing, in words for a report: `the output: ..`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// Nobody knows what should have come out.
    #[error("there is no expected output to compare it with")]
    NoExpected,
    /// The first record is not the header that was expected.
    #[error("its first record is not the expected header `{}`", one_line(.0))]
    Header(String),
    /// The steps, run backwards, did not complete.
    #[error("the way back did not complete")]
    NoWayBack,
    /// The steps, run backwards, made something else.
    #[error("the way back does not lead to the input: it leads to {decoded} bytes where there were {input}")]
    NotTheInput {
        /// The length of what they made, in bytes.
        decoded: usize,
        /// The length of the input, in bytes.
        input: usize,
    },
    /// The metric was not recorded.
    #[error("no step recorded the metric `{}`: {remedy}", one_line(.name))]
    NoMetric {
        /// The metric.
        name: String,
        /// What was recorded instead.
        remedy: String,
    },
    /// The metric is infinite or no number.
    #[error("the metric `{}` is not a finite number", one_line(.0))]
    NotFinite(String),
}

impl Objective {
    /// The component that says what an output is worth, if one does.
    #[must_use]
    pub fn scorer(&self) -> Option<&ModuleId> {
        match &self.judge {
            Judge::Scorer(scorer) => Some(&scorer.module),
            Judge::BuiltIn(_) => None,
        }
    }

    /// The way back, if the objective asks for one: the steps are run backwards over the output.
    #[must_use]
    pub fn round_trip(&self) -> Option<&RoundTrip> {
        match &self.judge {
            Judge::Scorer(Scorer { reference: Reference::RoundTrip(back), .. }) => Some(back),
            Judge::BuiltIn(BuiltIn::BytesSaved { round_trip }) => round_trip.as_ref(),
            _ => None,
        }
    }

    /// The folder of the expected outputs, if the objective has one. As a path it is relative to the repository root.
    #[must_use]
    pub fn expected_folder(&self) -> Option<&str> {
        match &self.judge {
            Judge::Scorer(Scorer { reference: Reference::Folder(folder), .. })
            | Judge::BuiltIn(BuiltIn::Expected { folder, .. }) => Some(folder),
            _ => None,
        }
    }

    /// The path of the expected output of an input, if the objective expects one: `folder/x.txt` for `a/x.txt`.
    #[must_use]
    pub fn expected_path(&self, input: &str) -> Option<String> {
        let folder = self.expected_folder()?.trim_end_matches('/');
        let file = input.rsplit('/').next().unwrap_or(input);
        Some(format!("{folder}/{file}"))
    }
}

impl BuiltIn {
    /// What an output is worth, in units. Always finite.
    ///
    /// # Errors
    ///
    /// [`Trouble`] says why it is worth nothing where that is not for its own bytes alone.
    pub fn units(&self, delivery: &Delivery<'_>) -> Result<f64, Trouble> {
        match self {
            Self::Expected { likeness, .. } => {
                likeness.of(delivery.output, delivery.expected.ok_or(Trouble::NoExpected)?)
            }
            Self::BytesSaved { round_trip } => {
                if round_trip.is_some() {
                    let decoded = delivery.decoded.ok_or(Trouble::NoWayBack)?;
                    if decoded != delivery.input {
                        return Err(Trouble::NotTheInput { decoded: decoded.len(), input: delivery.input.len() });
                    }
                }
                Ok(delivery.input.len().saturating_sub(delivery.output.len()) as f64)
            }
            Self::Metric { name } => match delivery.metrics.get(name) {
                Some(value) if value.is_finite() => Ok(*value),
                Some(_) => Err(Trouble::NotFinite(name.clone())),
                None => Err(Trouble::NoMetric { name: name.clone(), remedy: recorded(name, delivery.metrics) }),
            },
        }
    }
}

/// What was recorded where a name was not.
fn recorded(name: &str, metrics: &BTreeMap<String, f64>) -> String {
    // Who records metrics also chooses how many: a report names a few.
    const NAMED: usize = 5;
    let names = || metrics.keys().map(String::as_str);
    match nearest(name, names()) {
        Some(near) => format!("did you mean `{}`?", one_line(near)),
        None if metrics.is_empty() => "nothing was recorded".to_owned(),
        None => {
            let few: Vec<String> = names().take(NAMED).map(one_line).collect();
            let more = if metrics.len() > NAMED { " and others" } else { "" };
            format!("recorded were {}{more}", few.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(judge: Judge) -> Objective {
        Objective { judge, unit: "units".to_owned(), credits_per_unit: 1.0 }
    }

    fn back() -> RoundTrip {
        RoundTrip { parameter: "direction".to_owned(), value: "decode".to_owned() }
    }

    const NONE: &BTreeMap<String, f64> = &BTreeMap::new();
    const NOTHING: Delivery<'_> = Delivery { input: b"", output: b"", expected: None, decoded: None, metrics: NONE };

    #[test]
    fn bytes_saved_are_never_below_0_and_need_the_way_back_where_there_is_one() {
        let blind = BuiltIn::BytesSaved { round_trip: None };
        let delivery = Delivery { input: b"aaaa", output: b"a", ..NOTHING };
        assert_eq!(blind.units(&delivery), Ok(3.0));
        assert_eq!(blind.units(&Delivery { output: b"", ..delivery }), Ok(4.0));
        assert_eq!(blind.units(&Delivery { output: b"aaaaa", ..delivery }), Ok(0.0));
        let sound = BuiltIn::BytesSaved { round_trip: Some(back()) };
        assert_eq!(sound.units(&delivery), Err(Trouble::NoWayBack));
        assert_eq!(sound.units(&Delivery { decoded: Some(b"aaaa"), ..delivery }), Ok(3.0));
        let other = sound.units(&Delivery { decoded: Some(b"aab"), ..delivery }).expect_err("not the input");
        assert_eq!(
            other.to_string(),
            "the way back does not lead to the input: it leads to 3 bytes where there were 4"
        );
    }

    #[test]
    fn a_metric_is_taken_as_it_was_recorded_or_missed_with_a_remedy() {
        let metrics = BTreeMap::from([("hits".to_owned(), -2.5), ("far".to_owned(), f64::INFINITY)]);
        let units =
            |name: &str, metrics| BuiltIn::Metric { name: name.to_owned() }.units(&Delivery { metrics, ..NOTHING });
        assert_eq!(units("hits", &metrics), Ok(-2.5));
        let words = |name: &str, metrics| units(name, metrics).expect_err("no number").to_string();
        assert_eq!(words("far", &metrics), "the metric `far` is not a finite number");
        assert_eq!(words("hit", &metrics), "no step recorded the metric `hit`: did you mean `hits`?");
        assert_eq!(words("zzz", &metrics), "no step recorded the metric `zzz`: recorded were far, hits");
        assert_eq!(words("zzz", NONE), "no step recorded the metric `zzz`: nothing was recorded");
        let forged = BTreeMap::from([("a\u{1b}[2J".to_owned(), 1.0)]);
        assert!(!words("zzz", &forged).contains('\u{1b}'));
    }

    #[test]
    fn the_expected_output_has_the_file_name_of_the_input() {
        let expected = |folder: &str| {
            objective(Judge::BuiltIn(BuiltIn::Expected { folder: folder.to_owned(), likeness: Likeness::Exact }))
        };
        assert_eq!(expected("b/").expected_path("a/x.txt").as_deref(), Some("b/x.txt"));
        assert_eq!(expected("b").expected_path("x.txt").as_deref(), Some("b/x.txt"));
        let built_in = BuiltIn::Expected { folder: "b".to_owned(), likeness: Likeness::Exact };
        assert_eq!(built_in.units(&NOTHING), Err(Trouble::NoExpected));
        assert_eq!(built_in.units(&Delivery { expected: Some(b""), ..NOTHING }), Ok(1.0));
    }

    #[test]
    fn an_objective_says_what_the_host_has_to_find_out() {
        let module = ModuleId::new("m/s.wasm").expect("an id");
        let scorer = |reference| objective(Judge::Scorer(Scorer { module: module.clone(), reference }));
        let with_folder = scorer(Reference::Folder("b".to_owned()));
        assert_eq!(with_folder.scorer(), Some(&module));
        assert_eq!((with_folder.expected_folder(), with_folder.round_trip()), (Some("b"), None));
        let with_way = scorer(Reference::RoundTrip(back()));
        assert_eq!((with_way.expected_folder(), with_way.round_trip()), (None, Some(&back())));
        let saved = objective(Judge::BuiltIn(BuiltIn::BytesSaved { round_trip: Some(back()) }));
        assert_eq!((saved.scorer(), saved.round_trip()), (None, Some(&back())));
        assert_eq!(saved.expected_path("x"), None);
    }
}
