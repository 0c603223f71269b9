//! Changing several files of a project together, so that a kill at any moment loses nothing.
//!
//! Under a lock: what is to change is looked at once more; a draft of the journal says what there is to do; each new
//! text is written beside its file; then the draft becomes the journal, in one rename. Until then the old files hold,
//! from then on the new ones, though only renames are left to do. So what may fail for lack of room fails before.
//! Whoever finds a journal goes on with it; whoever finds a draft takes away what it names.

mod disk;
mod journal;
mod lock;
mod recover;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holobiont_core::{Digest, ModuleId, printable};

use self::disk::{Disk, Effect, digest_of, on_disk};
use self::journal::{Base, Content, Entry, Journal};
use self::lock::Lock;
pub use self::recover::Recovered;
pub(crate) use self::recover::recover;

/// How long one command waits for another that is changing the same project.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// Why files were not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// A path that a change cannot name.
    #[error("cannot change {}: a file is named by a path below the repository or the data folder, with forward slashes and without `..`", printable(.0))]
    Path(String),
    /// A path that a link leads astray.
    #[error("cannot change {}: it leads to {}, outside of the repository and of the data folder", printable(path), printable(&real.to_string_lossy()))]
    Outside {
        /// The path, as it was named.
        path: String,
        /// Where it leads to.
        real: PathBuf,
    },
    /// A file is named by two changes.
    #[error("{} is changed twice at once: make one change of it", printable(&.0.to_string_lossy()))]
    Twice(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", printable(&path.to_string_lossy()))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what the change was made from.
    #[error("{} was changed by somebody else in the meantime: nothing was written, run this again", printable(&.0.to_string_lossy()))]
    Changed(PathBuf),
    /// Another command is changing the project.
    #[error("another command has held {} for {} s: run this again when that command has ended", printable(&path.to_string_lossy()), waited.as_secs())]
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock cannot be had.
    #[error("cannot lock {}: {source}", printable(&path.to_string_lossy()))]
    Lock {
        /// The lock.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written, and all are as they were.
    #[error("cannot write {}: {source}; nothing was changed", printable(&path.to_string_lossy()))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written, and some are new by now.
    #[error(
        "cannot write {}: {source}; files are to change together and some have: once it can be written, any command \
         finishes what {} says",
        printable(&path.to_string_lossy()), printable(&journal.to_string_lossy())
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
        /// What says what there is to do.
        journal: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A journal does not read.
    #[error(
        "{}: {what}; it is what an interrupted command left to do: take it away, then look whether the files of the \
         project are as they should be",
        printable(&path.to_string_lossy())
    )]
    Journal {
        /// The journal.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file of an interrupted change was edited since.
    #[error(
        "{} was edited after a command that was changing it had been interrupted: to keep the files as they are now, \
         take {} away; to go on with that change, give the file back the text that it had",
        printable(&path.to_string_lossy()), printable(&journal.to_string_lossy())
    )]
    Edited {
        /// The file.
        path: PathBuf,
        /// What says how it was to be.
        journal: PathBuf,
    },
}

impl TransactionError {
    /// Whether the machine refused, and nothing that was asked for is wrong.
    #[must_use]
    pub fn is_of_host(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Lock { .. } | Self::Write { .. } | Self::Unfinished { .. })
    }
}

/// The two folders that files of a project are in.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// The repository.
    pub(crate) root: PathBuf,
    /// That of state, which may be elsewhere.
    pub(crate) data: PathBuf,
}

impl Folders {
    fn journal(&self) -> PathBuf {
        self.data.join("integration.json")
    }

    /// What becomes the journal.
    fn draft(&self) -> PathBuf {
        self.data.join("integration.json.new")
    }

    /// Where a file really is, links followed. It need not be there, but its folder must.
    fn real(&self, base: Base, path: &str) -> Result<PathBuf, TransactionError> {
        // The rules of ids are those of paths here.
        match ModuleId::new(path) {
            Ok(id) if id.as_str() == path => {}
            _ => return Err(TransactionError::Path(path.to_owned())),
        }
        let folder = match base {
            Base::Repository => &self.root,
            Base::Data => &self.data,
        };
        let named = folder.join(path);
        let whole = |path: &Path| {
            path.canonicalize().map_err(|source| TransactionError::Read { path: path.to_owned(), source })
        };
        let real = match (named.symlink_metadata(), named.parent(), named.file_name()) {
            (Err(error), Some(parent), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
                whole(parent)?.join(name)
            }
            _ => whole(&named)?,
        };
        if [&self.root, &self.data].into_iter().any(|base| base.canonicalize().is_ok_and(|base| real.starts_with(base)))
        {
            Ok(real)
        } else {
            Err(TransactionError::Outside { path: path.to_owned(), real })
        }
    }
}

