//! The engines of a project: tables `[[engine]]`.

use std::collections::BTreeSet;
use std::time::Duration;

use holobiont_core::cycle::{ConvergenceRules, EngineState, Trigger};
use holobiont_core::policy::PolicyConfig;
use holobiont_core::{ModuleId, parse_duration_ns, printable};
use serde::Deserialize;

use super::{Origin, Settings, SettingsError};

/// What an energy of 1 buys where nobody says otherwise: the fuel of ten runs that take all that the preset `standard`
/// lets them.
const ENERGY_FUEL: u64 = 10_000_000_000;

/// What an energy of 1 costs where nobody says otherwise: little beside what a change is worth that is worth the name, and
/// enough that a policy comes to skip cycles which bring nothing.
const ENERGY_PRICE: f64 = 0.001;

/// What is rest where nobody says otherwise: the tolerance of the engine that this one succeeds.
const REST_THRESHOLD: f64 = 0.01;

/// How often a patcher is asked in a cycle where nobody says otherwise: each further time asks more of a proposal.
const PATCH_ROUNDS: u32 = 4;

/// Names of files in the folder of state that no engine can have.
const RESERVED: [&str; 6] = ["holobiont", "integration", "module_map", "orphan_modules", "presets", "synergy_weights"];

/// One engine: a workflow, and when its cycles run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EngineConfig {
    /// Its name, which its file of state is named by.
    pub name: String,
    /// The workflow that it runs, by the name of its file in `workflows/`.
    pub workflow: String,
    /// When a cycle runs.
    pub trigger: Trigger,
    /// The fuel that an energy of 1 buys.
    pub energy_fuel: u64,
    /// What an energy of 1 costs, in the unit of the return on investment: a policy learns from a cycle what it brought
    /// less this.
    pub energy_price: f64,
    /// How well off the project is, from 0 to 1; `None` where nobody says.
    pub capital: Option<f64>,
    /// The share of the newest ROI delta in the moving average.
    pub ema_alpha: f64,
    /// How its policy learns and tries.
    pub policy: PolicyConfig,
    /// Whether it tests candidates for its workflow.
    pub self_test: bool,
    /// Whether the limits of the preset follow what is measured.
    pub adapt: bool,
    /// The patcher that proposes changes of its workflow's modules, if it has one.
    pub patcher: Option<ModuleId>,
    /// How often that is asked in a cycle at most.
    pub patch_rounds: u32,
    /// By what it is decided whether returns have come to rest.
    pub convergence: ConvergenceRules,
    /// Changes of the return up to this are rest.
    pub rest_threshold: f64,
}

impl EngineConfig {
    /// An engine for a workflow with everything else at its default.
    #[must_use]
    pub fn new(name: &str, workflow: &str) -> Self {
        Self {
            name: name.to_owned(),
            workflow: workflow.to_owned(),
            trigger: Trigger::default(),
            energy_fuel: ENERGY_FUEL,
            energy_price: ENERGY_PRICE,
            capital: None,
            ema_alpha: EngineState::ALPHA,
            policy: PolicyConfig::default(),
            self_test: true,
            adapt: false,
            patcher: None,
            patch_rounds: PATCH_ROUNDS,
            convergence: ConvergenceRules::default(),
            rest_threshold: REST_THRESHOLD,
        }
    }

    /// How long it rests between cycles. Default: an hour.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.trigger.interval_ms = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// The patcher that proposes changes of its workflow's modules. Default: none, since it is a module of the project's.
    #[must_use]
    pub fn patcher(mut self, patcher: ModuleId) -> Self {
        self.patcher = Some(patcher);
        self
    }

    /// How well off the project is, from 0 to 1, which its energy begins with. Default: nobody says.
    #[must_use]
    pub fn capital(mut self, capital: f64) -> Self {
        self.capital = Some(capital);
        self
    }

    /// How its policy learns and tries. Default: that of [`PolicyConfig`].
    #[must_use]
    pub fn policy(mut self, policy: PolicyConfig) -> Self {
        self.policy = policy;
        self
    }

    /// Whether it tests candidates for its workflow. Default: it does.
    #[must_use]
    pub fn self_test(mut self, self_test: bool) -> Self {
        self.self_test = self_test;
        self
    }
}

