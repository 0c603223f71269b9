//! Engines: workflows whose cycles run when they pay.
//!
//! A cycle (`cycle.rs`) tests candidates, decides whether to go on, reckons its energy, runs the workflow with it, measures
//! what there is then, and learns. What an engine goes on from is in its file of state and, with every cycle, in the event
//! of it (`record.rs`), so that a file that is lost or damaged loses nothing (`files.rs`). A [`Registry`] runs many.

mod budget;
mod cycle;
mod files;
mod past;
mod record;
mod registry;
mod scaling;
mod turns;

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use holobiont_core::cycle::{EngineState, MetaLog};
use holobiont_core::policy::Policy;
use holobiont_core::printable;
use holobiont_sandbox::Sandbox;

use crate::adaptation::AdaptError;
use crate::discover::DiscoverError;
use crate::evaluate::EvaluateError;
use crate::history::HistoryError;
use crate::patching::PatchError;
use crate::project::{Project, ProjectError};
use crate::self_test::{SelfTestError, SelfTestProgress};
use crate::settings::EngineConfig;
use crate::store::{Store, StoreError};
use crate::transaction::TransactionError;
use crate::weights::WeightsError;

pub use self::budget::{Budget, Share};
pub(crate) use self::files::{BEGINNING, CYCLE, RESTART};
use self::past::Past;
use self::record::Opening;
pub(crate) use self::record::{Beginning, Restart};
pub use self::record::{CycleRecord, Work};
pub use self::registry::{CycleResult, Registry};
pub(crate) use self::scaling::SCALED;
pub use self::scaling::{Approve, EngineMade, Factory, Scale, ScaleTerms, Scaled};
pub use self::turns::Turns;

/// Why a cycle could not be made. What modules do is never a reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine's file of state is of another kind than it should be.
    #[error("engine {engine}: {what}")]
    State {
        /// The engine.
        engine: String,
        /// What is wrong.
        what: String,
    },
    /// Another process gives the engines their turns.
    #[error("another command gives the engines of this project their turns, and holds {}: wait until it has ended, or stop it", printable(&.0.to_string_lossy()))]
    Busy(PathBuf),
    /// The lock of the engines cannot be had.
    #[error("cannot lock {}: {source}", printable(&path.to_string_lossy()))]
    Lock {
        /// The lock.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Candidates could not be tested.
    #[error(transparent)]
    SelfTest(#[from] SelfTestError),
    /// The patcher could not be used.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The preset could not be adapted.
    #[error(transparent)]
    Adapt(#[from] AdaptError),
    /// A run could not be made.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Nothing could be discovered.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// Something in the project is missing or wrong.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The synergy weights cannot be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What happened before does not read.
    #[error(transparent)]
    History(HistoryError),
    /// The files could not be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

impl EngineError {
    /// Whether this is no failure: somebody wanted to stop ([`House::stop`]), whatever the cycle was at.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(
            self,
            Self::Evaluate(EvaluateError::Stopped)
                | Self::SelfTest(SelfTestError::Evaluate(EvaluateError::Stopped))
                | Self::Patch(PatchError::Evaluate(EvaluateError::Stopped))
        )
    }
}

impl From<HistoryError> for EngineError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => Self::Store(error),
            error => Self::History(error),
        }
    }
}

/// What engines work with.
#[derive(Clone, Copy)]
pub struct House<'a> {
    /// The project.
    pub project: &'a Project,
    /// What runs modules.
    pub sandbox: &'a Sandbox,
    /// What remembers.
    pub store: &'a dyn Store,
    /// Held by the engine that changes files of the project, so that those beside it wait.
    pub files: &'a Mutex<()>,
    /// Set when somebody wants to stop: the trial at hand is finished, and no other begun.
    pub stop: &'a AtomicBool,
    /// Is told how far things are, from any thread.
    pub listen: &'a (dyn Fn(SelfTestProgress) + Sync),
}

/// An engine: a workflow, what it remembers, and its policy.
pub struct Engine {
    config: EngineConfig,
    state: EngineState,
    policy: Policy,
    past: Past,
    last: Option<CycleRecord>,
    /// The number of the event that its next cycle begins after: that of its last, or of when it began anew.
    since: u64,
    /// The ROI before its first cycle, once that was measured.
    begun: Option<f64>,
    /// What was decided of a cycle that was begun and not ended.
    begun_cycle: Option<Opening>,
    /// What had to be mended when it was opened.
    notes: Vec<String>,
}

impl Engine {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// What it was made from.
    #[must_use]
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// What it remembers.
    #[must_use]
    pub fn state(&self) -> &EngineState {
        &self.state
    }

    /// Its policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What its cycles brought, by module.
    #[must_use]
    pub fn log(&self) -> &MetaLog {
        &self.past.log
    }

    /// Its last cycle.
    #[must_use]
    pub fn last(&self) -> Option<&CycleRecord> {
        self.last.as_ref()
    }

    /// The return of its workflow before its first cycle, once that was measured.
    #[must_use]
    pub fn begun(&self) -> Option<f64> {
        self.begun
    }

    /// What had to be mended when it was opened, each in a line.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}
