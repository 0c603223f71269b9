//! Thanks to whom: exact Shapley values and pairwise interaction indices of a game of up to 12 players.

use super::coalition::Coalition;

/// How many players a game can have whose every coalition is measured: 4,096 coalitions.
pub const EXACT_PLAYERS: usize = 12;

/// Why values do not make a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GameError {
    /// The number of values is not 2 to the power of the players.
    #[error("{0} values are not one for each coalition: a game of n players has 2^n, and n is at most {EXACT_PLAYERS}")]
    Coalitions(usize),
    /// A value is infinite or not a number.
    #[error("the value of coalition {0} is not a finite number")]
    NotFinite(Coalition),
    /// More players than a coalition has bits, or fewer than the question is about.
    #[error("{players} players: this takes {least} to {}", Coalition::MOST_PLAYERS)]
    Players {
        /// How many there are.
        players: usize,
        /// How few would do.
        least: usize,
    },
    /// Nothing was to be drawn.
    #[error("no sample was asked for")]
    NoSamples,
}

/// A cooperative game of up to [`EXACT_PLAYERS`] players: what each coalition is worth.
///
/// ```
/// use holobiont_core::stats::Game;
///
/// // Two modules: alone they are worth 1 and 2, together 5, and without them the workflow is worth 0.
/// let game = Game::new(vec![0.0, 1.0, 2.0, 5.0])?;
/// assert_eq!(game.shapley(), [2.0, 3.0]);
/// assert_eq!(game.interactions().get(0, 1), Some(2.0));
/// # Ok::<(), holobiont_core::stats::GameError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Game {
    players: usize,
    values: Vec<f64>,
}

impl Game {
    /// A game by its values: `values[mask]` is what the players in `mask` are worth together, where bit
    /// `i` is player `i`; so there are 2^n of them, in the unit of the metric.
    ///
    /// # Errors
    ///
    /// [`GameError`] when their number is not 2^n with n from 0 to 12, or one of them is not finite.
    pub fn new(values: Vec<f64>) -> Result<Self, GameError> {
        let players = values.len().checked_ilog2().unwrap_or(0) as usize;
        if values.len() != 1 << players || players > EXACT_PLAYERS {
            return Err(GameError::Coalitions(values.len()));
        }
        if let Some(bad) = values.iter().position(|value| !value.is_finite()) {
            return Err(GameError::NotFinite(Coalition::from_bits(bad as u64)));
        }
        Ok(Self { players, values })
    }

    /// How many play.
    #[must_use]
    pub fn players(&self) -> usize {
        self.players
    }

    /// What a coalition is worth; players whom the game does not have count for nothing.
    #[must_use]
    pub fn value(&self, coalition: Coalition) -> f64 {
        self.values[coalition.bits() as usize & (self.values.len() - 1)]
    }

    /// The Shapley value of each player, in the unit of the game: what it adds to the coalition it
    /// joins, on average over all orders of joining. They sum to all together minus nobody.
    ///
    /// Shapley, A value for n-person games (1953): the sum over coalitions S without i of
    /// |S|! (n - |S| - 1)! / n! x (v(S + i) - v(S)). Summed as differences, so that a player who adds
    /// nothing to anybody gets exactly 0.
    #[must_use]
    pub fn shapley(&self) -> Vec<f64> {
        let weights = weights(self.players);
        (0..self.players)
            .map(|player| {
                let one = 1 << player;
                let without = (0..self.values.len()).filter(|mask| mask & one == 0);
                without
                    .map(|mask| weights[mask.count_ones() as usize] * (self.values[mask | one] - self.values[mask]))
                    .sum()
            })
            .collect()
    }

    /// The Shapley interaction index of each pair, in the unit of the game: by how much more two players
    /// add together than each by itself, on average over the coalitions they join. Positive where they
    /// help each other, negative where one makes the other needless.
    ///
    /// Grabisch and Roubens, An axiomatic approach to the concept of interaction among players in
    /// cooperative games (1999), for pairs: the sum over coalitions S without i and j of
    /// |S|! (n - |S| - 2)! / (n - 1)! x (v(S + i + j) - v(S + i) - v(S + j) + v(S)).
    #[must_use]
    pub fn interactions(&self) -> Interactions {
        // The weights are those of a game in which the pair is one player.
        let weights = weights(self.players.saturating_sub(1));
        Interactions::of_pairs(self.players, |a, b| {
            let (one, other) = (1 << a, 1 << b);
            let without = (0..self.values.len()).filter(|mask| mask & (one | other) == 0);
            without
                .map(|mask| {
                    let with_one = self.values[mask | one | other] - self.values[mask | other];
                    let by_itself = self.values[mask | one] - self.values[mask];
                    weights[mask.count_ones() as usize] * (with_one - by_itself)
                })
                .sum()
        })
    }
}

