//! What a run may reach. Nothing is granted by default.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::printable;

/// What a run may reach. The default is nothing: no file, no environment, no argument, no host clock,
/// no host entropy; there is no way to grant the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grants {
    /// Directories of the host, seen through the virtual file system.
    pub dirs: Vec<DirGrant>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Command-line arguments, after the program's name.
    pub args: Vec<String>,
    /// The host's clocks and entropy in place of virtual ones: results are then not repeatable.
    pub realtime: bool,
}

/// A directory of the host that a run sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirGrant {
    /// Where it lies on the host.
    pub host: String,
    /// Where the guest finds it.
    pub guest: String,
    /// What the guest may do with it. Default: read.
    #[serde(default)]
    pub access: Access,
}

/// What a run may do with a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read.
    #[default]
    ReadOnly,
    /// Read and change; changes reach the host when the run has completed.
    ReadWrite,
}

impl Grants {
    /// These grants and others on top: what both name, the others decide.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        let Self { dirs, env, args, realtime } = others;
        self.dirs.retain(|ours| dirs.iter().all(|theirs| theirs.guest != ours.guest));
        self.dirs.extend(dirs);
        self.env.extend(env);
        self.args.extend(args);
        self.realtime |= realtime;
        self
    }

    /// What of these grants holds in a trial: its result must not depend on the host's clock, and the
    /// host's directories must not depend on its result.
    #[must_use]
    pub fn for_trials(mut self) -> Self {
        for dir in &mut self.dirs {
            dir.access = Access::ReadOnly;
        }
        self.realtime = false;
        self
    }
}

impl Grants {
    /// What of these grants holds at a level of security: each takes away what the one before it does, and more.
    ///
    /// | level | taken away |
    /// | --- | --- |
    /// | 1 | nothing |
    /// | 2 | changing directories: they are for reading |
    /// | 3 | environment variables, in which secrets tend to be |
    /// | 4 | directories, and the host's clocks and entropy |
    /// | 5 | arguments, and so everything |
    ///
    /// What is below 1 is 1, what is above 5 is 5.
    #[must_use]
    pub fn at_level(self, level: u8) -> Self {
        let Self { mut dirs, mut env, mut args, mut realtime } = self;
        if level >= 2 {
            for dir in &mut dirs {
                dir.access = Access::ReadOnly;
            }
        }
        if level >= 3 {
            env.clear();
        }
        if level >= 4 {
            dirs.clear();
            realtime = false;
        }
        if level >= 5 {
            args.clear();
        }
        Self { dirs, env, args, realtime }
    }
}

impl fmt::Display for Grants {
    /// What is granted, in words; names and paths are made printable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for DirGrant { host, guest, access } in &self.dirs {
            let how = match access {
                Access::ReadOnly => "read",
                Access::ReadWrite => "read and write",
            };
            words.push(format!("{how} {} as {}", printable(host), printable(guest)));
        }
        words.extend(self.env.keys().map(|name| format!("environment {}", printable(name))));
        if !self.args.is_empty() {
            words.push(format!("{} arguments", self.args.len()));
        }
        if self.realtime {
            words.push("the host's clocks and entropy".to_owned());
        }
        if words.is_empty() { f.write_str("nothing") } else { f.write_str(&words.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether all that is granted by one is granted by the other too.
    fn within(less: &Grants, more: &Grants) -> bool {
        let Grants { dirs, env, args, realtime } = less;
        let may = |dir: &DirGrant| {
            more.dirs.iter().any(|other| {
                (&other.host, &other.guest) == (&dir.host, &dir.guest)
                    && (dir.access == Access::ReadOnly || other.access == Access::ReadWrite)
            })
        };
        dirs.iter().all(may)
            && env.iter().all(|(name, value)| more.env.get(name) == Some(value))
            && (args.is_empty() || *args == more.args)
            && (!realtime || more.realtime)
    }

    proptest! {
        #[test]
        fn a_higher_level_grants_a_part_of_a_lower_one(
            dirs in prop::collection::vec(("[a-c]", "[a-c]", any::<bool>()), 0..4),
            env in prop::collection::btree_map("[A-C]", "[0-9]", 0..3),
            args in prop::collection::vec("[a-z]", 0..3),
            realtime in any::<bool>(),
            low in any::<u8>(),
            high in any::<u8>(),
        ) {
            let access = |write| if write { Access::ReadWrite } else { Access::ReadOnly };
            let dirs = dirs.into_iter().map(|(host, guest, write)| DirGrant { host, guest, access: access(write) });
            let grants = Grants { dirs: dirs.collect(), env, args, realtime };
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!(within(&grants.clone().at_level(high), &grants.clone().at_level(low)));
            prop_assert!(within(&grants.clone().at_level(low), &grants));
        }
    }

    #[test]
    fn each_level_takes_something_more_away() {
        let all = Grants {
            dirs: vec![dir("a", Access::ReadWrite)],
            env: BTreeMap::from([("A".into(), "1".into())]),
            args: vec!["x".into()],
            realtime: true,
        };
        let at = |level| all.clone().at_level(level);
        assert_eq!((at(0), at(1)), (all.clone(), all.clone()));
        assert_eq!(at(2), Grants { dirs: vec![dir("a", Access::ReadOnly)], ..all.clone() });
        assert_eq!(at(3), Grants { env: BTreeMap::new(), ..at(2) });
        assert_eq!(at(4), Grants { args: vec!["x".into()], ..Grants::default() });
        assert_eq!((at(5), at(200)), (Grants::default(), Grants::default()));
    }

    fn dir(host: &str, access: Access) -> DirGrant {
        DirGrant { host: host.into(), guest: "/data".into(), access }
    }

    #[test]
    fn later_grants_decide_and_trials_change_nothing() {
        let ours = Grants {
            dirs: vec![dir("a", Access::ReadOnly)],
            env: BTreeMap::from([("A".into(), "1".into()), ("B".into(), "1".into())]),
            ..Grants::default()
        };
        let theirs = Grants {
            dirs: vec![dir("b", Access::ReadWrite)],
            env: BTreeMap::from([("B".into(), "2".into())]),
            realtime: true,
            ..Grants::default()
        };
        let both = ours.with(theirs);
        assert_eq!(both.dirs, [dir("b", Access::ReadWrite)]);
        assert_eq!(both.env.values().collect::<Vec<_>>(), ["1", "2"]);
        let trial = both.for_trials();
        assert_eq!((trial.dirs, trial.realtime), (vec![dir("b", Access::ReadOnly)], false));
    }
}
