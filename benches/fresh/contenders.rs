//! Those that do the work, each in a fresh sandbox per call.

use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use holobiont_core::Outcome;
use holobiont_sandbox::{Job, Loaded, Sandbox};
use wasmtime::component::{Component, ComponentType, Lift, Linker, Lower, ResourceTable};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::Result;
use crate::options::Options;
use crate::settings::config;

const CANDIDATE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bench_candidate.wasm"));
const EXTISM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bench_extism.wasm"));

pub(crate) const HOLOBIONT: &str = "holobiont";
pub(crate) const BARE: &str = "bare";
pub(crate) const STUBBED: &str = "bare-stubbed";
pub(crate) const FUEL_ONLY: &str = "bare-fuel-only";
pub(crate) const UNMETERED: &str = "bare-unmetered";
pub(crate) const DEFAULT_POOL: &str = "default-pool";
pub(crate) const ON_DEMAND: &str = "default-on-demand";
pub(crate) const PEER: &str = "extism";
pub(crate) const NATIVE: &str = "native";

/// The same for all that have such a limit; far above what the work needs.
const FUEL: u64 = 1_000_000_000;
const MEDIA_TYPE: &str = "application/json";

type Work = Box<dyn Fn(&[u8]) -> Result<Vec<u8>> + Send + Sync>;

/// Somebody who does the work.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    work: Work,
}

impl Contender {
    /// Does it once, from nothing but compiled code.
    pub(crate) fn run(&self, input: &[u8]) -> Result<Vec<u8>> {
        (self.work)(input)
    }
}

/// All of them, ready to be run.
pub(crate) fn all() -> Result<Vec<Contender>> {
    let of = |name, about, work| Contender { name, about, work };
    let tuned = || config(&Options::default(), false);
    let mut fuel_only = tuned();
    fuel_only.epoch_interruption(false);
    let mut unmetered = tuned();
    unmetered.consume_fuel(false).epoch_interruption(false);
    let mut pool = Config::new();
    pool.allocation_strategy(InstanceAllocationStrategy::pooling());
    Ok(vec![
        of(
            HOLOBIONT,
            "`Sandbox::run`: all limits, fuel, virtual time and memory measured, output digested",
            holobiont()?,
        ),
        of(
            BARE,
            "wasmtime on the sandbox's engine settings, with a WASI context",
            bare(&tuned(), true, Imports::Wasi)?,
        ),
        of(STUBBED, "the same with traps in place of WASI: the least that runs", bare(&tuned(), true, Imports::Traps)?),
        of(FUEL_ONLY, "as `bare`, compiled without epochs", bare(&fuel_only, true, Imports::Wasi)?),
        of(UNMETERED, "as `bare`, compiled without fuel and epochs", bare(&unmetered, false, Imports::Wasi)?),
        of(DEFAULT_POOL, "wasmtime's pooling allocator as it comes, no metering", bare(&pool, false, Imports::Wasi)?),
        of(ON_DEMAND, "wasmtime as it comes, no metering", bare(&Config::new(), false, Imports::Wasi)?),
        of(PEER, "Extism 1.30 with a fuel limit, a `Plugin` per call of one `CompiledPlugin`", peer()?),
        of(
            NATIVE,
            "the work alone, in the host: what no sandbox can beat",
            Box::new(|input| Ok(guest_work::work(input)?)),
        ),
    ])
}

fn holobiont() -> Result<Work> {
    let sandbox = Sandbox::builder().build()?;
    let module = match sandbox.load(CANDIDATE)? {
        Loaded::Ready(module) => module,
        Loaded::Refused(outcome) => return Err(outcome.to_string().into()),
    };
    Ok(Box::new(move |input| {
        let run = sandbox.run(&module, &Job::new(input).media_type(MEDIA_TYPE))?;
        match run.measurement.outcome {
            Outcome::Completed { .. } => Ok(run.output),
            outcome => Err(outcome.to_string().into()),
        }
    }))
}

/// What stands behind a candidate's imports.
#[derive(Clone, Copy)]
enum Imports {
    /// WASI as wasmtime brings it, in a context of its own for each call, with nothing granted.
    Wasi,
    /// Nothing: the work calls none of them.
    Traps,
}

/// The loop that somebody would write who wants the work done and nothing else: no limits but what the
/// engine insists on, nothing counted, nothing kept.
fn bare(config: &Config, metered: bool, imports: Imports) -> Result<Work> {
    let engine = Engine::new(config)?;
    let component = Component::from_binary(&engine, CANDIDATE)?;
    let module = component.get_export_index(None, "holobiont:plugin/module@0.1.0").ok_or("exports no module")?;
    let entry = component.get_export_index(Some(&module), "run").ok_or("exports no function `run`")?;
    let mut linker: Linker<Host> = Linker::new(&engine);
    if matches!(imports, Imports::Wasi) {
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    }
    linker.define_unknown_imports_as_traps(&component)?;
    let pre = linker.instantiate_pre(&component)?;
    Ok(Box::new(move |input| {
        let wasi = match imports {
            Imports::Wasi => Some((WasiCtx::builder().build(), ResourceTable::new())),
            Imports::Traps => None,
        };
        let mut store = Store::new(&engine, Host { wasi });
        if metered {
            store.set_fuel(FUEL)?;
            store.set_epoch_deadline(u64::MAX / 2);
        }
        let instance = pre.instantiate(&mut store)?;
        let run = instance.get_typed_func::<(Task<'_>,), (Result<Vec<u8>, Failure>,)>(&mut store, entry)?;
        let task = Task { payload: input, media_type: MEDIA_TYPE, parameters: &[] };
        run.call(&mut store, (task,))?.0.map_err(|failure| format!("{failure:?}").into())
    }))
}

struct Host {
    wasi: Option<(WasiCtx, ResourceTable)>,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (ctx, table) = self.wasi.get_or_insert_with(|| (WasiCtx::builder().build(), ResourceTable::new()));
        WasiCtxView { ctx, table }
    }
}

// The types of wit/holobiont.wit that a candidate's function takes and gives.

#[derive(ComponentType, Lower)]
#[component(record)]
struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Task<'a> {
    payload: &'a [u8],
    #[component(name = "media-type")]
    media_type: &'a str,
    parameters: &'a [Parameter<'a>],
}

#[derive(ComponentType, Debug, Lift)]
#[component(variant)]
#[expect(dead_code, reason = "shown as a whole when it happens")]
enum Failure {
    #[component(name = "invalid-input")]
    InvalidInput(String),
    #[component(name = "invalid-parameter")]
    InvalidParameter(String),
    #[component(name = "unsupported")]
    Unsupported(String),
    #[component(name = "internal")]
    Internal(String),
}

fn peer() -> Result<Work> {
    let manifest = Manifest::new([Wasm::data(EXTISM)]);
    let builder = PluginBuilder::new(manifest).with_wasi(false).with_cache_disabled().with_fuel_limit(FUEL);
    let compiled = CompiledPlugin::new(builder)?;
    Ok(Box::new(move |input| Ok(Plugin::new_from_compiled(&compiled)?.call::<&[u8], Vec<u8>>("run", input)?)))
}
