mod document;
mod originals;
mod properties;
mod worlds;

use super::*;

/// A state in which returns were last seen to change by so much.
fn state(policy: &Policy, gain: f64) -> PolicyState {
    policy.state(&Situation { readings: [(Feature::RoiGain, gain)].into(), ..Situation::default() })
}

/// What an action is worth.
fn value(policy: &Policy, state: &PolicyState, action: Action) -> f64 {
    policy.known(state)[action as usize].value
}

/// What an action brought that was the last one.
fn ended(state: PolicyState, action: Action, reward: f64) -> Transition {
    Transition { state, action, reward, next: None }
}

/// One step along a line of states, by its strategy: from the first, by an action that was worth -0.4, to the
/// second, where the best action is worth 0.6 and the one that was taken 0.2.
fn stepped(strategy: Strategy) -> f64 {
    let config = PolicyConfig { strategy, alpha: 0.5, adaptive: false, gamma: 0.5, ..PolicyConfig::default() };
    let mut policy = Policy::new(config, 1);
    let (here, there) = (state(&policy, -1.0), state(&policy, 1.0));
    // From 0, half of the way.
    policy.learn(ended(here, Action::Run, -0.8));
    policy.learn(ended(there, Action::RunLarge, 1.0));
    policy.learn(ended(there, Action::RunLarge, 0.7));
    policy.learn(ended(there, Action::Skip, 0.4));
    assert_eq!(policy.known(&there).map(|known| known.value), [0.2, 0.0, 0.0, 0.6]);
    policy.learn(Transition { state: here, action: Action::Run, reward: 0.1, next: Some((there, Action::Skip)) });
    value(&policy, &here, Action::Run)
}

#[test]
fn each_strategy_by_hand() {
    // -0.4 + 0.5 (0.1 + 0.5 * 0.6 + 0.4), and with what was taken, 0.1 + 0.5 * 0.2 + 0.4.
    assert!((stepped(Strategy::QLearning) - 0.0).abs() < 1e-12);
    assert!((stepped(Strategy::Sarsa) + 0.1).abs() < 1e-12);
    assert!((stepped(Strategy::QLambda) - 0.0).abs() < 1e-12);
}

/// Two steps, of which the second brings 1: what the first is worth then. In the second state one action was chosen and
/// one was done, and one may have been known to be good.
fn passed_back(chosen: Action, done: Action, known: Option<Action>) -> f64 {
    let config = PolicyConfig {
        strategy: Strategy::QLambda,
        alpha: 0.5,
        adaptive: false,
        gamma: 0.8,
        lambda: 0.5,
        ..PolicyConfig::default()
    };
    let mut policy = Policy::new(config, 1);
    let (here, there) = (state(&policy, -1.0), state(&policy, 1.0));
    if let Some(known) = known {
        policy.learn(ended(there, known, 0.0));
        policy.learn(ended(there, known, 1e-9));
    }
    policy.learn(Transition { state: here, action: Action::Run, reward: 0.0, next: Some((there, chosen)) });
    policy.learn(ended(there, done, 1.0));
    value(&policy, &here, Action::Run)
}

#[test]
fn traces_pass_back_along_the_best_way_only() {
    // 0.5 * 1 * 0.8 * 0.5.
    assert_eq!(passed_back(Action::Skip, Action::Skip, None), 0.2);
    // Something else looked better, so what came is not what the best way would have brought.
    assert!(passed_back(Action::Skip, Action::Skip, Some(Action::RunLarge)) < 1e-8);
    // What is learned next does not go on where the last one ended.
    assert_eq!(passed_back(Action::RunSmall, Action::Skip, None), 0.0);
}

#[test]
fn what_is_no_number_teaches_nothing_and_much_counts_as_the_bound() {
    let mut policy = Policy::new(PolicyConfig::default(), 1);
    let here = state(&policy, 0.0);
    let fresh = policy.clone();
    for reward in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        policy.learn(ended(here, Action::Run, reward));
    }
    assert_eq!(policy, fresh);
    policy.learn(ended(here, Action::Run, 1e308));
    policy.learn(ended(here, Action::Skip, -1e308));
    assert_eq!(policy.known(&here).map(|known| known.value), [-1.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_choice_that_looks_worse_is_one_to_find_out() {
    for exploration in [Exploration::EpsilonGreedy, Exploration::Softmax] {
        let config = PolicyConfig { exploration, ..PolicyConfig::default() };
        let mut policy = Policy::new(config, 11);
        let here = state(&policy, 0.0);
        // Nothing is known to be better.
        assert!((0..50).all(|_| !policy.choose(&here).1));
        policy.learn(ended(here, Action::RunSmall, 0.5));
        let chosen: Vec<(Action, bool)> = (0..300).map(|_| policy.choose(&here)).collect();
        assert!(chosen.iter().all(|(action, explored)| *explored == (*action != Action::RunSmall)));
        assert!(chosen.iter().any(|(_, explored)| *explored) && chosen.iter().any(|(_, explored)| !explored));
        assert_eq!((policy.best(&here), policy.decisions()), (Action::RunSmall, 350));
    }
}
