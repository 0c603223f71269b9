mod originals;
mod properties;
mod single;

use super::*;
use crate::environment::Key::{BandwidthLimit, CpuLimit, MaxBandwidth, MemoryLimit, MinBandwidth, ThreatIntensity};
use crate::forecast::Prediction;
use crate::limits::LimitKind;
use crate::tracker::{Peaks, Update};

/// A tracker of series that all end with the newest cycle; `roi` is that of levels. Where there is none the return
/// falls, from which nothing follows.
fn tracker(series: &[(&str, &[f64])]) -> RoiTracker {
    let cycles = series.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let mut tracker = RoiTracker::default();
    let mut before = 0.0;
    for cycle in 0..cycles {
        let mut update = Update { before, ..Update::default() };
        for (name, values) in series {
            let Some(value) = (cycle + values.len()).checked_sub(cycles).and_then(|place| values.get(place)) else {
                continue;
            };
            if *name == "roi" {
                update.after = *value;
            } else {
                update.metrics.insert((*name).to_owned(), *value);
            }
        }
        if series.iter().all(|(name, _)| *name != "roi") {
            update.after = -(cycle as f64);
        }
        before = update.after;
        tracker.record(update);
    }
    tracker
}

fn environment(values: &[(Key, f64)]) -> Environment {
    let mut environment = Environment::default();
    for (key, value) in values {
        environment.set(*key, *value);
    }
    environment
}

/// What becomes of an environment at the first adaptation, with some predictions put in the place of the tracker's.
fn adapted(values: &[(Key, f64)], series: &[(&str, &[f64])], expected: &[(&str, f64)]) -> Adaptation {
    let config = AdaptConfig::default();
    let mut evidence = Evidence::of(&tracker(series), &config);
    for (name, value) in expected {
        foretell(&mut evidence, name, Prediction { value: *value, low: None, high: None });
    }
    adapt_on(&evidence, &[environment(values)], &config, &mut AdaptState::default(), None)
}

fn foretell(evidence: &mut Evidence, name: &str, prediction: Prediction) {
    evidence.series.get_mut(name).unwrap().expected = Some(prediction);
}

/// The values of keys after the first adaptation.
fn values_after<const N: usize>(
    keys: [Key; N],
    values: [f64; N],
    series: &[(&str, &[f64])],
    expected: &[(&str, f64)],
) -> [f64; N] {
    let given: Vec<(Key, f64)> = keys.into_iter().zip(values).collect();
    let adapted = adapted(&given, series, expected);
    keys.map(|key| adapted.environments[0].get(key).unwrap())
}

fn peaks(fuel: u64, memory_bytes: u64, exceeded: &[LimitKind]) -> Peaks {
    Peaks { fuel, memory_bytes, exceeded: exceeded.to_vec(), ..Peaks::default() }
}

/// A cycle of one module.
fn cycle(peaks: Peaks) -> Update {
    Update { peaks: [("plugins/a.wasm".to_owned(), peaks)].into(), ..Update::default() }
}
