//! `holobiont autonomous run`, `holobiont autoscale` and `holobiont engine`: engines, and their turns.

mod approval;
mod autonomous;
mod autoscale;
mod text;

use std::sync::Mutex;

use holobiont::{Engine, EngineConfig, House, Project, Scale, SqliteStore, Store, now_ms};
use holobiont_core::{nearest, printable};

use crate::args::{Args, EngineArgs, EngineCommand, EngineCycleArgs};
use crate::context::{looked_at, project, sandbox};
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::self_test::advance;
use crate::terminal::{print, print_json, progress, say};
use crate::{Done, Verdict};

pub(crate) use self::autonomous::autonomous;
pub(crate) use self::autoscale::autoscale;

/// What is wrong with the project is told before anything is made in it.
fn looked_through(project: &Project) -> Result<(), Fault> {
    project.discover_dry(&project.reached_by_workflows()?.modules)?;
    project.orphan_modules()?;
    Ok(())
}

/// The engines of a project's settings, and its workflows by the names of their files.
struct Declared {
    engines: Vec<EngineConfig>,
    workflows: Vec<String>,
}

impl Declared {
    fn of(project: &Project) -> Result<Self, Fault> {
        let stem =
            |path: &str| path.strip_prefix("workflows/").and_then(|name| name.strip_suffix(".toml")).map(str::to_owned);
        let readable = project.workflow_files()?.into_iter().filter(|file| file.workflow.is_ok());
        let workflows: Vec<String> = readable.filter_map(|file| stem(&file.path)).collect();
        let engines = project.settings.engines_for(&workflows);
        if engines.is_empty() {
            return Err(Fault::usage(
                "there is no engine: write a workflow to workflows/NAME.toml, which then has one",
            ));
        }
        Ok(Self { engines, workflows })
    }
}

/// Opens an engine, and says what had to be mended.
fn opened(project: &Project, store: &dyn Store, config: EngineConfig) -> Result<Engine, Fault> {
    let engine = Engine::open(project, store, config)?;
    for note in engine.notes() {
        say(&format!("note: engine {}: {}", engine.name(), printable(note)));
    }
    Ok(engine)
}

pub(crate) fn engine(args: &Args, asked: &EngineArgs) -> Done {
    match &asked.command {
        EngineCommand::List => list(args),
        EngineCommand::Show(name) => show(args, &name.name),
        EngineCommand::Cycle(cycle) => one_cycle(args, cycle),
    }
}

fn list(args: &Args) -> Done {
    let project = project(args)?;
    let engines = past(&project, None)?;
    if args.json {
        print_json(&text::list_document(&engines))?;
    } else {
        print(&text::list(&engines))?;
    }
    Ok(Verdict::Passed)
}

fn show(args: &Args, name: &str) -> Done {
    let project = project(args)?;
    for engine in &past(&project, Some(name))? {
        if args.json {
            print_json(&text::engine_document(engine))?;
        } else {
            print(&text::engine(engine))?;
        }
    }
    Ok(Verdict::Passed)
}

/// Engines as they stand, all or one; where there is no store yet, none has done anything, and none is made.
fn past(project: &Project, name: Option<&str>) -> Result<Vec<Engine>, Fault> {
    let declared = Declared::of(project)?;
    looked_at(project, |store| {
        let mut configs = Scale::open(store)?.engines(&declared.engines);
        if let Some(name) = name {
            configs = vec![named(&configs, name)?];
        }
        configs.into_iter().map(|config| opened(project, store, config)).collect()
    })
}

fn named(configs: &[EngineConfig], name: &str) -> Result<EngineConfig, Fault> {
    if let Some(config) = configs.iter().find(|config| config.name == name) {
        return Ok(config.clone());
    }
    let names = || configs.iter().map(|config| config.name.as_str());
    let remedy = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Fault::usage(format!("no engine `{}`: {remedy}", printable(name))))
}

fn one_cycle(args: &Args, asked: &EngineCycleArgs) -> Done {
    let project = project(args)?;
    looked_through(&project)?;
    let declared = Declared::of(&project)?;
    if !project.database().exists() {
        // Before there is anything to look up, and before anything is made.
        named(&declared.engines, &asked.name)?;
    }
    crate::weights::opened(&project)?;
    let sandbox = sandbox(&project)?;
    let _turns = project.take_turns()?;
    let store = SqliteStore::open(&project.database())?;
    let config = named(&Scale::open(&store)?.engines(&declared.engines), &asked.name)?;
    let mut engine = opened(&project, &store, config)?;
    let (interrupt, files) = (Interrupt::new()?, Mutex::new(()));
    let bar = progress(0, "trials");
    let house = House {
        project: &project,
        sandbox: &sandbox,
        store: &store,
        files: &files,
        stop: interrupt.flag(),
        listen: &|state| advance(&bar, state),
    };
    let result = engine.cycle(&house, now_ms());
    bar.finish_and_clear();
    let record = match result {
        Err(error) if error.is_stopped() => return Ok(Verdict::Interrupted),
        result => result?,
    };
    if args.json {
        print_json(&text::cycle_document(&record))?;
    } else {
        print(&text::cycle(&record, asked.explain))?;
    }
    Ok(Verdict::Passed)
}
