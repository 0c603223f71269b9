//! What a Rust author of holobiont modules writes against.
//!
//! A module is a type that implements [`Module`] and one line that exports it:
//!
//! ```
//! use holobiont_guest::{Descriptor, Failure, Module, Task, export_module};
//!
//! struct Shout;
//!
//! impl Module for Shout {
//!     fn describe() -> Descriptor {
//!         Descriptor::named("shout", "0.1.0", "Turns ASCII letters into capitals.").accepting(["text/plain"])
//!     }
//!
//!     fn run(task: Task) -> Result<Vec<u8>, Failure> {
//!         holobiont_guest::info!("{} bytes to shout", task.payload.len());
//!         Ok(task.payload.to_ascii_uppercase())
//!     }
//! }
//!
//! export_module!(Shout);
//! # fn main() {}
//! ```
//!
//! A pipeline works by having other modules work, those that the host lets it [invoke](modules::invoke):
//!
//! ```
//! use holobiont_guest::{Failure, Pipeline, Report, Task, export_pipeline, modules};
//!
//! struct Smallest;
//!
//! impl Pipeline for Smallest {
//!     fn run(task: Task, _energy: f64) -> Result<Report, Failure> {
//!         let mut best = (task.payload.clone(), "none of them".to_owned());
//!         for module in modules::available() {
//!             // One that declines is not asked again; one that is stopped has cost what it cost.
//!             let Ok(output) = modules::invoke(&module.id, &task) else { continue };
//!             if output.len() < best.0.len() {
//!                 best = (output, module.descriptor.name);
//!             }
//!         }
//!         let (output, name) = best;
//!         let saved = (task.payload.len() - output.len()) as f64;
//!         Ok(Report::of(output).saying(format!("{name} makes it smallest")).counting("bytes-saved", saved))
//!     }
//! }
//!
//! export_pipeline!(Smallest);
//! # fn main() {}
//! ```
//!
//! A patcher proposes other values for the parameters that modules declare, or other bytes for the modules. The host
//! tries each proposal and keeps what is surely better, so a patcher need not be right; and since nothing of it is left
//! after a proposal, it works from what the host tells it was tried:
//!
//! ```
//! use holobiont_guest::{Context, Domain, Failure, Patch, Patcher, export_patcher};
//!
//! struct Other;
//!
//! impl Patcher for Other {
//!     fn propose(context: Context) -> Result<Vec<Patch>, Failure> {
//!         let mut patches = Vec::new();
//!         for target in &context.targets {
//!             for tunable in &target.tunables {
//!                 let Domain::Choice(words) = &tunable.domain else { continue };
//!                 let others = words.iter().filter(|word| target.value(&tunable.name) != Some(word.as_str()));
//!                 patches.extend(others.map(|word| Patch::tune(&target.id, [(tunable.name.as_str(), word)])));
//!             }
//!         }
//!         Ok(patches)
//!     }
//! }
//!
//! export_patcher!(Other);
//! # fn main() {}
//! ```
//!
//! Set `crate-type = ["cdylib"]`, build with `cargo build --release --target wasm32-wasip2`, and the
//! `.wasm` file is the module. Link it with a small shadow stack (`-C link-arg=-zstack-size=65536` in
//! `.cargo/config.toml`): what a fresh sandbox costs the host grows with the memory a guest touches.
//!
//! The nouns: [`Task`] is the work, [`Failure`] an orderly "no", [`Descriptor`] what a module says of
//! itself, [`Tunable`] a parameter that a host may tune, [`Direction`] which way a module works that can
//! undo what it does, [`workspace`] the blackboard that a group shares, [`accelerator`] what multiplies matrices
//! for those who are granted it, [`log`] and [`metric`] what the host is told on the way. [`Scorer`], [`Pipeline`]
//! and [`Patcher`] are the other things a component can be.

#[doc(hidden)]
pub mod bindings;

use bindings::candidate::holobiont::plugin::{telemetry, types};

pub use bindings::candidate::exports::holobiont::plugin::module::Guest as Module;
pub use bindings::candidate::holobiont::plugin::accelerator;
pub use bindings::candidate::holobiont::plugin::telemetry::Level;
pub use bindings::candidate::holobiont::plugin::types::{Descriptor, Domain, Failure, Parameter, Task, Tunable};
pub use bindings::candidate::holobiont::plugin::workspace;
pub use bindings::patcher::exports::holobiont::plugin::patcher::{
    Attempt, ComponentPatch, Context, Guest as Patcher, ParameterPatch, Patch, Target,
};
pub use bindings::pipeline::exports::holobiont::plugin::pipeline::{Guest as Pipeline, Report};
pub use bindings::pipeline::holobiont::plugin::modules;
pub use bindings::scorer::exports::holobiont::plugin::scorer::Guest as Scorer;

