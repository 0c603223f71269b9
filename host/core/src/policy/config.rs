//! How a policy learns and tries.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::state::Feature;
use crate::action_values::Falling;

/// By what rule values are learned. Sections are those of Sutton and Barto, Reinforcement Learning, 2nd edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Strategy {
    /// Q-learning (section 6.5; Watkins and Dayan, Machine Learning 8, 1992): what the best next action is worth
    /// counts, whichever is taken. Learns the best that could be done, and does not mind what trying costs.
    QLearning,
    /// Sarsa (section 6.4): what the next action that is taken is worth counts. Learns what is best as long as things
    /// are tried, so that it keeps away from where a trial is costly.
    Sarsa,
    /// Watkins's Q(lambda) (section 12.10): Q-learning that passes what it learns back along the way it came, until
    /// an action was taken that is not the best. The traces are replacing ones (Singh and Sutton, Machine Learning 22,
    /// 1996): an action that is taken again counts once. Learns from fewer cycles; with a high lambda and little
    /// exploration, what once ended badly is shunned for long.
    QLambda,
}

/// How an action that does not look best comes to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exploration {
    /// With a likelihood of epsilon any action, by lot (section 2.2 of the same book).
    EpsilonGreedy,
    /// Each action with a likelihood by its value and a temperature (section 13.1).
    Softmax,
}

/// How a policy learns and tries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyConfig {
    /// By what rule values are learned.
    pub strategy: Strategy,
    /// How far a value moves towards what came, as a share of the way; with `adaptive`, at least so far.
    pub alpha: f64,
    /// Whether a value is at first the mean of all that came: the share is then 1 over the number of tries.
    pub adaptive: bool,
    /// What a reward is worth a cycle before it comes, as a share.
    pub gamma: f64,
    /// Of Q(lambda): how much of what is learned is passed back by one more cycle, as a share beside `gamma`.
    pub lambda: f64,
    /// The most that a cycle's reward counts, either way.
    pub reward_bound: f64,
    /// How an action that does not look best comes to be tried.
    pub exploration: Exploration,
    /// The likelihood of a lot, at first.
    pub epsilon: f64,
    /// Below this it does not fall.
    pub epsilon_least: f64,
    /// Of softmax: by how much a value has to be better for its action to be e times as likely, at first.
    pub temperature: f64,
    /// Below this it does not fall.
    pub temperature_least: f64,
    /// In how many decisions epsilon and the temperature are halved; 0 where they stay.
    pub exploration_halves: u32,
    /// Which readings make a state. Each one more makes states rarer, and a policy knows only those it was in.
    pub features: BTreeSet<Feature>,
    /// Over how many buckets modules are spread; 0 where they do not count.
    pub module_buckets: u16,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self {
            strategy: Strategy::QLearning,
            alpha: 0.1,
            adaptive: true,
            gamma: 0.9,
            lambda: 0.5,
            reward_bound: 1.0,
            exploration: Exploration::EpsilonGreedy,
            epsilon: 0.3,
            epsilon_least: 0.05,
            temperature: 1.0,
            temperature_least: 0.05,
            exploration_halves: 50,
            features: [Feature::RoiGain, Feature::Passed, Feature::Diminishing, Feature::SynergyRoi].into(),
            module_buckets: 64,
        }
    }
}

