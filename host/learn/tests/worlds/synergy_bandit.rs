//! `SynergyBandit`: a world in which it is known what each synergy is worth.
//!
//! In each cycle one of some groups is to be integrated. Its synergies are known, in standard deviations; what it
//! brings is their sum by hidden weights, of which some are negative, and noise. A player is told that sum with the
//! noise, and scored by the sum without it.

use std::collections::VecDeque;

use holobiont_core::WEIGHTS;
use holobiont_learn::{Outcome, Seen, Synergies};

use crate::dice::Dice;

/// Groups in a cycle.
const GROUPS: usize = 8;
/// The standard deviation of the noise; of heavy tails the scale.
const NOISE: f64 = 0.5;
/// How many cycles late a delayed reward comes.
const DELAY: usize = 10;
/// How much of the shift of later groups is left a cycle later.
const LASTING: f64 = 0.9;
/// How far an integrated group shifts later ones, per standard deviation.
const SHIFT: f64 = 0.1;

/// What a world is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Synergies are independent and normal, weights stay.
    Static,
    /// After half of the cycles the hidden weights are the opposite.
    Drifting,
    /// Synergies mostly follow two hidden causes: nine tenths of their variance.
    Correlated,
    /// The noise is Student's with two degrees of freedom: its variance is infinite.
    HeavyTails,
    /// What a group brings is known ten cycles later.
    Delayed,
    /// An integrated group shifts the synergies of later ones: each uses up, or makes room for, the synergies after it.
    Mdp,
}

impl Variant {
    pub(crate) const ALL: [Self; 6] =
        [Self::Static, Self::Drifting, Self::Correlated, Self::HeavyTails, Self::Delayed, Self::Mdp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Drifting => "drifting",
            Self::Correlated => "correlated",
            Self::HeavyTails => "heavy tails",
            Self::Delayed => "delayed",
            Self::Mdp => "MDP",
        }
    }
}

/// Somebody who chooses groups.
pub(crate) trait Player {
    /// The place of the group that is integrated.
    fn choose(&mut self, seen: &Seen) -> usize;

    /// What came of it.
    fn tell(&mut self, seen: &Seen, outcome: &Outcome);
}

/// What is the same for all who play a seed.
pub(crate) struct SynergyBandit {
    variant: Variant,
    seed: u64,
    cycles: usize,
    hidden: Synergies,
    /// By how much each of two causes moves each synergy.
    causes: [Synergies; 2],
}

impl SynergyBandit {
    pub(crate) fn new(variant: Variant, seed: u64, cycles: usize) -> Self {
        let mut dice = Dice::new(seed, 0);
        let mut hidden = dice.normals().map(f64::abs);
        // One weight in four is negative, one at least.
        let one = dice.place(WEIGHTS);
        for (place, weight) in hidden.iter_mut().enumerate() {
            if place == one || dice.even() < 0.25 {
                *weight = -*weight;
            }
        }
        let causes = [unit(dice.normals()), unit(dice.normals())];
        Self { variant, seed, cycles, hidden: unit(hidden), causes }
    }

    /// A player's regret as a share of that of one who chooses by lot: 0 is as good as knowing the hidden weights.
    pub(crate) fn regret(&self, player: &mut dyn Player) -> f64 {
        let best = self.play(&mut Knowing { world: self, cycle: 0, least: f64::NEG_INFINITY, looks_ahead: true });
        let lot = self.play(&mut Lots(Dice::new(self.seed, 1)));
        (best - self.play(player)) / (best - lot)
    }

    /// The regrets of two who know the hidden weights: one takes those below 0 for 0, as published ones are, the other
    /// one does not think of what follows.
    pub(crate) fn regrets_of_knowing(&self) -> [f64; 2] {
        [(0.0, true), (f64::NEG_INFINITY, false)]
            .map(|(least, looks_ahead)| self.regret(&mut Knowing { world: self, cycle: 0, least, looks_ahead }))
    }

    /// What the groups that a player chose were worth, without the noise.
    fn play(&self, player: &mut dyn Player) -> f64 {
        let mut shifted = [0.0; WEIGHTS];
        let mut waiting: VecDeque<(Seen, Outcome)> = VecDeque::new();
        let mut total = 0.0;
        let mut seen = self.groups(0, &shifted);
        for cycle in 0..self.cycles {
            let chosen = seen.groups[player.choose(&seen)];
            let worth = dot(&self.weights(cycle), &chosen);
            total += worth;
            if self.variant == Variant::Mdp {
                shifted = self.shifted(&shifted, &chosen);
            }
            let next = self.groups(cycle + 1, &shifted);
            let outcome = Outcome { chosen, reward: worth + self.noise(cycle), next: Some(next.clone()) };
            waiting.push_back((std::mem::replace(&mut seen, next), outcome));
            let delay = if self.variant == Variant::Delayed { DELAY } else { 0 };
            while waiting.len() > delay {
                if let Some((seen, outcome)) = waiting.pop_front() {
                    player.tell(&seen, &outcome);
                }
            }
        }
        total
    }

