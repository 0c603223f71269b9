//! The keys whose values are names: of failure modes, and of classes of inputs.

use strum::VariantArray as _;

use super::error::EnvironmentError;
use super::profile::ProfileRow;
use super::raw::Raw;
use crate::conditions::FailureMode;
use crate::input_class::InputClass;
use crate::suggest::nearest;

/// The key of failure modes.
pub(super) const FAILURE_MODES: &str = "FAILURE_MODES";
/// The key of the classes of hostile inputs.
pub(super) const INPUT_CLASSES: &str = "INPUT_CLASSES";
/// The word for none of them.
const NONE: &str = "none";

/// Names of a kind, and how they were written.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Whether a file said that there are none, which is more than to say nothing.
    pub(super) none: bool,
    /// Whether a file had them in a list; where none had, one is a text and several are a list.
    pub(super) as_list: Option<bool>,
}

/// How names are written.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
pub(super) enum NamesText {
    Text(String),
    List(Vec<String>),
}

impl Names {
    /// What is written of some names; `None` where nothing was said.
    pub(super) fn text(&self, names: Vec<String>) -> Option<NamesText> {
        if names.is_empty() && !self.none {
            return None;
        }
        Some(if self.as_list.unwrap_or(names.len() > 1) {
            NamesText::List(names)
        } else if names.is_empty() {
            NamesText::Text(NONE.to_owned())
        } else {
            NamesText::Text(names.join(","))
        })
    }

    /// Reads names: a list of texts, or one text with commas. What is named twice counts once.
    fn read<T: PartialEq>(
        key: &'static str,
        raw: &Raw,
        item: impl Fn(&str) -> Result<T, EnvironmentError>,
    ) -> Result<(Self, Vec<T>), EnvironmentError> {
        let wrong = |given: &Raw| EnvironmentError::Value {
            key,
            given: given.to_string(),
            expected: "a list of names, names with commas between, or \"none\"".to_owned(),
        };
        let words: Vec<&str> = match raw {
            Raw::Text(text) => text.split(',').collect(),
            Raw::List(items) => {
                let words = items.iter().map(|item| match item {
                    Raw::Text(text) => Ok(text.as_str()),
                    other => Err(wrong(other)),
                });
                words.collect::<Result<_, _>>()?
            }
            other => return Err(wrong(other)),
        };
        let mut found = Vec::new();
        for word in words.into_iter().map(str::trim).filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case(NONE))
        {
            let next = item(word)?;
            if !found.contains(&next) {
                found.push(next);
            }
        }
        Ok((Self { none: found.is_empty(), as_list: Some(matches!(raw, Raw::List(_))) }, found))
    }
}

/// The words for failure modes; of two for one, the first is written.
const MODES: &[(&str, FailureMode)] = &[
    ("disk", FailureMode::Disk),
    ("disk_corruption", FailureMode::DiskCorruption),
    ("network", FailureMode::Network),
    ("network_partition", FailureMode::NetworkPartition),
    ("memory", FailureMode::Memory),
    ("cpu_spike", FailureMode::CpuSpike),
    ("cpu", FailureMode::CpuSpike),
    ("timeout", FailureMode::Timeout),
];

/// Reads failure modes.
pub(super) fn read_modes(raw: &Raw) -> Result<(Names, Vec<FailureMode>), EnvironmentError> {
    Names::read(FAILURE_MODES, raw, |word| {
        let plain = plain(word);
        if let Some((_, mode)) = MODES.iter().find(|(name, _)| *name == plain) {
            return Ok(*mode);
        }
        let known = MODES.iter().map(|(name, _)| *name);
        let remedy = match ProfileRow::named(&plain) {
            Some(profile) => {
                format!("that is a profile and no failure mode: take the environment of `{}`", profile.name)
            }
            None => remedy(&plain, known, "there are "),
        };
        Err(EnvironmentError::UnknownName { key: FAILURE_MODES, name: word.to_owned(), remedy })
    })
}

/// The word for a failure mode.
pub(super) fn mode_word(mode: FailureMode) -> String {
    MODES.iter().find(|(_, known)| *known == mode).map_or_else(|| mode.to_string(), |(name, _)| (*name).to_owned())
}

/// Reads the classes of hostile inputs.
pub(super) fn read_classes(raw: &Raw) -> Result<(Names, Vec<InputClass>), EnvironmentError> {
    Names::read(INPUT_CLASSES, raw, |word| {
        let plain = plain(word);
        let hostile = || InputClass::VARIANTS.iter().copied().filter(|class| *class != InputClass::Nominal);
        hostile().find(|class| class_word(*class) == plain).ok_or_else(|| {
            let known: Vec<String> = hostile().map(class_word).collect();
            let remedy = remedy(&plain, known.iter().map(String::as_str), "there are ");
            EnvironmentError::UnknownName { key: INPUT_CLASSES, name: word.to_owned(), remedy }
        })
    })
}

/// The word for a class of inputs.
pub(super) fn class_word(class: InputClass) -> String {
    class.to_string().replace('-', "_")
}

/// A word in small letters, with `_` between its parts.
pub(super) fn plain(word: &str) -> String {
    word.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

/// What would be right in place of a name: the nearest, or all there are.
pub(super) fn remedy<'a>(given: &str, known: impl Iterator<Item = &'a str> + Clone, all: &str) -> String {
    match nearest(given, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{all}{}", known.collect::<Vec<_>>().join(", ")),
    }
}
