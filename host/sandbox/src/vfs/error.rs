//! What an operation on virtual files answers when it does not succeed.

/// The cases of WASI's `error-code` that a file system in memory can give, under the same names, and the one that
/// it gives where a fault is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FsError {
    /// The handle is of the wrong kind, or was not opened for this.
    #[error("bad descriptor")]
    BadDescriptor,
    /// What the path names cannot be moved.
    #[error("resource busy")]
    Busy,
    /// The name is taken.
    #[error("file exists")]
    Exist,
    /// The end of a write is past what a file can hold.
    #[error("file too large")]
    FileTooLarge,
    /// The host has no memory for what the quota would allow.
    #[error("out of memory")]
    InsufficientMemory,
    /// The quota is used up.
    #[error("no space left")]
    InsufficientSpace,
    /// An argument makes no sense.
    #[error("invalid argument")]
    Invalid,
    /// The disk failed.
    #[error("i/o error")]
    Io,
    /// The operation is not for directories.
    #[error("is a directory")]
    IsDirectory,
    /// A symlink that must not be followed, or more of them than are followed.
    #[error("too many levels of symbolic links")]
    Loop,
    /// A component or a path is too long, or a directory too deep.
    #[error("file name too long")]
    NameTooLong,
    /// Nothing of this name.
    #[error("no such file or directory")]
    NoEntry,
    /// A directory was needed.
    #[error("not a directory")]
    NotDirectory,
    /// The directory has entries.
    #[error("directory not empty")]
    NotEmpty,
    /// The path leads out of its directory, or the grant is read-only.
    #[error("operation not permitted")]
    NotPermitted,
    /// Asked for something that is not offered.
    #[error("not supported")]
    Unsupported,
}
