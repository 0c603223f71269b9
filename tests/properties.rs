//! What holds of whatever is recorded.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A value of any size, mostly such as metrics have.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![-2.0..2.0f64, -200.0..200.0f64, proptest::num::f64::NORMAL | proptest::num::f64::ZERO]
}

fn update() -> impl Strategy<Value = Update> {
    let series: Vec<String> = RULES.iter().map(Rule::series).collect();
    let metrics = proptest::collection::btree_map(proptest::sample::select(series), value(), 0..12);
    let exceeded = proptest::sample::subsequence(vec![LimitKind::Fuel, LimitKind::Memory, LimitKind::Disk], 0..=3);
    let used = prop_oneof![Just(0u64), 0u64..1 << 34, any::<u64>()];
    let few = prop_oneof![4 => Just(Vec::new()), 1 => exceeded];
    let peaks = (used.clone(), used.clone(), used, few).prop_map(|(fuel, memory_bytes, disk_bytes, exceeded)| Peaks {
        fuel,
        memory_bytes,
        disk_bytes,
        exceeded,
    });
    let peaks = proptest::collection::btree_map(proptest::sample::select(vec!["a".to_owned(), "b".to_owned()]), peaks, 0..3);
    (value(), value(), metrics, peaks).prop_map(|(before, after, metrics, peaks)| Update {
        before,
        after,
        metrics,
        peaks,
        ..Update::default()
    })
}

/// An environment with some of the keys, on and off their ladders, that is valid.
fn some_environment() -> impl Strategy<Value = Environment> {
    let keys: Vec<Key> = Key::TABLE.iter().map(|row| row.key).collect();
    let values = proptest::collection::btree_map(proptest::sample::select(keys), (any::<prop::sample::Index>(), 1.0..1.9f64), 0..15);
    values.prop_map(|values| {
        let mut environment = Environment { name: Some("a".to_owned()), ..Environment::default() };
        for (key, (place, off)) in values {
            let row = key.row();
            let rung = row.ladder[place.index(row.ladder.len())];
            let off_ladder = if row.whole { rung } else { rung * off };
            environment.set(key, if row.has(off_ladder) { off_ladder } else { rung });
        }
        let bandwidths = [MinBandwidth, MaxBandwidth, BandwidthLimit];
        let given: Vec<Key> = bandwidths.into_iter().filter(|key| environment.get(*key).is_some()).collect();
        let mut values: Vec<f64> = given.iter().filter_map(|key| environment.get(*key)).collect();
        values.sort_by(f64::total_cmp);
        given.into_iter().zip(values).for_each(|(key, value)| environment.set(key, value));
        environment
    })
}

fn ballots() -> impl Strategy<Value = Vec<Ballot>> {
    let keys: Vec<Key> = Key::TABLE.iter().map(|row| row.key).collect();
    let ballot = (proptest::sample::select(keys), any::<bool>()).prop_map(|(key, up)| learned(key, up));
    proptest::collection::vec(ballot, 0..6)
}

/// The largest peak of a key in the window, with headroom.
fn floor(tracker: &RoiTracker, key: &str, config: &AdaptConfig) -> f64 {
    let used = |peaks: &Peaks| match key {
        "CPU_LIMIT" => peaks.fuel as f64 / config.cpu_fuel as f64,
        "MEMORY_LIMIT" => peaks.memory_bytes as f64 / (1u64 << 20) as f64,
        "DISK_LIMIT" => peaks.disk_bytes as f64 / (1u64 << 20) as f64,
        _ => 0.0,
    };
    let window = tracker.updates().iter().rev().take(config.window);
    window.flat_map(|update| update.peaks.values()).map(used).fold(0.0, f64::max) * (1.0 + config.headroom)
}

