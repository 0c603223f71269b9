//! Thanks to whom, beyond twelve modules: Shapley values and pairwise interactions from some orders of
//! joining, with standard errors.
//!
//! A plan says beforehand which coalitions it needs, so that the caller can measure them side by side;
//! a longer plan of the same seed begins with the shorter one, so what was measured stays of use.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::coalition::Coalition;
use super::games::{GameError, Interactions};
use crate::random::{Draws, Stream};

/// A value that was estimated from samples, in the unit of the game.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// The mean of the samples; right on average.
    pub value: f64,
    /// By how much that mean would scatter if it were sampled again; nothing where one sample cannot
    /// tell.
    pub standard_error: Option<f64>,
}

/// Orders of joining from which Shapley values are estimated.
///
/// Each drawn order comes with its reverse, whose luck is the opposite: a pair of orders is exact for
/// games without interactions of three or more players (Mitchell et al., Sampling permutations for
/// Shapley value estimation, JMLR 23, 2022). Standard errors are of the means of pairs, which are
/// independent. A pair of orders needs at most 2 n coalitions.
///
/// ```
/// use holobiont_core::stats::ShapleyPlan;
///
/// // Twenty modules that add 1 each, and the first two of them 3 more if both are in.
/// let worth = |bits: u64| f64::from(bits.count_ones()) + if bits & 3 == 3 { 3.0 } else { 0.0 };
/// let plan = ShapleyPlan::new(20, 4, 1)?;
/// let shares = plan.estimate(|coalition| Ok::<_, std::convert::Infallible>(worth(coalition.bits())))?;
/// assert_eq!((shares[0].value, shares[0].standard_error), (2.5, Some(0.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ShapleyPlan {
    players: usize,
    orders: Vec<Vec<usize>>,
}

impl ShapleyPlan {
    /// A plan of `pairs` orders and their reverses.
    ///
    /// # Errors
    ///
    /// [`GameError::Players`] for fewer than 1 or more than 64, [`GameError::NoSamples`] for no pairs.
    pub fn new(players: usize, pairs: usize, seed: u64) -> Result<Self, GameError> {
        check(players, 1, pairs)?;
        let mut draws = Draws::new(seed, Stream::Orders);
        let mut order: Vec<usize> = (0..players).collect();
        let drawn = (0..pairs).map(|_| {
            draws.shuffle(&mut order);
            order.clone()
        });
        Ok(Self { players, orders: drawn.collect() })
    }

    /// The coalitions that the estimate asks for.
    #[must_use]
    pub fn needed(&self) -> BTreeSet<Coalition> {
        let mut needed = BTreeSet::new();
        // Nobody fails to say what a coalition is worth here, so nothing is estimated wrong either.
        let _ = self.estimate(|coalition| {
            needed.insert(coalition);
            Ok::<_, std::convert::Infallible>(0.0)
        });
        needed
    }

    /// Estimates the Shapley value of each player. Each coalition is asked for once. The estimates sum to
    /// all together minus nobody, whatever the luck.
    ///
    /// # Errors
    ///
    /// The first error of `value`.
    pub fn estimate<E>(&self, value: impl FnMut(Coalition) -> Result<f64, E>) -> Result<Vec<Sampled>, E> {
        let mut values = Values::new(value);
        let mut moments = vec![Moments::default(); self.players];
        for order in &self.orders {
            let mut adds = vec![0.0; self.players];
            join(order.iter().copied(), &mut values, &mut adds)?;
            join(order.iter().rev().copied(), &mut values, &mut adds)?;
            for (moments, add) in moments.iter_mut().zip(adds) {
                moments.add(add / 2.0);
            }
        }
        Ok(moments.iter().map(Moments::sampled).collect())
    }
}

/// Lets players join in an order and adds up what each adds.
fn join<E, F>(order: impl Iterator<Item = usize>, values: &mut Values<F>, adds: &mut [f64]) -> Result<(), E>
where
    F: FnMut(Coalition) -> Result<f64, E>,
{
    let mut present = Coalition::EMPTY;
    let mut before = values.of(present)?;
    for player in order {
        present = present.with(player);
        let after = values.of(present)?;
        adds[player] += after - before;
        before = after;
    }
    Ok(())
}

/// Orders of joining from which pairwise Shapley interaction indices are estimated.
///
/// A pair that stands side by side in a random order, with those before it present, is an unbiased sample
/// of its index. A round has n orders in which each pair stands side by side exactly twice, with as many
/// before it the one time as after it the other: the zigzag rows 0, 1, n - 1, 2, n - 2, ... of Williams
/// (Experimental designs balanced for the estimation of residual effects of treatments, 1949), the
/// players numbered at random. A round needs at most about 2 n² coalitions; standard errors are of the
/// means of rounds.
#[derive(Clone, Debug)]
pub struct InteractionPlan {
    players: usize,
    rounds: Vec<Vec<usize>>,
}

