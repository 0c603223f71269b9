//! What is remembered: runs and trials by their keys, so that no work is done twice, and baselines.

mod conformance;
mod memory;
mod multiset;
mod sqlite;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use holobiont_core::{Digest, Measurement, printable};
use serde::{Deserialize, Serialize};

pub use conformance::conformance;
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;

/// A run as it is remembered, under a key that covers everything it depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRun {
    /// What came of it.
    pub measurement: Measurement,
    /// The scorer's score, for a run of a scorer.
    pub score: Option<f64>,
    /// The blackboard as the run left it.
    pub workspace: BTreeMap<String, Vec<u8>>,
    /// What it gave back; `None` where that was dropped to save room.
    pub output: Option<Vec<u8>>,
}

/// Something that happened, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// When, in milliseconds since 1970 by the host's clock, which may be wrong or go back: the order is that of the
    /// numbers.
    pub at_ms: u64,
    /// Of which kind.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// The rest: a JSON document with its schema.
    pub document: String,
}

/// Why a store could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot make the folder {}", shown(path))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database says no.
    #[error("{}: {source}", shown(path))]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// Another process is writing, and did not end in time.
    #[error(
        "{} is being written by another process, which did not let go of it within {waited_ms} ms; try again when it has ended",
        shown(path)
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        waited_ms: u128,
    },
    /// There is no room for more.
    #[error("{} cannot grow: its disk is full; what it held is all there, so make room and go on", shown(path))]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// It can be read at most.
    #[error(
        "{} cannot be opened for writing: it is no file, or it, its folder or its disk is read-only; mend that, or give another SANDBOX_DATA_DIR",
        shown(path)
    )]
    Unwritable {
        /// The file.
        path: PathBuf,
    },
    /// It is a database, but not a store.
    #[error(
        "{} is a database of another program, and is left as it is; move it away or give another SANDBOX_DATA_DIR",
        shown(path)
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error(
        "{} has format {found}, this program reads up to {known}; use the newer program or another SANDBOX_DATA_DIR",
        shown(path)
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// It is damaged.
    #[error("{} is damaged ({what}) and is left as it is; move it away and start again", shown(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        what: String,
    },
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// Remembers. To add a backend, implement this and let [`conformance`] try it.
pub trait Store: Send + Sync {
    /// The run of a key, if it is remembered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError>;

    /// Remembers runs, all or none. What is remembered under a key stays: the same key is the same run.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError>;

    /// Drops the oldest outputs until at most this many bytes of them are kept; what was measured stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError>;

    /// Hands over every trial of a context: the key of its chain, and its record.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError>;

    /// Remembers trials of a context by the keys of their chains, all or none. What is remembered stays.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError>;

    /// The baseline of a key, if there is one: a JSON document.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError>;

    /// Keeps a baseline, in place of the one that was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError>;

    /// Adds an event at the end, and says its number: 1 for the first, and each higher than the one before it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError>;

    /// Hands over the events of a kind and a subject, oldest first, each with its number.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError>;

    /// The subjects that there are events of a kind of, in byte order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError>;

    /// The events of all kinds and subjects whose number is higher than `after`, oldest first, each with its number, and
    /// at most so many: a page. The one after it begins behind the last number of this one, and nothing is held between
    /// the two.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError>;

    /// Adds events of another store at the end, in their order, all or none. What is there already is not added again:
    /// of equal events there are afterwards as many as the one that has more of them had. How many were new.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read or written.
    fn take_in(&self, events: &[StoredEvent]) -> Result<u64, StoreError>;
}

/// A store can be lent.
impl<S: Store + ?Sized> Store for &S {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        (**self).run(key)
    }
    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        (**self).remember(runs)
    }
    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        (**self).trim_outputs(keep_bytes)
    }
    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        (**self).trials(context, visit)
    }
    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        (**self).remember_trials(context, trials)
    }
    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        (**self).baseline(key)
    }
    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        (**self).keep_baseline(key, document)
    }
    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        (**self).append(event)
    }
    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        (**self).events(kind, subject, visit)
    }
    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        (**self).subjects(kind)
    }
    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        (**self).events_after(after, most)
    }
    fn take_in(&self, events: &[StoredEvent]) -> Result<u64, StoreError> {
        (**self).take_in(events)
    }
}
