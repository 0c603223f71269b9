//! The sandbox: one engine, its linker, its cache, and loading.

use std::any::Any;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use holobiont_core::{CompileLimits, Digest, LimitKind, Outcome, Rejection, Unit, bytes_text, nearest, one_line};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::cache::Cache;
use crate::compile::{Compiler, NotMade, Wanted};
use crate::engine::{self, Ticker};
use crate::error::SandboxError;
use crate::fuse::{FuseError, pack};
use crate::host::{self, sockets};
use crate::interfaces::{INTERFACES, PLUGIN_VERSION};
use crate::linked::{self, Linkage, linkage};
use crate::module::{self, Inner, Module};
use crate::nest::{Nest, Room};
use crate::options::Options;
use crate::permits::Permits;
use crate::run::{Job, Run, Scored, Within, call_scorer, execute, run_module};
use crate::scan::{Facts, Import, MODULES, ModuleKind, Wish, inspect, is_strangers};
use crate::signature;
use crate::state::RunState;

/// What loading came to. Bytes that are no module are data, not an error.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// A module that can be run.
    Ready(Module),
    /// The outcome of any run of these bytes: why they cannot be.
    Refused(Outcome),
}

/// Sets up a [`Sandbox`].
#[derive(Clone, Debug, Default)]
pub struct SandboxBuilder {
    options: Options,
}

impl SandboxBuilder {
    /// Keeps compiled code in a folder of its own, which is made, and made private, when there is some to
    /// keep. Default: nowhere, so that every process compiles anew.
    #[must_use]
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.options.cache_dir = Some(dir.into());
        self
    }

    /// Makes floating-point results, and so measurements, the same on every CPU architecture. Default:
    /// off, since it costs code that works on floats about three times its fuel-for-time.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict;
        self
    }

    /// The stack of a guest, in bytes. Default: 512 KiB, the engine's own; the thread that calls
    /// [`Sandbox::run`] must have at least 1 MiB more than this.
    #[must_use]
    pub fn stack_bytes(mut self, bytes: usize) -> Self {
        self.options.stack_bytes = bytes;
        self
    }

    /// How much loading a module may cost. Default: [`CompileLimits::default`]. Bounds on time, memory
    /// and code hold with [`SandboxBuilder::compile_in`] only.
    #[must_use]
    pub fn compile_limits(mut self, limits: CompileLimits) -> Self {
        self.options.compile = limits;
        self
    }

    /// Compiles in a process of its own, which can be given up: a program whose `main` calls
    /// [`compile_worker`](crate::compile_worker) first, as a rule this one
    /// ([`std::env::current_exe`]). Default: in this process, which is right only for bytes that are
    /// trusted.
    #[must_use]
    pub fn compile_in(mut self, program: impl Into<PathBuf>) -> Self {
        self.options.compile_in = Some(program.into());
        self
    }

    /// How many runs may be under way at one time; a further one waits. Default: 64. Each takes 32 GiB
    /// of address space, though no memory until it is used.
    #[must_use]
    pub fn concurrent_runs(mut self, runs: u32) -> Self {
        self.options.concurrent_runs = runs.max(1);
        self
    }

    /// Starts the engine.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Engine`] when the machine does not give the address space or the thread.
    pub fn build(self) -> Result<Sandbox, SandboxError> {
        let options = self.options;
        let engine_error = |e: &dyn std::fmt::Display| SandboxError::Engine(one_line(&e.to_string()));
        let engine = Engine::new(&engine::config(&options, false)).map_err(|e| engine_error(&e))?;
        let mut linker = Linker::new(&engine);
        host::link(&mut linker).map_err(|e| engine_error(&e))?;
        let cache = options.cache_dir.as_deref().map(Cache::new);
        let ticker = Ticker::start(&engine).map_err(|e| engine_error(&e))?;
        let compiler = match &options.compile_in {
            None => Compiler::Here(engine.clone()),
            Some(program) => Compiler::Apart { program: program.clone(), turn: Mutex::new(()) },
        };
        Ok(Sandbox {
            compiler,
            identity: engine::identity(&options),
            code_identity: engine::code_identity(&options),
            permits: Permits::new(options.concurrent_runs),
            options,
            linker,
            cache,
            _ticker: ticker,
            engine,
        })
    }
}