impl InteractionPlan {
    /// A plan of some rounds.
    ///
    /// # Errors
    ///
    /// [`GameError::Players`] for fewer than 2 or more than 64, [`GameError::NoSamples`] for no rounds.
    pub fn new(players: usize, rounds: usize, seed: u64) -> Result<Self, GameError> {
        check(players, 2, rounds)?;
        let mut draws = Draws::new(seed, Stream::Rounds);
        let mut names: Vec<usize> = (0..players).collect();
        let drawn = (0..rounds).map(|_| {
            draws.shuffle(&mut names);
            names.clone()
        });
        Ok(Self { players, rounds: drawn.collect() })
    }

    /// The coalitions that the estimate asks for.
    #[must_use]
    pub fn needed(&self) -> BTreeSet<Coalition> {
        let mut needed = BTreeSet::new();
        let _ = self.estimate(|coalition| {
            needed.insert(coalition);
            Ok::<_, std::convert::Infallible>(0.0)
        });
        needed
    }

    /// Estimates the interaction index of each pair. Each coalition is asked for once.
    ///
    /// # Errors
    ///
    /// The first error of `value`.
    pub fn estimate<E>(&self, value: impl FnMut(Coalition) -> Result<f64, E>) -> Result<Interactions<Sampled>, E> {
        let mut values = Values::new(value);
        let mut moments = Interactions::of_pairs(self.players, |_, _| Moments::default());
        for names in &self.rounds {
            let mut sums = Interactions::of_pairs(self.players, |_, _| 0.0);
            for shift in 0..self.players {
                let order: Vec<usize> = zigzag(self.players, shift).map(|place| names[place]).collect();
                side_by_side(&order, &mut values, &mut sums)?;
            }
            for (a, b, sum) in sums.iter() {
                if let Some(moments) = moments.get_mut(a, b) {
                    moments.add(sum / 2.0);
                }
            }
        }
        Ok(Interactions::of_pairs(self.players, |a, b| moments.get(a, b).unwrap_or_default().sampled()))
    }
}

/// One zigzag row: shift, shift + 1, shift - 1, shift + 2, ... around the circle of players.
fn zigzag(players: usize, shift: usize) -> impl Iterator<Item = usize> {
    (0..players).map(move |step| {
        let half = step.div_ceil(2);
        (shift + if step % 2 == 1 { half } else { players - half }) % players
    })
}

/// Adds to each pair that stands side by side by how much more the two add together than each by itself.
fn side_by_side<E, F>(order: &[usize], values: &mut Values<F>, sums: &mut Interactions) -> Result<(), E>
where
    F: FnMut(Coalition) -> Result<f64, E>,
{
    let mut present = Coalition::EMPTY;
    for pair in order.windows(2) {
        let &[a, b] = pair else { continue };
        let (one, other) = (present.with(a), present.with(b));
        let with_other = values.of(one.with(b))? - values.of(other)?;
        let by_itself = values.of(one)? - values.of(present)?;
        if let Some(sum) = sums.get_mut(a, b) {
            *sum += with_other - by_itself;
        }
        present = one;
    }
    Ok(())
}

fn check(players: usize, least: usize, samples: usize) -> Result<(), GameError> {
    if !(least..=Coalition::MOST_PLAYERS).contains(&players) {
        return Err(GameError::Players { players, least });
    }
    if samples == 0 { Err(GameError::NoSamples) } else { Ok(()) }
}

/// Values that were asked for, so that none is asked for twice.
struct Values<F> {
    known: BTreeMap<Coalition, f64>,
    ask: F,
}

impl<F> Values<F> {
    fn new(ask: F) -> Self {
        Self { known: BTreeMap::new(), ask }
    }

    fn of<E>(&mut self, coalition: Coalition) -> Result<f64, E>
    where
        F: FnMut(Coalition) -> Result<f64, E>,
    {
        if let Some(value) = self.known.get(&coalition) {
            return Ok(*value);
        }
        let value = (self.ask)(coalition)?;
        self.known.insert(coalition, value);
        Ok(value)
    }
}

