//! Opening the file: whose it is, of which format, whether it is whole.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::{Place, StoreError};

/// Who the file belongs to, in SQLite's `application_id`, for this program and for others that ask.
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"Holo");

/// The format of the file, kept in SQLite's `user_version`. Each step of [`MIGRATIONS`] makes the next.
pub(super) const FORMAT: i64 = MIGRATIONS.len() as i64;

/// The first format whose files say who they belong to.
const SIGNED: i64 = 4;

/// A journal that has grown past this is cut when what is in it has gone to the file.
const JOURNAL_BYTES: i64 = 16 << 20;

/// No file of SQLite's is shorter, unless it is empty.
const SMALLEST_PAGE_BYTES: u64 = 512;

/// What is there stays as it is: files of every format are about.
pub(super) const MIGRATIONS: &[&str] = &[
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
    // "Holo" as a number: see APPLICATION.
    "
    PRAGMA application_id = 1215261807;
",
];

/// A connection to the file, ready for use.
pub(super) fn open(at: &Place) -> Result<Connection, StoreError> {
    let failed = |source| at.failed(source);
    // First, since with a journal the file may be anything.
    let left_open = std::fs::metadata(journal(&at.path)).is_ok_and(|journal| journal.len() > 0);
    let bytes = std::fs::metadata(&at.path).map_or(0, |file| file.len());
    if (1..SMALLEST_PAGE_BYTES).contains(&bytes) {
        // SQLite would take it for a new one and write over it.
        return Err(at.damaged(&format!("of it {bytes} bytes are left, which is less than a page")));
    }
    let mut connection = Connection::open(&at.path).map_err(failed)?;
    connection.busy_timeout(at.wait).map_err(failed)?;
    // Until it is known to be ours and whole, nothing goes from the journal to the file.
    let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
    connection.set_db_config(keep, true).map_err(failed)?;
    let format = format(at, &mut connection)?;
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(failed)?;
    // With a journal, a page that a loss of power cut off is still whole there.
    if !left_open && !bytes.is_multiple_of(page.unsigned_abs()) {
        return Err(at.damaged(&format!("it ends within a page: {bytes} bytes are no multiple of {page}")));
    }
    for (pragma, value) in
        [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"), ("trusted_schema", "OFF")]
    {
        connection.pragma_update(None, pragma, value).map_err(failed)?;
    }
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES).map_err(failed)?;
    if left_open {
        check(at, &connection)?;
    }
    if format < FORMAT {
        migrate(at, &mut connection)?;
    }
    connection.set_db_config(keep, false).map_err(failed)?;
    Ok(connection)
}

/// The journal that lies beside the file while somebody has it open. Who closes it last takes the journal away.
fn journal(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-wal");
    name.into()
}

/// The format of the file, 0 for a new one, if it is one of ours. All that says so is read in one transaction, since
/// another process may be making the file.
fn format(at: &Place, connection: &mut Connection) -> Result<i64, StoreError> {
    let failed = |source| at.failed(source);
    let header = connection.transaction().map_err(failed)?;
    let number = |pragma| header.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(failed);
    let (application, found) = (number("application_id")?, number("user_version")?);
    let count = |of: &str| {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE {of}");
        header.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(failed)
    };
    let ours = match found {
        0 => application == 0 && count("1")? == 0,
        1..SIGNED => application == 0 && count("name = 'runs'")? == 1,
        _ => application == i64::from(APPLICATION),
    };
    match ours {
        false => Err(StoreError::Foreign { path: at.path.clone() }),
        true if found > FORMAT => Err(StoreError::Newer { path: at.path.clone(), found, known: FORMAT }),
        true => Ok(found),
    }
}

/// Takes the steps that the file has not yet had, all or none.
fn migrate(at: &Place, connection: &mut Connection) -> Result<(), StoreError> {
    let failed = |source| at.failed(source);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have taken them by now.
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if found < FORMAT {
        transaction.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// Looks through all pages of the file.
fn check(at: &Place, connection: &Connection) -> Result<(), StoreError> {
    let said: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|source| at.failed(source))?;
    if said == "ok" { Ok(()) } else { Err(at.damaged(&said)) }
}