/// By size s of a coalition: s! (n - s - 1)! / n!, which is 1 / (n x (n - 1 choose s)).
fn weights(players: usize) -> Vec<f64> {
    let mut choose = 1.0;
    (0..players)
        .map(|size| {
            let weight = 1.0 / (players as f64 * choose);
            choose = choose * (players - size - 1) as f64 / (size + 1) as f64;
            weight
        })
        .collect()
}

/// Something of each unordered pair of players.
#[derive(Clone, Debug, PartialEq)]
pub struct Interactions<T = f64> {
    players: usize,
    pairs: Vec<T>,
}

impl<T> Interactions<T> {
    pub(super) fn of_pairs(players: usize, mut of: impl FnMut(usize, usize) -> T) -> Self {
        let pairs = (0..players).flat_map(|a| (a + 1..players).map(move |b| (a, b)));
        Self { players, pairs: pairs.map(|(a, b)| of(a, b)).collect() }
    }

    /// How many players there are.
    #[must_use]
    pub fn players(&self) -> usize {
        self.players
    }

    /// Pairs and what they have, in ascending order; the first of a pair is the smaller.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, &T)> {
        let pairs = (0..self.players).flat_map(|a| (a + 1..self.players).map(move |b| (a, b)));
        pairs.zip(&self.pairs).map(|((a, b), of)| (a, b, of))
    }

    pub(super) fn get_mut(&mut self, a: usize, b: usize) -> Option<&mut T> {
        self.place(a, b).and_then(|place| self.pairs.get_mut(place))
    }

    fn place(&self, a: usize, b: usize) -> Option<usize> {
        let (a, b) = (a.min(b), a.max(b));
        // Before row a stand (n - 1) + (n - 2) + ... pairs.
        (a < b && b < self.players).then(|| a * (2 * self.players - a - 1) / 2 + (b - a - 1))
    }
}

