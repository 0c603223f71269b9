//! From a directory of the host into the tree.
//!
//! Everything is opened by a single name in the handle of its directory, and only after it was looked at
//! without following symlinks; what was opened must then be what was looked at. So a directory that is
//! replaced by a symlink meanwhile is refused, not followed.

use std::io::{self, Read};
use std::vec;

use cap_std::fs::{Dir, Metadata};

use super::content::Content;
use super::error::FsError;
use super::tree::{Body, Directory, FileSystem, NodeId, Timestamp};

/// What a grant may hold: more is an error, since a part of it would not be what was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotLimits {
    /// Of files and of symlinks' targets, together.
    pub(crate) max_bytes: u64,
    /// Files, directories, symlinks, and what is left out.
    pub(crate) max_entries: u64,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) files: u64,
    pub(crate) directories: u64,
    pub(crate) symlinks: u64,
    pub(crate) bytes: u64,
    /// Devices, sockets, pipes, and what has a name or a target that is not UTF-8: a guest sees none.
    pub(crate) left_out: u64,
}

/// Why a directory could not be read. Paths are relative to it, and escaped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SnapshotError {
    /// The host would not let it be read.
    #[error("cannot read '{path}'")]
    Io {
        path: String,
        #[source]
        source: io::Error,
    },
    /// Something took its place between two looks.
    #[error("'{path}' was replaced while it was read")]
    Replaced { path: String },
    /// More than [`SnapshotLimits::max_bytes`].
    #[error("more than {max_bytes} bytes, counted up to '{path}'")]
    TooLarge { path: String, max_bytes: u64 },
    /// More than [`SnapshotLimits::max_entries`].
    #[error("more than {max_entries} files and directories, counted up to '{path}'")]
    TooMany { path: String, max_entries: u64 },
    /// More than [`FileSystem::MAX_DEPTH`].
    #[error("'{path}' is more than {} directories deep", FileSystem::MAX_DEPTH)]
    TooDeep { path: String },
    /// The node is not an empty directory of the tree.
    #[error("no place to read a directory into")]
    Root(#[from] FsError),
}

/// A directory that is being read: as many are open as it is deep.
struct Level {
    dir: Dir,
    node: NodeId,
    path: String,
    names: vec::IntoIter<String>,
}

struct Reading<'a> {
    fs: &'a mut FileSystem,
    limits: SnapshotLimits,
    now: Timestamp,
    seen: u64,
    done: Snapshot,
}

/// Reads what a host's directory holds into an empty one of the tree, in byte order of names.
///
/// All that is read gets the time `now`: the host's times would be different on every machine, and so would
/// a run that looks at them. Symlinks are copied as they are, wherever they lead; hard links become files
/// of their own. On an error the tree holds a part, and is of no use.
pub(crate) fn snapshot(
    fs: &mut FileSystem,
    root: NodeId,
    dir: &Dir,
    limits: SnapshotLimits,
    now: Timestamp,
) -> Result<Snapshot, SnapshotError> {
    if !fs.node(root)?.directory()?.entries.is_empty() {
        return Err(FsError::NotEmpty.into());
    }
    let mut reading = Reading { fs, limits, now, seen: 0, done: Snapshot::default() };
    let dir = dir.try_clone().map_err(io_error(String::new()))?;
    let mut levels = vec![reading.level(dir, root, String::new())?];
    while let Some(level) = levels.last_mut() {
        let Some(name) = level.names.next() else {
            levels.pop();
            continue;
        };
        if let Some(below) = reading.entry(level, &name)? {
            if levels.len() > FileSystem::MAX_DEPTH {
                return Err(SnapshotError::TooDeep { path: escaped(&below.path) });
            }
            levels.push(below);
        }
    }
    Ok(reading.done)
}

