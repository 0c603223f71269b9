//! Directories of the host that runs see.

use std::io;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use holobiont_core::{Access, Digest, DirGrant, printable};

use crate::meter::EPOCH_S;
use crate::vfs::{FileSystem, Handle, Kind, NodeId, OpenOptions, SnapshotLimits, Timestamp, snapshot, write_back};

/// Directories of the host as runs see them: read once, the same for every run, and written back after
/// a run that completed under a read-write grant. Default: none.
#[derive(Clone, Debug, Default)]
pub struct Files {
    before: Option<Arc<FileSystem>>,
    folders: Vec<Folder>,
}

#[derive(Clone, Debug)]
struct Folder {
    host: String,
    dir: Arc<Dir>,
    root: NodeId,
    access: Access,
}

/// Why a directory cannot be granted, or changes not be written back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// The directory cannot be opened.
    #[error("cannot open the directory {}: {source}", printable(host))]
    Open {
        /// Its path on the host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// Something in it cannot be read, or there is too much of it.
    #[error("cannot grant the directory {}: {reason}", printable(host))]
    Read {
        /// Its path on the host.
        host: String,
        /// What.
        reason: String,
    },
    /// What a run changed cannot be brought back.
    #[error("cannot write back to the directory {}: {reason}", printable(host))]
    WriteBack {
        /// Its path on the host.
        host: String,
        /// Why.
        reason: String,
    },
}

impl Files {
    /// The most that granted directories may hold together.
    const LIMITS: SnapshotLimits = SnapshotLimits { max_bytes: 256 << 20, max_entries: 65_536 };

    /// # Ambient authority
    ///
    /// Opens directories of the host by their paths, with all that this process may do, and reads what
    /// is in them. From there on only the open directories are used, never a path: nothing outside of
    /// them is read or written, whatever links they hold or somebody swaps meanwhile.
    ///
    /// # Errors
    ///
    /// [`FilesError`] when one cannot be opened or read, or holds more than 256 MiB or 65,536 entries.
    pub fn open(grants: &[DirGrant]) -> Result<Self, FilesError> {
        if grants.is_empty() {
            return Ok(Self::default());
        }
        let now = Timestamp(EPOCH_S * 1_000_000_000);
        let mut files = FileSystem::new(0);
        let mut folders = Vec::with_capacity(grants.len());
        for DirGrant { host, guest, access } in grants {
            let dir = Dir::open_ambient_dir(host, ambient_authority())
                .map_err(|source| FilesError::Open { host: host.clone(), source })?;
            let root = files.add_root(guest, *access, now);
            snapshot(&mut files, root, &dir, Self::LIMITS, now)
                .map_err(|e| FilesError::Read { host: host.clone(), reason: printable(&e.to_string()) })?;
            folders.push(Folder { host: host.clone(), dir: Arc::new(dir), root, access: *access });
        }
        Ok(Self { before: Some(Arc::new(files)), folders })
    }

    /// The same to look at, but what a run changes stays in it.
    pub(crate) fn never_written_back(mut self) -> Self {
        for folder in &mut self.folders {
            folder.access = Access::ReadOnly;
        }
        self
    }

    /// A digest of all that runs see: names, kinds and contents. Runs that see the same have the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        if let Some(before) = &self.before {
            let mut files = FileSystem::clone(before);
            for index in 0..self.folders.len() {
                let Ok(root) = files.open_root(index) else { continue };
                parts.push(
                    files.roots().get(index).map(|root| root.guest_path.clone().into_bytes()).unwrap_or_default(),
                );
                list(&mut files, &root, &mut parts);
            }
        }
        Digest::of_parts(parts.iter().map(Vec::as_slice))
    }

    /// The files of a run: those of the grants, and room for what it adds.
    pub(crate) fn for_run(&self, quota_bytes: u64) -> FileSystem {
        match &self.before {
            None => FileSystem::new(quota_bytes),
            Some(before) => {
                let mut files = FileSystem::clone(before);
                files.set_quota_bytes(quota_bytes);
                files
            }
        }
    }

    /// Brings what a run changed to the host.
    pub(crate) fn write_back(&self, after: &FileSystem) -> Result<(), FilesError> {
        let Some(before) = &self.before else { return Ok(()) };
        for folder in self.folders.iter().filter(|folder| folder.access == Access::ReadWrite) {
            let written = write_back(before, after, folder.root, &folder.dir)
                .map_err(|e| FilesError::WriteBack { host: folder.host.clone(), reason: printable(&e.to_string()) })?;
            for link in written.left_out {
                tracing::warn!(link = printable(&link), "a link that could lead out of its directory was left out");
            }
        }
        Ok(())
    }
}

/// Appends what a directory holds, depth first in the order of the names. The depth is bounded by the
/// tree's own.
fn list(files: &mut FileSystem, directory: &Handle, parts: &mut Vec<Vec<u8>>) {
    let Ok(mut cursor) = files.read_directory(directory) else { return };
    while let Some(entry) = files.next_entry(&mut cursor) {
        parts.push(format!("{:?} {}", entry.kind, entry.name).into_bytes());
        if entry.kind == Kind::Symlink {
            parts.push(files.readlink_at(directory, &entry.name).unwrap_or_default().into_bytes());
            continue;
        }
        let options = OpenOptions { read: true, ..OpenOptions::default() };
        let Ok(handle) = files.open_at(directory, &entry.name, options, Timestamp(0)) else { continue };
        match entry.kind {
            Kind::Directory => list(files, &handle, parts),
            _ => parts.push(files.read(&handle, 0, u64::MAX).unwrap_or_default()),
        }
        files.close(handle);
        parts.push(b"end".to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_tells_what_runs_see() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || {
            let grant = DirGrant {
                host: folder.path().to_string_lossy().into_owned(),
                guest: "/data".to_owned(),
                access: Access::ReadOnly,
            };
            Files::open(&[grant]).expect("granted").digest()
        };
        let empty = open();
        std::fs::create_dir(folder.path().join("sub")).expect("made");
        std::fs::write(folder.path().join("sub/a"), b"1").expect("written");
        let one = open();
        assert_eq!(one, open());
        std::fs::write(folder.path().join("sub/a"), b"2").expect("written");
        let other = open();
        std::fs::rename(folder.path().join("sub/a"), folder.path().join("a")).expect("moved");
        let digests = std::collections::BTreeSet::from([empty, one, other, open(), Files::default().digest()]);
        assert_eq!(digests.len(), 5);
    }
}
