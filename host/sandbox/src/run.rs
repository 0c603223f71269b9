//! Running a module, and what comes of it.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Instant;

use holobiont_core::{Conditions, Grants, LimitKind, Limits, Measurement, OutputFacts, Relation, WallTime};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::arm::{arm, hands_over, moved, stopped};
use crate::attribution::{Answer, outcome};
use crate::error::SandboxError;
use crate::files::Files;
use crate::member::Member;
use crate::module::{self, Module};
use crate::scan::ModuleKind;
use crate::state::{RunState, Start};
use crate::stop::Stop;
use crate::types::{Descriptor, Failure, Parameter, Report, Task};
use crate::weather::Weather;
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
    members: &'a [Member],
    energy: f64,
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
            members: &[],
            energy: 1.0,
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

    /// The modules that a pipeline may invoke, in the order in which it is told of them; of two with one id
    /// the first counts. Others do not see them. Default: none.
    #[must_use]
    pub fn members(mut self, members: &'a [Member]) -> Self {
        self.members = members;
        self
    }

    /// How hard a pipeline is to try, from 1 to 100; what lies outside is brought inside. It is told to the
    /// pipeline and to those that it invokes, and changes nothing else: a budget that grows with it is the
    /// caller's to set, by [`Job::limits`]. Default: 1.
    #[must_use]
    pub fn energy(mut self, energy: f64) -> Self {
        self.energy = if energy.is_nan() { 1.0 } else { energy.clamp(1.0, 100.0) };
        self
    }

    /// The blackboard that an earlier step left. Default: an empty one.
    #[must_use]
    pub fn workspace(mut self, workspace: Workspace) -> Self {
        self.workspace = workspace;
        self
    }

    pub(crate) fn run_workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn run_seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn run_energy(&self) -> f64 {
        self.energy
    }

    pub(crate) fn run_members(&self) -> &'a [Member] {
        self.members
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

/// What a run is made in: the host's sandbox, or another run.
pub(crate) struct Within {
    pub(crate) workspace: Workspace,
    pub(crate) nest: Option<Box<dyn Any + Send>>,
    pub(crate) stack_bytes: u64,
}

/// Runs a module that takes an input; its place in the pool is its caller's affair.
pub(crate) fn run_module(module: &Module, job: &Job<'_>, within: Within) -> Result<Run, SandboxError> {
    match module.kind() {
        ModuleKind::Candidate => execute(module, job, within, call_candidate),
        ModuleKind::Pipeline => execute(module, job, within, call_pipeline),
        ModuleKind::Command | ModuleKind::CoreCommand => execute(module, job, within, call_command),
        kind => Err(SandboxError::Kind { kind: kind.name(), asked: "run on an input" }),
    }
    .map(|(run, _)| run)
}

