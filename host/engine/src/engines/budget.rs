//! How many engines have their turns side by side.

/// What the turns of engines may take together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The threads that make runs.
    pub workers: usize,
    /// The memory that runs may hold at one time, in bytes: as each may take all that its limit allows, so many are made at
    /// one time as fit.
    pub memory_bytes: u64,
}

/// A budget shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// So many engines have their turns at one time.
    pub engines: usize,
    /// So many threads make the runs of each.
    pub threads: usize,
}

impl Budget {
    /// Shares the budget out among some engines, where a run takes so much memory at most. Whatever the budget, one
    /// engine is always given a thread: a run that is alone takes what it takes.
    #[must_use]
    pub fn share(&self, engines: usize, run_memory_bytes: u64) -> Share {
        let fit = usize::try_from(self.memory_bytes / run_memory_bytes.max(1)).unwrap_or(usize::MAX);
        let threads = self.workers.min(fit).max(1);
        let engines = engines.clamp(1, threads);
        Share { engines, threads: threads / engines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_runs_at_one_time_than_there_are_workers_and_memory() {
        let share = |workers, memory_bytes, engines, each| Budget { workers, memory_bytes }.share(engines, each);
        assert_eq!(share(8, 100, 2, 10), Share { engines: 2, threads: 4 });
        assert_eq!(share(8, 30, 5, 10), Share { engines: 3, threads: 1 });
        assert_eq!(share(2, 100, 5, 10), Share { engines: 2, threads: 1 });
        assert_eq!(
            (share(0, 0, 0, 0), share(4, 5, 3, 10)),
            (Share { engines: 1, threads: 1 }, Share { engines: 1, threads: 1 })
        );
        for workers in 1..20 {
            for memory in 1..20 {
                for engines in 1..8 {
                    let Share { engines, threads } = share(workers, memory, engines, 1);
                    assert!(engines * threads <= workers.min(memory as usize).max(1));
                }
            }
        }
    }
}
