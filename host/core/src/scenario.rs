//! Under what a group is tried: the nominal case, and harder ones.

use serde::{Deserialize, Serialize};

use crate::conditions::Conditions;
use crate::limits::Limits;

/// One way of trying a group: every arm is run on every input under it. Default: nominal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// A short name.
    pub name: String,
    /// What its trials are for.
    pub role: Role,
    /// How hard it is meant to be, from 0 (nominal) to 1.
    pub threat_intensity: f64,
    /// The share of inputs, from 0 to 1, that come as a hostile variant of themselves.
    pub hostile_inputs: f64,
    /// The share of the preset's fuel, time, memory, disk and output that a run has, from 0 to 1.
    pub resources: f64,
    /// How many such groups share the machine: each has that part of the memory, the disk, the bandwidth and the time.
    pub crowd: u32,
    /// Bytes per virtual second that cross the boundary; 0 leaves what the preset says.
    pub bandwidth_bytes_per_s: u64,
    /// What befalls a run at its boundary.
    pub conditions: Conditions,
}

/// What the trials of a scenario are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The undisturbed case, which is what the money is counted on.
    #[default]
    Nominal,
    /// A harder case.
    Stressed,
    /// Inputs of every class, to see which the arm can deal with.
    Classes,
    /// The nominal case once more with other entropy, to see whether the outputs differ.
    Repeat,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: "nominal".to_owned(),
            role: Role::Nominal,
            threat_intensity: 0.0,
            hostile_inputs: 0.0,
            resources: 1.0,
            crowd: 1,
            bandwidth_bytes_per_s: 0,
            conditions: Conditions::default(),
        }
    }
}

impl Scenario {
    /// What a comparison is made under unless told otherwise: nominal, five harder ones, input classes and a repeat.
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        let stressed = |name: &str, threat_intensity: f64| Self {
            name: name.to_owned(),
            role: Role::Stressed,
            threat_intensity,
            ..Self::default()
        };
        vec![
            Self::default(),
            Self {
                bandwidth_bytes_per_s: 256 << 10,
                conditions: Conditions {
                    // A program that copies 100 KB in pieces crosses some 60 times, and is to end in 2 s.
                    latency_ns: 5_000_000,
                    jitter_ns: 2_500_000,
                    loss: 0.02,
                    duplication: 0.01,
                    ..Conditions::default()
                },
                ..stressed("slow-network", 0.2)
            },
            Self { crowd: 8, ..stressed("crowded", 0.4) },
            Self { resources: 0.05, ..stressed("tight", 0.6) },
            Self { conditions: Conditions { faults: 0.1, ..Conditions::default() }, ..stressed("faulty", 0.8) },
            Self {
                hostile_inputs: 0.5,
                conditions: Conditions { faults: 0.02, ..Conditions::default() },
                ..stressed("hostile", 1.0)
            },
            Self { name: "classes".to_owned(), role: Role::Classes, ..Self::default() },
            Self { name: "repeat".to_owned(), role: Role::Repeat, ..Self::default() },
        ]
    }

    /// What a run of this scenario may use, where a nominal one may use this much.
    #[must_use]
    pub fn limits(&self, nominal: &Limits) -> Limits {
        let crowd = f64::from(self.crowd.max(1));
        let part = |limit: u64, share: f64| (limit as f64 * share) as u64;
        let own = self.resources.clamp(0.0, 1.0);
        let shared = own / crowd;
        let bandwidth = match self.bandwidth_bytes_per_s {
            0 => nominal.bandwidth_bytes_per_s,
            given => given,
        };
        Limits {
            fuel: part(nominal.fuel, own),
            time_ns: part(nominal.time_ns, shared),
            memory_bytes: part(nominal.memory_bytes, shared),
            disk_bytes: part(nominal.disk_bytes, shared),
            output_bytes: part(nominal.output_bytes, own),
            bandwidth_bytes_per_s: bandwidth / u64::from(self.crowd.max(1)),
            ..nominal.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nominal_case_is_the_preset_and_a_crowd_shares() {
        let limits = Limits::default();
        assert_eq!(Scenario::default().limits(&limits), limits);
        let crowded = Scenario { crowd: 4, bandwidth_bytes_per_s: 1000, ..Scenario::default() }.limits(&limits);
        assert_eq!((crowded.fuel, crowded.memory_bytes), (limits.fuel, limits.memory_bytes / 4));
        assert_eq!(crowded.bandwidth_bytes_per_s, 250);
        assert_eq!(Scenario { resources: 0.5, ..Scenario::default() }.limits(&limits).fuel, limits.fuel / 2);
    }

    #[test]
    fn the_built_in_ones_begin_with_the_nominal_one_and_get_harder() {
        let all = Scenario::builtin();
        assert_eq!(all[0], Scenario::default());
        let intensities: Vec<f64> =
            all.iter().filter(|s| s.role == Role::Stressed).map(|s| s.threat_intensity).collect();
        assert!(intensities.is_sorted_by(|a, b| a < b) && intensities.iter().all(|i| *i > 0.0 && *i <= 1.0));
    }
}
