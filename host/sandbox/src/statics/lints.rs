//! The lints that make `code_quality`.

use super::rule::{Rule, Score};
use super::shape::share;

macro_rules! lint {
    ($id:literal, $weight:literal at $full:literal $unit:literal, $doc:literal, $check:expr) => {
        Rule {
            id: $id,
            score: Score::Quality,
            weight: $weight,
            full: $full,
            unit: $unit,
            exposes: 0.0,
            doc: $doc,
            check: $check,
        }
    };
}

/// The lints over a module's code. A lint that counts in code counts per 1,000 live instructions, so that a
/// large module is not worse for being large.
///
/// There is none that reads names: a compiler puts `unreachable` behind every call that does not return,
/// so `panic-paths` finds the calls of panics in stripped modules too, and stripping the names of a module
/// cannot make it look better.
pub const LINTS: &[Rule] = &[
    lint!(
        "dead-functions",
        15.0 at 100.0 "instructions per 1,000 live ones",
        "functions that no export, start, table, global or live function leads to: shipped, compiled and never run",
        |s| (s.dead_functions, s.per_kilo(s.dead_instructions))
    ),
    lint!(
        "unused-imports",
        10.0 at 0.5 "of all imports",
        "imports that nothing live calls: wishes that must be granted for nothing",
        |s| (s.unused_imports, share(s.unused_imports, s.imports))
    ),
    lint!(
        "huge-functions",
        15.0 at 500.0 "instructions beyond the thousandth per 1,000 live ones",
        "functions of more than 1,000 instructions, about a hundred lines: too much to hold in mind, slow to compile",
        |s| (s.huge_functions, s.per_kilo(s.huge_excess))
    ),
    lint!(
        "deep-nesting",
        12.0 at 250.0 "instructions per 1,000 live ones",
        "code inside of more than 16 blocks",
        |s| (s.deep_functions, s.per_kilo(s.deep_instructions))
    ),
    lint!(
        "panic-paths",
        15.0 at 25.0 "per 1,000 live instructions",
        "`unreachable`, which stands behind every call of a panic or an abort: places where the module gives up",
        |s| (s.unreachables, s.per_kilo(s.unreachables))
    ),
    lint!(
        "duplicate-functions",
        12.0 at 100.0 "instructions per 1,000 live ones",
        "functions of at least ten instructions with the same type and bytes as another one of their module",
        |s| (s.twin_functions, s.per_kilo(s.twin_instructions))
    ),
    lint!(
        "data-bloat",
        8.0 at 3.0 "bytes per byte of live code",
        "data segments beyond the size of the code: carried along, and copied into memory for every instance",
        |s| {
            let free = s.live_code_bytes.max(FREE_DATA_BYTES);
            let beyond = s.data_bytes.saturating_sub(free);
            (beyond, share(beyond, free))
        }
    ),
    lint!(
        "no-names",
        6.0 at 1.0 "of live instructions",
        "core modules without names for their functions: a trap in them has a backtrace of numbers",
        |s| (s.nameless_instructions, share(s.nameless_instructions, s.live_instructions))
    ),
    lint!(
        "no-producers",
        4.0 at 1.0 "missing",
        "no producers section: which compiler made it, and of which version, cannot be told",
        |s| missing(s.producers)
    ),
    lint!(
        "no-version",
        3.0 at 1.0 "missing",
        "no version section: two builds can be told apart by their bytes only",
        |s| missing(s.versions)
    ),
];

/// Data that a module of little code may have all the same: tables, texts.
const FREE_DATA_BYTES: u64 = 4_096;

fn missing(sections: u64) -> (u64, f64) {
    if sections == 0 { (1, 1.0) } else { (0, 0.0) }
}
