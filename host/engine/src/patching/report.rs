//! What patching came to.

use std::collections::BTreeMap;
use std::fmt;

use holobiont_core::stats::Estimate;
use holobiont_core::{Digest, ModuleId, Workflow};
use serde::{Deserialize, Serialize};

use super::Patching;
use super::proposal::{Change, Proposal};

/// What patching came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PatchReport {
    /// [`PatchReport::SCHEMA`].
    pub schema: String,
    /// The workflow's name.
    pub workflow: String,
    /// The patcher.
    pub patcher: ModuleId,
    /// How often it was asked.
    pub rounds: u32,
    /// What was looked at, in order.
    pub tried: Vec<PatchTried>,
    /// How many of them were kept.
    pub kept: usize,
    /// Proposals that had been tried for the same incumbent.
    pub repeated: usize,
    /// Proposals beyond those that are looked at in a round.
    pub unread: usize,
    /// Mean profit at first on the inputs that proposals are judged on, in credits per input.
    pub before: f64,
    /// The same in the end.
    pub after: f64,
    /// The difference of the two; none where nothing was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// Why the patcher was not asked again.
    pub ended: String,
    /// Whether asking it again would come to the same: it has nothing new to propose for what there is now.
    #[serde(default)]
    pub exhausted: bool,
    /// Whether files and events were left as they are.
    pub dry_run: bool,
    /// Runs that were made for it.
    pub runs_made: u64,
    /// Trials and runs that were remembered.
    pub reused: u64,
}

impl PatchReport {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.patching/1";

    pub(super) fn new(patching: &Patching, workflow: &Workflow) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            workflow: workflow.name.clone(),
            patcher: patching.patcher.clone(),
            rounds: 0,
            tried: Vec::new(),
            kept: 0,
            repeated: 0,
            unread: 0,
            before: 0.0,
            after: 0.0,
            gain: None,
            ended: "it was asked as often as it was to be".to_owned(),
            exhausted: false,
            dry_run: patching.dry_run,
            runs_made: 0,
            reused: 0,
        }
    }
}

/// A proposal and what became of it: the event `patched`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PatchTried {
    /// [`PatchTried::SCHEMA`].
    pub schema: String,
    /// The workflow's name.
    pub workflow: String,
    /// The patcher.
    pub patcher: ModuleId,
    /// What trials depend on beside the values of parameters: those of the same question can be compared.
    pub question: Digest,
    /// The same with the values: the workflow that the proposal was tried against.
    pub incumbent: Digest,
    /// What identifies the proposal.
    pub proposal: Digest,
    /// The module, as the patcher named it.
    pub module: String,
    /// The values that were tried; none of a proposal that was not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// All parameters that the module declares, as they then were.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// The bytes that were tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Digest>,
    /// Mean profit of the incumbent on the inputs that are for choosing, in credits per input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    /// The same with the proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// By how much it earns more on the inputs that are for judging, in credits per input; of the best of a round only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// The same for each credit that the workflow then costs: what is kept is surely above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_per_credit: Option<Estimate>,
    /// Whether it became the incumbent.
    pub kept: bool,
    /// Why it did or not.
    pub reason: String,
}

impl fmt::Display for PatchTried {
    /// What was proposed: `modules/lz77.wasm with chain=13`, or `modules/lz77.wasm with other bytes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with ", self.module)?;
        if self.values.is_empty() {
            return f.write_str("other bytes");
        }
        for (place, (name, value)) in self.values.iter().enumerate() {
            write!(f, "{}{name}={value}", if place > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl PatchTried {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.patched/1";

    pub(super) fn new(
        patching: &Patching,
        workflow: &Workflow,
        [question, incumbent, proposal]: [Digest; 3],
        module: String,
    ) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            workflow: workflow.name.clone(),
            patcher: patching.patcher.clone(),
            question,
            incumbent,
            proposal,
            module,
            values: BTreeMap::new(),
            settings: BTreeMap::new(),
            component: None,
            before: None,
            after: None,
            gain: None,
            gain_per_credit: None,
            kept: false,
            reason: String::new(),
        }
    }

    /// Takes what it was and what it came to on the inputs that are for choosing.
    pub(super) fn take(&mut self, proposal: &Proposal, before: f64, after: f64) {
        proposal.module.as_str().clone_into(&mut self.module);
        match &proposal.change {
            Change::Parameters { values, all } => (self.values, self.settings) = (values.clone(), all.clone()),
            Change::Component(bytes) => self.component = Some(Digest::of(bytes)),
        }
        (self.before, self.after) = (Some(before), Some(after));
        self.reason = if after > before {
            "on the inputs to choose on, another earns more".to_owned()
        } else {
            "on the inputs to choose on, it does not earn more".to_owned()
        };
    }
}
