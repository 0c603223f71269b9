//! Having a patcher propose changes to a workflow, and keeping those that are surely better.
//!
//! A round asks the patcher once: for other values of the parameters that the workflow's modules declare, or for other
//! bytes of a module. What it proposes is held against what is allowed (`proposal.rs`); what is left is tried beside the
//! incumbent, the workflow as it is, on some of the inputs, and the best is judged on the others (`bench.rs`). It
//! becomes the incumbent, in the project's files too (`kept.rs`), only if it surely earns more. Every attempt is an event
//! (`past.rs`), by which the patcher learns what was tried, and nothing is tried twice.

mod bench;
mod kept;
mod past;
mod proposal;
mod report;

use holobiont_core::{ModuleId, WorkflowText, printable};
use holobiont_sandbox::{Patch, PatchContext, PatchTarget};

use self::bench::Bench;
use self::kept::Files;
use self::past::Past;
use self::proposal::{Proposal, Rules, digest_of, named, shown};
use crate::documents::WorkflowFile;
use crate::evaluate::{EvaluateError, Evaluator, Progress};
use crate::history::HistoryError;
use crate::project::{Project, ProjectError};
use crate::store::{Store, StoreError};
use crate::transaction::TransactionError;

pub(crate) use self::past::{PATCHED, ROUND, Round};
pub use self::report::{PatchReport, PatchTried};

/// So many proposals of a round are looked at, the first ones: a patcher says the most promising first.
const MOST_PROPOSALS: usize = 32;

/// Why patching came to nothing. What modules and patchers did is never a reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// A run could not be made, or the patcher is none.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Something in the project is missing or wrong.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was tried before does not read.
    #[error(transparent)]
    History(HistoryError),
    /// The files could not be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

impl From<HistoryError> for PatchError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => Self::Store(error),
            error => Self::History(error),
        }
    }
}

/// Which patcher is asked about which workflow, and how often.
#[derive(Clone, Debug)]
pub struct Patching {
    /// The workflow, by its path or by the name of a file in `workflows/`.
    pub workflow: String,
    /// The patcher.
    pub patcher: ModuleId,
    /// How often it is asked at most; it is not asked again once it proposes nothing new.
    pub rounds: u32,
    /// Where it goes on with what a command began that was ended: rounds after the event of this number are among them.
    pub since: Option<u64>,
    /// Whether files and events are left as they are.
    pub dry_run: bool,
}

impl Patching {
    /// Asks the patcher, tries what it proposes, and keeps what is surely better. `listen` is told how far each trial
    /// is, from any thread.
    ///
    /// In each round at most one proposal is judged. Each judgement of a workflow is stricter than the one before, those of
    /// other commands counted, so that however often a patcher is asked, little without effect is kept.
    ///
    /// The evaluator has read the modules as they were: after bytes were kept, whoever measures on takes another.
    ///
    /// # Errors
    ///
    /// [`PatchError`] when something is missing, the module is no patcher, or a part of the host fails; never for what a
    /// patcher proposes or a module does.
    pub fn run(
        &self,
        project: &Project,
        evaluator: &Evaluator<'_>,
        store: &dyn Store,
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<PatchReport, PatchError> {
        let counts = (evaluator.runs_made(), evaluator.reused());
        let WorkflowFile { path, text, digest, workflow } = project.workflow_file(&self.workflow)?;
        let wrong = |source| ProjectError::Workflow { path: path.clone(), source };
        let workflow = workflow.map_err(wrong)?;
        // What could not be written is not worth measuring.
        WorkflowText::parse(&text).map_err(wrong)?;
        let mut course = Course {
            patching: self,
            store,
            rules: Rules::new(&path, &workflow, &project.workflow_files()?),
            past: Past::of(store, &workflow.name)?,
            report: PatchReport::new(self, &workflow),
            files: Files { project, path, text, digest, is_dry: self.dry_run },
            bench: Bench::new(evaluator, project, workflow, listen)?,
        };
        if !self.dry_run {
            course.past.mend(store, &course.bench.incumbent()?)?;
        }
        course.report.before = course.bench.profit_on_fresh()?;
        course.rounds()?;
        course.report.after = course.bench.profit_on_fresh()?;
        course.report.gain = course.bench.gain_in_all()?;
        let mut report = course.report;
        report.runs_made = evaluator.runs_made() - counts.0;
        report.reused = evaluator.reused() - counts.1;
        Ok(report)
    }
}

impl Patching {
    /// What was kept since the event that it goes on from, in words.
    pub(crate) fn kept(&self, store: &dyn Store, workflow: &str) -> Result<Vec<String>, PatchError> {
        Ok(Past::of(store, workflow)?.kept_since(self.since.unwrap_or_default()))
    }
}

/// Patching under way.
struct Course<'a> {
    patching: &'a Patching,
    store: &'a dyn Store,
    files: Files<'a>,
    rules: Rules,
    past: Past,
    bench: Bench<'a>,
    report: PatchReport,
}