    fn weights(&self, cycle: usize) -> Synergies {
        let flips = self.variant == Variant::Drifting && cycle >= self.cycles / 2;
        self.hidden.map(|weight| if flips { -weight } else { weight })
    }

    fn groups(&self, cycle: usize, shifted: &Synergies) -> Seen {
        let mut dice = Dice::new(self.seed, 1000 + cycle as u64);
        let group = |dice: &mut Dice| {
            let own: Synergies = dice.normals();
            let [first, second] = [dice.normal(), dice.normal()];
            std::array::from_fn(|place| {
                let cause = first * self.causes[0][place] + second * self.causes[1][place];
                match self.variant {
                    // Two causes of seven synergies, so that each varies by 1 on average.
                    Variant::Correlated => (0.9 * WEIGHTS as f64 / 2.0).sqrt() * cause + 0.1f64.sqrt() * own[place],
                    _ => own[place] + shifted[place],
                }
            })
        };
        Seen { groups: (0..GROUPS).map(|_| group(&mut dice)).collect() }
    }

    fn noise(&self, cycle: usize) -> f64 {
        let mut dice = Dice::new(self.seed, 1_000_000 + cycle as u64);
        match self.variant {
            // A normal over the root of half the sum of two squares.
            Variant::HeavyTails => NOISE * dice.normal() / (-dice.even().ln()).sqrt(),
            _ => NOISE * dice.normal(),
        }
    }

    /// The shift after a group: each synergy of it takes from the same one of later groups and gives to the next one.
    fn shifted(&self, shifted: &Synergies, chosen: &Synergies) -> Synergies {
        std::array::from_fn(|place| {
            let before = chosen[(place + WEIGHTS - 1) % WEIGHTS];
            LASTING * shifted[place] + SHIFT * (before - chosen[place])
        })
    }

    /// What a shift in each synergy is worth in the cycles from one on, to who goes on as well as can be. As rewards
    /// and shifts are linear, so is that, and it follows backwards from the last cycle (Bellman).
    fn worth_of_shift(&self, from: usize) -> Synergies {
        let mut worth = [0.0; WEIGHTS];
        for cycle in (from..self.cycles).rev() {
            let ahead = self.worth_ahead(&worth);
            let weights = self.weights(cycle);
            worth = std::array::from_fn(|place| weights[place] + ahead[place] + LASTING * worth[place]);
        }
        worth
    }

    /// What an integrated group's synergies are worth by the shift they bring.
    fn worth_ahead(&self, worth_of_shift: &Synergies) -> Synergies {
        std::array::from_fn(|place| SHIFT * (worth_of_shift[(place + 1) % WEIGHTS] - worth_of_shift[place]))
    }
}

/// Knows the hidden weights, and what they will be.
struct Knowing<'a> {
    world: &'a SynergyBandit,
    cycle: usize,
    least: f64,
    looks_ahead: bool,
}

impl Player for Knowing<'_> {
    fn choose(&mut self, seen: &Seen) -> usize {
        let mut weights = self.world.weights(self.cycle);
        self.cycle += 1;
        if self.looks_ahead && self.world.variant == Variant::Mdp {
            let ahead = self.world.worth_ahead(&self.world.worth_of_shift(self.cycle));
            weights.iter_mut().zip(ahead).for_each(|(weight, ahead)| *weight += ahead);
        }
        let weights = weights.map(|weight| weight.max(self.least));
        best(seen, |group| dot(&weights, group))
    }

    fn tell(&mut self, _seen: &Seen, _outcome: &Outcome) {}
}

/// Chooses by lot.
struct Lots(Dice);

impl Player for Lots {
    fn choose(&mut self, seen: &Seen) -> usize {
        self.0.place(seen.groups.len())
    }

    fn tell(&mut self, _seen: &Seen, _outcome: &Outcome) {}
}

/// The place of the group with the most.
pub(crate) fn best(seen: &Seen, score: impl Fn(&Synergies) -> f64) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, group) in seen.groups.iter().enumerate() {
        let score = score(group);
        if score > best.1 {
            best = (place, score);
        }
    }
    best.0
}

pub(crate) fn dot(left: &Synergies, right: &Synergies) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn unit(numbers: Synergies) -> Synergies {
    let length = dot(&numbers, &numbers).sqrt();
    numbers.map(|number| number / length)
}
