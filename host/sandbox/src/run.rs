//! Running a module, and what comes of it.

use std::collections::BTreeMap;
use std::time::Instant;

use holobiont_core::{Grants, LimitKind, Limits, Measurement, OutputFacts, WallTime};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::arm::{arm, moved, stopped};
use crate::attribution::{Answer, outcome};
use crate::error::SandboxError;
use crate::files::Files;
use crate::module::Module;
use crate::sandbox::Sandbox;
use crate::scan::ModuleKind;
use crate::state::{RunState, Start};
use crate::stop::Stop;
use crate::types::{Failure, Parameter, Task};
use crate::workspace::Workspace;

/// One run to be made: what the module gets, how much it may use, what it may reach.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    input: &'a [u8],
    media_type: &'a str,
    parameters: Option<&'a BTreeMap<String, String>>,
    limits: Limits,
    grants: Grants,
    seed: u64,
    workspace: Workspace,
    files: Files,
}

impl<'a> Job<'a> {
    /// A run on some input, under the limits of the preset `standard` and with nothing granted.
    #[must_use]
    pub fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            media_type: "application/octet-stream",
            parameters: None,
            limits: Limits::default(),
            grants: Grants::default(),
            seed: 0,
            workspace: Workspace::default(),
            files: Files::default(),
        }
    }

    /// What the input is. Default: `application/octet-stream`.
    #[must_use]
    pub fn media_type(mut self, media_type: &'a str) -> Self {
        self.media_type = media_type;
        self
    }

    /// The parameters of the task; a command does not see them. Default: none.
    #[must_use]
    pub fn parameters(mut self, parameters: &'a BTreeMap<String, String>) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// How much the run may use. Default: [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What the run may reach. Default: nothing.
    #[must_use]
    pub fn grants(mut self, grants: Grants) -> Self {
        self.grants = grants;
        self
    }

    /// The seed of the run's entropy. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Directories of the host. Default: none.
    #[must_use]
    pub fn files(mut self, files: Files) -> Self {
        self.files = files;
        self
    }

    /// The blackboard that an earlier step left. Default: an empty one.
    #[must_use]
    pub fn workspace(mut self, workspace: Workspace) -> Self {
        self.workspace = workspace;
        self
    }
}

/// What came of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// The part that is the same every time.
    pub measurement: Measurement,
    /// What it gave back; empty unless it came to an end of its own.
    pub output: Vec<u8>,
    /// Where the real time went.
    pub wall: WallTime,
    /// The blackboard as the run left it.
    pub workspace: Workspace,
}

/// What came of asking a scorer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scored {
    /// The scorer's own run.
    pub measurement: Measurement,
    /// The score in units, if the scorer completed and gave a finite number.
    pub score: Option<f64>,
}

impl Sandbox {
    /// Runs a candidate or a command on its input, in a fresh instance that nothing outlives.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host, or for a module that is neither. Whatever the guest
    /// does is in the measurement.
    pub fn run(&self, module: &Module, job: &Job<'_>) -> Result<Run, SandboxError> {
        deep(module, self.stack_bytes(), || match module.kind() {
            ModuleKind::Candidate => self.execute(module, job, Vec::new(), call_candidate),
            ModuleKind::Command | ModuleKind::CoreCommand => {
                self.execute(module, job, job.input.to_vec(), call_command)
            }
            kind => Err(SandboxError::Kind { kind: kind.name(), asked: "run on an input" }),
        })
        .map(|(run, _)| run)
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
        let (run, score) = deep(module, self.stack_bytes(), || {
            self.execute(module, job, Vec::new(), |store, instance, module, job| {
                call_scorer(store, instance, module, job, output, expected)
            })
        })?;
        Ok(Scored { measurement: run.measurement, score })
    }

