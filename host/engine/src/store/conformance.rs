//! What every store must do, as a test that a backend calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use holobiont_core::{Digest, Measurement, Outcome, OutputFacts, Usage};

use super::{Store, StoredEvent, StoredRun};

/// Tries a store. `open` is called several times and must open the same store; where it lies on disk,
/// what one has remembered the next must know.
///
/// # Panics
///
/// When the store does not do what [`Store`] says.
pub fn conformance<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    runs(open);
    trials(open);
    baselines(open);
    events(open);
    pages(open);
    taking_in(open);
}

fn runs<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
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

fn trials<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    let store = open();
    let (here, there) = (Digest::of(b"here"), Digest::of(b"there"));
    let known = |store: &dyn Store, context: &Digest| {
        let mut all = BTreeMap::new();
        let read = store.trials(context, &mut |chain, record| {
            all.insert(chain, record.to_vec());
        });
        assert!(read.is_ok(), "reading works: {read:?}");
        all
    };
    let (x, y) = ((Digest::of(b"x"), vec![0, 1, 255]), (Digest::of(b"y"), Vec::new()));
    assert!(store.remember_trials(&here, &[x.clone(), y.clone()]).is_ok(), "writing works");
    assert!(store.remember_trials(&here, &[(x.0, vec![9])]).is_ok(), "writing again works");
    assert_eq!(known(&*open(), &here), BTreeMap::from([x, y]), "what was remembered comes back, and stays");
    assert!(known(&*store, &there).is_empty(), "another context knows nothing of it");
}

fn baselines<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    let store = open();
    let key = Digest::of(b"a gate");
    assert!(matches!(store.baseline(&key), Ok(None)), "a new store has no baseline");
    for document in ["{}", "{\"share\":0.05}"] {
        assert!(store.keep_baseline(&key, document).is_ok(), "writing works");
        assert_eq!(open().baseline(&key).ok().flatten().as_deref(), Some(document), "the last one counts");
    }
}

fn events<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    let store = open();
    let all = [event(7, "a", "x", "{}"), event(7, "b", "x", "1"), event(7, "a", "y\n", "2"), event(7, "a", "x", "{}")];
    let numbers: Vec<Option<u64>> = all.iter().map(|event| store.append(event).ok()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.iter().all(Option::is_some), "numbers rise: {numbers:?}");
    let mut of = Vec::new();
    assert!(open().events("a", "x", &mut |number, event| of.push((Some(number), event))).is_ok(), "reading works");
    let expected = [(numbers[0], all[0].clone()), (numbers[3], all[3].clone())];
    assert_eq!(of, expected, "events of a subject come in order, equal ones as well");
    assert_eq!(open().subjects("a").unwrap_or_default(), ["x", "y\n"], "each subject is named once");
    assert!(open().subjects("c").is_ok_and(|none| none.is_empty()), "there is no other kind");
}

/// Goes on where [`events`] ended.
fn pages<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    let store = open();
    let all = page(&*store, 0, usize::MAX);
    assert_eq!(all.len(), 4, "events of all kinds and subjects");
    // A clock that goes back, and one that is far ahead.
    let late = [event(3, "a", "x", "late"), event(i64::MAX.unsigned_abs(), "", "", ""), event(0, "a", "x", "{}")];
    let numbers: Vec<u64> = late.iter().filter_map(|event| store.append(event).ok()).collect();
    let expected: Vec<_> = all.into_iter().chain(numbers.iter().copied().zip(late)).collect();
    assert!(expected.is_sorted_by(|a, b| a.0 < b.0), "the order is that of the numbers: {numbers:?}");
    assert_eq!(page(&*open(), 0, usize::MAX), expected, "whatever the clock says");

    let mut paged: Vec<(u64, StoredEvent)> = Vec::new();
    while let page @ [_, ..] = page(&*store, paged.last().map_or(0, |last| last.0), 3).as_slice() {
        assert!(page.len() <= 3, "a page has its size");
        paged.extend_from_slice(page);
    }
    assert_eq!(paged, expected, "pages hold all there is, once");
    assert_eq!(page(&*store, expected[1].0, 1), expected[2..3], "a page begins behind a number");
    for after in [expected[6].0, u64::MAX] {
        assert_eq!(page(&*store, after, 3), [], "behind the last there is nothing");
    }
    assert_eq!(page(&*store, 0, 0), [], "a page may be empty");
}

/// Goes on where [`pages`] ended.
fn taking_in<'s>(open: &dyn Fn() -> Box<dyn Store + 's>) {
    let store = open();
    let before = page(&*store, 0, usize::MAX);
    let there: Vec<StoredEvent> = before.iter().map(|(_, event)| event.clone()).collect();
    assert_eq!(store.take_in(&there).ok(), Some(0), "what is there is not added again");
    assert_eq!(store.take_in(&[]).ok(), Some(0), "nothing can be taken in");
    assert_eq!(page(&*store, 0, usize::MAX), before, "nothing came of it");

    // One is there once, and comes twice; one differs in its time alone.
    let new = [event(9, "b", "x", "1"), event(7, "b", "x", "1"), event(8, "n", "", "0"), event(7, "b", "x", "1")];
    assert_eq!(store.take_in(&new).ok(), Some(3), "of equal events as many as the one has that has more");
    assert_eq!(open().take_in(&new).ok(), Some(0), "once is enough");
    let last = before.last().map_or(0, |last| last.0);
    let added: Vec<StoredEvent> = page(&*open(), last, usize::MAX).into_iter().map(|(_, event)| event).collect();
    assert_eq!(added, [new[0].clone(), new[2].clone(), new[3].clone()], "in their order, behind all others");
}

fn page(store: &dyn Store, after: u64, most: usize) -> Vec<(u64, StoredEvent)> {
    let page = store.events_after(after, most);
    assert!(page.is_ok(), "reading works: {page:?}");
    page.unwrap_or_default()
}

fn event(at_ms: u64, kind: &str, subject: &str, document: &str) -> StoredEvent {
    StoredEvent { at_ms, kind: kind.to_owned(), subject: subject.to_owned(), document: document.to_owned() }
}

fn found(store: &dyn Store, key: &Digest) -> Option<StoredRun> {
    let run = store.run(key);
    assert!(run.is_ok(), "reading works: {run:?}");
    run.ok().flatten()
}

fn remember(store: &dyn Store, runs: &[(Digest, StoredRun)]) {
    let runs: Vec<_> = runs.iter().map(|(key, run)| (*key, Arc::new(run.clone()))).collect();
    let done = store.remember(&runs);
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
