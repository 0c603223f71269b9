//! What befalls a run from outside: a slow network, lost messages, faults.

use serde::{Deserialize, Serialize};

/// What befalls a run at its boundary: where the task is handed to the module and its result back, at each call
/// of the host, and at each call of another module. All of it is drawn from the run's seed, so that the same run
/// meets the same weather. Default: none of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditions {
    /// Virtual time that each crossing waits, in nanoseconds.
    pub latency_ns: u64,
    /// The most by which a crossing's wait differs from that, either way, in nanoseconds; it is never below 0.
    pub jitter_ns: u64,
    /// How likely it is, from 0 to 1, that a message is lost on the way. A lost message is sent again after a
    /// timeout, so loss takes time; where every message is lost, all there is.
    pub loss: f64,
    /// How likely it is, from 0 to 1, that a message comes twice: its bytes are then moved and paid twice.
    pub duplication: f64,
    /// How likely it is, from 0 to 1, that a fault is injected at a crossing.
    pub faults: f64,
    /// Which faults; all of them where none is named.
    pub failure_modes: Vec<FailureMode>,
}

/// A kind of injected fault.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FailureMode {
    /// A call that writes or opens fails: an I/O error of a file, a quota that is exceeded.
    Disk,
    /// A bit of what crosses to the guest is turned over.
    DiskCorruption,
    /// The message is lost once.
    Network,
    /// Nothing crosses for a second.
    NetworkPartition,
    /// The memory is refused to grow from here on.
    Memory,
    /// The crossing takes a tenth of the fuel that is left.
    CpuSpike,
    /// The crossing takes a tenth of the time that is left.
    Timeout,
}

impl Conditions {
    /// Whether nothing befalls a run.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        let Self { latency_ns, jitter_ns, loss, duplication, faults, failure_modes: _ } = self;
        *latency_ns == 0 && *jitter_ns == 0 && *loss == 0.0 && *duplication == 0.0 && *faults == 0.0
    }
}
