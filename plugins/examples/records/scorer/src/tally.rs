//! The work itself: pairs that there are, and pairs that were found.

use std::collections::{BTreeMap, BTreeSet};

use records_table::{Kind, Table};

/// Whom a record is about: the number after the first dash. An id that has none is a person of its own.
fn person(id: &str) -> &str {
    match id.split('-').nth(1) {
        Some(number) if id.starts_with("rec-") => number,
        _ => id,
    }
}

/// Pairs, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those in the output.
    pub found: u64,
    /// Those of them that are in the input.
    pub right: u64,
    /// Those in the input.
    pub there: u64,
}

impl Tally {
    /// 0 where there is nothing to find: finding nothing is no feat then.
    pub fn f1(self) -> f64 {
        if self.right == 0 { 0.0 } else { 2.0 * self.right as f64 / (self.found + self.there) as f64 }
    }
}

/// What was found in the output, and what there was in the input.
pub fn tally(input: &Table, output: &Table) -> Tally {
    let people: BTreeMap<&str, &str> =
        input.records.iter().map(|record| (record[0].as_ref(), person(&record[0]))).collect();
    let there = pairs_within(people.values().copied());
    if output.pairs.iter().any(|pair| pair.kind == Kind::Match) {
        let matches = output.pairs.iter().filter(|pair| pair.kind == Kind::Match).map(|pair| pair.ids.each_ref());
        let both = matches.map(|[one, other]| (one.min(other), one.max(other))).filter(|(one, other)| one != other);
        let distinct: BTreeSet<_> = both.collect();
        let same = |one: &str, other: &str| people.get(one).is_some_and(|person| people.get(other) == Some(person));
        let right = distinct.iter().filter(|(one, other)| same(one, other)).count() as u64;
        return Tally { found: distinct.len() as u64, right, there };
    }
    // Many records may be equal, so their pairs are counted rather than listed.
    let mut groups: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for record in &output.records {
        groups.entry(&record[1..]).or_default().insert(&record[0]);
    }
    let found = groups.values().map(|ids| pairs_of(ids.len() as u64)).sum();
    let right = groups.values().map(|ids| pairs_within(ids.iter().filter_map(|id| people.get(id).copied()))).sum();
    Tally { found, right, there }
}

/// How many pairs there are of records that are about the same person, given the person of each.
fn pairs_within<'a>(people: impl Iterator<Item = &'a str>) -> u64 {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for person in people {
        *counts.entry(person).or_default() += 1;
    }
    counts.into_values().map(pairs_of).sum()
}

fn pairs_of(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}
