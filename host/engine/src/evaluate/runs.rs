//! Single runs: remembered, or made.
//!
//! A run is keyed by everything it depends on, its input's digest included; so the same run under two names, in
//! two chains or in two questions is one.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use holobiont_core::{
    Conditions, Digest, LimitKind, Limits, Measurement, ModuleId, Outcome, OutputFacts, Rejection, Step, Usage,
    WallTime,
};
use holobiont_sandbox::{Job, Loaded, Member, Sandbox, SandboxError, Workspace};

use super::candidates::Candidate;
use super::{EvaluateError, Evaluator};
use crate::inputs::Input;
use crate::json::json;
use crate::store::StoredRun;

/// A run that used less fuel than this, about a millisecond's worth, is sooner made again than read back, so the
/// store is not asked to keep it.
const CHEAP_FUEL: u64 = 1_000_000;

/// Outputs that a thread keeps at hand for the rest of an input's trials, in bytes.
const MEMO_BYTES: usize = 128 << 20;

/// Runs that one thread has made or met for one input, by key, until they are handed to the store together.
#[derive(Default)]
pub(super) struct Memo {
    known: HashMap<Digest, Arc<StoredRun>>,
    new: Vec<(Digest, Arc<StoredRun>)>,
    bytes: usize,
}

impl Memo {
    fn keep(&mut self, key: Digest, run: &Arc<StoredRun>) {
        if self.bytes > MEMO_BYTES {
            self.known.clear();
            self.bytes = 0;
        }
        self.bytes += run.output.as_ref().map_or(0, Vec::len);
        self.known.insert(key, Arc::clone(run));
    }
}

/// Under what runs are made.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) limits: Limits,
    pub(super) conditions: Conditions,
    pub(super) seed: u64,
    pub(super) media_type: String,
    key: Digest,
}

impl Terms {
    pub(super) fn new(limits: Limits, conditions: Conditions, seed: u64, media_type: &str) -> Self {
        let key = Digest::of_parts([
            json(&limits).as_slice(),
            &json(&conditions),
            &seed.to_le_bytes(),
            media_type.as_bytes(),
        ]);
        Self { limits, conditions, seed, media_type: media_type.to_owned(), key }
    }

    pub(super) fn key(&self) -> &Digest {
        &self.key
    }
}

/// A step that is ready to be run on any input.
#[derive(Clone)]
pub(super) struct ReadyStep {
    pub(super) candidate: Arc<Candidate>,
    parameters: BTreeMap<String, String>,
    /// Modules that it may import from or invoke; none for a step that does neither.
    others: Vec<Arc<Candidate>>,
    /// How hard a pipeline is to try; 1 for all else, to which it makes no difference.
    energy: u8,
    /// Of the module, the parameters, the others and the energy.
    pub(super) key: Digest,
    loaded: Arc<OnceLock<(Loaded, Vec<Member>)>>,
}

impl ReadyStep {
    fn new(
        candidate: Arc<Candidate>,
        parameters: BTreeMap<String, String>,
        others: Vec<Arc<Candidate>>,
        energy: u8,
    ) -> Self {
        let energy = if candidate.is_pipeline() { energy } else { 1 };
        let parameters_key = json(&parameters);
        let parts = [candidate.identity.as_bytes().as_slice(), &parameters_key];
        let ids = others.iter().flat_map(|other| [other.identity.as_bytes().as_slice(), other.id.as_str().as_bytes()]);
        // With the energy that all have where nobody says otherwise, the key is the one without.
        let energy_key = [energy];
        let more = (energy > 1).then_some(energy_key.as_slice());
        let key = Digest::of_parts(parts.into_iter().chain(ids).chain(more));
        Self { candidate, parameters, others, energy, key, loaded: Arc::default() }
    }

    /// The same step with another value of a parameter.
    pub(super) fn told(&self, parameter: &str, value: &str) -> Self {
        let mut parameters = self.parameters.clone();
        parameters.insert(parameter.to_owned(), value.to_owned());
        Self::new(Arc::clone(&self.candidate), parameters, self.others.clone(), self.energy)
    }

