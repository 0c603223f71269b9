//! The default store: one SQLite file, which any tool can read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use holobiont_core::Digest;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Store, StoreError, StoredEvent, StoredRun};

/// The format of the file, kept in SQLite's `user_version`. Each step of [`MIGRATIONS`] makes the next.
const FORMAT: i64 = MIGRATIONS.len() as i64;

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE runs (
        seq     INTEGER PRIMARY KEY,
        key     BLOB NOT NULL UNIQUE,
        record  TEXT NOT NULL,
        output  BLOB
    ) STRICT;
",
    "
    CREATE TABLE trials (
        context BLOB NOT NULL,
        chain   BLOB NOT NULL,
        record  BLOB NOT NULL,
        PRIMARY KEY (context, chain)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE baselines (
        key      BLOB PRIMARY KEY,
        document TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE events (
        seq      INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms    INTEGER NOT NULL,
        kind     TEXT NOT NULL,
        subject  TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_of ON events (kind, subject);
",
];

/// A store in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl SqliteStore {
    /// Opens a file, and makes it and its folder when they are not there. A file of an older format is
    /// brought up to date; one of a newer is refused.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be opened, is damaged, or is of a newer format.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
        }
        let failed = |source| Self::failure(path, source);
        let mut connection = Connection::open(path).map_err(failed)?;
        // Another process may be writing; a full disk or a held lock is told in words, not waited for.
        connection.busy_timeout(Duration::from_secs(10)).map_err(failed)?;
        for (pragma, value) in
            [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"), ("trusted_schema", "OFF")]
        {
            connection.pragma_update(None, pragma, value).map_err(failed)?;
        }
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        if found > FORMAT {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT });
        }
        for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(step).map_err(failed)?;
        }
        transaction.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failure(path: &Path, source: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match source.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => {
                StoreError::Damaged { path: path.to_owned(), what: source.to_string() }
            }
            _ => StoreError::Database { path: path.to_owned(), source },
        }
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        Self::failure(&self.path, source)
    }

    fn damaged(&self, what: &serde_json::Error) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_string() }
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
        let StoredEvent { at_ms, kind, subject, document } = event;
        let at_ms = i64::try_from(*at_ms).unwrap_or(i64::MAX);
        let connection = self.lock();
        connection
            .execute(
                "INSERT INTO events (at_ms, kind, subject, document) VALUES (?1, ?2, ?3, ?4)",
                params![at_ms, kind, subject, document],
            )
            .map_err(|e| self.failed(e))?;
        Ok(connection.last_insert_rowid().unsigned_abs())
    }

    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        let connection = self.lock();
        let mut select = connection
            .prepare_cached("SELECT seq, at_ms, document FROM events WHERE kind = ?1 AND subject = ?2 ORDER BY seq")
            .map_err(|e| self.failed(e))?;
        let mut rows = select.query(params![kind, subject]).map_err(|e| self.failed(e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs).map_err(|e| self.failed(e));
            let document = row.get(2).map_err(|e| self.failed(e))?;
            let event = StoredEvent { at_ms: number(1)?, kind: kind.to_owned(), subject: subject.to_owned(), document };
            visit(number(0)?, event);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conforms() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/holobiont.db");
        super::super::conformance(&|| Box::new(SqliteStore::open(&path).expect("opened")));
    }

    #[test]
    fn a_newer_format_and_a_damaged_file_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("holobiont.db");
        drop(SqliteStore::open(&path).expect("made"));
        Connection::open(&path).expect("open").pragma_update(None, "user_version", FORMAT + 1).expect("set");
        assert!(matches!(SqliteStore::open(&path), Err(StoreError::Newer { .. })));
        std::fs::write(&path, b"this is no database, and it is long enough to be looked at: ".repeat(40))
            .expect("written");
        let _ = std::fs::remove_file(path.with_extension("db-wal"));
        assert!(matches!(SqliteStore::open(&path), Err(StoreError::Damaged { .. })));
    }
}
