//! The default store: one SQLite file, which any tool can read.

mod opening;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use holobiont_core::{Digest, one_line};
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use self::opening::open;
use super::multiset::Multiset;
use super::{Store, StoreError, StoredEvent, StoredRun};

/// How long another process that writes is waited for.
const WAIT: Duration = Duration::from_secs(10);

/// How long before opening is tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// A store in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    at: Place,
    connection: Mutex<Connection>,
}

/// Where the file is, and how long it is waited for: what errors say.
#[derive(Clone, Debug)]
struct Place {
    path: PathBuf,
    wait: Duration,
}

impl SqliteStore {
    /// Opens a file, and makes it and its folder when they are not there. A file of an older format is
    /// brought up to date; one of a newer is refused. One that was not closed the last time is looked through for
    /// damage, and what is damaged or another program's is left as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be opened, is damaged, is no store, or is of a newer format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_within(path, WAIT)
    }

    fn open_within(path: &Path, wait: Duration) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
        }
        let at = Place { path: path.to_owned(), wait };
        let began = Instant::now();
        loop {
            match open(&at) {
                // SQLite does not wait where two processes make a file at once and each is in the other's way.
                Err(StoreError::Busy { .. }) if began.elapsed() < wait => std::thread::sleep(PAUSE),
                Err(error) => return Err(error),
                Ok(connection) => return Ok(Self { at, connection: Mutex::new(connection) }),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        self.at.failed(source)
    }

    fn damaged(&self, what: &serde_json::Error) -> StoreError {
        self.at.damaged(&what.to_string())
    }
}

impl Place {
    /// What SQLite says, by what can be done about it.
    fn failed(&self, source: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode;
        let path = self.path.clone();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => self.damaged(&source.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreError::Busy { path, waited_ms: self.wait.as_millis() }
            }
            None if is_of_values(&source) => self.damaged(&source.to_string()),
            // The index of the journal, without which nobody can read, finds no room either.
            Some(ErrorCode::SystemIoFailure) if extended(&source) == Some(SQLITE_IOERR_SHMSIZE) => {
                StoreError::Full { path }
            }
            Some(ErrorCode::DiskFull) => StoreError::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                StoreError::Unwritable { path }
            }
            _ => StoreError::Database { path, source },
        }
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: one_line(what) }
    }
}

