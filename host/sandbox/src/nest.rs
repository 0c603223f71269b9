//! Runs inside of a run: a pipeline and the modules that it invokes.
//!
//! Each is a run like any other, in a store of its own, with what is left of its caller's limits. Its caller
//! pays for it, and waits for it on the same thread.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use holobiont_core::{Digest, Grants, Limits, Measurement, Part, Relation};
use wasmtime::Engine;

use crate::attribution::Answer;
use crate::engine::MOST_DEPTH;
use crate::error::SandboxError;
use crate::member::{Member, invokes};
use crate::meter::INVOCATION_FUEL;
use crate::module::Module;
use crate::run::{Job, Run, Within, call_describe, execute, run_module};
use crate::scan::ModuleKind;
use crate::state::RunState;
use crate::stop::Stop;
use crate::types::{AskedTask, Descriptor, InvokeError, MemberFacts};

/// The most that a module may say of itself, in bytes: it is kept for as long as the pipeline runs.
const MOST_DESCRIPTOR_BYTES: u64 = 64 << 10;

/// What the host's own frames take of a thread's stack between two runs: an unoptimised host needs a few
/// dozen KiB.
const FRAMES_BYTES: usize = 256 << 10;

/// What a run of a pipeline has to invoke others with.
#[derive(Debug)]
pub(crate) struct Nest {
    stack_bytes: u64,
    members: Arc<[Member]>,
    /// The pipelines that this run is inside of, the host's first and itself last.
    chain: Vec<Digest>,
    seed: u64,
    energy: f64,
    invocations: u64,
    descriptors: Option<Vec<Descriptor>>,
}

impl Nest {
    /// The nest of a run that the host asks for, if it is one of a pipeline that can invoke at all.
    pub(crate) fn outermost(
        engine: &Engine,
        module: &Module,
        job: &Job<'_>,
        stack_bytes: u64,
    ) -> Result<Option<Self>, SandboxError> {
        if !invokes(module) {
            return Ok(None);
        }
        for member in job.run_members() {
            if matches!(member.module.kind(), ModuleKind::Scorer | ModuleKind::Patcher) {
                let kind = member.module.kind().name();
                return Err(SandboxError::Kind { kind, asked: "be invoked by a pipeline" });
            }
            if !Engine::same(engine, member.module.inner.pre.engine()) {
                return Err(SandboxError::Fault(format!("{} was loaded by another sandbox", member.id)));
            }
        }
        Ok(Some(Self {
            stack_bytes,
            members: job.run_members().into(),
            chain: vec![module.digest()],
            seed: job.run_seed(),
            energy: job.run_energy(),
            invocations: 0,
            descriptors: None,
        }))
    }

    /// How many runs may come to be inside one another, this one included: each pipeline once, and at the
    /// end something that invokes nothing.
    pub(crate) fn places(&self) -> u32 {
        let pipelines = self.members.iter().filter(|member| invokes(&member.module));
        let all: BTreeSet<Digest> = pipelines.map(|member| member.module.digest()).chain(self.chain.clone()).collect();
        let ends = self.members.iter().any(|member| !invokes(&member.module));
        let places = all.len() + usize::from(ends);
        u32::try_from(places).unwrap_or(u32::MAX).min(MOST_DEPTH)
    }

    /// The stack that the thread needs on which the nest runs.
    pub(crate) fn thread_stack_bytes(&self) -> usize {
        let guest = usize::try_from(self.stack_bytes).unwrap_or(usize::MAX);
        (self.places() as usize).saturating_mul(guest.saturating_add(FRAMES_BYTES)).saturating_add(1 << 20)
    }

    /// Whether there is room for one run more inside of this one.
    fn has_room(&self) -> bool {
        self.chain.len() < MOST_DEPTH as usize
    }

