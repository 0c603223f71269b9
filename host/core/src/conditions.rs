//! What befalls a run from outside: a slow network, lost messages, faults.

use serde::{Deserialize, Serialize};

/// What befalls a run at its boundary. A crossing is each call of the host, dropping a handle aside, each call
/// of another module, and, for a module that is handed its task, that and the result it gives back; a command
/// reads and writes, which are calls. All of it is drawn from the run's seed, its module and its input, so that
/// the same run meets the same weather and another input another. Default: none of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditions {
    /// Virtual time that each crossing waits, there and back, in nanoseconds.
    pub latency_ns: u64,
    /// The most by which a crossing's wait differs from that, either way, in nanoseconds; it is never below 0.
    pub jitter_ns: u64,
    /// How likely it is, from 0 to 1, that a message is lost on the way. A lost message is sent again after a
    /// timeout of 200 ms and the latency, with each loss in a row twice as long up to 3.2 s, so loss takes time;
    /// where every message is lost, all there is.
    pub loss: f64,
    /// How likely it is, from 0 to 1, that a message comes twice: its bytes are then moved and paid twice. It is
    /// two messages, neither of them larger, so what bounds a single call is not touched.
    pub duplication: f64,
    /// How likely it is, from 0 to 1, that a fault is injected at a crossing, one of those that can be had there.
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
    /// A call that opens or changes a file fails with an I/O error; one that sets a value of the workspace with
    /// a quota that is exceeded.
    Disk,
    /// A bit of the data that crosses to the guest is turned over: of the payload, of standard input, of a file,
    /// of a value of the workspace, of another module's answer.
    DiskCorruption,
    /// The message is lost once, which takes the timeout of a loss.
    Network,
    /// Nothing crosses for a second.
    NetworkPartition,
    /// No memory grows from here on. No limit is exceeded by that: a run that fails of it ends as what it did then.
    Memory,
    /// The crossing takes a tenth of the fuel that is left, and that the time left has room for.
    CpuSpike,
    /// The crossing takes a tenth of the time that is left.
    Timeout,
}

impl FailureMode {
    /// All of them.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;
}

impl Conditions {
    /// Whether nothing befalls a run.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        let Self { latency_ns, jitter_ns, loss, duplication, faults, failure_modes: _ } = self;
        *latency_ns == 0 && *jitter_ns == 0 && *loss == 0.0 && *duplication == 0.0 && *faults == 0.0
    }
}
