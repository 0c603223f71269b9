//! That neural agents learn, on problems that others have measured such agents on.

#[path = "../worlds/cart_pole.rs"]
mod cart_pole;
#[path = "../worlds/lessons.rs"]
mod lessons;
#[path = "../worlds/pendulum.rs"]
mod pendulum;

use holobiont_learn::deep::{Dqn, Draws, Sac, SavedError, Td3};
use serde_json::Value;

use crate::cart_pole::CartPole;
use crate::lessons::{balance, balanced, balancing, mean, sac, swing, swung, td3};
use crate::pendulum::Pendulum;

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn assert_close(found: &[f64], wanted: &[f64], step: usize) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        // Sines differ in their last bits between libraries.
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "step {step}: {found}, not {wanted}");
    }
}

#[test]
fn carts_go_as_gymnasiums_do() {
    let recorded: Value = serde_json::from_str(include_str!("../fixtures/cart_pole.json")).unwrap();
    for episode in recorded["episodes"].as_array().unwrap() {
        let start = floats(&episode["start"]);
        let mut world = CartPole { state: std::array::from_fn(|place| start[place]), steps: 0 };
        let actions = episode["actions"].as_str().unwrap();
        let mut states = episode["states"].as_array().unwrap().iter().map(floats).peekable();
        for (place, action) in actions.bytes().enumerate() {
            let (reward, terminated, truncated) = world.step(usize::from(action == b'1'));
            let last = place + 1 == actions.len();
            assert_eq!(reward, 1.0);
            assert_eq!(terminated, last && episode["terminated"].as_bool().unwrap());
            assert_eq!(truncated, last && episode["truncated"].as_bool().unwrap());
            if let Some(state) = states.next_if(|state| state[0] == (place + 1) as f64) {
                assert_close(&world.state, &state[1..], place + 1);
                world.state.copy_from_slice(&state[1..]);
            }
        }
        assert!(states.next().is_none());
    }
}

#[test]
fn pendulums_go_as_gymnasiums_do() {
    let recorded: Value = serde_json::from_str(include_str!("../fixtures/pendulum.json")).unwrap();
    let start = floats(&recorded["start"]);
    let mut world = Pendulum { state: [start[0], start[1]], steps: 0 };
    let steps = recorded["steps"].as_array().unwrap();
    for (place, step) in steps.iter().map(floats).enumerate() {
        let (reward, truncated) = world.step(step[0]);
        assert_close(&[world.state[0], world.state[1], reward], &step[1..], place + 1);
        assert_eq!(truncated, place + 1 == steps.len());
    }
}

#[test]
fn worlds_begin_where_they_should() {
    let mut draws = Draws::new(1);
    for _ in 0..100 {
        let (mut cart, mut pendulum) = (CartPole { steps: 9, ..CartPole::default() }, Pendulum::default());
        cart.reset(&mut || draws.even());
        pendulum.reset(&mut || draws.even());
        assert!(cart.steps == 0 && cart.state.iter().all(|number| number.abs() <= 0.05));
        assert!(pendulum.state[0].abs() <= std::f64::consts::PI && pendulum.state[1].abs() <= 1.0);
    }
}

/// Shorter than what is published, with steps of learning that fit it: docs/LEARNING.md has the real ones.
#[test]
fn double_dqn_learns_to_balance() {
    let steps = 15_000;
    let mut config = balancing(true, steps);
    (config.hidden, config.rate, config.start, config.batch) = (vec![64, 64], 1e-3, 1000, 64);
    let mut agent = Dqn::new(config, 1);
    let lengths = balance(&mut agent, 1, steps, 4);
    let (first, after) = (mean(&lengths[..20]), mean(&balanced(&agent, 1, 20)));
    assert!(first < 60.0 && after > 120.0, "{first} steps at first, {after} after");
}

#[test]
fn td3_learns_to_swing_up() {
    let mut config = td3();
    config.common.batch = 128;
    let mut agent = Td3::new(config, 1);
    let first = mean(&swung(&agent, 1, 10));
    swing(&mut agent, 1, 8000);
    let after = mean(&swung(&agent, 1, 20));
    assert!(first < -800.0 && after > -250.0, "{first} at first, {after} after");
}

#[test]
fn sac_learns_to_swing_up() {
    let mut config = sac();
    config.common.batch = 128;
    let mut agent = Sac::new(config, 1);
    let first = mean(&swung(&agent, 1, 10));
    swing(&mut agent, 1, 8000);
    let after = mean(&swung(&agent, 1, 20));
    assert!(first < -800.0 && after > -250.0, "{first} at first, {after} after");
}

/// Whatever a file holds, it is an agent or an error.
#[test]
fn files_that_are_none_are_refused() {
    let agent = Td3::new(td3(), 1);
    let bytes = agent.save().unwrap();
    for end in [0, 7, 8, 100, bytes.len() - 1] {
        assert!(matches!(Td3::load(&bytes[..end]), Err(SavedError::Form(_))), "{end}");
    }
    let schema = SavedError::Schema { found: "holobiont.td3/1".to_owned(), wanted: "holobiont.sac/1" };
    assert_eq!(Sac::load(&bytes).unwrap_err(), schema);
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        Td3::load(&[&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()).unwrap_err().to_string()
    };
    assert!(replaced("holobiont.td3/1", "holobiont.td3/2").contains("it is `holobiont.td3/2`"));
    assert!(replaced("[64,64]", "[63,64]").contains("`actor.0.weights`"));
    assert!(replaced("[64,64]", "[64, 0]").contains("settings"));
    assert!(replaced("\"critic-1.0.bias\"", "\"critic-1.0.bass\"").contains("`critic-1.0.bias`"));
    // The last numbers of the file are those of some network.
    let mut spoilt = bytes.clone();
    let end = spoilt.len() - 8;
    spoilt[end..].copy_from_slice(&f64::NAN.to_le_bytes());
    assert!(matches!(Td3::load(&spoilt), Err(SavedError::Tensor(_))));
}
