//! The holobiont host as a library: a project on disk, the evaluation of groups, and what is remembered.
//!
//! ```no_run
//! use holobiont::{Evaluator, Project, SqliteStore};
//! use holobiont_core::Scenario;
//! use holobiont_sandbox::Sandbox;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let project = Project::find(std::path::Path::new("."), None, &|name| std::env::var(name).ok())?;
//! let workflow = project.workflow("workflows/squeeze.toml")?;
//! let group = workflow.group(&["bwt".into(), "mtf".into(), "coder".into()])?;
//! let sandbox = Sandbox::builder().cache_dir(project.cache_dir()).build()?;
//! let store = SqliteStore::open(&project.database())?;
//! let evaluator = Evaluator::new(&project, &sandbox, &store);
//! let answer = evaluator.synergy(&workflow, &group, &Scenario::builtin(), &|_| ())?;
//! println!("revenue synergy: {}", answer.assessment.synergy["revenue"].value);
//! # Ok(())
//! # }
//! ```
//!
//! The nouns: a [`Project`] is a folder with a holobiont.toml and the [`Settings`] that hold in it; an
//! [`Evaluator`] makes the runs that a question needs and no others; a [`Store`] remembers them; an
//! [`Answer`] holds an assessment and what it took.
//!
//! A [`SelfTest`] takes modules in that nobody uses yet, [`Patching`] has a patcher propose changes. An [`Engine`], made of an
//! [`EngineConfig`], does both in cycles, as long as these pay; a [`Registry`] gives many their turns and has them scaled
//! ([`Scale`]). What each knows of the world is a [`House`], whose store may be a [`Bus`]. A [`Weighing`] is how much each
//! synergy counts, and what learns it.

mod adaptation;
mod bus;
mod discover;
mod documents;
mod engines;
mod evaluate;
mod events;
mod history;
mod inputs;
mod json;
mod modules;
mod parallel;
mod patching;
mod presets;
mod project;
mod replace;
mod self_test;
mod settings;
mod standing;
mod store;
mod transaction;
mod weights;
mod workflows;

pub use adaptation::{AdaptError, PresetAdapted, adapt_environments};
pub use bus::{Bus, Published, Subscription};
pub use discover::{DiscoverError, Discovery, Reached, SkipReason, Skipped};
pub use documents::WorkflowFile;
pub use engines::{
    Approve, Budget, CycleRecord, CycleResult, Engine, EngineError, EngineMade, Factory, House, Registry, Scale,
    ScaleTerms, Scaled, Share, Turns, Work,
};
pub use evaluate::{
    Answer, CalibrationReport, ChainRun, EvaluateError, Evaluator, FindError, Found, FoundGroup, Progress, SearchPlan,
    StepRun, Tally,
};
pub use events::{Event, EventsError, Exported, export_events, read_events};
pub use history::{Adapting, ArmPast, Cycle, History, HistoryError, Measured, now_ms};
pub use inputs::Input;
pub use modules::{FileState, MappedModule, ModuleChange, ModuleShown, ModulesError, Role, UsedBy};
pub use patching::{PatchError, PatchReport, PatchTried, Patching};
pub use presets::{Adapted, PresetsError, read_presets};
pub use project::{Project, ProjectError};
pub use replace::replace_file;
pub use self_test::{
    CandidateReport, Inserted, LeftOut, Measures, SelfTest, SelfTestError, SelfTestProgress, SelfTestReport,
    StageReport, WorkflowReport,
};
pub use settings::{
    AutoscaleConfig, DiscoverSettings, EngineConfig, LearnerConfig, Origin, SelfTestConfig, Setting, Settings,
    SettingsError, Switch,
};
pub use standing::{Need, Standing};
pub use store::{MemoryStore, SqliteStore, Store, StoreError, StoredEvent, StoredRun, conformance};
pub use transaction::{Recovered, Transaction, TransactionError};
pub use weights::{
    GivenError, RankedGroup, Weighing, WeightsChanged, WeightsError, decisions_of, rank_groups, read_decisions,
};
pub use workflows::{ModuleKnown, WorkflowChecked, WorkflowListed, WorkflowProblem, WorkflowRead, WorkflowShown};