/// Exports a type that implements [`Module`] as a candidate.
#[macro_export]
macro_rules! export_module {
    ($module:ident) => {
        $crate::bindings::candidate::export_candidate!($module with_types_in $crate::bindings::candidate);
    };
}

/// Exports a type that implements [`Scorer`].
#[macro_export]
macro_rules! export_scorer {
    ($scorer:ident) => {
        $crate::bindings::scorer::export_scorer!($scorer with_types_in $crate::bindings::scorer);
    };
}

/// Exports a type that implements [`Pipeline`].
#[macro_export]
macro_rules! export_pipeline {
    ($pipeline:ident) => {
        $crate::bindings::pipeline::export_pipeline!($pipeline with_types_in $crate::bindings::pipeline);
    };
}

/// Exports a type that implements [`Patcher`].
#[macro_export]
macro_rules! export_patcher {
    ($patcher:ident) => {
        $crate::bindings::patcher::export_patcher!($patcher with_types_in $crate::bindings::patcher);
    };
}

/// Logs a message at level info, with the syntax of `format!`.
#[macro_export]
macro_rules! info {
    ($($arg:tt)*) => { $crate::log($crate::Level::Info, &::std::format!($($arg)*)) };
}

/// Logs a message at level warn, with the syntax of `format!`.
#[macro_export]
macro_rules! warn {
    ($($arg:tt)*) => { $crate::log($crate::Level::Warn, &::std::format!($($arg)*)) };
}

/// Writes a message to the run's log. Where there is no host, as in a module's own tests, it is printed.
pub fn log(level: Level, message: &str) {
    if cfg!(target_family = "wasm") {
        telemetry::log(level, message);
    } else {
        println!("{level:?}: {message}");
    }
}

/// Records a named number; the last value of a name counts, and one that is not finite is dropped. Where
/// there is no host, as in a module's own tests, it is printed.
pub fn metric(name: &str, value: f64) {
    if cfg!(target_family = "wasm") {
        telemetry::record_metric(name, value);
    } else {
        println!("{name} = {value}");
    }
}

/// The name of the parameter behind [`Direction`].
const DIRECTION: &str = "direction";

/// Which way a module works that can undo what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Do the work.
    Encode,
    /// Undo it: the payload is what the module made.
    Decode,
}

impl Descriptor {
    /// A descriptor that takes anything, gives back the type it was given and has no tunables.
    #[must_use]
    pub fn named(name: &str, version: &str, summary: &str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            accepts: Vec::new(),
            emits: None,
            tunables: Vec::new(),
        }
    }

    /// Takes only these media types. Default: any.
    #[must_use]
    pub fn accepting<const N: usize>(mut self, media_types: [&str; N]) -> Self {
        self.accepts = media_types.map(String::from).into();
        self
    }

    /// Gives back this media type. Default: the one it was given.
    #[must_use]
    pub fn emitting(mut self, media_type: &str) -> Self {
        self.emits = Some(media_type.into());
        self
    }

    /// Can undo what it does: declares the parameter that [`Task::direction`] reads, so that a workflow
    /// can check a result by running its steps backwards. Default: it cannot.
    #[must_use]
    pub fn two_way(self) -> Self {
        let ways = Domain::Choice(vec!["encode".into(), "decode".into()]);
        self.tunable(DIRECTION, "Whether to do the work or to undo it.", ways, "encode")
    }

    /// Has a parameter that may be tuned. Default: none.
    #[must_use]
    pub fn tunable(mut self, name: &str, summary: &str, domain: Domain, default: &str) -> Self {
        self.tunables.push(Tunable { name: name.into(), summary: summary.into(), domain, default: default.into() });
        self
    }
}

impl Task {
    /// A task on bytes of no known type, without parameters: for pipelines, and for tests.
    #[must_use]
    pub fn of(payload: impl Into<Vec<u8>>) -> Self {
        Self { payload: payload.into(), media_type: "application/octet-stream".into(), parameters: Vec::new() }
    }

