//! Discounted LinUCB: regression of rewards on synergies, and a bonus for what is not known yet.

use holobiont_core::{SynergyWeights, WEIGHTS};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::LearnerKind;
use crate::learner::{Learner, Outcome, Saved, Seen, Synergies, bounded};
use crate::regression::{Matrix, PRIOR, Regression, dot, spread};
use crate::unit::{RewardUnit, step};

/// The synergies, and what integrating any group brings.
const TERMS: usize = WEIGHTS + 1;

/// The term of the latter: below 1, as it is thought to be less than what a synergy of one standard deviation brings.
const ANY_GROUP: f64 = 0.3;

/// What a past observation counts one cycle later: in worlds that stay, that drift, and that break.
const SHARES: [f64; 3] = [1.0, 0.99, 0.9];

/// How much of what is known of the worlds counts one cycle later: Raftery, Karny and Ettler's alpha.
const STAYING: f64 = 0.98;

/// A kind of world is never less likely than e to the power of this: it may come.
const LEAST_LOG_CHANCE: f64 = -12.0;

/// The root of the number of weights, 7.
const ROOT_OF_WEIGHTS: f64 = 2.645_751_311_064_590_6;

/// What set weights are taken to promise, as a share of what they say: nobody has measured them. Like the other
/// constants here chosen on seeds that are not reported (docs/LEARNING.md).
const TRUST: f64 = 0.25;

/// How many standard deviations of what is not known a group is given for it.
const BONUS: f64 = 0.5;

/// Linear bandit with an upper confidence bound (Li, Chu, Langford and Schapire, A contextual-bandit approach to
/// personalized news article recommendation, WWW 2010) whose past is discounted (Russac, Vernade and Cappe, Weighted
/// linear bandits for non-stationary environments, NeurIPS 2019). By how much is learned: several regressions run side
/// by side, each forgetting at its own pace, and count by how well they foretold (Raftery, Karny and Ettler, Online
/// prediction under model uncertainty via dynamic model averaging, Technometrics 52, 2010).
///
/// It is the sound treatment while a choice does not change what can be chosen later. What follows a decision is not
/// looked at.
///
/// A weight is what a standard deviation of its synergy is worth, in usual rewards times the root of 7: so 1 each says
/// that a group of one standard deviation in a direction of equal weights brings a usual reward. Weights that were set
/// are what is thought before anything is known, and give way as evidence comes in: [`score`](Learner::score) goes by
/// both at once, below 0 too.
///
/// The published weights follow step by step. What is known is there what the evidence says by itself, and what is not
/// known of a synergy is filled up with the weight that was set; so the first gains raise the weights of their
/// synergies and losses lower them, and not only those beyond what set weights, which nobody has measured, would have
/// promised.
#[derive(Clone, Debug, PartialEq)]
pub struct LinUcb {
    learning_rate: f64,
    state: State,
    belief: Belief,
}

/// What is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct State {
    weights: Synergies,
    set: Synergies,
    unit: RewardUnit,
    models: [Model; SHARES.len()],
}

/// A regression, and how likely it is that the world is as it takes it to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Model {
    log_chance: f64,
    regression: Regression<TERMS>,
}

/// What follows from the state.
#[derive(Clone, Debug, PartialEq)]
struct Belief {
    /// What a standard deviation of each synergy is worth.
    worths: Synergies,
    /// How unsure that is, in units of the noise's variance.
    covariance: Matrix<TERMS>,
    noise: f64,
    /// What the weights are on their way to.
    targets: Synergies,
}

impl LinUcb {
    /// One that begins with such weights. The rate is from above 0 to 1: the furthest that a weight moves at a time.
    #[must_use]
    pub fn new(weights: SynergyWeights, learning_rate: f64) -> Self {
        let values = weights.values();
        let equal = -(SHARES.len() as f64).ln();
        let models = std::array::from_fn(|_| Model { log_chance: equal, regression: Regression::new() });
        let state = State { weights: values, set: values, unit: RewardUnit::default(), models };
        Self { learning_rate, belief: state.belief(), state }
    }

