//! Contents: reading, writing, lengths.

use super::error::FsError;
use super::open::Handle;
use super::tree::{Body, FileSystem, NodeId, Timestamp, for_changes};

/// Offsets and lengths are signed on Linux, and so in what guests expect.
const MAX_OFFSET: u64 = i64::MAX.unsigned_abs();

impl FileSystem {
    /// Up to `len` bytes from `offset`; none at the end of the file. Needs no more room than the file has.
    pub(crate) fn read(&self, handle: &Handle, offset: u64, len: u64) -> Result<Vec<u8>, FsError> {
        let id = handle.file()?;
        if !handle.readable() {
            return Err(FsError::BadDescriptor);
        }
        if offset > MAX_OFFSET {
            return Err(FsError::Invalid);
        }
        match &self.node(id)?.body {
            Body::File(content) => content.read(offset, len),
            _ => Err(FsError::BadDescriptor),
        }
    }

    /// Writes all of the bytes at `offset`, or none; says how many.
    pub(crate) fn write(&mut self, handle: &Handle, offset: u64, bytes: &[u8], now: Timestamp) -> Result<u64, FsError> {
        let id = writable(handle)?;
        if offset > MAX_OFFSET {
            return Err(FsError::Invalid);
        }
        let end = offset.saturating_add(bytes.len() as u64);
        if end > MAX_OFFSET {
            return Err(FsError::FileTooLarge);
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        let node = self.nodes.get_mut(&id).ok_or(FsError::BadDescriptor)?;
        let old = node.len();
        let (before, after) = (node.cost(old), node.cost(old.max(end)));
        let Body::File(content) = &mut node.body else { return Err(FsError::BadDescriptor) };
        self.quota.change(before, after)?;
        if let Err(error) = content.write(offset, bytes) {
            self.quota.change(after, before)?;
            return Err(error);
        }
        node.times.touch(now);
        Ok(bytes.len() as u64)
    }

    /// Writes all of the bytes at the end of the file, or none; says how many.
    pub(crate) fn append(&mut self, handle: &Handle, bytes: &[u8], now: Timestamp) -> Result<u64, FsError> {
        let end = self.node(writable(handle)?)?.len();
        self.write(handle, end, bytes, now)
    }

    /// `descriptor.set-size`.
    pub(crate) fn set_size(&mut self, handle: &Handle, len: u64, now: Timestamp) -> Result<(), FsError> {
        let id = handle.file()?;
        for_changes(handle.access())?;
        if !handle.writable() || len > MAX_OFFSET {
            return Err(FsError::Invalid);
        }
        self.resize(id, len, now)
    }

    pub(super) fn resize(&mut self, id: NodeId, len: u64, now: Timestamp) -> Result<(), FsError> {
        let node = self.nodes.get_mut(&id).ok_or(FsError::BadDescriptor)?;
        let (before, after) = (node.cost(node.len()), node.cost(len));
        let Body::File(content) = &mut node.body else { return Err(FsError::IsDirectory) };
        self.quota.change(before, after)?;
        content.set_len(len);
        node.times.touch(now);
        Ok(())
    }

    /// `descriptor.advise`: there is nothing to prepare, but a wrong call is still one.
    pub(crate) fn advise(&self, handle: &Handle, len: u64) -> Result<(), FsError> {
        handle.file()?;
        if len > MAX_OFFSET { Err(FsError::Invalid) } else { Ok(()) }
    }
}

fn writable(handle: &Handle) -> Result<NodeId, FsError> {
    let id = handle.file()?;
    for_changes(handle.access())?;
    if handle.writable() { Ok(id) } else { Err(FsError::BadDescriptor) }
}
