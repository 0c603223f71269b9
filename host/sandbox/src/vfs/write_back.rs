//! From the tree back to a directory of the host.
//!
//! What is to be done is the difference of two trees: the one that was read before the run, and the one
//! that the run left, which began as its clone. A node is the same in both if it has the same number under
//! the same name of the same directory. What the run did not change is not touched, and what is in the way
//! without having been in the first tree is never removed.

use std::io::{self, Write};

use cap_std::fs::{Dir, File, Metadata, OpenOptions, Permissions};

use super::content::Content;
use super::snapshot::{escaped, join, same_object};
use super::tree::{Body, Directory, FileSystem, Kind, NodeId};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WrittenBack {
    pub(crate) files: u64,
    pub(crate) directories: u64,
    pub(crate) symlinks: u64,
    pub(crate) removed: u64,
    /// Symlinks that are not written since they could lead out of the directory; paths, escaped.
    pub(crate) left_out: Vec<String>,
}

/// Why the host's directory could not be brought up to date; a part may have been. Paths are relative to
/// it, and escaped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WriteBackError {
    /// The host would not let it be changed.
    #[error("cannot write '{path}'")]
    Io {
        path: String,
        #[source]
        source: io::Error,
    },
    /// Something else has taken the place of what was read before the run.
    #[error("'{path}' is no longer what it was when it was read")]
    Replaced { path: String },
    /// Something is where the run, which did not see it, made something of its own.
    #[error("'{path}' exists, and was not there when the directory was read")]
    Occupied { path: String },
}

type Written<T = ()> = Result<T, WriteBackError>;

struct Writing<'a> {
    before: &'a FileSystem,
    after: &'a FileSystem,
    done: WrittenBack,
}

/// A directory of both trees or of the second alone, with the host's handle of it.
struct Level<'a> {
    dir: &'a Dir,
    before: Option<&'a Directory>,
    after: &'a Directory,
    path: &'a str,
    depth: usize,
}

/// Brings a directory of the host to what the run left below `root`.
///
/// `before` is the tree as [`snapshot()`](super::snapshot()) read it, `after` its clone that the run had.
/// Everything new is written first, and what is gone is removed in a second pass, so that an error between
/// the two leaves too much and not too little. Files are written to a new file that then takes the name;
/// they keep the permissions of what they replace. Several names of one file become several files. Times
/// are the host's own: those of the run are virtual.
///
/// A handle is open for each level, of which [`FileSystem::MAX_DEPTH`] bounds the number.
pub(crate) fn write_back(before: &FileSystem, after: &FileSystem, root: NodeId, dir: &Dir) -> Written<WrittenBack> {
    let mut writing = Writing { before, after, done: WrittenBack::default() };
    if let Some(level) = writing.top(root, dir) {
        writing.write(&level)?;
        writing.prune(&level)?;
    }
    Ok(writing.done)
}

