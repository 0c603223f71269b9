//! One counter that measures and limits.

use super::error::FsError;

/// Bytes in use, the most there were, and the first total that was refused.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    limit: u64,
    used: u64,
    peak: u64,
    refused: Option<u64>,
}

impl Quota {
    pub(super) const fn new(limit: u64) -> Self {
        Self { limit, used: 0, peak: 0, refused: None }
    }

    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn peak(&self) -> u64 {
        self.peak
    }

    pub(super) fn refused(&self) -> Option<u64> {
        self.refused
    }

    /// Something that cost `old` now costs `new`. Getting smaller always succeeds, also above the limit.
    pub(super) fn change(&mut self, old: u64, new: u64) -> Result<(), FsError> {
        let total = self.used.saturating_sub(old).saturating_add(new);
        if new > old && total > self.limit {
            self.refused.get_or_insert(total);
            return Err(FsError::InsufficientSpace);
        }
        self.used = total;
        self.peak = self.peak.max(total);
        Ok(())
    }

    pub(super) fn take(&mut self, cost: u64) -> Result<(), FsError> {
        self.change(0, cost)
    }

    pub(super) fn give_back(&mut self, cost: u64) {
        self.used = self.used.saturating_sub(cost);
    }
}