/// Makes one run, from arming its limits to naming how it ended.
pub(crate) fn execute(
    module: &Module,
    job: &Job<'_>,
    within: Within,
    call: impl FnOnce(&mut Store<RunState>, &Instance, &Module, &Job<'_>) -> wasmtime::Result<Answer>,
) -> Result<(Run, Option<f64>), SandboxError> {
    let Within { mut workspace, nest, stack_bytes } = within;
    workspace.begin();
    let room = job.limits.disk_bytes.saturating_sub(workspace.used_bytes());
    let weather = Weather::new(&job.conditions, job.seed, &module.digest(), job.input);
    let start = Start { files: job.files.for_run(room), workspace, weather, nest };
    let stdin = match module.kind() {
        ModuleKind::Command | ModuleKind::CoreCommand => job.input.to_vec(),
        _ => Vec::new(),
    };
    let mut state = RunState::new(&job.limits, &job.grants, job.seed, stdin, start);
    state.count_links(module.inner.links.iter().map(|link| &link.name));
    let mut store = Store::new(module.inner.pre.engine(), state);
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
    let (outcome, answer) = outcome(&mut state, answer, stack_bytes)?;
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
    usage.instances = usage.instances.max(module.inner.facts.core_instances);
    usage.memories = usage.memories.max(module.inner.memories);
    let mut parts = std::mem::take(&mut state.parts);
    for part in std::mem::take(&mut state.callees).into_parts() {
        part.put_on(&mut parts);
    }
    parts.sort_by_key(|part| part.relation == Relation::Linked);
    let run = Run {
        measurement: Measurement {
            outcome,
            usage,
            output: OutputFacts::of(&output),
            metrics: std::mem::take(&mut state.metrics),
            logs: state.take_logs(),
            parts,
        },
        output,
        wall: wall_time(module.compile_ns(), [began, instantiated, ended], state.host_wall_ns),
        workspace: state.workspace,
    };
    Ok((run, score))
}

/// Hands a task over: its payload, as it arrives, and its parameters.
fn hand_task<'j>(store: &mut Store<RunState>, job: &Job<'j>) -> wasmtime::Result<(Cow<'j, [u8]>, Vec<Parameter<'j>>)> {
    let mut payload = Cow::Borrowed(job.input);
    hands_over(store, payload.len(), Some(&mut payload))?;
    let parameters = job.parameters.into_iter().flatten().map(|(name, value)| Parameter { name, value });
    Ok((payload, parameters.collect()))
}

fn call_candidate(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
) -> wasmtime::Result<Answer> {
    let (payload, parameters) = hand_task(store, job)?;
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
            allow_output(store, bytes.len(), job)?;
            moved(store, bytes.len())?;
            Ok(Answer::Bytes(bytes))
        }
    }
}

fn call_pipeline(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
) -> wasmtime::Result<Answer> {
    let (payload, parameters) = hand_task(store, job)?;
    let run =
        instance.get_typed_func::<(Task<'_>, f64), (Result<Report, Failure>,)>(&mut *store, module.inner.entry)?;
    let task = Task { payload: &payload, media_type: job.media_type, parameters: &parameters };
    match run.call(&mut *store, (task, job.energy))?.0 {
        Err(failure) => {
            moved(store, 0)?;
            Ok(Answer::Failed(failure))
        }
        Ok(report) => {
            let words = report.words();
            let Report { output, summary, metrics } = report;
            allow_output(store, output.len(), job)?;
            moved(store, output.len() + words)?;
            let state = store.data_mut();
            let mut kept = metrics.into_iter().try_for_each(|(name, value)| state.record_metric(name, value));
            if !summary.is_empty() {
                kept = kept.and_then(|()| state.log("info", summary));
            }
            kept.map_err(|stop| stopped(state, stop))?;
            Ok(Answer::Bytes(output))
        }
    }
}

/// What a module says of itself.
pub(crate) fn call_describe(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
) -> wasmtime::Result<Descriptor> {
    let describe = module::entry_export(module.kind(), &module.facts().exports)
        .and_then(|export| instance.get_export_index(&mut *store, None, export))
        .and_then(|interface| instance.get_export_index(&mut *store, Some(&interface), "describe"))
        .ok_or_else(|| wasmtime::format_err!("no `describe`"))?;
    let describe = instance.get_typed_func::<(), (Descriptor,)>(&mut *store, describe)?;
    let (descriptor,) = describe.call(&mut *store, ())?;
    moved(store, descriptor.bytes())?;
    Ok(descriptor)
}

/// Whether a result is as small as it must be.
pub(crate) fn allow_output(store: &mut Store<RunState>, bytes: usize, job: &Job<'_>) -> wasmtime::Result<()> {
    let (asked, allowed) = (bytes as u64, job.limits.output_bytes);
    if asked > allowed {
        return Err(stopped(store.data_mut(), Stop::limit(LimitKind::Output, asked, allowed)));
    }
    Ok(())
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

pub(crate) fn call_scorer(
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
