//! Whether the neural agents learn what others have shown such agents to learn:
//! `cargo run --release -p holobiont-learn --features deep --example deep_bench [-- --seeds-from 1001] [--write]`.
//!
//! Prints a table in Markdown, or writes it into docs/LEARNING.md. Says on stderr how far it is: it takes minutes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints a table, and how far it is")]

#[path = "../../tests/worlds/cart_pole.rs"]
mod cart_pole;
#[path = "../../tests/worlds/lessons.rs"]
mod lessons;
#[path = "../../tests/worlds/pendulum.rs"]
mod pendulum;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Instant;

use holobiont_learn::deep::{Dqn, Sac, Td3};

use crate::lessons::{balance, balanced, balancing, mean, sac, swing, swung, td3};

/// Between these lines of the page the table stands.
const BEGIN: &str = "<!-- begin: deep_bench -->";
const END: &str = "<!-- end -->";

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/LEARNING.md");

const BALANCE_STEPS: u64 = 500_000;
/// It learns after each so many steps of the world.
const LEARN_EVERY: u64 = 10;
const SWING_STEPS: u64 = 10_000;
const EPISODES: u32 = 100;

/// An agent on its problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lesson {
    DoubleDqn,
    Dqn,
    Td3,
    Sac,
}

/// What one seed came to.
struct Learned {
    lesson: Lesson,
    seed: u64,
    /// The mean of new episodes, in which it does what looks best.
    after: f64,
    /// The mean of the last episodes that it learned in.
    during: Option<f64>,
    seconds: f64,
}

impl Lesson {
    const ALL: [Self; 4] = [Self::DoubleDqn, Self::Dqn, Self::Td3, Self::Sac];

    fn seeds(self) -> u64 {
        match self {
            Self::DoubleDqn | Self::Dqn => 3,
            Self::Td3 | Self::Sac => 5,
        }
    }

    /// Its line of the table up to the numbers, and what others have published.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::DoubleDqn => {
                ("Double DQN, CartPole-v1, 500k steps", ">= 475 on each", "488.7 +- 16.1 (CleanRL, DQN)")
            }
            Self::Dqn => ("DQN, CartPole-v1, 500k steps", "none", "488.7 +- 16.1 (CleanRL)"),
            Self::Td3 => ("TD3, Pendulum-v1, 10k steps, 2x64", "median >= -180, none < -250", "-152 (RL Zoo, 20k)"),
            Self::Sac => ("SAC, Pendulum-v1, 10k steps, 2x64", "median >= -180, none < -250", "-157 (RL Zoo, 20k)"),
        }
    }

    fn reached(self, sorted: &[f64]) -> &'static str {
        let reached = match self {
            Self::Dqn => return "-",
            Self::DoubleDqn => sorted[0] >= 475.0,
            Self::Td3 | Self::Sac => sorted[sorted.len() / 2] >= -180.0 && sorted[0] >= -250.0,
        };
        if reached { "yes" } else { "**no**" }
    }

    fn learn(self, seed: u64) -> Learned {
        let begin = Instant::now();
        let (after, during) = match self {
            Self::DoubleDqn | Self::Dqn => {
                let mut agent = Dqn::new(balancing(self == Self::DoubleDqn, BALANCE_STEPS), seed);
                let lengths = balance(&mut agent, seed, BALANCE_STEPS, LEARN_EVERY);
                let last = &lengths[lengths.len().saturating_sub(EPISODES as usize)..];
                (balanced(&agent, seed, EPISODES), Some(mean(last)))
            }
            Self::Td3 => {
                let mut agent = Td3::new(td3(), seed);
                swing(&mut agent, seed, SWING_STEPS);
                (swung(&agent, seed, EPISODES), None)
            }
            Self::Sac => {
                let mut agent = Sac::new(sac(), seed);
                swing(&mut agent, seed, SWING_STEPS);
                (swung(&agent, seed, EPISODES), None)
            }
        };
        Learned { lesson: self, seed, after: mean(&after), during, seconds: begin.elapsed().as_secs_f64() }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut first = 1001;
    let mut writes = false;
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--write" => writes = true,
            "--seeds-from" => first = given.next().ok_or("--seeds-from takes a number after it")?.parse()?,
            _ => return Err(format!("`{argument}` is unknown: there are --seeds-from NUMBER and --write").into()),
        }
    }
    let table = table(first, &learned(first));
    if !writes {
        println!("{table}");
        return Ok(());
    }
    let text = std::fs::read_to_string(PAGE)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or("docs/LEARNING.md has no place for the table")?;
    std::fs::write(PAGE, format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))?;
    Ok(())
}

/// All lessons with all their seeds, two at a time.
fn learned(first: u64) -> Vec<Learned> {
    let all = Lesson::ALL.iter().flat_map(|lesson| (0..lesson.seeds()).map(move |seed| (*lesson, first + seed)));
    let (waiting, done) = (Mutex::new(all), Mutex::new(Vec::new()));
    let next = || waiting.lock().ok()?.next();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((lesson, seed)) = next() {
                    let result = lesson.learn(seed);
                    eprintln!("{lesson:?} {seed}: {:.1} in {:.0} s", result.after, result.seconds);
                    if let Ok(mut done) = done.lock() {
                        done.push(result);
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|result| (result.lesson as u8, result.seed));
    done
}

fn table(first: u64, results: &[Learned]) -> String {
    let mut text = format!(
        "Seeds from {first} on, all of them; for each the mean of {EPISODES} new episodes, in which the agent does what \
         looks best.\nIn brackets, the last {EPISODES} episodes that it learned in, one action of twenty by lot.\n\n\
         | agent and world | by seed | median | wanted | reached | published | s a seed |\n\
         | --- | --- | ---: | --- | --- | --- | ---: |\n"
    );
    for lesson in Lesson::ALL {
        let own: Vec<&Learned> = results.iter().filter(|result| result.lesson == lesson).collect();
        let mut sorted: Vec<f64> = own.iter().map(|result| result.after).collect();
        sorted.sort_by(f64::total_cmp);
        let (name, wanted, published) = lesson.words();
        let shown = own.iter().map(|result| {
            let during = result.during.map(|during| format!(" ({during:.1})")).unwrap_or_default();
            format!("{:.1}{during}", result.after)
        });
        let shown = shown.collect::<Vec<String>>().join(", ");
        let seconds = own.iter().map(|result| result.seconds).sum::<f64>() / own.len() as f64;
        let (median, reached) = (sorted[sorted.len() / 2], lesson.reached(&sorted));
        // Writing to a text cannot fail.
        let _ =
            writeln!(text, "| {name} | {shown} | {median:.1} | {wanted} | {reached} | {published} | {seconds:.0} |");
    }
    text
}
