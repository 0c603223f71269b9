//! All 4,095 groups of twelve small modules on ten inputs of 4 KiB: cold, asked again, after one module changed, and
//! on one thread beside two.
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

fn main() -> Result<()> {
    // `cargo test` runs benches too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    println!("| question | runs made | seconds | share of cold |");
    println!("| --- | ---: | ---: | ---: |");
    let folder = tempfile::tempdir()?;
    write_project(folder.path())?;
    let cold = asked(folder.path(), "cold, two threads", None)?;
    asked(folder.path(), "again", Some(cold))?;
    std::fs::write(folder.path().join("m/take_5.wasm"), module(5, 1)?)?;
    asked(folder.path(), "after one module of twelve changed", Some(cold))?;
    let other = tempfile::tempdir()?;
    write_project(other.path())?;
    std::fs::write(other.path().join("holobiont.toml"), "[run]\nthreads = 1\n")?;
    asked(other.path(), "cold, one thread", Some(cold))?;
    Ok(())
}

/// Asks for the value of every group on every input, as a new process would.
fn asked(root: &Path, what: &str, cold: Option<Duration>) -> Result<Duration> {
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
    let share = cold.map_or(1.0, |cold| took.as_secs_f64() / cold.as_secs_f64());
    println!("| {what} | {} | {:.3} | {share:.3} |", evaluator.runs_made(), took.as_secs_f64());
    Ok(took)
}

fn write_project(root: &Path) -> Result<()> {
    for folder in ["m", "inputs", "workflows"] {
        std::fs::create_dir_all(root.join(folder))?;
    }
    std::fs::write(root.join("holobiont.toml"), "")?;
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