    /// The nest of a run inside of this one, if it is one that can invoke.
    fn inside(&self, module: &Module, job: &Job<'_>) -> Option<Self> {
        invokes(module).then(|| Self {
            stack_bytes: self.stack_bytes,
            members: Arc::clone(&self.members),
            chain: self.chain.iter().copied().chain([module.digest()]).collect(),
            seed: job.run_seed(),
            energy: self.energy,
            invocations: 0,
            descriptors: None,
        })
    }

    /// The seed of the next invocation: of the run's, the module and the ordinal of the call.
    fn next_seed(&mut self, module: &Module) -> u64 {
        let digest = module.digest();
        let parts = [&self.seed.to_le_bytes()[..], digest.as_bytes(), &self.invocations.to_le_bytes()];
        self.invocations += 1;
        let digest = Digest::of_parts(parts);
        digest.as_bytes().iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
    }

    /// The modules there are, once they are described, and the bytes that telling of them takes.
    pub(crate) fn facts(&self) -> impl Iterator<Item = (&Member, &Descriptor)> {
        self.members.iter().zip(self.descriptors.iter().flatten())
    }
}

fn nest(state: &RunState) -> Option<&Nest> {
    state.nest.as_deref()?.downcast_ref()
}

fn nest_mut(state: &mut RunState) -> Option<&mut Nest> {
    state.nest.as_deref_mut()?.downcast_mut()
}

/// Has every member describe itself, unless they have.
pub(crate) fn describe_all(state: &mut RunState) -> Result<(), Stop> {
    let Some(nest) = nest(state).filter(|nest| nest.descriptors.is_none()) else { return Ok(()) };
    let members = Arc::clone(&nest.members);
    let descriptors = members.iter().map(|member| describe(state, member)).collect::<Result<Vec<_>, Stop>>()?;
    if let Some(nest) = nest_mut(state) {
        nest.descriptors = Some(descriptors);
    }
    Ok(())
}

/// The modules there are, as a pipeline is told of them.
pub(crate) fn member_facts(state: &RunState) -> Vec<MemberFacts> {
    let facts = nest(state).into_iter().flat_map(Nest::facts);
    facts
        .map(|(member, descriptor)| MemberFacts { id: member.id.as_str().to_owned(), descriptor: descriptor.clone() })
        .collect()
}

/// Bytes of what [`member_facts`] gives.
pub(crate) fn member_facts_bytes(state: &RunState) -> usize {
    let facts = nest(state).into_iter().flat_map(Nest::facts);
    facts.map(|(member, descriptor)| member.id.as_str().len() + descriptor.bytes()).sum()
}

/// What a member says of itself, in a sandbox of its own; of one that says nothing, the host says its id.
fn describe(state: &mut RunState, member: &Member) -> Result<Descriptor, Stop> {
    let by_the_host = |summary: &str| Descriptor {
        name: member.id.as_str().to_owned(),
        summary: summary.to_owned(),
        ..Descriptor::default()
    };
    match member.module.kind() {
        ModuleKind::Candidate => {}
        ModuleKind::Pipeline => return Ok(by_the_host("A pipeline, which may invoke the others.")),
        _ => return Ok(by_the_host("A command: the payload is its standard input, its output the result.")),
    }
    if !nest(state).is_some_and(Nest::has_room) {
        return Ok(by_the_host(""));
    }
    let mut limits = enter(state)?;
    limits.host_call_bytes = limits.host_call_bytes.min(MOST_DESCRIPTOR_BYTES);
    let job = Job::new(&[]).limits(limits);
    let mut said = None;
    let run = nested(state, member, job, |job, within| {
        let call = |store: &mut _, instance: &_, module: &Module, _: &Job<'_>| {
            said = Some(call_describe(store, instance, module)?);
            Ok(Answer::Bytes(Vec::new()))
        };
        execute(&member.module, job, within, call).map(|(run, _)| run)
    })?;
    let said = said.filter(|_| run.measurement.outcome.is_completed());
    Ok(said.unwrap_or_else(|| by_the_host("")))
}