/// Runs strangers' modules. One per process is enough: it can be shared between threads, and its runs
/// do not see each other.
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) permits: Permits,
    options: Options,
    linker: Linker<RunState>,
    cache: Option<Cache>,
    compiler: Compiler,
    identity: String,
    code_identity: Digest,
    _ticker: Ticker,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// The most modules that one may be linked with, over all its chains.
    pub const MOST_MODULES: usize = engine::MOST_MODULES;

    /// A sandbox to be set up.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// What a measurement of this sandbox depends on beside module, input, limits, conditions and
    /// seed: two sandboxes of the same identity measure the same.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The stack of a guest, in bytes.
    #[must_use]
    pub fn stack_bytes(&self) -> u64 {
        self.options.stack_bytes as u64
    }

    /// Makes a module of its bytes: reads, adapts, compiles or takes from the cache, and links it. Not
    /// one of its instructions is run.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host only.
    pub fn load(&self, bytes: &[u8]) -> Result<Loaded, SandboxError> {
        self.load_among(bytes, &[])
    }

    /// As [`load`](Self::load), for a module that may import what others export. An import that this host
    /// does not offer is met by the first of the others that exports the interface in a version that goes
    /// with it; calls then lead from the sandbox of the one into a sandbox of the other, with limits and a
    /// bill of its own. The others may have links themselves; since they were loaded before, there are no
    /// circles.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host only.
    pub fn load_among(&self, bytes: &[u8], others: &[Module]) -> Result<Loaded, SandboxError> {
        if !others.iter().all(|other| Engine::same(other.inner.pre.engine(), &self.engine)) {
            return Err(SandboxError::Fault("a module of another sandbox cannot be linked with".to_owned()));
        }
        match self.try_load(bytes, others) {
            Ok(module) => Ok(Loaded::Ready(module)),
            Err(Refusal::Outcome(outcome)) => Ok(Loaded::Refused(outcome)),
            Err(Refusal::Host(error)) => Err(error),
        }
    }

    /// Runs a candidate, a command or a pipeline on its input, in a fresh instance that nothing outlives. A
    /// pipeline that can invoke others, or a module that is linked with some, runs on a thread of its own, which has
    /// a stack for each of them.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host, or for a module or member that is none of these. Whatever
    /// the guest does is in the measurement.
    pub fn run(&self, module: &Module, job: &Job<'_>) -> Result<Run, SandboxError> {
        if !Engine::same(&self.engine, module.inner.pre.engine()) {
            return Err(SandboxError::Fault("the module was loaded by another sandbox".to_owned()));
        }
        let nest = Nest::outermost(&self.engine, module, job, self.stack_bytes())?;
        let room = nest.as_ref().map_or_else(|| Room::of(module), Nest::room);
        let within = self.within(job, nest.map(|nest| Box::new(nest) as Box<_>));
        self.in_room(room, || run_module(module, job, within))
    }

    /// Asks a scorer what an output is worth.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host, or for a module that is no scorer.
    pub fn score(
        &self,
        module: &Module,
        job: &Job<'_>,
        output: &[u8],
        expected: Option<&[u8]>,
    ) -> Result<Scored, SandboxError> {
        if module.kind() != ModuleKind::Scorer {
            return Err(SandboxError::Kind { kind: module.kind().name(), asked: "score an output" });
        }
        let within = self.within(job, None);
        let (run, score) = self.in_room(Room::of(module), || {
            execute(module, job, within, |store, instance, module, job| {
                call_scorer(store, instance, module, job, output, expected)
            })
        })?;
        Ok(Scored { measurement: run.measurement, score })
    }

    pub(crate) fn within(&self, job: &Job<'_>, nest: Option<Box<dyn Any + Send>>) -> Within {
        Within { workspace: job.run_workspace().clone(), nest, stack_bytes: self.stack_bytes() }
    }

    /// Makes a run where there are places in the pool for all of it, and on a stack for all of it: a run that
    /// others are inside of, or that calls others, goes on a thread of its own.
    pub(crate) fn in_room<T: Send>(
        &self,
        room: Room,
        run: impl FnOnce() -> Result<T, SandboxError> + Send,
    ) -> Result<T, SandboxError> {
        let _permit = self.permits.acquire(room.places);
        if room.stacks > 1 { on_a_stack_of(room.stack_bytes(self.options.stack_bytes), run)? } else { run() }
    }

    /// Makes one component of a root and the providers of what it imports, which loads as any other: the
    /// providers' exports meet imports of the root and of providers that stand before them, the first that
    /// goes with an import by the rule of [`load_among`](Self::load_among). It is made where compiling is
    /// done. The names are for words about what is wrong.
    ///
    /// # Errors
    ///
    /// [`FuseError::Refused`] when the components do not go together.
    pub fn fuse(&self, root: (&str, &[u8]), providers: &[(&str, &[u8])]) -> Result<Vec<u8>, FuseError> {
        let parts: Vec<_> = [root].into_iter().chain(providers.iter().copied()).collect();
        let bytes = parts.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        refuse_size(bytes, &self.options.compile).map_err(FuseError::Refused)?;
        self.compiler.make(Wanted::Fused, &pack(&parts), &self.options).map_err(|not_made| match not_made {
            NotMade::Module(outcome) => FuseError::Refused(outcome),
            NotMade::Host(words) => FuseError::Host(SandboxError::Fault(words)),
        })
    }

    fn try_load(&self, bytes: &[u8], others: &[Module]) -> Result<Module, Refusal> {
        let began = Instant::now();
        refuse_size(bytes.len() as u64, &self.options.compile)?;
        let facts = inspect(bytes)?;
        refuse_complexity(&facts, &self.options.compile)?;
        let digest = Digest::of(bytes);
        let Linkage { links, identity, depth, reach } = linkage(digest, &facts, others)?;
        let unmet = |import: &&Import| import.wish == Wish::Unknown && links.iter().all(|l| l.import != import.name);
        // An interface of types alone needs nobody who offers it, which shows only in what was compiled.
        let may_be_types = facts.kind == ModuleKind::Library || !others.is_empty();
        let unmet: Vec<&Import> = facts.imports.iter().filter(unmet).collect();
        if let Some(import) = unmet.iter().find(|import| !(may_be_types && is_strangers(&import.name))) {
            return Err(self.unknown_import(import, facts.kind, bytes, others).into());
        }
        let component = self.component(&digest, &facts, bytes)?;
        if let Some(import) = unmet.iter().find(|import| !linked::only_types(&component, &import.name)) {
            return Err(self.unknown_import(import, facts.kind, bytes, others).into());
        }
        let mut linker = std::borrow::Cow::Borrowed(&self.linker);
        if facts.imports.iter().any(|import| sockets::is_socket_import(&import.name)) {
            sockets::link(linker.to_mut(), &component).map_err(|e| Refusal::fault(&e))?;
        }
        for import in unmet {
            linker.to_mut().instance(&import.name).map_err(|e| Refusal::fault(&e))?;
        }
        let mut parts = linked::Parts::new();
        for (place, link) in links.iter().enumerate() {
            let functions = linked::functions(&component, link, &mut parts)?;
            linked::link(linker.to_mut(), (place, link), functions, self.stack_bytes())
                .map_err(|e| Refusal::fault(&e))?;
        }
        let mismatch = |words: String| Refusal::Outcome(Outcome::rejected(Rejection::InterfaceMismatch, words));
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|e| mismatch(self.difference(bytes).unwrap_or_else(|| format!("{e:#}"))))?;
        // A core module's own exports are `_start` and the like; the adapter made it a command.
        let command = [format!("{}@0.2.6", ModuleKind::Command.entry_interface())];
        let exports = if facts.kind == ModuleKind::CoreCommand { &command[..] } else { &facts.exports };
        let entry = module::entry_export(facts.kind, exports)
            .filter(|export| signature::fits(&component, facts.kind, export))
            .and_then(|export| module::entry(&component, facts.kind, export))
            .ok_or_else(|| {
                let function = signature::function(facts.kind);
                let interface = facts.kind.entry_interface();
                let words = self.difference(bytes).map(|words| format!(": {words}")).unwrap_or_default();
                mismatch(format!("exports `{interface}` without a `{function}` of the type that the host calls{words}"))
            })?;
        let memories = component.resources_required().map_or(0, |needs| u64::from(needs.num_memories));
        let compile_ns = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Ok(Module {
            inner: Arc::new(Inner { digest, facts, pre, entry, memories, compile_ns, links, identity, depth, reach }),
        })
    }

    /// Compiled code: from the cache, or made and kept.
    fn component(&self, digest: &Digest, facts: &Facts, bytes: &[u8]) -> Result<Component, Refusal> {
        let name = Digest::of_parts([digest.as_bytes().as_slice(), self.code_identity.as_bytes()]);
        if let Some(code) = self.cache.as_ref().and_then(|cache| cache.get(&name))
            && let Ok(component) = self.deserialize(&code)
        {
            return Ok(component);
        }
        let wanted = match facts.kind {
            ModuleKind::CoreCommand => Wanted::CoreModule,
            _ => Wanted::Component,
        };
        let code = self.compiler.make(wanted, bytes, &self.options).map_err(|not_made| match not_made {
            NotMade::Module(outcome) => Refusal::Outcome(other_abi(&outcome, facts).unwrap_or(outcome)),
            NotMade::Host(words) => Refusal::Host(SandboxError::Fault(words)),
        })?;
        let component = self.deserialize(&code).map_err(|e| Refusal::Outcome(not_loaded(&e)))?;
        if let Some(cache) = &self.cache {
            // A cache that cannot be written, on a full disk for one, costs the next process time.
            if let Err(error) = cache.put(&name, &code) {
                tracing::warn!(%error, "compiled code was not kept");
            }
        }
        Ok(component)
    }

    #[expect(unsafe_code, reason = "loading compiled code is unsafe by nature; see the safety comment")]
    fn deserialize(&self, code: &[u8]) -> wasmtime::Result<Component> {
        // SAFETY: the code was made by this host. Either its own worker has just handed it over through a
        // pipe that nobody else holds, or `Cache::get` gave it back, which it does only for bytes that
        // carry this host's authentication tag for this very name, in a folder that only this user can
        // write. The name covers the whole compile configuration, which the engine does not check in full.
        unsafe { Component::deserialize(&self.engine, code) }
    }

    /// How a component differs from this host's interfaces, in words, if it does.
    fn difference(&self, bytes: &[u8]) -> Option<String> {
        let words = self.compiler.make(Wanted::Difference, bytes, &self.options).ok()?;
        String::from_utf8(words).ok().filter(|words| !words.is_empty())
    }

    fn unknown_import(&self, import: &Import, kind: ModuleKind, bytes: &[u8], others: &[Module]) -> Outcome {
        let (base, version) = crate::scan::split_version(&import.name);
        if base == MODULES && kind != ModuleKind::Pipeline {
            let detail = format!("imports `{MODULES}`, which only a pipeline is given");
            return Outcome::Denied { detail };
        }
        let (reason, remedy) = if INTERFACES.contains(&base) {
            let offered = if base.starts_with("wasi:") { "0.2" } else { PLUGIN_VERSION };
            (Rejection::InterfaceMismatch, format!("this host offers version {offered} of it, not {version}"))
        } else if let Some(words) = base.starts_with("holobiont:").then(|| self.difference(bytes)).flatten() {
            (Rejection::InterfaceMismatch, words)
        } else if other_wasi(&import.name).is_some() {
            // Whatever it is, it is not for this host: a name that is near would lead astray.
            (Rejection::InterfaceMismatch, format!("this host offers WASI 0.2, not {version}"))
        } else {
            let near = nearest(base, INTERFACES).map(|near| format!("; the nearest it has is `{near}`"));
            let others = match others.len() {
                0 => String::new(),
                count => format!(", and none of the {count} modules that it was loaded among does"),
            };
            (Rejection::UnknownImport, format!("this host does not offer it{others}{}", near.unwrap_or_default()))
        };
        Outcome::rejected(reason, format_args!("imports `{}`: {remedy}", import.name))
    }
}

