use std::thread;
use std::time::Instant;

use super::*;
use crate::store::{MemoryStore, conformance};

/// Longer than anything here takes, and no longer than a test may hang.
const LONG: Duration = Duration::from_secs(20);

fn event(at_ms: u64) -> StoredEvent {
    StoredEvent { at_ms, kind: "k".to_owned(), subject: "s".to_owned(), document: "{}".to_owned() }
}

fn numbers(subscription: &Subscription) -> Vec<u64> {
    std::iter::from_fn(|| subscription.next_within(Duration::ZERO)).map(|published| published.number).collect()
}

fn kept(bus: &Bus<MemoryStore>) -> usize {
    bus.events_after(0, usize::MAX).expect("read").len()
}

#[test]
fn it_is_a_store_like_any() {
    let bus = Bus::new(MemoryStore::default());
    let _listens = bus.subscribe(1);
    conformance(&|| Box::new(&bus));
}

#[test]
fn all_who_subscribed_get_what_is_appended_after_it_is_kept() {
    let bus = Bus::new(MemoryStore::default());
    bus.append(&event(1)).expect("kept");
    let (first, second) = (bus.subscribe(8), bus.subscribe(8));
    bus.append(&event(2)).expect("kept");
    // As the engine's own appends do it, through the trait.
    let store: &dyn Store = &bus;
    store.append(&event(3)).expect("kept");
    let published = first.next_within(LONG).expect("told");
    assert_eq!((published.number, &*published.event), (2, &event(2)));
    assert_eq!((numbers(&first), numbers(&second)), (vec![3], vec![2, 3]));
    drop(bus);
    assert_eq!(second.count(), 0, "with the bus gone, waiting ends");
}

#[test]
fn who_never_reads_loses_its_own_and_holds_up_nobody() {
    let bus = Bus::new(MemoryStore::default());
    let (idle, none) = (bus.subscribe(3), bus.subscribe(0));
    let reads = bus.subscribe(1000);
    let began = Instant::now();
    (1..=1000).for_each(|at_ms| {
        bus.publish(&event(at_ms)).expect("kept");
    });
    assert!(began.elapsed() < LONG, "nobody was waited for");
    assert_eq!(kept(&bus), 1000);
    assert_eq!((numbers(&reads).len(), reads.lost()), (1000, 0));
    assert_eq!((numbers(&idle), idle.lost()), (vec![1, 2, 3], 997));
    assert_eq!((numbers(&none), none.lost()), (vec![1], 999), "there is room for one at least");
    // It is told by the number, and can go on from the store.
    bus.publish(&event(0)).expect("kept");
    assert_eq!(numbers(&idle), [1001]);
    assert_eq!(bus.events_after(3, 1).expect("read")[0].0, 4);
}

#[test]
fn who_panics_takes_nobody_along() {
    let bus = Bus::new(MemoryStore::default());
    let (mut unwell, well) = (bus.subscribe(4), bus.subscribe(4));
    let listening = thread::spawn(move || {
        let first = unwell.next();
        assert!(first.is_none(), "this one cannot bear events");
    });
    bus.publish(&event(1)).expect("kept");
    assert!(listening.join().is_err(), "it panicked");
    bus.publish(&event(2)).expect("kept");
    assert_eq!((numbers(&well), kept(&bus)), (vec![1, 2], 2));
    assert_eq!(bus.subscribers.lock().expect("not poisoned").len(), 1, "who is gone is forgotten");
}

#[test]
fn who_goes_is_forgotten() {
    let bus = Bus::new(MemoryStore::default());
    (0..100).for_each(|_| drop(bus.subscribe(1)));
    assert_eq!(bus.publish(&event(1)).expect("kept"), 1);
    assert!(bus.subscribers.lock().expect("not poisoned").is_empty());
}

#[test]
fn numbers_rise_for_everybody_whoever_publishes() {
    let bus = Bus::new(MemoryStore::default());
    let all = bus.subscribe(400);
    thread::scope(|scope| {
        for thread in 0..4 {
            let bus = &bus;
            scope.spawn(move || {
                for at_ms in 0..100 {
                    bus.publish(&event(thread * 100 + at_ms)).expect("kept");
                }
            });
        }
    });
    assert_eq!(numbers(&all), (1..=400).collect::<Vec<_>>());
}

#[test]
fn what_is_not_kept_is_told_to_nobody_and_what_is_taken_in_is_no_news() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("holobiont.db");
    let bus = Bus::new(crate::store::SqliteStore::open(&path).expect("a store"));
    let listens = bus.subscribe(4);
    assert_eq!(bus.take_in(&[event(1), event(2)]).expect("taken in"), 2);
    assert_eq!(numbers(&listens), [0_u64; 0]);
    // Without its table no event can be kept.
    let other = rusqlite::Connection::open(&path).expect("opened");
    other.execute_batch("DROP TABLE events").expect("dropped");
    assert!(bus.publish(&event(3)).is_err());
    assert_eq!(numbers(&listens), [0_u64; 0]);
}