/// An engine as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EngineTable {
    name: String,
    workflow: String,
    interval: Option<String>,
    energy_fuel: Option<std::num::NonZeroU64>,
    energy_price: Option<f64>,
    capital: Option<f64>,
    ema_alpha: Option<f64>,
    policy_threshold: Option<f64>,
    forecast_threshold: Option<f64>,
    energy_threshold: Option<f64>,
    policy: Option<PolicyConfig>,
    self_test: Option<bool>,
    adapt: Option<bool>,
    patcher: Option<ModuleId>,
    patch_rounds: Option<std::num::NonZeroU32>,
    convergence: Option<ConvergenceRules>,
    rest_threshold: Option<f64>,
}

impl EngineTable {
    fn config(self) -> Result<EngineConfig, SettingsError> {
        let wrong = |key: &str, remedy: &str| SettingsError::Engine {
            name: self.name.clone(),
            key: key.to_owned(),
            remedy: remedy.to_owned(),
        };
        let is_plain = |name: &str| {
            !name.is_empty()
                && name.len() <= 64
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if !is_plain(&self.name) || RESERVED.contains(&self.name.as_str()) {
            return Err(wrong("name", "letters, digits, - and _, and not the name of a file of state"));
        }
        let mut config = EngineConfig::new(&self.name, &self.workflow);
        if let Some(interval) = &self.interval {
            let ns = parse_duration_ns(interval).map_err(|error| wrong("interval", &error.to_string()))?;
            config.trigger.interval_ms = ns / 1_000_000;
        }
        let trigger = &mut config.trigger;
        trigger.policy_threshold = self.policy_threshold.unwrap_or(trigger.policy_threshold);
        trigger.forecast_threshold = self.forecast_threshold.unwrap_or(trigger.forecast_threshold);
        trigger.energy_threshold = self.energy_threshold.unwrap_or(trigger.energy_threshold);
        if let Some((key, remedy)) = trigger.invalid() {
            return Err(wrong(key, &format!("it must be {remedy}")));
        }
        config.energy_fuel = self.energy_fuel.map_or(config.energy_fuel, u64::from);
        let amount = |value: &f64| value.is_finite() && *value >= 0.0;
        for (key, value) in [("energy-price", self.energy_price), ("rest-threshold", self.rest_threshold)] {
            if value.is_some_and(|value| !amount(&value)) {
                return Err(wrong(key, "it must be a finite number of at least 0"));
            }
        }
        config.energy_price = self.energy_price.unwrap_or(config.energy_price);
        config.rest_threshold = self.rest_threshold.unwrap_or(config.rest_threshold);
        if let Some(convergence) = &self.convergence {
            if let Some((key, remedy)) = convergence.invalid() {
                return Err(wrong(&format!("convergence.{key}"), &format!("it must be {remedy}")));
            }
            config.convergence = convergence.clone();
        }
        if self.capital.is_some_and(|capital| !(0.0..=1.0).contains(&capital)) {
            return Err(wrong("capital", "it must be a number from 0 to 1"));
        }
        config.capital = self.capital;
        if let Some(alpha) = self.ema_alpha {
            EngineState::default().with_alpha(alpha).map_err(|error| wrong("ema-alpha", &error.to_string()))?;
            config.ema_alpha = alpha;
        }
        if let Some(policy) = &self.policy {
            if let Some(key) = policy.invalid() {
                return Err(wrong(&format!("policy.{key}"), "it is out of its range: see the page of PolicyConfig"));
            }
            config.policy = policy.clone();
        }
        config.self_test = self.self_test.unwrap_or(config.self_test);
        config.adapt = self.adapt.unwrap_or(config.adapt);
        config.patcher.clone_from(&self.patcher);
        config.patch_rounds = self.patch_rounds.map_or(config.patch_rounds, u32::from);
        Ok(config)
    }
}

impl SettingsError {
    fn of_alpha(text: &str) -> Self {
        let reason = format!("`{}` is no share above 0 and at most 1, such as 0.1", printable(text));
        Self::Environment { name: "ROI_EMA_ALPHA", reason }
    }
}

/// The engines of the tables, each name once.
pub(super) fn engines(tables: Vec<EngineTable>) -> Result<Vec<EngineConfig>, SettingsError> {
    let engines = tables.into_iter().map(EngineTable::config).collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    match engines.iter().find(|engine| !names.insert(&engine.name)) {
        None => Ok(engines),
        Some(twice) => Err(SettingsError::Engine {
            name: twice.name.clone(),
            key: "name".to_owned(),
            remedy: "another engine has it: give one of them another".to_owned(),
        }),
    }
}

impl Settings {
    /// Takes the share of the newest delta from the environment, for all engines.
    pub(super) fn alpha_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        let Some(text) = env("ROI_EMA_ALPHA") else { return Ok(()) };
        let alpha: f64 = text.trim().parse().map_err(|_| SettingsError::of_alpha(&text))?;
        EngineState::default().with_alpha(alpha).map_err(|_| SettingsError::of_alpha(&text))?;
        self.ema_alpha = Some(alpha);
        for engine in &mut self.engines {
            engine.ema_alpha = alpha;
        }
        self.origins.insert("engine.ema-alpha", Origin::Environment("ROI_EMA_ALPHA".to_owned()));
        Ok(())
    }

