//! Under what a group is tried: the nominal case, and harder ones.

use serde::{Deserialize, Serialize};

use crate::conditions::Conditions;
use crate::input_class::InputClass;
use crate::limits::Limits;
use crate::random::{Draws, Stream};

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
    /// Of which classes those variants are; of every one where none is named.
    pub hostile_classes: Vec<InputClass>,
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
            hostile_classes: Vec::new(),
            resources: 1.0,
            crowd: 1,
            bandwidth_bytes_per_s: 0,
            conditions: Conditions::default(),
        }
    }
}

impl Scenario {
    /// The nominal case once more with other entropy.
    #[must_use]
    pub fn repeat() -> Self {
        Self { name: "repeat".to_owned(), role: Role::Repeat, ..Self::default() }
    }

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
            Self::repeat(),
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

    /// Which of so many inputs come as a hostile variant: the share of them that the scenario says, to the nearest
    /// whole number, chosen by the seed. What is chosen for a share is chosen for every greater one, too.
    #[must_use]
    pub fn hostile_choice(&self, inputs: usize, seed: u64) -> Vec<bool> {
        // A share that is no number makes none hostile.
        let hostile = (self.hostile_inputs.clamp(0.0, 1.0) * inputs as f64).round() as usize;
        let mut order: Vec<usize> = (0..inputs).collect();
        Draws::new(seed, Stream::HostileInputs).shuffle(&mut order);
        let mut choice = vec![false; inputs];
        for input in order.into_iter().take(hostile) {
            choice[input] = true;
        }
        choice
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
    fn the_share_of_hostile_inputs_is_met_and_grows_by_more() {
        let choice = |share: f64, inputs, seed| {
            Scenario { hostile_inputs: share, ..Scenario::default() }.hostile_choice(inputs, seed)
        };
        let count = |choice: &[bool]| choice.iter().filter(|hostile| **hostile).count();
        for (share, inputs, hostile) in [
            (0.0, 9, 0),
            (0.5, 9, 5),
            (0.5, 8, 4),
            (0.1, 4, 0),
            (1.0, 9, 9),
            (7.0, 3, 3),
            (f64::NAN, 5, 0),
            (0.5, 0, 0),
        ] {
            let chosen = choice(share, inputs, 11);
            assert_eq!((chosen.len(), count(&chosen)), (inputs, hostile), "{share} of {inputs}");
            assert_eq!(chosen, choice(share, inputs, 11));
        }
        let (few, many) = (choice(0.25, 40, 3), choice(0.75, 40, 3));
        assert!(few.iter().zip(&many).all(|(few, many)| *many || !few));
        assert_ne!(choice(0.5, 40, 3), choice(0.5, 40, 4));
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
