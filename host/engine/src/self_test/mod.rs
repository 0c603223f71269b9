//! Trying modules that nobody uses yet, and taking in those that earn their place.
//!
//! What there is to try is chosen from a discovery (`chosen.rs`). Each candidate goes through the stages of core's
//! `inclusion`, cheapest first: those that need no inputs here, those of a workflow in `course.rs`, on a `bench.rs` that
//! makes the runs. Those that are left are put into workflows one after another (`joining.rs`: what the document calls
//! `try_integrate_into_workflows`), and what passed goes into the project's files in one transaction (`integration.rs`).

mod bench;
mod chosen;
mod course;
mod integration;
mod joining;
mod past;
mod report;
mod tested;
mod unit;

use holobiont_core::inclusion::{FalseRejections, Stage};
use holobiont_core::stats::Coalition;
use holobiont_core::{ModuleId, WorkflowText};

use self::bench::Bench;
use self::chosen::{Choice, Chosen};
use self::course::{Course, compare};
use self::integration::Taken;
use self::joining::{Joined, join};
use self::tested::Tested;
use crate::discover::{DiscoverError, Discovery};
use crate::documents::WorkflowFile;
use crate::evaluate::{EvaluateError, Evaluator, Progress};
use crate::history::HistoryError;
use crate::project::{Project, ProjectError};
use crate::store::{Store, StoreError};
use crate::transaction::TransactionError;

pub(crate) use self::integration::{INTEGRATED, INTEGRATED_SCHEMA};
pub(crate) use self::past::TESTED;
pub use self::report::{CandidateReport, Inserted, LeftOut, Measures, SelfTestReport, StageReport, WorkflowReport};

/// Why a self-test came to nothing. What modules did is never a reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelfTestError {
    /// A module that was named is none that could be tried.
    #[error("`{module}` {why}")]
    NoOrphan {
        /// The module.
        module: ModuleId,
        /// Why not.
        why: String,
    },
    /// There is no workflow to try candidates in.
    #[error("there is no workflow to try modules in: write one to workflows/NAME.toml")]
    NoWorkflow,
    /// A run could not be made.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// Nothing could be discovered.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// Something in the project is missing or wrong.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was tested before does not read.
    #[error(transparent)]
    History(HistoryError),
    /// The files could not be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

impl From<HistoryError> for SelfTestError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => Self::Store(error),
            error => Self::History(error),
        }
    }
}

/// How far a self-test is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SelfTestProgress {
    /// What is done: a stage and a module, for people.
    pub what: String,
    /// Trials done of those that this takes.
    pub done: u64,
    /// Those trials in all.
    pub total: u64,
}

impl SelfTestProgress {
    /// How far a question is that is asked on the way.
    pub(crate) fn of(what: &str, progress: Progress) -> Self {
        Self { what: what.to_owned(), done: progress.done, total: progress.total }
    }
}

/// What is to be tested.
#[derive(Clone, Debug, Default)]
pub struct SelfTest {
    /// The candidates; all that the settings take in where none is named.
    pub modules: Vec<ModuleId>,
    /// Whether the project's files are left as they are.
    pub dry_run: bool,
    /// The one workflow that they are tried in, by the name of its file; all where none is named.
    pub workflow: Option<String>,
}

impl SelfTest {
    /// Looks whether the modules that were named are such as can be tried, and whether there is a workflow to try
    /// orphans in, before anything is opened for it.
    ///
    /// # Errors
    ///
    /// [`SelfTestError::NoOrphan`] for the first module that is none, [`SelfTestError::NoWorkflow`], and
    /// [`SelfTestError::Project`] when the folder of the workflows or a list of the project cannot be read.
    pub fn check(&self, project: &Project, discovery: &Discovery) -> Result<(), SelfTestError> {
        if let Some(module) = self.modules.iter().find(|module| !discovery.orphans.contains_key(*module)) {
            let why = chosen::why_no_orphan(discovery, module);
            return Err(SelfTestError::NoOrphan { module: module.clone(), why });
        }
        if project.workflow_files()?.is_empty() && !discovery.orphans.is_empty() {
            return Err(SelfTestError::NoWorkflow);
        }
        // It is read again by then, but a mistake in it is told before anything is made.
        project.orphan_modules()?;
        Ok(())
    }

