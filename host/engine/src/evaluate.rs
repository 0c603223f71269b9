//! Making the runs that a question needs, and no others.
//!
//! A run is keyed by everything it depends on, its input's digest included. So equal prefixes of two
//! chains are one run, a changed module re-runs only what comes after it, and asking again runs
//! nothing; none of that needs a plan of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holobiont_core::{
    Arm, ArmView, Digest, End, Grants, Invocation, LimitKind, Limits, Measurement, MetricContext, ModuleId, Objective,
    Outcome, OutputFacts, Role, Sample, Step, Trials, Usage, Workflow, measure,
};
use holobiont_sandbox::{Files, FilesError, Job, Loaded, Sandbox, SandboxError, Workspace};

use crate::comparison::{ArmReport, Comparison};
use crate::inputs::Input;
use crate::parallel::in_parallel;
use crate::project::{Project, ProjectError};
use crate::settings::SettingsError;
use crate::store::{Store, StoreError, StoredRun};

/// Why a question could not be answered. What modules did is never a reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// Something in the project is missing or wrong.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A directory that holobiont.toml grants cannot be.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The sandbox failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The objective's scorer cannot be used.
    #[error("scorer {id}: {outcome}")]
    Scorer {
        /// The scorer.
        id: ModuleId,
        /// Why not.
        outcome: Outcome,
    },
}

/// How far a question is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// Trials done.
    pub done: u64,
    /// Trials in all.
    pub total: u64,
    /// Runs made so far.
    pub runs_made: u64,
}

/// One step of a chain as it ran.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepRun {
    /// The module.
    pub module: ModuleId,
    /// Its digest.
    pub digest: Digest,
    /// What came of it.
    pub measurement: Measurement,
}

/// A chain of steps as it ran on one input.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChainRun {
    /// The steps that ran: all of them, or those up to the first that did not complete.
    pub steps: Vec<StepRun>,
    /// What came out; `None` if a step did not complete.
    pub output: Option<Vec<u8>>,
}

/// Makes the runs that questions need, remembers them, and answers from what is remembered.
pub struct Evaluator<'a> {
    project: &'a Project,
    sandbox: &'a Sandbox,
    store: &'a dyn Store,
    candidates: Mutex<HashMap<ModuleId, Arc<Candidate>>>,
    made: AtomicU64,
    reused: AtomicU64,
}

/// A module of the project: its bytes are read once and stay what was measured, and it is compiled only
/// if a run has to be made.
struct Candidate {
    digest: Digest,
    bytes: Vec<u8>,
    loaded: OnceLock<Loaded>,
    /// What it may reach in a trial, and the files it then sees.
    grants: Grants,
    files: Files,
    /// Of all that the files hold, so taken once and not for each run.
    files_digest: Digest,
}

/// Runs that one thread has made or met, by key, until they are handed to the store together.
#[derive(Default)]
struct Memo {
    known: HashMap<Digest, StoredRun>,
    new: Vec<Digest>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for a project.
    #[must_use]
    pub fn new(project: &'a Project, sandbox: &'a Sandbox, store: &'a dyn Store) -> Self {
        Self {
            project,
            sandbox,
            store,
            candidates: Mutex::default(),
            made: AtomicU64::new(0),
            reused: AtomicU64::new(0),
        }
    }

