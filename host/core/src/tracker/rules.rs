//! By which rules cycles are judged.

use serde::{Deserialize, Serialize};

/// By which rules cycles are judged. Kept with the series, so that a reload says the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How many of the newest cycles [`tolerance`](super::RoiTracker::tolerance) and the weighted mean look at.
    pub window: usize,
    /// A gain per cycle, or per credit, that is not worth going on for.
    pub tolerance: f64,
    /// The chance that diminishing returns may be declared at any time where there are none.
    pub alpha: f64,
    /// The largest gain that is still to be reckoned with, in tolerances per cycle, or per credit.
    ///
    /// No rule can exclude a gain that it has not seen without being told how large it may be: the larger this is,
    /// the longer a series without gains is gone on with, in proportion.
    pub reach: f64,
    /// What a gain is held against.
    pub per: Per,
    /// Whether outliers are flagged.
    pub flag_outliers: bool,
}

/// What a gain is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Each cycle counts as one.
    #[default]
    Cycle,
    /// What the cycle cost.
    Credit,
}

/// A rule that cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// No cycle in the window.
    #[error("rules.window is 0: it is a number of cycles, 1 or more")]
    Window,
    /// A tolerance that no gain can be below.
    #[error("rules.tolerance is {0}: it is a finite gain above 0")]
    Tolerance(f64),
    /// A level that is not a chance.
    #[error("rules.alpha is {0}: it is a chance between 0 and 1")]
    Alpha(f64),
    /// A largest gain that is below the tolerance.
    #[error("rules.reach is {0}: it is a finite number of tolerances, 1 or more")]
    Reach(f64),
}

impl Default for Rules {
    /// Window and tolerance are those of the tracker that this one succeeds. With the reach, a series without any gain
    /// is stopped after 28 cycles.
    fn default() -> Self {
        Self { window: 5, tolerance: 0.01, alpha: 0.05, reach: 5.0, per: Per::Cycle, flag_outliers: true }
    }
}

impl Rules {
    /// Whether all of them can hold.
    ///
    /// # Errors
    ///
    /// [`RulesError`], the first that cannot.
    pub fn check(&self) -> Result<(), RulesError> {
        match () {
            () if self.window == 0 => Err(RulesError::Window),
            () if !(self.tolerance > 0.0 && self.tolerance.is_finite()) => Err(RulesError::Tolerance(self.tolerance)),
            () if !(self.alpha > 0.0 && self.alpha < 1.0) => Err(RulesError::Alpha(self.alpha)),
            () if !(self.reach >= 1.0 && self.reach.is_finite()) => Err(RulesError::Reach(self.reach)),
            () => Ok(()),
        }
    }
}