/// Runs a member on a task.
pub(crate) fn invoke(state: &mut RunState, id: &str, task: &AskedTask) -> Result<Result<Vec<u8>, InvokeError>, Stop> {
    let Some(nest) = nest_mut(state) else { return Ok(Err(InvokeError::UnknownModule)) };
    let members = Arc::clone(&nest.members);
    let Some(member) = members.iter().find(|member| member.id.as_str() == id) else {
        return Ok(Err(InvokeError::UnknownModule));
    };
    if !nest.has_room() || nest.chain.contains(&member.module.digest()) {
        return Ok(Err(InvokeError::TooDeep));
    }
    let (seed, energy) = (nest.next_seed(&member.module), nest.energy);
    // A run that the host asks for has no name twice either; of several values the first is what modules find.
    let mut parameters = BTreeMap::new();
    for parameter in &task.parameters {
        parameters.entry(parameter.name.clone()).or_insert_with(|| parameter.value.clone());
    }
    let limits = enter(state)?;
    let job = Job::new(&task.payload)
        .media_type(&task.media_type)
        .parameters(&parameters)
        .limits(limits)
        .seed(seed)
        .energy(energy);
    let run = nested(state, member, job, |job, within| run_module(&member.module, job, within))?;
    let outcome = &run.measurement.outcome;
    Ok(if outcome.is_completed() { Ok(run.output) } else { Err(InvokeError::of(outcome)) })
}

/// Pays for a sandbox, and gives the limits of the run in it.
fn enter(state: &mut RunState) -> Result<Limits, Stop> {
    state.meter.charge(INVOCATION_FUEL);
    state.meter.check()?;
    Ok(state.left())
}

/// Makes a run inside of another.
fn nested(
    state: &mut RunState,
    member: &Member,
    job: Job<'_>,
    run: impl FnOnce(&Job<'_>, Within) -> Result<Run, SandboxError>,
) -> Result<Run, Stop> {
    let Some(nest) = nest(state) else { return Err(Stop::Fault) };
    let grants = Grants { realtime: state.grants.realtime, ..member.grants.clone() };
    // The same weather is over all of it; what befalls a run inside is drawn from its own seed and input.
    let conditions = state.weather.as_ref().map(|weather| weather.conditions().clone()).unwrap_or_default();
    let job = job.grants(grants).files(member.files.clone()).conditions(conditions);
    let inside = nest.inside(&member.module, &job).map(|nest| Box::new(nest) as Box<_>);
    let stack_bytes = nest.stack_bytes;
    // The blackboard goes in and comes out again: there is one for the whole group.
    let workspace = std::mem::take(&mut state.workspace);
    let (peak, refused) = (workspace.peak_bytes(), workspace.refused());
    let came = run(&job, Within { workspace, nest: inside, stack_bytes });
    let mut run = match came {
        Ok(run) => run,
        Err(fault) => {
            state.fault = Some(fault);
            return Err(Stop::Fault);
        }
    };
    note(&mut state.parts, &member.module, &run.measurement);
    state.workspace = std::mem::take(&mut run.workspace);
    state.workspace.resume(peak, refused);
    state.share_disk();
    state.absorb(&run.measurement);
    state.quote(member.id.as_str(), std::mem::take(&mut run.measurement.logs));
    // One that used up the fuel or the time there was has used up its caller's.
    state.meter.check()?;
    Ok(run)
}

/// Puts a run on the bill of its module.
fn note(parts: &mut Vec<Part>, module: &Module, run: &Measurement) {
    let digest = module.digest();
    let Some(part) = parts.iter_mut().find(|part| part.digest == digest) else {
        let (outcome, usage) = (run.outcome.clone(), run.usage.clone());
        parts.push(Part { digest, relation: Relation::Invoked, calls: 1, outcome, usage });
        return;
    };
    part.calls += 1;
    part.usage.add(&run.usage);
    if part.outcome.is_completed() {
        part.outcome = run.outcome.clone();
    }
}
