//! Making the runs that a question needs, and no others.
//!
//! A run is keyed by everything it depends on, its input's digest included; so is a trial, a chain of runs and what
//! came out of it was worth. So equal beginnings of two chains are one run, a changed module re-runs only what it is
//! part of, and asking again runs nothing; none of that needs a plan of its own.

mod calibrate;
mod candidates;
mod chains;
mod cycle;
mod no_effect;
mod patches;
mod runs;
mod search;
mod trials;
mod unit;
mod worth;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use holobiont_core::forecast::Outlook;
use holobiont_core::stats::Coalition;
use holobiont_core::{
    Assessment, Combination, Digest, Measurement, MetricContext, ModuleId, Outcome, Scenario, StaticScores, Trend,
    Tried, Workflow,
};
use holobiont_sandbox::{FilesError, Sandbox, SandboxError};

pub use self::calibrate::{CalibrationReport, Tally};
use self::candidates::{Candidate, Candidates};
use self::runs::{Handed, Memo, Terms};
pub use self::search::{FindError, Found, FoundGroup, SearchPlan};
use self::trials::Plan;
use crate::history::{History, HistoryError, append};
use crate::inputs::Input;
use crate::project::{Project, ProjectError};
use crate::settings::SettingsError;
use crate::store::{Store, StoreError};
use crate::weights::{WEIGHED, Weighed};

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
    /// What was measured before does not read.
    #[error(transparent)]
    History(HistoryError),
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
    /// Somebody wanted to stop.
    #[error("interrupted; what was measured so far is remembered")]
    Stopped,
    /// A patcher cannot be used.
    #[error("patcher {id}: {outcome}")]
    Patcher {
        /// The patcher.
        id: ModuleId,
        /// Why not.
        outcome: Outcome,
    },
    /// Something that must not happen did.
    #[error("fault in the host: {0}")]
    Fault(String),
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

/// An assessment, and what it took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The answer.
    pub assessment: Assessment,
    /// Runs of modules that were made for it.
    pub runs_made: u64,
    /// Trials and runs that were remembered.
    pub reused: u64,
}

/// What is known of a coalition beside its trials.
#[derive(Default)]
struct Known {
    statics: Vec<StaticScores>,
    roi: Trend,
    profitability: Outlook,
}

impl Known {
    fn new(statics: Vec<StaticScores>, past: &History, group: &[ModuleId], coalition: Coalition) -> Self {
        let modules: Vec<ModuleId> = coalition.players().filter_map(|player| group.get(player).cloned()).collect();
        let (roi, profitability) = past.past_of(&modules);
        Self { statics, roi: Trend::of(&roi), profitability: Outlook::of(&profitability) }
    }
}

impl From<HistoryError> for EvaluateError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => Self::Store(error),
            error => Self::History(error),
        }
    }
}

