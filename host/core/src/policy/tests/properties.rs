//! What holds whatever comes.

use proptest::prelude::{Just, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;

use super::*;

fn configs() -> impl proptest::strategy::Strategy<Value = PolicyConfig> {
    let strategies = proptest::sample::select(Strategy::VARIANTS);
    let explorations = proptest::sample::select(&[Exploration::EpsilonGreedy, Exploration::Softmax][..]);
    (strategies, explorations, 0.01..=1.0, any::<bool>(), 0.0..0.99, 0.0..=1.0, 0.1..50.0).prop_map(
        |(strategy, exploration, alpha, adaptive, gamma, lambda, reward_bound)| PolicyConfig {
            strategy,
            exploration,
            alpha,
            adaptive,
            gamma,
            lambda,
            reward_bound,
            ..PolicyConfig::default()
        },
    )
}

/// The steps of a world: what is read after each, which module moves, and what came. Some is no number.
fn steps() -> impl proptest::strategy::Strategy<Value = Vec<(f64, u8, f64)>> {
    let reading = prop_oneof![8 => -1.0..1.0, 1 => Just(f64::NAN)];
    let reward = prop_oneof![8 => -60.0..60.0, 1 => proptest::num::f64::ANY];
    proptest::collection::vec((reading, 0..5u8, reward), 1..120)
}

fn situation(reading: f64, module: u8) -> Situation {
    Situation {
        readings: [(Feature::RoiGain, reading), (Feature::Passed, reading.abs())].into(),
        modules: [(crate::ModuleId::new(&format!("m{module}.wasm")).unwrap(), reading)].into(),
    }
}

/// Goes through steps from where a policy is, and says what it decided.
fn go(policy: &mut Policy, at: &mut Option<(PolicyState, Action)>, steps: &[(f64, u8, f64)]) -> Vec<(Action, bool)> {
    steps
        .iter()
        .map(|(reading, module, reward)| {
            let state = policy.state(&situation(*reading, *module));
            let chosen = policy.choose(&state);
            let next = (state, chosen.0);
            if let Some((state, action)) = at.replace(next) {
                policy.learn(Transition { state, action, reward: *reward, next: Some(next) });
            }
            chosen
        })
        .collect()
}

proptest! {
    #[test]
    fn values_stay_within_what_could_ever_come(config in configs(), steps in steps(), seed in any::<u64>()) {
        prop_assert_eq!(config.invalid(), None);
        let bound = config.reward_bound / (1.0 - config.gamma);
        let mut policy = Policy::new(config, seed);
        go(&mut policy, &mut None, &steps);
        for row in policy.learner.rows.values() {
            prop_assert!((0..ACTIONS).all(|place| row.value(place).abs() <= bound), "{row:?} beyond {bound}");
        }
        prop_assert!(policy.learner.traces.values().all(|trace| *trace > 0.0 && *trace <= 1.0));
    }

    #[test]
    fn what_was_saved_goes_on_to_the_last_bit(
        config in configs(), steps in steps(), cut in any::<proptest::sample::Index>(), seed in any::<u64>()
    ) {
        let (before, after) = steps.split_at(cut.index(steps.len()));
        let (mut policy, mut at) = (Policy::new(config.clone(), seed), None);
        go(&mut policy, &mut at, before);
        let json = policy.to_json().unwrap();
        let (mut loaded, mut loaded_at) = (Policy::from_json(&json, config).unwrap(), at);
        prop_assert_eq!(&loaded, &policy);
        prop_assert_eq!(go(&mut loaded, &mut loaded_at, after), go(&mut policy, &mut at, after));
        prop_assert_eq!(loaded.to_json().unwrap(), policy.to_json().unwrap());
    }

    #[test]
    fn there_are_no_more_states_than_are_said(steps in steps(), buckets in 0..3u16) {
        let config = PolicyConfig {
            features: [Feature::RoiGain, Feature::Passed].into(),
            module_buckets: buckets,
            ..PolicyConfig::default()
        };
        let policy = Policy::new(config.clone(), 1);
        let states: std::collections::BTreeSet<PolicyState> =
            steps.iter().map(|(reading, module, _)| policy.state(&situation(*reading, *module))).collect();
        prop_assert!(states.len() as u64 <= config.most_states());
        for state in states {
            prop_assert_eq!(PolicyState::try_from(state.to_string()), Ok(state));
        }
    }
}