impl<T: Copy> Interactions<T> {
    /// What a pair has, in either order; nothing for a player and itself, or one whom there is not.
    #[must_use]
    pub fn get(&self, a: usize, b: usize) -> Option<T> {
        self.place(a, b).and_then(|place| self.pairs.get(place).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(serde::Deserialize)]
    struct Fixture {
        players: usize,
        values: Vec<f64>,
        shapley: Vec<f64>,
        interactions: Vec<f64>,
    }

    #[derive(serde::Deserialize)]
    struct Fixtures {
        games: Vec<Fixture>,
    }

    fn close(a: f64, b: f64, scale: f64) -> bool {
        (a - b).abs() <= 1e-9 * scale.max(1.0)
    }

    #[test]
    fn another_implementation_agrees() {
        let fixtures: Fixtures = serde_json::from_str(include_str!("../../tests-data/games.json")).expect("fixtures");
        assert_eq!(fixtures.games.iter().map(|game| game.players).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        for expected in fixtures.games {
            let game = Game::new(expected.values).expect("a game");
            assert_eq!(game.players(), expected.players);
            for (ours, theirs) in game.shapley().iter().zip(&expected.shapley) {
                assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
            }
            let pairs = game.interactions();
            assert_eq!(pairs.iter().count(), expected.interactions.len());
            for ((_, _, ours), theirs) in pairs.iter().zip(&expected.interactions) {
                assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
            }
        }
    }

    #[test]
    fn what_is_no_game_is_refused() {
        for count in [0, 3, 5, 8192] {
            assert_eq!(Game::new(vec![0.0; count]), Err(GameError::Coalitions(count)));
        }
        assert_eq!(Game::new(vec![0.0, f64::NAN]), Err(GameError::NotFinite(Coalition::from_bits(1))));
        let nobody = Game::new(vec![3.0]).expect("a game of nobody");
        assert!(nobody.shapley().is_empty() && nobody.interactions().iter().count() == 0);
        let alone = Game::new(vec![1.0, 3.0]).expect("a game of one");
        assert_eq!((alone.shapley(), alone.interactions().iter().count()), (vec![2.0], 0));
    }

    #[test]
    fn twelve_players_are_many_but_not_too_many() {
        let value = |mask: usize| f64::from((mask as u32).wrapping_mul(2_654_435_761) >> 12);
        let game = Game::new((0..4096).map(value).collect()).expect("a game");
        let sum: f64 = game.shapley().iter().sum();
        assert!(close(sum, value(4095) - value(0), 1e6));
        assert_eq!(game.interactions().iter().count(), 66);
    }

    fn games() -> impl Strategy<Value = Vec<f64>> {
        (1usize..7).prop_flat_map(|players| proptest::collection::vec(-1e3..1e3f64, 1 << players))
    }

    /// A mask whose player i is player `to[i]` of the original.
    fn moved(mask: usize, to: &[usize]) -> usize {
        (0..to.len()).filter(|i| mask >> i & 1 == 1).map(|i| 1 << to[i]).sum()
    }

    proptest! {
        #[test]
        fn shares_sum_to_what_there_is_to_share(values in games()) {
            let whole = values[values.len() - 1] - values[0];
            let game = Game::new(values).expect("a game");
            prop_assert!(close(game.shapley().iter().sum(), whole, 1e3));
        }

        #[test]
        fn equals_get_equal_shares(by_size in proptest::collection::vec(-1e3..1e3f64, 3..8)) {
            // Worth depends on the number only.
            let players = by_size.len() - 1;
            let values = (0..1usize << players).map(|mask| by_size[mask.count_ones() as usize]).collect();
            let game = Game::new(values).expect("a game");
            let shares = game.shapley();
            prop_assert!(shares.iter().all(|share| close(*share, shares[0], 1e3)));
            let pairs = game.interactions();
            let first = pairs.get(0, 1).expect("a pair");
            prop_assert!(pairs.iter().all(|(_, _, pair)| close(*pair, first, 1e3)));
        }

        #[test]
        fn a_dummy_gets_nothing(values in games(), at in 0usize..7) {
            let players = values.len().ilog2() as usize;
            let at = at.min(players);
            // A player who changes nothing, put in at `at`.
            let low = (1usize << at) - 1;
            let wider = (0..values.len() * 2).map(|mask| values[(mask & low) | (mask >> 1 & !low)]).collect();
            let game = Game::new(wider).expect("a game");
            prop_assert_eq!(game.shapley()[at], 0.0);
            let pairs = game.interactions();
            prop_assert!((0..=players).filter(|other| *other != at).all(|other| pairs.get(at, other) == Some(0.0)));
        }

        #[test]
        fn what_adds_up_does_not_interact(parts in proptest::collection::vec(-100i32..100, 2..7)) {
            // Whole numbers, so that sums are exact.
            let inside = |mask: usize| (0..parts.len()).filter(move |i| mask >> i & 1 == 1);
            let worth = |mask| inside(mask).map(|i| f64::from(parts[i])).sum();
            let game = Game::new((0..1 << parts.len()).map(worth).collect()).expect("a game");
            prop_assert!(game.interactions().iter().all(|(_, _, pair)| *pair == 0.0));
        }

        #[test]
        fn names_do_not_matter(values in games(), seed in any::<u64>()) {
            let players = values.len().ilog2() as usize;
            let mut to: Vec<usize> = (0..players).collect();
            crate::random::Draws::new(seed, crate::random::Stream::Orders).shuffle(&mut to);
            let renamed = (0..values.len()).map(|mask| values[moved(mask, &to)]).collect();
            let (game, renamed) = (Game::new(values).expect("a game"), Game::new(renamed).expect("a game"));
            let (shares, pairs) = (game.shapley(), game.interactions());
            for (i, share) in renamed.shapley().into_iter().enumerate() {
                prop_assert!(close(share, shares[to[i]], 1e3));
            }
            for (i, j, pair) in renamed.interactions().iter() {
                prop_assert!(close(*pair, pairs.get(to[j], to[i]).expect("a pair"), 1e3));
            }
        }

        #[test]
        fn shares_scale_with_the_game(values in games(), factor in -8i32..8) {
            let game = Game::new(values.clone()).expect("a game");
            // Powers of two, so that products are exact.
            let factor = 2f64.powi(factor);
            let scaled = Game::new(values.iter().map(|value| value * factor).collect()).expect("a game");
            for (share, wide) in game.shapley().iter().zip(scaled.shapley()) {
                prop_assert_eq!(share * factor, wide);
            }
        }
    }
}
