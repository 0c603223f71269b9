//! Whether 95 % intervals of forecasts keep their promise, on simulated series:
//! `cargo run --release -p holobiont-core --example forecast_coverage`.
//!
//! Takes a minute; an argument sets the number of series for each cell, of which a share of 95 % has a standard
//! error of 0.5 points at the default 2,000. The tables in the documentation of `holobiont_core::forecast` come from
//! here.
#![expect(clippy::print_stdout, reason = "an example that prints tables")]

#[path = "shared/dice.rs"]
mod dice;

use holobiont_core::forecast::{Method, predict};

use crate::dice::Dice;

impl Dice {
    fn student_3(&mut self) -> f64 {
        let squares: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        self.normal() / (squares / 3.0).sqrt()
    }
}

/// A kind of series: its name, the method whose model it is, and the values.
type Kind = (&'static str, Method, fn(&mut Dice, usize) -> Vec<f64>);

const KINDS: [Kind; 8] = [
    ("noise around a level", Method::Ses, |dice, count| (0..count).map(|_| dice.normal()).collect()),
    ("noise, Student's, 3 degrees", Method::Ses, |dice, count| (0..count).map(|_| dice.student_3()).collect()),
    ("AR(1), 0.7", Method::Arima, |dice, count| ar(dice, count, 0.7)),
    ("random walk", Method::Ses, |dice, count| ar(dice, count, 1.0)),
    ("random walk that drifts by 0.5", Method::Theta, |dice, count| {
        ar(dice, count, 1.0).iter().enumerate().map(|(place, value)| value + 0.5 * place as f64).collect()
    }),
    ("level that follows 0.3 of each error", Method::Ema, |dice, count| smoothed(dice, count)),
    ("damped trend", Method::Holt, |dice, count| damped(dice, count)),
    ("line of slope 0.5 and noise", Method::Linear, |dice, count| {
        (0..count).map(|place| 0.5 * place as f64 + dice.normal()).collect()
    }),
];

fn ar(dice: &mut Dice, count: usize, share: f64) -> Vec<f64> {
    let mut value = if share < 1.0 { dice.normal() / (1.0 - share * share).sqrt() } else { 0.0 };
    let mut next = || {
        value = share * value + dice.normal();
        value
    };
    (0..count).map(|_| next()).collect()
}

fn smoothed(dice: &mut Dice, count: usize) -> Vec<f64> {
    let mut level = 0.0;
    let mut next = || {
        let noise = dice.normal();
        let value = level + noise;
        level += 0.3 * noise;
        value
    };
    (0..count).map(|_| next()).collect()
}

/// Shares of 0.5 for the level and 0.2 for the trend, damped by 0.9, from a trend of one standard deviation.
fn damped(dice: &mut Dice, count: usize) -> Vec<f64> {
    let (mut level, mut trend) = (0.0, 1.0);
    let mut next = || {
        let noise = dice.normal();
        let value = level + 0.9 * trend + noise;
        level = level + 0.9 * trend + 0.5 * noise;
        trend = 0.9 * trend + 0.5 * 0.2 * noise;
        value
    };
    (0..count).map(|_| next()).collect()
}

const COUNTS: [usize; 5] = [8, 12, 20, 40, 100];
const AHEAD: usize = 5;

fn main() {
    let trials = std::env::args().nth(1).and_then(|trials| trials.parse().ok()).unwrap_or(2000u64);
    println!("Of {trials} 95 % intervals so many % hold the next value; the fifth (the mean width of the first).\n");
    table("`Auto`", trials, |_| Method::Auto);
    table("the method of its kind", trials, |own| own);
}

fn table(title: &str, trials: u64, method: impl Fn(Method) -> Method) {
    println!("| {title} | 8 points | 12 | 20 | 40 | 100 |\n|{}", " --- |".repeat(COUNTS.len() + 1));
    for (name, own, series) in KINDS {
        let method = method(own);
        let cells = COUNTS.map(|count| cell(trials, count, method, series));
        let of = if method == own { format!("{name}: {method}") } else { name.to_owned() };
        println!("| {of} | {} |", cells.join(" | "));
    }
    println!();
}

fn cell(trials: u64, count: usize, method: Method, series: fn(&mut Dice, usize) -> Vec<f64>) -> String {
    let mut dice = Dice::new(count as u64);
    let (mut next, mut fifth, mut width) = (0.0, 0.0, 0.0);
    for _ in 0..trials {
        let series = series(&mut dice, count + AHEAD);
        let predictions = predict(&series[..count], AHEAD, method);
        let holds = |ahead: usize| match (predictions[ahead - 1].low, predictions[ahead - 1].high) {
            (Some(low), Some(high)) => f64::from(u8::from((low..=high).contains(&series[count + ahead - 1]))),
            _ => 0.0,
        };
        next += holds(1);
        fifth += holds(AHEAD);
        width += predictions[0].high.unwrap_or(0.0) - predictions[0].low.unwrap_or(0.0);
    }
    let percent = |count: f64| 100.0 * count / trials as f64;
    format!("{:.1}; {:.1} ({:.2})", percent(next), percent(fifth), width / trials as f64)
}
