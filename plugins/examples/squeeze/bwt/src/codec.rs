//! The work itself: the transform of M. Burrows and D. J. Wheeler, "A Block-sorting Lossless Data
//! Compression Algorithm", SRC Research Report 124, 1994, block by block.
//!
//! Before the bytes of a block come its length and its mark, three bytes each, the lowest first.

use holobiont_guest::Failure;

#[path = "suffix.rs"]
mod suffix;

/// Length and mark of a block.
const HEADER: usize = 6;
/// The longest block there may be. Its length and mark fit the header, and what sorting it takes fits
/// the memory that a host lends out by default.
pub const LONGEST_BLOCK: usize = 1 << 20;

/// Transforms the data in blocks of this many bytes, from 1 to [`LONGEST_BLOCK`].
pub fn encode(data: &[u8], block: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + HEADER * data.len().div_ceil(block));
    for text in data.chunks(block) {
        encode_block(text, &mut out);
    }
    out
}

/// Think of the text with an end sign behind it that is less than every byte. The rows of the transform
/// are its suffixes in order, and what is written is the byte before each. The row of the whole text has
/// nothing before it but the end sign: instead of that, the number of the row is written, the mark.
fn encode_block(text: &[u8], out: &mut Vec<u8>) {
    let order = suffix::sort(text);
    let mark = order.iter().take_while(|&&start| start != 0).count() + 1;
    out.extend(&(text.len() as u32).to_le_bytes()[..3]);
    out.extend(&(mark as u32).to_le_bytes()[..3]);
    // Row 0 is the end sign alone, which the order does not list.
    let last = text.len() - 1;
    out.push(text[last]);
    out.extend(order.iter().filter(|&&start| start != 0).map(|&start| text[start - 1]));
}

/// The data that was transformed, which is never longer than the payload.
pub fn decode(data: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while !rest.is_empty() {
        let (&[l0, l1, l2, m0, m1, m2], after) = rest
            .split_first_chunk::<HEADER>()
            .ok_or_else(|| Failure::InvalidInput("the header of the last block is cut off".into()))?;
        let length = u32::from_le_bytes([l0, l1, l2, 0]) as usize;
        let mark = u32::from_le_bytes([m0, m1, m2, 0]) as usize;
        if length > LONGEST_BLOCK || !(1..=length).contains(&mark) {
            return Err(Failure::InvalidInput(format!("a block of {length} bytes cannot have its mark at {mark}")));
        }
        let (block, after) = after
            .split_at_checked(length)
            .ok_or_else(|| Failure::InvalidInput(format!("a block of {length} bytes has but {}", after.len())))?;
        decode_block(block, mark, &mut out)?;
        rest = after;
    }
    Ok(out)
}

/// Rows that have the same byte before them come in the same order as the rows that this byte begins. So
/// the n-th time that a byte is written leads to the n-th row that begins with it, which is the suffix
/// longer by one: followed from the row of the end sign, that spells the text from its end.
fn decode_block(block: &[u8], mark: usize, out: &mut Vec<u8>) -> Result<(), Failure> {
    let mut counts = [0usize; 256];
    for &byte in block {
        counts[usize::from(byte)] += 1;
    }
    // Row 0 is the end sign.
    let mut next_row = 1;
    let mut rows = counts.map(|count| {
        let first = next_row;
        next_row += count;
        first
    });
    let longer: Vec<usize> = block
        .iter()
        .map(|&byte| {
            let row = rows[usize::from(byte)];
            rows[usize::from(byte)] += 1;
            row
        })
        .collect();

    let start = out.len();
    out.resize(start + block.len(), 0);
    let mut row = 0;
    for place in out[start..].iter_mut().rev() {
        // A way that comes to the row of the whole text too early has gone round in a circle.
        let written = match row {
            row if row < mark => row,
            row if row > mark => row - 1,
            _ => return Err(Failure::InvalidInput("a block is the transform of no text".into())),
        };
        *place = block[written];
        row = longer[written];
    }
    Ok(())
}
