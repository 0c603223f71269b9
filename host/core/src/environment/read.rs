//! Reading and writing environments: one, or a file of them.

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::ser::{Error as _, SerializeMap as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Environment;
use super::error::EnvironmentError;
use super::key::Key;
use super::named::{self, FAILURE_MODES, INPUT_CLASSES};
use super::notation::Written;
use super::raw::Raw;
use crate::text::printable;

/// The key of the name.
const SCENARIO_NAME: &str = "SCENARIO_NAME";

/// Keys that presets elsewhere have, and what to do about each here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("OS_TYPE", "modules run in a sandbox without an operating system; leave it out"),
    ("CONTAINER_IMAGE", "a module is all that runs, without an image around it; leave it out"),
    ("VM_SETTINGS", "there is no virtual machine beside the sandbox; leave it out"),
    ("API_LATENCY_MS", "every call crosses one boundary, whose latency is NETWORK_LATENCY_MS"),
    ("THREAD_BURST", "modules have no threads; CONCURRENCY_LEVEL says how many groups share the machine"),
    ("ASYNC_TASK_BURST", "modules have no tasks; CONCURRENCY_LEVEL says how many groups share the machine"),
    ("MAX_THREADS", "modules have no threads; leave it out"),
    ("MALICIOUS_DATA", "say INPUT_CLASSES and THREAT_INTENSITY, or take the profile hostile_input"),
    ("SCHEMA_MISMATCHES", "say INPUT_CLASSES and THREAT_INTENSITY, or take the profile schema_drift"),
    ("UPSTREAM_FAILURES", "say FAILURE_MODES and THREAT_INTENSITY, or take the profile flaky_upstream"),
];

impl Environment {
    /// An environment of a table of a TOML file.
    ///
    /// # Errors
    ///
    /// [`EnvironmentError`] for the first key that is unknown, given twice or has a value that it cannot have.
    pub fn from_toml_table(table: toml::Table) -> Result<Self, EnvironmentError> {
        // A table is data already: reading it as such cannot fail.
        let raw = table.try_into::<Raw>().map_err(|error| EnvironmentError::NotATable(printable(error.message())))?;
        Self::from_raw(&raw)
    }

    pub(super) fn from_raw(raw: &Raw) -> Result<Self, EnvironmentError> {
        let Raw::Table(entries) = raw else { return Err(EnvironmentError::NotATable(raw.to_string())) };
        let mut environment = Self::default();
        let mut seen = BTreeSet::new();
        for (name, value) in entries {
            if !seen.insert(name) {
                return Err(EnvironmentError::Twice(name.clone()));
            }
            environment.read(name, value)?;
        }
        environment.validate()?;
        Ok(environment)
    }

