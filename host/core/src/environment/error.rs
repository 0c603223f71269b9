//! What is wrong with an environment, in one line.

use super::key::Key;
use crate::text::printable;

/// Why something is no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// A key that nobody knows.
    #[error("unknown key `{}`: {remedy}", printable(.name))]
    UnknownKey {
        /// The key.
        name: String,
        /// What would be right.
        remedy: String,
    },
    /// A key that presets elsewhere have, and that has no meaning here.
    #[error("{name} is not for a WebAssembly host: {remedy}")]
    Elsewhere {
        /// The key.
        name: &'static str,
        /// Why, and what would be right.
        remedy: &'static str,
    },
    /// A key that is there twice.
    #[error("{} is given twice: keep one of them", printable(.0))]
    Twice(String),
    /// A value of the wrong kind, or out of range.
    #[error("{key} is {given}: expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value, printable.
        given: String,
        /// What would be right.
        expected: String,
    },
    /// A name that none of a key's values has.
    #[error("{key}: no `{}`: {remedy}", printable(.name))]
    UnknownName {
        /// The key.
        key: &'static str,
        /// The name.
        name: String,
        /// What would be right.
        remedy: String,
    },
    /// Bandwidths that contradict each other.
    #[error(
        "{low} ({low_mbps} Mbps) is above {high} ({high_mbps} Mbps): MIN_BANDWIDTH, MAX_BANDWIDTH and BANDWIDTH_LIMIT \
         must not fall in this order"
    )]
    Bandwidths {
        /// The key that must not be higher.
        low: &'static str,
        /// Its value.
        low_mbps: String,
        /// The key that must not be lower.
        high: &'static str,
        /// Its value.
        high_mbps: String,
    },
    /// Something else where a table of keys was expected.
    #[error("expected a table of keys such as CPU_LIMIT, not {0}")]
    NotATable(String),
}

impl EnvironmentError {
    /// A value that a key cannot have.
    pub(super) fn value(key: Key, given: String) -> Self {
        let row = key.row();
        let kind = if row.whole { "a whole number" } else { "a number" };
        let range = if row.least_included {
            format!("from {} to {}", row.least, row.most)
        } else {
            format!("above {} and at most {}", row.least, row.most)
        };
        let unit = if row.units.len() > 1 { format!(" {}", row.unit) } else { String::new() };
        let example = format!("{}{}", row.absent, row.suffix.unwrap_or(""));
        Self::Value { key: row.name, given, expected: format!("{kind} {range}{unit}, such as {example}") }
    }
}
