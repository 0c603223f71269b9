use super::super::critics::tests::{assert_same_critics, config as common, critics};
use super::super::network::tests::{assert_same, batch, check_gradients, fixture, floats, network};
use super::*;

impl Sac {
    /// How many transitions it remembers, and the newest.
    pub(in super::super) fn newest(&self) -> Option<(usize, Vec<f64>)> {
        self.replay.newest()
    }
}

fn config() -> SacConfig {
    SacConfig { common: common(), target_entropy: -2.0, temperature: 1.0 }
}

/// A world in which the best action is a number that is seen.
fn live(agent: &mut Sac, steps: u32, world: &mut Draws) {
    for step in 0..steps {
        let state: Vec<f64> = (0..3).map(|_| world.within(-1.0, 1.0)).collect();
        let action = agent.act(&state);
        let reward = -10.0 * ((action[0] - state[0]).powi(2) + (action[1] - 0.5).powi(2));
        let next: Vec<f64> = (0..3).map(|_| world.within(-1.0, 1.0)).collect();
        agent.observe(&Transition { state: &state, action: &action, reward, next: &next, terminated: step % 7 == 0 });
        agent.learn();
    }
}

#[test]
fn steps_are_those_that_pytorch_makes() {
    let fixture = fixture();
    let numbers = &fixture["sac"];
    let mut agent = Sac::new(config(), 1);
    agent.actor = Learning::new(network(&numbers["actor"]));
    agent.critics = critics(numbers);
    agent.temperature = matrix(1, 1, vec![numbers["log_temperature"].as_f64().unwrap()]);
    let batch = batch(&fixture, &numbers["actions"]);
    let losses = floats(&numbers["losses"]);
    for (noise, wanted) in floats(&numbers["noise"]).chunks_exact(24).zip([losses[1], losses[4]]) {
        let loss = agent.update(&batch, &noise[..12], &noise[12..]);
        assert!((loss - wanted).abs() < 1e-5 * wanted, "{loss}, not {wanted}");
    }
    let after = &numbers["after"];
    assert_same(&agent.actor.network, &after["actor"], "actor");
    assert_same_critics(&agent.critics, after, "critics");
    let temperature = agent.log_temperature();
    assert!((temperature - after["log_temperature"].as_f64().unwrap()).abs() < 1e-5, "{temperature}");
}

#[test]
fn gradients_are_those_of_the_loss() {
    let numbers = &fixture()["sac"];
    let critics = critics(numbers);
    let batch = batch(&fixture(), &numbers["actions"]);
    let states = batch.matrix(&batch.states);
    let noise = batch.matrix(&floats(&numbers["noise"])[..12]);
    check_gradients(&network(&numbers["actor"]), |actor| {
        let (actions, log_likelihoods) = sample(actor, &states, &noise);
        actor_loss(&critics, &states, &actions, log_likelihoods, 0.7)
    });
    check_gradients(&network(&numbers["actor"]), |actor| sample(actor, &states, &noise).1.mean());
}

#[test]
fn likelihoods_are_those_of_a_squashed_normal() {
    // A network without weights says its bias whatever it sees: mean 0.3, deviation e^-0.5.
    let actor = serde_json::json!([{ "weights": [0.0, 0.0], "bias": [0.3, -0.5] }]);
    let policy = network(&actor);
    // The density summed over what tanh can be comes to 1.
    let mut whole = 0.0;
    let deviation = (-0.5_f64).exp();
    for part in 0..2000 {
        let action = (f64::from(part) + 0.5) / 1000.0 - 1.0;
        let noise = (action.atanh() - 0.3) / deviation;
        let (actions, log) = sample(&policy, &matrix(1, 1, vec![9.0]), &matrix(1, 1, vec![noise]));
        assert!((numbers(actions)[0] - action).abs() < 1e-12);
        whole += numbers(log)[0].exp() / 1000.0;
    }
    assert!((whole - 1.0).abs() < 1e-3, "{whole}");
    // So far out that 1 - tanh^2 rounds to 0, its logarithm is a number all the same: log 4 - 2 u.
    let (_, log) = sample(&policy, &matrix(1, 1, vec![9.0]), &matrix(1, 1, vec![100.0]));
    let before = 0.3 + 100.0 * deviation;
    let wanted = -5000.0 + 0.5 - 0.5 * (2.0 * PI).ln() - 4.0_f64.ln() + 2.0 * before;
    assert!((numbers(log)[0] - wanted).abs() < 1e-9);
}

#[test]
fn it_learns_what_is_good_and_goes_on_from_what_was_saved() {
    let common = ContinuousConfig { hidden: vec![16], batch: 32, replay: 1000, gamma: 0.0, ..common() };
    let mut agent = Sac::new(SacConfig { common, ..config() }, 3);
    let mut world = Draws::new(4);
    live(&mut agent, 2000, &mut world);
    for wanted in [-0.7, 0.0, 0.7] {
        let action = agent.best(&[wanted, 0.1, -0.2]);
        assert!((action[0] - wanted).abs() < 0.25 && (action[1] - 0.5).abs() < 0.25, "{wanted}: {action:?}");
    }
    // It began at 1, and was lowered since so much entropy is not wanted.
    assert!(agent.temperature() < 0.6, "{}", agent.temperature());
    let mut again = Sac::load(&agent.save().unwrap()).unwrap();
    live(&mut agent, 100, &mut world.clone());
    live(&mut again, 100, &mut world);
    assert_eq!(agent.save().unwrap(), again.save().unwrap());
}
