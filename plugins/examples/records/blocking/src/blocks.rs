//! The work itself.

use std::collections::{BTreeMap, BTreeSet};

use holobiont_guest::Failure;
use records_table::{Kind, Pair, Table};

/// More candidates than this are refused, so that no payload can make the list of them fill the memory.
pub const MOST_CANDIDATES: usize = 1 << 18;

/// What makes a block.
#[derive(Clone, Copy)]
pub struct Rule {
    /// How many letters of a value count; 0 for all.
    pub prefix: usize,
    /// A block of more records than this says too little of them to be worth looking at.
    pub largest: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Blocks of two records or more.
    pub blocks: usize,
    /// How many of them were too large.
    pub too_large: usize,
    /// Pairs of records.
    pub candidates: usize,
}

/// Adds every two records with a value in common as a candidate, each once, in the order of the records.
///
/// Every column is an index of its own, but for the columns of keys, which are one: given names and
/// surnames are easily swapped, and a key is found in whichever column it is.
pub fn add_candidates(table: &mut Table, places: &[usize], rule: Rule) -> Result<Tally, Failure> {
    let mut blocks: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    let keys = table.key_places();
    // No column is at place 0 but that of the ids.
    let indexes = places.iter().map(|&place| (place, place)).chain(keys.iter().map(|&place| (0, place)));
    for (index, place) in indexes {
        for (number, record) in table.records.iter().enumerate() {
            let key = start(&record[place], rule.prefix);
            if key.is_empty() {
                continue;
            }
            let block = blocks.entry((index, key)).or_default();
            block.push(number);
        }
    }
    let mut tally = Tally::default();
    let mut candidates: BTreeSet<(usize, usize)> = BTreeSet::new();
    for block in blocks.values_mut() {
        // In the columns of keys, a record may have the same one twice.
        block.sort_unstable();
        block.dedup();
        if block.len() < 2 {
            continue;
        }
        tally.blocks += 1;
        if block.len() > rule.largest {
            tally.too_large += 1;
            continue;
        }
        for (place, &one) in block.iter().enumerate() {
            candidates.extend(block[place + 1..].iter().map(|&other| (one, other)));
        }
        if candidates.len() > MOST_CANDIDATES {
            return Err(Failure::Unsupported(format!(
                "more than {MOST_CANDIDATES} candidates: the blocks are too large"
            )));
        }
    }
    tally.candidates = candidates.len();
    let pairs = candidates.into_iter().map(|(one, other)| Pair {
        kind: Kind::Candidate,
        ids: [table.records[one][0].clone(), table.records[other][0].clone()],
    });
    table.pairs.extend(pairs);
    Ok(tally)
}

/// The first letters of a text; all of them where 0 are asked for.
fn start(text: &str, letters: usize) -> &str {
    match text.char_indices().nth(letters) {
        Some((end, _)) if letters > 0 => &text[..end],
        _ => text,
    }
}
