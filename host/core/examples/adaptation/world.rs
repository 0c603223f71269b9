//! Worlds: what modules need, cycle by cycle.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::cost::Demand;

/// Draws from usual distributions.
pub(crate) struct Dice(ChaCha12Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// Within 0..1, never 0.
    pub(crate) fn even(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.even()
    }

    /// Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.even().ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos()
    }
}

/// How need changes over cycles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) name: &'static str,
    /// Standard deviation of a step of the logarithm of what is needed, in a cycle.
    pub(crate) drift: f64,
    /// Likelihood of a spike in a cycle: for 1 to 3 cycles, 2 to 4 times as much is needed.
    pub(crate) spikes: f64,
    /// Likelihood of a fall in a cycle, to a third or a half, from which need grows by 1 % a cycle.
    pub(crate) falls: f64,
    /// By what factor the best of a season is above its mean.
    pub(crate) season: f64,
    /// How many cycles a season has.
    pub(crate) period: f64,
}

const STILL: Manner = Manner { name: "", drift: 0.0, spikes: 0.0, falls: 0.0, season: 1.0, period: 24.0 };

/// The manners that are simulated.
pub(crate) const MANNERS: [Manner; 5] = [
    Manner { name: "drift", drift: 0.05, ..STILL },
    Manner { name: "spikes", spikes: 0.04, ..STILL },
    Manner { name: "falls", falls: 0.02, ..STILL },
    Manner { name: "season", season: 2.0, ..STILL },
    Manner { name: "mixed", drift: 0.03, spikes: 0.02, falls: 0.01, season: 1.5, period: 40.0 },
];

const MODULES: usize = 3;
const INPUTS: usize = 4;

/// How much runs of a module differ within a cycle: the standard deviation of the logarithm.
const WITHIN: f64 = 0.1;

/// A world: what runs of each cycle need, and how much less the modules need in a group than alone.
pub(crate) struct World {
    pub(crate) cycles: Vec<Vec<Demand>>,
    pub(crate) sharing: Vec<f64>,
}

impl World {
    /// A simulated world of three modules that each take four inputs a cycle. The hungriest starts anywhere from 0.05
    /// to 2 gigafuel and from 16 to 512 MiB.
    pub(crate) fn simulated(manner: &Manner, cycles: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let start = [dice.between(0.05f64.ln(), 2.0f64.ln()), dice.between(16f64.ln(), 512f64.ln())];
        let shares: Vec<[f64; 2]> = (0..MODULES)
            .map(
                |module| {
                    if module == 0 { [0.0; 2] } else { [dice.between(0.2, 1.0).ln(), dice.between(0.2, 1.0).ln()] }
                },
            )
            .collect();
        let phase = dice.between(0.0, manner.period);
        let mut walk = [0.0f64; 2];
        let (mut fallen, mut spike) = (0.0f64, (0, 0.0));
        let mut world = Self { cycles: Vec::new(), sharing: sharing(cycles, &mut dice) };
        for cycle in 0..cycles {
            walk = walk.map(|level| level + manner.drift * dice.normal());
            fallen = (fallen + 0.01).min(0.0);
            if dice.even() < manner.falls {
                fallen -= dice.between(2.0, 3.0).ln();
            }
            if spike.0 == 0 && dice.even() < manner.spikes {
                spike = (1 + (dice.even() * 3.0) as usize, dice.between(2.0, 4.0).ln());
            }
            let turn = std::f64::consts::TAU * (cycle as f64 + phase) / manner.period;
            let height = if spike.0 > 0 { spike.1 } else { 0.0 };
            let common = fallen + height + manner.season.ln() * turn.sin();
            spike.0 = spike.0.saturating_sub(1);
            let mut demands = Vec::new();
            for (module, share) in shares.iter().enumerate() {
                for _ in 0..INPUTS {
                    let mut need =
                        |kind: usize| (start[kind] + walk[kind] + common + share[kind] + WITHIN * dice.normal()).exp();
                    // No more than the ladders hold: beyond, no limit would be right.
                    let (fuel, memory) = (need(0).min(8.0), need(1).min(4096.0));
                    demands.push(Demand { module, fuel, memory });
                }
            }
            world.cycles.push(demands);
        }
        world
    }
}

/// How much less modules need in a group: around a twentieth, wandering.
pub(crate) fn sharing(cycles: usize, dice: &mut Dice) -> Vec<f64> {
    let mut level = 0.05;
    (0..cycles)
        .map(|_| {
            level = 0.9 * level + 0.1 * 0.05 + 0.01 * dice.normal();
            level
        })
        .collect()
}