    /// Sets a parameter. Default: none.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.parameters.push(Parameter { name: name.into(), value: value.to_string() });
        self
    }

    /// The value of a parameter, if the task sets it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|p| p.name == name).map(|p| p.value.as_str())
    }

    /// The value of a parameter parsed, or `default` when the task does not set it.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidParameter`] when the value does not parse.
    pub fn parameter_or<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T, Failure> {
        match self.parameter(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| {
                Failure::InvalidParameter(format!("{name}: `{text}` is not a {}", std::any::type_name::<T>()))
            }),
        }
    }

    /// The value of a number parsed, or `default` when the task does not set it; it must lie in `range`,
    /// which should be the [`Domain`] that the descriptor declares.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidParameter`] when the value does not parse or lies outside.
    pub fn parameter_in<T>(&self, name: &str, range: std::ops::RangeInclusive<T>, default: T) -> Result<T, Failure>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        let value = self.parameter_or(name, default)?;
        if range.contains(&value) {
            return Ok(value);
        }
        let (low, high) = range.into_inner();
        Err(Failure::InvalidParameter(format!("{name}: {value} is not from {low} to {high}")))
    }

    /// The value of a choice, or `default` when the task does not set it; it must be one of `words`, which
    /// should be the [`Domain`] that the descriptor declares.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidParameter`] when it is none of them.
    pub fn parameter_among<'a>(&self, name: &str, words: &[&'a str], default: &'a str) -> Result<&'a str, Failure> {
        let Some(value) = self.parameter(name) else { return Ok(default) };
        words
            .iter()
            .find(|word| **word == value)
            .copied()
            .ok_or_else(|| Failure::InvalidParameter(format!("{name}: `{value}` is none of `{}`", words.join("`, `"))))
    }

    /// Which way a [two-way](Descriptor::two_way) module is to work; encode when the task does not say.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidParameter`] when the value is neither `encode` nor `decode`.
    pub fn direction(&self) -> Result<Direction, Failure> {
        match self.parameter(DIRECTION) {
            None | Some("encode") => Ok(Direction::Encode),
            Some("decode") => Ok(Direction::Decode),
            Some(other) => {
                Err(Failure::InvalidParameter(format!("{DIRECTION}: `{other}` is neither `encode` nor `decode`")))
            }
        }
    }

    /// The payload as text.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] when it is not UTF-8.
    pub fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.payload).map_err(|e| Failure::InvalidInput(format!("payload is not UTF-8: {e}")))
    }
}

impl Report {
    /// A report of some output.
    #[must_use]
    pub fn of(output: impl Into<Vec<u8>>) -> Self {
        Self { output: output.into(), summary: String::new(), metrics: Vec::new() }
    }

    /// What was done, for people. Default: nothing.
    #[must_use]
    pub fn saying(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// A number worth keeping. Default: none.
    #[must_use]
    pub fn counting(mut self, name: &str, value: f64) -> Self {
        self.metrics.push((name.into(), value));
        self
    }
}

impl Target {
    /// The value that a parameter has now: the one that is set, or the default.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let set = self.current.iter().find(|parameter| parameter.name == name).map(|parameter| &parameter.value);
        let default = || self.tunables.iter().find(|tunable| tunable.name == name).map(|tunable| &tunable.default);
        set.or_else(default).map(String::as_str)
    }
}

impl Attempt {
    /// The value of a parameter that was tried, if the attempt set it.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value.as_str())
    }
}

impl Patch {
    /// Other values for parameters of a module; those left out stay.
    #[must_use]
    pub fn tune<const N: usize>(id: &str, values: [(&str, &str); N]) -> Self {
        let values = values.map(|(name, value)| Parameter { name: name.into(), value: value.into() });
        Self::Parameters(ParameterPatch { id: id.into(), values: values.into() })
    }

    /// Other bytes for a module: a whole component of the same world.
    #[must_use]
    pub fn replace(id: &str, component: impl Into<Vec<u8>>) -> Self {
        Self::Component(ComponentPatch { id: id.into(), component: component.into() })
    }
}

/// For a pipeline that cannot do without: what the module said is passed on, and what is the pipeline's or the
/// host's affair is internal.
impl From<modules::InvokeError> for Failure {
    fn from(error: modules::InvokeError) -> Self {
        match error {
            modules::InvokeError::Failed(failure) => failure,
            modules::InvokeError::UnknownModule => Self::Internal("no module of that id is available".into()),
            modules::InvokeError::TooDeep => Self::Internal("invocations are nested too deeply".into()),
            modules::InvokeError::Stopped(code) => Self::Internal(format!("a module was stopped: {code}")),
        }
    }
}

impl From<types::Parameter> for (String, String) {
    fn from(parameter: types::Parameter) -> Self {
        (parameter.name, parameter.value)
    }
}
