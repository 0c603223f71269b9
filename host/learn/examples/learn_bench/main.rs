//! What learners of weights are worth, next to those who know and those who do not learn: `cargo run --release -p
//! holobiont-learn --example learn_bench [-- --seeds 30] [--cycles 500] [--write docs/LEARNING.md]`.
//!
//! Prints a section in Markdown, or writes it into a page, between [two lines](BEGIN). Built with `--features deep` it
//! has the neural learners as well, and its place in the page is another one.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints tables, and how far it is")]

#[path = "../../tests/worlds/balance.rs"]
mod balance;
#[path = "../../tests/worlds/cart_pole.rs"]
mod cart_pole;
#[path = "../../tests/worlds/dice.rs"]
mod dice;
#[path = "../../tests/worlds/players.rs"]
mod players;
mod report;
#[path = "../../tests/worlds/synergy_bandit.rs"]
mod synergy_bandit;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use holobiont_core::printable;

use crate::players::Make;
use crate::synergy_bandit::{SynergyBandit, Variant};

/// The lines of a page that the section stands between.
const BEGIN: &str = if cfg!(feature = "deep") {
    "<!-- begin: cargo xtask learn-bench --deep -->"
} else {
    "<!-- begin: cargo xtask learn-bench -->"
};
const END: &str = "<!-- end -->";

/// The first of the seeds that are reported. Nothing was chosen on them: they were first played when all was chosen.
const FIRST_SEED: u64 = 20_000;

/// Steps in which the pole has to be learned.
const POLE_STEPS: u32 = 500_000;

/// What is asked for.
struct Arguments {
    seeds: u64,
    cycles: usize,
    page: Option<PathBuf>,
}

/// What cannot be asked for.
#[derive(Debug, thiserror::Error)]
enum ArgumentError {
    #[error("--seeds is a whole number, 8 or more for intervals")]
    Seeds,
    #[error("--cycles is a whole number, 2 or more")]
    Cycles,
    #[error("--write takes a file after it")]
    Page,
    #[error("`{}` has no line `{BEGIN}` with a line `{END}` after it", .0.display())]
    NoPlace(PathBuf),
    #[error("`{}` is unknown: there are --seeds NUMBER, --cycles NUMBER and --write FILE", printable(.0))]
    Unknown(String),
}

/// Of a world, for each player the regrets of all seeds; the last ones [know](report::KNOWING).
struct Table {
    variant: Variant,
    regrets: Vec<Vec<f64>>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { seeds, cycles, page } = Arguments::read(std::env::args().skip(1))?;
    let players = players::all();
    let tables = play(&players, seeds, cycles);
    eprintln!("the pole");
    let poles = spread_out(seeds as usize, |seed| balance::final_episodes(FIRST_SEED + seed as u64, POLE_STEPS));
    let names: Vec<&str> = players.iter().map(|(name, _)| name.as_str()).chain(report::KNOWING).collect();
    let section = report::section(&names, &tables, &poles, cycles)?;
    match page {
        Some(page) => write(&page, &section)?,
        None => println!("{section}"),
    }
    Ok(())
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, ArgumentError> {
        let mut arguments = Self { seeds: 30, cycles: 500, page: None };
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--seeds" => {
                    let value = given.next().and_then(|value| value.parse().ok());
                    arguments.seeds = value.filter(|seeds| *seeds >= 8).ok_or(ArgumentError::Seeds)?;
                }
                "--cycles" => {
                    let value = given.next().and_then(|value| value.parse().ok());
                    arguments.cycles = value.filter(|cycles| *cycles >= 2).ok_or(ArgumentError::Cycles)?;
                }
                "--write" => arguments.page = Some(given.next().ok_or(ArgumentError::Page)?.into()),
                _ => return Err(ArgumentError::Unknown(argument)),
            }
        }
        Ok(arguments)
    }
}

/// Lets all play all worlds.
fn play(players: &[(String, Make)], seeds: u64, cycles: usize) -> Vec<Table> {
    let seeds = seeds as usize;
    let played = spread_out(Variant::ALL.len() * seeds, |job| {
        let seed = FIRST_SEED + (job % seeds) as u64;
        let world = SynergyBandit::new(Variant::ALL[job / seeds], seed, cycles);
        let regrets = players.iter().map(|(_, make)| world.regret(&mut *make(seed)));
        regrets.chain(world.regrets_of_knowing()).collect::<Vec<f64>>()
    });
    let table = |(variant, played): (Variant, &[Vec<f64>])| Table {
        variant,
        regrets: (0..players.len() + report::KNOWING.len())
            .map(|player| played.iter().map(|regrets| regrets[player]).collect())
            .collect(),
    };
    Variant::ALL.into_iter().zip(played.chunks(seeds)).map(table).collect()
}

/// Does numbered jobs on all cores; what they come to is in order.
fn spread_out<T: Send>(jobs: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, (done, results)) = (AtomicUsize::new(0), mpsc::channel());
    std::thread::scope(|scope| {
        for _ in 0..cores.min(jobs) {
            let (done, next, job) = (done.clone(), &next, &job);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    // Nobody listens only where another job has panicked.
                    if number >= jobs || done.send((number, job(number))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut all = Vec::new();
        for result in results {
            all.push(result);
            if all.len() % 10 == 0 {
                eprintln!("{} of {jobs}", all.len());
            }
        }
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, result)| result).collect()
    })
}

/// Puts the section into its place.
fn write(page: &Path, section: &str) -> Result<(), Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string(page)?;
    let place = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = place.ok_or_else(|| ArgumentError::NoPlace(page.to_owned()))?;
    std::fs::write(page, format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", section.trim()))?;
    Ok(())
}
