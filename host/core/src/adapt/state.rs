//! What is remembered from one adaptation to the next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::votes::Way;
use crate::environment::Key;

/// What is remembered from one adaptation to the next: to be kept beside the tracker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptState {
    /// By the name of the environment.
    pub(super) environments: BTreeMap<String, EnvironmentState>,
}

impl AdaptState {
    /// Forgets an environment, as one that was taken back to what it was.
    pub fn forget(&mut self, environment: &str) {
        self.environments.remove(environment);
    }
}

/// What is remembered of an environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EnvironmentState {
    /// How many updates the tracker had when it was last adapted.
    pub(super) updates: usize,
    /// By the name of the key.
    keys: BTreeMap<String, KeyState>,
}

/// What is remembered of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KeyState {
    /// Its last move, and after how many updates that was.
    pub(super) moved: Option<(Way, usize)>,
    /// The highest value at which it was hit of late, and after how many updates that was last so.
    pub(super) hit: Option<(f64, usize)>,
}

impl EnvironmentState {
    pub(super) fn key(&self, key: Key) -> KeyState {
        self.keys.get(key.row().name).copied().unwrap_or_default()
    }

    pub(super) fn key_mut(&mut self, key: Key) -> &mut KeyState {
        self.keys.entry(key.row().name.to_owned()).or_default()
    }

    /// Whether a key rests from a move the other way.
    pub(super) fn rests(&self, key: Key, way: Way, updates: usize, rest: usize) -> bool {
        self.key(key).moved.is_some_and(|(last, at)| last != way && updates.saturating_sub(at) < rest)
    }

    /// The value at which a key was hit of late.
    pub(super) fn hit(&self, key: Key, updates: usize, window: usize) -> Option<f64> {
        self.key(key).hit.filter(|(_, at)| updates.saturating_sub(*at) < window).map(|(value, _)| value)
    }

    /// Remembers that a key was hit at a value.
    pub(super) fn note_hit(&mut self, key: Key, value: f64, updates: usize, window: usize) {
        let highest = self.hit(key, updates, window).map_or(value, |before| before.max(value));
        self.key_mut(key).hit = Some((highest, updates));
    }
}
