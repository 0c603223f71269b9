//! The rules that make `security_score` and `exposure`.

use super::rule::{Rule, Score};
use super::shape::share;

macro_rules! rule {
    ($id:literal, $weight:literal at $full:literal $unit:literal, exposes $exposes:literal, $doc:literal, $check:expr) => {
        Rule {
            id: $id,
            score: Score::Security,
            weight: $weight,
            full: $full,
            unit: $unit,
            exposes: $exposes,
            doc: $doc,
            check: $check,
        }
    };
}

/// What a module exposes that has no wishes at all: it can still use up its fuel, memory and time, so an
/// incident with it is not nothing.
pub(super) const BASE_EXPOSURE: f64 = 0.1;

/// The rules over what a module wants and how it is made. Wishes weigh most: what is not imported cannot be
/// abused. They are counted as they are declared, granted or not.
///
/// Wishes decide `exposure`; what only makes an analysis harder, such as debug information, exposes nothing.
pub const SECURITY_RULES: &[Rule] = &[
    rule!(
        "wants-network",
        20.0 at 1.0 "imports",
        exposes 0.5,
        "imports of sockets, HTTP or TLS: a way out for whatever it learns",
        |s| (s.network, s.network as f64)
    ),
    rule!(
        "wants-files",
        14.0 at 1.0 "imports",
        exposes 0.3,
        "imports that open or list files: reads what it is shown, and may change it",
        |s| (s.files, s.files as f64)
    ),
    rule!(
        "wants-foreign",
        8.0 at 4.0 "imports",
        exposes 0.2,
        "imports that are neither WASI's base nor the host's own: another module or an unknown host has to be trusted too",
        |s| (s.foreign, s.foreign as f64)
    ),
    rule!(
        "wants-clocks",
        3.0 at 1.0 "imports",
        exposes 0.03,
        "imports of the time, by which it can tell when and where it runs",
        |s| (s.clocks, s.clocks as f64)
    ),
    rule!(
        "wants-entropy",
        3.0 at 1.0 "imports",
        exposes 0.02,
        "imports of entropy, by which it can behave differently each time",
        |s| (s.entropy, s.entropy as f64)
    ),
    rule!(
        "wants-accelerator",
        1.0 at 1.0 "imports",
        exposes 0.01,
        "imports of the accelerator, by which it keeps the host busy with little code of its own",
        |s| (s.accelerator, s.accelerator as f64)
    ),
    rule!(
        "unneeded-imports",
        8.0 at 0.5 "of all imports",
        exposes 0.05,
        "imports that nothing live calls: authority beyond what is needed",
        |s| (s.unused_imports, share(s.unused_imports, s.imports))
    ),
    rule!(
        "memory-without-maximum",
        9.0 at 1.0 "memories",
        exposes 0.05,
        "memories that may grow until the host refuses: it says nothing of how much it needs",
        |s| (s.unbounded_memories, s.unbounded_memories as f64)
    ),
    rule!(
        "growable-table",
        6.0 at 1.0 "tables",
        exposes 0.05,
        "exported tables that can grow: others may add functions that it calls",
        |s| (s.growable_tables, s.growable_tables as f64)
    ),
    rule!(
        "table-writes",
        4.0 at 4.0 "instructions",
        exposes 0.03,
        "live code that changes a table: what an indirect call reaches is decided as it runs",
        |s| (s.table_writes, s.table_writes as f64)
    ),
    rule!(
        "indirect-calls",
        9.0 at 25.0 "per 1,000 live instructions",
        exposes 0.05,
        "calls through a table or a reference, which memory corruption inside of the module can turn elsewhere",
        |s| (s.indirect_calls, s.per_kilo(s.indirect_calls))
    ),
    rule!(
        "writable-globals",
        4.0 at 2.0 "globals",
        exposes 0.03,
        "exported globals that can be written: its stack pointer or state lies open to whoever is linked to it",
        |s| (s.writable_globals, s.writable_globals as f64)
    ),
    rule!(
        "start-function",
        4.0 at 1.0 "functions",
        exposes 0.02,
        "a start function: code that runs before anybody calls the module",
        |s| (s.starts, s.starts as f64)
    ),
    rule!(
        "many-instances",
        5.0 at 32.0 "core instances beyond the eighth",
        exposes 0.05,
        "more core instances than a module and its glue need: each takes memories and tables of the host",
        |s| {
            let beyond = s.core_instances.saturating_sub(FEW_INSTANCES);
            (beyond, beyond as f64)
        }
    ),
    rule!(
        "debug-info",
        2.0 at 1.0 "sections",
        exposes 0.0,
        "debug information: paths and names of the machine that built it travel along",
        |s| (s.debug_sections, s.debug_sections as f64)
    ),
];

/// Core instances that are nothing to remark: a module, its adapter, and what joins them.
const FEW_INSTANCES: u64 = 8;
