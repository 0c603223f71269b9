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

#[derive(ComponentType, Lift, Lower, Debug)]
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

/// Why the accelerator made no product.
#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum Unaccelerated {
    #[component(name = "no-accelerator")]
    NoAccelerator,
    #[component(name = "wrong-shape")]
    WrongShape,
    #[component(name = "too-large")]
    TooLarge,
}

/// A task as a guest hands it over.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct AskedTask {
    pub(crate) payload: Vec<u8>,
    #[component(name = "media-type")]
    pub(crate) media_type: String,
    pub(crate) parameters: Vec<AskedParameter>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct AskedParameter {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What came of a pipeline.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct Report {
    pub(crate) output: Vec<u8>,
    pub(crate) summary: String,
    pub(crate) metrics: Vec<(String, f64)>,
}

/// What a module says of itself.
#[derive(ComponentType, Lift, Lower, Clone, Debug, Default)]
#[component(record)]
pub(crate) struct Descriptor {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) summary: String,
    pub(crate) accepts: Vec<String>,
    pub(crate) emits: Option<String>,
    pub(crate) tunables: Vec<Tunable>,
}

#[derive(ComponentType, Lift, Lower, Clone, Debug)]
#[component(record)]
pub(crate) struct Tunable {
    pub(crate) name: String,
    pub(crate) summary: String,
    pub(crate) domain: Domain,
    pub(crate) default: String,
}

#[derive(ComponentType, Lift, Lower, Clone, Debug)]
#[component(variant)]
pub(crate) enum Domain {
    #[component(name = "integer")]
    Integer((i64, i64)),
    #[component(name = "number")]
    Number((f64, f64)),
    #[component(name = "choice")]
    Choice(Vec<String>),
    #[component(name = "text")]
    Text,
}

/// What an element of a list costs beside its text, so that a million empty ones are not free.
const ELEMENT_BYTES: usize = 16;

/// Bytes of a list of texts.
fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> usize {
    texts.into_iter().map(|text| text.len() + ELEMENT_BYTES).sum()
}

impl AskedTask {
    /// Bytes of all but the payload.
    pub(crate) fn words(&self) -> usize {
        self.media_type.len() + self.parameters.iter().map(|p| texts([&p.name, &p.value])).sum::<usize>()
    }
}

impl Report {
    /// Bytes of all but the output.
    pub(crate) fn words(&self) -> usize {
        self.summary.len() + texts(self.metrics.iter().map(|(name, _)| name))
    }
}

impl Descriptor {
    pub(crate) fn bytes(&self) -> usize {
        texts([&self.name, &self.version, &self.summary])
            + texts(&self.accepts)
            + texts(&self.emits)
            + self.tunables.iter().map(Tunable::bytes).sum::<usize>()
    }
}

impl Tunable {
    fn bytes(&self) -> usize {
        let domain = match &self.domain {
            Domain::Choice(words) => texts(words),
            Domain::Integer(_) | Domain::Number(_) | Domain::Text => 0,
        };
        texts([&self.name, &self.summary, &self.default]) + domain
    }
}

/// What a patcher is told.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct Context<'a> {
    pub(crate) targets: Vec<GivenTarget<'a>>,
    pub(crate) history: Vec<GivenAttempt<'a>>,
    pub(crate) seed: u64,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct GivenTarget<'a> {
    pub(crate) id: &'a str,
    pub(crate) tunables: Vec<Tunable>,
    pub(crate) current: &'a [Parameter<'a>],
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct GivenAttempt<'a> {
    pub(crate) id: &'a str,
    pub(crate) values: &'a [Parameter<'a>],
    pub(crate) gain: f64,
}

impl Context<'_> {
    pub(crate) fn bytes(&self) -> usize {
        let values = |values: &[Parameter<'_>]| {
            values.iter().map(|p| p.name.len() + p.value.len() + 2 * ELEMENT_BYTES).sum::<usize>()
        };
        let target = |target: &GivenTarget<'_>| {
            let tunables = target.tunables.iter().map(Tunable::bytes).sum::<usize>();
            target.id.len() + ELEMENT_BYTES + tunables + values(target.current)
        };
        let attempt = |attempt: &GivenAttempt<'_>| attempt.id.len() + ELEMENT_BYTES + values(attempt.values);
        self.targets.iter().map(target).sum::<usize>() + self.history.iter().map(attempt).sum::<usize>()
    }
}

/// A change that a patcher proposes.
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum Patch {
    #[component(name = "parameters")]
    Parameters(ParameterPatch),
    #[component(name = "component")]
    Component(ComponentPatch),
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ParameterPatch {
    pub(crate) id: String,
    pub(crate) values: Vec<AskedParameter>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct ComponentPatch {
    pub(crate) id: String,
    pub(crate) component: Vec<u8>,
}

/// Bytes of some proposals.
pub(crate) fn patches_bytes(patches: &[Patch]) -> usize {
    let of = |patch: &Patch| match patch {
        Patch::Parameters(patch) => {
            texts([&patch.id]) + patch.values.iter().map(|p| texts([&p.name, &p.value])).sum::<usize>()
        }
        Patch::Component(patch) => texts([&patch.id]) + patch.component.len(),
    };
    patches.iter().map(|patch| of(patch) + ELEMENT_BYTES).sum()
}

/// A module that a pipeline may invoke, as it is told of it.
#[derive(ComponentType, Lower)]
#[component(record)]
pub(crate) struct MemberFacts {
    pub(crate) id: String,
    pub(crate) descriptor: Descriptor,
}

/// Why an invocation gave nothing back.
#[derive(ComponentType, Lower, Debug)]
#[component(variant)]
pub(crate) enum InvokeError {
    #[component(name = "unknown-module")]
    UnknownModule,
    #[component(name = "failed")]
    Failed(Failure),
    #[component(name = "stopped")]
    Stopped(String),
    #[component(name = "too-deep")]
    TooDeep,
}

impl InvokeError {
    /// Why a run that did not complete gave nothing back.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let Outcome::Failed { failure, detail, .. } = outcome else { return Self::Stopped(outcome.code()) };
        let said = match failure {
            FailureKind::InvalidInput => Failure::InvalidInput,
            FailureKind::InvalidParameter => Failure::InvalidParameter,
            FailureKind::Unsupported => Failure::Unsupported,
            FailureKind::Internal => Failure::Internal,
            // An exit code says no more than that.
            _ => return Self::Stopped(outcome.code()),
        };
        Self::Failed(said(detail.clone()))
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Failed(
                Failure::InvalidInput(text)
                | Failure::InvalidParameter(text)
                | Failure::Unsupported(text)
                | Failure::Internal(text),
            )
            | Self::Stopped(text) => text.len(),
            Self::UnknownModule | Self::TooDeep => 0,
        }
    }
}
