//! What the handles of a guest stand for.

use crate::vfs::{DirectoryCursor, FileSystem, FsError, Handle};

/// A resource of a run that lives on the host.
#[derive(Debug)]
pub(crate) enum Entry {
    Input(Source),
    Output(Sink),
    Wait(Wait),
    /// What went wrong with a stream.
    Error(FsError),
    /// An open file or directory.
    File(Handle),
    /// A directory that is being listed.
    Listing(DirectoryCursor),
}

/// Where an input stream reads from.
#[derive(Debug)]
pub(crate) enum Source {
    Stdin,
    File { handle: Handle, offset: u64 },
}

/// Where an output stream writes to.
#[derive(Debug)]
pub(crate) enum Sink {
    Stdout,
    Stderr,
    /// A file, at an offset or, without one, at its end.
    File {
        handle: Handle,
        offset: Option<u64>,
    },
}

/// What a pollable waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    /// Nothing: streams are always ready.
    Ready,
    /// A time of the monotonic clock, in nanoseconds.
    Until(u64),
}

impl Entry {
    /// Lets go of what the entry held.
    pub(crate) fn close(self, files: &mut FileSystem) {
        match self {
            Self::File(handle) | Self::Input(Source::File { handle, .. }) | Self::Output(Sink::File { handle, .. }) => {
                files.close(handle)
            }
            Self::Input(Source::Stdin)
            | Self::Output(Sink::Stdout | Sink::Stderr)
            | Self::Wait(_)
            | Self::Error(_)
            | Self::Listing(_) => {}
        }
    }
}

impl From<Source> for Entry {
    fn from(source: Source) -> Self {
        Self::Input(source)
    }
}

impl From<Sink> for Entry {
    fn from(sink: Sink) -> Self {
        Self::Output(sink)
    }
}

impl From<Wait> for Entry {
    fn from(wait: Wait) -> Self {
        Self::Wait(wait)
    }
}
