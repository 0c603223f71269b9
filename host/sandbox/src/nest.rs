//! Runs inside of a run: a pipeline and the modules that it invokes.
//!
//! Each is a run like any other, in a store of its own, with what is left of its caller's limits. Its caller
//! pays for it, and waits for it on the same thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use holobiont_core::{Digest, Grants, Limits, Measurement, Part, Relation};
use wasmtime::Engine;

use crate::attribution::Answer;
use crate::engine::{MOST_DEPTH, MOST_PLACES};
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
pub(crate) const MOST_DESCRIPTOR_BYTES: u64 = 64 << 10;

/// What the host's own frames take of a thread's stack between two runs: an unoptimised host needs a few
/// dozen KiB.
const FRAMES_BYTES: usize = 256 << 10;

/// What a run takes of the machine beside memory, with all that it may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    /// Places in the pool.
    pub(crate) places: u32,
    /// Guests that may be under way on one thread at one time, each with a stack of its own size.
    pub(crate) stacks: u32,
}

impl Room {
    /// What a module takes, with those that it is linked with; not with those that it may invoke.
    pub(crate) fn of(module: &Module) -> Self {
        let count = |more: usize| u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1);
        Self { places: count(module.inner.reach.len()), stacks: count(module.inner.depth) }
    }

    /// This, and what another takes inside of it.
    fn and(self, inside: Self) -> Self {
        Self { places: self.places + inside.places, stacks: self.stacks + inside.stacks }
    }

    /// The stack that a thread needs for it.
    pub(crate) fn stack_bytes(self, guest: usize) -> usize {
        (self.stacks as usize).saturating_mul(guest.saturating_add(FRAMES_BYTES)).saturating_add(1 << 20)
    }

    /// The most that some modules take of which each is called by the one before: as many as there may be inside
    /// of the first, and of those that call nobody only one.
    fn of_chain(between: impl Iterator<Item = Self>, last: impl Iterator<Item = Self>) -> Self {
        const MOST: usize = MOST_DEPTH as usize - 1;
        let (between, last): (Vec<_>, Vec<_>) = (between.collect(), last.collect());
        let sum = |part: fn(&Self) -> u32| {
            let mut between: Vec<u32> = between.iter().map(part).collect();
            between.sort_unstable_by(|a, b| b.cmp(a));
            between.truncate(MOST);
            let all: u32 = between.iter().sum();
            let last = last.iter().map(part).max().unwrap_or_default();
            // Where there is no room for one more, the one at the end takes the place of the least.
            let least = between.get(MOST - 1).copied().unwrap_or_default();
            all - least + last.max(least)
        };
        Self { places: sum(|room| room.places), stacks: sum(|room| room.stacks) }
    }
}

/// What a run of a pipeline has to invoke others with.
#[derive(Debug)]
pub(crate) struct Nest {
    stack_bytes: u64,
    members: Arc<[Member]>,
    /// The pipelines that this run is inside of, the host's first and itself last.
    chain: Vec<Digest>,
    /// What the runs of the chain take.
    taken: Room,
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
            if matches!(member.module.kind(), ModuleKind::Scorer | ModuleKind::Patcher | ModuleKind::Library) {
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
            taken: Room::of(module),
            seed: job.run_seed(),
            energy: job.run_energy(),
            invocations: 0,
            descriptors: None,
        }))
    }

    /// What may come to be taken by runs inside one another, this one included: each pipeline once, and at the
    /// end something that invokes nothing.
    pub(crate) fn room(&self) -> Room {
        // Of pipelines with the same bytes and other links, the one that takes more.
        let mut pipelines: BTreeMap<Digest, Room> = BTreeMap::new();
        let others = self.members.iter().map(|member| &member.module);
        for module in others.clone().filter(|module| invokes(module) && !self.chain.contains(&module.digest())) {
            let (known, room) = (pipelines.entry(module.digest()).or_default(), Room::of(module));
            *known = Room { places: known.places.max(room.places), stacks: known.stacks.max(room.stacks) };
        }
        let ends = others.filter(|module| !invokes(module)).map(Room::of);
        let inside = Room::of_chain(pipelines.into_values(), ends);
        // No stack is without a place, so that what bounds places bounds both.
        let Room { places, stacks } = self.taken.and(inside);
        Room { places: places.min(MOST_PLACES), stacks: stacks.min(MOST_PLACES) }
    }

    /// Whether there is room for one run more inside of this one.
    fn has_room(&self, module: &Module) -> bool {
        self.chain.len() < MOST_DEPTH as usize && self.taken.places + Room::of(module).places <= MOST_PLACES
    }

    /// The nest of a run inside of this one, if it is one that can invoke.
    fn inside(&self, module: &Module, job: &Job<'_>) -> Option<Self> {
        invokes(module).then(|| Self {
            stack_bytes: self.stack_bytes,
            members: Arc::clone(&self.members),
            chain: self.chain.iter().copied().chain([module.digest()]).collect(),
            taken: self.taken.and(Room::of(module)),
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
    if !nest(state).is_some_and(|nest| nest.has_room(&member.module)) {
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
    if !nest.has_room(&member.module) || nest.chain.contains(&member.module.digest()) {
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
    let Some(nest) = nest(state) else { return Err(Stop::Fault("a run without a nest invokes nothing".to_owned())) };
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
        // It is why the run ends, whatever else is true by now.
        Err(fault) => return Err(state.stopped(fault.into())),
    };
    note_run(&mut state.parts, &member.module, &mut run.measurement);
    state.workspace = std::mem::take(&mut run.workspace);
    state.workspace.resume(peak, refused);
    state.share_disk();
    state.absorb(&run.measurement);
    state.quote(member.id.as_str(), std::mem::take(&mut run.measurement.logs));
    // One that used up the fuel or the time there was has used up its caller's.
    state.meter.check()?;
    Ok(run)
}

/// Puts a run on the bill of its module, and on theirs what others did for it that is not on its own.
fn note_run(parts: &mut Vec<Part>, module: &Module, run: &mut Measurement) {
    let (outcome, usage) = (run.outcome.clone(), run.usage.clone());
    Part { digest: module.digest(), relation: Relation::Invoked, calls: 1, outcome, usage }.put_on(parts);
    for part in std::mem::take(&mut run.parts).into_iter().filter(|part| part.relation == Relation::Linked) {
        part.put_on(parts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(places: &[u32]) -> impl Iterator<Item = Room> {
        places.iter().map(|places| Room { places: *places, stacks: 1 })
    }

    #[test]
    fn the_worst_chain_has_seven_inside_the_first_and_one_at_the_end() {
        let chain = |between: &[u32], last: &[u32]| Room::of_chain(rooms(between), rooms(last));
        assert_eq!(chain(&[], &[]), Room::default());
        assert_eq!(chain(&[], &[1, 17, 3]), Room { places: 17, stacks: 1 });
        assert_eq!(chain(&[2, 5], &[3]), Room { places: 10, stacks: 3 });
        assert_eq!(chain(&[1, 2, 3, 4, 5, 6, 7, 8], &[]), Room { places: 35, stacks: 7 });
        assert_eq!(chain(&[1, 2, 3, 4, 5, 6, 7, 8], &[9]), Room { places: 42, stacks: 7 });
        assert_eq!(chain(&[1, 2, 3, 4, 5, 6, 7, 8], &[1]), Room { places: 35, stacks: 7 });
    }
}
