//! The work itself: an adaptive model of bytes, and a binary arithmetic coder that spends bits by it. The
//! coder is the one without carries of M. Mahoney, "Adaptive Weighing of Context Models for Lossless Data
//! Compression", Florida Institute of Technology CS-2005-16, 2005.
//!
//! Before the bits come the rate of learning, one byte, and the length of the data, seven bits a byte, the
//! lowest first, with the high bit of a byte saying that there is more.

use std::cmp::Ordering;

use holobiont_guest::Failure;

/// The rates of learning there may be: with each bit, an estimate goes 2^-rate of the way to it.
pub const RATES: std::ops::RangeInclusive<u8> = 2..=8;

/// How much slower the slow one of two estimates learns.
const SLOWER: u8 = 3;
/// The least chance that the model gives a bit, of 2^16. It costs little, and it bounds what a byte of
/// payload can stand for: a zero byte costs log2(256/255) bits at least.
const LEAST: u32 = 256;

/// Codes the data, learning at one of the [`RATES`].
pub fn encode(data: &[u8], rate: u8) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(data.len() / 2);
    out.push(rate);
    let mut length = data.len();
    while length >= 128 {
        out.push(length as u8 | 128);
        length >>= 7;
    }
    out.push(length as u8);

    let mut model = Model::new(rate);
    let mut encoder = Encoder { low: 0, high: u32::MAX, out };
    for &byte in data {
        model.encode(byte, &mut encoder);
    }
    encoder.finish()
}

/// The data that was coded. It grows as the payload is used up, by no more than [`LEAST`] allows: the length
/// in the header is not trusted with an allocation. Almost any bits stand for something, and wrong ones are
/// noticed only where they end too early or too late; whoever has to know of every one adds a checksum.
pub fn decode(data: &[u8]) -> Result<Vec<u8>, Failure> {
    let Some((&rate, rest)) = data.split_first() else { return Ok(Vec::new()) };
    if !RATES.contains(&rate) {
        return Err(Failure::InvalidInput(format!("the header has a rate of {rate}")));
    }
    let last = rest.iter().position(|&byte| byte < 128).filter(|&last| last < 9).ok_or_else(cut_off)?;
    let (header, bits) = rest.split_at(last + 1);
    let length = header.iter().rev().fold(0u64, |length, &byte| length << 7 | u64::from(byte & 127));

    let mut model = Model::new(rate);
    let mut decoder = Decoder::new(bits);
    let mut out = Vec::new();
    for _ in 0..length {
        out.push(model.decode(&mut decoder)?);
    }
    match decoder.beyond.cmp(&PADDING) {
        Ordering::Less => Err(Failure::InvalidInput("there are bytes behind the end".into())),
        Ordering::Equal => Ok(out),
        Ordering::Greater => Err(cut_off()),
    }
}

fn cut_off() -> Failure {
    Failure::InvalidInput("the payload is cut off".into())
}

/// How likely it is that a bit is set, of 2^16: the mean of an estimate that is quick to follow and one that
/// is hard to mislead.
#[derive(Clone, Copy)]
struct Chance {
    fast: u16,
    slow: u16,
}

impl Chance {
    fn get(self) -> u32 {
        ((u32::from(self.fast) + u32::from(self.slow)) / 2).clamp(LEAST, (1 << 16) - LEAST)
    }

    fn learn(&mut self, bit: bool, rate: u8) {
        let goal = if bit { 0xffff } else { 0 };
        for (estimate, rate) in [(&mut self.fast, rate), (&mut self.slow, rate + SLOWER)] {
            let now = i32::from(*estimate);
            *estimate = (now + ((goal - now) >> rate)) as u16;
        }
    }
}

