//! What discovery could not use, and why.

use holobiont_core::{ModuleIdError, bytes_text, printable};

/// Something that discovery could not use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its path in the repository, fit to be printed.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why discovery could not use something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its path is no text.
    #[error("its path is not Unicode, so it can be no module's id: rename it")]
    NotUnicode,
    /// Its path is another one as an id.
    #[error("its path holds a backslash, which an id takes for a separator: rename it")]
    Backslash,
    /// Its path is no id.
    #[error("{0}")]
    Id(ModuleIdError),
    /// It is a link to nothing.
    #[error("it is a link to what is not there")]
    Dangling,
    /// It is a link that leads nowhere.
    #[error("it is a link that cannot be followed: {0}")]
    Link(String),
    /// It is a link out of the repository.
    #[error("it is a link that leads out of the repository")]
    Outside,
    /// It is a link to a folder.
    #[error(
        "it is a link to a folder, and those are not entered: if it is in the repository, name it in [discover] roots"
    )]
    LinkedFolder,
    /// It is called as a module is and is something else.
    #[error("it is no file that can be read to an end")]
    NotAFile,
    /// It is larger than a module may be.
    #[error("it has {}, and [compile] module-size is {}", bytes_text(*bytes), bytes_text(*most_bytes))]
    TooLarge {
        /// How large it is.
        bytes: u64,
        /// How large it may be.
        most_bytes: u64,
    },
    /// It was there when its folder was listed.
    #[error("it went away while it was being looked at")]
    Vanished,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Its bytes are no module; with their outcome.
    #[error("{0}")]
    Refused(String),
    /// It is a workflow that does not read, so what it reaches counts as unused.
    #[error("{0}; until it is mended, the modules that only it reaches count as unused")]
    Workflow(String),
}

impl Skipped {
    pub(super) fn new(path: &str, reason: SkipReason) -> Self {
        Self { path: printable(path), reason }
    }
}
