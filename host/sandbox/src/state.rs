//! What the host keeps of one run while it lasts: the data of its store.

mod callees;

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use holobiont_core::{Grants, InterfaceUse, LimitKind, Limits, LogLine, Measurement, Outcome, Part, Usage};

use crate::entropy::Entropy;
use crate::handles::Handles;
use crate::interfaces::{INTERFACES, InterfaceId};
use crate::limiter::Growth;
use crate::meter::Meter;
use crate::resources::Entry;
use crate::stop::Stop;
use crate::vfs::FileSystem;
use crate::weather::{Touches, Weather};
use crate::workspace::Workspace;

pub(crate) use self::callees::{Callee, Callees};

/// Bytes that a message or a metric costs beside its text, so that a flood of empty ones is not free.
const RECORD_BYTES: u64 = 16;

#[derive(Debug)]
pub(crate) struct RunState {
    pub(crate) limits: Limits,
    pub(crate) grants: Grants,
    pub(crate) meter: Meter,
    pub(crate) growth: Growth,
    pub(crate) handles: Handles<Entry>,
    pub(crate) entropy: Entropy,
    pub(crate) files: FileSystem,
    pub(crate) workspace: Workspace,
    /// What befalls the run at its boundary; nothing where it is calm.
    pub(crate) weather: Option<Box<Weather>>,
    pub(crate) stdin: Stdin,
    pub(crate) stdout: Vec<u8>,
    pub(crate) metrics: BTreeMap<String, f64>,
    /// What a pipeline has to invoke others with. It holds modules, and those are made for states like this
    /// one; so what it is, the state does not know.
    pub(crate) nest: Option<Box<dyn Any + Send>>,
    /// What others did for this run.
    pub(crate) parts: Vec<Part>,
    logs: Vec<LogLine>,
    stderr_line: Vec<u8>,
    log_bytes: u64,
    /// The first reason for which the host ended the run.
    stop: Option<Stop>,
    calls: [Calls; INTERFACES.len()],
    /// The interfaces that other modules offer it, by name; after them those that runs inside of it called.
    links: Vec<(Arc<str>, Calls)>,
    pub(crate) callees: Callees,
    host_data_bytes: u64,
    peak_call_bytes: u64,
    call_bytes: u64,
    accelerator_ns: u64,
    /// Of the runs inside of this one what no counter here has a place for.
    nested: Usage,
    pub(crate) host_wall_ns: u64,
}

/// What a run begins with beside its input.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) files: FileSystem,
    pub(crate) workspace: Workspace,
    pub(crate) weather: Option<Box<Weather>>,
    pub(crate) nest: Option<Box<dyn Any + Send>>,
}

/// The input of a command, and how much of it was read.
#[derive(Debug, Default)]
pub(crate) struct Stdin {
    pub(crate) bytes: Vec<u8>,
    pub(crate) read: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    calls: u64,
    denied: u64,
    to_guest: u64,
    to_host: u64,
}

impl RunState {
    pub(crate) fn new(limits: &Limits, grants: &Grants, seed: u64, stdin: Vec<u8>, start: Start) -> Self {
        let Start { files, workspace, weather, nest } = start;
        Self {
            meter: Meter::new(limits, grants.realtime),
            growth: Growth::new(limits),
            handles: Handles::new(limits.handles),
            entropy: Entropy::new(seed, grants.realtime),
            files,
            workspace,
            weather,
            stdin: Stdin { bytes: stdin, read: 0 },
            stdout: Vec::new(),
            metrics: BTreeMap::new(),
            nest,
            parts: Vec::new(),
            logs: Vec::new(),
            stderr_line: Vec::new(),
            log_bytes: 0,
            stop: None,
            calls: [Calls::default(); INTERFACES.len()],
            links: Vec::new(),
            callees: Callees::new(seed),
            host_data_bytes: 0,
            peak_call_bytes: 0,
            call_bytes: 0,
            accelerator_ns: 0,
            nested: Usage::default(),
            host_wall_ns: 0,
            limits: limits.clone(),
            grants: grants.clone(),
        }
    }