    /// The same step with other modules about it, if that makes a difference to it.
    pub(super) fn among(&self, modules: &[Arc<Candidate>]) -> Self {
        if !self.candidate.needs_others() {
            return self.clone();
        }
        let others = modules.iter().filter(|other| other.id != self.candidate.id).cloned().collect();
        Self::new(Arc::clone(&self.candidate), self.parameters.clone(), others, self.energy)
    }

    fn load(&self, sandbox: &Sandbox) -> Result<&(Loaded, Vec<Member>), EvaluateError> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let loaded = self.candidate.load_among(sandbox, &self.others)?;
        Ok(self.loaded.get_or_init(|| loaded))
    }
}

/// What a step is given by the one before it.
#[derive(Clone)]
pub(super) struct Handed<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) digest: Digest,
    pub(super) workspace: &'a BTreeMap<String, Vec<u8>>,
}

impl<'a> From<&'a Input> for Handed<'a> {
    fn from(input: &'a Input) -> Self {
        static NOTHING: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Self { bytes: &input.bytes, digest: input.digest, workspace: &NOTHING }
    }
}

impl<'a> From<&'a StoredRun> for Handed<'a> {
    fn from(run: &'a StoredRun) -> Self {
        let bytes = run.output.as_deref().unwrap_or_default();
        Self { bytes, digest: run.measurement.output.digest, workspace: &run.workspace }
    }
}

impl Evaluator<'_> {
    /// A step that is ready to be run.
    pub(super) fn ready(&self, step: &Step) -> Result<ReadyStep, EvaluateError> {
        Ok(ReadyStep::new(self.candidate(&step.module)?, step.parameters.clone(), Vec::new(), self.energy))
    }

    /// One step on what it is handed. `gentler`, where given, are terms of which these are a stricter form.
    pub(super) fn step(
        &self,
        step: &ReadyStep,
        handed: &Handed<'_>,
        terms: &Terms,
        gentler: Option<&Terms>,
        memo: &mut Memo,
    ) -> Result<Arc<StoredRun>, EvaluateError> {
        let workspace = if handed.workspace.is_empty() { Vec::new() } else { json(handed.workspace) };
        let key = |terms: &Terms| {
            self.key(&[b"step", step.key.as_bytes(), terms.key.as_bytes(), handed.digest.as_bytes(), &workspace])
        };
        if let Some(gentler) = gentler
            && let Some(run) = memo.known.get(&key(gentler))
            && is_same_under(&run.measurement, gentler, terms)
        {
            return Ok(Arc::clone(run));
        }
        self.remembered(key(terms), memo, || {
            let candidate = &step.candidate;
            let (module, members) = match step.load(self.sandbox)? {
                (Loaded::Ready(module), members) => (module, members),
                (Loaded::Refused(outcome), _) => return Ok(refused(outcome.clone())),
            };
            let job = Job::new(handed.bytes)
                .media_type(&terms.media_type)
                .parameters(&step.parameters)
                .limits(terms.limits.clone())
                .conditions(terms.conditions.clone())
                .members(members)
                .energy(f64::from(step.energy))
                .grants(candidate.grants.clone())
                .files(candidate.files.clone())
                .seed(terms.seed)
                .workspace(Workspace::from_entries(handed.workspace.clone()));
            let run = match self.sandbox.run(module, &job) {
                // A stranger's module may be of any kind.
                Err(error @ SandboxError::Kind { .. }) => return Ok(refused(of_another_kind(&error))),
                run => run?,
            };
            Ok(StoredRun {
                measurement: run.measurement,
                score: None,
                workspace: run.workspace.entries().clone(),
                output: Some(run.output),
            })
        })
    }

    /// What a scorer says of an output.
    pub(super) fn score(
        &self,
        scorer: &ModuleId,
        input: &Input,
        output: (&[u8], &Digest),
        expected: Option<&[u8]>,
        terms: &Terms,
        memo: &mut Memo,
    ) -> Result<Arc<StoredRun>, EvaluateError> {
        let candidate = self.candidate(scorer)?;
        let expected_key = expected.map_or_else(Vec::new, |bytes| Digest::of(bytes).as_bytes().to_vec());
        let key = self.key(&[
            b"score",
            candidate.digest.as_bytes(),
            input.digest.as_bytes(),
            output.1.as_bytes(),
            &expected_key,
            terms.key.as_bytes(),
        ]);
        self.remembered(key, memo, || {
            let module = match candidate.load(self.sandbox)? {
                Loaded::Ready(module) => module,
                Loaded::Refused(outcome) => {
                    return Err(EvaluateError::Scorer { id: scorer.clone(), outcome: outcome.clone() });
                }
            };
            let job = Job::new(&input.bytes).limits(terms.limits.clone()).seed(terms.seed);
            let scored = match self.sandbox.score(module, &job, output.0, expected) {
                Err(error @ SandboxError::Kind { .. }) => {
                    return Err(EvaluateError::Scorer { id: scorer.clone(), outcome: of_another_kind(&error) });
                }
                scored => scored?,
            };
            Ok(StoredRun {
                measurement: scored.measurement,
                score: scored.score,
                workspace: BTreeMap::new(),
                output: Some(Vec::new()),
            })
        })
    }

    /// The run of a key: from this thread's memo, from the store, or made now.
    fn remembered(
        &self,
        key: Digest,
        memo: &mut Memo,
        make: impl FnOnce() -> Result<StoredRun, EvaluateError>,
    ) -> Result<Arc<StoredRun>, EvaluateError> {
        if let Some(run) = memo.known.get(&key) {
            return Ok(Arc::clone(run));
        }
        if let Some(run) = self.store.run(&key)?.filter(|run| run.output.is_some()) {
            self.reused.fetch_add(1, Ordering::Relaxed);
            let run = Arc::new(run);
            memo.keep(key, &run);
            return Ok(run);
        }
        let run = Arc::new(make()?);
        self.made.fetch_add(1, Ordering::Relaxed);
        if run.measurement.usage.fuel >= CHEAP_FUEL && repeatable(&run.measurement.outcome) {
            memo.new.push((key, Arc::clone(&run)));
        }
        memo.keep(key, &run);
        Ok(run)
    }

    /// Hands new runs to the store.
    pub(super) fn commit(&self, memo: Memo) -> Result<(), EvaluateError> {
        if memo.new.is_empty() {
            return Ok(());
        }
        Ok(self.store.remember(&memo.new)?)
    }

    pub(super) fn key(&self, parts: &[&[u8]]) -> Digest {
        Digest::of_parts([self.sandbox.identity().as_bytes()].into_iter().chain(parts.iter().copied()))
    }
}