impl<'a> Writing<'a> {
    fn top(&self, root: NodeId, dir: &'a Dir) -> Option<Level<'a>> {
        let after = directory(self.after, root)?;
        Some(Level { dir, before: directory(self.before, root), after, path: "", depth: 0 })
    }

    /// First pass: what is new or changed.
    fn write(&mut self, level: &Level<'_>) -> Written {
        let mut touched = false;
        for (name, entry) in &level.after.entries {
            let Ok(node) = self.after.node(entry.node) else { continue };
            let path = join(level.path, name);
            let old = level.before.and_then(|before| before.entries.get(name)).map(|entry| entry.node);
            let kept = old == Some(entry.node);
            match &node.body {
                Body::Directory(directory) if kept => self.write_below(level, name, &path, old, directory)?,
                Body::Directory(directory) => {
                    self.make_directory(level, name, &path, old)?;
                    self.write_below(level, name, &path, None, directory)?;
                    touched = true;
                }
                Body::File(content) if !kept || self.differs(entry.node, content) => {
                    self.write_file(level, name, &path, old, content)?;
                    touched = true;
                }
                Body::Symlink(target) if !kept => touched |= self.write_symlink(level, name, &path, old, target)?,
                _ => {}
            }
        }
        if touched { sync(level.dir, level.path) } else { Ok(()) }
    }

    /// Second pass: what is gone.
    fn prune(&mut self, level: &Level<'_>) -> Written {
        let Some(before) = level.before else { return Ok(()) };
        let mut touched = false;
        for (name, old) in &before.entries {
            let path = join(level.path, name);
            match level.after.entries.get(name) {
                None => {
                    self.remove(level.dir, name, &path, old.node)?;
                    touched = true;
                }
                Some(new) if new.node == old.node => {
                    let Some(after) = directory(self.after, new.node) else { continue };
                    let dir = open_directory(level.dir, name, &path)?;
                    let before = directory(self.before, old.node);
                    self.prune(&Level { dir: &dir, before, after, path: &path, depth: level.depth + 1 })?;
                }
                // Written over in the first pass.
                Some(_) => {}
            }
        }
        if touched { sync(level.dir, level.path) } else { Ok(()) }
    }

    fn write_below(
        &mut self,
        level: &Level<'_>,
        name: &str,
        path: &str,
        old: Option<NodeId>,
        after: &Directory,
    ) -> Written {
        let dir = open_directory(level.dir, name, path)?;
        let before = old.and_then(|old| directory(self.before, old));
        self.write(&Level { dir: &dir, before, after, path, depth: level.depth + 1 })
    }

    fn differs(&self, id: NodeId, content: &Content) -> bool {
        match self.before.node(id).map(|node| &node.body) {
            Ok(Body::File(old)) => !old.same(content),
            _ => true,
        }
    }

    fn make_directory(&mut self, level: &Level<'_>, name: &str, path: &str, old: Option<NodeId>) -> Written {
        if let Some(old) = old {
            self.remove(level.dir, name, path, old)?;
        }
        level.dir.create_dir(name).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => WriteBackError::Occupied { path: escaped(path) },
            _ => io_error(path)(source),
        })?;
        self.done.directories += 1;
        Ok(())
    }

    fn write_file(
        &mut self,
        level: &Level<'_>,
        name: &str,
        path: &str,
        old: Option<NodeId>,
        content: &Content,
    ) -> Written {
        let replaced = self.clear(level, name, path, old)?;
        let permissions = replaced.filter(Metadata::is_file).map(|file| file.permissions());
        let (file, temporary) = temporary_file(level.dir, permissions.is_some()).map_err(io_error(path))?;
        let written = fill(file, content, permissions).and_then(|()| level.dir.rename(&temporary, level.dir, name));
        if let Err(source) = written {
            // The error that counts is the first one; a name that cannot be taken back is only untidy.
            let _ = level.dir.remove_file(&temporary);
            return Err(io_error(path)(source));
        }
        self.done.files += 1;
        Ok(())
    }

    fn write_symlink(
        &mut self,
        level: &Level<'_>,
        name: &str,
        path: &str,
        old: Option<NodeId>,
        target: &str,
    ) -> Written<bool> {
        if !is_confined(target, level.depth) {
            self.done.left_out.push(escaped(path));
            return Ok(false);
        }
        if self.clear(level, name, path, old)?.is_some() {
            level.dir.remove_file(name).map_err(io_error(path))?;
        }
        symlink(level.dir, target, name).map_err(io_error(path))?;
        self.done.symlinks += 1;
        Ok(true)
    }

    /// Sees to it that a file or a symlink may take a name. A file or a symlink that it will replace stays
    /// until then, and is the answer; a directory that the run replaced is removed.
    fn clear(&mut self, level: &Level<'_>, name: &str, path: &str, old: Option<NodeId>) -> Written<Option<Metadata>> {
        let Some(there) = look(level.dir, name, path)? else { return Ok(None) };
        let Some(old) = old else { return Err(WriteBackError::Occupied { path: escaped(path) }) };
        if there.is_dir() {
            self.remove(level.dir, name, path, old)?;
            return Ok(None);
        }
        self.check_kind(&there, old, path)?;
        Ok(Some(there))
    }

    /// Removes what was read before the run, and nothing else.
    fn remove(&mut self, dir: &Dir, name: &str, path: &str, old: NodeId) -> Written {
        let Some(there) = look(dir, name, path)? else { return Ok(()) };
        self.check_kind(&there, old, path)?;
        match directory(self.before, old) {
            None => dir.remove_file(name).map_err(io_error(path))?,
            Some(directory) => {
                let below = open_directory(dir, name, path)?;
                for (name, entry) in &directory.entries {
                    self.remove(&below, name, &join(path, name), entry.node)?;
                }
                dir.remove_dir(name).map_err(io_error(path))?;
            }
        }
        self.done.removed += 1;
        Ok(())
    }

    fn check_kind(&self, there: &Metadata, old: NodeId, path: &str) -> Written {
        let kind = self.before.node(old).map(|node| node.kind());
        let same = match kind {
            Ok(Kind::File) => there.is_file(),
            Ok(Kind::Directory) => there.is_dir(),
            Ok(Kind::Symlink) => there.is_symlink(),
            Err(_) => false,
        };
        if same { Ok(()) } else { Err(WriteBackError::Replaced { path: escaped(path) }) }
    }
}

