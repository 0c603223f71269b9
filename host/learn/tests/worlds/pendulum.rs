//! Pendulum-v1: a pendulum that is to be swung up by a torque too weak to lift it at once.

use std::f64::consts::PI;

/// The steps after which an episode is cut off. There is no other end.
const MOST_STEPS: u32 = 200;
/// The most torque either way, in newton metres.
pub(crate) const MOST_TORQUE: f64 = 2.0;

const GRAVITY: f64 = 10.0;
/// Seconds between two steps.
const STEP: f64 = 0.05;
const FASTEST: f64 = 8.0;

/// The pendulum: one kilogram at the end of one metre.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pendulum {
    /// The angle from upright in radians, and its speed.
    pub(crate) state: [f64; 2],
    /// The steps of this episode.
    pub(crate) steps: u32,
}

impl Pendulum {
    /// Begins an episode: any angle, and a speed within 1; `draws` gives even draws from 0 to 1.
    pub(crate) fn reset(&mut self, draws: &mut impl FnMut() -> f64) {
        *self = Self { state: [(2.0 * draws() - 1.0) * PI, 2.0 * draws() - 1.0], steps: 0 };
    }

    /// What is seen: the angle's cosine and sine, and the speed.
    pub(crate) fn seen(&self) -> [f64; 3] {
        let (sine, cosine) = self.state[0].sin_cos();
        [cosine, sine, self.state[1]]
    }

    /// Turns with a torque. The reward, and whether the episode was cut off.
    pub(crate) fn step(&mut self, torque: f64) -> (f64, bool) {
        let [angle, speed] = self.state;
        let torque = torque.clamp(-MOST_TORQUE, MOST_TORQUE);
        let upright = (angle + PI).rem_euclid(2.0 * PI) - PI;
        let cost = upright * upright + 0.1 * speed * speed + 0.001 * torque * torque;
        let faster = speed + (1.5 * GRAVITY * angle.sin() + 3.0 * torque) * STEP;
        let faster = faster.clamp(-FASTEST, FASTEST);
        self.state = [angle + faster * STEP, faster];
        self.steps += 1;
        (-cost, self.steps >= MOST_STEPS)
    }
}
