//! What was measured in earlier cycles, as the store has it: what trackers are made from.

use std::time::{SystemTime, UNIX_EPOCH};

use holobiont_core::forecast::Method;
use holobiont_core::{Digest, ModuleId, RoiTracker, Update, printable};
use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError, StoredEvent};

/// The kind of event that a comparison is.
const MEASURED: &str = "measured";

/// The kind of event that adapting a preset is.
pub(crate) const ADAPTED: &str = "preset-adapted";

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
        let mut read = Ok(Vec::new());
        store.events(MEASURED, workflow, &mut |number, event| {
            if let Ok(cycles) = &mut read {
                match measured(&event.document) {
                    Ok(measured) => cycles.push(Cycle { number, at_ms: event.at_ms, measured }),
                    Err(what) => read = Err(HistoryError::Event { number, workflow: workflow.to_owned(), what }),
                }
            }
        })?;
        Ok(Self { cycles: read? })
    }

    /// The presets that were adapted to comparisons of a workflow, oldest first.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be read, or an event does not read.
    pub fn adapted(store: &dyn Store, workflow: &str) -> Result<Vec<Adapting>, HistoryError> {
        let mut read = Ok(Vec::new());
        store.events(ADAPTED, workflow, &mut |number, event| {
            if let Ok(all) = &mut read {
                match serde_json::from_str(&event.document) {
                    Ok(document) => all.push(Adapting { number, at_ms: event.at_ms, document }),
                    Err(error) => {
                        let what = printable(&error.to_string());
                        read = Err(HistoryError::Event { number, workflow: workflow.to_owned(), what });
                    }
                }
            }
        })?;
        read
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
        store.append(&StoredEvent {
            at_ms: now_ms(),
            kind: MEASURED.to_owned(),
            subject: workflow.to_owned(),
            document: String::from_utf8_lossy(&crate::json::json(measured)).into_owned(),
        })?;
        Ok(())
    }
}

fn measured(document: &str) -> Result<Measured, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(document).map_err(|e| e.to_string())?;
    if head.schema != Measured::SCHEMA {
        return Err(format!("it is of schema {}, this program reads {}", printable(&head.schema), Measured::SCHEMA));
    }
    serde_json::from_str(document).map_err(|e| printable(&e.to_string()))
}

/// The host's clock; 0 where it stands before 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