impl Course<'_> {
    fn rounds(&mut self) -> Result<(), PatchError> {
        let made = self.patching.since.map_or(0, |since| self.past.rounds_since(since));
        for _ in made..self.patching.rounds {
            self.report.rounds += 1;
            let targets = self.rules.targets(self.bench.evaluator(), self.bench.workflow())?;
            let Some(patches) = self.ask(&targets)? else { return Ok(()) };
            let (tried, better) = self.round(&targets, patches)?;
            if tried.is_empty() {
                "the patcher proposed nothing new".clone_into(&mut self.report.ended);
                self.report.exhausted = true;
                return Ok(());
            }
            self.end(tried, better)?;
        }
        Ok(())
    }

    /// Ends a round. What it came to is written down first, so that one that is killed in what follows is made good the
    /// next time; then the files change, then each attempt is an event.
    fn end(&mut self, tried: Vec<PatchTried>, better: Option<Proposal>) -> Result<(), PatchError> {
        let after = match &better {
            None => self.bench.incumbent()?,
            Some(proposal) => self.bench.incumbent_with(proposal)?,
        };
        let round = Round::new(tried, after);
        if !self.patching.dry_run {
            self.past.write_down(self.store, &round)?;
        }
        if let Some(proposal) = better {
            self.files.keep(&self.bench, &proposal)?;
            self.bench.adopt(&proposal)?;
            self.report.kept += 1;
        }
        for tried in round.tried {
            if !self.patching.dry_run {
                past::keep(self.store, &tried)?;
            }
            self.past.add(&tried);
            self.report.tried.push(tried);
        }
        Ok(())
    }

    /// What the patcher proposes; nothing where it ended otherwise than in proposing.
    fn ask(&mut self, targets: &[PatchTarget]) -> Result<Option<Vec<Patch>>, PatchError> {
        let history = self.past.history(&self.bench.question()?, self.bench.profit()?);
        // Who draws lots draws others once more is known.
        let seed = self.bench.seed().wrapping_add(history.len() as u64);
        let context = PatchContext { targets: targets.to_vec(), history, seed };
        let proposed = self.bench.evaluator().propose(&self.patching.patcher, &context)?;
        let outcome = proposed.measurement.outcome;
        if !outcome.is_completed() {
            self.report.ended = format!("the patcher ended otherwise: {outcome}");
            self.report.exhausted = true;
            return Ok(None);
        }
        Ok(Some(proposed.patches))
    }

    /// Tries what is new; says what became of it, and the best of it if that is surely better.
    fn round(
        &mut self,
        targets: &[PatchTarget],
        patches: Vec<Patch>,
    ) -> Result<(Vec<PatchTried>, Option<Proposal>), PatchError> {
        let (question, incumbent) = (self.bench.question()?, self.bench.incumbent()?);
        let before = self.bench.profit()?;
        let mut tried: Vec<PatchTried> = Vec::new();
        let mut best: Option<(usize, Proposal, f64)> = None;
        self.report.unread += patches.len().saturating_sub(MOST_PROPOSALS);
        for patch in patches.into_iter().take(MOST_PROPOSALS) {
            let digest = digest_of(&patch);
            let is_twice = tried.iter().any(|tried| tried.proposal == digest);
            if is_twice || self.past.was_tried(&incumbent, &digest) {
                self.report.repeated += 1;
                continue;
            }
            let (workflow, digests) = (self.bench.workflow(), [question, incumbent, digest]);
            let mut attempt = PatchTried::new(self.patching, workflow, digests, shown(named(&patch)));
            match self.rules.read((self.bench.evaluator(), workflow), targets, patch)? {
                Err(why) => attempt.reason = format!("not tried: {why}"),
                Ok(proposal) => {
                    let after = self.bench.profit_with(&proposal)?;
                    attempt.take(&proposal, before, after);
                    if after > best.as_ref().map_or(before, |(.., most)| *most) {
                        best = Some((tried.len(), proposal, after));
                    }
                }
            }
            tried.push(attempt);
        }
        if let Some((place, proposal, _)) = best
            && let Some(attempt) = tried.get_mut(place)
        {
            self.judge(&proposal, attempt)?;
            let better = attempt.kept.then_some(proposal);
            return Ok((tried, better));
        }
        Ok((tried, None))
    }

    /// Judges a proposal on the inputs that had no part in choosing it.
    fn judge(&mut self, proposal: &Proposal, attempt: &mut PatchTried) -> Result<(), PatchError> {
        let judged = self.bench.judge(proposal, self.past.judged())?;
        attempt.gain = Some(judged.gain);
        attempt.gain_per_credit = Some(judged.gain_per_credit);
        attempt.reason = judged.reason;
        if !judged.passed {
            return Ok(());
        }
        if let Some(other) = self.rules.used_elsewhere(proposal) {
            attempt.reason = format!(
                "surely better, but `{}` is used by {} too, where it was not tried: replace the file by hand",
                proposal.module,
                printable(other)
            );
            return Ok(());
        }
        attempt.kept = true;
        Ok(())
    }
}
