//! Who is told of events while the program runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use holobiont_core::Digest;

use crate::store::{Store, StoreError, StoredEvent, StoredRun};

/// A store whose new events are handed to subscribers, in this process, after they are kept. It is a [`Store`], so
/// whatever appends to it publishes. What is read from it again, or taken in from elsewhere, is not published.
///
/// Nobody who listens can hold up or end what publishes: an event for which a subscriber has no room is lost to that
/// subscriber, and one that is gone is forgotten.
#[derive(Debug)]
pub struct Bus<S> {
    store: S,
    subscribers: Mutex<Vec<Subscriber>>,
}

#[derive(Debug)]
struct Subscriber {
    to: SyncSender<Published>,
    lost: Arc<AtomicU64>,
}

/// An event as subscribers get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number in the store. Where it is not the next one, others were lost or are another process's; the store has
    /// them all ([`Store::events_after`]).
    pub number: u64,
    /// What happened.
    pub event: Arc<StoredEvent>,
}

/// What somebody who subscribed listens at. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    from: Receiver<Published>,
    lost: Arc<AtomicU64>,
}

impl<S: Store> Bus<S> {
    /// A bus over a store, with no subscribers.
    pub fn new(store: S) -> Self {
        Self { store, subscribers: Mutex::default() }
    }

    /// Subscribes to all events from now on. `room` is how many may wait to be taken, at least one.
    pub fn subscribe(&self, room: usize) -> Subscription {
        let (to, from) = sync_channel(room.max(1));
        let lost = Arc::new(AtomicU64::new(0));
        let subscriber = Subscriber { to, lost: Arc::clone(&lost) };
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).push(subscriber);
        Subscription { from, lost }
    }

    /// Keeps an event in the store and then hands it to those who subscribed; its number. What is not kept is told to
    /// nobody.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    pub fn publish(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        // Held from the number to the handing over, so that all subscribers get numbers that rise.
        let mut subscribers = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.store.append(event)?;
        if !subscribers.is_empty() {
            let published = Published { number, event: Arc::new(event.clone()) };
            subscribers.retain(|subscriber| subscriber.offer(&published));
        }
        Ok(number)
    }
}

impl Subscriber {
    /// Hands an event over if there is room. Whether anybody is there.
    fn offer(&self, published: &Published) -> bool {
        match self.to.try_send(published.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}

impl Subscription {
    /// The next event, if one comes in time. As an iterator, a subscription waits for as long as there is a bus.
    #[must_use]
    pub fn next_within(&self, wait: Duration) -> Option<Published> {
        self.from.recv_timeout(wait).ok()
    }

    /// How many events were lost to this subscriber, since it had no room for them.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Iterator for Subscription {
    type Item = Published;

    fn next(&mut self) -> Option<Published> {
        self.from.recv().ok()
    }
}

impl<S: Store> Store for Bus<S> {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        self.store.run(key)
    }
    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        self.store.remember(runs)
    }
    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        self.store.trim_outputs(keep_bytes)
    }
    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        self.store.trials(context, visit)
    }
    fn remember_trials(&self, context: &Digest, trials: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        self.store.remember_trials(context, trials)
    }
    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        self.store.baseline(key)
    }
    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        self.store.keep_baseline(key, document)
    }
    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        self.publish(event)
    }
    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        self.store.events(kind, subject, visit)
    }
    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        self.store.subjects(kind)
    }
    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        self.store.events_after(after, most)
    }
    fn take_in(&self, events: &[StoredEvent]) -> Result<u64, StoreError> {
        self.store.take_in(events)
    }
}

#[cfg(test)]
mod tests;