    /// Tries the candidates among what was discovered, in all workflows that take them, and integrates those that pass.
    /// `listen` is told how far it is, from any thread.
    ///
    /// # Errors
    ///
    /// [`SelfTestError`] when something is missing or a part of the host fails; never for what a candidate does.
    pub fn run(
        &self,
        project: &Project,
        evaluator: &Evaluator<'_>,
        store: &dyn Store,
        discovery: &Discovery,
        listen: &(dyn Fn(SelfTestProgress) + Sync),
    ) -> Result<SelfTestReport, SelfTestError> {
        self.check(project, discovery)?;
        let counts = (evaluator.runs_made(), evaluator.reused());
        let mut files = project.workflow_files()?;
        if let Some(workflow) = &self.workflow {
            files.retain(|file| file.path == format!("workflows/{workflow}.toml"));
        }
        let listed = project.orphan_modules()?;
        let map = project.module_map()?;
        let choice = Choice {
            discovery,
            listed: &listed.0,
            map: &map.0,
            reached: &project.reached_by_workflows()?.modules,
            config: &project.settings.self_test,
            store,
        };
        let Chosen { candidates, left_out } = choice.make(&self.modules)?;
        let mut tested = Vec::new();
        let total = candidates.len() as u64;
        for (done, unit) in candidates.into_iter().enumerate() {
            let what = format!("{}: {}", Stage::Load.name(), unit.module.short());
            listen(SelfTestProgress { what, done: done as u64, total });
            tested.push(Tested::load(evaluator, project, discovery, unit)?);
        }
        let mut joined = Vec::new();
        for file in &files {
            joined.push(in_workflow(evaluator, project, discovery, file, &mut tested, listen)?);
        }
        give_up_what_changed(evaluator, project, &mut tested, &mut joined);
        let workflows: Vec<WorkflowReport> = joined.iter().map(|joined| joined.report.clone()).collect();
        for candidate in &mut tested {
            candidate.conclude(&workflows, self.dry_run);
        }
        let mut report = SelfTestReport {
            schema: SelfTestReport::SCHEMA.to_owned(),
            candidates: new(&tested).map(|candidate| candidate.report.clone()).collect(),
            left_out,
            workflows,
            integrated: Vec::new(),
            dry_run: self.dry_run,
            false_rejections: FalseRejections::default(),
            runs_made: evaluator.runs_made() - counts.0,
            reused: evaluator.reused() - counts.1,
        };
        if !self.dry_run {
            let taken = Taken { project, discovery, tested: &tested, files: &files, joined: &joined, listed, map };
            report.integrated = taken.integrate(store)?;
            for candidate in &report.candidates {
                past::keep(store, candidate)?;
            }
        }
        report.false_rejections = past::false_rejections(store, &report.candidates)?;
        Ok(report)
    }
}

/// The candidates that are not integrated already.
fn new(tested: &[Tested]) -> impl Iterator<Item = &Tested> {
    tested.iter().filter(|candidate| !candidate.unit.integrated)
}

/// The candidates' way through a workflow. One that cannot be used keeps nobody from the others.
fn in_workflow(
    evaluator: &Evaluator<'_>,
    project: &Project,
    discovery: &Discovery,
    file: &WorkflowFile,
    tested: &mut [Tested],
    listen: &(dyn Fn(SelfTestProgress) + Sync),
) -> Result<Joined, EvaluateError> {
    let workflow = match &file.workflow {
        Ok(workflow) => workflow,
        Err(error) => return Ok(Joined::unusable(&file.path, None, &error.to_string())),
    };
    let unusable = |words: &str| Ok(Joined::unusable(&file.path, Some(workflow), words));
    if let Err(error) = WorkflowText::parse(&file.text) {
        return unusable(&error.to_string());
    }
    if workflow.modules().len() >= Coalition::MOST_PLAYERS {
        return unusable(&format!(
            "it has no room: {} modules are the most that are measured",
            Coalition::MOST_PLAYERS
        ));
    }
    let mut bench = match Bench::new(evaluator, project, workflow, listen) {
        Err(EvaluateError::Project(error)) => return unusable(&error.to_string()),
        bench => bench?,
    };
    let waiting = tested.iter().enumerate().filter(|(_, candidate)| candidate.goes_on);
    let (places, mut courses): (Vec<usize>, Vec<Course>) =
        waiting.map(|(place, candidate)| (place, Course::new(candidate.unit.clone(), &workflow.name))).unzip();
    for course in &mut courses {
        course.alone(&bench)?;
    }
    if courses.iter().any(|course| course.goes_on) {
        bench.watch_members()?;
    }
    compare(&mut courses, &bench, &discovery.graph);
    for course in courses.iter_mut().filter(|course| course.goes_on) {
        course.pairs(&bench)?;
    }
    for course in courses.iter_mut().filter(|course| course.goes_on) {
        course.group(&bench)?;
    }
    let joined = join(&mut bench, &mut courses, &file.path)?;
    for (place, course) in places.into_iter().zip(courses) {
        if let Some(candidate) = tested.get_mut(place) {
            candidate.take(course);
        }
    }
    Ok(joined)
}

/// Gives up candidates whose bytes, or those of what they import, are not what was tested any more, and the workflows
/// that would hold them.
fn give_up_what_changed(evaluator: &Evaluator<'_>, project: &Project, tested: &mut [Tested], joined: &mut [Joined]) {
    let mut gone = Vec::new();
    for candidate in tested.iter_mut().filter(|candidate| candidate.report.passed) {
        if let Some(module) = candidate.changed(evaluator, project) {
            candidate.give_up(&module);
            gone.push(candidate.unit.module.clone());
        }
    }
    for joined in joined.iter_mut().filter(|joined| joined.report.kept) {
        if let Some(inserted) = joined.report.inserted.iter().find(|inserted| gone.contains(&inserted.module)) {
            joined.report.reason = format!("`{}` changed while it was tested: rolled back", inserted.module);
            joined.report.kept = false;
        }
    }
}
