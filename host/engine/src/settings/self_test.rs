//! Which modules self-tests take in, and how: table `[self-test]`, environment variables and flags.

use holobiont_core::inclusion::AUDIT_SHARE;
use holobiont_core::printable;
use serde::Deserialize;

use super::{Origin, Settings, SettingsError};

/// What self-tests take in and how strict they are.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct SelfTestConfig {
    /// Whether modules that orphan_modules.json lists are candidates. Default: yes.
    pub include_orphans: bool,
    /// Whether orphans that it does not list yet are candidates too. Default: yes.
    pub discover_orphans: bool,
    /// Whether the orphans that a candidate imports from come along. Default: yes.
    pub recursive_orphans: bool,
    /// The same for a candidate that was isolated when it was listed. Default: yes.
    pub recursive_isolated: bool,
    /// Whether modules that neither import nor are imported are candidates. Default: yes.
    pub auto_include_isolated: bool,
    /// Whether what was integrated is dropped from orphan_modules.json. Default: no.
    pub clean_orphans: bool,
    /// Whether orphan_modules.json is made anew, so that it forgets what it says of modules that are no orphans any
    /// more. Default: no.
    pub refresh_orphans: bool,
    /// An incident that weighs more than this keeps a module out. Default: 1, the weight of an ordinary trap.
    pub most_incident_weight: f64,
    /// The share of early rejects that go on all the same. Default: [`AUDIT_SHARE`].
    pub audit_share: f64,
}

impl Default for SelfTestConfig {
    fn default() -> Self {
        Self {
            include_orphans: true,
            discover_orphans: true,
            recursive_orphans: true,
            recursive_isolated: true,
            auto_include_isolated: true,
            clean_orphans: false,
            refresh_orphans: false,
            most_incident_weight: 1.0,
            audit_share: AUDIT_SHARE,
        }
    }
}

/// A switch of a self-test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// [`SelfTestConfig::include_orphans`].
    IncludeOrphans,
    /// [`SelfTestConfig::discover_orphans`].
    DiscoverOrphans,
    /// [`SelfTestConfig::recursive_orphans`].
    RecursiveOrphans,
    /// [`SelfTestConfig::recursive_isolated`].
    RecursiveIsolated,
    /// [`SelfTestConfig::auto_include_isolated`].
    AutoIncludeIsolated,
    /// [`SelfTestConfig::clean_orphans`].
    CleanOrphans,
    /// [`SelfTestConfig::refresh_orphans`].
    RefreshOrphans,
}

impl Switch {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::IncludeOrphans,
        Self::DiscoverOrphans,
        Self::RecursiveOrphans,
        Self::RecursiveIsolated,
        Self::AutoIncludeIsolated,
        Self::CleanOrphans,
        Self::RefreshOrphans,
    ];

    /// Its key among all settings.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::IncludeOrphans => "self-test.include-orphans",
            Self::DiscoverOrphans => "self-test.discover-orphans",
            Self::RecursiveOrphans => "self-test.recursive-orphans",
            Self::RecursiveIsolated => "self-test.recursive-isolated",
            Self::AutoIncludeIsolated => "self-test.auto-include-isolated",
            Self::CleanOrphans => "self-test.clean-orphans",
            Self::RefreshOrphans => "self-test.refresh-orphans",
        }
    }

    /// The environment variables that set it, that of self-tests first; none for one that only flags and the file set.
    #[must_use]
    pub fn variables(self) -> Option<[&'static str; 2]> {
        match self {
            Self::RecursiveOrphans => Some(["SELF_TEST_RECURSIVE_ORPHANS", "SANDBOX_RECURSIVE_ORPHANS"]),
            Self::RecursiveIsolated => Some(["SELF_TEST_RECURSIVE_ISOLATED", "SANDBOX_RECURSIVE_ISOLATED"]),
            Self::AutoIncludeIsolated => Some(["SELF_TEST_AUTO_INCLUDE_ISOLATED", "SANDBOX_AUTO_INCLUDE_ISOLATED"]),
            Self::CleanOrphans => Some(["SELF_TEST_CLEAN_ORPHANS", "SANDBOX_CLEAN_ORPHANS"]),
            Self::IncludeOrphans | Self::DiscoverOrphans | Self::RefreshOrphans => None,
        }
    }

    /// Its value.
    #[must_use]
    pub fn of(self, config: &SelfTestConfig) -> bool {
        let mut copy = config.clone();
        *self.slot(&mut copy)
    }

    fn slot(self, config: &mut SelfTestConfig) -> &mut bool {
        match self {
            Self::IncludeOrphans => &mut config.include_orphans,
            Self::DiscoverOrphans => &mut config.discover_orphans,
            Self::RecursiveOrphans => &mut config.recursive_orphans,
            Self::RecursiveIsolated => &mut config.recursive_isolated,
            Self::AutoIncludeIsolated => &mut config.auto_include_isolated,
            Self::CleanOrphans => &mut config.clean_orphans,
            Self::RefreshOrphans => &mut config.refresh_orphans,
        }
    }
}

