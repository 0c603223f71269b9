//! The tables.

use std::fmt::{Error, Write as _};

use holobiont_core::stats::Bootstrap;

use crate::{FIRST_SEED, POLE_STEPS, Table};

/// What draws the resamples of intervals.
const SEED: u64 = 1;

/// Who knows the hidden weights, but not all of what can be done with them.
pub(crate) const KNOWING: [&str; 2] =
    ["the hidden weights, those below 0 as 0", "the hidden weights, without looking ahead"];

/// The section of the page.
pub(crate) fn section(names: &[&str], tables: &[Table], poles: &[f64], cycles: usize) -> Result<String, Error> {
    let seeds = poles.len();
    let mut text = String::new();
    writeln!(text, "### `SynergyBandit`\n")?;
    writeln!(
        text,
        "Regret over {cycles} cycles as a share of that of one who chooses by lot: 0 is as good as who knows,"
    )?;
    writeln!(
        text,
        "above 1 is worse than by lot. Means of {seeds} seeds, from {FIRST_SEED} on, with 95 % intervals.\n"
    )?;
    head(&mut text, tables)?;
    for (place, name) in names.iter().enumerate() {
        write!(text, "| {name} |")?;
        for table in tables {
            write!(text, " {} |", with_interval(&table.regrets[place], "")?)?;
        }
        writeln!(text)?;
    }
    writeln!(
        text,
        "\nThe same less the regret of `linucb` on the same seed, with 95 % intervals of the differences: above 0"
    )?;
    writeln!(text, "it does worse than `linucb`. Bold is where the interval does not hold 0.\n")?;
    head(&mut text, tables)?;
    for (place, name) in names.iter().enumerate().skip(1) {
        write!(text, "| {name} |")?;
        for table in tables {
            let differences: Vec<f64> =
                table.regrets[place].iter().zip(&table.regrets[0]).map(|(a, b)| a - b).collect();
            write!(text, " {} |", with_interval(&differences, "+")?)?;
        }
        writeln!(text)?;
    }
    pole(&mut text, poles)?;
    Ok(text)
}

fn head(text: &mut String, tables: &[Table]) -> Result<(), Error> {
    let names: Vec<&str> = tables.iter().map(|table| table.variant.name()).collect();
    writeln!(text, "| learner | {} |\n| --- |{}", names.join(" | "), " ---: |".repeat(names.len()))
}

/// A mean and the ends of its interval; differences have their signs, and are bold where 0 is beyond the ends.
fn with_interval(values: &[f64], plus: &str) -> Result<String, Error> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let signed = |value: f64| if plus.is_empty() { format!("{value:.3}") } else { format!("{value:+.3}") };
    let estimate = Bootstrap::new(SEED).mean(values);
    Ok(match estimate.interval() {
        Some(interval) if !plus.is_empty() && interval.excludes(0.0) => {
            format!("**{}** ({} to {})", signed(mean), signed(interval.low), signed(interval.high))
        }
        Some(interval) => format!("{} ({} to {})", signed(mean), signed(interval.low), signed(interval.high)),
        None => signed(mean),
    })
}

fn pole(text: &mut String, poles: &[f64]) -> Result<(), Error> {
    let least = poles.iter().copied().fold(f64::INFINITY, f64::min);
    let mean = poles.iter().sum::<f64>() / poles.len() as f64;
    let passed = poles.iter().filter(|steps| **steps >= 475.0).count();
    writeln!(text, "\n### CartPole-v1\n")?;
    writeln!(
        text,
        "Steps that the pole stayed up, of 500, by the last 100 episodes of {POLE_STEPS} steps of learning.\n"
    )?;
    writeln!(
        text,
        "| learner | seeds | mean | worst seed | seeds with 475 or more |\n| --- | ---: | ---: | ---: | ---: |"
    )?;
    writeln!(text, "| actor-critic | {} | {mean:.1} | {least:.1} | {passed} |", poles.len())
}
