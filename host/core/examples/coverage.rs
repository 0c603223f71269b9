//! Whether the statistics keep their promises, on simulated data: `cargo run --release --example coverage`.
//!
//! How often 95 % intervals hold the truth, how often tests at 5 % raise a false alarm, and what looking
//! after every input does to that. Takes some minutes; an argument sets the number of trials, of which a
//! share of 95 % has a standard error of 0.5 points at the default 2,000. The tables in the documentation of
//! `holobiont_core::stats` come from here.
#![expect(clippy::print_stdout, reason = "an example that prints tables")]

#[path = "shared/dice.rs"]
mod dice;

use holobiont_core::stats::{
    Bets, Bootstrap, Estimate, Side, Verdict, benjamini_yekutieli, e_benjamini_hochberg, sign_flip,
};

use crate::dice::Dice;

impl Dice {
    fn lognormal(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal()).exp()
    }

    fn exponential(&mut self) -> f64 {
        -self.even().ln()
    }
}

/// A distribution: a name, a way to draw from it, its mean.
type Shape = (&'static str, Draw, f64);

type Draw = fn(&mut Dice) -> f64;

const SHAPES: [Shape; 10] = [
    ("normal", Dice::normal, 0.0),
    ("even", Dice::even, 0.5),
    ("exponential", Dice::exponential, 1.0),
    ("lognormal, sigma 0.5", |dice| dice.lognormal(0.5), 1.133_148_453_066_826_3),
    ("lognormal, sigma 1", |dice| dice.lognormal(1.0), 1.648_721_270_700_128_2),
    ("one in ten 5 higher", |dice| dice.normal() + if dice.even() < 0.1 { 5.0 } else { 0.0 }, 0.5),
    ("lognormal minus lognormal", |dice| dice.lognormal(1.0) - dice.lognormal(1.0), 0.0),
    ("Student's, 3 degrees", student_3, 0.0),
    ("half 0, half exponential", |dice| if dice.even() < 0.5 { 0.0 } else { dice.exponential() }, 0.5),
    ("three in ten 1, others 0", |dice| if dice.even() < 0.3 { 1.0 } else { 0.0 }, 0.3),
];

fn student_3(dice: &mut Dice) -> f64 {
    let squares: f64 = (0..3).map(|_| dice.normal().powi(2)).sum();
    dice.normal() / (squares / 3.0).sqrt()
}

const COUNTS: [usize; 6] = [8, 10, 20, 40, 80, 160];

fn main() {
    let trials = std::env::args().nth(1).and_then(|trials| trials.parse().ok()).unwrap_or(2000u64);
    println!("Of {trials} 95 % intervals so many % hold the truth (below it, above it; mean width).\n");
    means(trials, "mean, default", Bootstrap::new);
    means(trials, "mean, BCa", |seed| Bootstrap::new(seed).bca());
    ratios(trials.div_ceil(4));
    flips(trials);
    sequences(trials);
    many(trials);
}

fn heading(title: &str, columns: &[String]) {
    println!("| {title} | {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len() + 1));
}

fn counts() -> Vec<String> {
    COUNTS.iter().map(|count| format!("{count} inputs")).collect()
}

/// Coverage, misses on each side and mean width.
#[derive(Default)]
struct Tally {
    trials: f64,
    above: f64,
    below: f64,
    width: f64,
}

impl Tally {
    fn add(&mut self, estimate: &Estimate, truth: f64) {
        self.trials += 1.0;
        let Some(interval) = estimate.interval() else { return };
        self.above += f64::from(u8::from(interval.low > truth));
        self.below += f64::from(u8::from(interval.high < truth));
        self.width += interval.high - interval.low;
    }

    fn show(&self) -> String {
        let percent = |count: f64| 100.0 * count / self.trials;
        let held = percent(self.trials - self.above - self.below);
        format!("{held:.1} ({:.1}, {:.1}; {:.2})", percent(self.below), percent(self.above), self.width / self.trials)
    }
}

fn means(trials: u64, title: &str, bootstrap: impl Fn(u64) -> Bootstrap) {
    heading(title, &counts());
    for (name, draw, truth) in SHAPES {
        let cells = COUNTS.map(|count| {
            let (mut dice, mut tally) = (Dice::new(count as u64), Tally::default());
            for trial in 0..trials {
                let data: Vec<f64> = (0..count).map(|_| draw(&mut dice)).collect();
                tally.add(&bootstrap(trial).mean(&data), truth);
            }
            tally.show()
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!();
}

/// Return on investment of a group minus the mean of two solos, with lognormal values and costs that share
/// what is hard about an input.
fn ratios(trials: u64) {
    heading("roi synergy", &counts());
    for sigma in [0.4, 1.0] {
        let cells = COUNTS.map(|count| {
            let (mut dice, mut tally) = (Dice::new(count as u64), Tally::default());
            for trial in 0..trials {
                let rows: Vec<[f64; 6]> = (0..count).map(|_| row(&mut dice, sigma)).collect();
                let synergy = |inputs: &[usize]| {
                    let sum = |at: usize| inputs.iter().map(|input| rows[*input][at]).sum::<f64>();
                    sum(0) / sum(1) - (sum(2) / sum(3) + sum(4) / sum(5)) / 2.0
                };
                let truth = (sigma * sigma * 0.5 * 0.75 / 2.0).exp() * (2.0 / 1.5 - 1.0);
                tally.add(&Bootstrap::new(trial).resamples(1000).statistic(count, synergy), truth);
            }
            tally.show()
        });
        println!("| sigma {sigma} | {} |", cells.join(" | "));
    }
    println!();
}

/// Value and cost of a group (twice the value, half as much cost again) and of two solos; variances of the
/// logarithms are sigma²/2 and an eighth of sigma².
fn row(dice: &mut Dice, sigma: f64) -> [f64; 6] {
    let hard = dice.normal();
    let mut size = |part: f64| (sigma * part * (hard + dice.normal()) / 2.0).exp();
    [2.0 * size(1.0), 1.5 * size(0.5), size(1.0), size(0.5), size(1.0), size(0.5)]
}

/// How often a sign-flip test at 5 % says "more" of a mean of 0.
fn flips(trials: u64) {
    println!("False alarms in % of {trials} sign-flip tests at 5 %: more; less; either.\n");
    heading("sign flips", &counts());
    for (name, draw, mean) in SHAPES {
        let cells = COUNTS.map(|count| {
            let mut dice = Dice::new(count as u64);
            let mut alarms = [0u32; 3];
            for trial in 0..trials {
                let data: Vec<f64> = (0..count).map(|_| draw(&mut dice) - mean).collect();
                for (alarms, side) in alarms.iter_mut().zip([Some(Side::More), Some(Side::Less), None]) {
                    let p = sign_flip(&data, side, 999, trial).map_or(1.0, |p| p.value);
                    *alarms += u32::from(p <= 0.05);
                }
            }
            alarms.map(|alarms| format!("{:.1}", 100.0 * f64::from(alarms) / trials as f64)).join("; ")
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!();
}

/// How often somebody who looks after each of 200 inputs at 5 % is told something, and after how many inputs
/// on average where the mean is off by some standard deviations.
fn sequences(trials: u64) {
    println!("Verdicts in % of {trials} runs that are looked at after each of 200 inputs, at 5 % (inputs it took).\n");
    let columns = ["no effect", "0.25 standard deviations", "0.5", "1"].map(str::to_owned);
    heading("bets", &columns);
    let bounded = |low, high| Bets::bounded(low, high).ok();
    let skewed: Draw = |dice| if dice.even() < 0.1 { 0.9 } else { -0.1 };
    let clipped: Draw = |dice| (dice.lognormal(1.0).min(10.0) - 1.596_364) / 12.0;
    let rows: [(&str, Option<Bets>, Draw, f64); 7] = [
        ("bounded, even within its bounds", bounded(-1.0, 1.0), |dice| dice.even() - 0.5, 0.288_7),
        ("bounded, even within a tenth", bounded(-10.0, 10.0), |dice| dice.even() - 0.5, 0.288_7),
        ("bounded, one in ten 0.9, others -0.1", bounded(-1.0, 1.5), skewed, 0.3),
        ("bounded, lognormal up to 10", bounded(-1.0, 1.0), clipped, 0.146_5),
        ("symmetric, normal", Some(Bets::symmetric()), Dice::normal, 1.0),
        (
            "symmetric, lognormal differences",
            Some(Bets::symmetric()),
            |dice| dice.lognormal(1.0) - dice.lognormal(1.0),
            3.06,
        ),
        (
            "symmetric, lognormal minus its mean: not in its null",
            Some(Bets::symmetric()),
            |dice| dice.lognormal(1.0) - 1.648_721,
            2.16,
        ),
    ];
    for (name, bets, draw, deviation) in rows {
        let Some(bets) = bets else { continue };
        let cells = [0.0, 0.25, 0.5, 1.0].map(|effect| watch(trials, &bets, draw, effect * deviation));
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!();
}

fn watch(trials: u64, bets: &Bets, draw: Draw, shift: f64) -> String {
    let mut dice = Dice::new(9);
    let (mut told, mut inputs) = (0u32, 0u32);
    for _ in 0..trials {
        let mut bets = bets.clone();
        for input in 1..=200 {
            // Bounds are wide enough for the largest shift.
            if bets.observe(draw(&mut dice) + shift).is_err() {
                break;
            }
            if bets.verdict(0.05).is_ok_and(|verdict| verdict != Verdict::Open) {
                told += 1;
                inputs += input;
                break;
            }
        }
    }
    format!("{:.1} ({:.0})", 100.0 * f64::from(told) / trials as f64, f64::from(inputs) / f64::from(told.max(1)))
}

/// How often at least one of 66 pairs of 12 modules that do nothing is called good at a rate of 5 %. With
/// 16 inputs p can be small enough for one pair to be called good by itself.
fn many(trials: u64) {
    println!("% of {trials} times that some of 66 pairs that share modules and do nothing are called good, at 5 %.\n");
    heading(
        "16 inputs",
        &["Benjamini-Yekutieli", "e-BH on symmetric bets", "each at 5 % by itself"].map(str::to_owned),
    );
    let shapes: [(&str, Draw); 2] =
        [("normal", Dice::normal), ("lognormal differences", |dice| dice.lognormal(1.0) - dice.lognormal(1.0))];
    for (name, draw) in shapes {
        let mut dice = Dice::new(4);
        let mut alarms = [0u32; 3];
        for _ in 0..trials {
            let noise: Vec<f64> = (0..12 * 16).map(|_| draw(&mut dice)).collect();
            let (mut p, mut e) = (Vec::new(), Vec::new());
            for (a, b) in (0..12).flat_map(|a| (a + 1..12).map(move |b| (a, b))) {
                let data: Vec<f64> = (0..16).map(|input| noise[a * 16 + input] + noise[b * 16 + input]).collect();
                p.push(sign_flip(&data, Some(Side::More), 0, 0).map_or(1.0, |p| p.value));
                let mut bets = Bets::symmetric();
                e.push(if data.iter().all(|d| bets.observe(*d).is_ok()) { bets.e_value(Side::More) } else { 0.0 });
            }
            alarms[0] += u32::from(benjamini_yekutieli(&p).iter().any(|rate| *rate <= 0.05));
            alarms[1] += u32::from(e_benjamini_hochberg(&e).iter().any(|rate| *rate <= 0.05));
            alarms[2] += u32::from(p.iter().any(|p| *p <= 0.05));
        }
        println!(
            "| {name} | {} |",
            alarms.map(|alarms| format!("{:.1}", 100.0 * f64::from(alarms) / trials as f64)).join(" | ")
        );
    }
}