    /// Gives the interfaces that other modules offer it their counters.
    pub(crate) fn count_links<'a>(&mut self, names: impl Iterator<Item = &'a Arc<str>>) {
        self.links = names.map(|name| (Arc::clone(name), Calls::default())).collect();
    }

    /// The counters of an interface that other modules offer to this one, or to one that runs inside of it.
    fn linked_interface(&mut self, name: &str) -> InterfaceId {
        let place = self.links.iter().position(|(known, _)| &**known == name).unwrap_or_else(|| {
            self.links.push((Arc::from(name), Calls::default()));
            self.links.len() - 1
        });
        InterfaceId::linked(place)
    }

    /// Notes why the host ends the run; the first reason stays.
    pub(crate) fn stopped(&mut self, stop: Stop) -> Stop {
        self.stop.get_or_insert(stop).clone()
    }

    pub(crate) fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    pub(crate) fn begin_call(&mut self, interface: InterfaceId) {
        self.count(interface, |calls| calls.calls += 1);
        self.call_bytes = 0;
        self.meter.charge(crate::meter::HOST_CALL_FUEL);
    }

    /// Counts and charges bytes from the host to the guest.
    pub(crate) fn moves_to_guest(&mut self, interface: InterfaceId, bytes: u64) -> Result<(), Stop> {
        self.moved(bytes)?;
        let paid = self.paid(bytes);
        self.count(interface, |calls| calls.to_guest = calls.to_guest.saturating_add(paid));
        Ok(())
    }

    /// Counts and charges bytes from the guest to the host.
    pub(crate) fn moves_to_host(&mut self, interface: InterfaceId, bytes: u64) -> Result<(), Stop> {
        self.moved(bytes)?;
        let paid = self.paid(bytes);
        self.count(interface, |calls| calls.to_host = calls.to_host.saturating_add(paid));
        Ok(())
    }

    /// Counts and charges bytes that cross outside of a host call: the task and its result. Bytes past a
    /// limit do not cross, so they are neither counted nor charged.
    pub(crate) fn moved(&mut self, bytes: u64) -> Result<(), Stop> {
        let paid = self.paid(bytes);
        let call = self.call_bytes.saturating_add(bytes);
        let run = self.host_data_bytes.saturating_add(paid);
        for (asked, allowed) in [(call, self.limits.host_call_bytes), (run, self.limits.host_data_bytes)] {
            if asked > allowed {
                return Err(Stop::limit(LimitKind::HostData, asked, allowed));
            }
        }
        self.call_bytes = call;
        self.host_data_bytes = run;
        self.peak_call_bytes = self.peak_call_bytes.max(call);
        self.charge_bytes(paid);
        Ok(())
    }

    /// Charges bytes that the host copied, at the bandwidth of the crossing under way.
    pub(crate) fn charge_bytes(&mut self, bytes: u64) {
        let of_crossing = self.weather.as_ref().map_or(0, |weather| weather.bandwidth());
        self.meter.charge_bytes(bytes, of_crossing);
    }

    /// The bytes that are moved and paid for a message of so many, which may come twice.
    fn paid(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(self.weather.as_ref().map_or(1, |weather| weather.copies()))
    }

    /// Something crosses the boundary: what the conditions have in store befalls it.
    pub(crate) fn cross(&mut self, touches: Touches) -> Result<(), Stop> {
        match &mut self.weather {
            None => Ok(()),
            Some(weather) => weather.cross(touches, &mut self.meter, &mut self.growth),
        }
    }

    /// The accelerator works for the guest for so long, which waits: before it does, and only if there is the time.
    pub(crate) fn accelerates(&mut self, ns: u64) -> Result<(), Stop> {
        self.meter.wait(ns);
        self.meter.check()?;
        self.accelerator_ns = self.accelerator_ns.saturating_add(ns);
        Ok(())
    }

    /// Forgets the bytes of the last call: what comes next is no part of it.
    pub(crate) fn end_call(&mut self) {
        self.call_bytes = 0;
        if let Some(weather) = &mut self.weather {
            weather.end_crossing();
        }
    }

    pub(crate) fn denied(&mut self, interface: InterfaceId) {
        self.count(interface, |calls| calls.denied += 1);
    }

    fn count(&mut self, interface: InterfaceId, add: impl FnOnce(&mut Calls)) {
        let calls = match self.calls.get_mut(interface.0) {
            None => self.links.get_mut(interface.0 - INTERFACES.len()).map(|(_, calls)| calls),
            calls => calls,
        };
        if let Some(calls) = calls {
            add(calls);
        }
    }

    /// Appends to the output of a command.
    pub(crate) fn write_stdout(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let total = self.stdout.len() as u64 + bytes.len() as u64;
        if total > self.limits.output_bytes {
            return Err(Stop::limit(LimitKind::Output, total, self.limits.output_bytes));
        }
        self.stdout.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends to standard error, which is kept by lines.
    pub(crate) fn write_stderr(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.log_room(bytes.len() as u64)?;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.split_last() {
                Some((b'\n', line)) => {
                    // A line is a record, so that a flood of empty lines is bounded too.
                    self.log_room(RECORD_BYTES)?;
                    self.stderr_line.extend_from_slice(line);
                    self.end_stderr_line();
                }
                _ => self.stderr_line.extend_from_slice(piece),
            }
        }
        Ok(())
    }

    fn end_stderr_line(&mut self) {
        let line = std::mem::take(&mut self.stderr_line);
        let message = String::from_utf8_lossy(&line).into_owned();
        self.logs.push(LogLine { level: "stderr".to_owned(), message });
    }

    pub(crate) fn log(&mut self, level: &str, message: String) -> Result<(), Stop> {
        self.log_room(message.len() as u64 + RECORD_BYTES)?;
        self.logs.push(LogLine { level: level.to_owned(), message });
        Ok(())
    }

    pub(crate) fn record_metric(&mut self, name: String, value: f64) -> Result<(), Stop> {
        if !value.is_finite() {
            return Ok(());
        }
        if let Some(known) = self.metrics.get_mut(&name) {
            *known = value;
            return Ok(());
        }
        self.log_room(name.len() as u64 + RECORD_BYTES)?;
        self.metrics.insert(name, value);
        Ok(())
    }

    fn log_room(&mut self, bytes: u64) -> Result<(), Stop> {
        let total = self.log_bytes.saturating_add(bytes);
        if total > self.limits.log_bytes {
            return Err(Stop::limit(LimitKind::Log, total, self.limits.log_bytes));
        }
        self.log_bytes = total;
        Ok(())
    }

    /// What is left of the limits: those of a run inside of this one. Instances and memories are counted for
    /// each run by itself, since each has a place of its own in the pool; a result may be as large as this
    /// run's own.
    pub(crate) fn left(&self) -> Limits {
        Limits {
            fuel: self.meter.fuel_left(),
            memory_bytes: self.growth.memory().left(),
            time_ns: self.meter.time_left_ns(),
            wall_time_ns: self.meter.wall_time_left_ns(),
            output_bytes: self.limits.output_bytes,
            log_bytes: self.limits.log_bytes.saturating_sub(self.log_bytes),
            table_elements: self.growth.tables().left(),
            instances: self.limits.instances,
            memories: self.limits.memories,
            handles: self.handles.left(),
            // What the workspace holds is counted in the run that has it.
            disk_bytes: self.limits.disk_bytes.saturating_sub(self.files.used_bytes()),
            host_call_bytes: self.limits.host_call_bytes,
            host_data_bytes: self.limits.host_data_bytes.saturating_sub(self.host_data_bytes),
            bandwidth_bytes_per_s: self.limits.bandwidth_bytes_per_s,
            accelerators: self.limits.accelerators,
        }
    }

    /// Pays for a run inside of this one, which had what was [left](Self::left).
    pub(crate) fn absorb(&mut self, part: &Measurement) {
        let Usage {
            fuel,
            peak_memory_bytes,
            peak_table_elements,
            instances,
            memories,
            peak_handles,
            // Fuel and waiting are what it is made of.
            virtual_time_ns: _,
            waiting_ns,
            // What it gave back, it gave to this run.
            output_bytes: _,
            log_bytes,
            disk_bytes,
            // The sums of what the interfaces say.
            host_calls: _,
            denied_calls: _,
            host_data_bytes,
            peak_host_call_bytes,
            interfaces,
            accelerator_ns,
            faults,
            first_fault_ns,
        } = &part.usage;
        let began_ns = self.meter.now_ns();
        // One may also have ended because a module that it is linked with was out of fuel, which is not this run's.
        let dry =
            matches!(part.outcome, Outcome::Limit { limit: LimitKind::Fuel, .. }) && *fuel >= self.meter.fuel_left();
        self.meter.charge_nested(*fuel, *waiting_ns, dry);
        self.growth.nested(*peak_memory_bytes, *peak_table_elements);
        self.handles.nested(*peak_handles);
        self.log_bytes = self.log_bytes.saturating_add(*log_bytes);
        self.host_data_bytes = self.host_data_bytes.saturating_add(*host_data_bytes);
        self.peak_call_bytes = self.peak_call_bytes.max(*peak_host_call_bytes);
        for theirs in interfaces {
            let interface = InterfaceId::named(&theirs.name).unwrap_or_else(|| self.linked_interface(&theirs.name));
            self.count(interface, |calls| {
                calls.calls += theirs.calls;
                calls.denied += theirs.denied;
                calls.to_guest = calls.to_guest.saturating_add(theirs.to_guest_bytes);
                calls.to_host = calls.to_host.saturating_add(theirs.to_host_bytes);
            });
        }
        // A fault is told by the time since this run began.
        self.nested.virtual_time_ns = began_ns;
        self.nested.add(&Usage {
            instances: *instances,
            memories: *memories,
            disk_bytes: self.files.used_bytes().saturating_add(*disk_bytes),
            accelerator_ns: *accelerator_ns,
            faults: *faults,
            first_fault_ns: *first_fault_ns,
            ..Usage::default()
        });
    }

    /// Takes over what a run inside of this one said; whose words they are is told by the level.
    pub(crate) fn quote(&mut self, id: &str, lines: Vec<LogLine>) {
        let quoted =
            lines.into_iter().map(|LogLine { level, message }| LogLine { level: format!("{level} of {id}"), message });
        self.logs.extend(quoted);
    }

    /// Leaves the files what the workspace does not use.
    pub(crate) fn share_disk(&mut self) {
        self.files.set_quota_bytes(self.limits.disk_bytes.saturating_sub(self.workspace.used_bytes()));
    }

    /// Room that the workspace may use: what the files leave.
    pub(crate) fn workspace_quota(&self) -> u64 {
        self.limits.disk_bytes.saturating_sub(self.files.used_bytes())
    }

    /// What the run logged, a last line of standard error without its end included.
    pub(crate) fn take_logs(&mut self) -> Vec<LogLine> {
        if !self.stderr_line.is_empty() {
            self.end_stderr_line();
        }
        std::mem::take(&mut self.logs)
    }

    /// What standard error said last that may say why: of a Rust panic its place and its message, else
    /// the last line that is not blank.
    pub(crate) fn last_words(&self) -> Option<String> {
        let lines: Vec<&str> =
            self.logs.iter().filter(|line| line.level == "stderr").map(|line| line.message.trim()).collect();
        if let Some(at) = lines.iter().rposition(|line| line.contains(" panicked at ")) {
            let message = lines.get(at + 1).copied().unwrap_or_default();
            return lines.get(at).map(|place| format!("{place} {message}").trim_end().to_owned());
        }
        lines.iter().rfind(|line| !line.is_empty()).map(|line| (*line).to_owned())
    }

    /// How many faults were injected, into this run and those inside of it, and when the first of them was.
    fn faults(&self) -> (u64, u64) {
        let own = self.weather.as_ref().map_or((0, 0), |weather| (weather.faults(), weather.first_fault_ns()));
        match (own, (self.nested.faults, self.nested.first_fault_ns)) {
            ((0, _), nested) => nested,
            (own, (0, _)) => own,
            (own, nested) => (own.0 + nested.0, own.1.min(nested.1)),
        }
    }

    /// What the run used so far, but for its output and its own instances, which the caller knows.
    pub(crate) fn usage(&self) -> Usage {
        let links = self.links.iter().map(|(name, calls)| (&**name, calls));
        let interfaces: Vec<_> = INTERFACES
            .iter()
            .copied()
            .zip(&self.calls)
            .chain(links)
            .filter(|(_, calls)| calls.calls > 0)
            .map(|(name, calls)| InterfaceUse {
                name: name.to_owned(),
                calls: calls.calls,
                denied: calls.denied,
                to_guest_bytes: calls.to_guest,
                to_host_bytes: calls.to_host,
            })
            .collect();
        let (faults, first_fault_ns) = self.faults();
        Usage {
            fuel: self.meter.used_fuel(),
            peak_memory_bytes: self.growth.memory().peak,
            peak_table_elements: self.growth.tables().peak,
            peak_handles: self.handles.peak(),
            virtual_time_ns: self.meter.now_ns(),
            waiting_ns: self.meter.waited_ns(),
            log_bytes: self.log_bytes,
            disk_bytes: self.files.peak_bytes().saturating_add(self.workspace.peak_bytes()).max(self.nested.disk_bytes),
            host_calls: interfaces.iter().map(|i| i.calls).sum(),
            denied_calls: interfaces.iter().map(|i| i.denied).sum(),
            host_data_bytes: self.host_data_bytes,
            peak_host_call_bytes: self.peak_call_bytes,
            faults,
            first_fault_ns,
            interfaces,
            instances: self.nested.instances,
            memories: self.nested.memories,
            accelerator_ns: self.accelerator_ns.saturating_add(self.nested.accelerator_ns),
            ..Usage::default()
        }
    }
}
