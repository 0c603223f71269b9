//! Names: making, linking, moving, removing, listing.

use std::ops::Bound;

use super::error::FsError;
use super::open::Handle;
use super::resolve::{self, Last, Place};
use super::tree::{Body, Directory, FileSystem, Kind, NodeId, Timestamp};

/// How far a listing has come.
///
/// It holds one name and no copy of the directory, whose size is the guest's choice. Names that are made
/// after it began are not in it, so that a guest which renames what it lists comes to an end.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryCursor {
    directory: NodeId,
    after: Option<Box<str>>,
    last_serial: u64,
}

/// One name of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryEntry {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

impl FileSystem {
    /// `descriptor.read-directory`. The cursor needs the handle's directory to stay: keep the handle, or a
    /// duplicate, as long.
    pub(crate) fn read_directory(&self, handle: &Handle) -> Result<DirectoryCursor, FsError> {
        Ok(DirectoryCursor { directory: handle.directory()?, after: None, last_serial: self.last_serial })
    }

    /// The next name in byte order; `.` and `..` are not listed.
    pub(crate) fn next_entry(&self, cursor: &mut DirectoryCursor) -> Option<DirectoryEntry> {
        let entries = &self.nodes.get(&cursor.directory)?.directory().ok()?.entries;
        let start = cursor.after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let (name, entry) =
            entries.range::<str, _>((start, Bound::Unbounded)).find(|(_, entry)| entry.serial <= cursor.last_serial)?;
        cursor.after = Some(name.clone());
        Some(DirectoryEntry { name: name.as_ref().to_owned(), kind: self.nodes.get(&entry.node)?.kind() })
    }

    /// `descriptor.create-directory-at`.
    pub(crate) fn create_directory_at(&mut self, base: &Handle, path: &str, now: Timestamp) -> Result<(), FsError> {
        let place = self.walk(base.changeable()?, path, Last::Keep)?;
        let Place { parent, name: Some(name), node: None, .. } = place else { return Err(FsError::Exist) };
        if self.depth(parent) >= Self::MAX_DEPTH {
            return Err(FsError::NameTooLong);
        }
        self.create(parent, name, Body::Directory(Directory::default()), now)?;
        Ok(())
    }

    /// `descriptor.symlink-at`: an absolute target is refused, as wasmtime does, since another program
    /// could follow it.
    pub(crate) fn symlink_at(
        &mut self,
        base: &Handle,
        target: &str,
        path: &str,
        now: Timestamp,
    ) -> Result<(), FsError> {
        let start = base.changeable()?;
        resolve::check(target)?;
        let place = self.walk(start, path, Last::FollowWithSlash)?;
        self.heed_slash(&place)?;
        let Place { parent, name: Some(name), node: None, .. } = place else { return Err(FsError::Exist) };
        self.create(parent, name, Body::Symlink(target.into()), now)?;
        Ok(())
    }

    /// `descriptor.readlink-at`. A target that came with a grant may be absolute: it is text.
    pub(crate) fn readlink_at(&self, base: &Handle, path: &str) -> Result<String, FsError> {
        let id = self.find(base.directory()?, path, Last::FollowWithSlash)?;
        match &self.node(id)?.body {
            Body::Symlink(target) => Ok(target.as_ref().to_owned()),
            _ => Err(FsError::Invalid),
        }
    }

    /// `descriptor.link-at`. Symlinks are linked, not followed; `follow` is refused as wasmtime does.
    pub(crate) fn link_at(
        &mut self,
        (old_base, old_path, follow): (&Handle, &str, bool),
        (new_base, new_path): (&Handle, &str),
        now: Timestamp,
    ) -> Result<(), FsError> {
        let (old_base, new_base) = (old_base.directory()?, old_base.changeable().and(new_base.changeable())?);
        if follow {
            return Err(FsError::Invalid);
        }
        let old = self.walk(old_base, old_path, Last::FollowWithSlash)?;
        self.heed_slash(&old)?;
        let new = self.walk(new_base, new_path, Last::FollowWithSlash)?;
        self.heed_slash(&new)?;
        let id = old.node.ok_or(FsError::NoEntry)?;
        let Place { parent, name: Some(name), node: None, .. } = new else { return Err(FsError::Exist) };
        if self.node(id)?.is_directory() {
            return Err(FsError::NotPermitted);
        }
        self.add_name(parent, name, id, now)
    }

