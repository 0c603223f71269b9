//! What befalls a run from outside: a slow network, lost messages, faults.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::units::{QuantityError, likelihood};

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
    /// The least bandwidth of a crossing, in bytes per virtual second. That of each is drawn between this and the most,
    /// and is never above what the limits say.
    pub least_bandwidth_bytes_per_s: u64,
    /// The most bandwidth of a crossing, in bytes per virtual second; 0 leaves what the limits say for every crossing.
    pub most_bandwidth_bytes_per_s: u64,
    /// How likely it is, from 0 to 1, that a message is lost on the way. A lost message is sent again after a
    /// timeout of 200 ms and the latency, with each loss in a row twice as long up to 3.2 s, so loss takes time;
    /// where every message is lost, all there is.
    #[serde(deserialize_with = "read_likelihood")]
    pub loss: f64,
    /// How likely it is, from 0 to 1, that a message comes twice: its bytes are then moved and paid twice. It is
    /// two messages, neither of them larger, so what bounds a single call is not touched.
    #[serde(deserialize_with = "read_likelihood")]
    pub duplication: f64,
    /// How likely it is, from 0 to 1, that a fault is injected at a crossing, one of those that can be had there.
    #[serde(deserialize_with = "read_likelihood")]
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
    strum::IntoStaticStr,
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
        let Self {
            latency_ns,
            jitter_ns,
            least_bandwidth_bytes_per_s: _,
            most_bandwidth_bytes_per_s,
            loss,
            duplication,
            faults,
            failure_modes: _,
        } = self;
        [*latency_ns, *jitter_ns, *most_bandwidth_bytes_per_s] == [0; 3] && [*loss, *duplication, *faults] == [0.0; 3]
    }
}

fn read_likelihood<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(from)?;
    likelihood(value).ok_or_else(|| D::Error::custom(QuantityError::Likelihood(value.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calm_is_what_nothing_befalls() {
        assert!(Conditions::default().is_calm());
        let named = Conditions { failure_modes: FailureMode::ALL.to_vec(), ..Conditions::default() };
        assert!(named.is_calm(), "failures that never happen");
        assert!(!Conditions { jitter_ns: 1, ..Conditions::default() }.is_calm());
    }

    #[test]
    fn likelihoods_are_read_from_0_to_1_only() {
        let read = |text: &str| toml::from_str::<Conditions>(text).map_err(|e| e.message().to_owned());
        let expected =
            Conditions { loss: 1.0, faults: 0.1, failure_modes: vec![FailureMode::CpuSpike], ..Conditions::default() };
        assert_eq!(read("loss = 1\nfaults = 0.1\nfailure-modes = [\"cpu-spike\"]"), Ok(expected));
        for bad in ["loss = 1.5", "duplication = -0.1", "faults = nan", "faults = inf"] {
            assert!(read(bad).is_err_and(|e| e.contains("is not a likelihood")), "{bad}");
        }
    }
}
