//! How often the gate passes what it should not.
//!
//! The gate claims that a group is worth more than its parts on inputs like these. That claim is tried where it is
//! known to be false: the differences that groups of the workflow showed, input by input, are shifted so that their
//! mean is exactly the threshold; then comparisons are drawn from them with as many inputs as the workflow has, and
//! the gate is asked about each. Two plainer trials go along: each module against its own copy under other entropy,
//! and groups of modules that hand through what they are given.

use std::sync::Arc;

use holobiont_core::stats::{Coalition, wilson};
use holobiont_core::{
    Calibration, Conditions, Digest, Gate, Limits, ModuleId, Role, Scenario, Workflow, draws_below,
};
use serde::{Deserialize, Serialize};

use super::candidates::Candidate;
use super::trials::{Plan, digest_of};
use super::{EvaluateError, Evaluator, Progress, no_effect};
use crate::inputs::Input;
use crate::parallel::in_parallel;

/// Comparisons that are drawn for each group.
const REPLICATES: u64 = 500;
