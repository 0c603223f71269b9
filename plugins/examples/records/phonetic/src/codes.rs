//! The work itself: what a word sounds like, by two methods made for English names.

use std::borrow::Cow;

use records_table::{KEY_PREFIX, Table};

/// Adds a column of keys for each of some columns. Where there is one already, it is written again.
pub fn add(table: &mut Table, places: &[usize], method: Method, length: usize) {
    for &source in places {
        let name = format!("{KEY_PREFIX}{}", table.columns[source]);
        let target = table.columns.iter().skip(1).position(|column| *column == name).map(|place| place + 1);
        if target.is_none() {
            table.columns.push(Cow::Owned(name));
        }
        for record in &mut table.records {
            let mut key = method.code(&record[source]);
            key.truncate(length);
            match target {
                Some(target) => record[target] = Cow::Owned(key),
                None => record.push(Cow::Owned(key)),
            }
        }
    }
}

/// A method.
#[derive(Clone, Copy)]
pub enum Method {
    /// R. L. Taft, "Name Search Techniques", New York State Identification and Intelligence System, 1970.
    Nysiis,
    /// R. C. Russell's of 1918, as the United States use it for their census records.
    Soundex,
}

impl Method {
    /// The code of a word; letters only count if they are of the English alphabet. Without one, the code
    /// is empty.
    pub fn code(self, word: &str) -> String {
        let letters: Vec<u8> =
            word.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase()).collect();
        let code = match self {
            Self::Nysiis => nysiis(letters),
            Self::Soundex => soundex(&letters),
        };
        code.into_iter().map(char::from).collect()
    }
}

/// The first letter, and digits for kinds of consonants after it, four signs in all.
fn soundex(letters: &[u8]) -> Vec<u8> {
    let Some(&first) = letters.first() else { return Vec::new() };
    let kind = |letter: u8| match letter {
        b'B' | b'F' | b'P' | b'V' => b'1',
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => b'2',
        b'D' | b'T' => b'3',
        b'L' => b'4',
        b'M' | b'N' => b'5',
        b'R' => b'6',
        _ => 0,
    };
    let mut code = vec![first];
    let mut last = kind(first);
    for &letter in &letters[1..] {
        // Consonants of one kind are one, even with one of these between them, but not with a vowel.
        if matches!(letter, b'H' | b'W') {
            continue;
        }
        let this = kind(letter);
        if this != 0 && this != last {
            code.push(this);
        }
        last = this;
    }
    code.resize(4, b'0');
    code
}

/// The word with what sounds alike written alike, and all vowels but a first one as `A`.
fn nysiis(mut word: Vec<u8>) -> Vec<u8> {
    let starts: [(&[u8], &[u8]); 6] =
        [(b"MAC", b"MCC"), (b"KN", b"NN"), (b"K", b"C"), (b"PH", b"FF"), (b"PF", b"FF"), (b"SCH", b"SSS")];
    if let Some((start, alike)) = starts.iter().find(|(start, _)| word.starts_with(start)) {
        word[..start.len()].copy_from_slice(alike);
    }
    let ends: [(&[u8], u8); 7] =
        [(b"EE", b'Y'), (b"IE", b'Y'), (b"DT", b'D'), (b"RT", b'D'), (b"RD", b'D'), (b"NT", b'D'), (b"ND", b'D')];
    if let Some((_, alike)) = ends.iter().find(|(end, _)| word.ends_with(end)) {
        word.truncate(word.len() - 2);
        word.push(*alike);
    }
    let Some(&first) = word.first() else { return word };

    let mut code = vec![first];
    let mut at = 1;
    while at < word.len() {
        at += write_alike(&mut word, at);
        let written = word[at - 1];
        if code.last() != Some(&written) {
            code.push(written);
        }
    }
    if code.len() > 1 && code.ends_with(b"S") {
        code.pop();
    }
    if code.ends_with(b"AY") {
        code.truncate(code.len() - 2);
        code.push(b'Y');
    }
    if code.len() > 1 && code.ends_with(b"A") {
        code.pop();
    }
    code
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// Writes what is at a place, which is not the first, as what sounds like it. Says how many letters that
/// were; the last of them is the one to go into the code, and equals those before it.
fn write_alike(word: &mut [u8], at: usize) -> usize {
    let before = word[at - 1];
    let rest = &word[at..];
    let after = rest.get(1).copied();
    let (alike, letters) = match rest[0] {
        b'E' if after == Some(b'V') => {
            word[at..at + 2].copy_from_slice(b"AF");
            return 1;
        }
        letter if is_vowel(letter) => (b'A', 1),
        b'Q' => (b'G', 1),
        b'Z' => (b'S', 1),
        b'M' => (b'N', 1),
        b'K' if after == Some(b'N') => (b'N', 2),
        b'K' => (b'C', 1),
        b'S' if rest.starts_with(b"SCH") => (b'S', 3),
        b'P' if after == Some(b'H') => (b'F', 2),
        b'H' if !is_vowel(before) || after.is_none_or(|letter| !is_vowel(letter)) => (before, 1),
        b'W' if is_vowel(before) => (before, 1),
        letter => (letter, 1),
    };
    word[at..at + letters].fill(alike);
    letters
}