proptest! {
    #[test]
    fn whatever_is_recorded_the_rules_of_moving_hold(
        updates in proptest::collection::vec((update(), ballots(), any::<bool>()), 1..14),
        start in some_environment(), rest in 0u64..5,
    ) {
        let config = AdaptConfig { rest, ..AdaptConfig::default() };
        let (mut tracker, mut state) = (RoiTracker::default(), AdaptState::default());
        let mut environments = vec![start];
        let mut last: BTreeMap<String, (usize, bool)> = BTreeMap::new();
        prop_assert_eq!(environments[0].validate(), Ok(()));
        for (place, (update, extra, looked_at)) in updates.into_iter().enumerate() {
            tracker.record(update);
            if !looked_at {
                continue;
            }
            let after = adapt_presets(&tracker, &environments, &config, &state, &extra);
            prop_assert_eq!(&adapt_presets(&tracker, &environments, &config, &state, &extra), &after);
            prop_assert_eq!(after.environments[0].validate(), Ok(()), "the order of bandwidths, and every range");
            let mut moved = environments[0].clone();
            for made in &after.moves {
                let key = Key::named(&made.key).unwrap();
                prop_assert_eq!(made.from, environments[0].get(key));
                let up = made.from.is_none_or(|from| made.to > from);
                if let Some(from) = made.from {
                    prop_assert_eq!(key.next_rung(from, up), Some(made.to), "{}", made.key);
                } else {
                    prop_assert!([NetworkLatency, SecurityLevel, ThreatIntensity].contains(&key));
                }
                prop_assert!(up || made.to >= floor(&tracker, &made.key, &config), "{} {}", made.key, made.to);
                if let Some((then, way)) = last.insert(made.key.clone(), (place, up)) {
                    prop_assert!(way == up || (place - then) as u64 > rest, "{}", made.key);
                }
                prop_assert!(!made.votes.is_empty() && made.because.contains(&made.key));
                moved.set(key, made.to);
            }
            prop_assert_eq!(&moved, &after.environments[0], "every difference is a move");
            for held in &after.held {
                let key = held.key.as_ref();
                prop_assert!(after.moves.iter().all(|made| Some(&made.key) != key), "{:?}", held);
            }
            let again = adapt_presets(&tracker, &after.environments, &config, &after.state, &extra);
            prop_assert!(again.moves.is_empty() && again.state == after.state);
            (environments, state) = (after.environments, after.state);
        }
    }

    #[test]
    fn moves_and_state_are_read_back(updates in proptest::collection::vec(update(), 1..8), start in some_environment()) {
        let mut tracker = RoiTracker::default();
        updates.into_iter().for_each(|update| tracker.record(update));
        let after = adapted(&tracker, &start);
        let state = serde_json::to_string(&after.state).unwrap();
        prop_assert_eq!(serde_json::from_str::<AdaptState>(&state).unwrap(), after.state);
        let held = serde_json::to_string(&after.held).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Held>>(&held).unwrap(), after.held);
        let moves: Vec<Move> = serde_json::from_str(&serde_json::to_string(&after.moves).unwrap()).unwrap();
        prop_assert_eq!(moves.len(), after.moves.len());
    }

    #[test]
    fn environments_do_not_look_at_each_other_when_nobody_ran_into_a_limit(
        updates in proptest::collection::vec(update(), 1..8), one in some_environment(), other in some_environment(),
    ) {
        let mut tracker = RoiTracker::default();
        for mut update in updates {
            update.peaks.values_mut().for_each(|peaks| peaks.exceeded.clear());
            tracker.record(update);
        }
        let other = Environment { name: Some("b".to_owned()), ..other };
        let (config, state) = (AdaptConfig::default(), AdaptState::default());
        let both = adapt_presets(&tracker, &[one.clone(), other.clone()], &config, &state, &[]);
        prop_assert_eq!(&both.environments[0], &adapted(&tracker, &one).environments[0]);
        prop_assert_eq!(&both.environments[1], &adapted(&tracker, &other).environments[0]);
    }
}