/// Makes the runs that questions need, remembers them, and answers from what is remembered.
pub struct Evaluator<'a> {
    project: &'a Project,
    sandbox: &'a Sandbox,
    store: &'a dyn Store,
    candidates: Candidates,
    made: Arc<AtomicU64>,
    reused: Arc<AtomicU64>,
    stop: Option<&'a AtomicBool>,
    energy: u8,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for a project.
    #[must_use]
    pub fn new(project: &'a Project, sandbox: &'a Sandbox, store: &'a dyn Store) -> Self {
        let (made, reused) = (Arc::default(), Arc::default());
        Self { project, sandbox, store, candidates: Candidates::default(), made, reused, stop: None, energy: 1 }
    }

    /// Begins no further trial once the flag is set: what is under way is finished and remembered, and the question ends
    /// with [`EvaluateError::Stopped`].
    #[must_use]
    pub fn stopped_by(mut self, stop: &'a AtomicBool) -> Self {
        self.stop = Some(stop);
        self
    }

    /// Tells pipelines how hard to try, from 1, as they are told otherwise, to 100. Their limits stay what they are.
    #[must_use]
    pub fn with_energy(mut self, energy: u8) -> Self {
        self.energy = energy.clamp(1, 100);
        self
    }

    fn go_on(&self) -> Result<(), EvaluateError> {
        let is_stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        if is_stopped { Err(EvaluateError::Stopped) } else { Ok(()) }
    }

    /// Compares a group of a workflow with its members alone, on the workflow's inputs under some scenarios (the
    /// first of them nominal), on as many threads as there are cores. `listen` is told how far it is, from any of
    /// them.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] when something is missing or a part of the host fails; never for what a module
    /// of the group does.
    pub fn synergy(
        &self,
        workflow: &Workflow,
        group: &[ModuleId],
        scenarios: &[Scenario],
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<Answer, EvaluateError> {
        let (made, reused) = (self.runs_made(), self.reused());
        let settings = &self.project.settings;
        let preset = settings.chosen()?;
        let inputs = self.project.inputs(workflow)?;
        let scenarios: Vec<Scenario> = scenarios.iter().cloned().chain(preset.threatened()).collect();
        let plan = Plan::comparison(workflow, group, &inputs, &scenarios, settings.seed);
        let arms = self.trials(&plan, listen)?;
        self.store.trim_outputs(settings.keep_output_bytes)?;
        let statics: Vec<Vec<StaticScores>> = self.statics(group, arms.keys().copied())?;
        let question = self.question(&plan, preset)?;
        let history = History::of(self.store, &workflow.name)?.of_group(group);
        let past = history.clone().before(&question);
        let limits = preset.run_limits();
        let known: HashMap<Coalition, Known> = arms
            .keys()
            .zip(statics)
            .map(|(coalition, statics)| (*coalition, Known::new(statics, &past, group, *coalition)))
            .collect();
        let unknown = Known::default();
        let context = |coalition: Coalition| {
            let Known { statics, roi, profitability } = known.get(&coalition).unwrap_or(&unknown);
            MetricContext {
                limits: &limits,
                energy: &settings.energy,
                security_level: preset.security_level(),
                statics,
                past_roi: roi,
                past_profitability: profitability,
            }
        };
        let names: Vec<String> = inputs.iter().map(|input| input.name.clone()).collect();
        let tried = Tried {
            workflow: &workflow.name,
            unit: &workflow.objective.unit,
            group,
            combination: self.combination(group)?,
            inputs: &names,
            arms: &arms,
            context: &context,
        };
        let calibration = self.calibration(workflow, &inputs)?;
        let assessment = tried.assess(&settings.gate, settings.seed, calibration);
        let before = past.cycles.last().map(|cycle| cycle.measured.update.after);
        let measured = self.measured(&plan, preset, &arms, &assessment, (question, before));
        let weighed = Weighed::all(self.store, &workflow.name)?;
        let is_new =
            weighed.iter().rfind(|weighed| weighed.group == group).is_none_or(|last| last.question != question);
        let weighed = Weighed::of((question, group, inputs.len(), settings.seed), &arms, &context);
        if let Some(weighed) = weighed.filter(|_| is_new) {
            append(self.store, WEIGHED, &workflow.name, &weighed)?;
        }
        history.keep(self.store, &workflow.name, &measured)?;
        Ok(Answer { assessment, runs_made: self.runs_made() - made, reused: self.reused() - reused })
    }

    /// How members of a group are put together.
    fn combination(&self, group: &[ModuleId]) -> Result<Combination, EvaluateError> {
        for id in group {
            if self.candidate(id)?.needs_others() {
                return Ok(Combination::Linked);
            }
        }
        Ok(Combination::Chain)
    }

    /// By coalition, the static scores of its members.
    fn statics(
        &self,
        group: &[ModuleId],
        coalitions: impl Iterator<Item = Coalition>,
    ) -> Result<Vec<Vec<StaticScores>>, EvaluateError> {
        let of_member: Vec<StaticScores> =
            group.iter().map(|id| Ok(self.candidate(id)?.statics())).collect::<Result<_, EvaluateError>>()?;
        Ok(coalitions
            .map(|coalition| coalition.players().filter_map(|player| of_member.get(player).copied()).collect())
            .collect())
    }

    /// Runs all steps of a workflow on one input.
    ///
    /// # Errors
    ///
    /// As [`Evaluator::synergy`].
    pub fn run_workflow(&self, workflow: &Workflow, input: &Input) -> Result<ChainRun, EvaluateError> {
        let settings = &self.project.settings;
        let preset = settings.chosen()?;
        let terms = Terms::new(preset.run_limits(), preset.conditions(), settings.seed, &workflow.media_type);
        let mut memo = Memo::default();
        let mut chain = ChainRun { steps: Vec::new(), output: Some(input.bytes.clone()) };
        let mut last = None;
        let modules: Vec<Arc<Candidate>> =
            workflow.modules().into_iter().map(|id| self.candidate(id)).collect::<Result<_, EvaluateError>>()?;
        for step in &workflow.steps {
            let ready = self.ready(step)?.among(&modules);
            let run = {
                let handed = last.as_deref().map_or_else(|| Handed::from(input), Handed::from);
                self.step(&ready, &handed, &terms, None, &mut memo)?
            };
            let (module, digest) = (step.module.clone(), ready.candidate.digest);
            chain.steps.push(StepRun { module, digest, measurement: run.measurement.clone() });
            let completed = run.measurement.outcome.is_completed();
            chain.output = completed.then(|| run.output.clone().unwrap_or_default());
            last = Some(run);
            if !completed {
                break;
            }
        }
        self.commit(memo)?;
        Ok(chain)
    }

    /// How many runs of modules this evaluator has made.
    #[must_use]
    pub fn runs_made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    pub(crate) fn reused(&self) -> u64 {
        self.reused.load(Ordering::Relaxed)
    }

    fn candidate(&self, id: &ModuleId) -> Result<Arc<Candidate>, EvaluateError> {
        self.candidates.get(self.project, id)
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
