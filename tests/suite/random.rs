//! Modules that nobody wrote: random ones, and real ones with a few bytes changed. Whatever they are, they
//! are refused with a reason or end in an outcome, the same each time, and leave nothing behind.
//!
//! Each test works in a process of its own: what it leaves in memory can then be told from what its
//! neighbours hold, and a hang or a crash is its own failure rather than the end of the suite.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use holobiont_core::{Conditions, FailureKind, LimitKind, Limits, Measurement, Outcome, Rejection};
use holobiont_sandbox::{Job, Loaded, ModuleKind, PatchContext, Sandbox, inspect};
use holobiont_test_guests as guests;
use wasm_smith::Config;

use crate::conditions::storm;
use crate::support::{Numbers, is_plain, tight, working};

const MODULES: usize = 1_000;
const MUTANTS: usize = 300;

/// After so many modules the process has all it needs: what it takes from then on, it keeps.
const WARM: usize = 200;
/// What it may keep: allocators hand memory back late.
const KEPT_BYTES: u64 = 20 << 20;

/// Another seed is another thousand modules.
const SEED: u64 = 0x5eed_0f57_4a6e_9e45;

/// Loading has no bound within a process. All modules together take seconds; a process that takes this
/// long hangs.
const HANGS: Duration = Duration::from_secs(300);

#[test]
fn random_modules_end_in_an_outcome_and_leave_nothing_behind() {
    alone("random::random_modules_end_in_an_outcome_and_leave_nothing_behind", modules);
}

#[test]
fn mutants_are_refused_or_end_in_an_outcome() {
    alone("random::mutants_are_refused_or_end_in_an_outcome", mutants);
}

fn modules() {
    let sandbox = sandbox();
    let maker = Maker::new();
    let mut tally = Tally::default();
    let mut warm = None;
    for number in 0..MODULES {
        if number == WARM {
            warm = resident_bytes();
        }
        let (sort, bytes) = maker.make(number);
        let came = unharmed(number, &bytes, || {
            let came = came_of(&sandbox, &bytes);
            assert!(sort.may_come_to(&came), "{sort:?}: {came:?}");
            came
        });
        tally.add(&format!("{sort:?}"), &came);
    }
    tally.print();
    assert_flat(warm);
}

fn mutants() {
    let sandbox = sandbox();
    let squeezes: Vec<&[u8]> =
        guests::EXAMPLES.iter().filter(|(name, _)| name.starts_with("squeeze_")).map(|(_, wasm)| *wasm).collect();
    assert!(squeezes.len() > 1, "the examples were not built");
    let mut tally = Tally::default();
    for number in 0..MUTANTS {
        let mut numbers = numbers(number);
        let bytes = mutant(&squeezes, &mut numbers);
        let came = unharmed(number, &bytes, || came_of(&sandbox, &bytes));
        tally.add("mutant", &came);
    }
    tally.print();
}

/// Says to a test that it is in a process of its own.
const ALONE: &str = "HOLOBIONT_TEST_ALONE";

/// Does the work of a test in a process of its own: this program, started again for that test only.
fn alone(test: &str, work: fn()) {
    if std::env::var_os(ALONE).is_some() {
        return work();
    }
    let _working = working();
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args([test, "--exact", "--nocapture"])
        .env(ALONE, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    let mut stdout = child.stdout.take().expect("a pipe");
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child of this process") {
            break status;
        }
        if began.elapsed() > HANGS {
            child.kill().expect("a child of this process");
            panic!("{test} hangs");
        }
        thread::sleep(Duration::from_millis(50));
    };
    let text = reader.join().expect("no panic").expect("text");
    println!("{text}{:.1} s", began.elapsed().as_secs_f64());
    assert!(status.success(), "{test}: {status}");
    // A name without a test succeeds too.
    assert!(text.contains("test result: ok. 1 passed"), "{test} was not run");
}

fn sandbox() -> Sandbox {
    Sandbox::builder().concurrent_runs(1).build().expect("a sandbox")
}

fn limits() -> Limits {
    Limits { fuel: 1_000_000, memory_bytes: 4 << 20, wall_time_ns: 1_000_000_000, ..tight() }
}

