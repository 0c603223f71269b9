use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Barrier;
use std::sync::mpsc::channel;

use rusqlite::Connection;
use tempfile::TempDir;

use super::opening::{APPLICATION, FORMAT, MIGRATIONS};
use super::*;

/// Not waited for longer than a test should take.
const SHORT: Duration = Duration::from_millis(50);

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("holobiont.db");
    (folder, path)
}

fn happened(document: &str) -> StoredEvent {
    StoredEvent { at_ms: 1, kind: "k".to_owned(), subject: "s".to_owned(), document: document.to_owned() }
}

fn documents(store: &SqliteStore) -> Vec<String> {
    let page = store.events_after(0, usize::MAX).expect("read");
    page.into_iter().map(|(_, event)| event.document).collect()
}

/// All files of a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| (path.clone(), std::fs::read(path).expect("read"))).collect()
}

/// One line, which names the file.
fn told(error: &StoreError, path: &Path) -> String {
    let words = error.to_string();
    assert!(!words.contains('\n') && words.contains(&*path.to_string_lossy()), "{words}");
    words
}

#[test]
fn conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/holobiont.db");
    super::super::conformance(&|| Box::new(SqliteStore::open(&path).expect("opened")));
}

/// A file as the program of a format left it.
fn of_format(path: &Path, format: usize) {
    let file = Connection::open(path).expect("made");
    file.pragma_update(None, "journal_mode", "WAL").expect("set");
    MIGRATIONS[..format].iter().for_each(|step| file.execute_batch(step).expect("made"));
    file.pragma_update(None, "user_version", i64::try_from(format).expect("small")).expect("set");
    if format >= 1 {
        file.execute("INSERT INTO runs (key, record, output) VALUES (?1, '{', x'07')", [[1_u8; 32]]).expect("in");
    }
    if format >= 2 {
        file.execute("INSERT INTO trials VALUES (?1, ?1, x'08')", [[2_u8; 32]]).expect("in");
        file.execute("INSERT INTO baselines VALUES (?1, 'b')", [[3_u8; 32]]).expect("in");
    }
    if format >= 3 {
        file.execute("INSERT INTO events (at_ms, kind, subject, document) VALUES (1, 'k', 's', 'd')", []).expect("in");
    }
}

#[test]
fn a_file_of_every_older_format_is_brought_up_to_date_with_what_is_in_it() {
    for format in 0..=MIGRATIONS.len() {
        let (_folder, path) = folder();
        of_format(&path, format);
        let store = SqliteStore::open(&path).expect("opened");
        let run = store.run(&Digest::from_bytes([1; 32]));
        assert_eq!(matches!(run, Err(StoreError::Damaged { .. })), format >= 1, "its record is there, and odd");
        let key = Digest::from_bytes([2; 32]);
        let mut trials = Vec::new();
        store.trials(&key, &mut |chain, record| trials.push((chain, record.to_vec()))).expect("read");
        assert_eq!(trials, if format >= 2 { vec![(key, vec![8])] } else { Vec::new() });
        let baseline = store.baseline(&Digest::from_bytes([3; 32])).expect("read");
        assert_eq!(baseline.as_deref(), (format >= 2).then_some("b"));
        assert_eq!(store.append(&happened("new")).expect("written"), if format >= 3 { 2 } else { 1 });
        assert_eq!(documents(&store), if format >= 3 { vec!["d", "new"] } else { vec!["new"] });
        let number = |pragma| {
            let connection = store.lock();
            connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).expect("a number")
        };
        assert_eq!((number("user_version"), number("application_id")), (FORMAT, i64::from(APPLICATION)));
        drop(store);
        assert_eq!(documents(&SqliteStore::open(&path).expect("opened again")).last().expect("one"), "new");
    }
}

/// Files of these formats are about, so a step that was changed would part old files from new ones.
#[test]
fn the_steps_that_there_were_stay_as_they_are() {
    let digests: Vec<String> = MIGRATIONS.iter().map(|step| Digest::of(step.as_bytes()).short()).collect();
    assert_eq!(digests, ["6dc7d1bea4e4", "84e1a0669563", "df3806865da9", "9f88ad3c79bb"]);
}

