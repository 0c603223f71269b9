//! The nouns and rules of a holobiont host, without effects: no clock, no file, no environment, no
//! unseeded randomness. What a run was allowed and what it used come in as data; what they mean goes
//! out as data.
//!
//! ```
//! use holobiont_core::{Arm, MetricSet, synergy};
//!
//! let solo = |revenue| MetricSet::from_iter([("revenue", revenue)]);
//! let report = synergy(&[solo(10.0), solo(30.0)], &solo(50.0));
//! assert_eq!(report["revenue"], 50.0 - (10.0 + 30.0) / 2.0);
//! assert_eq!(Arm::Combined.to_string(), "combined");
//! ```
//!
//! The nouns, in the order in which an evaluation meets them:
//!
//! - [`ModuleId`] names a module by its path in the repository, [`Digest`] pins its bytes;
//! - [`CompileLimits`] say what loading it may cost, [`Limits`] how much a run may use, [`Grants`] what it may reach, a [`Preset`] names an
//!   environment made of both;
//! - a [`Workflow`] is an ordered list of steps and an [`Objective`] that says what an output is worth;
//! - an [`Arm`] says which modules are switched on; a [`Measurement`] is what came of one run: its
//!   [`Outcome`] and its [`Usage`];
//! - a [`MetricSet`] holds the [`METRICS`] of one arm, [`synergy`] compares arms.

mod action_values;
pub mod adapt;
mod arm;
mod assess;
mod assessment;
mod compile_limits;
mod conditions;
pub mod cycle;
mod dense;
mod document;
mod energy;
pub mod environment;
pub mod forecast;
mod gate;
mod grants;
pub mod graph;
mod id;
pub mod inclusion;
mod input_class;
mod json_text;
mod limit_fields;
mod limits;
mod measurement;
mod metrics;
mod objective;
mod outcome;
pub mod policy;
mod preset;
mod prices;
mod random;
mod scenario;
pub mod stats;
mod suggest;
mod text;
mod toml_text;
mod tracker;
mod trend;
mod trials;
mod tunable;
mod units;
mod weights;
mod workflow;

pub use arm::Arm;
pub use assess::{ArmTrials, Tried, beyond_mean, coalitions_for_shares};
pub use assessment::{
    ArmReport, Assessment, Calibration, Combination, PairInteraction, ScenarioResult, SynergyValue, Verdict,
};
pub use compile_limits::{CompileField, CompileLimits};
pub use conditions::{Conditions, FailureMode};
pub use dense::{DenseProduct, DenseShape};
pub use document::{DocumentError, read as read_document, write as write_document};
pub use energy::Energy;
pub use environment::{
    Environment, EnvironmentError, Key, KeyRow, Presets, Profile, ProfileError, ProfileRow, Severity,
};
pub use gate::{Candidate, Gate};
pub use grants::{Access, DirGrant, Grants};
pub use id::{Digest, ModuleId, ModuleIdError};
pub use input_class::InputClass;
pub use limit_fields::LimitField;
pub use limits::{LimitKind, Limits, Unit};
pub use measurement::{InterfaceUse, LogLine, Measurement, OutputFacts, Part, Relation, Usage, WallTime};
pub use metrics::{
    Direction, INCIDENTS, Incident, IncidentKind, METRICS, Metric, MetricSet, document as metrics_document,
    interaction, measure, synergy,
};
pub use objective::{BuiltIn, Delivery, Judge, Likeness, Objective, Reference, RoundTrip, Scorer, Trouble};
pub use outcome::{Excess, FailureKind, Outcome, Rejection, TrapKind, one_line};
pub use preset::{Preset, UnknownPreset};
pub use prices::Prices;
pub use scenario::{Role, Scenario};
pub use suggest::nearest;
pub use text::printable;
pub use toml_text::explain as explain_toml;
pub use tracker::{
    Advance, Diminishing, DocumentError as TrackerDocumentError, Outlier, Pair, PairError, Peaks, Per, Quadratic,
    Ranked, RoiTracker, Rules as TrackerRules, RulesError as TrackerRulesError, Update, WeightsError, WorstScenario,
};
pub use trend::Trend;
pub use trials::{ArmView, End, Invocation, MetricContext, Sample, StaticScores, Trials};
pub use tunable::{Domain, Tunable};
pub use units::{
    QuantityError, bytes_text, duration_text, parse_bytes, parse_count, parse_duration_ns, parse_likelihood,
};
pub use weights::{SynergyWeights, WEIGHTS, WeightError, WeightedMetric, WeightsDocumentError};
pub use workflow::{Member, Step, Workflow, WorkflowError, WorkflowText};
