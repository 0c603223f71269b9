//! One command at a time.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::TransactionError;

/// How often it is looked whether the lock is free.
const PAUSE: Duration = Duration::from_millis(20);

/// The right to change a project, until it is dropped or its process ends, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of a data folder. Its file stays: one that is removed could be locked twice.
    pub(super) fn take(data: &Path, wait: Duration) -> Result<Self, TransactionError> {
        let path = data.join("integration.lock");
        let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(|source| TransactionError::Lock { path: path.clone(), source })?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(source)) => return Err(TransactionError::Lock { path, source }),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= wait => {
                    return Err(TransactionError::Busy { path, waited: wait });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            }
        }
    }
}
