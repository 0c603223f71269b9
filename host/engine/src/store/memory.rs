//! A store that forgets everything with the process: for tests, and for questions asked once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use holobiont_core::Digest;

use super::{Store, StoreError, StoredRun};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    runs: Mutex<Runs>,
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

    fn remember(&self, runs: &[(Digest, StoredRun)]) -> Result<(), StoreError> {
        let mut kept = self.lock();
        for (key, run) in runs {
            match kept.by_key.get_mut(key) {
                None => {
                    kept.by_key.insert(*key, run.clone());
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
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    struct Shared(Arc<MemoryStore>);

    impl Store for Shared {
        fn run(&self, key: &Digest) -> Result<Option<StoredRun>, StoreError> {
            self.0.run(key)
        }
        fn remember(&self, runs: &[(Digest, StoredRun)]) -> Result<(), StoreError> {
            self.0.remember(runs)
        }
        fn trim_outputs(&self, keep_bytes: u64) -> Result<(), StoreError> {
            self.0.trim_outputs(keep_bytes)
        }
    }

    #[test]
    fn conforms() {
        let store = Arc::new(MemoryStore::default());
        super::super::conformance(&|| Box::new(Shared(Arc::clone(&store))));
    }
}