fn numbers(number: usize) -> Numbers {
    let mut numbers = Numbers(SEED ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    // The first few of this generator are alike for seeds that are.
    for _ in 0..16 {
        numbers.below(2);
    }
    numbers
}

/// What came of a module.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time is held")]
enum Came {
    Refused(Outcome),
    Ran(Measurement),
}

impl Came {
    fn outcome(&self) -> &Outcome {
        match self {
            Self::Refused(outcome) => outcome,
            Self::Ran(measurement) => &measurement.outcome,
        }
    }
}

/// Looks at some bytes, loads them, and runs them twice if they can be, and once in a storm.
fn came_of(sandbox: &Sandbox, bytes: &[u8]) -> Came {
    let facts = inspect(bytes);
    match sandbox.load(bytes).expect("a stranger's bytes are no fault of the host") {
        Loaded::Refused(outcome) => {
            if let Err(seen) = facts {
                assert_eq!(seen, outcome, "looking and loading differ");
            }
            assert_worded(&outcome);
            Came::Refused(outcome)
        }
        Loaded::Ready(module) if module.kind() == ModuleKind::Library => {
            // Nothing in it can be run, as before there were libraries.
            Came::Refused(Outcome::rejected(Rejection::NoEntryPoint, "a library"))
        }
        Loaded::Ready(module) => {
            assert_eq!(facts.expect("what loads can be looked at").kind, module.kind());
            let run = |conditions| {
                let job = Job::new(b"Some input.").limits(limits()).seed(7).conditions(conditions);
                match module.kind() {
                    ModuleKind::Scorer => {
                        let scored = sandbox.score(&module, &job, b"an output", None);
                        scored.expect("a guest is no fault of the host").measurement
                    }
                    ModuleKind::Patcher => {
                        let proposed = sandbox.propose(&module, &job, &PatchContext::default());
                        proposed.expect("a guest is no fault of the host").measurement
                    }
                    _ => sandbox.run(&module, &job).expect("a guest is no fault of the host").measurement,
                }
            };
            let measurement = run(Conditions::default());
            assert_eq!(measurement, run(Conditions::default()), "two runs differ");
            assert_sensible(&measurement);
            // In a storm it may end otherwise, and no worse.
            assert_sensible(&run(storm(bytes.len() as u64, &[])));
            Came::Ran(measurement)
        }
    }
}

fn assert_worded(outcome: &Outcome) {
    assert!(is_plain(&outcome.to_string()), "{outcome:?}");
    assert!(outcome.is_completed() || !outcome.detail().is_empty(), "{outcome:?}");
}

/// A measurement says how it ended, and of no limit that more was used than allowed.
fn assert_sensible(measurement: &Measurement) {
    let Measurement { outcome, usage, .. } = measurement;
    let limits = limits();
    assert_worded(outcome);
    assert!(usage.fuel <= limits.fuel, "{measurement:?}");
    assert!(usage.peak_memory_bytes <= limits.memory_bytes, "{measurement:?}");
    assert!(usage.peak_table_elements <= limits.table_elements, "{measurement:?}");
    assert!(usage.output_bytes <= limits.output_bytes, "{measurement:?}");
    match outcome {
        Outcome::Completed { code } => assert!(matches!(code, None | Some(0)), "{outcome:?}"),
        Outcome::Failed { failure: FailureKind::Exit, code, .. } => {
            assert!(code.is_some_and(|code| code != 0), "{outcome:?}");
        }
        Outcome::Failed { code, .. } => assert_eq!(*code, None, "{outcome:?}"),
        Outcome::Limit { limit, excess, .. } => {
            assert!(excess.asked >= excess.allowed, "{outcome:?}");
            // Fuel or virtual time is to end them, and compiling is over.
            assert!(!matches!(limit, LimitKind::WallTime | LimitKind::Compile), "{outcome:?}");
        }
        Outcome::Trap { .. } => {}
        other => panic!("{other} after it had been loaded"),
    }
}

/// Does something with a module, and keeps the module for a look should it panic.
fn unharmed<R>(number: usize, bytes: &[u8], work: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("random-{number}.wasm"));
        std::fs::write(&path, bytes).expect("a file of the tests");
        println!("number {number}: {}", path.display());
        resume_unwind(panic)
    })
}

/// What is made of random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A program for WASI preview 1, of the proposals that the sandbox allows.
    Program,
    /// The same as the core module of a component.
    Command,
    /// A program of all proposals, and of imports and function bodies that need not be right.
    Wild,
    /// A command around a random component, which is compiled and never made an instance of.
    Nested,
    /// A random component as it is.
    Bare,
}

