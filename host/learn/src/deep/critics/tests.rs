use serde_json::Value;

use super::super::network::matrix;
use super::super::network::tests::{assert_same, batch, check_gradients, fixture, network};
use super::*;

/// Settings of the fixture.
pub(in super::super) fn config() -> ContinuousConfig {
    ContinuousConfig {
        states: 3,
        actions: 2,
        hidden: vec![5, 4],
        rate: 0.01,
        gamma: 0.9,
        batch: 8,
        replay: 50,
        start: 10,
        polyak: 0.05,
    }
}

/// The critics of the fixture.
pub(in super::super) fn critics(numbers: &Value) -> Critics {
    let two = |name: &str| [network(&numbers[name][0]), network(&numbers[name][1])];
    Critics { online: two("critics").map(Learning::new), targets: two("critic_targets") }
}

/// That critics are what PyTorch came to.
pub(in super::super) fn assert_same_critics(critics: &Critics, numbers: &Value, what: &str) {
    for place in 0..2 {
        assert_same(&critics.online[place].network, &numbers["critics"][place], what);
        assert_same(&critics.targets[place], &numbers["critic_targets"][place], what);
    }
}

#[test]
fn gradients_are_those_of_the_loss() {
    let fixture = fixture();
    let numbers = &fixture["td3"];
    let batch = batch(&fixture, &numbers["actions"]);
    check_gradients(&network(&numbers["critics"][0]), |network| {
        loss(network, &batch, &[0.3, -1.0, 2.0, 0.0, 0.7, -0.2])
    });
}

#[test]
fn gradients_go_through_to_the_actions() {
    let fixture = fixture();
    let critics = critics(&fixture["td3"]);
    let states = matrix(1, 3, vec![0.3, -0.2, 1.1]);
    let worth = |actions: &Matrix| {
        let [one, other] = critics.worth(&states, actions);
        one.min_pair(other).sum()
    };
    let values = [0.4, -0.7];
    let actions = matrix(1, 2, values.to_vec()).autodiff().require_grad();
    let gradient = numbers(actions.grad(&worth(&actions).backward()).unwrap());
    for (place, found) in gradient.into_iter().enumerate() {
        let moved = |by: f64| {
            let mut values = values;
            values[place] += by;
            super::super::network::number(&worth(&matrix(1, 2, values.to_vec())))
        };
        let wanted = (moved(1e-6) - moved(-1e-6)) / 2e-6;
        assert!((found - wanted).abs() < 1e-7 && wanted != 0.0, "{place}: {found}, not {wanted}");
    }
}
