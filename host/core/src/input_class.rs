//! Classes of inputs: what strangers send, made from what the workflow has.
//!
//! A variant is a function of the input and a seed: the same pair makes the same bytes on every machine.

mod adversarial;
mod damage;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::random::{Draws, Stream};

/// A class of inputs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum InputClass {
    /// As the workflow has it.
    Nominal,
    /// No bytes at all.
    Empty,
    /// Several times as long.
    Huge,
    /// The beginning of it only.
    Truncated,
    /// With damage in it.
    Malformed,
    /// Bytes that are no text.
    NotUtf8,
    /// Made to make programs slow or wrong: long runs, deep nesting, numbers at their limits.
    Adversarial,
}

impl InputClass {
    /// What this class makes of an input, by a seed. Give each input a seed of its own: the same seed makes the same
    /// choices, so damage would be of the same kind everywhere.
    ///
    /// | class | what it makes | its length in bytes, for an input of n |
    /// | --- | --- | --- |
    /// | nominal | the input | n |
    /// | empty | nothing | 0 |
    /// | huge | the input, then more of its lines but the first; without lines, the input over and over | 4 n, but at least 64 KiB and at most 4 MiB; whole lines may add one line. Where n is 4 MiB or more, at most n and 64 KiB |
    /// | truncated | the input up to a place | 0 where n is 1, else from 1 to n - 1 |
    /// | malformed | bits turned, bytes taken away or doubled, in all 1 % of the bytes and at least one | n and 1 % more or less |
    /// | not-utf8 | the input with up to 8 sequences in it that UTF-8 does not allow | at most n + 33 |
    /// | adversarial | one pattern of several, alone or between two lines of the input | at most n and 64 KiB and 1 |
    ///
    /// Only the nominal variant is the input itself. The one exception is an input of no bytes, which nothing is
    /// shorter than: its empty and its truncated variant are it.
    ///
    /// ```
    /// use holobiont_core::InputClass;
    ///
    /// assert_eq!(InputClass::Nominal.variant(b"a,b\n", 7), b"a,b\n");
    /// assert!(std::str::from_utf8(&InputClass::NotUtf8.variant(b"a,b\n", 7)).is_err());
    /// ```
    #[must_use]
    pub fn variant(self, nominal: &[u8], seed: u64) -> Vec<u8> {
        let mut draws = Draws::new(seed, Stream::Variant);
        match self {
            Self::Nominal => nominal.to_vec(),
            Self::Empty => Vec::new(),
            Self::Huge => damage::huge(nominal, &mut draws),
            Self::Truncated => damage::truncated(nominal, &mut draws),
            Self::Malformed => damage::malformed(nominal, &mut draws),
            Self::NotUtf8 => damage::not_utf8(nominal, &mut draws),
            Self::Adversarial => adversarial::adversarial(nominal, &mut draws),
        }
    }

    /// A hostile variant of an input: the seed chooses one of the classes that make something else of it, and what
    /// that makes. Give each input a seed of its own, as for [`InputClass::variant`].
    ///
    /// It is one of `among`, or any where that names none. Where none of those makes something else of the input, as
    /// with an input of no bytes that is to be cut short, it is one of them all the same, and the input stays as it is.
    #[must_use]
    pub fn hostile(nominal: &[u8], seed: u64, among: &[Self]) -> (Self, Vec<u8>) {
        let others: &[Self] = if nominal.is_empty() {
            &[Self::Huge, Self::Malformed, Self::NotUtf8, Self::Adversarial]
        } else {
            &[Self::Empty, Self::Huge, Self::Truncated, Self::Malformed, Self::NotUtf8, Self::Adversarial]
        };
        let named: Vec<Self> = others.iter().copied().filter(|class| among.contains(class)).collect();
        let among = match (named.as_slice(), among) {
            ([], []) => others,
            ([], without_effect) => without_effect,
            (named, _) => named,
        };
        let class = Draws::new(seed, Stream::HostileClass).pick(among).copied().unwrap_or(Self::Malformed);
        (class, class.variant(nominal, seed))
    }

    /// The classes that each of so many inputs stands for, so that every class has an input and every input the
    /// same number of classes, none of them twice: the classes over the inputs, rounded up. Inputs take them in turn.
    #[must_use]
    pub fn assignment(inputs: usize) -> Vec<Vec<Self>> {
        let classes = Self::VARIANTS;
        let each = classes.len().div_ceil(inputs.max(1));
        let mut turn = classes.iter().copied().cycle();
        (0..inputs).map(|_| turn.by_ref().take(each).collect()).collect()
    }
}

#[cfg(test)]
mod tests;