/// Files that change together: all of them, or none.
#[derive(Clone, Debug)]
#[must_use = "nothing is changed before `commit`"]
pub struct Transaction {
    folders: Folders,
    files: Vec<Entry>,
}

impl Transaction {
    pub(crate) fn new(folders: Folders) -> Self {
        Self { folders, files: Vec::new() }
    }

    /// A new text for a file, by its path in the repository. `before` is the digest of the bytes that the change was
    /// made from; none where there must be no file yet.
    pub fn replace(&mut self, path: &str, before: Option<Digest>, text: String) {
        self.add(Base::Repository, path, before, Content::Text(text));
    }

    /// The same for a file that is no text, such as a module.
    pub fn replace_bytes(&mut self, path: &str, before: Option<Digest>, bytes: Vec<u8>) {
        self.add(Base::Repository, path, before, Content::Bytes { hex: bytes });
    }

    /// The same for a file of the data folder, by its path in there.
    pub fn replace_in_data(&mut self, path: &str, before: Option<Digest>, text: String) {
        self.add(Base::Data, path, before, Content::Text(text));
    }

    /// The same for a file of the data folder that is no text. The folder that it is in must be there.
    pub fn replace_bytes_in_data(&mut self, path: &str, before: Option<Digest>, bytes: Vec<u8>) {
        self.add(Base::Data, path, before, Content::Bytes { hex: bytes });
    }

    fn add(&mut self, base: Base, path: &str, before: Option<Digest>, text: Content) {
        self.files.push(Entry { base, path: path.to_owned(), before, text });
    }

    /// Changes the files. What an interrupted command left to do is done first.
    ///
    /// # Errors
    ///
    /// [`TransactionError`]; no file is changed then, except for [`TransactionError::Unfinished`] and
    /// [`TransactionError::Edited`], after which [`Project::recover`](crate::Project::recover) goes on.
    pub fn commit(self) -> Result<(), TransactionError> {
        self.commit_by(&mut on_disk, LOCK_WAIT)
    }

    fn commit_by(self, disk: &mut Disk<'_>, wait: Duration) -> Result<(), TransactionError> {
        let Self { folders, files } = self;
        if files.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(&folders.data)
            .map_err(|source| TransactionError::Write { path: folders.data.clone(), source })?;
        let _lock = Lock::take(&folders.data, wait)?;
        recover::finish(&folders, disk)?;
        let real = unchanged(&folders, &files)?;
        let changed = files.into_iter().zip(real).filter(|(file, _)| file.before != Some(file.after()));
        let (files, real): (Vec<Entry>, Vec<PathBuf>) = changed.unzip();
        if files.is_empty() {
            return Ok(());
        }
        let journal = Journal::of(files);
        begin(&folders, &journal, &real, disk)?;
        recover::roll_forward(&folders, &journal, disk)
    }
}

/// Where the files are, each of which must be what its change was made from.
fn unchanged(folders: &Folders, files: &[Entry]) -> Result<Vec<PathBuf>, TransactionError> {
    let mut real = Vec::new();
    for file in files {
        let path = folders.real(file.base, &file.path)?;
        if digest_of(&path)? != file.before {
            return Err(TransactionError::Changed(path));
        }
        real.push(path);
    }
    let mut seen = BTreeSet::new();
    match real.iter().find(|path| !seen.insert(*path)) {
        Some(path) => Err(TransactionError::Twice(path.clone())),
        None => Ok(real),
    }
}

/// Writes all that is to be, and in the end the journal. If that fails, nothing of it is left.
fn begin(folders: &Folders, journal: &Journal, real: &[PathBuf], disk: &mut Disk<'_>) -> Result<(), TransactionError> {
    let (draft, path) = (folders.draft(), folders.journal());
    let mut write_all = || {
        let wrote = |path: &Path, done: io::Result<()>| {
            done.map_err(|source| TransactionError::Write { path: path.to_owned(), source })
        };
        wrote(&draft, disk(Effect::Write { path: &draft, bytes: &journal.to_bytes() }))?;
        for (file, real) in journal.files.iter().zip(real) {
            wrote(real, disk(Effect::Write { path: &disk::beside(real), bytes: file.text.as_bytes() }))?;
        }
        wrote(&path, disk(Effect::Rename { from: &draft, to: &path }))
    };
    let Err(error) = write_all() else { return Ok(()) };
    // The rename may have been made, though it was not certain to last.
    if path.exists() && disk(Effect::Rename { from: &path, to: &draft }).is_err() {
        return Err(match error {
            TransactionError::Write { path: at, source } => {
                TransactionError::Unfinished { path: at, journal: path, source }
            }
            other => other,
        });
    }
    // What cannot be taken away now is taken away by the next command, by the draft.
    let _ = recover::discard(folders, disk);
    Err(error)
}

#[cfg(test)]
mod tests;
