//! The engine: how guests are compiled, and the clock behind the wall-time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use holobiont_core::Digest;
use wasmtime::{Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::options::Options;

/// How often the wall-time limit is looked at, for guests that make no host calls.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Memory of a finished guest that is cleared in place rather than given back to the kernel. It must
/// cover all that a guest touches, or each run pays for page faults and a second thread makes both
/// slower: 2 MiB covers a guest with a stock shadow stack of 1 MiB, and a small guest pays only for the
/// memory it has.
const KEEP_RESIDENT_BYTES: usize = 2 << 20;

/// Slots that keep their memory while nobody uses them.
const WARM_SLOTS: u32 = 16;

/// The configuration of the engine for compiling, and for running too unless `compile_only`.
///
/// Each choice that changes fuel or results is part of [`identity`].
pub(crate) fn config(options: &Options, compile_only: bool) -> Config {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true);
    config.cranelift_opt_level(OptLevel::Speed);
    config.cranelift_nan_canonicalization(options.strict);
    // Initialising memory by copy-on-write makes fuel depend on the operating system, and holds a file
    // descriptor per component.
    config.memory_init_cow(false);
    config.max_wasm_stack(options.stack_bytes);
    // Function names are a stranger's text, and a backtrace costs more than the trap.
    config.wasm_backtrace_max_frames(None).wasm_backtrace_details(WasmBacktraceDetails::Disable);
    // Calls cost a third without it; only WASI 0.3 and asynchronous components need it.
    config.concurrency_support(false);
    // Proposals nobody needs are attack surface.
    config.wasm_memory64(false).wasm_custom_page_sizes(false);
    // The engine's own code between two fused components has the memories of both, and it does not compile
    // without this. Of a stranger the scan refuses a second memory.
    config.wasm_multi_memory(true);
    config.wasm_wide_arithmetic(false).wasm_stack_switching(false).shared_memory(false);
    config.relaxed_simd_deterministic(true);
    if compile_only {
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        return config;
    }
    let mut pool = PoolingAllocationConfig::default();
    // A run that needs more places than there may be runs is made alone, and must fit.
    let runs = options.concurrent_runs.max(MOST_PLACES);
    pool.total_component_instances(runs)
        .total_core_instances(runs.saturating_mul(MOST_INSTANCES))
        .total_memories(runs.saturating_mul(MOST_MEMORIES))
        .total_tables(runs.saturating_mul(MOST_TABLES))
        .max_core_instances_per_component(MOST_INSTANCES)
        .max_memories_per_component(MOST_MEMORIES)
        .max_tables_per_component(MOST_TABLES)
        .table_elements(MOST_TABLE_ELEMENTS)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .max_unused_warm_slots(WARM_SLOTS);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// What the pool has room for in one run: limits may ask for less, never for more.
pub(crate) const MOST_INSTANCES: u32 = 32;
pub(crate) const MOST_MEMORIES: u32 = 8;
pub(crate) const MOST_TABLES: u32 = 32;
pub(crate) const MOST_TABLE_ELEMENTS: usize = 100_000;

/// How many runs may be inside one another: the host's pipeline, a pipeline that it invokes, and so on. Each
/// has a place of its own in the pool and a stack of its own size on the thread.
pub(crate) const MOST_DEPTH: u32 = 8;

/// The most modules that one may be linked with, over all its chains: each takes a place in the pool.
pub(crate) const MOST_MODULES: usize = 16;

/// How many places in the pool those inside one another may have at one time, each with the modules that it is
/// linked with: so many that no nest without links is bounded by it, and that a pipeline with all the links there
/// may be can invoke a module with as many.
pub(crate) const MOST_PLACES: u32 = MOST_DEPTH + 2 * MOST_MODULES as u32;

/// What a measurement depends on beside the module, its input, its limits and its seed: the engine's
/// version, how it compiles, the host's own charges, and the CPU's architecture unless `strict`.
pub(crate) fn identity(options: &Options) -> String {
    let arch = if options.strict { "any" } else { std::env::consts::ARCH };
    format!(
        "holobiont {} wasmtime {} arch {arch} strict {} stack {} call {} invocation {} byte {} tick {} accelerator {} weather {} adapter: {}",
        env!("CARGO_PKG_VERSION"),
        WASMTIME_VERSION,
        options.strict,
        options.stack_bytes,
        crate::meter::HOST_CALL_FUEL,
        crate::meter::INVOCATION_FUEL,
        crate::meter::FUEL_PER_BYTE,
        crate::meter::NS_PER_FUEL,
        crate::meter::OPERATIONS_PER_NS,
        crate::weather::MANNER,
        crate::adapt::MANNER,
    )
}

/// The engine's version; a test compares it with the lock file.
pub(crate) const WASMTIME_VERSION: &str = "48.0.8";

/// What compiled code depends on: everything in the configuration, since the loader itself accepts code
/// compiled at another optimisation level or NaN mode.
pub(crate) fn code_identity(options: &Options) -> Digest {
    let target = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
    Digest::of_parts([identity(options).as_bytes(), target.as_bytes()])
}

/// One thread per engine that advances its epoch. Deadlines are given in ticks: were each run to
/// advance the epoch for itself, one run's deadline would end its neighbours.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let engine = engine.weak();
        let thread = std::thread::Builder::new().name("holobiont-ticker".to_owned()).spawn(move || {
            let began = Instant::now();
            let mut told = 0;
            while !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(TICK);
                let Some(engine) = engine.upgrade() else { break };
                // By the clock and not by its own naps: on a busy machine it wakes late, and must catch up.
                let now = began.elapsed().as_nanos() / TICK.as_nanos();
                for _ in told..now {
                    engine.increment_epoch();
                }
                told = now;
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A ticker that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

/// Ticks until a deadline: one more than fit, since the current tick is already under way.
pub(crate) fn ticks(ns: u64) -> u64 {
    ns / (TICK.as_nanos() as u64) + 1
}