/// Whether a run would end so again: real time is the one limit that depends on the machine.
pub(super) fn repeatable(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Limit { limit: LimitKind::WallTime, .. })
}

/// Whether a run made under one set of terms is, bit for bit, what it would be under stricter ones.
///
/// A guest meets a limit only where it goes past it: a run that completed within the stricter limits never met them.
/// Bandwidth is no such limit, since it is felt all the time, and neither is weather.
///
/// Entropy it meets only where it asks for some.
fn is_same_under(measurement: &Measurement, gentler: &Terms, stricter: &Terms) -> bool {
    if !measurement.outcome.is_completed()
        || !measurement.parts.is_empty()
        || !gentler.conditions.is_calm()
        || !stricter.conditions.is_calm()
        || gentler.limits.bandwidth_bytes_per_s != stricter.limits.bandwidth_bytes_per_s
        || gentler.media_type != stricter.media_type
    {
        return false;
    }
    let usage = &measurement.usage;
    let random = usage.interfaces.iter().any(|used| used.name.starts_with("wasi:random/"));
    if random && gentler.seed != stricter.seed {
        return false;
    }
    let wall = WallTime::default();
    Limits::FIELDS.iter().all(|field| {
        let (given, less) = ((field.get)(&gentler.limits), (field.get)(&stricter.limits));
        less == given || (less < given && (field.used)(usage, &wall).is_some_and(|used| used <= less))
    })
}

/// What comes of asking a module for what only others do.
pub(super) fn of_another_kind(error: &SandboxError) -> Outcome {
    Outcome::rejected(Rejection::NoEntryPoint, error)
}

/// The run of a module that cannot be run.
fn refused(outcome: Outcome) -> StoredRun {
    StoredRun {
        measurement: Measurement {
            outcome,
            usage: Usage::default(),
            output: OutputFacts::of(&[]),
            metrics: BTreeMap::new(),
            logs: Vec::new(),
            parts: Vec::new(),
        },
        score: None,
        workspace: BTreeMap::new(),
        output: Some(Vec::new()),
    }
}
