//! What came of one run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::outcome::Outcome;

/// What one run came to: everything in it is the same, bit for bit, for the same module, input, limits,
/// conditions, seed and engine. Real time is not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// How the run ended.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// What it gave back.
    pub output: OutputFacts,
    /// The numbers it recorded, the last of each name.
    pub metrics: BTreeMap<String, f64>,
    /// What it said, in order.
    pub logs: Vec<LogLine>,
    /// What other modules did for it: first those that it invoked, then those that are linked with it or with them,
    /// each in the order in which they were first called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// What another module did for a run, in a sandbox of its own.
///
/// Whoever adds up what a run cost in all adds the linked parts to the run's usage, and not the invoked ones, which
/// are in it. That holds for nests too: what a module invokes in its turn is in its part and has none here, while
/// what is linked with any of them has a part here, since it is on nobody's bill but its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The module.
    pub digest: Digest,
    /// How it came to be called.
    pub relation: Relation,
    /// How often it was called.
    pub calls: u64,
    /// How it ended: of several runs the first that did not complete, else the last.
    pub outcome: Outcome,
    /// What it used in all.
    pub usage: Usage,
}

impl Part {
    /// Adds this to a bill, on which a module stands once for each way in which it was called.
    pub fn put_on(self, bill: &mut Vec<Self>) {
        let known = bill.iter_mut().find(|part| (part.digest, part.relation) == (self.digest, self.relation));
        let Some(part) = known else {
            bill.push(self);
            return;
        };
        part.calls += self.calls;
        part.usage.add(&self.usage);
        if part.outcome.is_completed() {
            part.outcome = self.outcome;
        }
    }
}

/// How a module came to be called by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Relation {
    /// The caller is a pipeline and invoked it, out of its own budget: the caller's usage holds this part's.
    Invoked,
    /// The caller imports what it exports; it has limits and a bill of its own, which the caller's usage does not hold.
    Linked,
}

/// What a run used. Counts are exact; each is the counter that its limit is enforced by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Fuel.
    pub fuel: u64,
    /// Highest sum of all linear memories, in bytes.
    pub peak_memory_bytes: u64,
    /// Highest sum of all tables, in elements.
    pub peak_table_elements: u64,
    /// Core instances made.
    pub instances: u64,
    /// Linear memories made.
    pub memories: u64,
    /// Most resource handles open at one time.
    pub peak_handles: u64,
    /// Virtual time, in nanoseconds.
    pub virtual_time_ns: u64,
    /// The part of the virtual time spent waiting at the import boundary, in nanoseconds.
    pub waiting_ns: u64,
    /// Bytes given back.
    pub output_bytes: u64,
    /// Bytes of log, standard error and metrics.
    pub log_bytes: u64,
    /// Bytes added to the virtual file system and the workspace, at the highest.
    pub disk_bytes: u64,
    /// Host calls made.
    pub host_calls: u64,
    /// Calls of capabilities that were not granted.
    pub denied_calls: u64,
    /// Bytes that crossed between guest and host, both ways.
    pub host_data_bytes: u64,
    /// Most bytes that a single host call moved.
    pub peak_host_call_bytes: u64,
    /// Host calls by interface, those that were called at all.
    pub interfaces: Vec<InterfaceUse>,
    /// The part of the waiting in which the accelerator worked for the run, in virtual nanoseconds.
    pub accelerator_ns: u64,
    /// Faults that were injected.
    pub faults: u64,
    /// When the first of them was, in virtual nanoseconds since the run began; 0 where there was none.
    pub first_fault_ns: u64,
}