/// Does work on a thread that has a stack large enough for it.
fn on_a_stack_of<T: Send>(bytes: usize, work: impl FnOnce() -> T + Send) -> Result<T, SandboxError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("holobiont-nested".to_owned()).stack_size(bytes);
        let thread = thread
            .spawn_scoped(scope, work)
            .map_err(|e| SandboxError::Fault(format!("no thread for several stacks: {e}")))?;
        Ok(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Why a module was not loaded.
enum Refusal {
    Outcome(Outcome),
    Host(SandboxError),
}

impl Refusal {
    fn fault(error: &dyn std::fmt::Display) -> Self {
        Self::Host(SandboxError::Fault(one_line(&error.to_string())))
    }
}

impl From<Outcome> for Refusal {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

/// The version of an interface of WASI that is not 0.2.
fn other_wasi(name: &str) -> Option<&str> {
    let (base, version) = crate::scan::split_version(name);
    (base.starts_with("wasi:") && !version.is_empty() && !version.starts_with("0.2.")).then_some(version)
}

/// A component that exports `wasi:cli/run` of WASI 0.2 and of 0.3 passes for a command, and then does not
/// compile, since 0.3 is built on the async ABI.
fn other_abi(outcome: &Outcome, facts: &Facts) -> Option<Outcome> {
    if !outcome.detail().contains("component model async") {
        return None;
    }
    let (export, version) = facts.exports.iter().find_map(|export| Some((export, other_wasi(export)?)))?;
    let words = format_args!("exports `{export}`: this host offers WASI 0.2, not {version}");
    Some(Outcome::rejected(Rejection::InterfaceMismatch, words))
}

fn refuse_size(asked: u64, limits: &CompileLimits) -> Result<(), Outcome> {
    let allowed = limits.module_bytes;
    if asked <= allowed {
        return Ok(());
    }
    let words = format!("{} of module, limit {}", bytes_text(asked), bytes_text(allowed));
    Err(Outcome::rejected(Rejection::TooLarge, words))
}

/// What is too intricate to be worth trying; what gets past this still compiles under bounds.
fn refuse_complexity(facts: &Facts, limits: &CompileLimits) -> Result<(), Outcome> {
    let bounds = [
        ("functions", facts.functions, limits.functions),
        ("bytes in one function", facts.largest_function_bytes, limits.function_bytes),
    ];
    match bounds.iter().find(|(_, asked, allowed)| asked > allowed) {
        None => Ok(()),
        Some((what, asked, allowed)) => {
            Err(Outcome::rejected(Rejection::TooComplex, format_args!("{asked} {what}, limit {allowed}")))
        }
    }
}

fn not_loaded(error: &wasmtime::Error) -> Outcome {
    let words = format!("{error:#}");
    // The pool refuses when code is loaded what no run could hold; wasmtime gives it no type of its own.
    let most = |kind, most: u64| Outcome::limit(kind, Unit::Count, most + 1, most);
    if words.contains("core module instances") {
        return most(LimitKind::Instances, u64::from(engine::MOST_INSTANCES));
    }
    if words.contains("pooling allocator") && words.contains("memor") {
        return most(LimitKind::Instances, u64::from(engine::MOST_MEMORIES));
    }
    if words.contains("pooling allocator") && words.contains("table") {
        return most(LimitKind::Tables, engine::MOST_TABLE_ELEMENTS as u64);
    }
    Outcome::rejected(Rejection::Invalid, words)
}
