//! `holobiont synergy`: is the group worth more than its parts?

mod calibrate;
mod document;
mod search;
mod text;

use holobiont::{Answer, Evaluator, Project, SqliteStore};
use holobiont_core::{Assessment, ModuleId, Role, Scenario, Workflow, nearest, printable};

use crate::args::{Args, GroupArgs, SynergyArgs, SynergyCommand, UnderArgs};
use crate::context::{project, sandbox};
use crate::fault::Fault;
use crate::terminal::{print, print_json, progress, say};
use crate::{Done, Verdict};

pub(crate) use self::text::{number, signed, tail};

pub(crate) fn synergy(args: &Args, synergy: &SynergyArgs) -> Done {
    match &synergy.command {
        Some(SynergyCommand::Calibrate(calibrate)) => calibrate::calibrate(args, calibrate),
        None if synergy.search && !synergy.group.scenarios.is_empty() => {
            Err(Fault::usage("--search looks at the nominal case only: leave out --scenario, or compare one group"))
        }
        None if synergy.search => search::search(args, &synergy.group, &synergy.plan),
        None => compare(args, &synergy.group),
    }
}

fn compare(args: &Args, group: &GroupArgs) -> Done {
    let (_, answer, _) = assessed(args, group)?;
    if args.json {
        print_json(&document::Document::of(&answer))?;
    } else {
        print(&text::text(&answer))?;
    }
    tell_troubles(&answer.assessment);
    Ok(verdict(&answer.assessment.verdict))
}

/// What the exit code says of a verdict.
pub(crate) fn verdict(verdict: &holobiont_core::Verdict) -> Verdict {
    match (verdict.passed, verdict.enough_data) {
        (true, _) => Verdict::Passed,
        (false, true) => Verdict::NotPassed,
        (false, false) => Verdict::NotEnoughData,
    }
}

/// Notes on what went wrong in nominal trials: of each arm the first few.
pub(crate) fn tell_troubles(assessment: &Assessment) {
    const NAMED: usize = 3;
    for report in &assessment.arms {
        for (input, trouble) in report.troubles.iter().take(NAMED) {
            say(&format!("note: {} on {}: {}", text::label(report), printable(input), printable(trouble)));
        }
        if let Some(more) = report.troubles.len().checked_sub(NAMED).filter(|more| *more > 0) {
            say(&format!("note: {} on {more} more inputs: see --json", text::label(report)));
        }
    }
}

/// Compares a group as the arguments say; the last part of the answer is what the engine calls itself.
pub(crate) fn assessed(args: &Args, group: &GroupArgs) -> Result<(Project, Answer, String), Fault> {
    let (project, workflow) = prepared(args, group.workflow.as_deref(), &group.under)?;
    if group.modules.is_empty() {
        let all: Vec<String> = workflow.modules().into_iter().map(|module| printable(module.short())).collect();
        return Err(Fault::usage(format!("which modules? name at least two of {}", all.join(", "))));
    }
    let members = workflow.group(&group.modules).map_err(Fault::usage)?;
    let scenarios = scenarios(&group.scenarios)?;
    look(&project, &workflow, &members)?;
    let sandbox = sandbox(&project)?;
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let bar = progress(0, "trials");
    let answer = evaluator.synergy(&workflow, &members, &scenarios, &|state| {
        bar.set_length(state.total);
        bar.set_position(state.done);
    });
    bar.finish_and_clear();
    let answer = answer?;
    drop(evaluator);
    let engine = sandbox.identity().to_owned();
    Ok((project, answer, engine))
}

/// The project and the workflow, with what flags say.
fn prepared(args: &Args, workflow: Option<&str>, under: &UnderArgs) -> Result<(Project, Workflow), Fault> {
    let mut project = project(args)?;
    if let Some(preset) = &under.preset {
        project.settings.choose_preset(preset, "--preset")?;
    }
    if let Some(seed) = under.seed {
        project.settings.choose_seed(seed, "--seed");
    }
    let workflow = workflow.ok_or_else(|| Fault::usage("which workflow? give --workflow NAME"))?;
    let workflow = project.workflow(workflow)?;
    Ok((project, workflow))
}

/// What is missing is told before anything is made.
fn look(project: &Project, workflow: &Workflow, modules: &[ModuleId]) -> Result<(), Fault> {
    for input in project.inputs(workflow)? {
        project.expected(workflow, &input.name)?;
    }
    for module in modules.iter().chain(workflow.objective.scorer()) {
        project.module_bytes(module)?;
    }
    Ok(())
}

/// The scenarios of these names, the nominal one first; all of them where none is named.
fn scenarios(names: &[String]) -> Result<Vec<Scenario>, Fault> {
    let all = Scenario::builtin();
    for name in names {
        if !all.iter().any(|scenario| scenario.name == *name) {
            let known = || all.iter().map(|scenario| scenario.name.as_str());
            let remedy = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
            };
            return Err(Fault::usage(format!("no scenario `{}`: {remedy}", printable(name))));
        }
    }
    let wanted =
        |scenario: &Scenario| names.is_empty() || scenario.role == Role::Nominal || names.contains(&scenario.name);
    Ok(all.into_iter().filter(wanted).collect())
}
