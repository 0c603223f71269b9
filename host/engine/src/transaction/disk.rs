//! What a transaction does to the disk, in steps that a process may be killed between.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use holobiont_core::Digest;

use super::TransactionError;
use crate::replace::sync_folder;

/// One step. Once it is done it lasts, even if power is lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect<'a> {
    /// A new file, in place of what has its name.
    Write { path: &'a Path, bytes: &'a [u8] },
    /// A file gets the name of another, in its place.
    Rename { from: &'a Path, to: &'a Path },
    /// A file goes; it need not be there.
    Remove { path: &'a Path },
}

/// Who makes the steps.
pub(super) type Disk<'a> = dyn FnMut(Effect<'_>) -> io::Result<()> + 'a;

/// Makes a step for real.
pub(super) fn on_disk(effect: Effect<'_>) -> io::Result<()> {
    match effect {
        Effect::Write { path, bytes } => {
            remove(path)?;
            // Created anew, so that it is not written through a link that somebody put there.
            let mut file = fs::File::options().write(true).create_new(true).open(path)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            sync_folder(path)
        }
        Effect::Rename { from, to } => {
            fs::rename(from, to)?;
            sync_folder(to)
        }
        Effect::Remove { path } => {
            remove(path)?;
            sync_folder(path)
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The digest of a file; none where there is no such file.
pub(super) fn digest_of(path: &Path) -> Result<Option<Digest>, TransactionError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Digest::of(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TransactionError::Read { path: path.to_owned(), source }),
    }
}

/// Where the new text of a file waits: in the same folder, so that a rename is enough. The name is always the same,
/// so that the next process finds it, short, however long that of the file, and hidden.
pub(super) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{}.integration", Digest::of(name.as_bytes()).short()))
}
