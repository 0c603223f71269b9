//! What is remembered between decisions on the number of engines.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Scaling;
use crate::document::{self, DocumentError};
use crate::tracker::Ranked;

/// What the name of an engine that was added begins with.
const PREFIX: &str = "engine-";

/// The highest number that is taken over from an engine that somebody else named, so that no name uses all others up.
const FURTHEST: u64 = u32::MAX as u64;

/// What is remembered between decisions on the number of engines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScaleState {
    /// The highest number that a name has had.
    named: u64,
    last_change_ms: Option<u64>,
    more_in_a_row: u32,
    fewer_in_a_row: u32,
}

impl ScaleState {
    /// The name of the document's form. Its number goes up when older programs could not read it.
    pub const SCHEMA: &str = "holobiont.scale-state/1";

    /// Takes note that an answer was acted on: the name is used up, signals are counted anew, and the rest begins.
    pub fn changed(&mut self, scaling: &Scaling, now_ms: u64) {
        match scaling {
            Scaling::Add { name, .. } => self.named = self.named.max(number_of(name)),
            Scaling::Remove { .. } => {}
            Scaling::Stay { .. } => return,
        }
        self.refused(now_ms);
    }

    /// Takes note that an answer was not approved: so that nobody is asked again at once, signals are counted anew and
    /// the rest begins as after a change.
    pub fn refused(&mut self, now_ms: u64) {
        self.last_change_ms = Some(now_ms);
        (self.more_in_a_row, self.fewer_in_a_row) = (0, 0);
    }

    /// When there was the last change, or one that was not approved, in milliseconds since 1970.
    #[must_use]
    pub fn last_change_ms(&self) -> Option<u64> {
        self.last_change_ms
    }

    /// The state as a JSON document: equal states have equal texts.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`] where it cannot be written, which no state comes to.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        let Self { named, last_change_ms, more_in_a_row, fewer_in_a_row } = *self;
        document::write(&Document { schema: Self::SCHEMA.into(), named, last_change_ms, more_in_a_row, fewer_in_a_row })
    }

    /// The state that a document holds.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for the first mistake, with its line, and for a document of another schema.
    pub fn from_json(json: &str) -> Result<Self, DocumentError> {
        let Document { schema: _, named, last_change_ms, more_in_a_row, fewer_in_a_row } =
            document::read(json, Self::SCHEMA)?;
        Ok(Self { named, last_change_ms, more_in_a_row, fewer_in_a_row })
    }

    /// How many times the newest signal came in a row.
    pub(super) fn in_a_row(&self) -> u32 {
        self.more_in_a_row.max(self.fewer_in_a_row)
    }

    /// Takes note of the engines there are, whoever named them, and of the time: a clock that was put back has time
    /// counted from now on.
    pub(super) fn meet(&mut self, engines: &[Ranked], now_ms: u64) {
        let numbers = engines.iter().map(|engine| number_of(&engine.name)).filter(|number| *number <= FURTHEST);
        self.named = numbers.fold(self.named, u64::max);
        self.last_change_ms = self.last_change_ms.map(|last| last.min(now_ms));
    }

    /// Counts a signal, which ends a row of the other, up to so many as are asked for: further ones change nothing.
    pub(super) fn count(&mut self, more: bool, fewer: bool, asked: u32) {
        let next = |in_a_row: u32, is_signal| if is_signal { in_a_row.saturating_add(1).min(asked) } else { 0 };
        self.more_in_a_row = next(self.more_in_a_row, more);
        self.fewer_in_a_row = next(self.fewer_in_a_row, fewer);
    }

    /// A name that no engine has, or has had.
    pub(super) fn new_name(&self, engines: &[Ranked]) -> String {
        let is_taken = |name: &String| engines.iter().any(|engine| engine.name == *name);
        let mut number = self.named;
        loop {
            number = number.wrapping_add(1);
            let name = format!("{PREFIX}{number}");
            if !is_taken(&name) {
                return name;
            }
        }
    }
}

/// The number in a name that may have been given here; 0 for any other.
fn number_of(name: &str) -> u64 {
    name.strip_prefix(PREFIX).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The document, borrowed where it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with schema, named, last_change_ms and signals in a row")]
struct Document<'a> {
    schema: Cow<'a, str>,
    named: u64,
    last_change_ms: Option<u64>,
    more_in_a_row: u32,
    fewer_in_a_row: u32,
}
