//! The cart and the pole: CartPole-v1 of Gymnasium (Barto, Sutton and Anderson, Neuronlike adaptive elements that can
//! solve difficult learning control problems, IEEE Transactions on Systems, Man, and Cybernetics 13, 1983).

/// A cart is pushed left or right so that the pole on it stays up. Each step brings 1, up to 500 of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct CartPole {
    /// Place of the cart in metres, its speed, angle of the pole in radians, its speed.
    pub(crate) state: [f64; 4],
    /// Steps since it was set up.
    pub(crate) steps: u32,
}

impl CartPole {
    /// After so many steps it is over.
    pub(crate) const MOST_STEPS: u32 = 500;
    /// The seconds of a step.
    const STEP: f64 = 0.02;

    /// Sets it up anew, nearly upright; `draws` gives even draws from 0 to 1.
    pub(crate) fn reset(&mut self, draws: &mut impl FnMut() -> f64) {
        self.state = std::array::from_fn(|_| 0.1 * draws() - 0.05);
        self.steps = 0;
    }

    /// Pushes to the left (0) or to the right (1). What comes back is the reward, whether it has fallen or left the
    /// track, and whether it was stopped for being up so long.
    pub(crate) fn step(&mut self, action: usize) -> (f64, bool, bool) {
        let (gravity, mass_pole, mass, half_length) = (9.8, 0.1, 1.1, 0.5);
        let force = if action == 0 { -10.0 } else { 10.0 };
        let [place, speed, angle, turning] = self.state;
        let (sin, cos) = angle.sin_cos();
        let push = (force + mass_pole * half_length * turning * turning * sin) / mass;
        let angular = (gravity * sin - cos * push) / (half_length * (4.0 / 3.0 - mass_pole * cos * cos / mass));
        let linear = push - mass_pole * half_length * angular * cos / mass;
        self.state = [
            place + Self::STEP * speed,
            speed + Self::STEP * linear,
            angle + Self::STEP * turning,
            turning + Self::STEP * angular,
        ];
        self.steps += 1;
        let terminated = self.state[0].abs() > 2.4 || self.state[2].abs() > 12f64.to_radians();
        (1.0, terminated, !terminated && self.steps >= Self::MOST_STEPS)
    }
}

/// By hand: what the first push to the right from rest does, by the formulas of the paper.
#[test]
fn a_push_is_as_on_paper() {
    let mut pole = CartPole::default();
    assert_eq!(pole.step(1), (1.0, false, false));
    let angular = -(10.0 / 1.1) / (0.5 * (4.0 / 3.0 - 0.1 / 1.1));
    let linear = 10.0 / 1.1 - 0.05 * angular / 1.1;
    let expected = [0.0, 0.02 * linear, 0.0, 0.02 * angular];
    assert!(pole.state.iter().zip(expected).all(|(is, should)| (is - should).abs() < 1e-12), "{pole:?}");
    // Always to one side it falls in about ten steps.
    while !pole.step(1).1 {}
    assert!((8..=11).contains(&pole.steps), "{pole:?}");
}
