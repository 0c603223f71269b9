//! What holds for any tracker.

use proptest::prelude::*;

use super::*;

type Numbers = (Vec<f64>, Vec<(u64, u64, bool, bool)>, f64);

/// A cycle: a value for some of the rules' metrics, some modules, a return.
fn cycles(value: impl Strategy<Value = f64> + Clone) -> impl Strategy<Value = Vec<Numbers>> {
    let metrics = prop::collection::vec(value.clone(), RULES.len());
    let modules = prop::collection::vec((0..9_000_000_000u64, 0..9_000_000_000u64, any::<bool>(), any::<bool>()), 0..3);
    prop::collection::vec((metrics, modules, value), 1..12)
}

fn update((metrics, modules, after): Numbers) -> Update {
    let mut update = Update { after, ..Update::default() };
    for (place, (rule, value)) in RULES.iter().zip(metrics).enumerate() {
        // Each second metric is absent in each second cycle.
        if place % 2 == 0 || value > 0.0 {
            update.metrics.insert(rule.metric.to_owned(), value);
        }
    }
    for (place, (fuel, memory, fuel_hit, memory_hit)) in modules.into_iter().enumerate() {
        let mut used = peaks(fuel, memory, &[]);
        used.exceeded.extend(fuel_hit.then_some(LimitKind::Fuel));
        used.exceeded.extend(memory_hit.then_some(LimitKind::Memory));
        update.peaks.insert(format!("module {place}"), used);
    }
    update
}

/// An environment with any of the keys, on or between the rungs, its bandwidths in order.
fn environments() -> impl Strategy<Value = Vec<Environment>> {
    let one = prop::collection::vec(prop::option::of(0.0..1.0f64), Key::TABLE.len()).prop_map(|shares| {
        let mut environment = Environment::default();
        for (row, share) in Key::TABLE.iter().zip(shares) {
            let Some(share) = share else { continue };
            let place = share * (row.ladder.len() - 1) as f64;
            let rung = row.ladder[place.floor() as usize];
            environment.set(row.key, if place.fract() < 0.2 { rung * 1.25 } else { rung });
        }
        let mut least = 0.0f64;
        for key in [MinBandwidth, MaxBandwidth, BandwidthLimit] {
            let Some(value) = environment.get(key) else { continue };
            least = least.max(value);
            environment.set(key, least);
        }
        environment
    });
    prop::collection::vec(one, 1..3)
}

fn in_order(environment: &Environment) -> bool {
    let values: Vec<f64> =
        [MinBandwidth, MaxBandwidth, BandwidthLimit].into_iter().filter_map(|key| environment.get(key)).collect();
    values.is_sorted()
}

/// The most that a module used of what a key bounds in the remembered window, in the unit of the key.
fn floor_of(tracker: &RoiTracker, key: Key, config: &AdaptConfig) -> f64 {
    let recent = tracker.updates().iter().rev().take(config.window).flat_map(|update| update.peaks.values());
    let used = recent.map(|peaks| match key {
        CpuLimit => peaks.fuel as f64 / 1e9,
        MemoryLimit => peaks.memory_bytes as f64 / 1_048_576.0,
        _ => 0.0,
    });
    used.fold(0.0, f64::max) * (1.0 + config.headroom)
}

proptest! {
    #[test]
    fn what_always_holds(cycles in cycles(-3.0..3.0f64), given in environments(), seed in any::<u64>()) {
        let config = AdaptConfig::default();
        let (mut tracker, mut state, mut agent) = (RoiTracker::default(), AdaptState::default(), PresetAgent::new(seed));
        let mut now = given;
        let mut last: BTreeMap<(String, Key), (bool, usize)> = BTreeMap::new();
        for (cycle, numbers) in cycles.into_iter().enumerate() {
            tracker.record(update(numbers));
            let before = (state.clone(), agent.clone());
            let adapted = adapt_presets(&tracker, &now, &config, &mut state, Some(&mut agent));
            let (mut again, mut same) = before;
            prop_assert_eq!(&adapt_presets(&tracker, &now, &config, &mut again, Some(&mut same)), &adapted);
            prop_assert_eq!((&again, &same), (&state, &agent));
            for (old, new) in now.iter().zip(&adapted.environments) {
                prop_assert!(in_order(new), "{:?} {:?}", old, new);
            }
            for step in &adapted.moves {
                let up = step.to > step.from;
                prop_assert_eq!(step.key.next_rung(step.from, up), Some(step.to), "{:?}", step);
                if !up {
                    let floor = floor_of(&tracker, step.key, &config);
                    prop_assert!(step.to >= floor, "{} {:?}", floor, step);
                }
                let key = (step.environment.clone(), step.key);
                if let Some((was_up, at)) = last.insert(key, (up, cycle)) {
                    let rested = cycle - at >= config.rest;
                    prop_assert!(cycle > at, "moved twice: {:?}", step);
                    prop_assert!(was_up == up || rested || step.cause == Cause::Need, "{:?}", step);
                }
            }
            let changed: usize = now
                .iter()
                .zip(&adapted.environments)
                .map(|(old, new)| Key::TABLE.iter().filter(|row| old.get(row.key) != new.get(row.key)).count())
                .sum();
            prop_assert_eq!(changed, adapted.moves.len());
            now = adapted.environments;
        }
    }

    #[test]
    fn no_number_is_too_much(
        cycles in cycles(prop::num::f64::ANY),
        wild in prop::collection::vec(prop::num::f64::ANY, Key::TABLE.len()),
        half in prop::num::f64::ANY,
    ) {
        let mut given = Environment::default();
        for (row, value) in Key::TABLE.iter().zip(wild) {
            given.set(row.key, value);
        }
        let config = AdaptConfig { bands: [("roi".to_owned(), half)].into(), headroom: half, ..AdaptConfig::default() };
        let (mut tracker, mut state) = (RoiTracker::default(), AdaptState::default());
        for numbers in cycles {
            tracker.record(update(numbers));
            let adapted = adapt_presets(&tracker, std::slice::from_ref(&given), &config, &mut state, None);
            // A cycle whose return is no number is none, and what was not adapted is as it was given.
            if adapted.held.iter().any(|held| held.reason == Reason::NothingNew) {
                continue;
            }
            given = adapted.environments[0].clone();
            let bandwidths = [MinBandwidth, MaxBandwidth, BandwidthLimit].map(|key| given.get(key).unwrap());
            let is_new = adapted.held.iter().all(|held| held.reason != Reason::NothingNew);
            let are_numbers = bandwidths.iter().all(|value| !value.is_nan());
            prop_assert!(in_order(&given) || !(is_new && are_numbers), "{:?}", bandwidths);
        }
    }
}
