//! `holobiont autonomous run` and `holobiont engine`: engines, and their turns.

mod text;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use holobiont::{CycleResult, Engine, EngineConfig, House, Project, Registry, SqliteStore, now_ms};
use holobiont_core::{nearest, printable};
use holobiont_sandbox::Sandbox;
use serde::Serialize;

use crate::args::{
    Args, AutonomousArgs, AutonomousCommand, AutonomousRunArgs, EngineArgs, EngineCommand, EngineCycleArgs,
};
use crate::context::{project, sandbox};
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::self_test::{advance, choose};
use crate::terminal::{print, print_json, progress, say};
use crate::{Done, Verdict};

/// How often a pause between rounds looks whether somebody wants to stop.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    /// The switches of self-tests, as whatever this starts would see them.
    environment: BTreeMap<&'static str, &'static str>,
    rounds: &'a [Vec<Turn>],
}

/// An engine's turn in a document.
#[derive(Serialize)]
struct Turn {
    engine: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cycle: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) fn autonomous(args: &Args, asked: &AutonomousArgs) -> Done {
    let AutonomousCommand::Run(run) = &asked.command;
    let project = prepared(args, run)?;
    looked_through(&project)?;
    let mut configs = configs(&project)?;
    if let Some(interval_ns) = run.interval {
        configs.iter_mut().for_each(|config| config.trigger.interval_ms = interval_ns / 1_000_000);
    }
    let sandbox = sandbox(&project)?;
    let _turns = project.take_turns()?;
    let store = SqliteStore::open(&project.database())?;
    let mut registry = Registry::default();
    for config in configs {
        registry.register(opened(&project, &store, config)?);
    }
    let rounds = rounds(args, run, (&sandbox, &store), &registry)?;
    if args.json {
        let turns: Vec<Vec<Turn>> =
            rounds.turns.into_iter().map(|round| round.into_iter().map(turn).collect()).collect();
        let environment = project.settings.mirrored().into_iter().collect();
        print_json(&Document { schema: "holobiont.autonomous/1", environment, rounds: &turns })?;
    }
    Ok(if rounds.interrupted { Verdict::Interrupted } else { Verdict::Passed })
}

/// The project, with what the environment and flags say.
fn prepared(args: &Args, run: &AutonomousRunArgs) -> Result<Project, Fault> {
    let mut project = project(args)?;
    project.settings.mirror_sandbox(&|name| std::env::var(name).ok())?;
    choose(&mut project, &run.under)?;
    run.inclusion.apply(&mut project.settings);
    Ok(project)
}

/// What rounds came to.
struct Rounds {
    turns: Vec<Vec<CycleResult>>,
    interrupted: bool,
}

fn rounds(
    args: &Args,
    run: &AutonomousRunArgs,
    (sandbox, store): (&Sandbox, &SqliteStore),
    registry: &Registry,
) -> Result<Rounds, Fault> {
    let interrupt = Interrupt::new()?;
    let files = Mutex::new(());
    let mut all = Rounds { turns: Vec::new(), interrupted: false };
    for number in 1.. {
        let began = Instant::now();
        // Anew in each round: limits may have moved, and people edit.
        let mut project = prepared(args, run)?;
        let threads = project.settings.threads();
        let workers = threads.min(registry.names().len()).max(1);
        project.settings.threads = Some((threads / workers).max(1));
        let bar = progress(0, "trials");
        let house = House {
            project: &project,
            sandbox,
            store,
            files: &files,
            stop: interrupt.flag(),
            listen: &|state| advance(&bar, state),
        };
        let results = registry.run_all_cycles(&house, workers, now_ms());
        bar.finish_and_clear();
        all.interrupted = interrupt.pressed();
        if !args.json {
            print(&text::round(number, &results))?;
        }
        let is_changed = results.iter().any(changed);
        if !all.interrupted && results.iter().all(|result| result.result.is_err()) {
            // Where some went on, the others are told of; where none did, there is nothing to go on with.
            let mut errors = results.into_iter().filter_map(|result| result.result.err());
            return errors.next().map_or(Ok(all), |error| Err(error.into()));
        }
        all.turns.push(results);
        let is_last = run.cycles.is_some_and(|most| number >= most);
        let is_done = run.cycles.is_none() && run.interval.is_none() && !is_changed;
        if all.interrupted || is_last || is_done {
            break;
        }
        all.interrupted = pause(run.interval, began, &interrupt);
        if all.interrupted {
            break;
        }
    }
    Ok(all)
}