impl Store for SqliteStore {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        let connection = self.lock();
        let mut select =
            connection.prepare_cached("SELECT record, output FROM runs WHERE key = ?1").map_err(|e| self.failed(e))?;
        let found: Option<(String, Option<Vec<u8>>)> = select
            .query_row(params![key.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(|e| self.failed(e))?;
        let Some((record, output)) = found else { return Ok(None) };
        let run: StoredRun = serde_json::from_str(&record).map_err(|e| self.damaged(&e))?;
        Ok(Some(StoredRun { output, ..run }))
    }

    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|e| self.failed(e))?;
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO runs (key, record, output) VALUES (?1, ?2, ?3)
                     ON CONFLICT (key) DO UPDATE SET output = coalesce(output, excluded.output)",
                )
                .map_err(|e| self.failed(e))?;
            for (key, run) in runs {
                // The output has a column of its own; in the record it would be a list of numbers.
                let record = StoredRun { output: None, ..StoredRun::clone(run) };
                let record = serde_json::to_string(&record).map_err(|e| self.damaged(&e))?;
                insert.execute(params![key.as_bytes(), record, run.output]).map_err(|e| self.failed(e))?;
            }
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        let connection = self.lock();
        let keep = i64::try_from(keep_bytes).unwrap_or(i64::MAX);
        connection
            .execute(
                "UPDATE runs SET output = NULL WHERE output IS NOT NULL AND seq IN (
                     SELECT seq FROM (
                         SELECT seq, sum(length(output)) OVER (ORDER BY seq DESC) AS newer
                         FROM runs WHERE output IS NOT NULL
                     ) WHERE newer > ?1)",
                params![keep],
            )
            .map(|_| ())
            .map_err(|e| self.failed(e))
    }

    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached("SELECT chain, record FROM trials WHERE context = ?1")
            .map_err(|e| self.failed(e))?;
        let mut rows = select.query(params![context.as_bytes()]).map_err(|e| self.failed(e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let chain: [u8; 32] = row.get(0).map_err(|e| self.failed(e))?;
            let record = row.get_ref(1).map_err(|e| self.failed(e))?;
            visit(Digest::from_bytes(chain), record.as_blob().unwrap_or_default());
        }
        Ok(())
    }

    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|e| self.failed(e))?;
        {
            let mut insert = transaction
                .prepare_cached(
                    "INSERT INTO trials (context, chain, record) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )
                .map_err(|e| self.failed(e))?;
            for (chain, record) in trials {
                insert.execute(params![context.as_bytes(), chain.as_bytes(), record]).map_err(|e| self.failed(e))?;
            }
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        self.lock()
            .query_row("SELECT document FROM baselines WHERE key = ?1", params![key.as_bytes()], |row| row.get(0))
            .optional()
            .map_err(|e| self.failed(e))
    }

    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        self.lock()
            .execute(
                "INSERT INTO baselines (key, document) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET document = excluded.document",
                params![key.as_bytes(), document],
            )
            .map(|_| ())
            .map_err(|e| self.failed(e))
    }

    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        let connection = self.lock();
        add(&connection, event).map_err(|e| self.failed(e))?;
        Ok(connection.last_insert_rowid().unsigned_abs())
    }

    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached(
                "SELECT seq, at_ms, kind, subject, document FROM events
                 WHERE kind = ?1 AND subject = ?2 ORDER BY seq",
            )
            .map_err(|e| self.failed(e))?;
        let mut rows = select.query(params![kind, subject]).map_err(|e| self.failed(e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let (number, event) = numbered(row).map_err(|e| self.failed(e))?;
            visit(number, event);
        }
        Ok(())
    }

    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached("SELECT DISTINCT subject FROM events WHERE kind = ?1 ORDER BY subject")
            .map_err(|e| self.failed(e))?;
        let subjects = select.query_map(params![kind], |row| row.get(0)).map_err(|e| self.failed(e))?;
        subjects.collect::<Result<_, _>>().map_err(|e| self.failed(e))
    }

    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached(
                "SELECT seq, at_ms, kind, subject, document FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )
            .map_err(|e| self.failed(e))?;
        let (after, most) = (i64::try_from(after).unwrap_or(i64::MAX), i64::try_from(most).unwrap_or(i64::MAX));
        let page = select.query_map(params![after, most], numbered).map_err(|e| self.failed(e))?;
        page.collect::<Result<_, _>>().map_err(|e| self.failed(e))
    }

    fn take_in(&self, new: &[StoredEvent]) -> Result<u64, StoreError> {
        let mut connection = self.lock();
        // Reads before it writes, so it has the lock from the beginning: what another process adds meanwhile would be
        // missed, and the transaction in vain.
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| self.failed(e))?;
        let added = take_in(&transaction, new).map_err(|e| self.failed(e))?;
        transaction.commit().map_err(|e| self.failed(e))?;
        Ok(added)
    }
}

fn take_in(transaction: &Connection, new: &[StoredEvent]) -> rusqlite::Result<u64> {
    let mut there = Multiset::default();
    let mut select = transaction.prepare_cached("SELECT seq, at_ms, kind, subject, document FROM events")?;
    for row in select.query_map([], numbered)? {
        there.add(&row?.1);
    }
    let mut added = 0;
    for event in new.iter().filter(|event| !there.take(event)) {
        add(transaction, event)?;
        added += 1;
    }
    Ok(added)
}

fn add(connection: &Connection, event: &StoredEvent) -> rusqlite::Result<()> {
    let StoredEvent { at_ms, kind, subject, document } = event;
    let at_ms = i64::try_from(*at_ms).unwrap_or(i64::MAX);
    let mut insert =
        connection.prepare_cached("INSERT INTO events (at_ms, kind, subject, document) VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![at_ms, kind, subject, document])?;
    Ok(())
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// Whether a column holds what no program of ours has put there.
fn is_of_values(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::InvalidColumnType(..)
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}

/// The event of a row, with its number.
fn numbered(row: &rusqlite::Row<'_>) -> rusqlite::Result<(u64, StoredEvent)> {
    let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let event = StoredEvent { at_ms: number(1)?, kind: row.get(2)?, subject: row.get(3)?, document: row.get(4)? };
    Ok((number(0)?, event))
}

#[cfg(test)]
mod tests;
