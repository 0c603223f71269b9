//! The stages that a candidate goes through.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// A stage, in the order of what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, EnumIter)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stage {
    /// Its bytes are those that were found, it can be linked with what it imports, and it compiles.
    Load,
    /// It imports nothing that nobody is given, and takes what a workflow has.
    Authority,
    /// One small input under a part of the limits: does it run away, trap, or reach for what it was not given?
    Smoke,
    /// All inputs under all scenarios, alone: what it earns, what it did that it should not have done.
    Solo,
    /// Whether another does the same for no more.
    Redundancy,
    /// Beside each present member alone: does it leave something of what that one earns?
    Pairs,
    /// At its best place among all of them, on inputs that had no part in choosing the place.
    Group,
}

impl Stage {
    /// Whether turning a candidate away here can be wrong: what is decided before the gate by less than the gate sees.
    /// Bytes that do not load can do nothing later on, and what is there twice is not needed however good it is.
    #[must_use]
    pub fn is_early(self) -> bool {
        matches!(self, Self::Smoke | Self::Solo | Self::Pairs)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator as _;

    #[test]
    fn stages_are_told_apart_by_the_names_that_are_written() {
        for stage in Stage::iter() {
            let written = serde_json::to_value(stage).expect("a name");
            assert_eq!(written.as_str(), Some(stage.name()));
        }
        assert!(Stage::iter().is_sorted());
    }
}
