//! Profiles: environments for a kind of trouble, with two severities, alone or several together.

use std::fmt;
use std::str::FromStr;

use super::Environment;
use super::key::Key;
use super::named::{plain, remedy};
use crate::conditions::FailureMode;
use crate::input_class::InputClass;
use crate::text::printable;

/// How hard a profile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::Display, strum::VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// What is met now and then.
    Low,
    /// What a bad day brings.
    High,
}

/// A row of the table of profiles.
#[derive(Debug)]
pub struct ProfileRow {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// What it stands for.
    pub doc: &'static str,
    /// Keys, with the values of the low and of the high severity.
    pub values: &'static [(Key, f64, f64)],
    /// The faults that are injected; none where it names none.
    pub failure_modes: &'static [FailureMode],
    /// The classes of hostile inputs; no input is hostile where it names none.
    pub input_classes: &'static [InputClass],
}

/// What every profile says, unless it has its own word on it: enough that only the trouble shows. 30 s are room for
/// some tens of crossings at the worst latency there is.
const BASE: &[(Key, f64)] = &[(Key::CpuLimit, 1.0), (Key::MemoryLimit, 512.0), (Key::Timeout, 30.0)];

/// The table of profiles, from their names on.
const TABLE: &[ProfileRow] = &[
    ProfileRow {
        name: "high_latency",
        aliases: &["high_latency_api", "api_latency"],
        doc: "every crossing is slow, and some messages are lost",
        values: &[
            (Key::NetworkLatency, 200.0, 500.0),
            (Key::NetworkJitter, 20.0, 50.0),
            (Key::PacketLoss, 0.05, 0.1),
            (Key::ThreatIntensity, 30.0, 70.0),
        ],
        failure_modes: &[],
        input_classes: &[],
    },
    ProfileRow {
        name: "hostile_input",
        aliases: &["malicious_data"],
        doc: "inputs made to do harm",
        values: &[(Key::ThreatIntensity, 30.0, 50.0)],
        failure_modes: &[],
        input_classes: &[InputClass::Adversarial, InputClass::Huge, InputClass::NotUtf8, InputClass::Malformed],
    },
    ProfileRow {
        name: "user_misuse",
        aliases: &[],
        doc: "inputs that somebody sent by mistake: nothing, far too much, no text",
        values: &[(Key::ThreatIntensity, 20.0, 30.0)],
        failure_modes: &[],
        input_classes: &[InputClass::Empty, InputClass::Huge, InputClass::NotUtf8],
    },
    ProfileRow {
        name: "concurrency_spike",
        aliases: &[],
        doc: "many groups share memory, disk, bandwidth and time",
        values: &[(Key::ConcurrencyLevel, 20.0, 100.0), (Key::ThreatIntensity, 30.0, 70.0)],
        failure_modes: &[],
        input_classes: &[],
    },
    ProfileRow {
        name: "schema_drift",
        aliases: &["schema_mismatch"],
        doc: "5 or 20 of 100 inputs are damaged or cut short",
        values: &[(Key::ThreatIntensity, 10.0, 40.0)],
        failure_modes: &[],
        input_classes: &[InputClass::Malformed, InputClass::Truncated],
    },
    ProfileRow {
        name: "flaky_upstream",
        aliases: &["upstream_failure"],
        doc: "1 or 5 of 20 messages are lost, and now and then nothing gets through at all",
        values: &[
            (Key::NetworkLatency, 100.0, 500.0),
            (Key::PacketLoss, 0.05, 0.25),
            (Key::ThreatIntensity, 30.0, 70.0),
        ],
        failure_modes: &[FailureMode::Network, FailureMode::NetworkPartition],
        input_classes: &[],
    },
    ProfileRow {
        name: "resource_strain",
        aliases: &[],
        doc: "little of everything",
        values: &[
            (Key::CpuLimit, 0.25, 0.05),
            (Key::MemoryLimit, 16.0, 4.0),
            (Key::DiskLimit, 4.0, 1.0),
            (Key::BandwidthLimit, 10.0, 1.0),
            (Key::ThreatIntensity, 30.0, 70.0),
            (Key::Timeout, 5.0, 1.0),
        ],
        failure_modes: &[],
        input_classes: &[],
    },
    ProfileRow {
        name: "chaotic_failure",
        aliases: &[],
        doc: "faults of every kind, spoilt inputs, and grants taken away",
        values: &[(Key::SecurityLevel, 3.0, 5.0), (Key::ThreatIntensity, 50.0, 90.0)],
        failure_modes: FailureMode::ALL,
        input_classes: &[InputClass::Malformed, InputClass::Adversarial],
    },
];

impl ProfileRow {
    /// The row of a name or of another name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.name == name || row.aliases.contains(&name))
    }
}

