use serde_json::Value;

use super::super::network::tests::{assert_same, batch, check_gradients, every, fixture, floats, network};
use super::*;

impl Dqn {
    /// How many transitions it remembers, and the newest.
    pub(in super::super) fn newest(&self) -> Option<(usize, Vec<f64>)> {
        self.replay.newest()
    }
}

fn config(double: bool) -> DqnConfig {
    DqnConfig {
        states: 3,
        actions: 3,
        hidden: vec![5, 4],
        double,
        rate: 0.01,
        gamma: 0.9,
        batch: 8,
        replay: 50,
        start: 10,
        target_sync: 1000,
        epsilon: 1.0,
        epsilon_least: 0.1,
        epsilon_falls: 40,
    }
}

/// An agent with the networks of the fixture.
fn agent(double: bool, numbers: &Value) -> Dqn {
    let mut agent = Dqn::new(config(double), 1);
    agent.online = Learning::new(network(&numbers["online"]));
    agent.target = network(&numbers["target"]);
    agent
}

/// A world of three numbers in which the second action is the good one where the first number is above 0.
fn live(agent: &mut Dqn, steps: u32, world: &mut Draws) {
    for step in 0..steps {
        let state: Vec<f64> = (0..3).map(|_| world.normal()).collect();
        let action = agent.act(&state);
        let reward = if (action == 1) == (state[0] > 0.0) { 1.0 } else { -1.0 };
        let next: Vec<f64> = (0..3).map(|_| world.normal()).collect();
        agent.observe(&Transition { state: &state, action, reward, next: &next, terminated: step % 7 == 0 });
        agent.learn();
    }
}

#[test]
fn steps_are_those_that_pytorch_makes() {
    let fixture = fixture();
    for (name, double) in [("dqn", false), ("double-dqn", true)] {
        let numbers = &fixture[name];
        let mut agent = agent(double, numbers);
        let batch = batch(&fixture, &numbers["actions"]);
        for wanted in floats(&numbers["losses"]) {
            let loss = agent.update(&batch);
            assert!((loss - wanted).abs() < 1e-5 * wanted, "{name}: {loss}, not {wanted}");
        }
        assert_same(&agent.online.network, &numbers["after"], name);
    }
}

#[test]
fn gradients_are_those_of_the_loss() {
    let fixture = fixture();
    let batch = batch(&fixture, &fixture["dqn"]["actions"]);
    check_gradients(&network(&fixture["dqn"]["online"]), |network| {
        loss(network, &batch, 3, &[0.3, -1.0, 2.0, 0.0, 0.7, -0.2])
    });
}

#[test]
fn a_double_one_values_by_one_network_what_the_other_chooses() {
    let fixture = fixture();
    let numbers = &fixture["dqn"];
    let batch = batch(&fixture, &numbers["actions"]);
    let [plain, double] = [false, true].map(|double| agent(double, numbers));
    let mut differing = 0;
    for (place, (one, other)) in plain.after(&batch).into_iter().zip(double.after(&batch)).enumerate() {
        let next = &batch.nexts[3 * place..3 * place + 3];
        let values = super::numbers(plain.target.forward(matrix(1, 3, next.to_vec())));
        let (chosen, highest) = (plain.best(next), largest(&values));
        assert_eq!((one, other), (values[highest], values[chosen]));
        differing += u32::from(chosen != highest);
        assert_eq!(one == other, chosen == highest);
    }
    assert!(differing > 0, "nothing was compared");
}

#[test]
fn the_target_becomes_the_learning_network_when_it_is_time() {
    let mut agent = Dqn::new(DqnConfig { target_sync: 3, ..config(true) }, 5);
    live(&mut agent, 10, &mut Draws::new(1));
    assert_eq!(agent.updates, 1);
    assert_ne!(every(&agent.target), every(&agent.online.network));
    live(&mut agent, 1, &mut Draws::new(2));
    assert_ne!(every(&agent.target), every(&agent.online.network));
    live(&mut agent, 1, &mut Draws::new(3));
    assert_eq!(every(&agent.target), every(&agent.online.network));
}

#[test]
fn it_tries_less_and_less() {
    let mut agent = Dqn::new(DqnConfig { start: 1000, ..config(false) }, 6);
    let best = agent.best(&[0.1, 0.2, 0.3]);
    let mut others = |decisions: u32| (0..decisions).filter(|_| agent.act(&[0.1, 0.2, 0.3]) != best).count();
    // Two of three lots are another one: of the first 20 decisions about 10, of 900 later ones 60.
    assert!((5..=16).contains(&others(20)));
    others(20);
    assert!((30..=90).contains(&others(900)));
}

#[test]
fn it_learns_what_is_good_and_goes_on_from_what_was_saved() {
    let mut agent = Dqn::new(DqnConfig { hidden: vec![16], batch: 32, replay: 500, ..config(true) }, 7);
    let mut world = Draws::new(8);
    live(&mut agent, 400, &mut world);
    let good = (0..500).filter(|_| {
        let state: Vec<f64> = (0..3).map(|_| world.normal()).collect();
        (agent.best(&state) == 1) == (state[0] > 0.0)
    });
    assert!(good.count() > 450);
    let mut again = Dqn::load(&agent.save().unwrap()).unwrap();
    live(&mut agent, 100, &mut world.clone());
    live(&mut again, 100, &mut world);
    assert_eq!(agent.save().unwrap(), again.save().unwrap());
}

#[test]
fn what_does_not_fit_teaches_nothing() {
    let mut agent = Dqn::new(config(false), 9);
    let fitting = Transition { state: &[0.0; 3][..], action: 0, reward: 0.0, next: &[0.0; 3][..], terminated: false };
    agent.observe(&Transition { action: 3, ..fitting });
    agent.observe(&Transition { state: &[0.0; 2], ..fitting });
    agent.observe(&Transition { reward: f64::INFINITY, ..fitting });
    assert_eq!(agent.replay.len(), 0);
    assert_eq!(agent.learn(), None);
    assert!(agent.values(&[0.0; 2]).is_empty());
}
