//! How long the graph of a large repository takes: `cargo run --release -p holobiont-core --example graph`.
//!
//! 10,000 modules with 30,000 imports, their orphans, twins, isolated ones, and what each hundredth needs; arguments set
//! both numbers.
#![expect(clippy::print_stdout, reason = "an example that prints a table")]

use std::collections::BTreeMap;
use std::time::Instant;

use holobiont_core::graph::{HOST_PREFIXES, ImportGraph, Links, ModuleFacts, ModuleMap};
use holobiont_core::{Digest, ModuleId};

fn module(number: usize, count: usize, imports: usize) -> Result<ModuleFacts, Box<dyn std::error::Error>> {
    let digest = Digest::of(&number.to_le_bytes());
    // From modules before it, so that there are no circles; far and near.
    let import = |n: usize| format!("acme:words/m{}@0.3.{n}", (number * (n + 1) * 7919 / count) % number.max(1));
    Ok(ModuleFacts {
        id: ModuleId::new(&format!("modules/family_{}/module_{number}.wasm", number % 97))?,
        digest,
        code_digest: digest,
        imports: (0..imports.min(number)).map(import).chain(["wasi:cli/stdout@0.2.3".to_owned()]).collect(),
        exports: vec![format!("acme:words/m{number}@0.3.9"), "holobiont:plugin/module@0.1.0".to_owned()],
        accepts: Vec::new(),
        emits: None,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let count = arguments.next().transpose()?.unwrap_or(10_000);
    let imports = arguments.next().transpose()?.unwrap_or(3 * count) / count.max(1);
    let modules = (0..count).map(|number| module(number, count, imports)).collect::<Result<Vec<_>, _>>()?;

    let start = Instant::now();
    let graph = ImportGraph::new(modules, &ModuleMap::default(), &Links::default(), HOST_PREFIXES);
    let built = start.elapsed();
    let redundancies = graph.redundancies(&BTreeMap::new());
    let orphans = graph.recursive_orphans([], &redundancies).len();
    let isolated = graph.isolated().len();
    let found = start.elapsed();
    let ids: Vec<&ModuleId> = graph.modules().map(|facts| &facts.id).step_by(100).collect();
    let needed = ids.iter().map(|id| graph.closure(id).map(|all| all.len())).sum::<Result<usize, _>>()?;
    let all = start.elapsed();

    println!("{count} modules, {} edges, {} circles", graph.edges().count(), graph.cycles().len());
    println!("graph: {built:.1?}");
    println!("{orphans} orphans, {isolated} isolated, {} redundant: {:.1?}", redundancies.len(), found - built);
    println!("what {} of them need, {needed} in all: {:.1?}", ids.len(), all - found);
    Ok(())
}
