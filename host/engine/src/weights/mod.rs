//! How much each synergy counts in a project: where that is kept, and what it is learned from.
//!
//! `synergy_weights.json` people may edit; in `synergy_learner.json` and `.state` is what its learner goes on from. They
//! change together (`files.rs`), and each change is an event with its cause. What a learner is told is what comparisons
//! left (`weighed.rs`), or a file that somebody gives (`given.rs`).

mod files;
mod given;
mod weighed;

use std::collections::BTreeMap;
use std::path::PathBuf;

use holobiont_core::{SynergyWeights, printable};
use holobiont_learn::{Decision, Learner, LearnerError, LearnerKind, Outcome, Seen, create, train};
use serde::{Deserialize, Serialize};

use crate::history::{HistoryError, append, events};
use crate::project::Project;
use crate::store::{Store, StoreError};
use crate::transaction::TransactionError;

pub use self::given::{GivenError, read_decisions};
pub use self::weighed::{RankedGroup, decisions_of, rank_groups};
pub(crate) use self::weighed::{WEIGHED, Weighed};

/// The kind of event that a change of weights is, and what it happens to.
pub(crate) const CHANGED: &str = "weights-changed";
const WEIGHTS: &str = "synergy-weights";

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// A file cannot be read, or kept aside.
    #[error("{}: {source}", printable(&path.to_string_lossy()))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is of a newer program.
    #[error("{}: {what}", printable(&path.to_string_lossy()))]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it says.
        what: String,
    },
    /// The learner cannot be had.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What happened before does not read.
    #[error(transparent)]
    History(HistoryError),
    /// The files could not be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

impl From<HistoryError> for WeightsError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => Self::Store(error),
            error => Self::History(error),
        }
    }
}

/// A change of weights: an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WeightsChanged {
    /// [`WeightsChanged::SCHEMA`].
    pub schema: String,
    /// What they are from then on, in the order of [`WeightedMetric`](holobiont_core::WeightedMetric).
    pub weights: Vec<f64>,
    /// What they were.
    pub before: Vec<f64>,
    /// The learner.
    pub learner: LearnerKind,
    /// What changed them, in words.
    pub cause: String,
}

impl WeightsChanged {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.weights-changed/1";

    /// The changes of a project's weights, oldest first, each with its time in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// [`WeightsError`] when the store cannot be read, or an event does not read.
    pub fn all(store: &dyn Store) -> Result<Vec<(u64, Self)>, WeightsError> {
        let read = events::<Self>(store, CHANGED, WEIGHTS, Self::SCHEMA)?;
        Ok(read.into_iter().map(|(_, at_ms, changed)| (at_ms, changed)).collect())
    }
}

/// The weights of a project, and what learns them.
#[derive(Debug)]
pub struct Weighing {
    learner: Box<dyn Learner>,
    rate: f64,
    /// By engine, the event that the last cycle that it told of began after: so that a cycle which is killed and made again
    /// tells once.
    told: BTreeMap<String, u64>,
    before: SynergyWeights,
    on_disk: files::OnDisk,
    notes: Vec<String>,
}

impl Weighing {
    /// The weights of a project, by its files, what people have made of these since, and the environment. A file that does
    /// not read is kept aside, and the last good copy of it is gone on from.
    ///
    /// # Errors
    ///
    /// [`WeightsError`] when a file cannot be read or is of a newer program, or the learner of the settings is not there.
    pub fn open(project: &Project) -> Result<Self, WeightsError> {
        let settings = &project.settings.learner;
        let mut notes = Vec::new();
        let mut on_disk = files::OnDisk::read(project, (settings.kind, settings.rate), &mut notes)?;
        let weights = on_disk.weights.unwrap_or_default();
        let told = on_disk.owner.as_ref().map(|owner| owner.told.clone()).unwrap_or_default();
        let mut learner = match on_disk.learner.take() {
            Some(learner) => learner,
            None => create(settings.kind, weights, settings.rate, project.settings.seed)?,
        };
        let mut wanted = weights;
        for (metric, value) in &settings.overrides {
            // It was looked at when the environment was read.
            let _ = wanted.set(*metric, *value);
        }
        if learner.weights() != wanted {
            learner.set_weights(wanted);
        }
        Ok(Self { learner, rate: settings.rate, told, before: weights, on_disk, notes })
    }

    /// The weights.
    #[must_use]
    pub fn weights(&self) -> SynergyWeights {
        self.learner.weights()
    }

    /// What learns them.
    #[must_use]
    pub fn learner(&self) -> &dyn Learner {
        &*self.learner
    }

    /// What had to be mended when they were read, each in a line.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Tells what an engine's cycle brought, which began after such an event; once.
    pub(crate) fn tell(&mut self, engine: &str, since: u64, seen: &Seen, outcome: &Outcome) {
        if self.told.insert(engine.to_owned(), since) != Some(since) {
            self.learner.tell(seen, outcome);
        }
    }

    /// Goes on from other weights.
    pub fn set(&mut self, weights: SynergyWeights) {
        self.learner.set_weights(weights);
    }

    /// Learns from a history, oldest first.
    pub fn train(&mut self, history: &[Decision]) {
        train(&mut *self.learner, history);
    }

    /// Forgets all that was learned: each synergy counts 1.
    ///
    /// # Errors
    ///
    /// [`WeightsError::Learner`] where the learner is not there.
    pub fn reset(&mut self, seed: u64) -> Result<(), WeightsError> {
        self.learner = create(self.learner.kind(), SynergyWeights::default(), self.rate, seed)?;
        Ok(())
    }

    /// Keeps them, with what the learner goes on from and the last good copy of both; a change is an event with its cause.
    ///
    /// # Errors
    ///
    /// [`WeightsError`] when the files or the store cannot be written, or somebody has changed a file meanwhile.
    pub fn keep(self, project: &Project, store: &dyn Store, cause: &str) -> Result<(), WeightsError> {
        let weights = self.learner.weights();
        files::write(project, &self.on_disk, &*self.learner, &self.told)?;
        let logged = WeightsChanged::all(store)?.pop().map(|(_, last)| last.weights);
        let logged = logged.unwrap_or_else(|| SynergyWeights::default().values().to_vec());
        let now = self.before.values().to_vec();
        if logged != now {
            self.log(store, (logged, now.clone()), "the file was changed by hand, or by a command that was ended")?;
        }
        if weights != self.before {
            self.log(store, (now, weights.values().to_vec()), cause)?;
        }
        Ok(())
    }

    fn log(&self, store: &dyn Store, (before, weights): (Vec<f64>, Vec<f64>), cause: &str) -> Result<(), WeightsError> {
        let (schema, cause) = (WeightsChanged::SCHEMA.to_owned(), cause.to_owned());
        let changed = WeightsChanged { schema, weights, before, learner: self.learner.kind(), cause };
        append(store, CHANGED, WEIGHTS, &changed)?;
        Ok(())
    }
}
