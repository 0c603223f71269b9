//! The bytes of a file.

use std::sync::Arc;

use super::error::FsError;

/// What a file holds: stored bytes, and zeroes from there to its length.
///
/// The zeroes are not stored, so that a guest which sets a length of many megabytes over and over costs
/// the host nothing. The stored bytes are shared by clones until one of them writes: a file system that
/// is the template of a thousand runs holds a granted file once.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    stored: Arc<Vec<u8>>,
    len: u64,
}

impl Content {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { len: bytes.len() as u64, stored: Arc::new(bytes) }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes that are stored; the rest of the length is zeroes.
    pub(super) fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// Up to `max` bytes from `offset`; none at or past the end.
    pub(super) fn read(&self, offset: u64, max: u64) -> Result<Vec<u8>, FsError> {
        let end = self.len.min(offset.saturating_add(max));
        let wanted = to_usize(end.saturating_sub(offset))?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(wanted).map_err(|_| FsError::InsufficientMemory)?;
        let rest = usize::try_from(offset).ok().and_then(|start| self.stored.get(start..)).unwrap_or_default();
        bytes.extend_from_slice(rest.get(..wanted).unwrap_or(rest));
        bytes.resize(wanted, 0);
        Ok(bytes)
    }

    /// Puts bytes at `offset`, with zeroes between the old end and it.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), FsError> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(FsError::FileTooLarge)?;
        let (start, stop) = (to_usize(offset)?, to_usize(end)?);
        let stored = Arc::make_mut(&mut self.stored);
        if let Some(more) = stop.checked_sub(stored.len()) {
            stored.try_reserve(more).map_err(|_| FsError::InsufficientMemory)?;
        }
        if start > stored.len() {
            stored.resize(start, 0);
        }
        let (over, beyond) = bytes.split_at(bytes.len().min(stored.len() - start));
        if let Some(place) = stored.get_mut(start..start + over.len()) {
            place.copy_from_slice(over);
        }
        stored.extend_from_slice(beyond);
        self.len = self.len.max(end);
        Ok(())
    }

    pub(super) fn set_len(&mut self, len: u64) {
        self.len = len;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len >= self.stored.len() {
            return;
        }
        match Arc::get_mut(&mut self.stored) {
            // The room goes back as well: it is no longer counted.
            Some(stored) => {
                stored.truncate(len);
                stored.shrink_to_fit();
            }
            None => self.stored = Arc::new(self.stored.iter().take(len).copied().collect()),
        }
    }

    /// Whether both hold the same bytes.
    pub(super) fn same(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        if Arc::ptr_eq(&self.stored, &other.stored) {
            return true;
        }
        let common = self.stored.len().min(other.stored.len());
        let (a, a_rest) = self.stored.split_at(common);
        let (b, b_rest) = other.stored.split_at(common);
        a == b && a_rest.iter().chain(b_rest).all(|byte| *byte == 0)
    }
}

fn to_usize(bytes: u64) -> Result<usize, FsError> {
    usize::try_from(bytes).map_err(|_| FsError::FileTooLarge)
}