impl Sort {
    /// Programs for WASI are the dearest: the adapter is compiled with each.
    fn of(number: usize) -> Self {
        match number % 10 {
            0 | 1 => Self::Program,
            2..=5 => Self::Command,
            6 | 7 => Self::Wild,
            8 => Self::Nested,
            _ => Self::Bare,
        }
    }

    fn may_come_to(self, came: &Came) -> bool {
        let Came::Refused(outcome) = came else { return self != Self::Bare };
        let reason = match outcome {
            Outcome::Rejected { reason, .. } => Some(*reason),
            _ => None,
        };
        match self {
            Self::Program | Self::Command => false,
            Self::Wild => {
                let tables = matches!(outcome, Outcome::Limit { limit: LimitKind::Tables, .. });
                tables || matches!(reason, Some(Rejection::Invalid | Rejection::UnknownImport))
            }
            Self::Nested => matches!(reason, Some(Rejection::Invalid | Rejection::TooComplex)),
            // Some have core modules of two memories.
            Self::Bare => matches!(reason, Some(Rejection::NoEntryPoint | Rejection::Invalid)),
        }
    }
}

/// What random modules are made of.
struct Maker {
    /// The functions of WASI preview 1 that programs may import.
    preview1: Vec<u8>,
    /// A command, as the bytes that come before and after its core module.
    command: [Vec<u8>; 2],
}

