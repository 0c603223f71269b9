//! Environments by the names that presets have had from the first: `CPU_LIMIT`, `MEMORY_LIMIT` and their like.
//!
//! | key | unit | ladder | what enforces it | which metric shows it |
//! | --- | --- | --- | --- | --- |
//! | `CPU_LIMIT` | gigafuel (configurable) | 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8 | fuel of a run | cpu_usage |
//! | `MEMORY_LIMIT` | MiB | 0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096 | linear memory of a run | memory_usage |
//! | `DISK_LIMIT` | MiB | 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192 | quota of the virtual file system and the workspace | safety_rating |
//! | `NETWORK_LATENCY_MS` | ms | 10, 50, 100, 200, 500 | wait of each crossing | network_latency |
//! | `NETWORK_JITTER_MS` | ms | 0, 5, 10, 20, 50 | spread of that wait | network_latency |
//! | `MIN_BANDWIDTH` | Mbps | 1, 5, 10, 50, 100, 500, 1000, 5000, 10000 | least bandwidth of a crossing | throughput |
//! | `MAX_BANDWIDTH` | Mbps | 1, 5, 10, 50, 100, 500, 1000, 5000, 10000 | most bandwidth of a crossing | throughput |
//! | `BANDWIDTH_LIMIT` | Mbps | 1, 5, 10, 50, 100, 500, 1000, 5000, 10000 | bandwidth that no crossing exceeds | throughput |
//! | `PACKET_LOSS` | share | 0, 0.01, 0.05, 0.1 | loss of messages | network_latency |
//! | `PACKET_DUPLICATION` | share | 0, 0.01, 0.05 | messages that come twice | energy_consumption |
//! | `SECURITY_LEVEL` | 1..5 | 1, 2, 3, 4, 5 | what of the grants holds, and the weight of incidents | safety_rating |
//! | `THREAT_INTENSITY` | 0..100 | 10, 30, 50, 70, 90 | share of hostile inputs and of injected faults | antifragility |
//! | `GPU_LIMIT` | accelerators | 0, 1, 2, 4 | units of the accelerator interface | gpu_usage |
//! | `CONCURRENCY_LEVEL` | instances | 1, 5, 10, 20, 50, 100 | groups that share memory, disk, bandwidth and time | resilience |
//! | `TIMEOUT` | s | 1, 2, 5, 10, 30, 60, 300 | virtual time of a run | reliability |
//!
//! Beside these there are `SCENARIO_NAME`; `FAILURE_MODES`, the faults that are injected, a list, names with commas
//! between, or `none`; and `INPUT_CLASSES`, the classes that hostile inputs are of, written likewise. The metric is
//! the one in which a key shows first; all of them show in what an arm is worth once they are hard enough.
//!
//! A value is a number or a text, a text may have a unit, and each is written back as it was read: see [`Presets`] for
//! files. What a value means for a run is in [`Environment::limits`], [`Environment::scenario`] and
//! [`Grants::at_level`](crate::Grants::at_level). `MEMORY_LIMIT` may be up to 64 GiB though a memory of a module ends
//! at 4 GiB, since it bounds all memories of a run together.

mod error;
mod generate;
mod key;
mod meaning;
mod named;
mod notation;
mod profile;
mod raw;
mod read;

use std::collections::BTreeMap;

pub use self::error::EnvironmentError;
pub use self::key::{Key, KeyRow};
pub use self::profile::{Profile, ProfileError, ProfileRow, Severity};
pub use self::read::Presets;

use self::named::Names;
use self::notation::Written;
use crate::conditions::FailureMode;
use crate::input_class::InputClass;

/// An environment: a value for some of the keys.
///
/// Two are equal when they say the same, however they are written.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `SCENARIO_NAME`.
    pub name: Option<String>,
    values: BTreeMap<Key, Written>,
    /// `FAILURE_MODES`.
    pub failure_modes: Vec<FailureMode>,
    failures: Names,
    /// `INPUT_CLASSES`: of which classes hostile inputs are.
    pub input_classes: Vec<InputClass>,
    inputs: Names,
}

