//! The work itself.

use std::borrow::Cow;

use records_table::Table;

/// What is done to the words.
#[derive(Clone, Copy)]
pub struct Effort {
    /// How many mistakes a word may have to be taken for one of [`MENDED`].
    pub repair: usize,
}

/// Abbreviations and what they stand for, in the order of the abbreviations. Kinds of streets are as in
/// the Australian standard AS 4590 and as people write them besides.
pub const FULL: &[(&str, &str)] = &[
    ("apmnt", "apartment"),
    ("apt", "apartment"),
    ("arc", "arcade"),
    ("av", "avenue"),
    ("ave", "avenue"),
    ("bch", "beach"),
    ("bldg", "building"),
    ("blvd", "boulevard"),
    ("bvd", "boulevard"),
    ("caravn", "caravan"),
    ("cct", "circuit"),
    ("cir", "circle"),
    ("cl", "close"),
    ("cnr", "corner"),
    ("cr", "crescent"),
    ("cres", "crescent"),
    ("crk", "creek"),
    ("crt", "court"),
    ("ct", "court"),
    ("ctr", "centre"),
    ("dve", "drive"),
    ("est", "estate"),
    ("ft", "fort"),
    ("gdn", "garden"),
    ("gdns", "gardens"),
    ("gr", "grove"),
    ("hse", "house"),
    ("hts", "heights"),
    ("hwy", "highway"),
    ("is", "island"),
    ("jct", "junction"),
    ("jnr", "junior"),
    ("la", "lane"),
    ("lge", "lodge"),
    ("lwr", "lower"),
    ("mr", "mister"),
    ("mrs", "missus"),
    ("mt", "mount"),
    ("mtn", "mountain"),
    ("nth", "north"),
    ("pde", "parade"),
    ("pk", "park"),
    ("pl", "place"),
    ("pwy", "parkway"),
    ("rd", "road"),
    ("retrmnt", "retirement"),
    ("rmb", "roadside mail box"),
    ("rtt", "retreat"),
    ("snr", "senior"),
    ("sq", "square"),
    ("sth", "south"),
    ("str", "street"),
    ("tce", "terrace"),
    ("twr", "tower"),
    ("upr", "upper"),
    ("vlge", "village"),
    ("wtrs", "waters"),
];

/// Abbreviations that stand for one thing at the end of a value and for another before that: `St Ives`
/// is a saint, and `Ives St` a street.
pub const BY_PLACE: &[(&str, &str, &str)] =
    &[("dr", "doctor", "drive"), ("pt", "port", "point"), ("st", "saint", "street")];

/// Words that end so many addresses that a word there that is almost one is taken for it.
const MENDED: &[&str] =
    &["avenue", "circuit", "close", "court", "crescent", "drive", "highway", "place", "street", "terrace", "village"];

/// Writes out the abbreviations in some columns. A value without any stays as it is.
pub fn write_out(table: &mut Table, places: &[usize], effort: Effort) {
    for record in &mut table.records {
        for &place in places {
            if let Some(full) = written_out(&record[place], effort) {
                record[place] = Cow::Owned(full);
            }
        }
    }
}

/// A value without abbreviations, if it had some.
pub fn written_out(value: &str, effort: Effort) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let mut changed = false;
    let full = words.iter().enumerate().map(|(place, word)| {
        let last = place > 0 && place + 1 == words.len();
        match full_word(word, last, effort) {
            Some(full) => {
                changed = true;
                full
            }
            None => word,
        }
    });
    let full = full.collect::<Vec<_>>().join(" ");
    changed.then_some(full)
}

fn full_word(word: &str, last: bool, effort: Effort) -> Option<&'static str> {
    // The longest abbreviation has seven letters, the longest word to mend eight.
    let word = word.trim_end_matches('.');
    if word.len() > 8 + effort.repair || word.is_empty() {
        return None;
    }
    let word = word.to_lowercase();
    let full = || FULL.binary_search_by_key(&&*word, |(short, _)| *short).ok().map(|place| FULL[place].1);
    let by_place = || {
        let (_, before, at_end) = BY_PLACE.iter().find(|(short, ..)| *short == word)?;
        Some(if last { *at_end } else { *before })
    };
    let mended = || {
        // Two mistakes leave too little of a short word.
        let could_be =
            |known: &str| known.len() >= 5 * effort.repair && known.len().abs_diff(word.len()) <= effort.repair;
        let near = |known: &&&str| could_be(known) && distance(&word, known) <= effort.repair;
        // Most words at the end are right, and need not be compared with each that they could be.
        let maybe = last && effort.repair > 0 && !MENDED.contains(&&*word);
        if maybe { MENDED.iter().find(near).copied() } else { None }
    };
    full().or_else(by_place).or_else(mended)
}

/// How many letters have to be put in, taken out, replaced or swapped with the next to make one word of
/// another; none twice. F. J. Damerau, "A technique for computer detection and correction of spelling
/// errors", Communications of the ACM 7(3), 1964.
pub fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}
