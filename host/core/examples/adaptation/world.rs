//! What runs need, cycle by cycle.

use std::f64::consts::TAU;

use crate::dice::Dice;
use crate::traces::Family;

/// How many cycles a world lasts. None of them is for warming up.
pub(crate) const CYCLES: usize = 200;

/// What the modules of a simulated world need, next to the hungriest.
const SHARES: [f64; 3] = [1.0, 0.6, 0.35];

/// By how much runs of a module differ from cycle to cycle, whatever the world: a standard deviation of the logarithm.
const NOISE: f64 = 0.05;

/// The hungriest module's demand in the middle of all worlds, in gigafuel and MiB, and how much worlds differ: a
/// standard deviation of the logarithm.
const MIDDLE: [f64; 2] = [0.3, 60.0];
const SPREAD: f64 = 1.0;

/// Between these a demand stays, so that there is a rung for it.
const RANGE: [[f64; 2]; 2] = [[0.01, 7.5], [1.0, 4000.0]];

/// How many inputs a cycle of replayed runs has.
const INPUTS: usize = 4;

/// How fast the mix of inputs changes: a standard deviation of the logarithms of their weights, per cycle.
const MIXING: f64 = 0.3;

/// What one run needs to end well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Demand {
    /// The module, by its place.
    pub(crate) module: usize,
    /// Gigafuel and MiB.
    pub(crate) amounts: [f64; 2],
}

/// The runs of a cycle.
pub(crate) type Cycle = Vec<Demand>;

/// How demand changes in a simulated world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A random walk of the logarithm, by 0.05 a cycle.
    Drift,
    /// In one cycle of 20, at random, four times as much.
    Spikes,
    /// A quarter after a third of the cycles, and a sixteenth after two thirds.
    Falls,
    /// A wave between half and twice as much, 32 cycles long.
    Seasonal,
    /// A walk and a wave, each half as strong, and spikes of twice as much.
    Mixed,
}

/// Where demand comes from.
#[derive(Clone, Debug)]
pub(crate) enum World {
    Simulated(Shape),
    Replayed(Family),
}

impl World {
    pub(crate) fn simulated() -> Vec<Self> {
        [Shape::Drift, Shape::Spikes, Shape::Falls, Shape::Seasonal, Shape::Mixed].map(Self::Simulated).to_vec()
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Simulated(shape) => format!("{shape:?}").to_lowercase(),
            Self::Replayed(family) => format!("runs of {}", family.name),
        }
    }

    /// The demands of so many cycles. A seed fixes them, and no policy has any influence on them.
    pub(crate) fn cycles(&self, seed: u64, count: usize) -> Vec<Cycle> {
        let mut dice = Dice::new(seed);
        match self {
            Self::Simulated(shape) => simulate(*shape, &mut dice, count),
            Self::Replayed(family) => replay(family, &mut dice, count),
        }
    }
}

fn simulate(shape: Shape, dice: &mut Dice, count: usize) -> Vec<Cycle> {
    let middle = MIDDLE.map(|middle| middle.ln() + SPREAD * dice.normal());
    let phase = [dice.even(), dice.even()];
    let mut walk = [0.0; 2];
    let mut cycles = Vec::with_capacity(count);
    for cycle in 0..count {
        let wave = |place: usize| (TAU * (cycle as f64 / 32.0 + phase[place])).sin() * 2.0f64.ln();
        let mut spike = |times: f64| if dice.even() < 0.05 { times.ln() } else { 0.0 };
        // Fuel and memory have their spikes together: it is the input that is large.
        let moved = match shape {
            Shape::Drift => walk,
            Shape::Spikes => [spike(4.0); 2],
            Shape::Falls => [-((3 * cycle / count) as f64) * 4.0f64.ln(); 2],
            Shape::Seasonal => [wave(0), wave(1)],
            Shape::Mixed => {
                let spike = spike(2.0);
                [0, 1].map(|place| walk[place] / 2.0 + wave(place) / 2.0 + spike)
            }
        };
        walk = walk.map(|at| at + 0.05 * dice.normal());
        cycles.push(runs(&[middle[0] + moved[0], middle[1] + moved[1]], dice));
    }
    cycles
}

/// One run of each module, where the hungriest needs so much, in logarithms.
fn runs(logs: &[f64; 2], dice: &mut Dice) -> Cycle {
    let run = |(module, share): (usize, f64)| Demand {
        module,
        amounts: [0, 1].map(|place| {
            let amount = (logs[place] + NOISE * dice.normal()).exp() * share;
            amount.clamp(RANGE[place][0], RANGE[place][1])
        }),
    };
    SHARES.into_iter().enumerate().map(run).collect()
}

/// Each cycle draws inputs, with weights that drift, and every module is run on each of them.
fn replay(family: &Family, dice: &mut Dice, count: usize) -> Vec<Cycle> {
    let mut logs = vec![0.0; family.inputs.len()];
    let mut cycles = Vec::with_capacity(count);
    for _ in 0..count {
        for log in &mut logs {
            *log += MIXING * dice.normal();
        }
        let weights: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let drawn = (0..INPUTS).filter_map(|_| family.inputs.get(dice.weighted(&weights)));
        cycles.push(drawn.flatten().copied().collect());
    }
    cycles
}

impl Dice {
    /// A place, each as likely as its weight says.
    fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.even() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }
}