impl Reading<'_> {
    fn level(&mut self, dir: Dir, node: NodeId, path: String) -> Result<Level, SnapshotError> {
        let mut names = Vec::new();
        for entry in dir.entries().map_err(io_error(path.clone()))? {
            let entry = entry.map_err(io_error(path.clone()))?;
            self.seen += 1;
            if self.seen > self.limits.max_entries {
                return Err(SnapshotError::TooMany { path: escaped(&path), max_entries: self.limits.max_entries });
            }
            match entry.file_name().into_string() {
                Ok(name) => names.push(name),
                Err(_) => self.done.left_out += 1,
            }
        }
        names.sort_unstable();
        Ok(Level { dir, node, path, names: names.into_iter() })
    }

    fn entry(&mut self, level: &Level, name: &str) -> Result<Option<Level>, SnapshotError> {
        let path = join(&level.path, name);
        let seen = level.dir.symlink_metadata(name).map_err(io_error(path.clone()))?;
        if seen.is_dir() {
            let dir = level.dir.open_dir(name).map_err(io_error(path.clone()))?;
            is_still(&seen, &dir.dir_metadata().map_err(io_error(path.clone()))?, &path)?;
            let node = self.fs.grant(level.node, name, Body::Directory(Directory::default()), self.now)?;
            self.done.directories += 1;
            return self.level(dir, node, path).map(Some);
        }
        let body = if seen.is_file() {
            Body::File(Content::new(self.file(&level.dir, name, &seen, &path)?))
        } else if seen.is_symlink() {
            let target = level.dir.read_link_contents(name).map_err(io_error(path.clone()))?;
            let Ok(target) = target.into_os_string().into_string() else {
                self.done.left_out += 1;
                return Ok(None);
            };
            self.count(target.len() as u64, &path)?;
            Body::Symlink(target.into())
        } else {
            self.done.left_out += 1;
            return Ok(None);
        };
        let counter = if seen.is_file() { &mut self.done.files } else { &mut self.done.symlinks };
        *counter += 1;
        self.fs.grant(level.node, name, body, self.now)?;
        Ok(None)
    }

    /// Reads no more than may be read, however long the file says it is or gets meanwhile.
    fn file(&mut self, dir: &Dir, name: &str, seen: &Metadata, path: &str) -> Result<Vec<u8>, SnapshotError> {
        let io = || io_error(path.to_owned());
        let file = dir.open(name).map_err(io())?;
        is_still(seen, &file.metadata().map_err(io())?, path)?;
        let room = self.limits.max_bytes.saturating_sub(self.done.bytes);
        let mut bytes = Vec::new();
        file.take(room.saturating_add(1)).read_to_end(&mut bytes).map_err(io())?;
        self.count(bytes.len() as u64, path)?;
        bytes.shrink_to_fit();
        Ok(bytes)
    }

    fn count(&mut self, bytes: u64, path: &str) -> Result<(), SnapshotError> {
        let max_bytes = self.limits.max_bytes;
        self.done.bytes = self.done.bytes.saturating_add(bytes);
        if self.done.bytes > max_bytes {
            return Err(SnapshotError::TooLarge { path: escaped(path), max_bytes });
        }
        Ok(())
    }
}

fn is_still(seen: &Metadata, opened: &Metadata, path: &str) -> Result<(), SnapshotError> {
    if same_object(seen, opened) { Ok(()) } else { Err(SnapshotError::Replaced { path: escaped(path) }) }
}

/// Whether two looks were at the same object of the host.
#[cfg(unix)]
pub(super) fn same_object(a: &Metadata, b: &Metadata) -> bool {
    use cap_std::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Elsewhere the numbers of files cannot be asked for; that both are of one kind is what can be said.
#[cfg(not(unix))]
pub(super) fn same_object(a: &Metadata, b: &Metadata) -> bool {
    a.file_type() == b.file_type()
}

fn io_error(path: String) -> impl FnOnce(io::Error) -> SnapshotError {
    move |source| SnapshotError::Io { path: escaped(&path), source }
}

pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// A path as it may be shown: names come from whoever filled the directory.
pub(super) fn escaped(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { path.escape_debug().to_string() }
}