    /// The one that was saved; what is wrong where no learner would have come to it.
    pub(crate) fn restore(state: Value, learning_rate: f64) -> Result<Self, String> {
        let state: State = serde_json::from_value(state).map_err(|error| error.to_string())?;
        for weights in [state.weights, state.set] {
            SynergyWeights::new(weights).map_err(|error| error.to_string())?;
        }
        if !state.unit.is_sound() {
            return Err("its unit of rewards is none".to_owned());
        }
        let sound =
            |model: &Model| model.log_chance.is_finite() && model.log_chance <= 0.0 && model.regression.is_sound();
        if !state.models.iter().all(sound) {
            return Err("one of its regressions is none".to_owned());
        }
        Ok(Self { learning_rate, belief: state.belief(), state })
    }
}

impl Learner for LinUcb {
    fn kind(&self) -> LearnerKind {
        LearnerKind::Linucb
    }

    fn weights(&self) -> SynergyWeights {
        SynergyWeights::clamped(self.state.weights, &SynergyWeights::default())
    }

    fn set_weights(&mut self, weights: SynergyWeights) {
        for (place, new) in weights.values().into_iter().enumerate() {
            if new != self.state.weights[place] {
                self.state.weights[place] = new;
                self.state.set[place] = new;
                self.state.models.iter_mut().for_each(|model| model.regression.forget(place));
            }
        }
        self.belief = self.state.belief();
    }

    fn score(&self, group: &Synergies) -> f64 {
        let group = bounded(group);
        let unknown = spread(&self.belief.covariance, &terms(&group));
        dot(&self.belief.worths, &group) + BONUS * (self.belief.noise * unknown).sqrt()
    }

    fn tell(&mut self, _seen: &Seen, outcome: &Outcome) {
        let Some(reward) = outcome.telling_reward() else { return };
        self.state.observe(&terms(&bounded(&outcome.chosen)), reward);
        self.belief = self.state.belief();
        for (weight, target) in self.state.weights.iter_mut().zip(self.belief.targets) {
            *weight = step(*weight, target, self.learning_rate);
        }
    }

    fn save(&self) -> Result<Saved, String> {
        serde_json::to_value(&self.state).map(Saved::Json).map_err(|error| error.to_string())
    }
}

impl State {
    fn observe(&mut self, terms: &[f64; TERMS], reward: f64) {
        self.unit.note(reward);
        for (model, share) in self.models.iter_mut().zip(SHARES) {
            if let Some(fit) = model.regression.observe(terms, reward, share) {
                model.log_chance = STAYING * model.log_chance + fit;
            }
        }
        let best = self.models.iter().map(|model| model.log_chance).fold(f64::NEG_INFINITY, f64::max);
        let whole: f64 = self.models.iter().map(|model| (model.log_chance - best).exp()).sum();
        for model in &mut self.models {
            model.log_chance = (model.log_chance - best - whole.ln()).clamp(LEAST_LOG_CHANCE, 0.0);
        }
    }

    /// The means over the models, each by how likely it is.
    fn belief(&self) -> Belief {
        let mut mean = [0.0; TERMS];
        let mut covariance = [[0.0; TERMS]; TERMS];
        let mut noise = 0.0;
        let whole: f64 = self.models.iter().map(|model| model.log_chance.exp()).sum();
        for model in &self.models {
            let (chance, posterior) = (model.log_chance.exp() / whole, model.regression.posterior());
            mean.iter_mut().zip(posterior.mean).for_each(|(all, own)| *all += chance * own);
            let own = posterior.covariance.iter().flatten();
            covariance.iter_mut().flatten().zip(own).for_each(|(all, own)| *all += chance * own);
            noise += chance * posterior.noise;
        }
        let Some(unit) = self.unit.size() else {
            // Nothing brought anything yet, so there is no unit, and nothing to learn from it.
            let worths = self.set.map(|weight| TRUST * weight / ROOT_OF_WEIGHTS);
            return Belief { worths, covariance, noise: 1.0, targets: self.set };
        };
        let worth = unit / ROOT_OF_WEIGHTS;
        // The regressions begin at 0. Begun at what was set, they would be further by what they cannot know.
        let thought = std::array::from_fn(|place| TRUST * worth * self.set.get(place).copied().unwrap_or_default());
        let worths = std::array::from_fn(|place| mean[place] + PRIOR * dot(&covariance[place], &thought));
        let unknown = |place: usize| PRIOR * covariance[place][place];
        let targets = std::array::from_fn(|place| mean[place] / worth + unknown(place) * self.set[place]);
        Belief { worths, covariance, noise, targets }
    }
}

fn terms(group: &Synergies) -> [f64; TERMS] {
    std::array::from_fn(|place| group.get(place).copied().unwrap_or(ANY_GROUP))
}
