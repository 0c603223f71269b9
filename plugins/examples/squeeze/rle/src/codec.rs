//! The work itself. The format is a row of packets: a control byte below 128 says that so many bytes and
//! one more follow as they are, one from 128 on that the byte after it is to be repeated.

use holobiont_guest::Failure;

/// A packet of a run takes two bytes, and mostly one more to begin other bytes again after it.
const SHORTEST_RUN: usize = 3;
const LONGEST_RUN: usize = SHORTEST_RUN + 127;
const LONGEST_LITERAL: usize = 128;

/// The packets for some data.
pub fn encode(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    // What lies between these two is still to be written as it is.
    let (mut literal, mut at) = (0, 0);
    while let Some(&byte) = data.get(at) {
        let run = data[at..].iter().take(LONGEST_RUN).take_while(|&&other| other == byte).count();
        if run >= SHORTEST_RUN {
            put_literal(&mut out, &data[literal..at]);
            out.extend([(128 + run - SHORTEST_RUN) as u8, byte]);
            literal = at + run;
        }
        at += run;
    }
    put_literal(&mut out, &data[literal..]);
    out
}

fn put_literal(out: &mut Vec<u8>, literal: &[u8]) {
    for piece in literal.chunks(LONGEST_LITERAL) {
        out.push((piece.len() - 1) as u8);
        out.extend_from_slice(piece);
    }
}

/// The data that packets stand for. Two bytes become 130 at most, so the payload's length bounds the
/// result's.
pub fn decode(data: &[u8]) -> Result<Vec<u8>, Failure> {
    let cut_off = || Failure::InvalidInput("the last packet is cut off".into());
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((&control, after)) = rest.split_first() {
        let control = usize::from(control);
        if control < 128 {
            let (literal, after) = after.split_at_checked(control + 1).ok_or_else(cut_off)?;
            out.extend_from_slice(literal);
            rest = after;
        } else {
            let (&byte, after) = after.split_first().ok_or_else(cut_off)?;
            out.resize(out.len() + control - 128 + SHORTEST_RUN, byte);
            rest = after;
        }
    }
    Ok(out)
}
