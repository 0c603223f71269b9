//! Handles, and how they are come by.

use holobiont_core::Access;

use super::content::Content;
use super::error::FsError;
use super::resolve::{Last, Place};
use super::tree::{Body, FileSystem, Kind, NodeId, Timestamp, for_changes};

/// An open file or directory.
///
/// It keeps its node until [`FileSystem::close`]: there is no `Clone`, so that every handle is counted,
/// and no `Drop`, since a handle does not know its file system. One that is lost keeps its node until the
/// file system ends with the run.
#[derive(Debug)]
#[must_use = "a handle that is not closed keeps its node"]
pub(crate) struct Handle {
    node: NodeId,
    kind: Kind,
    access: Access,
    readable: bool,
    writable: bool,
}

impl Handle {
    /// The node that it is open on.
    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    /// [`Kind::File`] or [`Kind::Directory`].
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// What may be done below the root that it was opened from.
    pub(crate) fn access(&self) -> Access {
        self.access
    }

    /// Whether it was opened for reading.
    pub(crate) fn readable(&self) -> bool {
        self.readable
    }

    /// Whether it was opened for writing; of directories, only a read-write root is.
    pub(crate) fn writable(&self) -> bool {
        self.writable
    }

    /// The file; operations on contents are not for directories.
    pub(super) fn file(&self) -> Result<NodeId, FsError> {
        match self.kind {
            Kind::File => Ok(self.node),
            _ => Err(FsError::BadDescriptor),
        }
    }

    /// The directory; paths start at nothing else.
    pub(super) fn directory(&self) -> Result<NodeId, FsError> {
        match self.kind {
            Kind::Directory => Ok(self.node),
            _ => Err(FsError::NotDirectory),
        }
    }

    /// The directory, if what lies below it may be changed.
    pub(super) fn changeable(&self) -> Result<NodeId, FsError> {
        let node = self.directory()?;
        for_changes(self.access)?;
        Ok(node)
    }
}

/// WASI's `path-flags`, `open-flags` and `descriptor-flags`, as far as they matter here.
///
/// `mutate-directory` does not: as in wasmtime, what may be changed is the root's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenOptions {
    /// Follow a symlink that is the last component.
    pub(crate) follow: bool,
    /// Make the file if there is none.
    pub(crate) create: bool,
    /// Fail unless it is a directory.
    pub(crate) directory: bool,
    /// With `create`: fail if there is something.
    pub(crate) exclusive: bool,
    /// Set the length to 0.
    pub(crate) truncate: bool,
    /// Open for reading; implied if not for writing.
    pub(crate) read: bool,
    /// Open for writing.
    pub(crate) write: bool,
    /// One of the flags that ask for synchronized writes, which wasmtime does not support either.
    pub(crate) synchronized: bool,
}

impl OpenOptions {
    fn readable(self) -> bool {
        self.read || !self.write
    }

    fn writable(self) -> bool {
        self.write || self.create || self.truncate
    }

    fn check(self) -> Result<(), FsError> {
        if self.synchronized {
            return Err(FsError::Unsupported);
        }
        if self.directory && (self.create || self.exclusive || self.truncate) {
            return Err(FsError::Invalid);
        }
        Ok(())
    }
}

impl FileSystem {
    /// Opens a root by its place in [`FileSystem::roots`].
    pub(crate) fn open_root(&mut self, index: usize) -> Result<Handle, FsError> {
        let root = self.roots().get(index).ok_or(FsError::BadDescriptor)?;
        let (node, access) = (root.node, root.access);
        self.hold(node)?;
        Ok(Handle { node, kind: Kind::Directory, access, readable: true, writable: access == Access::ReadWrite })
    }

    /// Another handle like this one, for a stream that may outlive it.
    pub(crate) fn duplicate(&mut self, handle: &Handle) -> Result<Handle, FsError> {
        self.hold(handle.node)?;
        Ok(Handle { ..*handle })
    }

    /// Ends a handle; an unlinked file ends with its last one.
    pub(crate) fn close(&mut self, handle: Handle) {
        self.release(handle.node);
    }

    /// `descriptor.open-at`.
    pub(crate) fn open_at(
        &mut self,
        base: &Handle,
        path: &str,
        options: OpenOptions,
        now: Timestamp,
    ) -> Result<Handle, FsError> {
        let start = base.directory()?;
        options.check()?;
        if options.writable() {
            for_changes(base.access)?;
        }
        let node = if options.create {
            self.create_or_find(start, path, options, now)?
        } else {
            self.find(start, path, Last::look(options.follow))?
        };
        let kind = self.node(node)?.kind();
        match kind {
            Kind::Symlink => return Err(FsError::Loop),
            Kind::Directory if options.writable() => return Err(FsError::IsDirectory),
            Kind::File if options.directory => return Err(FsError::NotDirectory),
            _ => {}
        }
        if options.truncate {
            self.resize(node, 0, now)?;
        }
        self.hold(node)?;
        Ok(Handle { node, kind, access: base.access, readable: options.readable(), writable: options.writable() })
    }

    fn create_or_find(
        &mut self,
        start: NodeId,
        path: &str,
        options: OpenOptions,
        now: Timestamp,
    ) -> Result<NodeId, FsError> {
        let last = if options.follow && !options.exclusive { Last::FollowWithoutSlash } else { Last::Keep };
        match self.walk(start, path, last)? {
            // Before it is asked whether there is something: files are not made with a slash.
            Place { name: Some(_), slash: true, .. } => Err(FsError::IsDirectory),
            Place { node: Some(_), .. } if options.exclusive => Err(FsError::Exist),
            Place { node: Some(node), .. } => Ok(node),
            Place { parent, name: Some(name), .. } => self.create(parent, name, Body::File(Content::default()), now),
            Place { name: None, .. } => Err(FsError::IsDirectory),
        }
    }
}
