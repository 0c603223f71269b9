//! What settings of the rules come to, one changed at a time, on seeds that are not reported.

use holobiont_core::adapt::AdaptConfig;

use crate::cost::LOSS;
use crate::policy::Run;
use crate::{CYCLES, Source, TUNED, in_parallel};

/// A setting and what it is tried at.
type Row = (&'static str, &'static [f64], fn(&mut AdaptConfig, f64));

const SETTINGS: [Row; 5] = [
    ("headroom", &[0.0, 0.02, 0.05, 0.1, 0.15, 0.25], |config, value| config.headroom = value),
    ("upper share", &[0.0, 0.1, 0.25, 0.5, 1.0], |config, value| config.upper_share = value),
    ("window", &[1.0, 2.0, 3.0, 5.0, 8.0], |config, value| config.window = value as usize),
    ("rest", &[1.0, 2.0, 3.0], |config, value| config.rest = value as usize),
    ("need weight", &[0.5, 1.0, 2.0, 4.0], |config, value| config.need_weight = value),
];

/// Prints the total cost as a multiple of the oracle's, by setting and source.
pub(crate) fn print(sources: &[Source<'_>], seeds: u64) {
    let names: Vec<&str> = sources.iter().map(Source::name).collect();
    println!("| setting | {} | mean |\n|{}", names.join(" | "), " --- |".repeat(names.len() + 2));
    row("default", &AdaptConfig::default(), sources, seeds);
    for (name, values, set) in SETTINGS {
        for value in values {
            let mut config = AdaptConfig::default();
            set(&mut config, *value);
            if config != AdaptConfig::default() {
                row(&format!("{name} {value}"), &config, sources, seeds);
            }
        }
    }
}

fn row(name: &str, config: &AdaptConfig, sources: &[Source<'_>], seeds: u64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let ratios: Vec<f64> = sources
        .iter()
        .map(|source| {
            mean(&in_parallel(seeds, |place| {
                let world = source.world(CYCLES, TUNED + place);
                let total = |run: &Run| run.bill(&world, LOSS).total();
                total(&Run::adapted(&world, config, None)) / total(&Run::oracle(&world, LOSS))
            }))
        })
        .collect();
    let cells: Vec<String> = ratios.iter().chain([&mean(&ratios)]).map(|ratio| format!("{ratio:.3}")).collect();
    println!("| {name} | {} |", cells.join(" | "));
}