fn directory(fs: &FileSystem, id: NodeId) -> Option<&Directory> {
    fs.node(id).ok()?.directory().ok()
}

/// What is under a name, symlinks not followed; `None` if nothing is.
fn look(dir: &Dir, name: &str, path: &str) -> Written<Option<Metadata>> {
    match dir.symlink_metadata(name) {
        Ok(there) => Ok(Some(there)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error(path)(source)),
    }
}

/// Opens a directory that must not be a symlink to one.
fn open_directory(dir: &Dir, name: &str, path: &str) -> Written<Dir> {
    let replaced = || WriteBackError::Replaced { path: escaped(path) };
    let seen = look(dir, name, path)?.filter(Metadata::is_dir).ok_or_else(replaced)?;
    let opened = dir.open_dir(name).map_err(io_error(path))?;
    let is = opened.dir_metadata().map_err(io_error(path))?;
    if same_object(&seen, &is) { Ok(opened) } else { Err(replaced()) }
}

/// A new file beside the one that it will become. What replaces a file may hold what only its owner was
/// to read, so nobody else can open it before it has that file's permissions.
fn temporary_file(dir: &Dir, private: bool) -> io::Result<(File, String)> {
    const ATTEMPTS: u32 = 1000;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        use cap_std::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    for attempt in 0..ATTEMPTS {
        let name = format!(".holobiont-{attempt}.tmp");
        match dir.open_with(&name, &options) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, name)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "no name is free for a temporary file"))
}

fn fill(mut file: File, content: &Content, permissions: Option<Permissions>) -> io::Result<()> {
    file.write_all(content.stored())?;
    file.set_len(content.len())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// Whether a symlink in a directory `depth` below the root stays within it, as far as it is the run's.
///
/// It does if all its `..` come first and do not reach above the root: the directory that it is in is
/// real, so they lead to real directories; from there on it goes down, through directories, symlinks for
/// which the same holds, and those that the host made itself. A `..` that comes after a name could come
/// after a symlink, and lead anywhere.
fn is_confined(target: &str, depth: usize) -> bool {
    let mut parts = target.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    let mut up = 0;
    while parts.next_if_eq(&"..").is_some() {
        up += 1;
    }
    !target.starts_with('/') && up <= depth && parts.all(|part| part != "..")
}

#[cfg(not(windows))]
fn symlink(dir: &Dir, target: &str, name: &str) -> io::Result<()> {
    dir.symlink_contents(target, name)
}

#[cfg(windows)]
fn symlink(dir: &Dir, target: &str, name: &str) -> io::Result<()> {
    dir.symlink_file(target, name)
}

/// Names that changed must survive a power cut like what they name.
fn sync(dir: &Dir, path: &str) -> Written {
    #[cfg(unix)]
    dir.open(".").and_then(|dir| dir.sync_all()).map_err(io_error(path))?;
    #[cfg(not(unix))]
    let _ = (dir, path);
    Ok(())
}

fn io_error(path: &str) -> impl FnOnce(io::Error) -> WriteBackError {
    let path = escaped(path);
    move |source| WriteBackError::Io { path, source }
}
