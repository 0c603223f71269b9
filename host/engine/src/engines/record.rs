//! What a cycle came to, as it is kept.

use holobiont_core::policy::{Action, PolicyState};
use holobiont_core::{Digest, ModuleId};
use serde::{Deserialize, Serialize};

/// A cycle, or why there was none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CycleRecord {
    /// [`CycleRecord::SCHEMA`].
    pub schema: String,
    /// The engine.
    pub engine: String,
    /// Its workflow.
    pub workflow: String,
    /// The number of the cycle among those that ran; of one that did not, the number that it would have had.
    pub number: u64,
    /// Whether it ran.
    pub ran: bool,
    /// Whether it was due: something asked for it, and nothing forbade it.
    pub due: bool,
    /// What asked for it first, or what forbade it; nothing where nothing did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    /// What each criterion said of running it.
    pub reasons: Vec<String>,
    /// What the policy saw.
    pub state: PolicyState,
    /// What the policy chose.
    pub action: Action,
    /// Whether it chose so to find out.
    pub explored: bool,
    /// The energy, from 1 to 100.
    pub energy: u8,
    /// What the energy was made of.
    pub energy_parts: Vec<String>,
    /// How many candidates were tested.
    pub tested: u64,
    /// How many of them passed.
    pub passed: u64,
    /// The modules that were taken in.
    pub integrated: Vec<ModuleId>,
    /// The changes of modules that a patcher proposed and that were kept.
    pub patched: u64,
    /// The same, each in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// Whether the patcher may have more to propose.
    #[serde(default)]
    pub has_more: bool,
    /// The limits of the preset that were moved to what was measured.
    pub moved: u64,
    /// What the workflow did with the energy.
    pub work: Work,
    /// The workflow's ROI after it, if it could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roi: Option<f64>,
    /// The synergy of its ROI after it, if it has more than one module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synergy_roi: Option<f64>,
    /// Its return on the inputs that changes of it are not chosen by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_roi: Option<f64>,
    /// By how much the ROI is more than before the cycle, under what it met then.
    pub delta: f64,
    /// What its energy cost, in the unit of the ROI: a policy learns from the delta less this.
    #[serde(default)]
    pub price: f64,
    /// What the workflow's objective counts, in words.
    #[serde(default)]
    pub unit: String,
    /// What one of these is worth, in credits; 0 of a cycle of which it was not kept.
    #[serde(default)]
    pub credits_per_unit: f64,
    /// The modules of the workflow after it.
    pub modules: Vec<ModuleId>,
    /// All that the cycle depended on: where it is the same as before there is nothing new.
    pub seen: Digest,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What had to be mended on the way, each in a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why there is nothing left to wait for, if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<String>,
    /// The engine's state after it, as its file has it: what is gone on with where the file is lost.
    pub engine_state: String,
    /// The same of its policy.
    pub policy: String,
}

impl CycleRecord {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.cycle/1";

    /// How many units of its objective the workflow brings for each credit that it costs, by a return on investment:
    /// value over cost is one more than profit over cost. `None` where it is not known what a unit is worth.
    #[must_use]
    pub fn units_per_credit(&self, roi: f64) -> Option<f64> {
        (self.credits_per_unit > 0.0).then(|| (roi + 1.0) / self.credits_per_unit)
    }
}

/// What a workflow did in a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Work {
    /// Inputs that it was run on.
    pub inputs: u64,
    /// Those of them on which all steps completed.
    pub completed: u64,
    /// The fuel that it used.
    pub fuel: u64,
    /// The fuel that the energy bought.
    pub fuel_bought: u64,
    /// What its outputs are worth, in credits.
    pub value: f64,
    /// What they cost, in credits.
    pub cost: f64,
}

/// What was decided before a cycle spent or changed anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opening {
    /// The record of the cycle, as far as it goes by then.
    pub(super) record: CycleRecord,
    /// Whether there was something new.
    pub(super) is_new: bool,
}

/// What a workflow was worth before a cycle, and what was decided of it: kept before anything is changed, so that a cycle that is
/// ended by somebody and made again goes by what it went by at first, and not by half of what it did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Beginning {
    /// [`Beginning::SCHEMA`].
    pub(super) schema: String,
    /// The workflow's ROI, if it could be measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) roi: Option<f64>,
    /// What was decided; nothing in what older programs wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opening: Option<Opening>,
}

impl Beginning {
    /// The schema that this program writes.
    pub(crate) const SCHEMA: &str = "holobiont.engine-beginning/1";
}

/// That an engine began anew: cycles before this do not count for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Restart {
    /// [`Restart::SCHEMA`].
    pub(super) schema: String,
}

impl Restart {
    /// The schema that this program writes.
    pub(crate) const SCHEMA: &str = "holobiont.engine-restarted/1";
}
