//! Places in the pool, and the queue for them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many runs may be under way: as many as the pool has room for, so that the pool never says no.
///
/// A nest of runs takes all the places that it may come to need before it starts, or it could hold one and
/// wait for ever for another. Places are given in the order in which they were asked for, so that one who
/// wants many is not passed by again and again by those who want one.
#[derive(Debug)]
pub(crate) struct Permits {
    places: Mutex<Places>,
    changed: Condvar,
    all: u32,
}

#[derive(Debug)]
struct Places {
    left: u32,
    /// Runs that wait for places. Waking somebody is a call of the system, and mostly nobody waits.
    waiting: u32,
    /// The number of whoever asks next.
    number: u64,
    /// The number of whoever is served next.
    turn: u64,
}

impl Permits {
    pub(crate) fn new(all: u32) -> Self {
        let places = Places { left: all, waiting: 0, number: 0, turn: 0 };
        Self { places: Mutex::new(places), changed: Condvar::new(), all }
    }

    /// Waits for some places; whoever wants more than there are gets all of them, and so is alone.
    pub(crate) fn acquire(&self, wanted: u32) -> Permit<'_> {
        let wanted = wanted.min(self.all);
        let mut places = self.lock();
        let number = places.number;
        places.number += 1;
        let not_yet = |places: &mut Places| places.turn != number || places.left < wanted;
        if not_yet(&mut places) {
            places.waiting += 1;
            places = self.changed.wait_while(places, not_yet).unwrap_or_else(PoisonError::into_inner);
            places.waiting -= 1;
        }
        places.left -= wanted;
        places.turn += 1;
        // There may be enough for the next in the queue too.
        self.wake(places);
        Permit { permits: self, places: wanted }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, places: MutexGuard<'_, Places>) {
        let wake = places.waiting > 0 && places.left > 0;
        drop(places);
        if wake {
            self.changed.notify_all();
        }
    }
}

/// Places in the pool, given back when it is dropped.
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    places: u32,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut places = self.permits.lock();
        places.left += self.places;
        self.permits.wake(places);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_runs_than_places_and_all_get_their_turn() {
        let permits = Permits::new(4);
        let used = Mutex::new(0u32);
        let add = |more: u32| {
            let mut used = used.lock().expect("no panic");
            *used += more;
            assert!(*used <= 4, "{used} at once");
        };
        std::thread::scope(|scope| {
            for thread in 0..8u32 {
                let (permits, add, used) = (&permits, &add, &used);
                scope.spawn(move || {
                    for round in 0..500 {
                        // One that wants more than there are is content with all.
                        let wanted = (thread + round) % 6 + 1;
                        let _permit = permits.acquire(wanted);
                        add(wanted.min(4));
                        std::thread::yield_now();
                        *used.lock().expect("no panic") -= wanted.min(4);
                    }
                });
            }
        });
        let places = permits.places.into_inner().expect("no panic");
        assert_eq!((places.left, places.waiting, places.number, places.turn), (4, 0, 4_000, 4_000));
    }

    #[test]
    fn who_wants_many_is_not_passed_by() {
        let permits = Permits::new(2);
        let order = Mutex::new(Vec::new());
        let waiting = |many: u32| {
            while permits.lock().waiting < many {
                std::thread::yield_now()
            }
        };
        std::thread::scope(|scope| {
            let first = permits.acquire(1);
            scope.spawn(|| {
                let _permit = permits.acquire(2);
                order.lock().expect("no panic").push("both");
            });
            waiting(1);
            scope.spawn(|| {
                let _permit = permits.acquire(1);
                order.lock().expect("no panic").push("one");
            });
            waiting(2);
            drop(first);
        });
        assert_eq!(order.into_inner().expect("no panic"), ["both", "one"]);
    }
}
