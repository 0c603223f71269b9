//! The types of `holobiont:plugin` as they cross the component boundary. Hand-written beside
//! wit/holobiont.wit; wasmtime checks them against a component's own types when it is called.

use holobiont_core::{FailureKind, Outcome, one_line};
use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct Task<'a> {
    pub(crate) payload: &'a [u8],
    #[component(name = "media-type")]
    pub(crate) media_type: &'a str,
    pub(crate) parameters: &'a [Parameter<'a>],
}

#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum Failure {
    #[component(name = "invalid-input")]
    InvalidInput(String),
    #[component(name = "invalid-parameter")]
    InvalidParameter(String),
    #[component(name = "unsupported")]
    Unsupported(String),
    #[component(name = "internal")]
    Internal(String),
}

impl Failure {
    pub(crate) fn into_outcome(self) -> Outcome {
        let (failure, text) = match self {
            Self::InvalidInput(text) => (FailureKind::InvalidInput, text),
            Self::InvalidParameter(text) => (FailureKind::InvalidParameter, text),
            Self::Unsupported(text) => (FailureKind::Unsupported, text),
            Self::Internal(text) => (FailureKind::Internal, text),
        };
        Outcome::Failed { failure, code: None, detail: one_line(&text) }
    }
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by number, from what the guest passes")]
pub(crate) enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum Refusal {
    #[component(name = "invalid-key")]
    InvalidKey,
    #[component(name = "quota-exceeded")]
    QuotaExceeded,
}
