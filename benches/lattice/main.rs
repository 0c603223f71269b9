//! All 4,095 groups of twelve small modules on ten inputs of 4 KiB: cold, asked again, after one module changed, and
//! on one thread beside two, in turns.
//!
//! Each question is asked of a project of its own on disk, through the library, with the store that a project has.
//! A module takes every byte of one value away, so that no two groups come to the same output.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use holobiont::{Evaluator, Project, SqliteStore};
use holobiont_core::ModuleId;
use holobiont_core::stats::{Ask, Coalition};
use holobiont_sandbox::Sandbox;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const MODULES: usize = 12;
const INPUTS: usize = 10;
const INPUT_BYTES: usize = 4096;

const ROUNDS: usize = 5;

fn main() -> Result<()> {
    // `cargo test` runs benches too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let mut rounds: Vec<[f64; 4]> = Vec::new();
    let mut runs = [0; 4];
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir()?;
        write_project(folder.path(), 2)?;
        let cold = asked(folder.path())?;
        let again = asked(folder.path())?;
        std::fs::write(folder.path().join("m/take_5.wasm"), module(5, 1)?)?;
        let changed = asked(folder.path())?;
        let other = tempfile::tempdir()?;
        write_project(other.path(), 1)?;
        let alone = asked(other.path())?;
        let all = [cold, again, changed, alone];
        rounds.push(all.map(|(took, _)| took.as_secs_f64()));
        runs = all.map(|(_, runs)| runs);
    }
    let median = |of: &dyn Fn(&[f64; 4]) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!("| question | runs made | seconds | share of cold |");
    println!("| --- | ---: | ---: | ---: |");
    let questions = ["cold, two threads", "again", "after one module of twelve changed", "cold, one thread"];
    for (place, (question, runs)) in questions.iter().zip(runs).enumerate() {
        let (took, share) = (median(&|round| round[place]), median(&|round| round[place] / round[0]));
        println!("| {question} | {runs} | {took:.3} | {share:.3} |");
    }
    println!(
        "\nTwo threads are {:.2} x one; two threads that only count, {:.2} x.",
        median(&|r| r[3] / r[0]),
        native()
    );
    Ok(())
}

/// What two threads are to one on this machine now, for work that needs nothing but a core.
fn native() -> f64 {
    let count = || std::hint::black_box((0..400_000_000u64).fold(0, |sum, n| std::hint::black_box(sum ^ n)));
    let timed = |threads: usize| {
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(count);
            }
        });
        began.elapsed().as_secs_f64()
    };
    2.0 * timed(1) / timed(2)
}

/// Asks for the value of every group on every input, as a new process would.
fn asked(root: &Path) -> Result<(Duration, u64)> {
    let began = Instant::now();
    let project = Project::find(root, None, &|_| None)?;
    let workflow = project.workflow("take")?;
    let modules: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
    let inputs = project.inputs(&workflow)?;
    let sandbox = Sandbox::builder().cache_dir(project.cache_dir()).build()?;
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let wanted: Vec<Ask> = (0..1u64 << modules.len())
        .flat_map(|bits| (0..inputs.len()).map(move |input| Ask { group: Coalition::from_bits(bits), input }))
        .collect();
    let values = evaluator.values(&workflow, &modules, &inputs, &wanted, &|_| ())?;
    let took = began.elapsed();
    assert_eq!(values.len(), wanted.len());
    assert!(values.last() > values.first(), "all modules together take bytes away");
    Ok((took, evaluator.runs_made()))
}

fn write_project(root: &Path, threads: usize) -> Result<()> {
    for folder in ["m", "inputs", "workflows"] {
        std::fs::create_dir_all(root.join(folder))?;
    }
    std::fs::write(root.join("holobiont.toml"), format!("[run]\nthreads = {threads}\n"))?;
    let mut workflow = "name = \"take\"\ninputs = [\"inputs\"]\n".to_owned();
    for value in 0..MODULES {
        std::fs::write(root.join(format!("m/take_{value}.wasm")), module(value as u8, 0)?)?;
        workflow.push_str(&format!("[[step]]\nmodule = \"m/take_{value}.wasm\"\n"));
    }
    workflow.push_str("[objective]\nbytes-saved = true\n");
    std::fs::write(root.join("workflows/take.toml"), workflow)?;
    for input in 0..INPUTS {
        // A different sequence for each, in which every byte below 256 comes.
        let byte = |place: usize| (place.wrapping_mul(2_654_435_761) >> (7 + input % 8)) as u8;
        std::fs::write(root.join(format!("inputs/{input}.bin")), (0..INPUT_BYTES).map(byte).collect::<Vec<u8>>())?;
    }
    Ok(())
}

/// A candidate that gives back its payload without the bytes of a value. `version` changes its bytes alone.
fn module(value: u8, version: u8) -> Result<Vec<u8>> {
    let template = include_str!("../../tests/guests/wat/candidate.template");
    let core = include_str!("take.wat").replace("VALUE", &value.to_string()).replace("VERSION", &version.to_string());
    // The template has the module's own brackets.
    let body = core.split_once("(module").map(|(_, body)| body.trim_end()).ok_or("take.wat is no module")?;
    Ok(wat::parse_str(template.replace("CORE)", body))?)
}
