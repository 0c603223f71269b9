//! Ten thousand steps of load: waves, noise and bursts.

use std::collections::BTreeSet;

use super::*;
use crate::random::{Draws, Stream};

const STEPS: u64 = 10_000;

/// A step of the simulation, in milliseconds.
const STEP_MS: u64 = 60_000;

/// An even share of -1 to 1.
fn even(draws: &mut Draws) -> f64 {
    f64::from(draws.below(2001)) / 1000.0 - 1.0
}

/// Capital and trend, step by step: a wave of 1,000 steps that takes both through all their thresholds, noise that takes
/// them to and fro over each, and once in 200 steps a burst of 1 to 5 steps that throws both to an end.
fn loads(seed: u64) -> Vec<(f64, f64)> {
    let mut draws = Draws::new(seed, Stream::Split);
    let (mut burst, mut end) = (0, 1.0);
    (0..STEPS)
        .map(|step| {
            if draws.below(200) == 0 {
                (burst, end) = (1 + draws.below(5), if draws.below(2) == 0 { 1.0 } else { -1.0 });
            }
            let wave = (std::f64::consts::TAU * step as f64 / 1000.0).sin();
            let (capital, trend) = (0.55 + 0.4 * wave + 0.15 * even(&mut draws), 0.1 * wave + 0.1 * even(&mut draws));
            if burst > 0 {
                burst -= 1;
                return (0.5 + 0.5 * end, end);
            }
            (capital.clamp(0.0, 1.0), trend)
        })
        .collect()
}

/// How many changes, and how many of them took back the one before within ten steps, over all the loads of a seed.
fn changes(scale: &Autoscale, seed: u64) -> (usize, usize) {
    let (mut state, mut all, mut named) = (ScaleState::default(), engines(&["alpha"]), BTreeSet::new());
    let (mut count, mut taken_back, mut last) = (0, 0, None);
    for (step_number, load) in loads(seed).into_iter().enumerate() {
        let scaling = step(scale, &mut state, load, &mut all, step_number as u64 * STEP_MS);
        assert!((scale.min_engines..=scale.max_engines).contains(&all.len()), "{} engines", all.len());
        let more = match scaling {
            Scaling::Add { name, .. } => {
                assert!(named.insert(name.clone()), "{name} was given before");
                true
            }
            Scaling::Remove { .. } => false,
            Scaling::Stay { .. } => continue,
        };
        count += 1;
        taken_back += usize::from(last.is_some_and(|(at, was_more)| was_more != more && step_number - at <= 10));
        last = Some((step_number, more));
    }
    (count, taken_back)
}

#[test]
fn over_ten_thousand_steps_nothing_thrashes() {
    for seed in 0..5 {
        let (steady, steady_back) = changes(&Autoscale::default(), seed);
        let naive = Autoscale { band: 0.0, signals: 1, cool_down_ms: 0, ..Autoscale::default() };
        let (naive, naive_back) = changes(&naive, seed);
        println!("seed {seed}: {steady} changes, {steady_back} taken back; naive {naive}, {naive_back}");
        // The wave alone asks for 8 changes in 1,000 steps: up from 1 to 5 and back.
        assert!((40..=120).contains(&steady), "{steady}");
        assert_eq!(steady_back, 0);
        assert!(naive > 5 * steady && naive_back > 100, "{naive} {naive_back}");
    }
}
