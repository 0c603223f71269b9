//! `holobiont self-test run`: which modules that nobody uses yet earn their place.

mod text;

use std::path::PathBuf;

use holobiont::{Evaluator, Project, SelfTest, SelfTestProgress, SelfTestReport, SqliteStore};
use holobiont_core::ModuleId;
use holobiont_sandbox::Sandbox;
use indicatif::ProgressBar;

use crate::args::{Args, SelfTestArgs, SelfTestCommand, SelfTestRunArgs, UnderArgs};
use crate::context::{project, sandbox};
use crate::fault::Fault;
use crate::terminal::{print, print_json, progress};
use crate::{Done, Verdict};

pub(crate) use self::text::text;

pub(crate) fn self_test(args: &Args, asked: &SelfTestArgs) -> Done {
    let SelfTestCommand::Run(run) = &asked.command;
    let project = prepared(args, run)?;
    let modules = ids(&project, &run.modules)?;
    let sandbox = sandbox(&project)?;
    let test = SelfTest { modules, dry_run: run.dry_run, ..SelfTest::default() };
    let report = tested(&project, &sandbox, &test)?;
    if args.json {
        print_json(&report)?;
    } else {
        print(&text(&report))?;
    }
    Ok(verdict(&test, &report))
}

fn prepared(args: &Args, run: &SelfTestRunArgs) -> Result<Project, Fault> {
    let mut project = project(args)?;
    choose(&mut project, &run.under)?;
    run.inclusion.apply(&mut project.settings);
    Ok(project)
}

/// Takes a preset and a seed from flags.
pub(crate) fn choose(project: &mut Project, under: &UnderArgs) -> Result<(), Fault> {
    if let Some(preset) = &under.preset {
        project.settings.choose_preset(preset, "--preset")?;
    }
    if let Some(seed) = under.seed {
        project.settings.choose_seed(seed, "--seed");
    }
    Ok(())
}

fn ids(project: &Project, paths: &[PathBuf]) -> Result<Vec<ModuleId>, Fault> {
    paths.iter().map(|path| Ok(project.id_of(path)?)).collect()
}

/// Makes a self-test of what is there now.
fn tested(project: &Project, sandbox: &Sandbox, test: &SelfTest) -> Result<SelfTestReport, Fault> {
    let discovery = project.discover_dry(&project.reached_by_workflows()?.modules)?;
    test.check(project, &discovery)?;
    project.keep_cache(&discovery);
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(project, sandbox, &store);
    let bar = progress(0, "trials");
    let report = test.run(project, &evaluator, &store, &discovery, &|state| advance(&bar, state));
    bar.finish_and_clear();
    Ok(report?)
}

/// Shows how far a self-test is, or what holds some.
pub(crate) fn advance(bar: &ProgressBar, state: SelfTestProgress) {
    bar.set_message(state.what);
    bar.set_length(state.total);
    bar.set_position(state.done);
}

/// What the exit code says of a self-test: 3 where a candidate did not pass, or one that was named is none; 4 where all
/// that failed did for lack of data.
fn verdict(test: &SelfTest, report: &SelfTestReport) -> Verdict {
    let is_left_out = !test.modules.is_empty() && !report.left_out.is_empty();
    match (report.all_passed() && !is_left_out, report.lacks_data() && !is_left_out) {
        (true, _) => Verdict::Passed,
        (false, true) => Verdict::NotEnoughData,
        (false, false) => Verdict::NotPassed,
    }
}
