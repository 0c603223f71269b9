//! Named environments.

use crate::conditions::Conditions;
use crate::environment::{Environment, Key};
use crate::limits::Limits;
use crate::scenario::{Role, Scenario};
use crate::suggest::nearest;

/// A named environment for runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// How much a run under it may use, with what its environment says of it.
    pub limits: Limits,
    /// What it says by the names of keys: limits that were set so, and what befalls runs. Empty in those built in.
    pub environment: Environment,
}

/// A scenario in which what befalls every run of a preset befalls it as well.
fn both(scenario: &Scenario, preset: &Scenario) -> Scenario {
    let (one, other) = (&scenario.conditions, &preset.conditions);
    let narrower = |a: u64, b: u64| if a == 0 || b == 0 { a.max(b) } else { a.min(b) };
    Scenario {
        crowd: scenario.crowd.saturating_mul(preset.crowd),
        conditions: Conditions {
            latency_ns: one.latency_ns.max(other.latency_ns),
            jitter_ns: one.jitter_ns.max(other.jitter_ns),
            least_bandwidth_bytes_per_s: narrower(one.least_bandwidth_bytes_per_s, other.least_bandwidth_bytes_per_s),
            most_bandwidth_bytes_per_s: narrower(one.most_bandwidth_bytes_per_s, other.most_bandwidth_bytes_per_s),
            loss: one.loss.max(other.loss),
            duplication: one.duplication.max(other.duplication),
            ..one.clone()
        },
        ..scenario.clone()
    }
}

/// A preset that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no preset `{}`: {}", crate::printable(.name), .remedy)]
pub struct UnknownPreset {
    /// The name that was asked for.
    pub name: String,
    /// What would be right.
    pub remedy: String,
}

impl Preset {
    /// A preset of limits alone.
    #[must_use]
    pub fn new(name: &str, limits: Limits) -> Self {
        Self { name: name.to_owned(), limits, environment: Environment::default() }
    }

    /// This preset in an environment, under a name. `cpu_fuel` is the fuel of one unit of `CPU_LIMIT`.
    #[must_use]
    pub fn within(&self, name: &str, environment: Environment, cpu_fuel: u64) -> Self {
        let limits = environment.limits(&self.limits, cpu_fuel);
        Self { name: name.to_owned(), limits, environment }
    }

    /// The whole of it by the names of keys: its limits, and what its environment says beside them.
    #[must_use]
    pub fn as_environment(&self, cpu_fuel: u64) -> Environment {
        let mut whole = self.environment.clone();
        for (key, value) in Environment::of_limits(&self.limits, cpu_fuel).iter() {
            // Time goes with the fuel unless somebody says otherwise, and no accelerators are no limit of anything.
            let implied = key == Key::Timeout || (key == Key::GpuLimit && value == 0.0);
            if whole.get(key).is_none() && !implied {
                whole.set(key, value);
            }
        }
        whole.name = Some(self.name.clone());
        whole
    }

    /// What befalls every run under it, faults aside: those are for its stressed scenario.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        Conditions { faults: 0.0, failure_modes: Vec::new(), ..self.own_scenario().conditions }
    }

    /// What befalls a single run under it, faults among it.
    #[must_use]
    pub fn all_conditions(&self) -> Conditions {
        self.own_scenario().conditions
    }

    /// How much a run under it may use: its limits, as far as it does not have others share them.
    #[must_use]
    pub fn run_limits(&self) -> Limits {
        self.under(&Scenario::default()).limits(&self.limits)
    }

    /// How strict it is with grants and incidents, from 1 to 5.
    #[must_use]
    pub fn security_level(&self) -> u8 {
        self.environment.security_level()
    }

    /// A scenario as it is under it: what befalls every run befalls it too, the worse of both where both say something.
    #[must_use]
    pub fn under(&self, scenario: &Scenario) -> Scenario {
        both(scenario, &self.own_scenario())
    }

    /// Where it says how much is threatened, or what fails, the scenario in which it is.
    #[must_use]
    pub fn threatened(&self) -> Option<Scenario> {
        let own = self.own_scenario();
        let threatened = own.hostile_inputs > 0.0 || own.conditions.faults > 0.0;
        // Who shares with it is the preset's doing, which comes on top of every scenario.
        threatened.then_some(Scenario { role: Role::Stressed, crowd: 1, ..own })
    }

    fn own_scenario(&self) -> Scenario {
        self.environment.scenario(&format!("preset-{}", self.name))
    }

    /// The presets that every host has: `tight` for small jobs and for testing limits, `standard` for
    /// compiled languages, `wide` for large inputs, `interpreter` for guests that bring a language
    /// runtime along (a JavaScript or Python guest uses about 150 times the fuel of a Rust one).
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        let standard = Limits::default();
        let preset = |name: &str, limits: Limits| Self::new(name, limits);
        vec![
            preset(
                "tight",
                Limits {
                    fuel: 50_000_000,
                    memory_bytes: 2 << 20,
                    time_ns: 100_000_000,
                    output_bytes: 1 << 20,
                    log_bytes: 64 << 10,
                    disk_bytes: 1 << 20,
                    ..standard.clone()
                },
            ),
            preset(
                "wide",
                Limits {
                    fuel: 20_000_000_000,
                    memory_bytes: 512 << 20,
                    time_ns: 30_000_000_000,
                    wall_time_ns: 60_000_000_000,
                    output_bytes: 64 << 20,
                    log_bytes: 4 << 20,
                    disk_bytes: 256 << 20,
                    host_data_bytes: 1 << 30,
                    ..standard.clone()
                },
            ),
            preset(
                "interpreter",
                Limits {
                    fuel: 20_000_000_000,
                    memory_bytes: 256 << 20,
                    time_ns: 30_000_000_000,
                    wall_time_ns: 60_000_000_000,
                    ..standard.clone()
                },
            ),
            preset("standard", standard),
        ]
    }

    /// The preset of a name among several.
    ///
    /// # Errors
    ///
    /// [`UnknownPreset`] with the nearest name, or all of them.
    pub fn find<'a>(presets: &'a [Self], name: &str) -> Result<&'a Self, UnknownPreset> {
        presets.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let shown: Vec<String> = presets.iter().map(|preset| crate::printable(&preset.name)).collect();
            let names = shown.iter().map(String::as_str);
            let remedy = match nearest(name, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
            };
            UnknownPreset { name: name.to_owned(), remedy }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_shares_once_in_every_scenario() {
        let mut environment = Environment::default();
        environment.set(Key::ConcurrencyLevel, 4.0);
        environment.set(Key::ThreatIntensity, 50.0);
        let preset = Preset::new("standard", Limits::default()).within("mine", environment, Environment::CPU_FUEL);
        let threatened = preset.threatened().expect("it says how much is threatened");
        let crowds = [&Scenario::default(), &threatened].map(|scenario| preset.under(scenario).crowd);
        assert_eq!((crowds, threatened.role), ([4, 4], Role::Stressed));
        assert_eq!(preset.run_limits().memory_bytes, preset.limits.memory_bytes / 4);
    }
}
