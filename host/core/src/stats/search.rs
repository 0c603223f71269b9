//! Which groups to try: all of them for up to 12 modules, beyond that a beam that begins with pairs which
//! help each other.
//!
//! The inputs are split by the seed. Groups are chosen on the larger part by successive halving: many groups
//! on a few inputs, the better third of them on three times as many, and so on (Karnin, Koren and Somekh,
//! Almost optimal exploration in multi-armed bandits, ICML 2013). The best of many is best partly by luck;
//! so the finalists are measured again on the inputs that had no part in choosing them, and only that
//! counts. Whoever then picks among finalists by what they showed there chooses again, and owes it to the
//! reader to say so or to correct for it.
//!
//! What a beam cannot see: a group whose members are no better in twos than alone gives it nothing to begin
//! with, and is met only by luck.

mod beam;
mod ledger;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use self::ledger::{Ledger, ranked};
use super::bootstrap::LEAST_INPUTS;
use super::coalition::Coalition;
use super::games::EXACT_PLAYERS;
use crate::random::{Draws, Stream};

/// From rung to rung one group in so many goes on, to so many times the inputs.
const ETA: usize = 3;

/// One thing to measure: what a group is worth on an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask {
    /// Who is switched on; may be nobody.
    pub group: Coalition,
    /// Which input, from 0.
    pub input: usize,
}

/// What makes a group good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// What it is worth.
    Worth,
    /// What it is worth beyond the mean of its members alone.
    Synergy,
}

/// Why a search came to nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError<E: std::error::Error + 'static> {
    /// There is nothing to search.
    #[error("{players} players make no group of {smallest} to {largest}, or are more than {}", Coalition::MOST_PLAYERS)]
    Players {
        /// How many there are.
        players: usize,
        /// The smallest size of a group.
        smallest: usize,
        /// The largest.
        largest: usize,
    },
    /// Too few inputs to choose on some and measure on others.
    #[error("{inputs} inputs cannot be split: it takes at least one to choose on and {fresh} to measure the chosen on")]
    Inputs {
        /// How many there are.
        inputs: usize,
        /// How many were to be kept fresh.
        fresh: usize,
    },
    /// The budget does not pay for looking at every group (beyond 12 modules: every pair) once.
    #[error("a budget of {budget} trials does not do: the first look takes {needed}")]
    Budget {
        /// What there is.
        budget: u64,
        /// What it takes to begin, and to measure finalists.
        needed: u64,
    },
    /// What was asked was not answered one by one.
    #[error("{answers} answers to {asks} questions")]
    Answers {
        /// How many questions there were.
        asks: usize,
        /// How many answers.
        answers: usize,
    },
    /// A measurement failed.
    #[error("a group could not be measured")]
    Measure(#[source] E),
}

/// A group that was among the best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finalist {
    /// Who is in it.
    pub group: Coalition,
    /// Its mean on the inputs it was chosen by: too good, since it was chosen by it.
    pub chosen_by: f64,
    /// What the goal says of it on each fresh input, in the order of [`SearchOutcome::fresh`].
    pub fresh: Vec<f64>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchOutcome {
    /// The finalists, in the order in which they were chosen; nobody where the budget ended before groups were as
    /// large as asked for.
    pub finalists: Vec<Finalist>,
    /// Inputs that groups were chosen on, in the order in which they were used.
    pub choosing: Vec<usize>,
    /// Inputs that only finalists were measured on.
    pub fresh: Vec<usize>,
    /// How many groups of the sizes asked for were measured at all: what the finalists are the best of.
    pub groups: usize,
    /// Whether those were all there are.
    pub exhaustive: bool,
    /// Whether the budget ended before the search did.
    pub cut_short: bool,
    /// How many trials were asked for, none of them twice.
    pub trials: u64,
}

