//! Who plays beside the learners, and the learners as players. None of them is told which world it is in.

use holobiont_core::{SynergyWeights, WEIGHTS};
use holobiont_learn::{Learner, LearnerKind, Outcome, Seen, Synergies, create};
use strum::VariantArray as _;

use crate::dice::Dice;
use crate::synergy_bandit::{Player, best, dot};

const LEARNING_RATE: f64 = 0.1;

/// A learner of the crate: groups are chosen by its scores.
struct Learning {
    learner: Box<dyn Learner>,
    /// Whether it is told what follows.
    told_next: bool,
}

impl Player for Learning {
    fn choose(&mut self, seen: &Seen) -> usize {
        best(seen, |group| self.learner.score(group))
    }

    fn tell(&mut self, seen: &Seen, outcome: &Outcome) {
        let next = outcome.next.clone().filter(|_| self.told_next);
        self.learner.tell(seen, &Outcome { next, ..outcome.clone() });
    }
}

/// Groups are chosen by the published weights of a learner.
struct Published(Box<dyn Learner>);

impl Player for Published {
    fn choose(&mut self, seen: &Seen) -> usize {
        let weights = self.0.weights();
        best(seen, |group| weights.score(group))
    }

    fn tell(&mut self, seen: &Seen, outcome: &Outcome) {
        self.0.tell(seen, outcome);
    }
}

/// All synergies count the same.
struct Equal;

impl Player for Equal {
    fn choose(&mut self, seen: &Seen) -> usize {
        best(seen, |group| group.iter().sum())
    }

    fn tell(&mut self, _seen: &Seen, _outcome: &Outcome) {}
}

/// (1+1)-ES (Rechenberg, 1973): weights are changed by lot, tried for some cycles, and kept if they brought more than
/// those before; the changes grow by success and shrink by failure, so that one in five succeeds.
struct Evolution {
    dice: Dice,
    parent: (Synergies, f64),
    child: Synergies,
    step: f64,
    rewards: Vec<f64>,
}

impl Evolution {
    const TRIAL: usize = 5;

    fn new(seed: u64) -> Self {
        let parent = ([1.0; WEIGHTS], f64::NEG_INFINITY);
        Self { dice: Dice::new(seed, 2), parent, child: parent.0, step: 0.5, rewards: Vec::new() }
    }
}

impl Player for Evolution {
    fn choose(&mut self, seen: &Seen) -> usize {
        best(seen, |group| dot(&self.child, group))
    }

    fn tell(&mut self, _seen: &Seen, outcome: &Outcome) {
        self.rewards.push(outcome.reward);
        if self.rewards.len() < Self::TRIAL {
            return;
        }
        let mean = self.rewards.drain(..).sum::<f64>() / Self::TRIAL as f64;
        if mean >= self.parent.1 {
            self.parent = (self.child, mean);
            self.step *= 1.5;
        } else {
            self.step *= 1.5f64.powf(-0.25);
        }
        self.child = self.parent.0.map(|weight| weight + self.step * self.dice.normal());
    }
}

/// How a regression is made use of.
#[derive(Clone, Copy)]
enum Use {
    /// The best by the mean.
    Greedy,
    /// The same, but with such a likelihood any.
    Lots(f64),
    /// The best by weights drawn from what is known (Agrawal and Goyal, Thompson sampling for contextual bandits with
    /// linear payoffs, ICML 2013).
    Sampled(f64),
    /// With so many times what is not known added (LinUCB).
    Bound(f64),
}

/// Ridge regression with one pace of forgetting, and rewards as they come.
struct Ridge {
    dice: Dice,
    uses: Use,
    share: f64,
    precision: [Synergies; WEIGHTS],
    moments: Synergies,
}

impl Ridge {
    fn new(uses: Use, share: f64, seed: u64) -> Self {
        let precision = std::array::from_fn(|row| std::array::from_fn(|column| f64::from(u8::from(row == column))));
        Self { dice: Dice::new(seed, 3), uses, share, precision, moments: [0.0; WEIGHTS] }
    }

    /// The root of the precision, lower left.
    fn root(&self) -> [Synergies; WEIGHTS] {
        let mut root = [[0.0; WEIGHTS]; WEIGHTS];
        for row in 0..WEIGHTS {
            for column in 0..=row {
                let known = dot(&root[row], &root[column]);
                let rest = self.precision[row][column] - known;
                root[row][column] = if row == column { rest.sqrt() } else { rest / root[column][column] };
            }
        }
        root
    }
}

