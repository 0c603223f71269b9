//! What is known about a node: kind, size, times, identity.

use super::error::FsError;
use super::open::Handle;
use super::resolve::Last;
use super::tree::{FileSystem, Kind, NodeId, Timestamp, for_changes};

/// `descriptor-stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) kind: Kind,
    /// Names of a file; for a directory, two and one for each directory in it.
    pub(crate) link_count: u64,
    /// Length of a file or of a symlink's target; 0 for a directory.
    pub(crate) size: u64,
    pub(crate) accessed: Timestamp,
    pub(crate) modified: Timestamp,
    /// When the status, a name or the contents last changed.
    pub(crate) changed: Timestamp,
}

/// `new-timestamp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTimestamp {
    NoChange,
    Now,
    At(Timestamp),
}

/// `metadata-hash-value`: the same for two handles exactly if they are open on the same node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MetadataHash {
    pub(crate) lower: u64,
    pub(crate) upper: u64,
}

impl FileSystem {
    /// `descriptor.stat`.
    pub(crate) fn stat(&self, handle: &Handle) -> Result<Stat, FsError> {
        self.stat_node(handle.node())
    }

    /// `descriptor.stat-at`.
    pub(crate) fn stat_at(&self, base: &Handle, path: &str, follow: bool) -> Result<Stat, FsError> {
        self.stat_node(self.find(base.directory()?, path, Last::look(follow))?)
    }

    fn stat_node(&self, id: NodeId) -> Result<Stat, FsError> {
        let node = self.node(id)?;
        Ok(Stat {
            kind: node.kind(),
            link_count: node.links,
            size: node.len(),
            accessed: node.times.accessed,
            modified: node.times.modified,
            changed: node.times.changed,
        })
    }

    /// `descriptor.set-times`: needs a read-write root, but no handle that is open for writing.
    pub(crate) fn set_times(
        &mut self,
        handle: &Handle,
        accessed: NewTimestamp,
        modified: NewTimestamp,
        now: Timestamp,
    ) -> Result<(), FsError> {
        for_changes(handle.access())?;
        self.set_node_times(handle.node(), accessed, modified, now)
    }

    /// `descriptor.set-times-at`.
    pub(crate) fn set_times_at(
        &mut self,
        (base, path, follow): (&Handle, &str, bool),
        accessed: NewTimestamp,
        modified: NewTimestamp,
        now: Timestamp,
    ) -> Result<(), FsError> {
        let id = self.find(base.changeable()?, path, Last::look(follow))?;
        self.set_node_times(id, accessed, modified, now)
    }

    fn set_node_times(
        &mut self,
        id: NodeId,
        accessed: NewTimestamp,
        modified: NewTimestamp,
        now: Timestamp,
    ) -> Result<(), FsError> {
        let times = &mut self.node_mut(id)?.times;
        for (time, new) in [(&mut times.accessed, accessed), (&mut times.modified, modified)] {
            match new {
                NewTimestamp::NoChange => continue,
                NewTimestamp::Now => *time = now,
                NewTimestamp::At(at) => *time = at,
            }
            times.changed = now;
        }
        Ok(())
    }

    /// `descriptor.is-same-object`.
    pub(crate) fn is_same_object(&self, a: &Handle, b: &Handle) -> bool {
        a.node() == b.node()
    }

    /// `descriptor.metadata-hash`.
    pub(crate) fn metadata_hash(&self, handle: &Handle) -> MetadataHash {
        hash(handle.node())
    }

    /// `descriptor.metadata-hash-at`.
    pub(crate) fn metadata_hash_at(&self, base: &Handle, path: &str, follow: bool) -> Result<MetadataHash, FsError> {
        Ok(hash(self.find(base.directory()?, path, Last::look(follow))?))
    }
}

/// Both halves are one-to-one in the number of the node, so the lower one alone is a fit inode number,
/// which is what the preview 1 adapter makes of it.
fn hash(id: NodeId) -> MetadataHash {
    let lower = mix(id.number());
    MetadataHash { lower, upper: mix(lower) }
}

/// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014), with its increment.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
