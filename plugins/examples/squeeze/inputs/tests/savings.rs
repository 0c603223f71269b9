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

const INPUTS: [&str; 16] = [
    "airports.csv",
    "corefunc.html",
    "earthquakes.json",
    "flag.svg",
    "font.pcf",
    "hooks.mjs.map",
    "libcjson.so",
    "logo.bmp",
    "mappings.wasm",
    "markdown.css",
    "mustache.js",
    "plasmid.fna",
    "prose.txt",
    "sound.lmp",
    "sqlite-func.c",
    "tzdata.zi",
];

fn input(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("an input")
}

/// What has no contexts that a sort could gather: on it the coder alone does best.
const WITHOUT_CONTEXTS: &str = "plasmid.fna";

#[test]
fn together_bwt_mtf_and_coder_beat_what_they_are_alone_and_lz77() {
    for name in INPUTS {
        let input = input(name);
        let alone = [&BWT, &MTF, &CODER].map(|step| saved(&[step], &input));
        let together = saved(&[&BWT, &MTF, &CODER], &input);
        assert_eq!(alone[..2], [0, 0], "{name}");
        let more = together > alone.iter().sum();
        assert_eq!(more, name != WITHOUT_CONTEXTS, "{name}: {together} bytes together, {alone:?} alone");
        assert!(together > saved(&[&LZ77], &input), "{name}");
        assert!(together > saved(&[&LZ77, &CODER], &input), "{name}");
    }
}

#[test]
fn delta_is_for_sounds_and_images() {
    let where_delta_with_coder_beats = |others: &[&Step]| {
        let beats = |name: &&str| saved(&[&DELTA, &CODER], &input(name)) > saved(others, &input(name));
        INPUTS.into_iter().filter(beats).collect::<Vec<_>>()
    };
    assert_eq!(where_delta_with_coder_beats(&[&CODER]), ["logo.bmp", "sound.lmp"]);
    assert_eq!(where_delta_with_coder_beats(&[&BWT, &MTF, &CODER]), ["sound.lmp"]);
    assert!(INPUTS.iter().all(|name| saved(&[&DELTA], &input(name)) == 0));
}

#[test]
fn every_input_is_small_and_all_of_them_are_a_mebibyte_at_most() {
    let lengths = INPUTS.map(|name| input(name).len());
    assert!(lengths.iter().all(|length| (8 << 10..160_000).contains(length)), "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() <= 1 << 20);
}

#[test]
fn the_folder_holds_the_inputs_and_the_readme_tells_of_each() {
    let folder = std::fs::read_dir(format!("{}/data", env!("CARGO_MANIFEST_DIR"))).expect("the folder");
    let mut files: Vec<String> =
        folder.map(|file| file.expect("a file").file_name().into_string().expect("a name in UTF-8")).collect();
    files.sort();
    assert_eq!(files, INPUTS);
    let readme = std::fs::read_to_string(format!("{}/README.md", env!("CARGO_MANIFEST_DIR"))).expect("the README");
    let (head, sections) = readme.split_once("\n## ").expect("sections");
    let all: usize = INPUTS.iter().map(|name| input(name).len()).sum();
    assert!(head.contains(&format!("{} bytes together", with_commas(all))), "{all} bytes");
    let sections: Vec<&str> = sections.split("\n## ").collect();
    assert_eq!(sections.len(), INPUTS.len());
    for (name, section) in INPUTS.iter().zip(sections) {
        let (title, table) = section.split_once('\n').expect("a title");
        assert_eq!(title, *name);
        let length = format!("| length | {} bytes |", with_commas(input(name).len()));
        assert!(table.contains(&length), "{name}: {length}");
        assert!(["what", "from", "path", "licence", "cut", "SHA-256"].iter().all(|row| table.contains(row)), "{name}");
    }
}

/// A number below a million, as the README has it.
fn with_commas(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", number / 1000, number % 1000) }
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