    fn read(&mut self, name: &str, raw: &Raw) -> Result<(), EnvironmentError> {
        if let Some(key) = Key::named(name) {
            let written = match raw {
                Raw::Number(number) => Some(Written::number(*number)),
                Raw::Text(text) => Written::read(key, text),
                Raw::Nothing | Raw::Flag(_) | Raw::List(_) | Raw::Table(_) => None,
            };
            let written = written.ok_or_else(|| EnvironmentError::value(key, raw.to_string()))?;
            self.values.insert(key, written);
            return Ok(());
        }
        match (name, raw) {
            (SCENARIO_NAME, Raw::Text(text)) => self.name = Some(text.clone()),
            (SCENARIO_NAME, other) => return Err(no_name(other)),
            (FAILURE_MODES, raw) => (self.failures, self.failure_modes) = named::read_modes(raw)?,
            (INPUT_CLASSES, raw) => (self.inputs, self.input_classes) = named::read_classes(raw)?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// Looks at what was set in code: a name that is one, each value in its range, whole where it has to be, no class of inputs that is
    /// not hostile, and `MIN_BANDWIDTH` <= `MAX_BANDWIDTH` <= `BANDWIDTH_LIMIT` for those that are there. Whatever
    /// was read has been looked at.
    ///
    /// # Errors
    ///
    /// [`EnvironmentError`] for the first that is wrong, in the order of [`Key`].
    pub fn validate(&self) -> Result<(), EnvironmentError> {
        if let Some(name) = self.name.as_ref().filter(|name| name.trim().is_empty()) {
            return Err(no_name(&Raw::Text(name.clone())));
        }
        for (key, written) in &self.values {
            if !key.row().has(written.value) {
                let given = written.text.as_ref().map_or_else(|| written.value.to_string(), |text| format!("`{text}`"));
                return Err(EnvironmentError::value(*key, given));
            }
        }
        let bandwidths = [Key::MinBandwidth, Key::MaxBandwidth, Key::BandwidthLimit];
        let given: Vec<(Key, f64)> = bandwidths.iter().filter_map(|key| Some((*key, self.get(*key)?))).collect();
        if let Some([(low, below), (high, above)]) = given.array_windows().find(|[low, high]| low.1 > high.1) {
            return Err(EnvironmentError::Bandwidths {
                low: low.row().name,
                low_mbps: below.to_string(),
                high: high.row().name,
                high_mbps: above.to_string(),
            });
        }
        if self.input_classes.contains(&crate::input_class::InputClass::Nominal) {
            let expected = "classes that make something else of an input, such as malformed".to_owned();
            return Err(EnvironmentError::Value { key: INPUT_CLASSES, given: "`nominal`".to_owned(), expected });
        }
        Ok(())
    }
}

/// What is wrong with what should be a name.
fn no_name(given: &Raw) -> EnvironmentError {
    let expected = "a name, such as \"slow\"".to_owned();
    EnvironmentError::Value { key: SCENARIO_NAME, given: given.to_string(), expected }
}

/// What is wrong with a key that has no row.
fn unknown(name: &str) -> EnvironmentError {
    if let Some((name, remedy)) = ELSEWHERE.iter().find(|(known, _)| *known == name) {
        return EnvironmentError::Elsewhere { name, remedy };
    }
    let known = Key::TABLE.iter().map(|row| row.name).chain([SCENARIO_NAME, FAILURE_MODES, INPUT_CLASSES]);
    let remedy = named::remedy(&name.to_ascii_uppercase(), known, "known keys are ");
    EnvironmentError::UnknownKey { name: name.to_owned(), remedy }
}

impl<'de> Deserialize<'de> for Environment {
    /// From a format that says what it holds, such as JSON and TOML.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_raw(&Raw::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl Serialize for Environment {
    /// As it was read, and with what has no notation yet in that of the table; an error where it is not valid, since
    /// nobody could read it back.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.validate().map_err(S::Error::custom)?;
        let mut map = to.serialize_map(None)?;
        if let Some(name) = &self.name {
            map.serialize_entry(SCENARIO_NAME, name)?;
        }
        for (key, written) in &self.values {
            let name = key.row().name;
            match &written.text {
                Some(text) => map.serialize_entry(name, text)?,
                // No key goes so high that a whole number would not fit.
                None if written.value.fract() == 0.0 => map.serialize_entry(name, &(written.value as u64))?,
                None => map.serialize_entry(name, &written.value)?,
            }
        }
        let modes = self.failure_modes.iter().map(|mode| named::mode_word(*mode)).collect();
        if let Some(text) = self.failures.text(modes) {
            map.serialize_entry(FAILURE_MODES, &text)?;
        }
        let classes = self.input_classes.iter().map(|class| named::class_word(*class)).collect();
        if let Some(text) = self.inputs.text(classes) {
            map.serialize_entry(INPUT_CLASSES, &text)?;
        }
        map.end()
    }
}

/// A file of environments: one table of keys, a list of such tables, or what is written here, a table with
/// [`Presets::SCHEMA`] as `schema` and the list as `presets`.
///
/// ```
/// use holobiont_core::{Key, Presets};
///
/// # fn main() -> Result<(), toml::de::Error> {
/// let presets: Presets = toml::from_str("CPU_LIMIT = \"1\"\nMEMORY_LIMIT = \"256\"")?;
/// assert_eq!(presets.0[0].get(Key::MemoryLimit), Some(256.0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presets(pub Vec<Environment>);

/// What is wrong with a file of environments, and where.
#[derive(Debug, thiserror::Error)]
enum PresetsError {
    #[error(transparent)]
    Only(EnvironmentError),
    #[error("preset {number}: {error}")]
    Numbered { number: usize, error: EnvironmentError },
    #[error("preset {number}, `{}`: {error}", printable(.name))]
    Named { number: usize, name: String, error: EnvironmentError },
    #[error("`schema` is {0}: expected \"{schema}\"", schema = Presets::SCHEMA)]
    Schema(String),
    #[error("`presets` is {0}: expected a list of tables")]
    NoList(String),
    #[error("unknown key `{}` beside `presets`: expected `schema` and `presets` only", printable(.0))]
    Beside(String),
    #[error("expected a table of keys such as CPU_LIMIT, or a list of such tables, not {0}")]
    Neither(String),
}

impl Presets {
    /// What a file that is written says it holds.
    pub const SCHEMA: &str = "holobiont.presets/1";

    fn from_raw(raw: &Raw) -> Result<Self, PresetsError> {
        match raw {
            Raw::List(items) => Self::from_list(items),
            Raw::Table(entries) if entries.iter().any(|(name, _)| name == "presets" || name == "schema") => {
                Self::from_wrapper(entries)
            }
            Raw::Table(_) => Environment::from_raw(raw).map(|only| Self(vec![only])).map_err(PresetsError::Only),
            other => Err(PresetsError::Neither(other.to_string())),
        }
    }

    fn from_wrapper(entries: &[(String, Raw)]) -> Result<Self, PresetsError> {
        let (mut schema, mut presets) = (&Raw::Nothing, &Raw::Nothing);
        for (name, value) in entries {
            match name.as_str() {
                "schema" => schema = value,
                "presets" => presets = value,
                other => return Err(PresetsError::Beside(other.to_owned())),
            }
        }
        if !matches!(schema, Raw::Text(text) if text == Self::SCHEMA) {
            return Err(PresetsError::Schema(schema.to_string()));
        }
        let Raw::List(items) = presets else { return Err(PresetsError::NoList(presets.to_string())) };
        Self::from_list(items)
    }

    fn from_list(items: &[Raw]) -> Result<Self, PresetsError> {
        let read = |(place, raw): (usize, &Raw)| {
            Environment::from_raw(raw).map_err(|error| {
                let number = place + 1;
                match name_of(raw) {
                    Some(name) => PresetsError::Named { number, name: name.to_owned(), error },
                    None => PresetsError::Numbered { number, error },
                }
            })
        };
        items.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// The name that a table gives itself.
fn name_of(raw: &Raw) -> Option<&str> {
    let Raw::Table(entries) = raw else { return None };
    let (_, Raw::Text(name)) = entries.iter().find(|(key, _)| key == SCENARIO_NAME)? else { return None };
    Some(name)
}

impl<'de> Deserialize<'de> for Presets {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::from_raw(&Raw::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl Serialize for Presets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut file = to.serialize_struct("Presets", 2)?;
        file.serialize_field("schema", Self::SCHEMA)?;
        file.serialize_field("presets", &self.0)?;
        file.end()
    }
}

#[cfg(test)]
mod tests;
