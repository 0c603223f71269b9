//! What is switched on in a trial.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ModuleId;

/// What is switched on in a trial: the steps of a workflow whose modules are not in the arm are left
/// out, and the others run in the workflow's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// Nothing: the output is the input.
    Empty,
    /// One module of the group.
    Solo(ModuleId),
    /// The whole group.
    Combined,
}

impl Arm {
    /// The arms of a group: empty, each solo in the group's order, combined.
    #[must_use]
    pub fn of_group(group: &[ModuleId]) -> Vec<Self> {
        let solos = group.iter().cloned().map(Self::Solo);
        std::iter::once(Self::Empty).chain(solos).chain([Self::Combined]).collect()
    }

    /// Whether a module of the group runs in this arm.
    #[must_use]
    pub fn includes(&self, module: &ModuleId) -> bool {
        match self {
            Self::Empty => false,
            Self::Solo(only) => only == module,
            Self::Combined => true,
        }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Solo(module) => write!(f, "solo {module}"),
            Self::Combined => f.write_str("combined"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_one_arm_per_member_and_two_more() {
        let group = ["a", "b"].map(|id| ModuleId::new(id).expect("a valid id"));
        let arms = Arm::of_group(&group);
        assert_eq!(arms.iter().map(ToString::to_string).collect::<Vec<_>>(), ["empty", "solo a", "solo b", "combined"]);
        let runs = |arm: &Arm| group.iter().filter(|id| arm.includes(id)).count();
        assert_eq!(arms.iter().map(runs).collect::<Vec<_>>(), [0, 1, 1, 2]);
    }
}