impl Maker {
    fn new() -> Self {
        let preview1 = wat(r#"(module
                (import "wasi_snapshot_preview1" "args_sizes_get" (func (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
                (import "wasi_snapshot_preview1" "environ_get" (func (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_prestat_get" (func (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_seek" (func (param i32 i64 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "path_open"
                    (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))"#);
        let command = wat(r#"(component
                (core module $m (func (export "run") (result i32) (i32.const 0)))
                (core instance $i (instantiate $m))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance $e (export "run" (func $run)))
                (export "wasi:cli/run@0.2.0" (instance $e)))"#);
        // The core module is the first section, and short enough for a length of one byte.
        let (before, rest) = command.split_at(8);
        assert_eq!(rest[0], CORE_MODULE);
        let after = &rest[2 + usize::from(rest[1])..];
        Self { preview1, command: [before.to_vec(), after.to_vec()] }
    }

    fn make(&self, number: usize) -> (Sort, Vec<u8>) {
        let sort = Sort::of(number);
        let mut numbers = numbers(number);
        let length = 256 + numbers.below(2_048);
        let entropy: Vec<u8> = (0..length).map(|_| numbers.below(256) as u8).collect();
        let mut entropy = Unstructured::new(&entropy);
        let [before, after] = &self.command;
        let bytes = match sort {
            Sort::Program | Sort::Wild => {
                let mut config = if sort == Sort::Wild { wild(&mut numbers) } else { allowed(&mut numbers) };
                if sort == Sort::Program || numbers.below(4) > 0 {
                    config.available_imports = Some(self.preview1.clone());
                }
                config.exports = Some(exports("_start", "", &mut numbers));
                module(config, &mut entropy)
            }
            Sort::Command => {
                let config = Config {
                    max_imports: 0,
                    exports: Some(exports("run", "(result i32)", &mut numbers)),
                    ..allowed(&mut numbers)
                };
                [before.clone(), section(CORE_MODULE, &module(config, &mut entropy)), after.clone()].concat()
            }
            Sort::Nested => {
                let empty = wat(r#"(module (func (export "run") (result i32) (i32.const 0)))"#);
                let inner = section(COMPONENT, &component(allowed(&mut numbers), &mut entropy));
                [before.clone(), section(CORE_MODULE, &empty), after.clone(), inner].concat()
            }
            Sort::Bare => component(wild(&mut numbers), &mut entropy),
        };
        (sort, bytes)
    }
}

/// Numbers of sections in a component.
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
    let mut section = vec![id];
    let mut left = bytes.len();
    while left >= 0x80 {
        section.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    section.push(left as u8);
    section.extend_from_slice(bytes);
    section
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a text of the tests")
}

fn module(config: Config, entropy: &mut Unstructured<'_>) -> Vec<u8> {
    wasm_smith::Module::new(config, entropy).expect("modules can be made of any bytes").to_bytes()
}

fn component(config: Config, entropy: &mut Unstructured<'_>) -> Vec<u8> {
    wasm_smith::Component::new(config, entropy).expect("components can be made of any bytes").to_bytes()
}

/// A function to begin with and a memory: most of a page, some of none, or of more than they may have.
fn exports(function: &str, type_: &str, numbers: &mut Numbers) -> Vec<u8> {
    let memory = ["1", "1", "1", "1 64", "1 2", "0", "60 70", "65"][numbers.below(8) as usize];
    wat(&format!(r#"(module (func (export "{function}") {type_} unreachable) (memory (export "memory") {memory}))"#))
}

/// Small modules of the proposals that the sandbox allows.
fn allowed(numbers: &mut Numbers) -> Config {
    Config {
        exceptions_enabled: false,
        gc_enabled: false,
        memory64_enabled: false,
        threads_enabled: false,
        // All references but those to functions are for the garbage collector.
        reference_types_enabled: false,
        // Beside the one that is exported.
        max_memories: 0,
        disallow_traps: numbers.below(2) == 0,
        max_table_elements: 10_000,
        max_funcs: 12,
        max_types: 20,
        max_instances: 4,
        max_modules: 3,
        max_components: 3,
        max_nesting_depth: 3,
        ..Config::default()
    }
}

/// Modules of all that there is, though seldom of all of it: one forbidden thing is enough to be refused.
fn wild(numbers: &mut Numbers) -> Config {
    let mut one_in = |n| numbers.below(n) == 0;
    Config {
        custom_page_sizes_enabled: one_in(8),
        exceptions_enabled: one_in(8),
        gc_enabled: one_in(8),
        memory64_enabled: one_in(8),
        threads_enabled: one_in(8),
        wide_arithmetic_enabled: one_in(8),
        allow_invalid_funcs: one_in(8),
        generate_custom_sections: one_in(2),
        reference_types_enabled: one_in(2),
        max_memories: if one_in(8) { 9 } else { 0 },
        max_tables: if one_in(2) { 40 } else { 1 },
        max_funcs: 30,
        ..Config::default()
    }
}

/// A real module with a few bytes changed, a piece of it elsewhere, or its end lost.
fn mutant(modules: &[&[u8]], numbers: &mut Numbers) -> Vec<u8> {
    let mut pick = |bound: usize| numbers.below(bound as u64) as usize;
    let mut bytes = modules[pick(modules.len())].to_vec();
    for _ in 0..=pick(3) {
        // Half of them at the beginning, where the types are, rather than in code.
        let within = if pick(2) == 0 { bytes.len() } else { bytes.len().min(2_048) };
        let at = pick(within);
        // Mostly what leaves all the rest in its place: the others seldom get past the reading.
        match pick(10) {
            0..3 => bytes[at] ^= 1 << pick(8),
            3..6 => bytes[at] = pick(256) as u8,
            6 => {
                let from = modules[pick(modules.len())];
                let start = pick(from.len());
                let piece = &from[start..(start + 1 + pick(64)).min(from.len())];
                let end = (at + piece.len()).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            7 => bytes.insert(at, pick(256) as u8),
            8 => {
                let end = (at + 1 + pick(16)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => bytes.truncate(at.max(16)),
        }
    }
    bytes
}

/// How often each kind of module came to what.
#[derive(Default)]
struct Tally(BTreeMap<(String, String), usize>);

impl Tally {
    fn add(&mut self, sort: &str, came: &Came) {
        *self.0.entry((sort.to_owned(), came.outcome().code())).or_default() += 1;
    }

    fn print(&self) {
        for ((sort, code), times) in &self.0 {
            println!("{sort:8} {times:5} {code}");
        }
    }
}

fn assert_flat(warm: Option<u64>) {
    let (Some(warm), Some(now)) = (warm, resident_bytes()) else { return };
    println!("resident: {} KiB after {WARM}, {} KiB after {MODULES}", warm >> 10, now >> 10);
    assert!(now <= warm + (warm / 10).max(KEPT_BYTES), "{warm} bytes resident after {WARM} modules, {now} at the end");
}

/// What this process holds of the machine's memory, where the system tells: on Linux.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4_096)
}