/// Whether an engine's turn changed something.
fn changed(result: &CycleResult) -> bool {
    result.result.as_ref().is_ok_and(|record| !record.integrated.is_empty() || record.patched > 0)
}

/// Waits until the next round is due; says whether somebody wants to stop.
fn pause(interval_ns: Option<u64>, began: Instant, interrupt: &Interrupt) -> bool {
    let until = began + Duration::from_nanos(interval_ns.unwrap_or(0));
    while !interrupt.pressed() && Instant::now() < until {
        std::thread::sleep(LOOK.min(until.saturating_duration_since(Instant::now())));
    }
    interrupt.pressed()
}

fn turn(result: CycleResult) -> Turn {
    let CycleResult { engine, result, .. } = result;
    match result {
        Ok(cycle) => Turn { engine, cycle: Some(text::cycle_document(&cycle)), error: None },
        Err(error) => Turn { engine, cycle: None, error: Some(error.to_string()) },
    }
}

/// What is wrong with the project is told before anything is made in it.
fn looked_through(project: &Project) -> Result<(), Fault> {
    project.discover_dry(&project.reached_by_workflows()?.modules)?;
    project.orphan_modules()?;
    Ok(())
}

/// The engines of the project.
fn configs(project: &Project) -> Result<Vec<EngineConfig>, Fault> {
    let stem =
        |path: &str| path.strip_prefix("workflows/").and_then(|name| name.strip_suffix(".toml")).map(str::to_owned);
    let readable = project.workflow_files()?.into_iter().filter(|file| file.workflow.is_ok());
    let names: Vec<String> = readable.filter_map(|file| stem(&file.path)).collect();
    let configs = project.settings.engines_for(&names);
    if configs.is_empty() {
        return Err(Fault::usage("there is no engine: write a workflow to workflows/NAME.toml, which then has one"));
    }
    Ok(configs)
}

fn opened(project: &Project, store: &SqliteStore, config: EngineConfig) -> Result<Engine, Fault> {
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
    let engines = past(&project, configs(&project)?)?;
    if args.json {
        print_json(&text::list_document(&engines))?;
    } else {
        print(&text::list(&engines))?;
    }
    Ok(Verdict::Passed)
}

fn show(args: &Args, name: &str) -> Done {
    let project = project(args)?;
    let config = named(&project, name)?;
    let engines = past(&project, vec![config])?;
    for engine in &engines {
        if args.json {
            print_json(&text::engine_document(engine))?;
        } else {
            print(&text::engine(engine))?;
        }
    }
    Ok(Verdict::Passed)
}

/// Engines as they stand; where there is no store yet, none has done anything, and none is made.
fn past(project: &Project, configs: Vec<EngineConfig>) -> Result<Vec<Engine>, Fault> {
    if project.database().exists() {
        let store = SqliteStore::open(&project.database())?;
        return configs.into_iter().map(|config| opened(project, &store, config)).collect();
    }
    let store = holobiont::MemoryStore::default();
    configs.into_iter().map(|config| Ok(Engine::open(project, &store, config)?)).collect()
}

fn named(project: &Project, name: &str) -> Result<EngineConfig, Fault> {
    let configs = configs(project)?;
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
    let config = named(&project, &asked.name)?;
    let sandbox = sandbox(&project)?;
    let _turns = project.take_turns()?;
    let store = SqliteStore::open(&project.database())?;
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
