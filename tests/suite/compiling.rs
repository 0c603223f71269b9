//! Compiling is given up when it takes too much, since the engine itself has no way to stop: it is done by
//! a process of its own.

use std::time::{Duration, Instant};

use holobiont_core::{CompileLimits, Outcome};
use holobiont_sandbox::{FuseError, Loaded, Sandbox};
use holobiont_test_guests as guests;

use crate::bombs::{memory_bomb, time_bomb};
use crate::support::{SANDBOX, Setup, is_plain, working};

/// A sandbox that compiles in a process of its own.
fn apart(limits: CompileLimits) -> Sandbox {
    Sandbox::builder()
        .compile_limits(limits)
        .compile_in(env!("CARGO_BIN_EXE_compile-worker"))
        .build()
        .expect("a sandbox")
}

#[track_caller]
fn refusal(sandbox: &Sandbox, bytes: &[u8]) -> Outcome {
    match sandbox.load(bytes).expect("a stranger's bytes are no fault of the host") {
        Loaded::Refused(outcome) => outcome,
        Loaded::Ready(module) => panic!("it loaded as a {}", module.kind().name()),
    }
}

#[test]
fn a_compile_bomb_is_given_up_in_time_and_the_next_module_compiles() {
    let _working = working();
    let sandbox = apart(CompileLimits { time_ns: 1_000_000_000, ..CompileLimits::default() });
    let bytes = time_bomb(20_000);
    assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    let began = Instant::now();
    let outcome = refusal(&sandbox, &bytes);
    assert_eq!(outcome.code(), "limit: compile", "{outcome}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(is_plain(outcome.detail()) && outcome.detail().contains("1.00 s"), "{outcome}");
    assert_eq!(Setup::new(&guests::WAT_EMPTY).run_in(&sandbox).outcome.code(), "completed");
}

#[test]
fn a_compile_bomb_does_not_get_the_hosts_memory() {
    let _working = working();
    let sandbox = apart(CompileLimits { memory_bytes: 256 << 20, ..CompileLimits::default() });
    assert_eq!(Setup::new(&guests::CAT).run_in(&sandbox).outcome.code(), "completed", "there is room for what is good");
    let outcome = refusal(&sandbox, &memory_bomb());
    assert_eq!(outcome.code(), "limit: compile", "{outcome}");
    assert!(outcome.detail().contains("256.0 MiB of memory"), "{outcome}");
}

#[test]
fn what_is_past_the_counts_is_not_tried() {
    let few = apart(CompileLimits { functions: 10, ..CompileLimits::default() });
    let outcome = refusal(&few, &time_bomb(11));
    assert_eq!(outcome.code(), "rejected: too-complex", "{outcome}");
    assert!(outcome.detail().contains("11") && outcome.detail().contains("10"), "{outcome}");
    let short = apart(CompileLimits { function_bytes: 5, ..CompileLimits::default() });
    assert_eq!(refusal(&short, &time_bomb(1)).code(), "rejected: too-complex");
    let little = apart(CompileLimits { code_bytes: 1_000, ..CompileLimits::default() });
    assert_eq!(refusal(&little, guests::WAT_EMPTY.wasm).code(), "limit: compile");
}

#[test]
fn what_is_compiled_apart_is_what_is_compiled_here() {
    let _working = working();
    let sandbox = apart(CompileLimits::default());
    let fixtures = [
        guests::CANDIDATE_RANDOM_SAMPLE,
        guests::CAT,
        guests::WAT_CORE_CAT,
        guests::WAT_CALLS_WITHOUT_END,
        guests::WAT_MULTI_MEMORY,
        guests::WAT_HUGE_TABLE,
        guests::WAT_MANY_MEMORIES,
        guests::WAT_WRONG_TYPE_IMPORT,
        guests::WAT_TELEMETRY_0_2_IMPORT,
        guests::WAT_CORE_WITHOUT_MEMORY,
        guests::WAT_CORE_WRONG_SIGNATURE,
    ];
    for fixture in fixtures {
        let (here, there) = (Setup::new(&fixture).run_in(&SANDBOX), Setup::new(&fixture).run_in(&sandbox));
        assert_eq!(there.outcome, here.outcome, "{}", fixture.name);
        assert_eq!(there.measurement, here.measurement, "{}", fixture.name);
    }
}

#[test]
fn a_worker_that_is_none_is_a_fault_of_the_host() {
    let sandbox = Sandbox::builder().compile_in("/nowhere/at/all").build().expect("a sandbox");
    let error = sandbox.load(guests::WAT_EMPTY.wasm).expect_err("there is no such program");
    assert!(error.to_string().contains("compile worker"), "{error}");
    assert_eq!(Setup::new(&guests::WAT_EMPTY).run().outcome.code(), "completed");
}

#[test]
fn fusing_is_done_apart_too() {
    let _working = working();
    let parts = (("importer", guests::IMPORTER_TOUR.wasm), [("library", guests::LIBRARY)]);
    let here = SANDBOX.fuse(parts.0, &parts.1).expect("they go together");
    let sandbox = apart(CompileLimits::default());
    assert_eq!(sandbox.fuse(parts.0, &parts.1).expect("they go together"), here);
    match sandbox.fuse(parts.0, &[("half", &guests::LIBRARY[..guests::LIBRARY.len() / 2])]) {
        Err(FuseError::Refused(outcome)) => assert!(outcome.detail().contains("half"), "{outcome}"),
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}
