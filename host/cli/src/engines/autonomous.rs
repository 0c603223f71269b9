//! `holobiont autonomous run`: rounds of turns for all engines.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use holobiont::{
    Budget, CycleResult, Engine, EngineConfig, House, Project, Registry, Scale, ScaleTerms, Scaled, SqliteStore, now_ms,
};
use holobiont_sandbox::Sandbox;
use serde::Serialize;

use super::approval::approve;
use super::{Declared, looked_through, opened, text};
use crate::args::{Args, AutonomousArgs, AutonomousCommand, AutonomousRunArgs};
use crate::context::{project, sandbox};
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::self_test::{advance, choose};
use crate::terminal::{print, print_json, progress};
use crate::weights::opened as weights;
use crate::{Done, Verdict};

/// How often a pause between rounds looks whether somebody wants to stop.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    /// The switches of self-tests, as whatever this starts would see them.
    environment: BTreeMap<&'static str, &'static str>,
    rounds: &'a [Vec<Turn>],
    /// What autoscaling came to, round by round where it was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scaled: Vec<serde_json::Value>,
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
    let declared = declared(&project, run)?;
    weights(&project)?;
    let sandbox = sandbox(&project)?;
    let _turns = project.take_turns()?;
    let store = SqliteStore::open(&project.database())?;
    let scale = Scale::open(&store)?;
    let mut registry = Registry::default();
    for config in scale.engines(&declared.engines) {
        if run.no_resume {
            Engine::restart(&project, &store, &config)?;
        }
        registry.register(opened(&project, &store, config)?);
    }
    let mut course =
        Course { args, run, sandbox: &sandbox, store: &store, registry, scale, declared, scaled: Vec::new() };
    let rounds = course.rounds()?;
    if args.json {
        let turns: Vec<Vec<Turn>> =
            rounds.turns.into_iter().map(|round| round.into_iter().map(turn).collect()).collect();
        let environment = project.settings.mirrored().into_iter().collect();
        let scaled = course.scaled.iter().map(text::scaled_document).collect();
        print_json(&Document { schema: "holobiont.autonomous/1", environment, rounds: &turns, scaled })?;
    } else {
        print(&text::account(&rounds.turns, &course.registry))?;
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

/// The engines of the settings, with what flags say.
fn declared(project: &Project, run: &AutonomousRunArgs) -> Result<Declared, Fault> {
    let mut declared = Declared::of(project)?;
    if let Some(interval_ns) = run.interval {
        let all = declared.engines.iter_mut();
        all.for_each(|config: &mut EngineConfig| config.trigger.interval_ms = interval_ns / 1_000_000);
    }
    Ok(declared)
}

/// What rounds came to.
struct Rounds {
    turns: Vec<Vec<CycleResult>>,
    interrupted: bool,
}

/// Rounds under way.
struct Course<'a> {
    args: &'a Args,
    run: &'a AutonomousRunArgs,
    sandbox: &'a Sandbox,
    store: &'a SqliteStore,
    registry: Registry,
    scale: Scale,
    declared: Declared,
    scaled: Vec<Scaled>,
}

impl Course<'_> {
    fn rounds(&mut self) -> Result<Rounds, Fault> {
        let interrupt = Interrupt::new()?;
        let mut all = Rounds { turns: Vec::new(), interrupted: false };
        for number in 1.. {
            let began = Instant::now();
            // Anew in each round: limits may have moved, and people edit.
            let project = prepared(self.args, self.run)?;
            let results = self.round(project.clone(), &interrupt)?;
            all.interrupted = interrupt.pressed();
            if !self.args.json {
                print(&text::round(number, &results))?;
            }
            if !all.interrupted && results.iter().all(|result| result.result.is_err()) {
                // Where some went on, the others are told of; where none did, there is nothing to go on with.
                let mut errors = results.into_iter().filter_map(|result| result.result.err());
                return errors.next().map_or(Ok(all), |error| Err(error.into()));
            }
            let is_done = results.iter().all(is_done);
            all.turns.push(results);
            let has_scaled = !all.interrupted && self.rescale(&project, &interrupt)?;
            let is_last = self.run.cycles.is_some_and(|most| number >= most);
            let is_over = self.run.cycles.is_none() && self.run.interval.is_none() && is_done && !has_scaled;
            if all.interrupted || is_last || is_over {
                break;
            }
            all.interrupted = pause(self.run.interval, began, &interrupt);
            if all.interrupted {
                break;
            }
        }
        Ok(all)
    }

    /// A turn for each engine, side by side as the budget allows.
    fn round(&self, mut project: Project, interrupt: &Interrupt) -> Result<Vec<CycleResult>, Fault> {
        let settings = &project.settings;
        let budget = Budget { workers: settings.threads(), memory_bytes: settings.memory_budget_bytes };
        let share = budget.share(self.registry.names().len(), settings.chosen()?.limits.memory_bytes);
        project.settings.threads = Some(share.threads);
        let (bar, files) = (progress(0, "trials"), Mutex::new(()));
        let house = House {
            project: &project,
            sandbox: self.sandbox,
            store: self.store,
            files: &files,
            stop: interrupt.flag(),
            listen: &|state| advance(&bar, state),
        };
        let results = self.registry.run_all_cycles(&house, share.engines, now_ms());
        bar.finish_and_clear();
        Ok(results)
    }

    /// One engine more or less, where the settings want engines to be scaled; says whether there was a change.
    fn rescale(&mut self, project: &Project, interrupt: &Interrupt) -> Result<bool, Fault> {
        let Some(config) = &project.settings.autoscale else { return Ok(false) };
        let terms = ScaleTerms {
            rules: &config.rules,
            store: self.store,
            declared: &self.declared.engines,
            workflows: &self.declared.workflows,
            capital: config.capital,
            now_ms: now_ms(),
        };
        let store = self.store;
        let mut open = |config| opened(project, store, config);
        let mut ask = |scaling: &_| approve(self.run.approve.as_deref(), scaling, interrupt);
        let scaled = self.scale.step(&mut self.registry, &terms, &mut open, &mut ask)?;
        if let Some(words) = text::scaled(&scaled).filter(|_| !self.args.json) {
            print(&words)?;
        }
        let has_changed = text::is_change(&scaled) && scaled.approved;
        self.scaled.push(scaled);
        Ok(has_changed)
    }
}

/// Whether an engine that goes on would come to the same: it waits, has failed, or is at rest.
fn is_done(result: &CycleResult) -> bool {
    result.result.as_ref().map_or(true, |record| !record.due || record.trouble.is_some() || record.rest.is_some())
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
