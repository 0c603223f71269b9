//! Who is in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of players, who are numbered from 0 to 63: bit `i` is player `i`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coalition(u64);

impl Coalition {
    /// How many players there can be.
    pub const MOST_PLAYERS: usize = 64;
    /// Nobody.
    pub const EMPTY: Self = Self(0);

    /// The set with these bits.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The first `players` players; more than 64 count as 64.
    #[must_use]
    pub fn all(players: usize) -> Self {
        Self(u64::MAX.checked_shr(64u32.saturating_sub(players as u32)).unwrap_or(0))
    }

    /// Each of the first `players` players alone.
    pub fn solos(players: usize) -> impl Iterator<Item = Self> {
        (0..players).map(|player| Self::EMPTY.with(player))
    }

    /// What a comparison looks at: nobody, each alone, all together.
    pub fn arms(players: usize) -> impl Iterator<Item = Self> {
        std::iter::once(Self::EMPTY).chain(Self::solos(players)).chain([Self::all(players)])
    }

    /// The bits.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// How many are in.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether nobody is in.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a player is in; nobody beyond 63 is.
    #[must_use]
    pub fn contains(self, player: usize) -> bool {
        self.0 & bit(player) != 0
    }

    /// This and one more player; unchanged for a player beyond 63.
    #[must_use]
    pub fn with(self, player: usize) -> Self {
        Self(self.0 | bit(player))
    }

    /// This without a player.
    #[must_use]
    pub fn without(self, player: usize) -> Self {
        Self(self.0 & !bit(player))
    }

    /// Who is in, in ascending order.
    pub fn players(self) -> impl Iterator<Item = usize> {
        (0..Self::MOST_PLAYERS).filter(move |player| self.contains(*player))
    }
}

fn bit(player: usize) -> u64 {
    u32::try_from(player).ok().and_then(|player| 1u64.checked_shl(player)).unwrap_or(0)
}

impl FromIterator<usize> for Coalition {
    fn from_iter<I: IntoIterator<Item = usize>>(players: I) -> Self {
        players.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Display for Coalition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (place, player) in self.players().enumerate() {
            write!(f, "{}{player}", if place > 0 { ", " } else { "" })?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_whom_they_were_given() {
        let set: Coalition = [0, 5, 63, 64].into_iter().collect();
        assert_eq!(set.players().collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!(set.to_string(), "{0, 5, 63}");
        assert_eq!((set.len(), set.without(5).len(), set.with(5)), (3, 2, set));
        assert!(set.contains(63) && !set.contains(64) && !set.is_empty());
        let sizes = [0, 1, 12, 64, 100].map(|players| Coalition::all(players).len());
        assert_eq!(sizes, [0, 1, 12, 64, 64]);
        assert!(Coalition::all(0).is_empty());
    }
}
