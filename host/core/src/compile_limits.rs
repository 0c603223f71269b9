//! How much loading a module may cost, before a single instruction of it runs.

use serde::{Deserialize, Serialize};

use crate::limits::Unit;

/// How much loading a module may cost. Compiling lies outside of what the engine counts as security:
/// 55 KB of WebAssembly can be made to compile for seconds and 300 KB to take gigabytes, so the bounds
/// stand around reading, adapting and compiling alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileLimits {
    /// The largest module, in bytes.
    pub module_bytes: u64,
    /// The most functions in it, at all depths.
    pub functions: u64,
    /// The largest function, in bytes.
    pub function_bytes: u64,
    /// Real time for adapting and compiling, in nanoseconds.
    pub time_ns: u64,
    /// Address space of the process that compiles, in bytes.
    pub memory_bytes: u64,
    /// The most compiled code, in bytes.
    pub code_bytes: u64,
}

impl Default for CompileLimits {
    /// Room for a guest that brings a language runtime along: a Python guest has 18 MB and compiles for
    /// 8 s, a JavaScript guest on SpiderMonkey 12 MB and 27 s.
    fn default() -> Self {
        Self {
            module_bytes: 32 << 20,
            functions: 100_000,
            function_bytes: 2 << 20,
            time_ns: 60_000_000_000,
            memory_bytes: 2 << 30,
            code_bytes: 256 << 20,
        }
    }
}

/// One row of the table of compile limits.
#[derive(Debug)]
pub struct CompileField {
    /// The key in holobiont.toml and, with two dashes, the flag.
    pub name: &'static str,
    /// In what it is counted.
    pub unit: Unit,
    /// What it bounds, in a phrase.
    pub doc: &'static str,
    /// Reads the field.
    pub get: fn(&CompileLimits) -> u64,
    /// Writes the field.
    pub set: fn(&mut CompileLimits, u64),
}

macro_rules! limit {
    ($field:ident, $name:literal, $unit:ident, $doc:literal) => {
        CompileField {
            name: $name,
            unit: Unit::$unit,
            doc: $doc,
            get: |limits| limits.$field,
            set: |limits, value| limits.$field = value,
        }
    };
}

impl CompileLimits {
    /// The table of compile limits: one row per field.
    pub const FIELDS: &[CompileField] = &[
        limit!(module_bytes, "module-size", Bytes, "the file of a module"),
        limit!(functions, "functions", Count, "functions in it, at all depths"),
        limit!(function_bytes, "function-size", Bytes, "its largest function"),
        limit!(time_ns, "compile-time", Nanoseconds, "real time for compiling"),
        limit!(memory_bytes, "compile-memory", Bytes, "address space of the process that compiles"),
        limit!(code_bytes, "code-size", Bytes, "compiled code"),
    ];

    /// The row of a name.
    #[must_use]
    pub fn field(name: &str) -> Option<&'static CompileField> {
        Self::FIELDS.iter().find(|field| field.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_row_that_reads_what_it_writes() {
        let json = serde_json::to_value(CompileLimits::default()).expect("limits are plain data");
        assert_eq!(json.as_object().map(serde_json::Map::len), Some(CompileLimits::FIELDS.len()));
        let mut limits = CompileLimits::default();
        for (i, field) in CompileLimits::FIELDS.iter().enumerate() {
            (field.set)(&mut limits, i as u64);
        }
        for (i, field) in CompileLimits::FIELDS.iter().enumerate() {
            assert_eq!((field.get)(&limits), i as u64, "{}", field.name);
        }
    }
}
