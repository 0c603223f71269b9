//! What the modules save on the inputs, alone and together: the relations that the family is there to
//! show, and the table behind them (`cargo test -p squeeze-inputs -- --nocapture`).
//!
//! The modules are components, which no test can link; their codecs are plain functions, and are what is
//! tested here.

#[path = "../../bwt/src/codec.rs"]
mod bwt;
#[path = "../../coder/src/codec.rs"]
mod coder;
#[path = "../../delta/src/codec.rs"]
mod delta;
#[path = "../../lz77/src/codec.rs"]
mod lz77;
#[path = "../../mtf/src/codec.rs"]
mod mtf;
#[path = "../../rle/src/codec.rs"]
mod rle;

use holobiont_guest::Failure;

/// A step with the parameters that its module has by default.
struct Step {
    name: &'static str,
    encode: fn(&[u8]) -> Vec<u8>,
    decode: fn(&[u8]) -> Result<Vec<u8>, Failure>,
}

const DELTA: Step = Step { name: "delta", encode: delta::encode, decode: |data| Ok(delta::decode(data)) };
const RLE: Step = Step { name: "rle", encode: rle::encode, decode: rle::decode };
const MTF: Step = Step { name: "mtf", encode: mtf::encode, decode: |data| Ok(mtf::decode(data)) };
const BWT: Step = Step { name: "bwt", encode: |data| bwt::encode(data, 256 << 10), decode: bwt::decode };
const CODER: Step = Step { name: "coder", encode: |data| coder::encode(data, 4), decode: coder::decode };
const LZ77: Step = Step {
    name: "lz77",
    encode: |data| lz77::encode(data, lz77::Effort { window_bits: 16, chain: 32 }),
    decode: lz77::decode,
};

/// What the scorer would say: the bytes saved, 0 if there are more than before.
fn saved(steps: &[&Step], input: &[u8]) -> usize {
    let output = steps.iter().fold(input.to_vec(), |data, step| (step.encode)(&data));
    let back = steps.iter().rev().try_fold(output.clone(), |data, step| (step.decode)(&data)).expect("a way back");
    assert!(back == input, "the way back does not lead to the input");
    input.len().saturating_sub(output.len())
}

const INPUTS: [&str; 7] =
    ["airports.csv", "earthquakes.json", "font.pcf", "mappings.wasm", "prose.txt", "sqlite-func.c", "tzdata.zi"];

fn input(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("an input")
}

#[test]
fn together_bwt_mtf_and_coder_beat_what_they_are_alone_and_lz77() {
    for name in INPUTS {
        let input = input(name);
        let alone = [&BWT, &MTF, &CODER].map(|step| saved(&[step], &input));
        let together = saved(&[&BWT, &MTF, &CODER], &input);
        assert_eq!(alone[..2], [0, 0], "{name}");
        assert!(together > alone.iter().sum(), "{name}: {together} bytes together, {alone:?} alone");
        assert!(together > saved(&[&LZ77], &input), "{name}");
        assert!(together > saved(&[&LZ77, &CODER], &input), "{name}");
    }
}

#[test]
fn every_input_is_small_and_all_of_them_are_a_mebibyte_at_most() {
    let lengths = INPUTS.map(|name| input(name).len());
    assert!(lengths.iter().all(|length| (40_000..160_000).contains(length)), "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() <= 1 << 20);
}

#[test]
fn the_way_back_is_found_from_every_row_of_the_table() {
    let rows: [&[&Step]; 10] = [
        &[&DELTA],
        &[&RLE],
        &[&MTF],
        &[&BWT],
        &[&CODER],
        &[&LZ77],
        &[&BWT, &MTF, &CODER],
        &[&DELTA, &CODER],
        &[&RLE, &CODER],
        &[&LZ77, &CODER],
    ];
    println!("{:16}{}", "bytes saved", INPUTS.map(|name| format!("{name:>18}")).concat());
    for steps in rows {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        let cells = INPUTS.map(|name| format!("{:18}", saved(steps, &input(name))));
        println!("{:16}{}", names.join("+"), cells.concat());
    }
}
