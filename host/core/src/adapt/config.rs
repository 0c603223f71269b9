//! What adapting goes by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agent::AGENT_BY_DEFAULT;
use crate::environment::Environment;

/// What adapting goes by.
///
/// The default is near what the benchmark (`cargo xtask adaptation`) came out best with, on seeds that it does not report:
/// little headroom, a short memory. A memory of one cycle and no rest would be 2 % cheaper there, and in the real world
/// would chase each odd cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AdaptConfig {
    /// Half the width of a rule's band around 0, by metric and in its unit, where it is not to be the table's. For
    /// `roi` it is the growth per cycle that counts as none.
    pub bands: BTreeMap<String, f64>,
    /// The fuel of a `CPU_LIMIT` of 1. A host has it among its settings of runs, and none of its own here.
    #[serde(skip, default = "cpu_fuel")]
    pub cpu_fuel: f64,
    /// How much more than what was used a limit has to hold, as a share of it.
    pub headroom: f64,
    /// How much of a forecast's interval above what is expected a limit has to hold, as a share.
    pub upper_share: f64,
    /// For how many cycles a peak, and a limit that was hit, are remembered.
    pub window: usize,
    /// For how many cycles a key is not moved back, unless what was measured of its resource speaks for it.
    pub rest: usize,
    /// What the vote of what was measured of a resource counts, where that of a rule counts 1.
    pub need_weight: f64,
    /// Whether a host asks the learned agent too. Default: [`AGENT_BY_DEFAULT`](super::AGENT_BY_DEFAULT).
    pub agent: bool,
    /// What the vote of the learned agent counts.
    pub agent_weight: f64,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            bands: BTreeMap::new(),
            cpu_fuel: cpu_fuel(),
            headroom: 0.05,
            upper_share: 0.0,
            window: 2,
            rest: 3,
            need_weight: 2.0,
            agent: AGENT_BY_DEFAULT,
            agent_weight: 1.0,
        }
    }
}

fn cpu_fuel() -> f64 {
    Environment::CPU_FUEL as f64
}

impl AdaptConfig {
    /// The first setting that cannot be, by its key: what is no finite number, or below 0, or, for the fuel of a
    /// `CPU_LIMIT` and the two that count cycles, 0.
    #[must_use]
    pub fn invalid(&self) -> Option<&'static str> {
        let Self { bands, cpu_fuel, headroom, upper_share, window, rest, need_weight, agent: _, agent_weight } = self;
        let amount = |value: &f64| value.is_finite() && *value >= 0.0;
        match () {
            () if !bands.values().all(amount) => Some("bands"),
            () if !(amount(cpu_fuel) && *cpu_fuel > 0.0) => Some("cpu-fuel"),
            () if !amount(headroom) => Some("headroom"),
            () if !amount(upper_share) => Some("upper-share"),
            () if *window == 0 => Some("window"),
            () if *rest == 0 => Some("rest"),
            () if !amount(need_weight) => Some("need-weight"),
            () if !amount(agent_weight) => Some("agent-weight"),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(AdaptConfig::default().invalid(), None);
        type Spoil = fn(&mut AdaptConfig);
        let wrong: [(&str, Spoil); 6] = [
            ("bands", |config| _ = config.bands.insert("roi".into(), f64::NAN)),
            ("cpu-fuel", |config| config.cpu_fuel = 0.0),
            ("headroom", |config| config.headroom = -0.1),
            ("window", |config| config.window = 0),
            ("rest", |config| config.rest = 0),
            ("agent-weight", |config| config.agent_weight = f64::INFINITY),
        ];
        for (key, spoil) in wrong {
            let mut config = AdaptConfig::default();
            spoil(&mut config);
            assert_eq!(config.invalid(), Some(key));
        }
    }

    #[test]
    fn a_setting_that_nobody_knows_is_refused() {
        let config: AdaptConfig = serde_json::from_str(r#"{"headroom": 0.2, "bands": {"roi": 0.5}}"#).unwrap();
        assert_eq!((config.headroom, config.rest), (0.2, AdaptConfig::default().rest));
        assert!(serde_json::from_str::<AdaptConfig>(r#"{"head-room": 0.2}"#).is_err());
    }
}
