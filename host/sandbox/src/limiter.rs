//! Memory and tables, counted over all instances of a run.

use holobiont_core::Limits;
use wasmtime::ResourceLimiter;

/// Counts what a run holds, summed over all its memories and tables: wasmtime's own `StoreLimits`
/// bounds each memory alone, so a component of many memories would get the limit many times over.
#[derive(Debug)]
pub(crate) struct Growth {
    memory: Sum,
    tables: Sum,
    instances: usize,
    memories: usize,
}

/// A running total under a bound.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    limit: u64,
    now: u64,
    /// What the last permitted growth added, so that it can be taken back should the engine fail it.
    last: u64,
    pub(crate) peak: u64,
    /// The total that was asked for when growth was first refused: what happens afterwards looks like
    /// an ordinary trap, so the cause is kept here.
    pub(crate) refused: Option<u64>,
    /// An injected fault: nothing grows any more.
    sealed: bool,
    /// Whether it has refused what the limit would have let through.
    sealed_refused: bool,
}

impl Sum {
    fn new(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        // Past its own maximum a growth fails whatever this host says: no limit of ours is at fault.
        if maximum.is_some_and(|most| desired > most) {
            self.last = 0;
            return false;
        }
        let more = (desired as u64).saturating_sub(current as u64);
        let total = self.now.saturating_add(more);
        if total > self.limit {
            self.refused.get_or_insert(total);
            self.last = 0;
            return false;
        }
        // What is made rather than grown begins at nothing, and is let through: there would be no run otherwise.
        if self.sealed && current > 0 && more > 0 {
            self.sealed_refused = true;
            self.last = 0;
            return false;
        }
        self.last = more;
        self.now = total;
        self.peak = self.peak.max(total);
        true
    }

    /// What may still be asked for.
    pub(crate) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.now)
    }

    /// Notes the peak of a run that was made while this one held what it holds.
    fn nested(&mut self, peak: u64) {
        self.peak = self.peak.max(self.now.saturating_add(peak));
    }

    fn take_back(&mut self) {
        self.now -= self.last;
        self.last = 0;
    }
}

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory: Sum::new(limits.memory_bytes),
            tables: Sum::new(limits.table_elements),
            instances: usize::try_from(limits.instances).unwrap_or(usize::MAX),
            memories: usize::try_from(limits.memories).unwrap_or(usize::MAX),
        }
    }

    pub(crate) fn memory(&self) -> &Sum {
        &self.memory
    }

    pub(crate) fn tables(&self) -> &Sum {
        &self.tables
    }

    /// From here on no memory grows, whatever the limit says.
    pub(crate) fn seal(&mut self) {
        self.memory.sealed = true;
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.memory.sealed
    }

    /// Whether memory was refused that the limit would have let through.
    pub(crate) fn sealed_refused(&self) -> bool {
        self.memory.sealed_refused
    }

    /// Notes the peaks of a run inside of this one.
    pub(crate) fn nested(&mut self, memory_bytes: u64, table_elements: u64) {
        self.memory.nested(memory_bytes);
        self.tables.nested(table_elements);
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow(current, desired, maximum))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.take_back();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.tables.grow(current, desired, maximum))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.tables.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_one_limit_and_the_refusal_is_remembered() {
        let mut growth = Growth::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(growth.memory.grow(0, 60, None));
        assert!(growth.memory.grow(0, 40, None));
        assert!(!growth.memory.grow(40, 50, None));
        assert!(!growth.memory.grow(40, 90, None));
        assert_eq!((growth.memory.peak, growth.memory.refused), (100, Some(110)));
    }

    #[test]
    fn a_sealed_memory_refuses_what_its_limit_allows_and_says_that_it_was_sealed() {
        let mut growth = Growth::new(&Limits { memory_bytes: 100, ..Limits::default() });
        assert!(growth.memory.grow(0, 60, None));
        growth.seal();
        assert!(growth.is_sealed() && !growth.sealed_refused());
        assert!(growth.memory.grow(60, 60, None), "nothing more is no growth");
        assert!(growth.memory.grow(0, 10, None), "a memory is made");
        assert!(!growth.sealed_refused());
        assert!(!growth.memory.grow(60, 70, None));
        assert_eq!((growth.sealed_refused(), growth.memory.refused), (true, None));
        assert!(!growth.memory.grow(60, 200, None));
        assert_eq!(growth.memory.refused, Some(210), "past the limit it is the limit");
    }

    #[test]
    fn a_memory_past_its_own_maximum_is_not_our_refusal() {
        let mut growth = Growth::new(&Limits::default());
        assert!(!growth.memory.grow(0, 10, Some(5)));
        assert_eq!(growth.memory.refused, None);
        assert!(growth.memory.grow(0, 5, Some(5)));
        growth.memory.take_back();
        assert_eq!(growth.memory.now, 0);
    }
}