/// Solves R z = y for a lower left R.
fn forward(root: &[Synergies; WEIGHTS], right: &Synergies) -> Synergies {
    let mut solved = [0.0; WEIGHTS];
    for row in 0..WEIGHTS {
        solved[row] = (right[row] - dot(&root[row], &solved)) / root[row][row];
    }
    solved
}

/// Solves R' z = y.
fn backward(root: &[Synergies; WEIGHTS], right: &Synergies) -> Synergies {
    let mut solved = [0.0; WEIGHTS];
    for row in (0..WEIGHTS).rev() {
        let known: f64 = (row + 1..WEIGHTS).map(|place| root[place][row] * solved[place]).sum();
        solved[row] = (right[row] - known) / root[row][row];
    }
    solved
}

impl Player for Ridge {
    fn choose(&mut self, seen: &Seen) -> usize {
        let root = self.root();
        let mean = backward(&root, &forward(&root, &self.moments));
        match self.uses {
            Use::Greedy => best(seen, |group| dot(&mean, group)),
            Use::Lots(likelihood) if self.dice.even() < likelihood => self.dice.place(seen.groups.len()),
            Use::Lots(_) => best(seen, |group| dot(&mean, group)),
            Use::Sampled(width) => {
                let noise = backward(&root, &self.dice.normals());
                best(seen, |group| dot(&mean, group) + width * dot(&noise, group))
            }
            Use::Bound(width) => best(seen, |group| {
                let known = forward(&root, group);
                dot(&mean, group) + width * dot(&known, &known).sqrt()
            }),
        }
    }

    fn tell(&mut self, _seen: &Seen, outcome: &Outcome) {
        for row in 0..WEIGHTS {
            for column in 0..WEIGHTS {
                let kept = self.share * self.precision[row][column];
                let prior = if row == column { 1.0 - self.share } else { 0.0 };
                self.precision[row][column] = kept + prior + outcome.chosen[row] * outcome.chosen[column];
            }
            self.moments[row] = self.share * self.moments[row] + outcome.reward * outcome.chosen[row];
        }
    }
}

/// Makes a player for a seed.
pub(crate) type Make = Box<dyn Fn(u64) -> Box<dyn Player> + Sync>;

/// All who play, by name: the learners that this program was built with, the default one first, and those beside them.
pub(crate) fn all() -> Vec<(String, Make)> {
    let mut players: Vec<(String, Make)> = Vec::new();
    let built = |kind: &&LearnerKind| made(**kind, 0).is_some();
    let kinds: Vec<LearnerKind> = LearnerKind::VARIANTS.iter().filter(built).copied().collect();
    for kind in &kinds {
        players.push((format!("`{kind}`"), learning(*kind, true)));
    }
    for kind in kinds.iter().filter(|kind| **kind != LearnerKind::Linucb) {
        players.push((format!("`{kind}`, not told what follows"), learning(*kind, false)));
    }
    for kind in kinds {
        players.push((format!("`{kind}`, by its weights"), published(kind)));
    }
    let mut others = |name: &str, make: Make| players.push((name.to_owned(), make));
    let ridges = [
        ("LinUCB, nothing forgotten", Use::Bound(0.5), 1.0),
        ("LinUCB, discount 0.98", Use::Bound(0.5), 0.98),
        ("LinUCB, discount 0.95", Use::Bound(0.5), 0.95),
        ("LinTS, discount 0.98", Use::Sampled(0.5), 0.98),
        ("greedy ridge, discount 0.98", Use::Greedy, 0.98),
        ("eps-greedy ridge, discount 0.98", Use::Lots(0.1), 0.98),
    ];
    for (name, uses, share) in ridges {
        others(name, Box::new(move |seed| Box::new(Ridge::new(uses, share, seed))));
    }
    others("(1+1)-ES", Box::new(|seed| Box::new(Evolution::new(seed))));
    others("equal weights", Box::new(|_| Box::new(Equal)));
    players
}

#[expect(clippy::expect_used, reason = "only kinds that are built come here")]
fn learning(kind: LearnerKind, told_next: bool) -> Make {
    Box::new(move |seed| Box::new(Learning { learner: made(kind, seed).expect("it is built"), told_next }))
}

#[expect(clippy::expect_used, reason = "the same")]
fn published(kind: LearnerKind) -> Make {
    Box::new(move |seed| Box::new(Published(made(kind, seed).expect("it is built"))))
}

/// A learner that begins with weights of 1; none that this program was built without.
fn made(kind: LearnerKind, seed: u64) -> Option<Box<dyn Learner>> {
    create(kind, SynergyWeights::default(), LEARNING_RATE, seed).ok()
}
