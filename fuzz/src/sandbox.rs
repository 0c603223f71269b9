//! One sandbox for all inputs, and what is asked of it.

use std::sync::LazyLock;

use arbitrary::{Arbitrary as _, Unstructured};
use holobiont_core::{CompileLimits, LimitKind, Limits, Measurement, Outcome};
use holobiont_sandbox::{Job, Loaded, ModuleKind, PatchContext, Sandbox, inspect};
use wasm_smith::Config;

use crate::assert_plain;

/// Compiles in this process, so that the fuzzer sees what goes wrong in it. Only there do the bounds on
/// time and memory fall away; those on size and number are so low that nothing takes long.
static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| {
    let compile =
        CompileLimits { module_bytes: 256 << 10, functions: 500, function_bytes: 16 << 10, ..CompileLimits::default() };
    Sandbox::builder().concurrent_runs(1).compile_limits(compile).build().expect("a sandbox")
});

fn limits() -> Limits {
    Limits {
        fuel: 1_000_000,
        memory_bytes: 4 << 20,
        time_ns: 1_000_000_000,
        wall_time_ns: 5_000_000_000,
        output_bytes: 64 << 10,
        log_bytes: 16 << 10,
        table_elements: 10_000,
        disk_bytes: 64 << 10,
        host_call_bytes: 256 << 10,
        host_data_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// Looks at some bytes, loads them, and runs them twice if they can be: they are refused with a reason
/// or end in an outcome, the same both times, and none is a fault of the host.
pub fn load_and_run(bytes: &[u8]) {
    let facts = inspect(bytes);
    match SANDBOX.load(bytes).expect("a stranger's bytes are no fault of the host") {
        Loaded::Refused(outcome) => assert_worded(&outcome),
        Loaded::Ready(module) if module.kind() == ModuleKind::Library => {}
        Loaded::Ready(module) => {
            assert_eq!(facts.expect("what loads can be looked at").kind, module.kind());
            let run = || {
                let job = Job::new(b"Some input.").limits(limits()).seed(7);
                match module.kind() {
                    ModuleKind::Scorer => SANDBOX.score(&module, &job, b"an output", None).map(|s| s.measurement),
                    ModuleKind::Patcher => {
                        SANDBOX.propose(&module, &job, &PatchContext::default()).map(|proposed| proposed.measurement)
                    }
                    _ => SANDBOX.run(&module, &job).map(|run| run.measurement),
                }
                .expect("a guest is no fault of the host")
            };
            let measurement = run();
            assert_eq!(measurement, run(), "two runs differ");
            assert_sensible(&measurement);
        }
    }
}

fn assert_worded(outcome: &Outcome) {
    assert_plain(&outcome.to_string());
    assert!(outcome.is_completed() || !outcome.detail().is_empty(), "{outcome:?}");
}

fn assert_sensible(measurement: &Measurement) {
    let Measurement { outcome, usage, .. } = measurement;
    let limits = limits();
    assert_worded(outcome);
    assert!(usage.fuel <= limits.fuel, "{measurement:?}");
    assert!(usage.peak_memory_bytes <= limits.memory_bytes, "{measurement:?}");
    assert!(usage.peak_table_elements <= limits.table_elements, "{measurement:?}");
    assert!(usage.output_bytes <= limits.output_bytes, "{measurement:?}");
    match outcome {
        Outcome::Limit { limit, excess, .. } => {
            assert!(excess.asked >= excess.allowed, "{outcome:?}");
            // Fuel or virtual time is to end them, and compiling is over.
            assert!(!matches!(limit, LimitKind::WallTime | LimitKind::Compile), "{outcome:?}");
        }
        Outcome::Denied { .. } | Outcome::Rejected { .. } => panic!("{outcome} after it had been loaded"),
        _ => {}
    }
}

/// What a program may import: functions of WASI preview 1, as a module that imports them all.
const PREVIEW1: &[u8] = include_bytes!("../seeds/load/imports.wasm");
/// What it must export: `_start`, and a memory of one page or more.
const EXPORTS: &[u8] = include_bytes!("../seeds/load/start.wasm");

/// A program for WASI preview 1, of any proposals.
pub fn random_program(entropy: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let config = Config {
        available_imports: Some(PREVIEW1.to_vec()),
        exports: Some(EXPORTS.to_vec()),
        allow_invalid_funcs: entropy.ratio(1, 8)?,
        ..small(entropy)?
    };
    Ok(wasm_smith::Module::new(config, entropy)?.to_bytes())
}

/// A component, of any proposals.
pub fn random_component(entropy: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    Ok(wasm_smith::Component::new(small(entropy)?, entropy)?.to_bytes())
}

/// Any configuration whose modules compile in a moment.
fn small(entropy: &mut Unstructured<'_>) -> arbitrary::Result<Config> {
    let config = Config::arbitrary(entropy)?;
    Ok(Config { max_funcs: config.max_funcs.min(30), max_types: config.max_types.min(50), ..config })
}
