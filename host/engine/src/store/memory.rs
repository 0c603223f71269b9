//! A store that forgets everything with the process: for tests, and for questions asked once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holobiont_core::Digest;

use super::multiset::Multiset;
use super::{Store, StoreError, StoredEvent, StoredRun};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    runs: Mutex<Runs>,
    trials: Mutex<BTreeMap<(Digest, Digest), Vec<u8>>>,
    baselines: Mutex<BTreeMap<Digest, String>>,
    events: Mutex<Vec<StoredEvent>>,
}

#[derive(Debug, Default)]
struct Runs {
    by_key: BTreeMap<Digest, StoredRun>,
    oldest_first: Vec<Digest>,
}

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
        Ok(self.lock().by_key.get(key).cloned())
    }

    fn remember(&self, runs: &[(Digest, Arc<StoredRun>)]) -> Result<(), StoreError> {
        let mut kept = self.lock();
        for (key, run) in runs {
            match kept.by_key.get_mut(key) {
                None => {
                    kept.by_key.insert(*key, StoredRun::clone(run));
                    kept.oldest_first.push(*key);
                }
                // The same run again: all it can bring is an output that was dropped.
                Some(known) if known.output.is_none() => known.output.clone_from(&run.output),
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
        let mut kept = self.lock();
        let size = |run: &StoredRun| run.output.as_ref().map_or(0, |output| output.len() as u64);
        let mut total: u64 = kept.by_key.values().map(size).sum();
        for key in kept.oldest_first.clone() {
            if total <= keep_bytes {
                break;
            }
            if let Some(run) = kept.by_key.get_mut(&key) {
                total -= size(run);
                run.output = None;
            }
        }
        Ok(())
    }

    fn trials(&self, context: &Digest, visit: &mut dyn FnMut(Digest, &[u8])) -> Result<(), StoreError> {
        let trials = self.trials.lock().unwrap_or_else(PoisonError::into_inner);
        let first = (*context, Digest::from_bytes([0; 32]));
        for ((_, chain), record) in trials.range(first..).take_while(|((of, _), _)| of == context) {
            visit(*chain, record);
        }
        Ok(())
    }

    fn remember_trials(&self, context: &Digest, new: &[(Digest, Vec<u8>)]) -> Result<(), StoreError> {
        let mut trials = self.trials.lock().unwrap_or_else(PoisonError::into_inner);
        for (chain, record) in new {
            trials.entry((*context, *chain)).or_insert_with(|| record.clone());
        }
        Ok(())
    }

    fn baseline(&self, key: &Digest) -> Result<Option<String>, StoreError> {
        Ok(self.baselines.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn keep_baseline(&self, key: &Digest, document: &str) -> Result<(), StoreError> {
        self.baselines.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, document.to_owned());
        Ok(())
    }

    fn append(&self, event: &StoredEvent) -> Result<u64, StoreError> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event.clone());
        Ok(events.len() as u64)
    }

    fn events(&self, kind: &str, subject: &str, visit: &mut dyn FnMut(u64, StoredEvent)) -> Result<(), StoreError> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        for (event, number) in
            events.iter().zip(1..).filter(|(event, _)| event.kind == kind && event.subject == subject)
        {
            visit(number, event.clone());
        }
        Ok(())
    }

    fn subjects(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let of_kind = events.iter().filter(|event| event.kind == kind);
        Ok(of_kind.map(|event| event.subject.clone()).collect::<BTreeSet<String>>().into_iter().collect())
    }

    fn events_after(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredEvent)>, StoreError> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = (1..).zip(events.iter()).skip(usize::try_from(after).unwrap_or(usize::MAX));
        Ok(numbered.take(most).map(|(number, event)| (number, event.clone())).collect())
    }

    fn take_in(&self, new: &[StoredEvent]) -> Result<u64, StoreError> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut there = Multiset::default();
        events.iter().for_each(|event| there.add(event));
        let before = events.len();
        events.extend(new.iter().filter(|event| !there.take(event)).cloned());
        Ok((events.len() - before) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conforms() {
        let store = MemoryStore::default();
        super::super::conformance(&|| Box::new(&store));
    }
}