    /// The engines of the project: those of `[[engine]]`, or, where there is no such table, one for each of these
    /// workflows, with its name, which is due whenever it is asked.
    #[must_use]
    pub fn engines_for(&self, workflows: &[String]) -> Vec<EngineConfig> {
        if !self.engines.is_empty() {
            return self.engines.clone();
        }
        let engine = |workflow: &String| {
            let mut config = EngineConfig::new(workflow, workflow);
            config.ema_alpha = self.ema_alpha.unwrap_or(config.ema_alpha);
            // Nobody said how long it should rest: whoever gives it a turn does.
            config.trigger.interval_ms = 0;
            config
        };
        workflows.iter().map(engine).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        Settings::read(text, &|_| None)
    }

    #[test]
    fn tables_make_engines_and_without_them_each_workflow_has_one() {
        let text = "[[engine]]\nname = \"alpha\"\nworkflow = \"squeeze\"\ninterval = \"90s\"\nenergy-fuel = 5\n\
                    [engine.policy]\nstrategy = \"sarsa\"\n[[engine]]\nname = \"beta\"\nworkflow = \"squeeze\"";
        let engines = read(text).expect("settings").engines_for(&["other".to_owned()]);
        assert_eq!(engines.iter().map(|engine| engine.name.as_str()).collect::<Vec<_>>(), ["alpha", "beta"]);
        assert_eq!((engines[0].trigger.interval_ms, engines[0].energy_fuel), (90_000, 5));
        let implied = read("").expect("settings").engines_for(&["other".to_owned()]);
        assert_eq!((implied[0].name.as_str(), implied[0].workflow.as_str(), implied.len()), ("other", "other", 1));
        assert_eq!(implied[0].trigger.interval_ms, 0);
        let alpha =
            |text: &'static str| Settings::read("", &move |name| (name == "ROI_EMA_ALPHA").then(|| text.to_owned()));
        assert_eq!(alpha("0.5").expect("settings").engines_for(&["w".to_owned()])[0].ema_alpha, 0.5);
        assert!(alpha("2").expect_err("too much").to_string().contains("no share above 0"));
    }

    #[test]
    fn what_cannot_be_is_named_with_its_engine() {
        let say = |more: &str| {
            let text = format!("[[engine]]\nname = \"alpha\"\nworkflow = \"w\"\n{more}");
            read(&text).expect_err("wrong").to_string()
        };
        assert_eq!(say("capital = 2.0"), "[[engine]] alpha: capital: it must be a number from 0 to 1");
        assert_eq!(
            say("energy-price = -1.0"),
            "[[engine]] alpha: energy-price: it must be a finite number of at least 0"
        );
        assert!(say("[engine.convergence]\nwindow = 2").starts_with("[[engine]] alpha: convergence.window: "));
        assert!(say("interval = \"soon\"").starts_with("[[engine]] alpha: interval: "));
        assert!(say("[engine.policy]\ngamma = 1.0").starts_with("[[engine]] alpha: policy.gamma: "));
        assert!(say("[[engine]]\nname = \"alpha\"\nworkflow = \"w\"").contains("another engine has it"));
        assert!(say("[[engine]]\nname = \"module_map\"\nworkflow = \"w\"").contains("name of a file of state"));
        assert!(say("intervall = \"1h\"").contains("did you mean `interval`?"));
    }
}
