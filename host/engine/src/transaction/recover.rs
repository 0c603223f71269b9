//! Finishing what an interrupted command left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk::{Disk, Effect, beside, digest_of, on_disk};
use super::journal::Journal;
use super::lock::Lock;
use super::{Folders, LOCK_WAIT, TransactionError};

/// What an interrupted command had left to do, and was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// The files that changed together, as the journal names them.
    pub files: Vec<String>,
}

/// Finishes what an interrupted command left. Without anything left it looks for two files, and makes none.
pub(crate) fn recover(folders: &Folders) -> Result<Option<Recovered>, TransactionError> {
    recover_by(folders, &mut on_disk, LOCK_WAIT)
}

pub(super) fn recover_by(
    folders: &Folders,
    disk: &mut Disk<'_>,
    wait: Duration,
) -> Result<Option<Recovered>, TransactionError> {
    if is_there(&folders.journal())? {
        let _lock = Lock::take(&folders.data, wait)?;
        return finish(folders, disk);
    }
    // A draft means that nothing is changed yet: whoever made it may be at work, or it cannot be taken away here and
    // now. Neither matters to who only reads.
    if is_there(&folders.draft())?
        && let Ok(_lock) = Lock::take(&folders.data, Duration::ZERO)
    {
        return finish(folders, disk)
            .or_else(|error| if is_there(&folders.journal())? { Err(error) } else { Ok(None) });
    }
    Ok(None)
}

/// The same for who has the lock.
pub(super) fn finish(folders: &Folders, disk: &mut Disk<'_>) -> Result<Option<Recovered>, TransactionError> {
    let path = folders.journal();
    let recovered = match read(&path)? {
        None => None,
        Some(bytes) => {
            let text = String::from_utf8(bytes).map_err(|error| error.to_string());
            let journal =
                text.and_then(|text| Journal::parse(&text)).map_err(|what| TransactionError::Journal { path, what })?;
            roll_forward(folders, &journal, disk)?;
            Some(Recovered { files: journal.files.into_iter().map(|file| file.path).collect() })
        }
    };
    if is_there(&folders.draft())? {
        discard(folders, disk)?;
    }
    Ok(recovered)
}

/// Makes the files what a journal says, and takes it away. All of them are looked at before one is changed.
pub(super) fn roll_forward(folders: &Folders, journal: &Journal, disk: &mut Disk<'_>) -> Result<(), TransactionError> {
    let mut places = Vec::new();
    for file in &journal.files {
        let path = folders.real(file.base, &file.path)?;
        let now = digest_of(&path)?;
        let is_done = now == Some(file.after());
        if !is_done && now != file.before {
            return Err(TransactionError::Edited { path, journal: folders.journal() });
        }
        places.push((path, is_done));
    }
    let mut step = |path: &Path, effect: Effect<'_>| {
        let failed =
            |source| TransactionError::Unfinished { path: path.to_owned(), journal: folders.journal(), source };
        disk(effect).map_err(failed)
    };
    for (file, (path, is_done)) in journal.files.iter().zip(&places) {
        let waiting = beside(path);
        if *is_done {
            // Its name is free already, unless two commands were interrupted one after the other.
            if is_there(&waiting)? {
                step(path, Effect::Remove { path: &waiting })?;
            }
            continue;
        }
        if digest_of(&waiting)? != Some(file.after()) {
            step(path, Effect::Write { path: &waiting, bytes: file.text.as_bytes() })?;
        }
        step(path, Effect::Rename { from: &waiting, to: path })?;
    }
    let journal = folders.journal();
    step(&journal, Effect::Remove { path: &journal })
}

/// Takes away a draft and what was written by it.
pub(super) fn discard(folders: &Folders, disk: &mut Disk<'_>) -> Result<(), TransactionError> {
    let draft = folders.draft();
    let mut remove = |path: &Path| {
        let failed = |source| TransactionError::Write { path: path.to_owned(), source };
        if is_there(path)? { disk(Effect::Remove { path }).map_err(failed) } else { Ok(()) }
    };
    let text = read(&draft)?.and_then(|bytes| String::from_utf8(bytes).ok());
    // One that was cut short has nothing written by it yet.
    let files = text.and_then(|text| Journal::parse(&text).ok()).map(|journal| journal.files);
    for file in files.into_iter().flatten() {
        if let Ok(path) = folders.real(file.base, &file.path) {
            remove(&beside(&path))?;
        }
    }
    remove(&draft)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, TransactionError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => absent(path, error).map(|()| None),
    }
}

fn is_there(path: &Path) -> Result<bool, TransactionError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) => absent(path, error).map(|()| false),
    }
}

/// An error that means that there is no such file; a file in place of the folder means that, too.
fn absent(path: &Path, source: io::Error) -> Result<(), TransactionError> {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(()),
        _ => Err(TransactionError::Read { path: PathBuf::from(path), source }),
    }
}