#[test]
fn a_newer_format_and_a_damaged_file_are_refused_by_name() {
    let (_folder, path) = folder();
    drop(SqliteStore::open(&path).expect("made"));
    Connection::open(&path).expect("open").pragma_update(None, "user_version", FORMAT + 1).expect("set");
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Newer { .. })));
    let prose = b"this is no database, and it is long enough to be looked at: ".repeat(40);
    std::fs::write(&path, &prose).expect("written");
    let _ = std::fs::remove_file(path.with_extension("db-wal"));
    let error = SqliteStore::open(&path).expect_err("no database");
    assert!(matches!(error, StoreError::Damaged { .. }) && told(&error, &path).contains("is damaged"));
    assert_eq!(std::fs::read(&path).expect("read"), prose, "it is left alone");
}

#[test]
fn what_is_of_another_program_is_left_alone() {
    let make: [&dyn Fn(&Connection); 4] = [
        &|file| file.execute_batch("CREATE TABLE theirs (x)").expect("made"),
        &|file| file.execute_batch("CREATE TABLE theirs (x); PRAGMA user_version = 3").expect("made"),
        &|file| file.execute_batch("PRAGMA application_id = 7").expect("made"),
        &|file| file.execute_batch("CREATE TABLE runs (x); PRAGMA user_version = 9").expect("made"),
    ];
    for make in make {
        let (folder, path) = folder();
        make(&Connection::open(&path).expect("made"));
        let before = tree(folder.path());
        let error = SqliteStore::open(&path).expect_err("theirs");
        assert!(matches!(error, StoreError::Foreign { .. }) && told(&error, &path).contains("another program"));
        assert_eq!(tree(folder.path()), before);
    }
}

/// A copy of the files as they are while a store is open: what a process that is killed leaves.
fn killed(documents: usize) -> (TempDir, PathBuf) {
    let (from, path) = folder();
    let (to, left) = folder();
    drop(SqliteStore::open(&path).expect("made"));
    let store = SqliteStore::open(&path).expect("opened");
    (0..documents).for_each(|number| {
        store.append(&happened(&format!("{number} {}", "x".repeat(2000)))).expect("written");
    });
    for (path, bytes) in tree(from.path()) {
        std::fs::write(to.path().join(path.file_name().unwrap_or_default()), bytes).expect("copied");
    }
    (to, left)
}

#[test]
fn what_was_written_before_a_kill_is_there_after_it() {
    let (folder, path) = killed(20);
    assert!(tree(folder.path()).len() > 1, "a journal was left");
    let store = SqliteStore::open(&path).expect("opened");
    assert_eq!(documents(&store).len(), 20);
    assert_eq!(store.append(&happened("on")).expect("written"), 21);
    drop(store);
    let names: Vec<_> = tree(folder.path()).into_keys().collect();
    assert_eq!(names, [path], "who closes it last leaves one file");
}

#[test]
fn damage_is_found_after_a_kill_and_nothing_is_touched() {
    let (folder, path) = killed(700);
    let journal = path.with_extension("db-wal");
    // The file itself is short as yet; the journal has gone over to it in part, by its size.
    let mut bytes = std::fs::read(&path).expect("read");
    assert!(bytes.len() > 100_000 && std::fs::metadata(&journal).expect("a journal").len() > 0);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    std::fs::write(&path, &bytes).expect("written");
    let kept = |folder: &Path| {
        let mut all = tree(folder);
        // The index of the journal, which is made anew for whoever opens it.
        all.retain(|path, _| path.extension() != Some(OsStr::new("db-shm")));
        all
    };
    let before = kept(folder.path());
    let error = SqliteStore::open(&path).expect_err("damaged");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(told(&error, &path).contains("is left as it is"));
    assert_eq!(kept(folder.path()), before);
}

/// Wherever a file was cut off, it opens or says why not, and is not written over.
#[test]
fn a_file_that_was_cut_off_is_an_error_or_what_was_there() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).expect("made");
    (0..40).for_each(|number| {
        store.append(&happened(&format!("{number} {}", "y".repeat(900)))).expect("in");
    });
    let whole = documents(&store);
    drop(store);
    let bytes = std::fs::read(&path).expect("read");
    for length in (1..bytes.len()).step_by(509).chain((1..bytes.len() / 4096).map(|page| page * 4096)) {
        std::fs::write(&path, &bytes[..length]).expect("written");
        let read = SqliteStore::open(&path).and_then(|store| store.events_after(0, usize::MAX));
        match read {
            Ok(page) => {
                let read: Vec<String> = page.into_iter().map(|(_, event)| event.document).collect();
                assert_eq!(read, whole, "cut at {length}");
            }
            Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "cut at {length}: {error:?}"),
        }
        assert_eq!(std::fs::read(&path).expect("read").len(), length, "cut at {length}: it is left alone");
    }
}

