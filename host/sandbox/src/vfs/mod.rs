//! The files that a guest sees: a tree in memory, with a quota and POSIX's rules.
//!
//! A measured run never touches the machine's disk. What a grant lets a guest see is read into the tree
//! before the run ([`snapshot()`]), and what a completed run changed under a read-write grant is brought
//! back afterwards ([`write_back()`]); in between, everything is a function of the calls that are made. No
//! clock is read, nodes are numbered in the order of their creation, and directories list their names in
//! byte order, so the same calls give the same answers on every machine.
//!
//! ```text
//! quota, content, tree     what there is: counted bytes, nodes, names
//! resolve                  from a directory and a path to a place in the tree, never above that directory
//! open, files, names,      the operations of wasi:filesystem/types, by handle
//!   attributes
//! snapshot, write_back     between the tree and a directory of the host
//! ```
//!
//! # What is counted
//!
//! The quota holds what the guest adds, and nothing else: [`FileSystem::NODE_BYTES`] for a node, the
//! length of a file (holes count: a length is a promise of room) or of a symlink's target, and
//! [`FileSystem::ENTRY_BYTES`] with the length of the name for each name. What came with a grant is free:
//! its nodes, its names, and each file up to the length that it had. So a granted file of 10 bytes that
//! the guest makes 12 bytes long counts 2, one that it replaces by a new file counts like any new file,
//! and removing what was granted earns nothing. An unlinked file counts until its last handle is closed.
//! What is refused is remembered ([`FileSystem::refused`]), since it later looks like any failed write.
//!
//! # Where it differs from Linux under wasmtime
//!
//! - Reading does not move access times, as on a file system mounted with `noatime`.
//! - A write is done in full or not at all.
//! - `remove-directory-at("dir/")` removes the directory, as `rmdir` does; wasmtime says `invalid`.
//! - `stat-at("file/")` is `not-directory` whether symlinks are followed or not.
//! - Directories nest to [`FileSystem::MAX_DEPTH`], beyond which a name is too long.

mod attributes;
mod content;
mod error;
mod files;
mod names;
mod open;
mod quota;
mod resolve;
mod snapshot;
#[cfg(test)]
mod tests;
mod tree;
mod write_back;

pub(crate) use attributes::{MetadataHash, NewTimestamp, Stat};
pub(crate) use error::FsError;
pub(crate) use names::DirectoryCursor;
pub(crate) use open::{Handle, OpenOptions};
pub(crate) use snapshot::{SnapshotLimits, snapshot};
pub(crate) use tree::{FileSystem, Kind, NodeId, Timestamp};
pub(crate) use write_back::write_back;
