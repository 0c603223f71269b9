//! One host at a time gives the engines of a project their turns: each goes on from the cycle before it.

use std::fs::{File, TryLockError};
use std::path::PathBuf;

use super::EngineError;
use crate::project::Project;

/// The right to give the engines of a project their turns, until it is dropped or its process ends, however that ends.
#[derive(Debug)]
#[must_use = "the right ends where this is dropped"]
pub struct Turns {
    _file: File,
}

impl Project {
    /// Takes the right to give engines their turns. Nobody is waited for: who has it may keep it for days.
    ///
    /// # Errors
    ///
    /// [`EngineError::Busy`] where another process has it, [`EngineError::Lock`] where its file cannot be made.
    pub fn take_turns(&self) -> Result<Turns, EngineError> {
        let path: PathBuf = self.data_dir().join("engines.lock");
        let failed = |source| EngineError::Lock { path: path.clone(), source };
        std::fs::create_dir_all(self.data_dir()).map_err(failed)?;
        // The file stays: one that is removed could be locked twice.
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Turns { _file: file }),
            Err(TryLockError::WouldBlock) => Err(EngineError::Busy(path)),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
