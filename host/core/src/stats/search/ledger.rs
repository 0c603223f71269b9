//! What was asked, what it came to, and what may still be asked.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Goal, SearchError};
use crate::stats::coalition::Coalition;

/// Answers so far, and the budget.
pub(super) struct Ledger<F> {
    measure: F,
    goal: Goal,
    most: u64,
    known: BTreeMap<Ask, f64>,
}

impl<F> Ledger<F> {
    pub(super) fn new(measure: F, goal: Goal, most: u64) -> Self {
        Self { measure, goal, most, known: BTreeMap::new() }
    }

    /// Lets more be asked.
    pub(super) fn lift(&mut self, most: u64) {
        self.most = most;
    }

    pub(super) fn spent(&self) -> u64 {
        self.known.len() as u64
    }

    /// Groups of which anything is known.
    pub(super) fn groups(&self) -> impl Iterator<Item = Coalition> {
        self.known.keys().map(|ask| ask.group).collect::<BTreeSet<_>>().into_iter()
    }

    /// How many trials it takes until `groups` are known on `inputs`, from nothing.
    pub(super) fn cost(&self, groups: &[Coalition], inputs: &[usize]) -> u64 {
        self.asks(groups, inputs).len() as u64
    }

    /// All that scores of groups rest on; a group's inputs stand together.
    fn asks(&self, groups: &[Coalition], inputs: &[usize]) -> BTreeSet<Ask> {
        let mut whom: BTreeSet<Coalition> = groups.iter().copied().collect();
        if self.goal == Goal::Synergy {
            whom.extend(groups.iter().flat_map(|group| group.players()).map(alone));
        }
        whom.iter().flat_map(|group| inputs.iter().map(|input| Ask { group: *group, input: *input })).collect()
    }

    /// Asks for what is not known yet; all of it, or nothing where the budget does not pay for it (false).
    pub(super) fn ensure<E>(&mut self, groups: &[Coalition], inputs: &[usize]) -> Result<bool, SearchError<E>>
    where
        E: std::error::Error + 'static,
        F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
    {
        let asks: Vec<Ask> =
            self.asks(groups, inputs).into_iter().filter(|ask| !self.known.contains_key(ask)).collect();
        if self.spent().saturating_add(asks.len() as u64) > self.most {
            return Ok(false);
        }
        if asks.is_empty() {
            return Ok(true);
        }
        let answers = (self.measure)(&asks).map_err(SearchError::Measure)?;
        if answers.len() != asks.len() {
            return Err(SearchError::Answers { asks: asks.len(), answers: answers.len() });
        }
        self.known.extend(asks.into_iter().zip(answers));
        Ok(true)
    }

    /// What a group is worth on an input; the worst there is where that is not known or not finite.
    fn worth(&self, group: Coalition, input: usize) -> f64 {
        let known = self.known.get(&Ask { group, input }).copied();
        known.filter(|worth| worth.is_finite()).unwrap_or(f64::NEG_INFINITY)
    }

    /// What a group is worth on average.
    pub(super) fn mean_worth(&self, group: Coalition, inputs: &[usize]) -> f64 {
        inputs.iter().map(|input| self.worth(group, *input)).sum::<f64>() / inputs.len() as f64
    }

    /// What the goal says of a group, per input.
    pub(super) fn scores(&self, group: Coalition, inputs: &[usize]) -> impl Iterator<Item = f64> {
        inputs.iter().map(move |input| {
            let together = self.worth(group, *input);
            match self.goal {
                Goal::Worth => together,
                Goal::Synergy => {
                    let apart: f64 = group.players().map(|player| self.worth(alone(player), *input)).sum();
                    let synergy = together - apart / group.len() as f64;
                    if synergy.is_finite() { synergy } else { f64::NEG_INFINITY }
                }
            }
        })
    }

    /// What the goal says of a group, on average.
    pub(super) fn score(&self, group: Coalition, inputs: &[usize]) -> f64 {
        self.scores(group, inputs).sum::<f64>() / inputs.len() as f64
    }
}

/// A player alone.
pub(super) fn alone(player: usize) -> Coalition {
    Coalition::EMPTY.with(player)
}

/// Groups by what the goal says of them on some inputs, the best first.
pub(super) fn ranked<F>(ledger: &Ledger<F>, groups: Vec<Coalition>, inputs: &[usize]) -> Vec<Coalition> {
    best_first(groups, |group| ledger.score(group, inputs))
}

/// Groups by a score, the best first; of equals the smaller, then the one with the lower numbers.
pub(super) fn best_first(groups: Vec<Coalition>, score: impl Fn(Coalition) -> f64) -> Vec<Coalition> {
    let mut scored: Vec<(f64, Coalition)> = groups.into_iter().map(|group| (score(group), group)).collect();
    scored.sort_by(|(one, a), (other, b)| {
        other.total_cmp(one).then(a.len().cmp(&b.len())).then(a.cmp(b)).then(Ordering::Equal)
    });
    scored.into_iter().map(|(_, group)| group).collect()
}
