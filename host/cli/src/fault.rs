//! Why a command could not be carried out, and the exit code that says so.

use std::error::Error;
use std::fmt;

use holobiont::{
    AdaptError, DiscoverError, EngineError, EvaluateError, EventsError, FindError, HistoryError, ModulesError,
    PatchError, PresetsError, ProjectError, SelfTestError, SettingsError, StoreError, TransactionError, WeightsError,
};
use holobiont_sandbox::{FilesError, SandboxError};

/// Why a command could not be carried out, in one line. Whatever it quotes is printable.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The host or its machine failed.
    Host(String),
    /// The arguments, the configuration or a file they name is wrong.
    Usage(String),
    /// The store cannot be used.
    Store(String),
}

impl Fault {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Host(_) => 1,
            Self::Usage(_) => 2,
            Self::Store(_) => 5,
        }
    }

    pub(crate) fn usage(words: impl fmt::Display) -> Self {
        Self::Usage(words.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(words) | Self::Usage(words) | Self::Store(words) => f.write_str(words),
        }
    }
}

/// An error and its causes as one line; a cause that the error quotes already is not said twice.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}

impl From<ProjectError> for Fault {
    fn from(error: ProjectError) -> Self {
        match error {
            ProjectError::Transaction(error) => error.into(),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<TransactionError> for Fault {
    fn from(error: TransactionError) -> Self {
        let words = chain(&error);
        if error.is_of_host() { Self::Host(words) } else { Self::Usage(words) }
    }
}

impl From<ModulesError> for Fault {
    fn from(error: ModulesError) -> Self {
        match error {
            ModulesError::Project(error) => error.into(),
            ModulesError::Transaction(error) => error.into(),
            ModulesError::NotKept(_) => Self::Store(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<SettingsError> for Fault {
    fn from(error: SettingsError) -> Self {
        Self::Usage(chain(&error))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(chain(&error))
    }
}

impl From<PresetsError> for Fault {
    fn from(error: PresetsError) -> Self {
        match error {
            PresetsError::Write { .. } => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<DiscoverError> for Fault {
    fn from(error: DiscoverError) -> Self {
        match error {
            DiscoverError::Project(error) => error.into(),
            DiscoverError::Transaction(error) => error.into(),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<AdaptError> for Fault {
    fn from(error: AdaptError) -> Self {
        match error {
            AdaptError::Presets(error) => error.into(),
            AdaptError::Store(error) => error.into(),
            AdaptError::Agent(_) => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<HistoryError> for Fault {
    fn from(error: HistoryError) -> Self {
        Self::Store(chain(&error))
    }
}

impl From<EventsError> for Fault {
    fn from(error: EventsError) -> Self {
        match error {
            EventsError::Line { .. } => Self::Usage(chain(&error)),
            error => Self::Store(chain(&error)),
        }
    }
}

impl From<SandboxError> for Fault {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Kind { .. } => Self::Usage(chain(&error)),
            error => Self::Host(chain(&error)),
        }
    }
}

impl From<FilesError> for Fault {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::WriteBack { .. } => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<FindError> for Fault {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Evaluate(error) => error.into(),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<SelfTestError> for Fault {
    fn from(error: SelfTestError) -> Self {
        match error {
            SelfTestError::Evaluate(error) => error.into(),
            SelfTestError::Discover(error) => error.into(),
            SelfTestError::Project(error) => error.into(),
            SelfTestError::Store(error) => error.into(),
            SelfTestError::History(error) => error.into(),
            SelfTestError::Transaction(error) => error.into(),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<PatchError> for Fault {
    fn from(error: PatchError) -> Self {
        match error {
            PatchError::Evaluate(error) => error.into(),
            PatchError::Project(error) => error.into(),
            PatchError::Store(error) => error.into(),
            PatchError::History(error) => error.into(),
            PatchError::Transaction(error) => error.into(),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::SelfTest(error) => error.into(),
            EngineError::Patch(error) => error.into(),
            EngineError::Adapt(error) => error.into(),
            EngineError::Evaluate(error) => error.into(),
            EngineError::Discover(error) => error.into(),
            EngineError::Project(error) => error.into(),
            EngineError::Weights(error) => error.into(),
            EngineError::Store(error) => error.into(),
            EngineError::History(error) => error.into(),
            EngineError::Transaction(error) => error.into(),
            EngineError::Busy(_) => Self::Store(chain(&error)),
            EngineError::Lock { .. } => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<WeightsError> for Fault {
    fn from(error: WeightsError) -> Self {
        match error {
            WeightsError::Store(error) => error.into(),
            WeightsError::History(error) => error.into(),
            WeightsError::Transaction(error) => error.into(),
            WeightsError::File { .. } => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}

impl From<EvaluateError> for Fault {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Project(error) => error.into(),
            EvaluateError::Settings(error) => error.into(),
            EvaluateError::Store(error) => error.into(),
            EvaluateError::History(error) => error.into(),
            EvaluateError::Files(error) => error.into(),
            EvaluateError::Sandbox(error) => error.into(),
            EvaluateError::Fault(_) => Self::Host(chain(&error)),
            error => Self::Usage(chain(&error)),
        }
    }
}
