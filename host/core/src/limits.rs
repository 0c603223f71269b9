//! How much a run may use.
//!
//! A limit has five parts: its field here and its row in the table of [`Limits::FIELDS`], its enforcement
//! in the sandbox, its name in an [`Outcome`](crate::Outcome), a hostile fixture and a test.

use serde::{Deserialize, Serialize};

use crate::units::{QuantityError, bytes_text, duration_text, parse_bytes, parse_count, parse_duration_ns};

/// How much one run may use. Every field is enforced; none can be left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limits {
    /// Fuel: what the engine charges for instructions and bulk operations, and the host for its calls.
    pub fuel: u64,
    /// Linear memory, summed over all memories of all instances of the run, in bytes.
    pub memory_bytes: u64,
    /// Virtual time: fuel, sleeps and the conditions of the scenario, in nanoseconds.
    pub time_ns: u64,
    /// Real time, as a backstop for what fuel does not see, in nanoseconds.
    pub wall_time_ns: u64,
    /// What the run may give back, in bytes.
    pub output_bytes: u64,
    /// Log messages, standard error and recorded metrics together, in bytes.
    pub log_bytes: u64,
    /// Elements of all tables of all instances together.
    pub table_elements: u64,
    /// Core instances.
    pub instances: u64,
    /// Linear memories.
    pub memories: u64,
    /// Resource handles open at one time.
    pub handles: u64,
    /// What the run may add to its virtual file system and its workspace, in bytes.
    pub disk_bytes: u64,
    /// Bytes that one host call may move between guest and host.
    pub host_call_bytes: u64,
    /// Bytes that all host calls together may move.
    pub host_data_bytes: u64,
    /// Bytes that cross the import boundary per virtual second; they slow a run down rather than end it.
    pub bandwidth_bytes_per_s: u64,
    /// Units of the host's accelerator; the more, the sooner it is done. With none a call of it is denied.
    pub accelerators: u64,
}

impl Default for Limits {
    /// Room for compiled languages on inputs of a few megabytes: the preset `standard`.
    fn default() -> Self {
        Self {
            fuel: 1_000_000_000,
            memory_bytes: 64 << 20,
            time_ns: 2_000_000_000,
            wall_time_ns: 10_000_000_000,
            output_bytes: 8 << 20,
            log_bytes: 1 << 20,
            table_elements: 20_000,
            instances: 24,
            memories: 8,
            handles: 1_024,
            disk_bytes: 16 << 20,
            host_call_bytes: 16 << 20,
            host_data_bytes: 256 << 20,
            bandwidth_bytes_per_s: 1 << 30,
            accelerators: 0,
        }
    }
}

/// The limit that ended a run, as it is called everywhere.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::time_ns`].
    Time,
    /// [`Limits::wall_time_ns`].
    WallTime,
    /// [`Limits::output_bytes`].
    Output,
    /// [`Limits::log_bytes`].
    Log,
    /// [`Limits::table_elements`].
    Tables,
    /// [`Limits::instances`] and [`Limits::memories`].
    Instances,
    /// [`Limits::handles`].
    Handles,
    /// The engine's stack, one size for all runs of a sandbox.
    Stack,
    /// [`Limits::disk_bytes`].
    Disk,
    /// [`Limits::host_call_bytes`] and [`Limits::host_data_bytes`].
    HostData,
    /// What compiling may cost, one bound for all modules of a sandbox.
    Compile,
}

impl LimitKind {
    /// All of them, in the order of the contract.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;
}

/// In what a limit is counted, and so how it is written and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// A plain number.
    Count,
    /// Bytes: `64MiB`.
    Bytes,
    /// Nanoseconds: `2s`.
    Nanoseconds,
}

impl Unit {
    /// Reads a value of this unit.
    ///
    /// # Errors
    ///
    /// [`QuantityError`] when it is not one.
    pub fn parse(self, text: &str) -> Result<u64, QuantityError> {
        match self {
            Self::Count => parse_count(text),
            Self::Bytes => parse_bytes(text),
            Self::Nanoseconds => parse_duration_ns(text),
        }
    }

    /// Shows a value of this unit to people.
    #[must_use]
    pub fn text(self, value: u64) -> String {
        match self {
            Self::Count => grouped(value),
            Self::Bytes => bytes_text(value),
            Self::Nanoseconds => duration_text(value),
        }
    }
}

/// A number with thousands separated: `1,000,000`.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