impl PolicyConfig {
    /// The first setting that cannot be, by its key: of shares what is not from 0 to 1, where `alpha` is above 0 and
    /// `gamma` below 1, as a policy has no end; of the bound and the temperatures what is no finite number above 0; what
    /// is least and above what it is the least of.
    #[must_use]
    pub fn invalid(&self) -> Option<&'static str> {
        let Self { alpha, gamma, lambda, reward_bound, epsilon, epsilon_least, temperature, temperature_least, .. } =
            self;
        let share = |value: &f64| (0.0..=1.0).contains(value);
        let amount = |value: &f64| value.is_finite() && *value > 0.0;
        match () {
            () if !(share(alpha) && amount(alpha)) => Some("alpha"),
            () if !(0.0..1.0).contains(gamma) => Some("gamma"),
            () if !share(lambda) => Some("lambda"),
            () if !amount(reward_bound) => Some("reward-bound"),
            () if !share(epsilon) => Some("epsilon"),
            () if !share(epsilon_least) || epsilon_least > epsilon => Some("epsilon-least"),
            () if !amount(temperature) => Some("temperature"),
            () if !amount(temperature_least) || temperature_least > temperature => Some("temperature-least"),
            () => None,
        }
    }

    /// The furthest from 0 that a value can be: the bound of rewards, in every cycle to come.
    #[must_use]
    pub fn value_bound(&self) -> f64 {
        self.reward_bound / (1.0 - self.gamma)
    }

    /// How many states there can be.
    #[must_use]
    pub fn most_states(&self) -> u64 {
        let of_readings = self.features.iter().map(|feature| feature.row().edges.len() as u64 + 2).product::<u64>();
        of_readings * (1 + 3 * u64::from(self.module_buckets))
    }

    /// How likely a lot is.
    pub(super) fn falling_epsilon(&self) -> Falling {
        Falling { first: self.epsilon, least: self.epsilon_least, halves: self.exploration_halves }
    }

    /// How hot softmax is.
    pub(super) fn falling_temperature(&self) -> Falling {
        Falling { first: self.temperature, least: self.temperature_least, halves: self.exploration_halves }
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(PolicyConfig::default().invalid(), None);
        type Spoil = fn(&mut PolicyConfig);
        let wrong: [(&str, Spoil); 12] = [
            ("alpha", |config| config.alpha = 0.0),
            ("alpha", |config| config.alpha = f64::NAN),
            ("gamma", |config| config.gamma = 1.0),
            ("lambda", |config| config.lambda = 1.1),
            ("reward-bound", |config| config.reward_bound = f64::INFINITY),
            ("epsilon", |config| config.epsilon = -0.1),
            ("epsilon-least", |config| config.epsilon_least = 2.0),
            ("epsilon-least", |config| config.epsilon = 0.0),
            ("temperature", |config| config.temperature = 0.0),
            ("temperature-least", |config| config.temperature = 0.01),
            ("temperature-least", |config| config.temperature_least = -1.0),
            ("alpha", |config| (config.alpha, config.gamma) = (2.0, 2.0)),
        ];
        for (key, spoil) in wrong {
            let mut config = PolicyConfig::default();
            spoil(&mut config);
            assert_eq!(config.invalid(), Some(key));
        }
    }

    #[test]
    fn settings_are_read_by_their_names() {
        let config: PolicyConfig = serde_json::from_str(
            r#"{"strategy": "sarsa", "exploration": "softmax", "features": ["roi-trend"], "epsilon-least": 0.01}"#,
        )
        .unwrap();
        let expected = PolicyConfig {
            strategy: Strategy::Sarsa,
            exploration: Exploration::Softmax,
            features: [Feature::RoiTrend].into(),
            epsilon_least: 0.01,
            ..PolicyConfig::default()
        };
        assert_eq!(config, expected);
        for wrong in [r#"{"epsilon_least": 0.1}"#, r#"{"strategy": "deep-q"}"#, r#"{"features": ["luck"]}"#] {
            assert!(serde_json::from_str::<PolicyConfig>(wrong).is_err(), "{wrong}");
        }
        let names: Vec<String> = Strategy::VARIANTS.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["q-learning", "sarsa", "q-lambda"]);
    }

    #[test]
    fn the_number_of_states_is_a_product() {
        let config =
            PolicyConfig { features: [Feature::Diminishing].into(), module_buckets: 0, ..PolicyConfig::default() };
        // Not measured, no, yes.
        assert_eq!(config.most_states(), 3);
        assert_eq!(PolicyConfig { module_buckets: 2, ..config }.most_states(), 21);
        let all = PolicyConfig {
            features: Feature::VARIANTS.iter().copied().collect(),
            module_buckets: u16::MAX,
            ..PolicyConfig::default()
        };
        assert!(all.most_states() < u64::MAX / 1000);
    }
}
