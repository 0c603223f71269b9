//! Running a module, and what comes of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Instant;

use holobiont_core::{Conditions, Grants, LimitKind, Limits, Measurement, OutputFacts, WallTime};
use wasmtime::component::Instance;
use wasmtime::{Store, UpdateDeadline};

use crate::attribution::{Answer, outcome};
use crate::engine::ticks;
use crate::files::Files;
use crate::module::Module;
use crate::sandbox::{Sandbox, SandboxError};
use crate::scan::ModuleKind;
use crate::state::{RunState, Start};
use crate::stop::Stop;
use crate::types::{Failure, Parameter, Task};
use crate::weather::{Touches, Weather};
use crate::workspace::Workspace;

/// One run to be made: what the module gets, how much it may use, what it may reach.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    input: &'a [u8],
    media_type: &'a str,
    parameters: Option<&'a BTreeMap<String, String>>,
    limits: Limits,
    grants: Grants,
    conditions: Conditions,
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
            conditions: Conditions::default(),
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

    /// What befalls the run at its boundary. Default: nothing.
    #[must_use]
    pub fn conditions(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// The seed of the run's entropy and of its conditions. Default: 0.
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
        match module.kind() {
            ModuleKind::Candidate => self.execute(module, job, Vec::new(), call_candidate),
            ModuleKind::Command | ModuleKind::CoreCommand => {
                self.execute(module, job, job.input.to_vec(), call_command)
            }
            kind => Err(SandboxError::Kind { kind: kind.name(), asked: "run on an input" }),
        }
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
        let (run, score) = self.execute(module, job, Vec::new(), |store, instance, module, job| {
            call_scorer(store, instance, module, job, output, expected)
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
        let _permit = self.permits.acquire();
        let mut workspace = job.workspace.clone();
        workspace.begin();
        let room = job.limits.disk_bytes.saturating_sub(workspace.used_bytes());
        let weather = Weather::new(&job.conditions, job.seed, &module.digest(), job.input);
        let start = Start { files: job.files.for_run(room), workspace, weather };
        let state = RunState::new(&job.limits, &job.grants, job.seed, stdin, start);
        let mut store = Store::new(&self.engine, state);
        let began = Instant::now();
        let mut instantiated = began;
        let answer = self.prepare(&mut store, job).and_then(|()| {
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
                parts: Vec::new(),
            },
            output,
            wall: wall_time(module.compile_ns(), [began, instantiated, ended], state.host_wall_ns),
            workspace: state.workspace,
        };
        Ok((run, score))
    }

    /// Arms every limit before the first instruction: a start function runs under them too.
    fn prepare(&self, store: &mut Store<RunState>, job: &Job<'_>) -> wasmtime::Result<()> {
        let Limits {
            fuel: _,
            memory_bytes: _,
            time_ns: _,
            wall_time_ns,
            output_bytes: _,
            log_bytes: _,
            table_elements: _,
            instances: _,
            memories: _,
            handles,
            disk_bytes: _,
            host_call_bytes,
            host_data_bytes: _,
            bandwidth_bytes_per_s: _,
        } = &job.limits;
        // Fuel, time and bandwidth are the meter's; memory, tables, instances and memories the
        // limiter's; output, log, disk and host data the state's: all made from these limits.
        store.limiter(|state| &mut state.growth);
        store.set_epoch_deadline(ticks(*wall_time_ns));
        // A tick that was late counts for runs that began after it was due, so the clock has the last word.
        store.epoch_deadline_callback(|mut store| {
            let state = store.data_mut();
            match state.meter.wall_time_left_ns() {
                0 => Err(stopped(state, state.meter.out_of_wall_time().into())),
                left => Ok(UpdateDeadline::Continue(ticks(left))),
            }
        });
        store.set_hostcall_fuel(usize::try_from(*host_call_bytes).unwrap_or(usize::MAX));
        store.set_max_component_handles(usize::try_from(*handles).unwrap_or(usize::MAX));
        refuel(store)
    }
}

/// Fills the tank from the meter.
fn refuel(store: &mut Store<RunState>) -> wasmtime::Result<()> {
    let state = store.data_mut();
    match state.meter.release() {
        Ok(tank) => store.set_fuel(tank),
        Err(out) => Err(stopped(state, out.into())),
    }
}

fn stopped(state: &mut RunState, stop: Stop) -> wasmtime::Error {
    wasmtime::Error::new(state.stopped(stop))
}

/// Something crosses the boundary outside of a host call, which is charged for its bytes.
fn moved(store: &mut Store<RunState>, bytes: usize) -> wasmtime::Result<()> {
    hands_over(store, bytes, None)
}

/// The same, for data that goes to the guest.
fn hands_over(store: &mut Store<RunState>, bytes: usize, data: Option<&mut Cow<'_, [u8]>>) -> wasmtime::Result<()> {
    let left = store.get_fuel()?;
    let state = store.data_mut();
    state.meter.settle(left);
    let touches = if data.as_ref().is_some_and(|data| !data.is_empty()) { Touches::Data } else { Touches::Nothing };
    let counted = state.cross(touches).and_then(|()| state.moved(bytes as u64));
    if let (Some(weather), Some(data)) = (&mut state.weather, data)
        && weather.corrupts()
    {
        weather.corrupt(data.to_mut(), &state.meter);
    }
    state.end_call();
    if let Err(stop) = counted {
        return Err(stopped(state, stop));
    }
    refuel(store)
}

fn call_candidate(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
) -> wasmtime::Result<Answer> {
    let parameters: Vec<Parameter<'_>> =
        job.parameters.into_iter().flatten().map(|(name, value)| Parameter { name, value }).collect();
    let mut payload = Cow::Borrowed(job.input);
    hands_over(store, payload.len(), Some(&mut payload))?;
    let run = instance.get_typed_func::<(Task<'_>,), (Result<Vec<u8>, Failure>,)>(&mut *store, module.inner.entry)?;
    let task = Task { payload: &payload, media_type: job.media_type, parameters: &parameters };
    // The result is copied before the guest may clean up after itself; how much is copied is bounded by
    // what one call may move, which is looked at before anything is allocated.
    match run.call(&mut *store, (task,))?.0 {
        Err(failure) => {
            moved(store, 0)?;
            Ok(Answer::Failed(failure))
        }
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
    let answer = score.call(&mut *store, (job.input, output, expected))?.0;
    moved(store, 0)?;
    match answer {
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
