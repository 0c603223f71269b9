//! What an environment means for runs: limits, and a scenario.

use super::Environment;
use super::key::{Key, MIB};
use crate::conditions::Conditions;
use crate::limits::Limits;
use crate::scenario::{Role, Scenario};

/// Bytes per second of a Mbps.
const BYTES_PER_S_OF_MBPS: f64 = 125_000.0;

const NANOSECONDS_OF_S: f64 = 1e9;

/// The threat intensity that failure modes and input classes come with where an environment names some of them and no
/// intensity: a fault at 2 % of crossings, as in the scenario `hostile`, and a fifth of the inputs hostile.
const UNSTATED_THREAT: f64 = 40.0;

/// The highest threat intensity.
const MOST_THREAT: f64 = 100.0;

/// The threat intensity that would make every input hostile: at the highest there is, half of them are, as in the
/// scenario `hostile`.
const THREAT_OF_ALL_HOSTILE: f64 = 200.0;

/// The threat intensity that would put a fault into every crossing: at the highest there is, one in 20 has one. A
/// program that copies 100 KB in pieces crosses some 60 times, so meets about three.
const THREAT_OF_ALL_FAULTY: f64 = 2000.0;

impl Environment {
    /// The fuel of a unit of `CPU_LIMIT`, unless somebody configures another.
    pub const CPU_FUEL: u64 = 1_000_000_000;

    /// What a run may use in this environment, where it may use `base` without: what is not said is as there. `cpu_fuel`
    /// is the fuel of a unit of `CPU_LIMIT`, as a rule [`Environment::CPU_FUEL`].
    ///
    /// | key | limit |
    /// | --- | --- |
    /// | `CPU_LIMIT` | fuel |
    /// | `MEMORY_LIMIT` | memory, in all; each single memory of a module ends at 4 GiB, whatever is allowed |
    /// | `DISK_LIMIT` | disk |
    /// | `BANDWIDTH_LIMIT` | bandwidth; 1 Mbps is 125,000 bytes per virtual second |
    /// | `GPU_LIMIT` | accelerators |
    /// | `TIMEOUT` | virtual time. Without it, that of `base`; but more fuel than `base` has comes with the time that it takes, 1 ns each, since it could not be used otherwise |
    #[must_use]
    pub fn limits(&self, base: &Limits, cpu_fuel: u64) -> Limits {
        let mut limits = base.clone();
        if let Some(units) = self.get(Key::CpuLimit) {
            limits.fuel = at_least_one(units * cpu_fuel as f64);
            if limits.fuel > base.fuel {
                limits.time_ns = limits.time_ns.max(limits.fuel);
            }
        }
        if let Some(mebibytes) = self.get(Key::MemoryLimit) {
            limits.memory_bytes = at_least_one(mebibytes * MIB);
        }
        if let Some(mebibytes) = self.get(Key::DiskLimit) {
            limits.disk_bytes = at_least_one(mebibytes * MIB);
        }
        if let Some(mbps) = self.get(Key::BandwidthLimit) {
            limits.bandwidth_bytes_per_s = bytes_per_s(mbps);
        }
        if let Some(accelerators) = self.get(Key::GpuLimit) {
            limits.accelerators = accelerators.round() as u64;
        }
        if let Some(seconds) = self.get(Key::Timeout) {
            limits.time_ns = at_least_one(seconds * NANOSECONDS_OF_S);
        }
        limits
    }

    /// The environment that limits are: the inverse of [`Environment::limits`], for the keys of its table. A limit
    /// that no value of its key stands for exactly is left out, so that `of_limits(limits, f).limits(limits, f)` are
    /// the limits again.
    #[must_use]
    pub fn of_limits(limits: &Limits, cpu_fuel: u64) -> Self {
        let mut environment = Self::default();
        for (key, limit, scale) in [
            (Key::CpuLimit, limits.fuel, cpu_fuel as f64),
            (Key::MemoryLimit, limits.memory_bytes, MIB),
            (Key::DiskLimit, limits.disk_bytes, MIB),
            (Key::BandwidthLimit, limits.bandwidth_bytes_per_s, BYTES_PER_S_OF_MBPS),
            (Key::GpuLimit, limits.accelerators, 1.0),
            (Key::Timeout, limits.time_ns, NANOSECONDS_OF_S),
        ] {
            let value = limit as f64 / scale;
            if key.row().has(value) && (value * scale).round() as u64 == limit {
                environment.set(key, value);
            }
        }
        environment
    }

