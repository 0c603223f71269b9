//! What actions are worth in a state: a row of a table of values, as learners from rewards hold it.

use serde::{Deserialize, Serialize};

use crate::random::Draws;

/// What was learned of some actions in a state, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound(
        serialize = "[f64; ACTIONS]: Serialize, [u32; ACTIONS]: Serialize",
        deserialize = "[f64; ACTIONS]: Deserialize<'de>, [u32; ACTIONS]: Deserialize<'de>"
    )
)]
pub(crate) struct ActionValues<const ACTIONS: usize> {
    values: [f64; ACTIONS],
    tried: [u32; ACTIONS],
}

impl<const ACTIONS: usize> Default for ActionValues<ACTIONS> {
    fn default() -> Self {
        Self { values: [0.0; ACTIONS], tried: [0; ACTIONS] }
    }
}

impl<const ACTIONS: usize> ActionValues<ACTIONS> {
    /// What an action is worth; 0 before it was tried.
    pub(crate) fn value(&self, place: usize) -> f64 {
        self.values.get(place).copied().unwrap_or_default()
    }

    /// How often an action was tried.
    pub(crate) fn tried(&self, place: usize) -> u32 {
        self.tried.get(place).copied().unwrap_or_default()
    }

    /// What the best action is worth.
    pub(crate) fn best(&self) -> f64 {
        self.values.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// Counts that an action was tried.
    pub(crate) fn note_try(&mut self, place: usize) {
        if let Some(tried) = self.tried.get_mut(place) {
            *tried = tried.saturating_add(1);
        }
    }

    /// Moves the value of an action.
    pub(crate) fn add(&mut self, place: usize, change: f64) {
        if let Some(value) = self.values.get_mut(place) {
            *value += change;
        }
    }

    /// Takes values that are beyond a bound back to it.
    pub(crate) fn keep_within(&mut self, bound: f64) {
        for value in &mut self.values {
            *value = value.min(bound).max(-bound);
        }
    }

    /// The rate at which a value is the mean of what came each time that the action was tried, this time among them;
    /// but not below `least`, for worlds that drift.
    pub(crate) fn mean_rate(&self, place: usize, least: f64) -> f64 {
        (1.0 / f64::from(self.tried(place).max(1))).max(least)
    }

    /// The place of the best action, and of several equally good ones that of one by lot.
    pub(crate) fn greedy(&self, draws: &mut Draws) -> usize {
        let best = self.best();
        let equals = || self.values.iter().enumerate().filter(|(_, value)| **value >= best);
        let chosen = draws.place(equals().count());
        equals().nth(chosen).map_or(0, |(place, _)| place)
    }

    /// With a likelihood of `epsilon` the place of any action by lot, else that of the best one (Sutton and Barto,
    /// Reinforcement Learning, 2nd edition, section 2.2).
    pub(crate) fn epsilon_greedy(&self, epsilon: f64, draws: &mut Draws) -> usize {
        if draws.even() < epsilon { draws.place(ACTIONS) } else { self.greedy(draws) }
    }

    /// The place of an action by lot, each with a likelihood in proportion to e to the power of its value over
    /// `temperature` (the same, section 13.1): near 0 the best one, far above all values any.
    pub(crate) fn softmax(&self, temperature: f64, draws: &mut Draws) -> usize {
        let best = self.best();
        let weights = self.values.map(|value| ((value - best) / temperature).exp());
        let mut left = draws.even() * weights.iter().sum::<f64>();
        for (place, weight) in weights.into_iter().enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        // Rounding has left a rest.
        self.greedy(draws)
    }
}

/// What falls by half in every so many decisions, from a first to a least value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Falling {
    pub(crate) first: f64,
    pub(crate) least: f64,
    /// 0 where it does not fall.
    pub(crate) halves: u32,
}

impl Falling {
    /// Its value after so many decisions.
    pub(crate) fn after(self, decisions: u64) -> f64 {
        if self.halves == 0 {
            return self.first;
        }
        (self.first * 0.5f64.powf(decisions as f64 / f64::from(self.halves))).max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn row<const ACTIONS: usize>(values: [f64; ACTIONS]) -> ActionValues<ACTIONS> {
        ActionValues { values, ..ActionValues::default() }
    }

    /// How often each action is chosen in 12,000 decisions.
    fn counts<const ACTIONS: usize>(choose: impl Fn(&mut Draws) -> usize) -> [u32; ACTIONS] {
        let mut counts = [0; ACTIONS];
        for number in 0..12_000 {
            counts[choose(&mut Draws::of_decision(3, Stream::Policy, number))] += 1;
        }
        counts
    }

    /// Whether counts are as expected: within five standard deviations, of which the largest is 55.
    fn near<const ACTIONS: usize>(counts: [u32; ACTIONS], shares: [f64; ACTIONS]) -> bool {
        counts.iter().zip(shares).all(|(count, share)| (f64::from(*count) - 12_000.0 * share).abs() <= 275.0)
    }

    #[test]
    fn of_equals_each_is_chosen() {
        let chosen = counts::<4>(|draws| row([1.0, 2.0, -1.0, 2.0]).greedy(draws));
        assert!(chosen[0] == 0 && chosen[2] == 0 && near(chosen, [0.0, 0.5, 0.0, 0.5]), "{chosen:?}");
    }

    #[test]
    fn epsilon_is_the_share_of_lots() {
        let chosen = counts(|draws| row([0.0, 0.0, 5.0]).epsilon_greedy(0.3, draws));
        assert!(near(chosen, [0.1, 0.1, 0.8]), "{chosen:?}");
        assert_eq!(counts(|draws| row([0.0, 0.0, 5.0]).epsilon_greedy(0.0, draws)), [0, 0, 12_000]);
    }

    #[test]
    fn softmax_goes_by_values() {
        // 1 : 1 : e^1 at a temperature of 2.
        let whole = 2.0 + 1f64.exp();
        let chosen = counts(|draws| row([3.0, 3.0, 5.0]).softmax(2.0, draws));
        assert!(near(chosen, [1.0 / whole, 1.0 / whole, 1f64.exp() / whole]), "{chosen:?}");
        assert_eq!(counts(|draws| row([-1e300, 0.0, 1e-9]).softmax(1e-12, draws)), [0, 0, 12_000]);
        let hot = counts(|draws| row([3.0, -3.0]).softmax(1e9, draws));
        assert!(near(hot, [0.5, 0.5]), "{hot:?}");
    }

    #[test]
    fn a_rate_makes_means_until_it_is_least() {
        let mut row = row([0.0; 2]);
        for came in [4.0, 8.0, 0.0] {
            row.note_try(1);
            row.add(1, row.mean_rate(1, 0.1) * (came - row.value(1)));
        }
        assert_eq!((row.value(1), row.tried(1), row.tried(0)), (4.0, 3, 0));
        assert_eq!((row.mean_rate(0, 0.1), row.mean_rate(1, 0.5)), (1.0, 0.5));
        // A place that no action has.
        row.note_try(2);
        row.add(2, 1.0);
        assert_eq!((row.value(2), row.tried(2), row.best()), (0.0, 0, 4.0));
    }

    #[test]
    fn what_falls_is_halved_and_stops() {
        let falling = Falling { first: 0.8, least: 0.1, halves: 10 };
        assert_eq!([0, 10, 20, 1000, u64::MAX].map(|decisions| falling.after(decisions)), [0.8, 0.4, 0.2, 0.1, 0.1]);
        assert_eq!(Falling { halves: 0, ..falling }.after(1000), 0.8);
    }
}
