//! What was measured in earlier cycles, as the store has it: what trackers are made from.

use std::time::{SystemTime, UNIX_EPOCH};

use holobiont_core::forecast::Method;
use holobiont_core::{Digest, ModuleId, RoiTracker, Update, printable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json::{document, json};
use crate::store::{Store, StoreError, StoredEvent};

/// The kind of event that a comparison is.
pub(crate) const MEASURED: &str = "measured";

/// The kind of event that adapting a preset is.
pub(crate) const ADAPTED: &str = "preset-adapted";

/// The kind of event that taking a module out by hand is.
pub(crate) const REMOVED: &str = "removed";

/// The schema of a preset's adapting.
pub(crate) const ADAPTED_SCHEMA: &str = "holobiont.adapted/1";

/// A comparison of a group with its members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// [`Measured::SCHEMA`].
    pub schema: String,
    /// All that it depends on.
    pub question: Digest,
    /// The preset that it was made under.
    pub preset: String,
    /// The group, in the order of the workflow.
    pub group: Vec<ModuleId>,
    /// What each arm came to: nothing, each alone, all together.
    pub arms: Vec<ArmPast>,
    /// What the tracker takes from it.
    pub update: Update,
}

/// An arm of an earlier comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArmPast {
    /// The modules that ran in it.
    pub modules: Vec<ModuleId>,
    /// Its return on investment.
    pub roi: f64,
    /// Its profitability, in credits per input.
    pub profitability: f64,
}

impl Measured {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.measured/1";
}

/// One comparison and when it was made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cycle {
    /// Its number among all events of the project.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What it was.
    pub measured: Measured,
}

/// Why the past cannot be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event does not read.
    #[error(
        "event {number} of workflow {}: {what}; it was written by a newer program, or the database was changed by hand",
        printable(workflow)
    )]
    Event {
        /// Its number.
        number: u64,
        /// What it happened to.
        workflow: String,
        /// What is wrong with it.
        what: String,
    },
}

/// A preset that was adapted to comparisons.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Adapting {
    /// Its number among all events of the project.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What came of it: a document `holobiont.adapted/1`.
    pub document: serde_json::Value,
}

/// The comparisons of a workflow, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// All of them.
    pub cycles: Vec<Cycle>,
}

impl History {
    /// The comparisons of a workflow, by its name.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be read, or an event does not read.
    pub fn of(store: &dyn Store, workflow: &str) -> Result<Self, HistoryError> {
        let cycle = |(number, at_ms, measured)| Cycle { number, at_ms, measured };
        let read = events(store, MEASURED, workflow, Measured::SCHEMA)?;
        Ok(Self { cycles: read.into_iter().map(cycle).collect() })
    }

    /// The presets that were adapted to comparisons of a workflow, oldest first.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be read, or an event does not read.
    pub fn adapted(store: &dyn Store, workflow: &str) -> Result<Vec<Adapting>, HistoryError> {
        let adapting = |(number, at_ms, document)| Adapting { number, at_ms, document };
        let read = events(store, ADAPTED, workflow, ADAPTED_SCHEMA)?;
        Ok(read.into_iter().map(adapting).collect())
    }

    /// The workflows that have a history, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    pub fn workflows(store: &dyn Store) -> Result<Vec<String>, StoreError> {
        store.subjects(MEASURED)
    }

    /// The comparisons of one group.
    #[must_use]
    pub fn of_group(&self, group: &[ModuleId]) -> Self {
        Self { cycles: self.cycles.iter().filter(|cycle| cycle.measured.group == group).cloned().collect() }
    }

    /// The comparisons under a preset of a name.
    #[must_use]
    pub fn under(&self, preset: &str) -> Self {
        Self { cycles: self.cycles.iter().filter(|cycle| cycle.measured.preset == preset).cloned().collect() }
    }

    /// The group that was compared last.
    #[must_use]
    pub fn last_group(&self) -> Option<&[ModuleId]> {
        self.cycles.last().map(|cycle| cycle.measured.group.as_slice())
    }

    /// What comes before a question is asked: all comparisons, without the last where that was the same question.
    pub(crate) fn before(mut self, question: &Digest) -> Self {
        self.cycles.pop_if(|cycle| cycle.measured.question == *question);
        self
    }

    /// The ROI and the profitability of an arm, oldest first.
    pub(crate) fn past_of(&self, modules: &[ModuleId]) -> (Vec<f64>, Vec<f64>) {
        let arms = self.cycles.iter().filter_map(|cycle| cycle.measured.arms.iter().find(|arm| arm.modules == modules));
        arms.map(|arm| (arm.roi, arm.profitability)).unzip()
    }

    /// The tracker after these comparisons, which forecasts by a method.
    #[must_use]
    pub fn tracker(&self, method: Method) -> RoiTracker {
        let mut tracker = RoiTracker::default().with_method(method);
        for cycle in &self.cycles {
            tracker.record(cycle.measured.update.clone());
        }
        tracker
    }

    /// Adds a comparison, unless it is the same question as the last one and so has the same answer.
    pub(crate) fn keep(&self, store: &dyn Store, workflow: &str, measured: &Measured) -> Result<(), StoreError> {
        if self.cycles.last().is_some_and(|cycle| cycle.measured.question == measured.question) {
            return Ok(());
        }
        append(store, MEASURED, workflow, measured)?;
        Ok(())
    }
}

/// The events of a kind that a workflow has, oldest first: number, time, document.
pub(crate) fn events<T: DeserializeOwned>(
    store: &dyn Store,
    kind: &str,
    workflow: &str,
    schema: &str,
) -> Result<Vec<(u64, u64, T)>, HistoryError> {
    let mut read = Ok(Vec::new());
    store.events(kind, workflow, &mut |number, event| {
        if let Ok(all) = &mut read {
            match document(&event.document, schema) {
                Ok(document) => all.push((number, event.at_ms, document)),
                Err(what) => read = Err(HistoryError::Event { number, workflow: workflow.to_owned(), what }),
            }
        }
    })?;
    read
}

/// Adds an event to those of a workflow or module, now, and says its number.
pub(crate) fn append(
    store: &dyn Store,
    kind: &str,
    subject: &str,
    document: &impl Serialize,
) -> Result<u64, StoreError> {
    store.append(&StoredEvent {
        at_ms: now_ms(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        document: String::from_utf8_lossy(&json(document)).into_owned(),
    })
}

/// The host's clock, in milliseconds since 1970; 0 where it stands before.
#[must_use]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
