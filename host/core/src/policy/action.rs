//! What a cycle may be decided to be.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

/// What a cycle may be decided to be.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// No cycle.
    Skip,
    /// One on half of the energy.
    RunSmall,
    /// One on the energy that there is for it.
    Run,
    /// One on twice the energy.
    RunLarge,
}

impl Action {
    /// What the energy of a cycle is multiplied by.
    #[must_use]
    pub fn energy_factor(self) -> f64 {
        match self {
            Self::Skip => 0.0,
            Self::RunSmall => 0.5,
            Self::Run => 1.0,
            Self::RunLarge => 2.0,
        }
    }

    /// The action at a place of the table.
    pub(super) fn at(place: usize) -> Self {
        Self::VARIANTS.get(place).copied().unwrap_or(Self::Skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_takes_more_energy_than_the_last() {
        let factors: Vec<f64> = Action::VARIANTS.iter().map(|action| action.energy_factor()).collect();
        assert!(factors.is_sorted_by(|less, more| less < more), "{factors:?}");
        assert_eq!((factors[0], Action::Run.energy_factor()), (0.0, 1.0));
    }
}
