//! How a run ended. Whatever a guest does, it ends in one of these; a guest's misbehaviour is data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{LimitKind, Unit};
use crate::text::printable;

/// How a run ended.
///
/// When several things went wrong in one run, the first of this order names it: rejected, denied
/// import, fuel, time, the other limits, trap, failure. A refused `memory.grow` looks like an ordinary
/// trap afterwards, so the sandbox remembers what it refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// It did what it was asked.
    Completed {
        /// The exit code of a command: 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// It said that it could not: a declared failure, or an exit code other than 0.
    Failed {
        /// Which kind of failure.
        failure: FailureKind,
        /// The exit code of a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
        /// Its own words, made printable.
        detail: String,
    },
    /// It hit a limit.
    Limit {
        /// Which.
        limit: LimitKind,
        /// By how much.
        #[serde(flatten)]
        excess: Excess,
        /// The numbers in words.
        detail: String,
    },
    /// It imports something that it was not granted; not one instruction ran.
    Denied {
        /// What, and how to grant it.
        detail: String,
    },
    /// It did something that WebAssembly does not allow.
    Trap {
        /// What.
        trap: TrapKind,
        /// The same in words.
        detail: String,
    },
    /// It is not a module that this host runs; not one instruction ran.
    Rejected {
        /// Why, as a stable word.
        reason: Rejection,
        /// Why, in words.
        detail: String,
    },
}

/// The kind of failure a module declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureKind {
    /// The payload is not what it takes.
    InvalidInput,
    /// A parameter is.
    InvalidParameter,
    /// It does not do such things.
    Unsupported,
    /// Something went wrong inside.
    Internal,
    /// A command ended with a code other than 0.
    Exit,
}

/// Why bytes are not a module that this host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum Rejection {
    /// There are none.
    Empty,
    /// They do not start as WebAssembly does.
    NotWasm,
    /// WebAssembly text rather than binary.
    Text,
    /// Compiled code: never accepted from outside the host's own cache.
    Precompiled,
    /// They end in the middle.
    Truncated,
    /// They do not validate, or use a proposal that is switched off.
    Invalid,
    /// More bytes than the host takes.
    TooLarge,
    /// Too intricate to compile within bounds.
    TooComplex,
    /// An import that this host does not offer.
    UnknownImport,
    /// An import or export of a known name and another type or version.
    InterfaceMismatch,
    /// Nothing in it that the host could call.
    NoEntryPoint,
    /// Its bytes are not those that were pinned.
    DigestMismatch,
}

/// What a guest did that WebAssembly does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum TrapKind {
    /// It reached `unreachable`: a panic, an abort, an assertion.
    Unreachable,
    /// A memory access out of bounds.
    MemoryOutOfBounds,
    /// A table access out of bounds.
    TableOutOfBounds,
    /// An indirect call of nothing, or of a function of another type.
    BadIndirectCall,
    /// An integer divided by zero.
    DivisionByZero,
    /// An integer overflow.
    IntegerOverflow,
    /// A number that has no integer.
    BadConversion,
    /// A value handed across the component boundary that is not one of its type.
    BadValue,
    /// Another trap of the engine.
    Other,
}

/// By how much a limit was exceeded, in the limit's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// What the run asked for in all; for a limit that is used up step by step, the limit itself.
    pub asked: u64,
    /// What it was allowed.
    pub allowed: u64,
}

impl Outcome {
    /// Whether the run did what it was asked.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        matches!(self, Self::Completed { .. })
    }

    /// The stable code: `completed`, `limit: fuel`, `trap: unreachable`, `rejected: not-wasm`, …
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Completed { .. } => "completed".to_owned(),
            Self::Failed { failure, .. } => format!("failed: {failure}"),
            Self::Limit { limit, .. } => format!("limit: {limit}"),
            Self::Denied { .. } => "denied: import".to_owned(),
            Self::Trap { trap, .. } => format!("trap: {trap}"),
            Self::Rejected { reason, .. } => format!("rejected: {reason}"),
        }
    }

    /// The words that go with the code: one line without control characters.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Completed { .. } => "",
            Self::Failed { detail, .. }
            | Self::Limit { detail, .. }
            | Self::Denied { detail }
            | Self::Trap { detail, .. }
            | Self::Rejected { detail, .. } => detail,
        }
    }

    /// A run that hit a limit, with the numbers in words.
    #[must_use]
    pub fn limit(limit: LimitKind, unit: Unit, asked: u64, allowed: u64) -> Self {
        let excess = Excess { asked, allowed };
        let detail = match limit {
            LimitKind::Fuel => format!("used up its {} fuel", unit.text(allowed)),
            LimitKind::Time => format!("virtual time reached {}, limit {}", unit.text(asked), unit.text(allowed)),
            LimitKind::WallTime => format!("still running after {} of real time", unit.text(allowed)),
            LimitKind::Stack => format!("calls nested past the stack of {}", unit.text(allowed)),
            LimitKind::Memory => format!("asked for {} in all, limit {}", unit.text(asked), unit.text(allowed)),
            _ => format!("asked for {}, limit {}", unit.text(asked), unit.text(allowed)),
        };
        Self::Limit { limit, excess, detail }
    }

    /// The same end, with words before its own that say where it was.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        match &mut self {
            Self::Completed { .. } => {}
            Self::Failed { detail, .. }
            | Self::Limit { detail, .. }
            | Self::Denied { detail }
            | Self::Trap { detail, .. }
            | Self::Rejected { detail, .. } => *detail = one_line(&format!("{place}: {detail}")),
        }
        self
    }

    /// A rejected module; `detail` may hold a stranger's words.
    #[must_use]
    pub fn rejected(reason: Rejection, detail: impl fmt::Display) -> Self {
        Self::Rejected { reason, detail: one_line(&detail.to_string()) }
    }
}

/// A stranger's words as one line of bounded length.
#[must_use]
pub fn one_line(text: &str) -> String {
    const MOST: usize = 400;
    let safe = printable(text.trim());
    match safe.char_indices().nth(MOST) {
        None => safe,
        Some((end, _)) => format!("{}…", &safe[..end]),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail() {
            "" => f.write_str(&self.code()),
            detail => write!(f, "{}: {detail}", self.code()),
        }
    }
}