/// Mean and variance as samples come (Welford, 1962).
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, sample: f64) {
        self.count += 1.0;
        let off = sample - self.mean;
        self.mean += off / self.count;
        self.squares += off * (sample - self.mean);
    }

    fn sampled(&self) -> Sampled {
        let several = self.count > 1.0;
        let standard_error = several.then(|| (self.squares / (self.count - 1.0) / self.count).sqrt());
        Sampled { value: self.mean, standard_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::games::Game;
    use std::convert::Infallible;

    /// Worth something different for each coalition, with interactions of every order.
    fn rugged(coalition: Coalition) -> f64 {
        let hash = coalition.bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44;
        coalition.len() as f64 + hash as f64 / f64::from(1 << 20)
    }

    fn known(players: usize) -> Game {
        let values = (0..1u64 << players).map(|bits| rugged(Coalition::from_bits(bits)));
        Game::new(values.collect()).expect("a game")
    }

    /// How many standard errors an estimate is off.
    fn off(sampled: Sampled, exact: f64) -> f64 {
        (sampled.value - exact).abs() / sampled.standard_error.expect("several samples")
    }

    #[test]
    fn samples_find_the_exact_values() {
        for players in [7, 8] {
            let game = known(players);
            let ask = |coalition| Ok::<_, Infallible>(game.value(coalition));
            let Ok(shares) = ShapleyPlan::new(players, 300, 5).expect("a plan").estimate(ask);
            let sum: f64 = shares.iter().map(|share| share.value).sum();
            assert!((sum - game.value(Coalition::all(players)) + game.value(Coalition::EMPTY)).abs() < 1e-9);
            for (share, exact) in shares.iter().zip(game.shapley()) {
                assert!(off(*share, exact) < 4.0, "{share:?} {exact}");
            }
            let Ok(pairs) = InteractionPlan::new(players, 60, 5).expect("a plan").estimate(ask);
            let exact = game.interactions();
            for (a, b, pair) in pairs.iter() {
                let exact = exact.get(a, b).expect("a pair");
                assert!(off(*pair, exact) < 4.0, "{pair:?} {exact}");
            }
        }
    }

    #[test]
    fn standard_errors_are_as_large_as_the_scatter() {
        let game = known(6);
        let shares = (0..200u64).map(|seed| {
            let plan = ShapleyPlan::new(6, 10, seed).expect("a plan");
            let Ok(shares) = plan.estimate(|coalition| Ok::<_, Infallible>(game.value(coalition)));
            shares[2]
        });
        let shares: Vec<Sampled> = shares.collect();
        let exact = game.shapley()[2];
        let scatter = shares.iter().map(|share| (share.value - exact).powi(2)).sum::<f64>() / 200.0;
        let said = shares.iter().filter_map(|share| share.standard_error).map(|se| se * se).sum::<f64>() / 200.0;
        assert!((0.75..1.33).contains(&(scatter / said)), "{scatter} {said}");
    }

    #[test]
    fn games_of_pairs_are_exact_at_once() {
        // Worth the sum of what pairs bring: third differences are 0.
        let brings = |a: usize, b: usize| ((a * 7 + b * 3) % 11) as f64 - 5.0;
        let worth = |coalition: Coalition| {
            let inside: Vec<usize> = coalition.players().collect();
            let pairs = inside.iter().flat_map(|a| inside.iter().filter(move |b| a < b).map(move |b| brings(*a, *b)));
            Ok::<_, Infallible>(pairs.sum())
        };
        let Ok(shares) = ShapleyPlan::new(20, 2, 3).expect("a plan").estimate(worth);
        for (i, share) in shares.iter().enumerate() {
            let half: f64 = (0..20).filter(|j| *j != i).map(|j| brings(i.min(j), i.max(j)) / 2.0).sum();
            assert!((share.value - half).abs() < 1e-9 && share.standard_error.expect("two pairs") < 1e-9);
        }
        let Ok(pairs) = InteractionPlan::new(20, 1, 3).expect("a plan").estimate(worth);
        assert!(pairs.iter().all(|(a, b, pair)| pair.value == brings(a, b) && pair.standard_error.is_none()));
    }

    #[test]
    fn plans_say_what_they_need_and_grow_at_the_end() {
        let plan = |pairs| ShapleyPlan::new(16, pairs, 9).expect("a plan");
        let needed = plan(4).needed();
        let mut asked = Vec::new();
        let Ok(_) = plan(4).estimate(|coalition| {
            asked.push(coalition);
            Ok::<_, Infallible>(rugged(coalition))
        });
        assert_eq!(asked.len(), needed.len());
        assert!(asked.len() <= 4 * 2 * 15 + 2 && asked.iter().all(|coalition| needed.contains(coalition)));
        assert!(plan(9).needed().is_superset(&needed));
        let rounds = |rounds| InteractionPlan::new(9, rounds, 9).expect("a plan").needed();
        assert!(rounds(2).is_superset(&rounds(1)));
        assert_eq!(plan(4).estimate(|_| Err(())), Err(()));
    }

    #[test]
    fn each_pair_stands_side_by_side_twice_in_a_round() {
        for players in 2..12 {
            let mut met = Interactions::of_pairs(players, |_, _| Vec::new());
            for shift in 0..players {
                let row: Vec<usize> = zigzag(players, shift).collect();
                for (before, pair) in row.windows(2).enumerate() {
                    met.get_mut(pair[0], pair[1]).expect("two of them").push(before);
                }
            }
            assert!(met.iter().all(|(_, _, before)| before.len() == 2 && before[0] + before[1] == players - 2));
        }
    }

    #[test]
    fn plans_of_nothing_are_refused() {
        assert_eq!(ShapleyPlan::new(65, 1, 0).err(), Some(GameError::Players { players: 65, least: 1 }));
        assert_eq!(InteractionPlan::new(1, 1, 0).err(), Some(GameError::Players { players: 1, least: 2 }));
        assert_eq!(ShapleyPlan::new(5, 0, 0).err(), Some(GameError::NoSamples));
    }
}
