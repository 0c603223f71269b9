//! What every store must do, as a test that a backend calls.

use std::collections::BTreeMap;

use holobiont_core::{Digest, Measurement, Outcome, OutputFacts, Usage};

use super::{Store, StoredRun};

/// Tries a store. `open` is called several times and must open the same store; where it lies on disk,
/// what one has remembered the next must know.
///
/// # Panics
///
/// When the store does not do what [`Store`] says.
pub fn conformance(open: &dyn Fn() -> Box<dyn Store>) {
    let store = open();
    let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
    assert_eq!(found(&*store, &a), None, "a new store is empty");

    let (first, second) = (sample(0.1 + 0.2, b"12345"), sample(-0.0, b"678"));
    remember(&*store, &[(a, first.clone()), (b, second.clone())]);
    assert_eq!(found(&*store, &a), Some(first.clone()), "what was remembered comes back, to the last bit");

    remember(&*store, &[(a, sample(9.0, b"other"))]);
    assert_eq!(found(&*store, &a), Some(first.clone()), "what is under a key stays");

    assert!(store.trim_outputs(3).is_ok(), "trimming works");
    let outputs = [&a, &b].map(|key| found(&*store, key).and_then(|run| run.output));
    assert_eq!(outputs, [None, Some(b"678".to_vec())], "the oldest output goes first");
    let trimmed = found(&*store, &a).map(|run| run.measurement);
    assert_eq!(trimmed, Some(first.measurement.clone()), "what was measured stays");

    remember(&*store, &[(a, first.clone())]);
    assert_eq!(found(&*open(), &a), Some(first), "a dropped output can come back");
}

fn found(store: &dyn Store, key: &Digest) -> Option<StoredRun> {
    let run = store.run(key);
    assert!(run.is_ok(), "reading works: {run:?}");
    run.ok().flatten()
}

fn remember(store: &dyn Store, runs: &[(Digest, StoredRun)]) {
    let done = store.remember(runs);
    assert!(done.is_ok(), "writing works: {done:?}");
}

fn sample(metric: f64, output: &[u8]) -> StoredRun {
    StoredRun {
        measurement: Measurement {
            outcome: Outcome::Completed { code: Some(0) },
            usage: Usage { fuel: u64::MAX - 1, ..Usage::default() },
            output: OutputFacts::of(output),
            metrics: BTreeMap::from([("m\n".to_owned(), metric)]),
            logs: Vec::new(),
            parts: Vec::new(),
        },
        score: Some(metric / 3.0),
        workspace: BTreeMap::from([("key".to_owned(), vec![0, 255])]),
        output: Some(output.to_vec()),
    }
}