/// A search for good groups; equal settings and answers give equal outcomes.
///
/// ```
/// use holobiont_core::stats::{Goal, Search};
///
/// // Fifteen modules; 3, 7 and 11 are worth 1 alone, 4 in twos and 9 together, and the others nothing.
/// let worth = |bits: u64| f64::from((bits & 0x888).count_ones().pow(2));
/// let outcome = Search::new(15, 24, 1).goal(Goal::Synergy).sizes(2..=3).run(|asks| {
///     Ok::<_, std::convert::Infallible>(asks.iter().map(|ask| worth(ask.group.bits())).collect())
/// })?;
/// assert_eq!(outcome.finalists[0].group.to_string(), "{3, 7, 11}");
/// assert_eq!(outcome.finalists[0].fresh, [8.0; 8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    players: usize,
    inputs: usize,
    seed: u64,
    goal: Goal,
    sizes: RangeInclusive<usize>,
    beam: usize,
    finalists: usize,
    first: usize,
    fresh: usize,
    budget: u64,
}

impl Search {
    /// A search among groups of `players` modules over `inputs` inputs, with the defaults that the setters
    /// name.
    #[must_use]
    pub fn new(players: usize, inputs: usize, seed: u64) -> Self {
        let fresh = (inputs / 3).max(LEAST_INPUTS.min(inputs / 2)).max(1);
        let sizes = 2..=players;
        Self {
            players,
            inputs,
            seed,
            goal: Goal::Worth,
            sizes,
            beam: 8,
            finalists: 3,
            first: 3,
            fresh,
            budget: u64::MAX,
        }
    }

    /// What makes a group good; its worth by default, since that is what is integrated for.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// How large groups may be; 2 to all by default. Sizes below 1 and above all are left out.
    #[must_use]
    pub fn sizes(mut self, sizes: RangeInclusive<usize>) -> Self {
        self.sizes = (*sizes.start()).max(1)..=(*sizes.end()).min(self.players);
        self
    }

    /// Beyond 12 modules: how many groups of each size are built upon; 8 by default, at least 1. Twice as many
    /// cost twice as much and find more.
    #[must_use]
    pub fn beam(mut self, groups: usize) -> Self {
        self.beam = groups.max(1);
        self
    }

    /// How many groups are measured on fresh inputs; 3 by default, at least 1.
    #[must_use]
    pub fn finalists(mut self, groups: usize) -> Self {
        self.finalists = groups.max(1);
        self
    }

    /// On how many inputs groups are looked at first; 3 by default, at least 1. Fewer are cheaper, and more
    /// often drop a good group.
    #[must_use]
    pub fn first_inputs(mut self, inputs: usize) -> Self {
        self.first = inputs.max(1);
        self
    }

    /// How many inputs are kept for the finalists; by default a third of them, or 8 (the least that an
    /// interval takes) where that is more and at most half. At least 1.
    #[must_use]
    pub fn fresh_inputs(mut self, inputs: usize) -> Self {
        self.fresh = inputs.max(1);
        self
    }

    /// How many trials (a group on an input) may be asked for; without end by default. What a search cannot pay
    /// for it leaves out, and says so; what finalists take is set aside first.
    #[must_use]
    pub fn budget(mut self, trials: u64) -> Self {
        self.budget = trials;
        self
    }

    /// Searches. `measure` answers questions in their order, each with what the group is worth on the input; it
    /// gets as many at once as are independent, a group's together, and none twice. An answer that is not
    /// finite makes its group the worst.
    ///
    /// # Errors
    ///
    /// [`SearchError`] when there is nothing to search, the budget does not pay for a first look, or
    /// `measure` fails or does not answer everything.
    pub fn run<E>(&self, measure: impl FnMut(&[Ask]) -> Result<Vec<f64>, E>) -> Result<SearchOutcome, SearchError<E>>
    where
        E: std::error::Error + 'static,
    {
        let (choosing, fresh) = self.split()?;
        let mut ledger = Ledger::new(measure, self.goal, self.budget.saturating_sub(self.set_aside(choosing.len())));
        let exhaustive = self.players <= EXACT_PLAYERS;
        let (found, cut_short) =
            if exhaustive { self.all(&mut ledger, &choosing)? } else { beam::search(self, &mut ledger, &choosing)? };
        let groups = ledger.groups().filter(|group| self.sizes.contains(&group.len())).count();
        ledger.lift(self.budget);
        let (best, by) = self.choose(&mut ledger, found, &choosing)?;
        ledger.ensure(&best, &fresh)?;
        let finalist = |group: &Coalition| Finalist {
            group: *group,
            chosen_by: ledger.score(*group, by),
            fresh: ledger.scores(*group, &fresh).collect(),
        };
        let finalists = best.iter().map(finalist).collect();
        Ok(SearchOutcome { finalists, trials: ledger.spent(), choosing, fresh, groups, exhaustive, cut_short })
    }