impl SelfTestConfig {
    /// The key that has an impossible value, and what would be right, if one has.
    pub(super) fn invalid(&self) -> Option<(&'static str, &'static str)> {
        if self.most_incident_weight.is_nan() || self.most_incident_weight < 0.0 {
            return Some(("most-incident-weight", "a number of at least 0"));
        }
        if !(0.0..=1.0).contains(&self.audit_share) {
            return Some(("audit-share", "a number from 0 to 1"));
        }
        None
    }
}

impl Settings {
    /// Takes the switches of self-tests from the environment, where a self-test's own variable counts before the
    /// sandbox's.
    pub(super) fn switches_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        self.switches(env, |[own, sandbox]| [own, sandbox])
    }

    /// Takes them anew as autonomous runs have them: there the sandbox's variables are mirrored to those of self-tests,
    /// and so count before them.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Environment`] for a value that is neither yes nor no.
    pub fn mirror_sandbox(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        self.switches(env, |[own, sandbox]| [sandbox, own])
    }

    fn switches(
        &mut self,
        env: &dyn Fn(&str) -> Option<String>,
        order: impl Fn([&'static str; 2]) -> [&'static str; 2],
    ) -> Result<(), SettingsError> {
        for switch in Switch::ALL {
            let names = switch.variables().map(&order).into_iter().flatten();
            let Some((name, text)) = names.filter_map(|name| Some((name, env(name)?))).next() else { continue };
            *switch.slot(&mut self.self_test) = yes_or_no(&text).ok_or_else(|| SettingsError::Environment {
                name,
                reason: format!("`{}` is neither 1 nor 0", printable(&text)),
            })?;
            self.origins.insert(switch.key(), Origin::Environment(name.to_owned()));
        }
        Ok(())
    }

    /// Takes a switch from a flag, which beats whatever else says something.
    pub fn choose_switch(&mut self, switch: Switch, value: bool, flag: &str) {
        *switch.slot(&mut self.self_test) = value;
        self.origins.insert(switch.key(), Origin::Flag(flag.to_owned()));
    }

    /// The environment of what an autonomous run starts: each switch under both names, with the value that holds.
    #[must_use]
    pub fn mirrored(&self) -> Vec<(&'static str, &'static str)> {
        let of = |switch: Switch| {
            let value = if switch.of(&self.self_test) { "1" } else { "0" };
            switch.variables().into_iter().flatten().map(move |name| (name, value))
        };
        Switch::ALL.into_iter().flat_map(of).collect()
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn read(text: &str, pairs: &'static [(&'static str, &'static str)]) -> Settings {
        Settings::read(text, &env(pairs)).expect("settings")
    }

    #[test]
    fn flags_beat_the_environment_and_that_beats_the_file() {
        let defaults = read("", &[]).self_test;
        assert!(defaults.recursive_orphans && defaults.recursive_isolated && defaults.auto_include_isolated);
        assert!(!defaults.clean_orphans && defaults.include_orphans && defaults.discover_orphans);
        let file = "[self-test]\nclean-orphans = true\nrecursive-orphans = false";
        assert!(read(file, &[]).self_test.clean_orphans);
        let mut settings = read(file, &[("SANDBOX_CLEAN_ORPHANS", "0"), ("SANDBOX_RECURSIVE_ORPHANS", "yes")]);
        assert!(!settings.self_test.clean_orphans && settings.self_test.recursive_orphans);
        settings.choose_switch(Switch::RecursiveOrphans, false, "--no-recursive-include");
        assert!(!settings.self_test.recursive_orphans);
        let shown = settings.all().into_iter().find(|s| s.key == "self-test.recursive-orphans").expect("shown");
        assert_eq!((shown.value.as_str(), shown.origin.to_string().as_str()), ("false", "flag --no-recursive-include"));
    }

    /// R6 of the original's facts: flags set the four variables to 0 or 1. What the original got wrong, a default that
    /// overrides a variable which says 0, is not ours.
    #[test]
    fn r6_autonomous_runs_mirror_the_sandboxs_variables() {
        let of = |settings: &Settings| -> Vec<String> {
            let names = settings.mirrored().into_iter().filter(|(name, _)| name.contains("RECURSIVE"));
            names.map(|(name, value)| format!("{name}={value}")).collect()
        };
        let mut settings = read("", &[]);
        settings.choose_switch(Switch::RecursiveOrphans, false, "--no-recursive-include");
        settings.choose_switch(Switch::RecursiveIsolated, false, "--no-recursive-isolated");
        assert_eq!(
            of(&settings),
            [
                "SELF_TEST_RECURSIVE_ORPHANS=0",
                "SANDBOX_RECURSIVE_ORPHANS=0",
                "SELF_TEST_RECURSIVE_ISOLATED=0",
                "SANDBOX_RECURSIVE_ISOLATED=0"
            ]
        );
        settings.choose_switch(Switch::RecursiveOrphans, true, "--recursive-include");
        settings.choose_switch(Switch::RecursiveIsolated, true, "--recursive-isolated");
        assert!(of(&settings).iter().all(|line| line.ends_with("=1")));
        // A disabled feature stays disabled.
        let off = env(&[("SANDBOX_RECURSIVE_ORPHANS", "0"), ("SELF_TEST_RECURSIVE_ORPHANS", "1")]);
        let mut settings = Settings::read("", &off).expect("settings");
        assert!(settings.self_test.recursive_orphans, "a self-test's own variable is nearer to it");
        settings.mirror_sandbox(&off).expect("both read");
        assert!(!settings.self_test.recursive_orphans, "an autonomous run has the sandbox's everywhere");
        assert!(of(&settings)[..2].iter().all(|line| line.ends_with("=0")));
    }

    #[test]
    fn what_is_neither_yes_nor_no_is_an_error_and_so_is_an_impossible_number() {
        let say = |text: &str, pairs| Settings::read(text, &env(pairs)).expect_err("wrong").to_string();
        assert_eq!(
            say("", &[("SANDBOX_CLEAN_ORPHANS", "maybe")]),
            "environment variable SANDBOX_CLEAN_ORPHANS: `maybe` is neither 1 nor 0"
        );
        assert_eq!(
            say("[self-test]\naudit-share = 2.0", &[]),
            "[self-test] audit-share: it must be a number from 0 to 1"
        );
        assert!(say("[self-test]\nclean-orphan = true", &[]).contains("did you mean `clean-orphans`?"));
        assert!(say("[self-test]\nmost-incident-weight = -1.0", &[]).contains("at least 0"));
    }
}
