//! The work itself: which records are about the same person.

use std::borrow::Cow;
use std::collections::BTreeMap;

use holobiont_guest::Failure;
use records_table::{KEY_PREFIX, Kind, Pair, Table};

use crate::similarity::jaro_winkler;

/// More comparisons than this are refused, so that no payload can make the list of them fill the memory.
/// They are enough to compare a thousand records with each other.
pub const MOST_COMPARISONS: usize = 1 << 19;

/// When two records are about the same person.
#[derive(Clone, Copy)]
pub struct Rule {
    /// How alike they have to be, from 0 to 1.
    pub threshold: f64,
    /// How alike two values have to be to count at all: any two words have some letters in common.
    pub floor: f64,
    /// Where nobody has named candidates, how many records are compared with each: those that come next in
    /// the order of the alphabet.
    pub window: usize,
}

/// Puts the matches in the place of the candidates. Says how many comparisons it took.
pub fn find(table: &mut Table, rule: Rule) -> Result<usize, Failure> {
    let chosen = match candidates(table) {
        Some(chosen) => chosen,
        None => neighbours(table, rule.window)?,
    };
    let weights = weights(table);
    let alike = |&&(one, other): &&(usize, usize)| {
        let (one, other) = (&table.records[one], &table.records[other]);
        one[0] != other[0] && similarity(one, other, &weights, rule.floor) >= rule.threshold
    };
    let ids = |place: usize| Cow::Owned(table.records[place][0].to_string());
    let found: Vec<Pair> = chosen
        .iter()
        .filter(alike)
        .map(|&(one, other)| Pair { kind: Kind::Match, ids: [ids(one), ids(other)] })
        .collect();
    table.pairs.retain(|pair| pair.kind != Kind::Candidate);
    table.pairs.extend(found);
    Ok(chosen.len())
}

/// The places of the candidates' records, if there are candidates. Those of unknown records are left out.
fn candidates(table: &Table) -> Option<Vec<(usize, usize)>> {
    let mut named = table.pairs.iter().filter(|pair| pair.kind == Kind::Candidate).peekable();
    named.peek()?;
    // Of records with the same id, the first counts.
    let numbered = table.records.iter().enumerate().rev();
    let places: BTreeMap<&str, usize> = numbered.map(|(place, record)| (record[0].as_ref(), place)).collect();
    let both = |pair: &Pair| {
        let [one, other] = pair.ids.each_ref().map(|id| places.get(id.as_ref()).copied());
        in_order(one?, other?)
    };
    let mut chosen: Vec<_> = named.filter_map(both).collect();
    chosen.sort_unstable();
    chosen.dedup();
    Some(chosen)
}

/// A pair with the record first that comes first; none of a record with itself.
fn in_order(one: usize, other: usize) -> Option<(usize, usize)> {
    (one != other).then(|| (one.min(other), one.max(other)))
}

/// Every record with those that come next when they are sorted by their values: M. A. Hernández and S. J.
/// Stolfo, "The Merge/Purge Problem for Large Databases", Proceedings of ACM SIGMOD, 1995.
fn neighbours(table: &Table, window: usize) -> Result<Vec<(usize, usize)>, Failure> {
    if table.records.len().saturating_mul(window.min(table.records.len())) > 2 * MOST_COMPARISONS {
        let records = table.records.len();
        return Err(Failure::Unsupported(format!("too many comparisons: {records} records with {window} each")));
    }
    let mut order: Vec<usize> = (0..table.records.len()).collect();
    order.sort_by_key(|&place| &table.records[place][1..]);
    let mut chosen = Vec::new();
    for (rank, &one) in order.iter().enumerate() {
        let next = order[rank + 1..].iter().take(window);
        chosen.extend(next.filter_map(|&other| in_order(one, other)));
    }
    chosen.sort_unstable();
    Ok(chosen)
}

/// How much each column counts: by how many bits its values tell one record from another, their entropy.
/// That two people live in the same state says little, and that they were born on the same day much; so
/// nobody has to say which columns matter. Neither ids nor keys count.
fn weights(table: &Table) -> Vec<f64> {
    let mut weights = vec![0.0; table.columns.len()];
    for (place, weight) in weights.iter_mut().enumerate().skip(1) {
        if table.columns[place].starts_with(KEY_PREFIX) {
            continue;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for record in table.records.iter().filter(|record| !record[place].is_empty()) {
            *counts.entry(&record[place]).or_default() += 1;
        }
        let all = counts.values().sum::<usize>() as f64;
        let bits = |&count: &usize| count as f64 / all * (all / count as f64).log2();
        *weight = counts.values().map(bits).sum();
    }
    weights
}

/// How alike two records are, from 0 to 1: the mean over the columns by their weights. A value that one of
/// them lacks speaks neither for nor against.
fn similarity(one: &[Cow<str>], other: &[Cow<str>], weights: &[f64], floor: f64) -> f64 {
    let mut sum = 0.0;
    let mut whole = 0.0;
    for (place, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let alike = match (one[place].as_ref(), other[place].as_ref()) {
            ("", _) | (_, "") => 0.5,
            (one, other) => match jaro_winkler(one, other) {
                alike if alike < floor => 0.0,
                alike => alike,
            },
        };
        sum += weight * alike;
        whole += weight;
    }
    // Where no column tells records apart, they are all the same.
    if whole > 0.0 { sum / whole } else { 1.0 }
}
