//! Why the host ends a run from inside a host call.

use holobiont_core::{LimitKind, Outcome};

use crate::error::SandboxError;
use crate::meter::Exhausted;

/// Why the host ended a run. It travels through the guest as the error of a host call, and is also
/// kept in the run's state: the state is what decides the outcome.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("limit {kind}")]
    Limit { kind: LimitKind, asked: u64, allowed: u64 },
    #[error("exit {0}")]
    Exit(i32),
    /// The guest broke a rule of the interface, such as polling nothing.
    #[error("{0}")]
    Misuse(&'static str),
    /// A module that it called came to a bad end.
    #[error("{0}")]
    Linked(Box<Outcome>),
    /// The host failed in a run inside of this one, or in a module that it called.
    #[error("{0}")]
    Fault(String),
}

impl Stop {
    pub(crate) fn limit(kind: LimitKind, asked: u64, allowed: u64) -> Self {
        Self::Limit { kind, asked, allowed }
    }
}

impl From<SandboxError> for Stop {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Fault(words) => Self::Fault(words),
            error => Self::Fault(error.to_string()),
        }
    }
}

impl From<Exhausted> for Stop {
    fn from(Exhausted { kind, asked, allowed }: Exhausted) -> Self {
        Self::Limit { kind, asked, allowed }
    }
}
