//! How synergy weights are learned: the table `[learner]`, and the environment.

use std::collections::BTreeMap;

use holobiont_core::{SynergyWeights, WeightedMetric, printable};
use holobiont_learn::LearnerKind;
use serde::Deserialize;
use strum::VariantArray as _;

use super::{Origin, Settings, SettingsError};

/// How far a weight moves at a time at most where nobody says otherwise: the rate of the engine that this one succeeds.
const RATE: f64 = 0.1;

/// How synergy weights are learned.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LearnerConfig {
    /// By which learner.
    pub kind: LearnerKind,
    /// How far a weight moves at a time at most, from above 0 to 1.
    pub rate: f64,
    /// Weights that the environment sets at the start, whatever was learned.
    pub overrides: BTreeMap<WeightedMetric, f64>,
}

impl Default for LearnerConfig {
    fn default() -> Self {
        Self { kind: LearnerKind::default(), rate: RATE, overrides: BTreeMap::new() }
    }
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LearnerTable {
    pub(super) kind: Option<String>,
    pub(super) rate: Option<f64>,
}

impl LearnerTable {
    pub(super) fn config(&self) -> Result<LearnerConfig, SettingsError> {
        let wrong = |key, remedy| SettingsError::Table { table: "learner", key, remedy };
        let mut config = LearnerConfig::default();
        if let Some(name) = &self.kind {
            config.kind =
                name.parse().map_err(|_| wrong("kind", "linucb, actor-critic, dqn, double-dqn, sac or td3"))?;
        }
        if let Some(rate) = self.rate {
            config.rate = Some(rate).filter(is_rate).ok_or_else(|| wrong("rate", "a number above 0, up to 1"))?;
        }
        Ok(config)
    }
}

fn is_rate(rate: &f64) -> bool {
    *rate > 0.0 && *rate <= 1.0
}

/// The variable that sets the weight of a synergy.
fn variable(metric: WeightedMetric) -> &'static str {
    match metric {
        WeightedMetric::Roi => "SYNERGY_WEIGHT_ROI",
        WeightedMetric::Efficiency => "SYNERGY_WEIGHT_EFFICIENCY",
        WeightedMetric::Resilience => "SYNERGY_WEIGHT_RESILIENCE",
        WeightedMetric::Antifragility => "SYNERGY_WEIGHT_ANTIFRAGILITY",
        WeightedMetric::Reliability => "SYNERGY_WEIGHT_RELIABILITY",
        WeightedMetric::Maintainability => "SYNERGY_WEIGHT_MAINTAINABILITY",
        WeightedMetric::Throughput => "SYNERGY_WEIGHT_THROUGHPUT",
    }
}

impl Settings {
    /// Takes the learner, its rate and weights from the environment.
    pub(super) fn learner_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        let from = |name: &str| Origin::Environment(name.to_owned());
        let wrong = |name, reason: String| SettingsError::Environment { name, reason };
        if let Some(text) = env("SYNERGY_LEARNER") {
            self.learner.kind = text.trim().parse().map_err(|_| {
                let names: Vec<String> = LearnerKind::VARIANTS.iter().map(ToString::to_string).collect();
                wrong(
                    "SYNERGY_LEARNER",
                    format!("`{}` is no learner: there are {}", printable(&text), names.join(", ")),
                )
            })?;
            self.origins.insert("learner.kind", from("SYNERGY_LEARNER"));
        }
        if let Some(text) = env("SYNERGY_WEIGHTS_LR") {
            self.learner.rate = text.trim().parse().ok().filter(is_rate).ok_or_else(|| {
                wrong(
                    "SYNERGY_WEIGHTS_LR",
                    format!("`{}` is no number above 0, up to 1, such as 0.1", printable(&text)),
                )
            })?;
            self.origins.insert("learner.rate", from("SYNERGY_WEIGHTS_LR"));
        }
        for metric in WeightedMetric::ALL {
            let name = variable(*metric);
            let Some(text) = env(name) else { continue };
            let most = SynergyWeights::MOST;
            let value = text.trim().parse().ok().filter(|value: &f64| (0.0..=most).contains(value));
            let value =
                value.ok_or_else(|| wrong(name, format!("`{}` is no number from 0 to {most}", printable(&text))))?;
            self.learner.overrides.insert(*metric, value);
        }
        Ok(())
    }
}

/// Where a weight that the environment sets came from.
pub(super) fn origin_of(metric: WeightedMetric) -> Origin {
    Origin::Environment(variable(metric).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_beats_the_table_and_mistakes_are_named() {
        let text = "[learner]\nkind = \"actor-critic\"\nrate = 0.2";
        let with = |name: &'static str, value: &'static str| {
            Settings::read(text, &move |asked| (asked == name).then(|| value.to_owned()))
        };
        let plain = with("", "").expect("settings").learner;
        assert_eq!((plain.kind, plain.rate, plain.overrides.len()), (LearnerKind::ActorCritic, 0.2, 0));
        // Also by the names that the engine that this one succeeds had.
        assert_eq!(with("SYNERGY_LEARNER", "double_dqn").expect("settings").learner.kind, LearnerKind::DoubleDqn);
        assert_eq!(with("SYNERGY_WEIGHTS_LR", "0.5").expect("settings").learner.rate, 0.5);
        let settings = with("SYNERGY_WEIGHT_RESILIENCE", "2.5").expect("settings");
        assert_eq!(settings.learner.overrides, [(WeightedMetric::Resilience, 2.5)].into());
        let shown = settings.all();
        let row = shown.iter().find(|setting| setting.key == "weights.resilience").expect("shown");
        assert_eq!(
            (row.value.as_str(), row.origin.to_string().as_str()),
            ("2.5", "environment SYNERGY_WEIGHT_RESILIENCE")
        );
        let say = |name, value| with(name, value).expect_err("wrong").to_string();
        assert!(say("SYNERGY_LEARNER", "sarsa").contains("there are linucb, actor-critic, dqn, double-dqn, sac, td3"));
        assert!(say("SYNERGY_WEIGHTS_LR", "0").contains("above 0"));
        assert!(say("SYNERGY_WEIGHT_ROI", "11").contains("`11` is no number from 0 to 10"));
        let say = |text: &str| Settings::read(text, &|_| None).expect_err("wrong").to_string();
        assert!(say("[learner]\nkind = \"best\"").contains("linucb, actor-critic"));
        assert!(say("[learner]\nrate = 2.0").contains("a number above 0"));
    }
}
