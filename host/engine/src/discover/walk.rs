//! Which files there are that may be modules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use holobiont_core::{ModuleId, printable};
use serde::{Deserialize, Serialize};

use super::DiscoverError;
use super::skipped::{SkipReason, Skipped};
use crate::settings::DiscoverSettings;

/// What tells whether a file is still as it was, without its bytes. Who sets the time of modification back leaves a
/// trace in that of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    modified_ns: i128,
    /// When anything of it was changed last, on the machine's clock; elsewhere than on Unix when its bytes were.
    pub(super) changed_ns: i128,
    inode: u64,
    device: u64,
}

impl Stamp {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let ns = |seconds: i64, ns: i64| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
        Self {
            bytes: metadata.len(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let modified_ns = modified.and_then(|time| i128::try_from(time.as_nanos()).ok()).unwrap_or_default();
        Self { bytes: metadata.len(), modified_ns, changed_ns: modified_ns, inode: 0, device: 0 }
    }
}

/// A file that may be a module.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) id: ModuleId,
    pub(super) path: PathBuf,
    pub(super) stamp: Stamp,
}

/// What a walk came to.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// By their ids.
    pub(super) files: BTreeMap<ModuleId, Found>,
    pub(super) skipped: Vec<Skipped>,
}

/// A walk through a repository.
pub(super) struct Walk<'a> {
    /// The repository, without links.
    root: PathBuf,
    settings: &'a DiscoverSettings,
    /// The folder of state, without links, where there is one.
    data_dir: Option<PathBuf>,
    most_bytes: u64,
    entered: BTreeSet<PathBuf>,
    walked: Walked,
}

impl<'a> Walk<'a> {
    /// A walk through a repository that passes over its folder of state, and over files larger than `most_bytes`.
    pub(super) fn new(
        root: &Path,
        settings: &'a DiscoverSettings,
        data_dir: &Path,
        most_bytes: u64,
    ) -> Result<Self, DiscoverError> {
        let real = root.canonicalize().map_err(|source| DiscoverError::Read { path: root.to_owned(), source })?;
        let data_dir = data_dir.canonicalize().ok();
        Ok(Self { root: real, settings, data_dir, most_bytes, entered: BTreeSet::new(), walked: Walked::default() })
    }

    /// The files below the roots of the settings, and beside them `others`, wherever in the repository they are.
    pub(super) fn files<'b>(mut self, others: impl Iterator<Item = &'b ModuleId>) -> Result<Walked, DiscoverError> {
        for root in &self.settings.roots {
            let mut next = vec![self.root_folder(root)?];
            while let Some(folder) = next.pop() {
                if self.entered.insert(folder.clone()) {
                    self.enter(&folder, &mut next);
                }
            }
        }
        let told: BTreeSet<String> = self.walked.skipped.iter().map(|skipped| skipped.path.clone()).collect();
        for id in others {
            let path = self.root.join(id.as_str());
            let is_new = !self.walked.files.contains_key(id) && !told.contains(&printable(id.as_str()));
            if is_new && path.symlink_metadata().is_ok() {
                self.follow(&path, true);
            }
        }
        Ok(self.walked)
    }

    /// A folder that the settings name, which is to be there, in the repository, and no link.
    fn root_folder(&self, root: &str) -> Result<PathBuf, DiscoverError> {
        let wrong = |reason: String| DiscoverError::Root { root: root.to_owned(), reason };
        let folder = self.root.join(root);
        let real = folder.canonicalize().map_err(|error| wrong(format!("cannot be entered: {error}")))?;
        let Ok(inside) = real.strip_prefix(&self.root) else {
            return Err(wrong("is a link that leads out of the repository".to_owned()));
        };
        if !real.is_dir() {
            return Err(wrong("is no folder".to_owned()));
        }
        if real != folder {
            return Err(wrong(format!(
                "is a link: name the folder itself, `{}`",
                printable(&inside.to_string_lossy())
            )));
        }
        Ok(real)
    }

    fn enter(&mut self, folder: &Path, next: &mut Vec<PathBuf>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.skip(folder, gone_or(error)),
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                Err(error) => self.skip(folder, gone_or(error)),
                Ok((kind, entry)) => {
                    let path = entry.path();
                    if kind.is_dir() {
                        if !self.is_passed_over(&path) {
                            next.push(path);
                        }
                    } else if kind.is_symlink() {
                        self.follow(&path, is_module(&path));
                    } else if is_module(&path) {
                        match entry.metadata() {
                            Ok(metadata) => self.take(&path, &metadata),
                            Err(error) => self.skip(&path, gone_or(error)),
                        }
                    }
                }
            }
        }
    }

    /// Whether a folder, or a link that may lead to one, is not looked at by its name or place.
    fn is_passed_over(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with('.') || self.settings.skip.contains(name) || self.data_dir.as_deref() == Some(path)
    }

    /// Takes a link to a file of the repository. One that is not called as a module is matters only where it leads to
    /// a folder, or round in a circle.
    fn follow(&mut self, path: &Path, is_module: bool) {
        if !is_module && self.is_passed_over(path) {
            return;
        }
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return if is_module {
                    self.skip(path, SkipReason::Dangling)
                };
            }
            Err(error) => return self.skip(path, SkipReason::Link(error.to_string())),
        };
        if metadata.is_dir() {
            return self.skip(path, SkipReason::LinkedFolder);
        }
        if is_module {
            match path.canonicalize() {
                Ok(real) if real.starts_with(&self.root) => self.take(path, &metadata),
                Ok(_) => self.skip(path, SkipReason::Outside),
                Err(error) => self.skip(path, gone_or(error)),
            }
        }
    }

    fn take(&mut self, path: &Path, metadata: &Metadata) {
        match self.usable(path, metadata) {
            Ok(id) => {
                let found = Found { id: id.clone(), path: path.to_owned(), stamp: Stamp::of(metadata) };
                self.walked.files.insert(id, found);
            }
            Err(reason) => self.skip(path, reason),
        }
    }

    fn usable(&self, path: &Path, metadata: &Metadata) -> Result<ModuleId, SkipReason> {
        if !metadata.is_file() {
            return Err(SkipReason::NotAFile);
        }
        let inside = self.inside(path);
        let id = ModuleId::new(inside.to_str().ok_or(SkipReason::NotUnicode)?).map_err(SkipReason::Id)?;
        if Path::new(id.as_str()) != inside {
            return Err(SkipReason::Backslash);
        }
        let (bytes, most_bytes) = (metadata.len(), self.most_bytes);
        if bytes > most_bytes { Err(SkipReason::TooLarge { bytes, most_bytes }) } else { Ok(id) }
    }

    fn inside<'b>(&self, path: &'b Path) -> &'b Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) {
        let skipped = Skipped::new(&self.inside(path).to_string_lossy(), reason);
        self.walked.skipped.push(skipped);
    }
}

fn is_module(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wasm")
}

/// Why what was listed cannot be had.
pub(super) fn gone_or(error: io::Error) -> SkipReason {
    match error.kind() {
        io::ErrorKind::NotFound => SkipReason::Vanished,
        _ => SkipReason::Unreadable(error.to_string()),
    }
}
