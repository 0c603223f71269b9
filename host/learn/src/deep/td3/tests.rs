use super::super::critics::tests::{assert_same_critics, config as common, critics};
use super::super::network::tests::{assert_same, batch, check_gradients, every, fixture, floats, network};
use super::*;

impl Td3 {
    /// How many transitions it remembers, and the newest.
    pub(in super::super) fn newest(&self) -> Option<(usize, Vec<f64>)> {
        self.replay.newest()
    }
}

fn config() -> Td3Config {
    Td3Config { common: common(), noise: 0.1, target_noise: 0.2, target_noise_most: 0.5, policy_delay: 2 }
}

/// A world in which the best action is a number that is seen.
fn live(agent: &mut Td3, steps: u32, world: &mut Draws) {
    for step in 0..steps {
        let state: Vec<f64> = (0..3).map(|_| world.within(-1.0, 1.0)).collect();
        let action = agent.act(&state);
        let reward = -(action[0] - state[0]).powi(2) - (action[1] - 0.5).powi(2);
        let next: Vec<f64> = (0..3).map(|_| world.within(-1.0, 1.0)).collect();
        agent.observe(&Transition { state: &state, action: &action, reward, next: &next, terminated: step % 7 == 0 });
        agent.learn();
    }
}

#[test]
fn steps_are_those_that_pytorch_makes() {
    let fixture = fixture();
    let numbers = &fixture["td3"];
    let mut agent = Td3::new(config(), 1);
    agent.actor = Learning::new(network(&numbers["actor"]));
    agent.actor_target = network(&numbers["actor_target"]);
    agent.critics = critics(numbers);
    let batch = batch(&fixture, &numbers["actions"]);
    let losses = floats(&numbers["losses"]);
    for (noise, wanted) in floats(&numbers["noise"]).chunks_exact(12).zip(losses) {
        let loss = agent.update(&batch, noise);
        assert!((loss - wanted).abs() < 1e-5 * wanted, "{loss}, not {wanted}");
    }
    assert_same(&agent.actor.network, &numbers["after"]["actor"], "actor");
    assert_same(&agent.actor_target, &numbers["after"]["actor_target"], "actor target");
    assert_same_critics(&agent.critics, &numbers["after"], "critics");
}

#[test]
fn gradients_are_those_of_the_loss() {
    let numbers = &fixture()["td3"];
    let critics = critics(numbers);
    let states = batch(&fixture(), &numbers["actions"]);
    check_gradients(&network(&numbers["actor"]), |actor| actor_loss(actor, &critics, &states.matrix(&states.states)));
}

#[test]
fn the_actor_waits_for_its_turn() {
    let mut agent = Td3::new(config(), 2);
    let before = every(&agent.actor.network);
    live(&mut agent, 10, &mut Draws::new(1));
    assert_eq!(agent.updates, 1);
    assert_eq!(every(&agent.actor.network), before);
    live(&mut agent, 1, &mut Draws::new(2));
    assert_ne!(every(&agent.actor.network), before);
    assert_ne!(every(&agent.actor.network), every(&agent.actor_target));
}

#[test]
fn it_learns_what_is_good_and_goes_on_from_what_was_saved() {
    let common = ContinuousConfig { hidden: vec![16], batch: 32, replay: 1000, gamma: 0.0, ..common() };
    let mut agent = Td3::new(Td3Config { common, ..config() }, 3);
    let mut world = Draws::new(4);
    live(&mut agent, 2000, &mut world);
    for wanted in [-0.7, 0.0, 0.7] {
        let action = agent.best(&[wanted, 0.1, -0.2]);
        assert!((action[0] - wanted).abs() < 0.25 && (action[1] - 0.5).abs() < 0.25, "{wanted}: {action:?}");
    }
    let mut again = Td3::load(&agent.save().unwrap()).unwrap();
    live(&mut agent, 100, &mut world.clone());
    live(&mut again, 100, &mut world);
    assert_eq!(agent.save().unwrap(), again.save().unwrap());
}
