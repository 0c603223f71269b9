//! Environments by the names that presets have had from the first: `CPU_LIMIT`, `MEMORY_LIMIT` and their like.

mod key;

use std::collections::BTreeMap;

pub use self::key::{Key, KeyRow};
use crate::conditions::FailureMode;

/// An environment: a value for some of the keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// `SCENARIO_NAME`.
    pub name: Option<String>,
    values: BTreeMap<Key, f64>,
    /// `FAILURE_MODES`.
    pub failure_modes: Vec<FailureMode>,
}

impl Environment {
    /// The value of a key, in its unit.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<f64> {
        self.values.get(&key).copied()
    }

    /// Sets the value of a key, in its unit.
    pub fn set(&mut self, key: Key, value: f64) {
        self.values.insert(key, value);
    }

    /// The keys that have a value, and the values.
    pub fn iter(&self) -> impl Iterator<Item = (Key, f64)> {
        self.values.iter().map(|(key, value)| (*key, *value))
    }
}
