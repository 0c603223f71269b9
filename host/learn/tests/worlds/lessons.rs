//! What agents come to in the two worlds. The settings are those that others have published figures for: CleanRL's of
//! DQN, and of TD3 and SAC the usual ones with two layers of 64.

use holobiont_learn::deep::{ContinuousConfig, Dqn, DqnConfig, Draws, Sac, SacConfig, Td3, Td3Config, Transition};

use super::cart_pole::CartPole;
use super::pendulum::{MOST_TORQUE, Pendulum};

/// Makes a seed one of the world that is learned in, whose draws are others than those of an agent of that seed.
const WORLD: u64 = 0x776f_726c_6400_0000;
/// And of the world that is tried after learning.
const TRIAL: u64 = 0x7472_6961_6c00_0000;

/// How an agent learns to balance, in so many steps.
pub(crate) fn balancing(double: bool, steps: u64) -> DqnConfig {
    DqnConfig {
        states: 4,
        actions: 2,
        hidden: vec![120, 84],
        double,
        rate: 2.5e-4,
        gamma: 0.99,
        batch: 128,
        replay: 10_000,
        start: 10_000,
        // Every 500 steps of the world, of which each tenth is learned from.
        target_sync: 50,
        epsilon: 1.0,
        epsilon_least: 0.05,
        epsilon_falls: steps / 2,
    }
}

/// Lets an agent balance for so many steps. The lengths of its episodes.
pub(crate) fn balance(agent: &mut Dqn, seed: u64, steps: u64, every: u64) -> Vec<f64> {
    let mut draws = Draws::new(WORLD ^ seed);
    let mut world = CartPole::default();
    world.reset(&mut || draws.even());
    let mut lengths = Vec::new();
    for step in 1..=steps {
        let state = world.state;
        let action = agent.act(&state);
        let (reward, terminated, truncated) = world.step(action);
        agent.observe(&Transition { state: &state, action, reward, next: &world.state, terminated });
        if step % every == 0 {
            agent.learn();
        }
        if terminated || truncated {
            lengths.push(f64::from(world.steps));
            world.reset(&mut || draws.even());
        }
    }
    lengths
}

/// How long an agent balances when it only does what looks best: each of so many new episodes.
pub(crate) fn balanced(agent: &Dqn, seed: u64, episodes: u32) -> Vec<f64> {
    let mut draws = Draws::new(TRIAL ^ seed);
    let episode = |_| {
        let mut world = CartPole::default();
        world.reset(&mut || draws.even());
        loop {
            let (_, terminated, truncated) = world.step(agent.best(&world.state));
            if terminated || truncated {
                return f64::from(world.steps);
            }
        }
    };
    (0..episodes).map(episode).collect()
}

/// An agent whose actions are numbers.
pub(crate) trait Swings {
    /// What to do.
    fn act(&mut self, state: &[f64]) -> Vec<f64>;
    /// What looks best.
    fn best(&self, state: &[f64]) -> Vec<f64>;
    /// Takes what came of it, and learns.
    fn learn(&mut self, transition: &Transition<'_, &[f64]>);
}

impl Swings for Td3 {
    fn act(&mut self, state: &[f64]) -> Vec<f64> {
        self.act(state)
    }

    fn best(&self, state: &[f64]) -> Vec<f64> {
        self.best(state)
    }

    fn learn(&mut self, transition: &Transition<'_, &[f64]>) {
        self.observe(transition);
        self.learn();
    }
}

impl Swings for Sac {
    fn act(&mut self, state: &[f64]) -> Vec<f64> {
        self.act(state)
    }

    fn best(&self, state: &[f64]) -> Vec<f64> {
        self.best(state)
    }

    fn learn(&mut self, transition: &Transition<'_, &[f64]>) {
        self.observe(transition);
        self.learn();
    }
}

fn swinging(gamma: f64) -> ContinuousConfig {
    ContinuousConfig {
        states: 3,
        actions: 1,
        hidden: vec![64, 64],
        rate: 1e-3,
        gamma,
        batch: 256,
        replay: 100_000,
        start: 1000,
        polyak: 0.005,
    }
}

/// How TD3 learns to swing up.
pub(crate) fn td3() -> Td3Config {
    Td3Config { common: swinging(0.98), noise: 0.1, target_noise: 0.2, target_noise_most: 0.5, policy_delay: 2 }
}

/// How SAC learns to swing up: soon, as in the published run.
pub(crate) fn sac() -> SacConfig {
    SacConfig { common: ContinuousConfig { start: 100, ..swinging(0.99) }, target_entropy: -1.0, temperature: 1.0 }
}

/// Lets an agent swing for so many steps.
pub(crate) fn swing(agent: &mut dyn Swings, seed: u64, steps: u64) {
    let mut draws = Draws::new(WORLD ^ seed);
    let mut world = Pendulum::default();
    world.reset(&mut || draws.even());
    for _ in 0..steps {
        let state = world.seen();
        let action = agent.act(&state);
        let (reward, truncated) = world.step(MOST_TORQUE * action[0]);
        let next = world.seen();
        agent.learn(&Transition { state: &state, action: &action, reward, next: &next, terminated: false });
        if truncated {
            world.reset(&mut || draws.even());
        }
    }
}

/// What an agent comes to when it only does what looks best: the sum of rewards of each of so many new episodes.
pub(crate) fn swung(agent: &dyn Swings, seed: u64, episodes: u32) -> Vec<f64> {
    let mut draws = Draws::new(TRIAL ^ seed);
    let episode = |_| {
        let mut world = Pendulum::default();
        world.reset(&mut || draws.even());
        let mut sum = 0.0;
        loop {
            let (reward, truncated) = world.step(MOST_TORQUE * agent.best(&world.seen())[0]);
            sum += reward;
            if truncated {
                return sum;
            }
        }
    };
    (0..episodes).map(episode).collect()
}

/// The mean of some numbers.
pub(crate) fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}
