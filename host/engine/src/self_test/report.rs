//! What a self-test came to.

use holobiont_core::inclusion::{FalseRejections, Stage};
use holobiont_core::stats::Estimate;
use holobiont_core::{Digest, ModuleId};
use serde::{Deserialize, Serialize};

/// What a self-test came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelfTestReport {
    /// [`SelfTestReport::SCHEMA`].
    pub schema: String,
    /// The candidates, by id.
    pub candidates: Vec<CandidateReport>,
    /// Orphans that were no candidates: id and why.
    pub left_out: Vec<LeftOut>,
    /// What became of workflows, by name.
    pub workflows: Vec<WorkflowReport>,
    /// What is in the module map now and was not before, by id.
    pub integrated: Vec<ModuleId>,
    /// Whether files were left as they are.
    pub dry_run: bool,
    /// How often early stages turned away what the gate would have passed, in all self-tests of the project.
    pub false_rejections: FalseRejections,
    /// Runs of modules that were made for it.
    pub runs_made: u64,
    /// Trials and runs that were remembered.
    pub reused: u64,
}

impl SelfTestReport {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.self-test/1";

    /// Whether every candidate passed; also where there was none.
    #[must_use]
    pub fn all_passed(&self) -> bool {
        self.candidates.iter().all(|candidate| candidate.passed)
    }

    /// Whether one did not pass for lack of data, and none for another reason.
    #[must_use]
    pub fn lacks_data(&self) -> bool {
        let mut failed = self.candidates.iter().filter(|candidate| !candidate.passed).peekable();
        failed.peek().is_some() && failed.all(|candidate| !candidate.enough_data)
    }
}

/// An orphan that was no candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The module.
    pub module: ModuleId,
    /// Whether another does the same.
    pub redundant: bool,
    /// Why it was left out.
    pub reason: String,
}

/// What became of a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CandidateReport {
    /// [`CandidateReport::SCHEMA`].
    pub schema: String,
    /// The module.
    pub module: ModuleId,
    /// The bytes that were tried.
    pub digest: Digest,
    /// The modules that it imports from, each after those that it needs itself.
    pub imports: Vec<ModuleId>,
    /// Whether it passed.
    pub passed: bool,
    /// `false` where it did not pass and more inputs might change that.
    pub enough_data: bool,
    /// The stage at which it ended.
    pub stage: Stage,
    /// Whether another does the same for no more.
    pub redundant: bool,
    /// Why it passed or not.
    pub reasons: Vec<String>,
    /// What each stage said, those of each workflow after another.
    pub stages: Vec<StageReport>,
    /// What it came to in each workflow that takes it.
    pub workflows: Vec<Measures>,
}

impl CandidateReport {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.candidate/1";
}

/// What a stage said of a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// The stage.
    pub stage: Stage,
    /// The workflow, for a stage that is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Whether it lets the candidate on.
    pub passed: bool,
    /// Why, in a line.
    pub detail: String,
}

/// What a candidate came to in a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Measures {
    /// The workflow.
    pub workflow: String,
    /// Its ROI alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<Estimate>,
    /// What it adds to the profit of those there, for each credit that all of them then cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synergy_roi: Option<Estimate>,
    /// By how much they earn more with it, in credits per input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// The step that it would be, the first being 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The candidates in whose company it was measured, since they had a place already or came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub company: Vec<ModuleId>,
    /// The early stage that turned it away, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<Stage>,
    /// Whether it then went on all the same, drawn by lot.
    pub audited: bool,
    /// Whether it passed the gate here.
    pub passed: bool,
}

/// What became of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorkflowReport {
    /// Its name.
    pub workflow: String,
    /// Its file, relative to the repository.
    pub file: String,
    /// The modules that were put into it, in the order of their steps.
    pub inserted: Vec<Inserted>,
    /// Its mean profit before, in credits per input, where it could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// Its mean profit after, in credits per input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// The difference of the two, when it was measured again as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// Whether it was changed and the change is kept. Where it was measured again and is not surely better, it is rolled back.
    pub kept: bool,
    /// Why it is as it is.
    pub reason: String,
}

/// A module that was put into a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inserted {
    /// The module.
    pub module: ModuleId,
    /// Its step, the first being 1.
    pub step: usize,
}