    /// Compares a group of a workflow with its members alone, on the workflow's inputs, on as many
    /// threads as there are cores. `listen` is told how far it is, from any of them.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] when something is missing or a part of the host fails; never for what a module
    /// of the group does.
    pub fn synergy(
        &self,
        workflow: &Workflow,
        group: &[ModuleId],
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<Comparison, EvaluateError> {
        let (made, reused) = (self.made.load(Ordering::Relaxed), self.reused.load(Ordering::Relaxed));
        let limits = self.project.settings.limits()?;
        let inputs = self.project.inputs(workflow)?;
        let arms = Arm::of_group(group);
        for id in group.iter().chain([&workflow.objective.scorer]) {
            self.candidate(id)?;
        }
        let total = (arms.len() * inputs.len()) as u64;
        let done = AtomicU64::new(0);
        let trials = in_parallel(inputs.len(), |index| {
            let input = &inputs[index];
            let mut memo = Memo::default();
            let mut trials = Vec::with_capacity(arms.len());
            for arm in &arms {
                let steps: Vec<&Step> =
                    workflow.steps.iter().filter(|s| group.contains(&s.module) && arm.includes(&s.module)).collect();
                trials.push(self.trial(workflow, &steps, input, &limits, &mut memo)?);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                listen(Progress { done, total, runs_made: self.made.load(Ordering::Relaxed) - made });
            }
            self.commit(memo)?;
            Ok::<_, EvaluateError>(trials)
        })?;
        self.store.trim_outputs(self.project.settings.keep_output_bytes)?;
        let context = MetricContext { limits: &limits, statics: &[], past_roi: &[], past_profitability: &[] };
        let reports = arms.into_iter().enumerate().map(|(place, arm)| {
            let own: Vec<&Trial> = trials.iter().filter_map(|of_input| of_input.get(place)).collect();
            let samples: Vec<Sample> = own.iter().map(|trial| trial.sample.clone()).collect();
            let troubles = own
                .iter()
                .zip(&inputs)
                .filter_map(|(trial, input)| Some((input.name.clone(), trial.trouble.clone()?)))
                .collect();
            ArmReport {
                modules: group.iter().filter(|id| arm.includes(id)).cloned().collect(),
                metrics: measure(&ArmView {
                    trials: &[Trials {
                        scenario: "nominal".to_owned(),
                        role: Role::Nominal,
                        threat_intensity: 0.0,
                        samples: samples.clone(),
                        classes: Vec::new(),
                    }],
                    inputs: samples.len(),
                    draw: None,
                    context: &context,
                }),
                units: own.iter().map(|trial| trial.units).collect(),
                samples,
                troubles,
                arm,
            }
        });
        let names = inputs.iter().map(|input| input.name.clone()).collect();
        let mut comparison = Comparison::of(workflow, group, names, reports.collect());
        comparison.runs_made = self.made.load(Ordering::Relaxed) - made;
        comparison.runs_reused = self.reused.load(Ordering::Relaxed) - reused;
        Ok(comparison)
    }

    /// Runs all steps of a workflow on one input.
    ///
    /// # Errors
    ///
    /// As [`Evaluator::synergy`].
    pub fn run_workflow(&self, workflow: &Workflow, input: &Input) -> Result<ChainRun, EvaluateError> {
        let limits = self.project.settings.limits()?;
        let steps: Vec<&Step> = workflow.steps.iter().collect();
        let mut memo = Memo::default();
        let chain = self.chain(&steps, None, &workflow.media_type, input, &limits, &mut memo)?;
        self.commit(memo)?;
        Ok(chain)
    }

    /// One arm on one input: the chain forwards, then what its output is worth.
    fn trial(
        &self,
        workflow: &Workflow,
        steps: &[&Step],
        input: &Input,
        limits: &Limits,
        memo: &mut Memo,
    ) -> Result<Trial, EvaluateError> {
        let chain = self.chain(steps, None, &workflow.media_type, input, limits, memo)?;
        let cost = chain.steps.iter().map(|step| self.project.settings.prices.cost(&step.measurement.usage)).sum();
        let worth = match &chain.output {
            Some(output) => self.worth(workflow, steps, input, output, limits, memo)?,
            None => Worth { units: 0.0, trouble: chain.trouble() },
        };
        let invocations = chain.steps.iter().map(|step| Invocation {
            end: End::from(&step.measurement.outcome),
            usage: step.measurement.usage.clone(),
        });
        let sample = Sample::new(
            worth.units * workflow.objective.credits_per_unit,
            cost,
            chain.output.is_some(),
            OutputFacts::of(chain.output.as_deref().unwrap_or_default()),
            invocations.collect(),
        );
        Ok(Trial { sample, units: worth.units, trouble: worth.trouble })
    }

    /// What an output is worth to the workflow's objective, in units.
    fn worth(
        &self,
        workflow: &Workflow,
        steps: &[&Step],
        input: &Input,
        output: &[u8],
        limits: &Limits,
        memo: &mut Memo,
    ) -> Result<Worth, EvaluateError> {
        let Objective { scorer, round_trip, .. } = &workflow.objective;
        let mut expected = None;
        if let Some(back) = round_trip {
            let reversed: Vec<&Step> = steps.iter().rev().copied().collect();
            let encoded = Input::new(&input.name, output.to_vec());
            let way = Some((back.parameter.as_str(), back.value.as_str()));
            let chain = self.chain(&reversed, way, &workflow.media_type, &encoded, limits, memo)?;
            match &chain.output {
                // An output that cannot be turned back is worth nothing, whoever is at fault.
                None => {
                    let words = chain.trouble().unwrap_or_default();
                    return Ok(Worth { units: 0.0, trouble: Some(format!("on the way back, {words}")) });
                }
                Some(decoded) => expected = Some(decoded.clone()),
            }
        }
        let run = self.score(scorer, input, output, expected.as_deref(), limits, memo)?;
        Ok(match run.score {
            Some(units) => Worth { units, trouble: None },
            None => Worth { units: 0.0, trouble: Some(format!("the scorer: {}", run.measurement.outcome)) },
        })
    }

    /// Runs steps one after the other, each on what the one before gave back; the workspace goes along.
    fn chain(
        &self,
        steps: &[&Step],
        way: Option<(&str, &str)>,
        media_type: &str,
        input: &Input,
        limits: &Limits,
        memo: &mut Memo,
    ) -> Result<ChainRun, EvaluateError> {
        let mut done = Vec::with_capacity(steps.len());
        let mut current = input.bytes.clone();
        let mut digest = input.digest;
        let mut workspace = BTreeMap::new();
        for step in steps {
            let mut parameters = step.parameters.clone();
            if let Some((name, value)) = way {
                parameters.insert(name.to_owned(), value.to_owned());
            }
            let candidate = self.candidate(&step.module)?;
            let task = StepTask { parameters: &parameters, media_type, input: &current, digest, workspace: &workspace };
            let run = self.step(&candidate, &task, limits, memo)?;
            let completed = run.measurement.outcome.is_completed();
            digest = run.measurement.output.digest;
            done.push(StepRun { module: step.module.clone(), digest: candidate.digest, measurement: run.measurement });
            if !completed {
                return Ok(ChainRun { steps: done, output: None });
            }
            current = run.output.unwrap_or_default();
            workspace = run.workspace;
        }
        Ok(ChainRun { steps: done, output: Some(current) })
    }

    /// One step: remembered, or run.
    fn step(
        &self,
        candidate: &Candidate,
        task: &StepTask<'_>,
        limits: &Limits,
        memo: &mut Memo,
    ) -> Result<StoredRun, EvaluateError> {
        let seed = self.project.settings.seed;
        let workspace_key = json(task.workspace);
        let key = self.key(&[
            b"step",
            candidate.digest.as_bytes(),
            &json(task.parameters),
            task.media_type.as_bytes(),
            task.digest.as_bytes(),
            &workspace_key,
            &json(limits),
            &json(&candidate.grants),
            candidate.files_digest.as_bytes(),
            &seed.to_le_bytes(),
        ]);
        self.remembered(key, memo, || {
            let module = match self.load(candidate)? {
                Loaded::Ready(module) => module,
                Loaded::Refused(outcome) => return Ok(refused(outcome)),
            };
            let job = Job::new(task.input)
                .media_type(task.media_type)
                .parameters(task.parameters)
                .limits(limits.clone())
                .grants(candidate.grants.clone())
                .files(candidate.files.clone())
                .seed(seed)
                .workspace(Workspace::from_entries(task.workspace.clone()));
            let run = self.sandbox.run(&module, &job)?;
            Ok(StoredRun {
                measurement: run.measurement,
                score: None,
                workspace: run.workspace.entries().clone(),
                output: Some(run.output),
            })
        })
    }

    fn score(
        &self,
        scorer: &ModuleId,
        input: &Input,
        output: &[u8],
        expected: Option<&[u8]>,
        limits: &Limits,
        memo: &mut Memo,
    ) -> Result<StoredRun, EvaluateError> {
        let candidate = self.candidate(scorer)?;
        let seed = self.project.settings.seed;
        let expected_key = expected.map_or_else(Vec::new, |bytes| Digest::of(bytes).as_bytes().to_vec());
        let key = self.key(&[
            b"score",
            candidate.digest.as_bytes(),
            input.digest.as_bytes(),
            Digest::of(output).as_bytes(),
            &expected_key,
            &json(limits),
            &seed.to_le_bytes(),
        ]);
        self.remembered(key, memo, || {
            let module = match self.load(&candidate)? {
                Loaded::Ready(module) => module,
                Loaded::Refused(outcome) => return Err(EvaluateError::Scorer { id: scorer.clone(), outcome }),
            };
            let job = Job::new(&input.bytes).limits(limits.clone()).seed(seed);
            let scored = self.sandbox.score(&module, &job, output, expected)?;
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
    ) -> Result<StoredRun, EvaluateError> {
        if let Some(run) = memo.known.get(&key) {
            return Ok(run.clone());
        }
        if let Some(run) = self.store.run(&key)?.filter(|run| run.output.is_some()) {
            self.reused.fetch_add(1, Ordering::Relaxed);
            memo.known.insert(key, run.clone());
            return Ok(run);
        }
        let run = make()?;
        self.made.fetch_add(1, Ordering::Relaxed);
        if repeatable(&run.measurement.outcome) {
            memo.new.push(key);
        }
        memo.known.insert(key, run.clone());
        Ok(run)
    }

    fn commit(&self, mut memo: Memo) -> Result<(), EvaluateError> {
        let new: Vec<_> = memo.new.iter().filter_map(|key| memo.known.remove_entry(key)).collect();
        Ok(self.store.remember(&new)?)
    }

    fn key(&self, parts: &[&[u8]]) -> Digest {
        Digest::of_parts([self.sandbox.identity().as_bytes()].into_iter().chain(parts.iter().copied()))
    }

    fn candidate(&self, id: &ModuleId) -> Result<Arc<Candidate>, EvaluateError> {
        let mut candidates = self.candidates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = candidates.get(id) {
            return Ok(Arc::clone(known));
        }
        let bytes = self.project.module_bytes(id)?;
        let digest = Digest::of(&bytes);
        let grants = self.project.grants_of(&digest).for_trials();
        let files = Files::open(&grants.dirs)?;
        let files_digest = files.digest();
        let candidate = Arc::new(Candidate { digest, bytes, loaded: OnceLock::new(), grants, files, files_digest });
        candidates.insert(id.clone(), Arc::clone(&candidate));
        Ok(candidate)
    }

    fn load(&self, candidate: &Candidate) -> Result<Loaded, EvaluateError> {
        if let Some(loaded) = candidate.loaded.get() {
            return Ok(loaded.clone());
        }
        let loaded = self.sandbox.load(&candidate.bytes)?;
        Ok(candidate.loaded.get_or_init(|| loaded).clone())
    }
}

impl ChainRun {
    /// What went wrong, if something did: the module and its outcome.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let last = self.steps.last().filter(|_| self.output.is_none())?;
        Some(format!("{}: {}", last.module, last.measurement.outcome))
    }
}

struct StepTask<'a> {
    parameters: &'a BTreeMap<String, String>,
    media_type: &'a str,
    input: &'a [u8],
    digest: Digest,
    workspace: &'a BTreeMap<String, Vec<u8>>,
}

struct Trial {
    sample: Sample,
    units: f64,
    trouble: Option<String>,
}

struct Worth {
    units: f64,
    trouble: Option<String>,
}

/// Whether a run would end so again: real time is the one limit that depends on the machine.
fn repeatable(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Limit { limit: LimitKind::WallTime, .. })
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

/// Plain data as JSON, for a key: fields in the order of their declaration, maps in the order of keys.
fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
