//! The work itself: the method of J. Ziv and A. Lempel, "A Universal Algorithm for Sequential Data
//! Compression", IEEE Transactions on Information Theory 23(3), 1977, with whole bytes for tokens.
//!
//! The format is a row of tokens. In the first byte of a token, the high half counts the bytes that follow
//! as they are, and the low half tells how many bytes to copy, less [`SHORTEST_MATCH`], from how far back:
//! two bytes after the literals, the lower first. A half of 15 goes on in bytes that are added to it,
//! until one is not 255. The last token may end after its literals.

use holobiont_guest::Failure;

/// A shorter copy costs as much as the bytes themselves, or more.
const SHORTEST_MATCH: usize = 4;
/// A match that is not worth looking for a better one.
const GOOD_MATCH: usize = 64;
const HASH_BITS: u32 = 15;

/// How hard to look for matches.
#[derive(Clone, Copy)]
pub struct Effort {
    /// How far back a match may be, as a power of two, 16 at most.
    pub window_bits: u32,
    /// How many candidates to look at for one match.
    pub chain: usize,
}

#[derive(Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
}

/// The tokens for some data.
pub fn encode(data: &[u8], effort: Effort) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 2);
    let mut history = History::new(data, effort);
    let mut literals = 0;
    let mut at = 0;
    while at < data.len() {
        let Some(mut found) = history.longest(at) else {
            history.remember(at);
            at += 1;
            continue;
        };
        history.remember(at);
        // One byte more as it is pays off when the match after it is longer.
        while found.length < GOOD_MATCH {
            match history.longest(at + 1) {
                Some(later) if later.length > found.length => found = later,
                _ => break,
            }
            at += 1;
            history.remember(at);
        }
        put_token(&mut out, &data[literals..at], Some(found));
        // What the match covers is to be found again as well.
        for covered in at + 1..at + found.length {
            history.remember(covered);
        }
        at += found.length;
        literals = at;
    }
    if literals < data.len() {
        put_token(&mut out, &data[literals..], None);
    }
    out
}

fn put_token(out: &mut Vec<u8>, literals: &[u8], found: Option<Match>) {
    let copied = found.map_or(0, |found| found.length - SHORTEST_MATCH);
    out.push((literals.len().min(15) << 4 | copied.min(15)) as u8);
    put_rest(out, literals.len());
    out.extend_from_slice(literals);
    if let Some(found) = found {
        out.extend((found.distance as u16).to_le_bytes());
        put_rest(out, copied);
    }
}

/// What a half byte could not hold of a number.
fn put_rest(out: &mut Vec<u8>, number: usize) {
    if let Some(rest) = number.checked_sub(15) {
        out.resize(out.len() + rest / 255, 255);
        out.push((rest % 255) as u8);
    }
}

/// The places of the data so far, chained by the hash of the bytes there, the newest first.
struct History<'a> {
    data: &'a [u8],
    chain: usize,
    /// For every hash, the newest place that has it.
    newest: Vec<usize>,
    /// For every place in the window, the next older place of the same hash; a ring, whose length is a
    /// power of two.
    older: Vec<usize>,
}

/// No place: the end of a chain.
const NOWHERE: usize = usize::MAX;

impl<'a> History<'a> {
    fn new(data: &'a [u8], effort: Effort) -> Self {
        // Short data needs no more of a window than itself: fresh memory is not free.
        let window = data.len().next_power_of_two().min(1 << effort.window_bits);
        Self { data, chain: effort.chain, newest: vec![NOWHERE; 1 << HASH_BITS], older: vec![NOWHERE; window] }
    }

    /// The hash of the shortest match that could begin at a place: D. E. Knuth's multiplicative one, with
    /// 2^32 divided by the golden ratio. Nothing begins too close to the end.
    fn hash(&self, at: usize) -> Option<usize> {
        let bytes = self.data.get(at..)?.first_chunk::<SHORTEST_MATCH>()?;
        Some((u32::from_le_bytes(*bytes).wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize)
    }

    fn remember(&mut self, at: usize) {
        if let Some(hash) = self.hash(at) {
            let slot = at % self.older.len();
            self.older[slot] = std::mem::replace(&mut self.newest[hash], at);
        }
    }

    /// The longest match for what begins at a place, the nearest of those.
    fn longest(&self, at: usize) -> Option<Match> {
        let wanted = &self.data[at..];
        let mut best: Option<Match> = None;
        let mut place = self.newest[self.hash(at)?];
        for _ in 0..self.chain {
            // What lies further back than the ring is long has been overwritten there.
            if place == NOWHERE || at - place >= self.older.len() {
                break;
            }
            let length = wanted.iter().zip(&self.data[place..]).take_while(|(a, b)| a == b).count();
            if length >= best.map_or(SHORTEST_MATCH, |best| best.length + 1) {
                best = Some(Match { length, distance: at - place });
                if length == wanted.len() {
                    break;
                }
            }
            place = self.older[place % self.older.len()];
        }
        best
    }
}

/// The data that tokens stand for. A byte of a number stands for 255 bytes at most, so the payload's length
/// bounds the result's.
pub fn decode(data: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while !rest.is_empty() {
        let [token] = take(&mut rest)?;
        let literals = take_number(&mut rest, 0, token >> 4)?;
        let (literals, after) = rest.split_at_checked(literals).ok_or_else(cut_off)?;
        out.extend_from_slice(literals);
        rest = after;
        if rest.is_empty() && token & 15 == 0 {
            break;
        }
        let distance = usize::from(u16::from_le_bytes(take(&mut rest)?));
        let length = take_number(&mut rest, SHORTEST_MATCH, token & 15)?;
        if distance == 0 || distance > out.len() {
            let so_far = out.len();
            return Err(Failure::InvalidInput(format!("a copy from {distance} bytes back, with {so_far} bytes there")));
        }
        // A copy may overlap what it makes: a run is a copy from one byte back.
        for _ in 0..length {
            out.push(out[out.len() - distance]);
        }
    }
    Ok(out)
}

fn cut_off() -> Failure {
    Failure::InvalidInput("the last token is cut off".into())
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Failure> {
    let (taken, after) = rest.split_first_chunk().ok_or_else(cut_off)?;
    *rest = after;
    Ok(*taken)
}

/// The number that begins in half a byte, and the least that it may be added.
fn take_number(rest: &mut &[u8], least: usize, half: u8) -> Result<usize, Failure> {
    let mut number = least + usize::from(half);
    let mut more = half == 15;
    while more {
        let [byte] = take(rest)?;
        number = number
            .checked_add(byte.into())
            .ok_or_else(|| Failure::InvalidInput("a number exceeds all memory there could be".into()))?;
        more = byte == 255;
    }
    Ok(number)
}