    /// Inputs to choose on and inputs to keep.
    fn split<E: std::error::Error>(&self) -> Result<(Vec<usize>, Vec<usize>), SearchError<E>> {
        let (smallest, largest) = (*self.sizes.start(), *self.sizes.end());
        if self.sizes.is_empty() || self.players > Coalition::MOST_PLAYERS {
            return Err(SearchError::Players { players: self.players, smallest, largest });
        }
        if self.inputs <= self.fresh {
            return Err(SearchError::Inputs { inputs: self.inputs, fresh: self.fresh });
        }
        let mut choosing: Vec<usize> = (0..self.inputs).collect();
        Draws::new(self.seed, Stream::Split).shuffle(&mut choosing);
        let fresh = choosing.split_off(self.inputs - self.fresh);
        Ok((choosing, fresh))
    }

    /// What it takes at most to choose and measure finalists.
    fn set_aside(&self, choosing: usize) -> u64 {
        let solos = if self.goal == Goal::Synergy { self.players * self.inputs } else { 0 };
        (self.finalists * (ETA * choosing + self.fresh) + solos) as u64
    }

    /// Every group there is, on all inputs where the budget allows, by halving where it does not.
    fn all<E, F>(&self, ledger: &mut Ledger<F>, choosing: &[usize]) -> Result<(Vec<Coalition>, bool), SearchError<E>>
    where
        E: std::error::Error + 'static,
        F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
    {
        let masks = (0..1u64 << self.players).map(Coalition::from_bits);
        let groups: Vec<Coalition> = masks.filter(|group| self.sizes.contains(&group.len())).collect();
        if ledger.ensure(&groups, choosing)? {
            return Ok((ranked(ledger, groups, choosing), false));
        }
        let first = &choosing[..self.first.min(choosing.len())];
        if !ledger.ensure(&groups, first)? {
            let needed = ledger.cost(&groups, first) + self.set_aside(choosing.len());
            return Err(SearchError::Budget { budget: self.budget, needed });
        }
        let (left, reached) = self.halve(ledger, groups, choosing, choosing.len(), self.finalists)?;
        Ok((left, reached < choosing.len()))
    }

    /// Successive halving from the first rung on, up to `most` inputs: who is left, the best first, and on how
    /// many inputs they were compared last. 0 where the budget did not pay for the first rung.
    fn halve<E, F>(
        &self,
        ledger: &mut Ledger<F>,
        mut groups: Vec<Coalition>,
        choosing: &[usize],
        most: usize,
        keep: usize,
    ) -> Result<(Vec<Coalition>, usize), SearchError<E>>
    where
        E: std::error::Error + 'static,
        F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
    {
        let (mut reached, mut next) = (0, self.first.min(most));
        while reached < most && ledger.ensure(&groups, &choosing[..next])? {
            groups = ranked(ledger, groups, &choosing[..next]);
            reached = next;
            next = (next * ETA).min(most);
            if reached < most {
                groups.truncate(groups.len().div_ceil(ETA).max(keep));
            }
        }
        Ok((groups, reached))
    }

    /// The finalists among the best found, compared on all inputs there are to choose on; and on which they were.
    fn choose<'a, E, F>(
        &self,
        ledger: &mut Ledger<F>,
        mut found: Vec<Coalition>,
        choosing: &'a [usize],
    ) -> Result<(Vec<Coalition>, &'a [usize]), SearchError<E>>
    where
        E: std::error::Error + 'static,
        F: FnMut(&[Ask]) -> Result<Vec<f64>, E>,
    {
        found.truncate(ETA * self.finalists);
        // Set aside beforehand, so it is always paid for.
        ledger.ensure(&found, choosing)?;
        let mut best = ranked(ledger, found, choosing);
        best.truncate(self.finalists);
        Ok((best, choosing))
    }
}

#[cfg(test)]
mod tests;
