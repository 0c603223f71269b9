//! Whenever a question is cut off, what is remembered can be read, and the next one comes to the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use holobiont::{EvaluateError, SqliteStore, Store, StoreError, StoredEvent, StoredRun};
use holobiont_core::Digest;

use super::lab::{Lab, SAVED, beside, exactly, nominal};
use super::modules::{Shaper, TOIL};

/// A file that can be written so many times, and then no more.
struct Full {
    file: SqliteStore,
    left: AtomicU64,
}

impl Full {
    fn write(&self) -> Result<(), StoreError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let what = || StoreError::Damaged { path: "the test".into(), what: "no room".to_owned() };
        left.map(|_| ()).map_err(|_| what())
    }
}

impl Store for Full {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        self.file.run(key)
    }
    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        self.write()?;
        self.file.remember(runs)
    }
    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        self.write()?;
        self.file.trim_outputs(keep_bytes)
    }
    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        self.file.trials(context, visit)
    }
    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        self.write()?;
        self.file.remember_trials(context, trials)
    }
    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        self.file.baseline(key)
    }
    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        self.write()?;
        self.file.keep_baseline(key, document)
    }
    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        self.write()?;
        self.file.append(event)
    }
    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        self.file.events(kind, subject, visit)
    }
    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.file.subjects(kind)
    }
    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        self.file.events_after(after, most)
    }
    fn take_in(&self, events: &[StoredEvent]) -> Result<u64, StoreError> {
        self.write()?;
        self.file.take_in(events)
    }
}

#[test]
fn a_question_that_was_cut_off_goes_on_where_it_was() {
    let steps = [("a", 1), ("b", 2)].map(|(name, cuts)| (name, Shaper { toils: TOIL, ..Shaper::cuts(cuts) }.wasm()));
    let lab = Lab::new(&steps, SAVED).inputs(3);
    let scenarios = beside(&["faulty", "tight"]);
    let open = |name: &str| SqliteStore::open(&lab.path(&format!("state/{name}.db"))).expect("it can be read");
    let whole = lab.ask(&open("whole"), &scenarios);
    let mut cut_off = 0;
    for writes in 0.. {
        let name = writes.to_string();
        let full = Full { file: open(&name), left: AtomicU64::new(writes) };
        match lab.try_ask(&full, &lab.modules(), &scenarios) {
            Err(error) => assert!(matches!(error, EvaluateError::Store(_)), "{error}"),
            Ok(answer) => {
                assert_eq!(exactly(&answer.assessment), exactly(&whole.assessment));
                break;
            }
        }
        cut_off += 1;
        drop(full);
        let rest = lab.ask(&open(&name), &scenarios);
        assert_eq!(exactly(&rest.assessment), exactly(&whole.assessment), "after {writes} writes");
        assert!(rest.runs_made <= whole.runs_made);
        assert_eq!(lab.ask(&open(&name), &nominal()).runs_made, 0);
    }
    assert!(cut_off > 9, "each input has three scenarios to be written down, and its runs: {cut_off}");
}