impl Usage {
    /// Adds another run's use to this one, as for steps that run one after the other: counts add up,
    /// peaks are the higher of the two.
    pub fn add(&mut self, other: &Self) {
        let Self {
            fuel,
            peak_memory_bytes,
            peak_table_elements,
            instances,
            memories,
            peak_handles,
            virtual_time_ns,
            waiting_ns,
            output_bytes,
            log_bytes,
            disk_bytes,
            host_calls,
            denied_calls,
            host_data_bytes,
            peak_host_call_bytes,
            interfaces,
            accelerator_ns,
            faults,
            first_fault_ns,
        } = other;
        // Before the time is added up: their clock began when ours ended.
        if self.faults == 0 && *faults > 0 {
            self.first_fault_ns = self.virtual_time_ns.saturating_add(*first_fault_ns);
        }
        self.faults += faults;
        self.accelerator_ns = self.accelerator_ns.saturating_add(*accelerator_ns);
        self.fuel = self.fuel.saturating_add(*fuel);
        self.peak_memory_bytes = self.peak_memory_bytes.max(*peak_memory_bytes);
        self.peak_table_elements = self.peak_table_elements.max(*peak_table_elements);
        self.instances = self.instances.max(*instances);
        self.memories = self.memories.max(*memories);
        self.peak_handles = self.peak_handles.max(*peak_handles);
        self.virtual_time_ns = self.virtual_time_ns.saturating_add(*virtual_time_ns);
        self.waiting_ns = self.waiting_ns.saturating_add(*waiting_ns);
        self.output_bytes = self.output_bytes.saturating_add(*output_bytes);
        self.log_bytes = self.log_bytes.saturating_add(*log_bytes);
        self.disk_bytes = self.disk_bytes.max(*disk_bytes);
        self.host_calls += host_calls;
        self.denied_calls += denied_calls;
        self.host_data_bytes = self.host_data_bytes.saturating_add(*host_data_bytes);
        self.peak_host_call_bytes = self.peak_host_call_bytes.max(*peak_host_call_bytes);
        for theirs in interfaces {
            match self.interfaces.iter_mut().find(|ours| ours.name == theirs.name) {
                Some(ours) => ours.add(theirs),
                None => self.interfaces.push(theirs.clone()),
            }
        }
    }
}

/// What a run did at one interface of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceUse {
    /// The interface, such as `wasi:io/streams`.
    pub name: String,
    /// Calls made.
    pub calls: u64,
    /// Calls refused because the capability was not granted.
    pub denied: u64,
    /// Bytes from the host to the guest.
    pub to_guest_bytes: u64,
    /// Bytes from the guest to the host.
    pub to_host_bytes: u64,
}

impl InterfaceUse {
    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.denied += other.denied;
        self.to_guest_bytes = self.to_guest_bytes.saturating_add(other.to_guest_bytes);
        self.to_host_bytes = self.to_host_bytes.saturating_add(other.to_host_bytes);
    }
}

/// What a run gave back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFacts {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// How many there were.
    pub bytes: u64,
}

impl OutputFacts {
    /// The facts of some output.
    #[must_use]
    pub fn of(output: &[u8]) -> Self {
        Self { digest: Digest::of(output), bytes: output.len() as u64 }
    }
}

/// One message of a guest, as it came: a reader that prints it must make it [`printable`](crate::printable).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `trace`, `debug`, `info`, `warn`, `error`, or `stderr` for a line of standard error; of a module that was
    /// invoked, with ` of ` and its id after it.
    pub level: String,
    /// The text; bytes that are not UTF-8 are replaced.
    pub message: String,
}

/// Where the real time of a run went, in nanoseconds. Reported, never scored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WallTime {
    /// Compiling, or loading compiled code; 0 when the module was at hand.
    pub compile_ns: u64,
    /// Making the instance.
    pub instantiate_ns: u64,
    /// The guest itself.
    pub guest_ns: u64,
    /// Inside host calls.
    pub host_ns: u64,
}

impl WallTime {
    /// All of it.
    #[must_use]
    pub fn total_ns(&self) -> u64 {
        self.compile_ns.saturating_add(self.run_ns())
    }

    /// All but compiling: what the wall-time limit bounds.
    #[must_use]
    pub fn run_ns(&self) -> u64 {
        self.instantiate_ns.saturating_add(self.guest_ns).saturating_add(self.host_ns)
    }
}
