//! What is refused before the first instruction, and core modules.

use holobiont_core::Outcome;
use holobiont_sandbox::{Loaded, ModuleKind};
use holobiont_test_guests as guests;

use super::{ends, ends_as, refused};
use crate::support::{Setup, is_plain, load, module};

#[test]
pub(super) fn wat_unknown_import() {
    refused(&guests::WAT_UNKNOWN_IMPORT, "rejected: unknown-import", &["acme:thing/api@1.0.0"]);
}

#[test]
pub(super) fn wat_misspelt_import() {
    refused(
        &guests::WAT_MISSPELT_IMPORT,
        "rejected: unknown-import",
        &["monotonic-clok", "`wasi:clocks/monotonic-clock`"],
    );
}

#[test]
pub(super) fn wat_wasi_http_import() {
    refused(&guests::WAT_WASI_HTTP_IMPORT, "rejected: unknown-import", &["wasi:http/outgoing-handler@0.2.0"]);
}

#[test]
pub(super) fn wat_wasi_03_import() {
    refused(&guests::WAT_WASI_03_IMPORT, "rejected: interface-mismatch", &["wasi:cli/environment@0.3.0", "0.2"]);
}

#[test]
pub(super) fn wat_telemetry_0_2_import() {
    refused(
        &guests::WAT_TELEMETRY_0_2_IMPORT,
        "rejected: interface-mismatch",
        &["holobiont:plugin/telemetry@0.2.0", "0.1"],
    );
}

#[test]
pub(super) fn wat_function_for_interface() {
    refused(&guests::WAT_FUNCTION_FOR_INTERFACE, "rejected: interface-mismatch", &["wasi:cli/exit", "function"]);
}

#[test]
pub(super) fn wat_wrong_type_import() {
    refused(&guests::WAT_WRONG_TYPE_IMPORT, "rejected: interface-mismatch", &["telemetry", "log"]);
}

#[test]
pub(super) fn wat_missing_function_import() {
    refused(&guests::WAT_MISSING_FUNCTION_IMPORT, "rejected: interface-mismatch", &["wasi:clocks/wall-clock", "set"]);
}

#[test]
pub(super) fn wat_modules_import() {
    refused(&guests::WAT_MODULES_IMPORT, "denied: import", &["holobiont:plugin/modules"]);
}

#[test]
pub(super) fn wat_core_function_import() {
    refused(&guests::WAT_CORE_FUNCTION_IMPORT, "rejected: unknown-import", &["host-secret"]);
}

#[test]
pub(super) fn wat_without_entry_point() {
    refused(&guests::WAT_WITHOUT_ENTRY_POINT, "rejected: no-entry-point", &["`go`"]);
}

#[test]
pub(super) fn wat_nothing_at_all() {
    refused(&guests::WAT_NOTHING_AT_ALL, "rejected: no-entry-point", &["exports nothing"]);
}

#[test]
pub(super) fn wat_run_of_another_version() {
    refused(&guests::WAT_RUN_OF_ANOTHER_VERSION, "rejected: interface-mismatch", &["wasi:cli/run@0.3.0"]);
}

#[test]
pub(super) fn wat_run_of_another_type() {
    refused(&guests::WAT_RUN_OF_ANOTHER_TYPE, "rejected: interface-mismatch", &["wasi:cli/run"]);
}

#[test]
pub(super) fn wat_module_without_run() {
    refused(&guests::WAT_MODULE_WITHOUT_RUN, "rejected: interface-mismatch", &["holobiont:plugin/module", "run"]);
}

#[test]
pub(super) fn wat_nested_components() {
    refused(&guests::WAT_NESTED_COMPONENTS, "rejected: too-complex", &["16"]);
}

#[test]
pub(super) fn wat_multi_memory() {
    refused(&guests::WAT_MULTI_MEMORY, "rejected: invalid", &[]);
}

#[test]
pub(super) fn wat_memory64() {
    refused(&guests::WAT_MEMORY64, "rejected: invalid", &[]);
}

#[test]
pub(super) fn wat_shared_memory() {
    refused(&guests::WAT_SHARED_MEMORY, "rejected: invalid", &[]);
}

#[test]
pub(super) fn wat_garbage_collected() {
    refused(&guests::WAT_GARBAGE_COLLECTED, "rejected: invalid", &[]);
}

// Core modules.

#[test]
pub(super) fn wat_core_cat() {
    let mut setup = Setup::new(&guests::WAT_CORE_CAT);
    setup.input = b"0123456789".repeat(1_000);
    assert_eq!(ends_as(&setup, "completed").output(), setup.input);
    assert_eq!(module(&guests::WAT_CORE_CAT).kind(), ModuleKind::CoreCommand);
}

#[test]
pub(super) fn wat_core_exits_with_3() {
    let came = ends(&guests::WAT_CORE_EXITS_WITH_3, "failed: exit");
    assert!(matches!(came.outcome, Outcome::Failed { code: Some(1 | 3), .. }), "{:?}", came.outcome);
}

#[test]
pub(super) fn wat_core_spins() {
    ends(&guests::WAT_CORE_SPINS, "limit: fuel");
}

#[test]
pub(super) fn wat_core_traps() {
    ends(&guests::WAT_CORE_TRAPS, "trap: unreachable");
}

#[test]
pub(super) fn wat_core_unknown_import() {
    refused(&guests::WAT_CORE_UNKNOWN_IMPORT, "rejected: unknown-import", &["env\\u{1b}[2J.give\\n"]);
}

#[test]
pub(super) fn wat_core_without_start() {
    refused(&guests::WAT_CORE_WITHOUT_START, "rejected: no-entry-point", &["_start"]);
}

#[test]
pub(super) fn wat_core_without_memory() {
    refused(&guests::WAT_CORE_WITHOUT_MEMORY, "rejected: invalid", &["memory"]);
}

#[test]
pub(super) fn wat_core_wrong_signature() {
    refused(&guests::WAT_CORE_WRONG_SIGNATURE, "rejected: invalid", &["fd_write"]);
}

/// What is refused is refused on every way in, and a module's own words stay out of the host's lines.
#[test]
pub(super) fn nothing_that_a_module_is_called_reaches_a_terminal() {
    for fixture in guests::ALL {
        let Loaded::Refused(outcome) = load(fixture) else { continue };
        let line = outcome.to_string();
        assert!(is_plain(&line), "{}: {line:?}", fixture.name);
        assert!(!outcome.detail().is_empty(), "{}: no words", fixture.name);
    }
}
