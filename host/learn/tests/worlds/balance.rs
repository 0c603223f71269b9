//! The actor-critic of the crate, holding up the pole.

use holobiont_learn::{ActorCritic, ActorCriticRates, ActorCriticStep};

use crate::cart_pole::CartPole;
use crate::dice::Dice;

/// What the features of the actor are divided by, so that all are of about the same size.
const SIZES: [f64; 4] = [2.4, 2.0, 0.21, 2.0];

/// Cosines of the critic along each axis: a Fourier basis of this order (Konidaris, Osentoski and Thomas, Value
/// function approximation in reinforcement learning using the Fourier basis, AAAI 2011).
const ORDER: usize = 3;

/// The first that were tried, and they are not fine: a third or three times as much of either does as well.
const RATES: ActorCriticRates =
    ActorCriticRates { actor: 0.01, critic: 0.002, gamma: 0.99, lambda: 0.9, most_step: f64::INFINITY };

/// How many steps the pole stayed up, on average over the last 100 episodes that began within so many steps.
pub(crate) fn final_episodes(seed: u64, steps: u32) -> f64 {
    let mut dice = Dice::new(seed, 4);
    let mut agent = ActorCritic::new(vec![0.0; 2 * 5], (ORDER + 1).pow(4));
    let mut lengths: Vec<u32> = Vec::new();
    let mut pole = CartPole::default();
    pole.reset(&mut || dice.even());
    for _ in 0..steps {
        let actions = actions(&pole.state);
        let taken = agent.choose(&actions, dice.even());
        let state = features(&pole.state);
        let (reward, terminated, truncated) = pole.step(taken);
        let next = features(&pole.state);
        let next = Some(next.as_slice()).filter(|_| !terminated);
        agent.learn(&RATES, ActorCriticStep { state: &state, actions: &actions, taken, reward, next });
        if terminated || truncated {
            lengths.push(pole.steps);
            agent.forget_the_way();
            pole.reset(&mut || dice.even());
        }
    }
    let last = &lengths[lengths.len().saturating_sub(100)..];
    last.iter().map(|length| f64::from(*length)).sum::<f64>() / last.len() as f64
}

/// For each action its own copy of the state.
fn actions(state: &[f64; 4]) -> Vec<Vec<f64>> {
    let own: Vec<f64> = state.iter().zip(SIZES).map(|(number, size)| number / size).chain([1.0]).collect();
    let nothing = vec![0.0; own.len()];
    vec![[own.as_slice(), &nothing].concat(), [nothing.as_slice(), &own].concat()]
}

fn features(state: &[f64; 4]) -> Vec<f64> {
    // Each number from -1.5 to 1.5 sizes is from 0 to 1 of an axis.
    let axes: [f64; 4] = std::array::from_fn(|axis| (0.5 + state[axis] / SIZES[axis] / 3.0).clamp(0.0, 1.0));
    let mut features = Vec::with_capacity((ORDER + 1).pow(4));
    for place in 0..(ORDER + 1).pow(4) {
        let turns = (0..4).map(|axis| (place / (ORDER + 1).pow(axis as u32) % (ORDER + 1)) as f64 * axes[axis]);
        features.push((std::f64::consts::PI * turns.sum::<f64>()).cos());
    }
    features
}