#[test]
fn who_comes_second_waits_and_is_told_when_it_is_in_vain() {
    let (_folder, path) = folder();
    let (first, second) =
        (SqliteStore::open(&path).expect("made"), SqliteStore::open_within(&path, SHORT).expect("opened"));
    let patient = SqliteStore::open(&path).expect("opened");
    first.append(&happened("before")).expect("written");
    first.lock().execute_batch("BEGIN IMMEDIATE").expect("the lock");
    for error in [
        second.append(&happened("lost")).expect_err("held"),
        second.take_in(&[happened("lost")]).expect_err("held"),
        second.keep_baseline(&Digest::of(b""), "lost").expect_err("held"),
    ] {
        assert!(matches!(error, StoreError::Busy { waited_ms: 50, .. }), "{error:?}");
        assert!(told(&error, &path).contains("another process"));
    }
    // Who reads, and who opens, waits for nobody.
    assert_eq!(documents(&second), ["before"]);
    assert_eq!(documents(&SqliteStore::open_within(&path, SHORT).expect("opened")), ["before"]);
    // Who waits long enough goes on.
    let (started, waits) = channel();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            started.send(()).expect("heard");
            patient.append(&happened("after"))
        });
        waits.recv().expect("it began");
        std::thread::sleep(SHORT);
        first.lock().execute_batch("COMMIT").expect("let go");
        waiting.join().expect("no panic").expect("written");
    });
    assert_eq!(documents(&second), ["before", "after"]);
}

#[test]
fn several_can_make_the_same_file_at_once() {
    for _ in 0..20 {
        let (_folder, path) = folder();
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for number in 0..4 {
                let (path, together) = (&path, &together);
                scope.spawn(move || {
                    together.wait();
                    let store = SqliteStore::open(path).expect("opened");
                    store.append(&happened(&number.to_string())).expect("written");
                });
            }
        });
        assert_eq!(documents(&SqliteStore::open(&path).expect("opened")).len(), 4);
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).expect("made");
    store.append(&happened("before")).expect("written");
    let pages: i64 = store.lock().pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    let most = |pages: i64| store.lock().pragma_update(None, "max_page_count", pages).expect("set");
    most(pages);
    let large = happened(&"z".repeat(100_000));
    for error in [
        store.append(&large).expect_err("full"),
        // The first of these would have room.
        store.take_in(&[happened("small"), large.clone()]).expect_err("full"),
        store.remember_trials(&Digest::of(b""), &[(Digest::of(b""), vec![0; 100_000])]).expect_err("full"),
    ] {
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(told(&error, &path).contains("disk is full"));
    }
    assert_eq!(documents(&store), ["before"], "what was there can be read, and nothing came in by half");
    most(pages + 1000);
    store.append(&large).expect("there is room again");
    assert_eq!(documents(&SqliteStore::open(&path).expect("opened")).len(), 2);
    // What SQLite says where not even a journal has room.
    let source = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(SQLITE_IOERR_SHMSIZE), None);
    assert!(matches!(store.failed(source), StoreError::Full { .. }));
}

#[test]
fn what_cannot_be_written_is_told() {
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).expect("made");
    store.append(&happened("before")).expect("written");
    // What SQLite says of a disk or a file that is read-only.
    store.lock().pragma_update(None, "query_only", "ON").expect("set");
    let error = store.append(&happened("lost")).expect_err("read-only");
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
    assert!(told(&error, &path).contains("read-only"));
    assert_eq!(documents(&store), ["before"]);
    // A folder is no file, and a file no folder.
    let error = SqliteStore::open(folder.path()).expect_err("a folder");
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
    let error = SqliteStore::open(&path.join("holobiont.db")).expect_err("a file");
    assert!(matches!(error, StoreError::Folder { .. }), "{error:?}");
}

#[test]
fn a_path_is_printed_without_what_it_hides() {
    let error = StoreError::Full { path: "a\u{1b}[31m\nb.db".into() };
    assert!(!error.to_string().chars().any(char::is_control), "{error}");
}
