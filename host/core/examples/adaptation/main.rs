//! What limits that adapt are worth, next to limits that do not and to somebody who knows what is to come:
//! `cargo run --release -p holobiont-core --example adaptation [-- --traces FILE.json] [--seeds 30]
//! [--method auto] [--tune]`.
//!
//! Prints a section in Markdown. `--tune` prints what configurations come to on seeds that are not reported instead.
#![expect(clippy::print_stdout, reason = "an example that prints tables")]

mod cost;
#[path = "../shared/dice.rs"]
mod dice;
mod policy;
mod report;
#[cfg(test)]
mod tests;
mod traces;
mod trial;
mod world;

use std::fmt::Write as _;
use std::path::Path;

use holobiont_core::forecast::Method;

use crate::cost::WORTH;
use crate::trial::{Plan, tune, tuned};
use crate::world::World;

/// What is asked for.
struct Arguments {
    seeds: u64,
    method: Method,
    tunes: bool,
    worlds: Vec<World>,
}

/// What cannot be asked for.
#[derive(Debug, thiserror::Error)]
enum ArgumentError {
    #[error("{0} takes a value after it")]
    Value(&'static str),
    #[error("--seeds is a whole number, 8 or more for intervals")]
    Seeds,
    #[error("--method is one of auto, ema, ses, theta, holt and arima")]
    Method,
    #[error("`{}` is unknown: there are --traces FILE, --seeds NUMBER, --method NAME and --tune", holobiont_core::printable(.0))]
    Unknown(String),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    if arguments.tunes {
        println!("| next to the oracle, % | headroom | window | rest | upper share |\n|{}", " ---: |".repeat(5));
        for (more, config) in tune(&arguments.worlds, arguments.seeds, arguments.method) {
            let (headroom, share) = (config.headroom, config.upper_share);
            println!("| {more:.2} | {headroom} | {} | {} | {share} |", config.window, config.rest);
        }
        return Ok(());
    }
    println!("{}", section(&arguments)?);
    Ok(())
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, Box<dyn std::error::Error>> {
        let mut arguments = Self { seeds: 30, method: Method::Auto, tunes: false, worlds: World::simulated() };
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--tune" => arguments.tunes = true,
                "--seeds" => {
                    let value = given.next().ok_or(ArgumentError::Value("--seeds"))?;
                    arguments.seeds = value.parse().map_err(|_| ArgumentError::Seeds)?;
                }
                "--method" => {
                    let value = given.next().ok_or(ArgumentError::Value("--method"))?;
                    arguments.method = value.parse().map_err(|_| ArgumentError::Method)?;
                }
                "--traces" => {
                    let path = given.next().ok_or(ArgumentError::Value("--traces"))?;
                    let families = traces::read(Path::new(&path))?;
                    arguments.worlds.extend(families.into_iter().map(World::Replayed));
                }
                _ => return Err(ArgumentError::Unknown(argument).into()),
            }
        }
        Ok(arguments)
    }
}

fn section(arguments: &Arguments) -> Result<String, std::fmt::Error> {
    let (plan, config) = (Plan::of(arguments.seeds, arguments.method), tuned());
    let mut text = String::from(include_str!("preface.md"));
    writeln!(text, "\n{} seeds; forecasts by `{}`.", plan.seeds, plan.method)?;
    let worlds = plan.run_all(&arguments.worlds, &config);
    for (name, outcomes) in &worlds {
        report::totals(&mut text, name, outcomes)?;
    }
    writeln!(text, "\n## What bounds the rules\n\nWhat they pay more than the oracle, in % of what the oracle pays.")?;
    report::profiles(&mut text, &worlds)?;
    writeln!(text, "\n## What the agent changes\n\nPaired with the tuned rules alone; below 0 it saves.")?;
    report::agents(&mut text, &worlds)?;
    writeln!(text, "\n## Half and twice the price of a hit\n\nThe tuned rules, and the trained agent beside them.\n")?;
    writeln!(text, "| a run is worth | world | next to the oracle, % | next to never adapting, % | agent, % |")?;
    writeln!(text, "| ---: | --- | ---: | ---: | ---: |")?;
    for worth in [WORTH / 2.0, 2.0 * WORTH] {
        for (name, outcomes) in (Plan { worth, ..plan }).run_all(&arguments.worlds, &config) {
            report::sensitivity(&mut text, worth, &name, &outcomes)?;
        }
    }
    Ok(text)
}