    /// How strict the grants of a run are, from 1 to 5; 1 where nothing is said. It is what
    /// [`Grants::at_level`](crate::Grants::at_level) and the weight of incidents take.
    #[must_use]
    pub fn security_level(&self) -> u8 {
        self.get(Key::SecurityLevel).map_or(1, |level| level.clamp(1.0, 5.0) as u8)
    }

    /// The scenario that the environment is, beside its limits: what befalls a run, how many groups share what there
    /// is, and how many inputs are hostile. It is a stressed one; make it another by its `role`. Its own limits are
    /// those of [`Environment::limits`], shared by the crowd: `scenario.limits(&environment.limits(base, cpu_fuel))`.
    ///
    /// | key | what it is |
    /// | --- | --- |
    /// | `NETWORK_LATENCY_MS`, `NETWORK_JITTER_MS`, `PACKET_LOSS`, `PACKET_DUPLICATION` | the condition of that name |
    /// | `MIN_BANDWIDTH`, `MAX_BANDWIDTH` | between which the bandwidth of a crossing is drawn. `MAX_BANDWIDTH` alone is that of every crossing; `MIN_BANDWIDTH` alone goes up to `BANDWIDTH_LIMIT`, and without that says nothing |
    /// | `CONCURRENCY_LEVEL` | the crowd |
    /// | `THREAT_INTENSITY` t | threat intensity t / 100, hostile inputs t / 200, a fault at t / 2000 of crossings |
    /// | `FAILURE_MODES` | which faults; of every kind where nothing is said, and no faults at all where it is none |
    /// | `INPUT_CLASSES` | of which class hostile inputs are; of every one where nothing is said, and no hostile inputs at all where it is none |
    ///
    /// Failure modes without a threat intensity come as at 40, that is at 2 % of crossings, input classes likewise
    /// for a fifth of the inputs. The fault rate is for each crossing: a module that calls more meets more. Of what is not
    /// [valid](Environment::validate), the scenario is not either.
    #[must_use]
    pub fn scenario(&self, name: &str) -> Scenario {
        let stated = self.get(Key::ThreatIntensity).map(|threat| threat.clamp(0.0, MOST_THREAT));
        let threat = |named: bool| stated.unwrap_or(if named { UNSTATED_THREAT } else { 0.0 });
        let (modes, classes) = (!self.failure_modes.is_empty(), !self.input_classes.is_empty());
        Scenario {
            name: name.to_owned(),
            role: Role::Stressed,
            threat_intensity: threat(modes || classes) / MOST_THREAT,
            hostile_inputs: if self.has_no_hostile_inputs() { 0.0 } else { threat(classes) / THREAT_OF_ALL_HOSTILE },
            hostile_classes: self.input_classes.clone(),
            crowd: self.get(Key::ConcurrencyLevel).map_or(1, |level| level.max(1.0) as u32),
            conditions: self.conditions(if self.has_no_failures() {
                0.0
            } else {
                threat(modes) / THREAT_OF_ALL_FAULTY
            }),
            ..Scenario::default()
        }
    }

    fn conditions(&self, faults: f64) -> Conditions {
        let of = |key| self.get(key).unwrap_or(0.0);
        let nanoseconds = |key| (of(key) * 1e6).round() as u64;
        let (least, most) = match (self.get(Key::MinBandwidth), self.get(Key::MaxBandwidth)) {
            (None, None) => (0, 0),
            (Some(least), Some(most)) => (bytes_per_s(least), bytes_per_s(most)),
            (None, Some(most)) => (bytes_per_s(most), bytes_per_s(most)),
            (Some(least), None) => {
                self.get(Key::BandwidthLimit).map_or((0, 0), |limit| (bytes_per_s(least), bytes_per_s(limit)))
            }
        };
        Conditions {
            latency_ns: nanoseconds(Key::NetworkLatency),
            jitter_ns: nanoseconds(Key::NetworkJitter),
            least_bandwidth_bytes_per_s: least,
            most_bandwidth_bytes_per_s: most,
            loss: of(Key::PacketLoss).clamp(0.0, 1.0),
            duplication: of(Key::PacketDuplication).clamp(0.0, 1.0),
            faults,
            failure_modes: self.failure_modes.clone(),
        }
    }
}

fn bytes_per_s(mbps: f64) -> u64 {
    at_least_one(mbps * BYTES_PER_S_OF_MBPS)
}

/// A limit: a whole number, and never the 0 that a tiny value would be rounded to.
fn at_least_one(amount: f64) -> u64 {
    (amount.round() as u64).max(1)
}

#[cfg(test)]
mod tests;
