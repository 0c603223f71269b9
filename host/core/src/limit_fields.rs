//! The table of limits: what the command line, the configuration file and the reports are made from.

use crate::limits::{LimitKind, Limits, Unit};
use crate::measurement::{Usage, WallTime};

/// One row of the table of limits.
#[derive(Debug)]
pub struct LimitField {
    /// The key in holobiont.toml and, with two dashes, the flag.
    pub name: &'static str,
    /// What it is called when it ends a run; `None` where it only slows one down.
    pub kind: Option<LimitKind>,
    /// In what it is counted.
    pub unit: Unit,
    /// What it bounds, in a phrase.
    pub doc: &'static str,
    /// Reads the field.
    pub get: fn(&Limits) -> u64,
    /// Writes the field.
    pub set: fn(&mut Limits, u64),
    /// What a run used of it, where that is a single number.
    pub used: fn(&Usage, &WallTime) -> Option<u64>,
}

macro_rules! limit {
    ($field:ident, $name:literal, $kind:expr, $unit:ident, $doc:literal, $used:expr) => {
        LimitField {
            name: $name,
            kind: $kind,
            unit: Unit::$unit,
            doc: $doc,
            get: |limits| limits.$field,
            set: |limits, value| limits.$field = value,
            used: $used,
        }
    };
}

impl Limits {
    /// The table of limits: one row per field.
    pub const FIELDS: &[LimitField] = &[
        limit!(fuel, "fuel", Some(LimitKind::Fuel), Count, "instructions and host work", |u, _| Some(u.fuel)),
        limit!(memory_bytes, "memory", Some(LimitKind::Memory), Bytes, "linear memory of the whole run", |u, _| {
            Some(u.peak_memory_bytes)
        }),
        limit!(time_ns, "time", Some(LimitKind::Time), Nanoseconds, "virtual time", |u, _| Some(u.virtual_time_ns)),
        limit!(
            wall_time_ns,
            "wall-time",
            Some(LimitKind::WallTime),
            Nanoseconds,
            "real time, as a backstop",
            |_, w| { Some(w.run_ns()) }
        ),
        limit!(output_bytes, "max-output", Some(LimitKind::Output), Bytes, "what a run may give back", |u, _| {
            Some(u.output_bytes)
        }),
        limit!(log_bytes, "max-log", Some(LimitKind::Log), Bytes, "log, standard error and metrics", |u, _| {
            Some(u.log_bytes)
        }),
        limit!(table_elements, "tables", Some(LimitKind::Tables), Count, "elements of all tables", |u, _| {
            Some(u.peak_table_elements)
        }),
        limit!(instances, "instances", Some(LimitKind::Instances), Count, "core instances", |u, _| Some(u.instances)),
        limit!(memories, "memories", Some(LimitKind::Instances), Count, "linear memories", |u, _| Some(u.memories)),
        limit!(handles, "handles", Some(LimitKind::Handles), Count, "resource handles open at once", |u, _| {
            Some(u.peak_handles)
        }),
        limit!(disk_bytes, "disk", Some(LimitKind::Disk), Bytes, "virtual files and workspace", |u, _| {
            Some(u.disk_bytes)
        }),
        limit!(
            host_call_bytes,
            "host-call-data",
            Some(LimitKind::HostData),
            Bytes,
            "bytes one host call moves",
            |u, _| { Some(u.peak_host_call_bytes) }
        ),
        limit!(host_data_bytes, "host-data", Some(LimitKind::HostData), Bytes, "bytes all host calls move", |u, _| {
            Some(u.host_data_bytes)
        }),
        limit!(
            bandwidth_bytes_per_s,
            "bandwidth",
            None,
            Bytes,
            "bytes across the boundary per virtual second",
            |_, _| { None }
        ),
        limit!(accelerators, "accelerators", None, Count, "units of the accelerator", |_, _| { None }),
    ];

    /// The row of a name.
    #[must_use]
    pub fn field(name: &str) -> Option<&'static LimitField> {
        Self::FIELDS.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_row_that_reads_what_it_writes() {
        // As many rows as fields, and no two rows write the same field.
        let json = serde_json::to_value(Limits::default()).expect("limits are plain data");
        assert_eq!(json.as_object().map(serde_json::Map::len), Some(Limits::FIELDS.len()));
        let mut limits = Limits::default();
        for (i, field) in Limits::FIELDS.iter().enumerate() {
            (field.set)(&mut limits, i as u64);
        }
        for (i, field) in Limits::FIELDS.iter().enumerate() {
            assert_eq!((field.get)(&limits), i as u64, "{}", field.name);
            assert_eq!(Limits::field(field.name).map(|f| f.name), Some(field.name));
        }
    }

    #[test]
    fn values_are_read_and_shown_in_their_unit() {
        assert_eq!(Unit::Bytes.parse("64MiB"), Ok(64 << 20));
        assert_eq!(Unit::Nanoseconds.parse("2s"), Ok(2_000_000_000));
        assert_eq!(Unit::Count.text(1_234_567), "1,234,567");
    }
}