    /// `descriptor.unlink-file-at`.
    pub(crate) fn unlink_file_at(&mut self, base: &Handle, path: &str, now: Timestamp) -> Result<(), FsError> {
        let place = self.walk(base.changeable()?, path, Last::FollowWithSlash)?;
        self.heed_slash(&place)?;
        if self.node(place.node.ok_or(FsError::NoEntry)?)?.is_directory() {
            return Err(FsError::IsDirectory);
        }
        self.remove_name(place.parent, &place.name.ok_or(FsError::IsDirectory)?, now)
    }

    /// `descriptor.remove-directory-at`.
    pub(crate) fn remove_directory_at(&mut self, base: &Handle, path: &str, now: Timestamp) -> Result<(), FsError> {
        let start = base.changeable()?;
        let place = self.walk(start, path, Last::Keep)?;
        // A directory cannot be removed as its own `.`, and so a root never is.
        let name = place.name.ok_or(FsError::Invalid)?;
        let node = self.node(place.node.ok_or(FsError::NoEntry)?)?;
        if place.slash && node.kind() == Kind::Symlink {
            // The slash means the directory that the symlink leads to, but a name is what is removed.
            self.find(start, path, Last::Follow)?;
            return Err(FsError::Invalid);
        }
        if !node.directory()?.entries.is_empty() {
            return Err(FsError::NotEmpty);
        }
        self.remove_name(place.parent, &name, now)
    }

    /// `descriptor.rename-at`, by POSIX's rules; also from one read-write root to another.
    pub(crate) fn rename_at(
        &mut self,
        (old_base, old_path): (&Handle, &str),
        (new_base, new_path): (&Handle, &str),
        now: Timestamp,
    ) -> Result<(), FsError> {
        let (old_base, new_base) = (old_base.directory()?, old_base.changeable().and(new_base.changeable())?);
        let old = self.walk(old_base, old_path, Last::Keep)?;
        let new = self.walk(new_base, new_path, Last::Keep)?;
        let (Some(old_name), Some(new_name)) = (old.name, new.name) else { return Err(FsError::Busy) };
        let source = old.node.ok_or(FsError::NoEntry)?;
        let is_directory = self.node(source)?.is_directory();
        if !is_directory && (old.slash || new.slash) {
            return Err(FsError::NotDirectory);
        }
        if is_directory && self.is_within(new.parent, source) {
            return Err(FsError::Invalid);
        }
        if let Some(target) = new.node {
            if self.is_within(old.parent, target) {
                return Err(FsError::NotEmpty);
            }
            // Two names of one file stay two names, as POSIX has it.
            if target == source {
                return Ok(());
            }
            self.check_replaced(target, is_directory)?;
        }
        if is_directory && old.parent != new.parent {
            self.check_depth(source, old.parent, new.parent)?;
        }
        self.move_name((old.parent, &old_name), (new.parent, new_name), now)
    }

    fn check_replaced(&self, target: NodeId, by_directory: bool) -> Result<(), FsError> {
        match (&self.node(target)?.body, by_directory) {
            (Body::Directory(directory), true) if directory.entries.is_empty() => Ok(()),
            (Body::Directory(_), true) => Err(FsError::NotEmpty),
            (Body::Directory(_), false) => Err(FsError::IsDirectory),
            (_, true) => Err(FsError::NotDirectory),
            (_, false) => Ok(()),
        }
    }

    /// Measures what is moved only if it gets deeper.
    fn check_depth(&self, source: NodeId, old_parent: NodeId, new_parent: NodeId) -> Result<(), FsError> {
        let depth = self.depth(new_parent);
        if depth > self.depth(old_parent) && depth + self.height(source) > Self::MAX_DEPTH {
            return Err(FsError::NameTooLong);
        }
        Ok(())
    }
}