/// What a byte is expected to be. Whether it is 0 is asked first, because most are after a transform that
/// brings like to like; then come its bits, the highest first, each in the light of those before it. Both
/// depend on whether the bytes before were 0, 1 or more. In text all are more: there the model is of order 0.
struct Model {
    rate: u8,
    /// The last four bytes as digits to base 3: 0, 1, or 2 for more.
    past: usize,
    /// By the last four bytes, whether the next is 0.
    zero: [Chance; 81],
    /// By the last two bytes, the bits of one that is not 0: a tree, whose root is at 1.
    bits: [[Chance; 256]; 9],
}

impl Model {
    fn new(rate: u8) -> Self {
        let even = Chance { fast: 1 << 15, slow: 1 << 15 };
        Self { rate, past: 80, zero: [even; 81], bits: [[even; 256]; 9] }
    }

    fn encode(&mut self, byte: u8, encoder: &mut Encoder) {
        encoder.put(byte == 0, &mut self.zero[self.past], self.rate);
        if byte != 0 {
            let tree = &mut self.bits[self.past % 9];
            let mut node = 1;
            for shift in (0..8).rev() {
                let bit = byte >> shift & 1 == 1;
                encoder.put(bit, &mut tree[node], self.rate);
                node = node << 1 | usize::from(bit);
            }
        }
        self.pass(byte);
    }

    fn decode(&mut self, decoder: &mut Decoder) -> Result<u8, Failure> {
        let mut byte = 0;
        if !decoder.get(&mut self.zero[self.past], self.rate)? {
            let tree = &mut self.bits[self.past % 9];
            let mut node = 1;
            for _ in 0..8 {
                let bit = decoder.get(&mut tree[node], self.rate)?;
                node = node << 1 | usize::from(bit);
            }
            byte = node as u8;
        }
        self.pass(byte);
        Ok(byte)
    }

    fn pass(&mut self, byte: u8) {
        self.past = (self.past * 3 + usize::from(byte.min(2))) % 81;
    }
}

/// Narrows an interval of 32-bit numbers with every bit; what its ends agree on is written.
struct Encoder {
    low: u32,
    high: u32,
    out: Vec<u8>,
}

/// Where an interval is divided: up to here, the bit is set.
fn divide(low: u32, high: u32, chance: Chance) -> u32 {
    low + ((u64::from(high - low) * u64::from(chance.get())) >> 16) as u32
}

impl Encoder {
    fn put(&mut self, bit: bool, chance: &mut Chance, rate: u8) {
        let middle = divide(self.low, self.high, *chance);
        chance.learn(bit, rate);
        if bit {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.out.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 255;
        }
    }

    /// The ends differ in the highest byte, so that of the upper one with zeros after it is between them.
    fn finish(mut self) -> Vec<u8> {
        self.out.push((self.high >> 24) as u8);
        self.out
    }
}

/// Follows the encoder by the number that it wrote.
struct Decoder<'a> {
    low: u32,
    high: u32,
    number: u32,
    rest: std::slice::Iter<'a, u8>,
    /// How many zeros were read behind the end.
    beyond: usize,
}

/// How many zeros the encoder leaves out at the end.
const PADDING: usize = 3;

impl<'a> Decoder<'a> {
    fn new(bits: &'a [u8]) -> Self {
        let mut decoder = Self { low: 0, high: u32::MAX, number: 0, rest: bits.iter(), beyond: 0 };
        for _ in 0..4 {
            decoder.shift();
        }
        decoder
    }

    fn shift(&mut self) {
        let byte = self.rest.next().copied().unwrap_or_else(|| {
            self.beyond += 1;
            0
        });
        self.number = self.number << 8 | u32::from(byte);
    }

    fn get(&mut self, chance: &mut Chance, rate: u8) -> Result<bool, Failure> {
        if self.beyond > PADDING {
            return Err(cut_off());
        }
        let middle = divide(self.low, self.high, *chance);
        let bit = self.number <= middle;
        chance.learn(bit, rate);
        if bit {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 255;
            self.shift();
        }
        Ok(bit)
    }
}