/// One or several profiles, each with its severity: `high_latency:low+hostile_input`. Without one it is the high one.
///
/// All have 1 unit of CPU, 512 MiB of memory and 30 s, unless they say otherwise.
///
/// | profile | also called | what it stands for | values, low / high | faults | hostile inputs |
/// | --- | --- | --- | --- | --- | --- |
/// | high_latency | high_latency_api, api_latency | every crossing is slow, and some messages are lost | NETWORK_LATENCY_MS 200 / 500, NETWORK_JITTER_MS 20 / 50, PACKET_LOSS 0.05 / 0.1, THREAT_INTENSITY 30 / 70 | none | none |
/// | hostile_input | malicious_data | inputs made to do harm | THREAT_INTENSITY 30 / 50 | none | adversarial, huge, not_utf8, malformed |
/// | user_misuse | | inputs that somebody sent by mistake: nothing, far too much, no text | THREAT_INTENSITY 20 / 30 | none | empty, huge, not_utf8 |
/// | concurrency_spike | | many groups share memory, disk, bandwidth and time | CONCURRENCY_LEVEL 20 / 100, THREAT_INTENSITY 30 / 70 | none | none |
/// | schema_drift | schema_mismatch | 5 or 20 of 100 inputs are damaged or cut short | THREAT_INTENSITY 10 / 40 | none | malformed, truncated |
/// | flaky_upstream | upstream_failure | 1 or 5 of 20 messages are lost, and now and then nothing gets through at all | NETWORK_LATENCY_MS 100 / 500, PACKET_LOSS 0.05 / 0.25, THREAT_INTENSITY 30 / 70 | network, network_partition | none |
/// | resource_strain | | little of everything | CPU_LIMIT 0.25 / 0.05, MEMORY_LIMIT 16 / 4, DISK_LIMIT 4 / 1, BANDWIDTH_LIMIT 10 / 1, THREAT_INTENSITY 30 / 70, TIMEOUT 5 / 1 | none | none |
/// | chaotic_failure | | faults of every kind, spoilt inputs, and grants taken away | SECURITY_LEVEL 3 / 5, THREAT_INTENSITY 50 / 90 | disk, disk_corruption, network, network_partition, memory, cpu_spike, timeout | malformed, adversarial |
///
/// Several together have of each key the harder value, and the faults and hostile inputs of all of them.
#[derive(Clone, Debug)]
pub struct Profile {
    parts: Vec<(&'static ProfileRow, Severity)>,
}

/// A text that names no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A name that no profile has.
    #[error("no profile `{}`: {remedy}", printable(.name))]
    Unknown {
        /// The name.
        name: String,
        /// What would be right.
        remedy: String,
    },
    /// A severity that there is not.
    #[error("no severity `{}`: expected `low` or `high`, as in `schema_drift:low`", printable(.0))]
    Severity(String),
}

impl Profile {
    /// All profiles.
    pub const TABLE: &'static [ProfileRow] = TABLE;

    /// The environment of the profile, named like it.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let mut environment = Environment::default();
        self.put_over(&mut environment);
        environment
    }

    /// Puts what the profile says over an environment, and its base below it. Bandwidths that the environment has
    /// are lowered to a limit that the profile sets.
    pub(super) fn put_over(&self, environment: &mut Environment) {
        let mut values = std::collections::BTreeMap::new();
        environment.forbid_failures();
        environment.forbid_hostile_inputs();
        for (row, severity) in &self.parts {
            for (key, low, high) in row.values {
                let own = if *severity == Severity::Low { *low } else { *high };
                values.entry(*key).and_modify(|other| *other = key.harder(*other, own)).or_insert(own);
            }
            merge(&mut environment.failure_modes, row.failure_modes);
            merge(&mut environment.input_classes, row.input_classes);
        }
        for (key, value) in values {
            environment.set(key, value);
        }
        for (key, value) in BASE {
            if environment.get(*key).is_none() {
                environment.set(*key, *value);
            }
        }
        for (low, high) in [(Key::MaxBandwidth, Key::BandwidthLimit), (Key::MinBandwidth, Key::MaxBandwidth)] {
            if let (Some(below), Some(above)) = (environment.get(low), environment.get(high)) {
                environment.set(low, below.min(above));
            }
        }
        environment.name = Some(self.to_string());
    }
}

/// Adds what is not there yet.
fn merge<T: Copy + PartialEq>(into: &mut Vec<T>, from: &[T]) {
    for item in from {
        if !into.contains(item) {
            into.push(*item);
        }
    }
}

impl fmt::Display for Profile {
    /// As it is read, with every severity.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (row, severity)) in self.parts.iter().enumerate() {
            let plus = if place > 0 { "+" } else { "" };
            write!(f, "{plus}{}:{severity}", row.name)?;
        }
        Ok(())
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let part = |part: &str| {
            let (name, severity) = part.split_once(':').unwrap_or((part, "high"));
            let severity = match plain(severity).as_str() {
                "low" => Severity::Low,
                "high" => Severity::High,
                _ => return Err(ProfileError::Severity(severity.trim().to_owned())),
            };
            let name = plain(name);
            match ProfileRow::named(&name) {
                Some(row) => Ok((row, severity)),
                None => {
                    let known =
                        TABLE.iter().flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
                    Err(ProfileError::Unknown { remedy: remedy(&name, known, "there are "), name })
                }
            }
        };
        text.split('+').map(part).collect::<Result<_, _>>().map(|parts| Self { parts })
    }
}

#[cfg(test)]
mod tests;