    fn execute(
        &self,
        module: &Module,
        job: &Job<'_>,
        stdin: Vec<u8>,
        call: impl FnOnce(&mut Store<RunState>, &Instance, &Module, &Job<'_>) -> wasmtime::Result<Answer>,
    ) -> Result<(Run, Option<f64>), SandboxError> {
        let linked = u32::try_from(module.inner.reach.len()).unwrap_or(u32::MAX);
        let _permit = self.permits.acquire_many(linked.saturating_add(1));
        let mut workspace = job.workspace.clone();
        workspace.begin();
        let room = job.limits.disk_bytes.saturating_sub(workspace.used_bytes());
        let start = Start { files: job.files.for_run(room), workspace };
        let mut state = RunState::new(&job.limits, &job.grants, job.seed, stdin, start);
        state.count_links(module.inner.links.iter().map(|link| &link.name));
        let mut store = Store::new(&self.engine, state);
        let began = Instant::now();
        let mut instantiated = began;
        let answer = arm(&mut store, &job.limits).and_then(|()| {
            let instance = module.inner.pre.instantiate(&mut store);
            instantiated = Instant::now();
            call(&mut store, &instance?, module, job)
        });
        let ended = Instant::now();
        if let Ok(left) = store.get_fuel() {
            store.data_mut().meter.settle(left);
        }
        let mut state = store.into_data();
        let (outcome, answer) = outcome(&mut state, answer, self.stack_bytes())?;
        let (output, score) = match answer {
            Some(Answer::Bytes(bytes)) => (bytes, None),
            Some(Answer::Stdout(_)) => (std::mem::take(&mut state.stdout), None),
            Some(Answer::Score(score)) => (Vec::new(), Some(score)),
            Some(Answer::Failed(_)) | None => (Vec::new(), None),
        };
        if outcome.is_completed() {
            job.files.write_back(&state.files)?;
        }
        let mut usage = state.usage();
        usage.output_bytes = output.len() as u64;
        usage.instances = module.inner.facts.core_instances;
        usage.memories = module.inner.memories;
        let run = Run {
            measurement: Measurement {
                outcome,
                usage,
                output: OutputFacts::of(&output),
                metrics: std::mem::take(&mut state.metrics),
                logs: state.take_logs(),
                parts: state.callees.into_parts(),
            },
            output,
            wall: wall_time(module.compile_ns(), [began, instantiated, ended], state.host_wall_ns),
            workspace: state.workspace,
        };
        Ok((run, score))
    }
}

/// Room on the stack for the host, beside the guest's.
const HOST_STACK_BYTES: u64 = 1 << 20;

/// Does some work where the stack has room for a chain of linked modules: each has a guest's whole stack, on
/// top of its caller's.
fn deep<R: Send>(
    module: &Module,
    stack_bytes: u64,
    work: impl FnOnce() -> Result<R, SandboxError> + Send,
) -> Result<R, SandboxError> {
    if module.inner.depth == 0 {
        return work();
    }
    let bytes = (module.inner.depth as u64 + 1) * (stack_bytes + HOST_STACK_BYTES);
    let thread = std::thread::Builder::new().name("holobiont-linked".to_owned());
    std::thread::scope(|scope| {
        thread
            .stack_size(usize::try_from(bytes).unwrap_or(usize::MAX))
            .spawn_scoped(scope, work)
            .map_err(|e| SandboxError::Fault(format!("cannot start a thread for linked modules: {e}")))?
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn call_candidate(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
) -> wasmtime::Result<Answer> {
    let parameters: Vec<Parameter<'_>> =
        job.parameters.into_iter().flatten().map(|(name, value)| Parameter { name, value }).collect();
    moved(store, job.input.len())?;
    let run = instance.get_typed_func::<(Task<'_>,), (Result<Vec<u8>, Failure>,)>(&mut *store, module.inner.entry)?;
    let task = Task { payload: job.input, media_type: job.media_type, parameters: &parameters };
    // The result is copied before the guest may clean up after itself; how much is copied is bounded by
    // what one call may move, which is looked at before anything is allocated.
    match run.call(&mut *store, (task,))?.0 {
        Err(failure) => Ok(Answer::Failed(failure)),
        Ok(bytes) => {
            let (asked, allowed) = (bytes.len() as u64, job.limits.output_bytes);
            if asked > allowed {
                return Err(stopped(store.data_mut(), Stop::limit(LimitKind::Output, asked, allowed)));
            }
            moved(store, bytes.len())?;
            Ok(Answer::Bytes(bytes))
        }
    }
}

fn call_command(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    _: &Job<'_>,
) -> wasmtime::Result<Answer> {
    let run = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut *store, module.inner.entry)?;
    let (result,) = run.call(&mut *store, ())?;
    Ok(Answer::Stdout(i32::from(result.is_err())))
}

fn call_scorer(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
    output: &[u8],
    expected: Option<&[u8]>,
) -> wasmtime::Result<Answer> {
    moved(store, job.input.len() + output.len() + expected.map_or(0, <[u8]>::len))?;
    let score = instance
        .get_typed_func::<(&[u8], &[u8], Option<&[u8]>), (Result<f64, Failure>,)>(&mut *store, module.inner.entry)?;
    match score.call(&mut *store, (job.input, output, expected))?.0 {
        Ok(score) => Ok(Answer::Score(score)),
        Err(failure) => Ok(Answer::Failed(failure)),
    }
}

fn wall_time(compile_ns: u64, [began, instantiated, ended]: [Instant; 3], host_ns: u64) -> WallTime {
    let ns = |from: Instant, to: Instant| u64::try_from((to - from).as_nanos()).unwrap_or(u64::MAX);
    WallTime {
        compile_ns,
        instantiate_ns: ns(began, instantiated),
        guest_ns: ns(instantiated, ended).saturating_sub(host_ns),
        host_ns,
    }
}
