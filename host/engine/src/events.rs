//! What happened, as documents: to be read by other programs, written to a file, and taken in from one.

use holobiont_core::printable;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::engines::{BEGINNING, Beginning, CYCLE, CycleRecord, RESTART, Restart, SCALED, Scaled};
use crate::history::{ADAPTED, ADAPTED_SCHEMA, MEASURED, Measured, REMOVED};
use crate::json::{document, json};
use crate::modules::{PINNED, PINNED_SCHEMA, REMOVED_SCHEMA};
use crate::patching::{PATCHED, PatchTried, ROUND, Round};
use crate::self_test::{CandidateReport, INTEGRATED, INTEGRATED_SCHEMA, TESTED};
use crate::store::{Store, StoreError, StoredEvent};

/// So many events are read at a time.
const PAGE: usize = 256;

/// An event as a document of its own. As one line it is what is printed, exported and imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// [`Event::SCHEMA`].
    pub schema: String,
    /// Its number: the order in which things happened.
    pub number: u64,
    /// When, in milliseconds since 1970 by the clock of the host.
    pub at_ms: u64,
    /// Of which kind.
    pub kind: String,
    /// What it happened to: a workflow or a module.
    pub subject: String,
    /// The rest: a document with a schema of its own. It is kept as it was written, since events are compared by it.
    pub document: Box<RawValue>,
}

/// Why events cannot be told or taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event is no document.
    #[error("event {number} does not read ({what}): the database was changed by hand")]
    Event {
        /// Its number.
        number: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A line of a file is no event that this program understands.
    #[error("line {line}: {what}")]
    Line {
        /// Which, the first being 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

/// All events of a store, as a file has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// JSON Lines: an [`Event`] each, in the order of their numbers.
    pub text: String,
    /// How many they are.
    pub events: u64,
}

impl Event {
    /// The schema that this program reads and writes.
    pub const SCHEMA: &str = "holobiont.event/1";

    /// The document of an event of a store.
    ///
    /// # Errors
    ///
    /// [`EventsError::Event`] when the rest of it is no JSON.
    pub fn new(number: u64, event: StoredEvent) -> Result<Self, EventsError> {
        let StoredEvent { at_ms, kind, subject, document } = event;
        // In JSON a line end can only stand between words; none is written by this program.
        let document = RawValue::from_string(document.replace(['\n', '\r'], " "))
            .map_err(|error| EventsError::Event { number, what: printable(&error.to_string()) })?;
        Ok(Self { schema: Self::SCHEMA.to_owned(), number, at_ms, kind, subject, document })
    }

    /// The document on one line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        String::from_utf8_lossy(&json(self)).into_owned()
    }

    /// The event of a line, in words what is wrong with it.
    fn of_line(line: &str) -> Result<Self, String> {
        let event: Self = document(line, Self::SCHEMA)?;
        if i64::try_from(event.at_ms).is_err() {
            return Err(format!("at_ms {} is past the end of time, which is at {}", event.at_ms, i64::MAX));
        }
        let reads = match KINDS.iter().find(|(kind, _)| *kind == event.kind) {
            Some((_, reads)) => reads(event.document.get()),
            None => Ok(()),
        };
        reads.map_err(|what| format!("the document of this `{}`: {what}", printable(&event.kind)))?;
        Ok(event)
    }
}

impl From<Event> for StoredEvent {
    fn from(event: Event) -> Self {
        let document = event.document.get().to_owned();
        Self { at_ms: event.at_ms, kind: event.kind, subject: event.subject, document }
    }
}

/// Tries whether a document reads.
type Reads = fn(&str) -> Result<(), String>;

/// What this program reads again of the events that it writes. One that did not read would stand in the way of all that
/// come after it, so none is taken in. Other kinds nobody reads here.
const KINDS: &[(&str, Reads)] = &[
    (MEASURED, |text| document::<Measured>(text, Measured::SCHEMA).map(drop)),
    (ADAPTED, |text| document::<IgnoredAny>(text, ADAPTED_SCHEMA).map(drop)),
    (TESTED, |text| document::<CandidateReport>(text, CandidateReport::SCHEMA).map(drop)),
    (INTEGRATED, |text| document::<IgnoredAny>(text, INTEGRATED_SCHEMA).map(drop)),
    (PINNED, |text| document::<IgnoredAny>(text, PINNED_SCHEMA).map(drop)),
    (REMOVED, |text| document::<IgnoredAny>(text, REMOVED_SCHEMA).map(drop)),
    (PATCHED, |text| document::<PatchTried>(text, PatchTried::SCHEMA).map(drop)),
    (ROUND, |text| document::<Round>(text, Round::SCHEMA).map(drop)),
    (CYCLE, |text| document::<CycleRecord>(text, CycleRecord::SCHEMA).map(drop)),
    (BEGINNING, |text| document::<Beginning>(text, Beginning::SCHEMA).map(drop)),
    (RESTART, |text| document::<Restart>(text, Restart::SCHEMA).map(drop)),
    (SCALED, |text| document::<Scaled>(text, Scaled::SCHEMA).map(drop)),
];

/// All events of a store.
///
/// # Errors
///
/// [`EventsError`] when the store cannot be read, or an event is no document.
pub fn export_events(store: &dyn Store) -> Result<Exported, EventsError> {
    let mut exported = Exported { text: String::new(), events: 0 };
    let mut after = 0;
    loop {
        let page = store.events_after(after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(exported) };
        after = *last;
        for (number, event) in page {
            exported.text += &Event::new(number, event)?.line();
            exported.text.push('\n');
            exported.events += 1;
        }
    }
}

/// The events of a file that was exported, for [`Store::take_in`]. One that is not understood, or not in the order of the
/// numbers, has the whole file refused.
///
/// # Errors
///
/// [`EventsError::Line`] for the first such line.
pub fn read_events(text: &[u8]) -> Result<Vec<StoredEvent>, EventsError> {
    let mut events = Vec::new();
    let mut before = 0;
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n').filter(|_| !text.is_empty());
    for (line, bytes) in (1..).zip(lines) {
        let wrong = |what: String| EventsError::Line { line, what: in_line(&what) };
        let text = std::str::from_utf8(bytes).map_err(|error| wrong(format!("it is no text: {error}")))?;
        let event = Event::of_line(text).map_err(wrong)?;
        if event.number <= before {
            return Err(wrong(format!(
                "event {} comes after event {before}: events go by their numbers",
                event.number
            )));
        }
        before = event.number;
        events.push(event.into());
    }
    Ok(events)
}

/// What is wrong with a text of one line: the parser's "line 1" would be taken for one of the file.
fn in_line(what: &str) -> String {
    match what.rsplit_once(" at line 1 column ") {
        Some((what, column)) => format!("{what}, column {column}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests;