impl Environment {
    /// The value of a key, in its unit.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<f64> {
        self.values.get(&key).map(|written| written.value)
    }

    /// Sets the value of a key, in its unit. It will be written as the one before it was: with its unit, as a text or
    /// a number; where there was none, as the table says. Any value is taken: [`Environment::validate`] looks at it.
    pub fn set(&mut self, key: Key, value: f64) {
        let written = match self.values.get(&key) {
            Some(old) => old.moved(key, value),
            None => Written::new(key, value),
        };
        self.values.insert(key, written);
    }

    /// The keys that have a value, and the values.
    pub fn iter(&self) -> impl Iterator<Item = (Key, f64)> {
        self.values.iter().map(|(key, written)| (*key, written.value))
    }

    /// Says that no fault is injected, whatever the threat intensity; naming a failure mode takes it back.
    pub fn forbid_failures(&mut self) {
        self.failure_modes.clear();
        self.failures.none = true;
    }

    /// Whether it says that no fault is injected.
    #[must_use]
    pub fn has_no_failures(&self) -> bool {
        self.failures.none && self.failure_modes.is_empty()
    }

    /// Says that no input is hostile, whatever the threat intensity; naming a class takes it back.
    pub fn forbid_hostile_inputs(&mut self) {
        self.input_classes.clear();
        self.inputs.none = true;
    }

    /// Whether it says that no input is hostile.
    #[must_use]
    pub fn has_no_hostile_inputs(&self) -> bool {
        self.inputs.none && self.input_classes.is_empty()
    }
}

impl PartialEq for Environment {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.iter().eq(other.iter())
            && self.failure_modes == other.failure_modes
            && self.has_no_failures() == other.has_no_failures()
            && self.input_classes == other.input_classes
            && self.has_no_hostile_inputs() == other.has_no_hostile_inputs()
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn the_page_has_the_table() {
        let page = include_str!("mod.rs");
        for row in Key::TABLE {
            let ladder: Vec<String> = row.ladder.iter().map(f64::to_string).collect();
            let line = format!(
                "//! | `{}` | {} | {} | {} | {} |\n",
                row.name,
                row.unit,
                ladder.join(", "),
                row.enforced,
                row.metric
            );
            assert!(page.contains(&line), "{line}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_its_values_are_values() {
        assert_eq!(Key::TABLE.len(), Key::VARIANTS.len());
        for (key, row) in Key::VARIANTS.iter().zip(Key::TABLE) {
            assert_eq!((row.key, Key::named(row.name)), (*key, Some(*key)));
            assert!(row.ladder.is_sorted_by(|a, b| a < b) && row.ladder.iter().all(|rung| row.has(*rung)), "{key:?}");
            assert!(row.ladder.contains(&row.drawn_from) && row.ladder.contains(&row.absent), "{key:?}");
            let own = row.suffix.unwrap_or("").to_ascii_lowercase();
            assert!(row.units.contains(&(own.as_str(), 1.0)) && row.units.contains(&("", 1.0)), "{key:?}");
            assert!(crate::METRICS.iter().any(|metric| metric.name == row.metric), "{key:?}");
            for no_value in [f64::NAN, f64::INFINITY, -1.0, row.most * 2.0] {
                assert!(!row.has(no_value), "{key:?} {no_value}");
            }
        }
        assert_eq!(Key::named("cpu_limit"), None);
    }

    #[test]
    fn rungs_are_found_from_anywhere() {
        let next = |value, up| Key::NetworkLatency.next_rung(value, up);
        assert_eq!([next(50.0, true), next(50.0, false)], [Some(100.0), Some(10.0)]);
        assert_eq!([next(60.0, true), next(60.0, false)], [Some(100.0), Some(50.0)]);
        assert_eq!([next(500.0, true), next(10.0, false), next(f64::NAN, true)], [None; 3]);
        assert_eq!(Key::NetworkLatency.harder(10.0, 50.0), 50.0);
        assert_eq!(Key::MemoryLimit.harder(128.0, 256.0), 128.0);
    }

    #[test]
    fn none_is_more_than_nothing() {
        let mut environment = Environment::default();
        assert!(!environment.has_no_failures() && !environment.has_no_hostile_inputs());
        environment.forbid_failures();
        environment.forbid_hostile_inputs();
        assert!(environment.has_no_failures() && environment.has_no_hostile_inputs());
        assert_ne!(environment, Environment::default());
        environment.failure_modes.push(FailureMode::Disk);
        assert!(!environment.has_no_failures());
    }
}
