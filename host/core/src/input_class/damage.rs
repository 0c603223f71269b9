//! Inputs that are too long, too short, or not what they should be in places.

use std::collections::BTreeMap;

use crate::random::Draws;

/// A huge input is at least so long, in bytes.
pub(super) const HUGE_LEAST: usize = 64 << 10;
/// And at most so long, unless it was that long before.
pub(super) const HUGE_MOST: usize = 4 << 20;

/// The input four times or more. What follows it begins at a seeded line. The first line is not repeated where
/// there are others: it may be a header, and a file with two would be damaged rather than long.
pub(super) fn huge(nominal: &[u8], draws: &mut Draws) -> Vec<u8> {
    if nominal.len() >= HUGE_MOST {
        let more = nominal.len().min(HUGE_LEAST);
        return [nominal, &nominal[..more]].concat();
    }
    let record: &[u8] = if nominal.is_empty() { b"0\n" } else { nominal };
    let target = nominal.len().saturating_mul(4).clamp(HUGE_LEAST, HUGE_MOST);
    let mut output = nominal.to_vec();
    let lines: Vec<&[u8]> = record.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() > 1 || record.ends_with(b"\n") {
        let repeated = if lines.len() > 1 { &lines[1..] } else { &lines[..] };
        let first = draws.place(repeated.len());
        for line in repeated.iter().cycle().skip(first) {
            // The last line of a file may lack its end, which it needs between others.
            let parted = output.is_empty() || output.ends_with(b"\n");
            if output.len() >= target || output.len() + line.len() >= HUGE_MOST {
                break;
            }
            if !parted {
                output.push(b'\n');
            }
            output.extend_from_slice(line);
        }
    }
    // There are no lines, or the next is too long for what is left.
    if output.len() == nominal.len() {
        while output.len() < target {
            let missing = target - output.len();
            output.extend_from_slice(&record[..record.len().min(missing)]);
        }
    }
    output
}

/// The input up to a seeded place: something of it, where it has more than one byte.
pub(super) fn truncated(nominal: &[u8], draws: &mut Draws) -> Vec<u8> {
    let end = match nominal.len() {
        0 | 1 => 0,
        length => 1 + draws.place(length - 1),
    };
    nominal[..end].to_vec()
}

/// What befalls a byte.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Turned(u32),
    Gone,
    Doubled,
}

/// The input with 1 % of its bytes harmed, and at least one; an input of no bytes gets one that it should not have.
pub(super) fn malformed(nominal: &[u8], draws: &mut Draws) -> Vec<u8> {
    let mut harms = BTreeMap::new();
    for _ in 0..(nominal.len() / 100).max(1) {
        let harm = match draws.below(4) {
            0 => Harm::Gone,
            1 => Harm::Doubled,
            _ => Harm::Turned(draws.below(8)),
        };
        harms.insert(draws.place(nominal.len()), harm);
    }
    let mut output = Vec::with_capacity(nominal.len() + harms.len());
    let mut done = 0;
    for (place, harm) in harms {
        output.extend_from_slice(&nominal[done..place]);
        // An input of no bytes has a first place, too, but nothing there.
        let byte = nominal.get(place).copied();
        match (byte, harm) {
            (None, _) | (_, Harm::Gone) => {}
            (Some(byte), Harm::Turned(bit)) => output.push(byte ^ (1 << bit)),
            (Some(byte), Harm::Doubled) => output.extend([byte, byte]),
        }
        done = nominal.len().min(place + 1);
    }
    output.extend_from_slice(&nominal[done..]);
    // What is gone in one place can be made up for by what is doubled in another.
    if output == nominal {
        match output.last_mut() {
            Some(byte) => *byte ^= 1,
            None => output.push(draws.below(256) as u8),
        }
    }
    output
}

/// What UTF-8 does not allow, and programs that count characters stumble over.
const NOT_UTF8: [&[u8]; 8] = [
    // A byte that begins nothing.
    b"\xff",
    // The middle of a character, without its beginning, and a beginning without its middle.
    b"\x80",
    b"\xe2\x82",
    // The slash and the zero, in more bytes than they need.
    b"\xc0\xaf",
    b"\xc0\x80",
    // Half of a pair of UTF-16, and a number above the highest character.
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    // A character of UTF-16 as some programs write it.
    b"\xfe\xff\x00a",
];

/// The input with sequences at seeded places that are not UTF-8.
pub(super) fn not_utf8(nominal: &[u8], draws: &mut Draws) -> Vec<u8> {
    let mut output = nominal.to_vec();
    let mut places: Vec<usize> = (0..=draws.place(8)).map(|_| draws.place(nominal.len() + 1)).collect();
    places.sort_unstable();
    // From the last, so that the others stay where they are.
    for place in places.into_iter().rev() {
        let sequence = draws.pick(&NOT_UTF8).copied().unwrap_or(b"\xff");
        output.splice(place..place, sequence.iter().copied());
    }
    // In bytes that were no text before, a sequence can complete what was broken.
    if std::str::from_utf8(&output).is_ok() {
        output.push(0xff);
    }
    output
}
