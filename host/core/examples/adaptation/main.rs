//! What adapting limits saves, held against an oracle: `cargo run --release -p holobiont-core --example adaptation`
//! prints a section in Markdown.
//!
//! - `--seeds N`: how many worlds of each manner; 30 otherwise.
//! - `--traces FILE`: also worlds of runs that were measured: `{"schema": "holobiont.traces/1", "families": [{"name":
//!   "squeeze", "runs": [{"input": "name", "module": "id", "fuel": 123, "memory_bytes": 456}]}]}`.
//! - `--tune`: instead, what each setting of the rules comes to, on other seeds than those that are reported.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints tables")]

mod cost;
mod policy;
mod report;
mod traces;
mod tune;
mod world;

use std::process::ExitCode;
use std::thread;

use holobiont_core::adapt::{AdaptConfig, PresetAgent};

use crate::policy::{Excess, Run, WAYS, all};
use crate::traces::{Family, Traces};
use crate::world::{MANNERS, Manner, World};

/// How many cycles a world has, none of them to warm up.
const CYCLES: usize = 200;

/// How many worlds the trained agent has seen.
const TRAINED_ON: u64 = 10;

/// The first seed of the worlds that are reported, of those that settings are tuned on, of those that agents are
/// trained on.
const REPORTED: u64 = 1;
const TUNED: u64 = 10_001;
const TRAINED: u64 = 20_001;

/// Where worlds come from.
#[derive(Clone, Copy)]
enum Source<'a> {
    Simulated(&'a Manner),
    /// Cycles that draw some of a fixed set of inputs, as those of measured runs do.
    Drawn,
    Measured(&'a Family),
}

impl Source<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Simulated(manner) => manner.name,
            Self::Drawn => "inputs",
            Self::Measured(family) => &family.name,
        }
    }

    fn world(&self, cycles: usize, seed: u64) -> World {
        match self {
            Self::Simulated(manner) => World::simulated(manner, cycles, seed),
            Self::Drawn => Family::drawn(seed).world(cycles, seed),
            Self::Measured(family) => family.world(cycles, seed),
        }
    }
}

/// What came of a world.
struct Outcome {
    world: World,
    runs: [Run; WAYS.len()],
    excess: Excess,
}

/// All ways through the worlds of a source.
fn outcomes(source: Source<'_>, seeds: u64, cycles: usize, config: &AdaptConfig) -> Vec<Outcome> {
    let mut trained = PresetAgent::new(TRAINED);
    for seed in TRAINED..TRAINED + TRAINED_ON {
        trained.turn_to_another();
        Run::adapted(&source.world(cycles, seed), config, Some(&mut trained));
    }
    in_parallel(seeds, |place| {
        let seed = REPORTED + place;
        let world = source.world(cycles, seed);
        let runs = all(&world, config, &trained, seed);
        let [_, _, rules, _, _, _, _, oracle] = &runs;
        Outcome { excess: rules.excess(&world, oracle, config), world, runs }
    })
}

/// The answers for 0 to `count`, in order, made on two threads.
fn in_parallel<T: Send>(count: u64, of: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let (even, odd) = thread::scope(|scope| {
        let odd = scope.spawn(|| (1..count).step_by(2).map(&of).collect::<Vec<T>>());
        let even: Vec<T> = (0..count).step_by(2).map(&of).collect();
        (even, odd.join())
    });
    let mut odd = odd.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter();
    even.into_iter().flat_map(|first| [Some(first), odd.next()]).flatten().collect()
}

struct Args {
    seeds: u64,
    traces: Option<String>,
    tune: bool,
}

fn args() -> Result<Args, String> {
    let mut args = Args { seeds: 30, traces: None, tune: false };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--seeds" => args.seeds = value()?.parse().map_err(|_| "--seeds: expected a number".to_owned())?,
            "--traces" => args.traces = Some(value()?),
            "--tune" => args.tune = true,
            _ => return Err(format!("{name}: expected --seeds N, --traces FILE or --tune")),
        }
    }
    Ok(args)
}

fn run() -> Result<(), String> {
    let args = args()?;
    let traces = match &args.traces {
        Some(path) => {
            let json = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
            Some(Traces::read(&json).map_err(|error| format!("{path}: {error}"))?)
        }
        None => None,
    };
    let families = traces.iter().flat_map(|traces| &traces.families);
    let sources: Vec<Source<'_>> =
        MANNERS.iter().map(Source::Simulated).chain([Source::Drawn]).chain(families.map(Source::Measured)).collect();
    if args.tune {
        tune::print(&sources, args.seeds);
    } else {
        let config = AdaptConfig::default();
        let all: Vec<(Source<'_>, Vec<Outcome>)> =
            sources.iter().map(|source| (*source, outcomes(*source, args.seeds, CYCLES, &config))).collect();
        println!("{}", report::page(&all, &config));
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests;
