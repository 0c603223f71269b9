//! Faults of the host. What a guest does is never one.

use crate::files::FilesError;

/// A fault of the host or its machine. What a guest does is never one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The engine could not be made, such as for want of address space.
    #[error("the engine could not be started: {0}")]
    Engine(String),
    /// A run was asked for what the module is not: a score of a candidate, for one.
    #[error("the module is a {kind}, which cannot be asked to {asked}")]
    Kind {
        /// What the module is.
        kind: &'static str,
        /// What it was asked to do.
        asked: &'static str,
    },
    /// What a run changed could not be brought back to a granted directory.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Something that must not happen did.
    #[error("fault in the host: {0}")]
    Fault(String),
}
