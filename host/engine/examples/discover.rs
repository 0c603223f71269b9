//! How long discovery takes: `cargo run --release -p holobiont --example discover`.
//!
//! 10,000 components, each with another content of a few KB, each with up to four imports of what others export, found
//! for the first time, again, and after a hundredth of them changed; an argument sets how many.
#![expect(clippy::print_stdout, reason = "an example that prints a table")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use holobiont::{Discovery, Project};
use wasm_encoder::{
    CodeSection, Component, ComponentExportKind, ComponentExportSection, ComponentImportSection,
    ComponentInstanceSection, ComponentTypeRef, ComponentTypeSection, Function, FunctionSection, InstanceType, Module,
    ModuleSection, TypeSection, ValType,
};

/// Pseudo-random numbers, the same every time: the splitmix64 of Steele, Lea and Flood (OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Functions that reckon something, each another thing.
fn code(dice: &mut Dice) -> Module {
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], [ValType::I64]);
    for _ in 0..10 + dice.next() % 40 {
        functions.function(0);
        let mut function = Function::new([]);
        let mut body = function.instructions();
        body.i64_const(dice.next().cast_signed());
        for _ in 0..5 {
            body.i64_const(dice.next().cast_signed()).i64_xor();
        }
        body.end();
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    module
}

/// A component that exports an interface of its own and imports those of others.
fn component(number: u64, imports: &[u64], code: &Module) -> Vec<u8> {
    let interface = |number: u64| format!("acme:words/m{number}@0.1.0");
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imported = ComponentImportSection::new();
    for import in imports {
        imported.import(interface(*import).as_str(), ComponentTypeRef::Instance(0));
    }
    imported.import("wasi:cli/stdout@0.2.3", ComponentTypeRef::Instance(0));
    let mut instances = ComponentInstanceSection::new();
    instances.export_items::<&str, _>([]);
    let mut exported = ComponentExportSection::new();
    let place = u32::try_from(imports.len()).unwrap_or_default() + 1;
    exported.export(interface(number).as_str(), ComponentExportKind::Instance, place, None);
    let mut component = Component::new();
    component.section(&types).section(&imported).section(&ModuleSection(code)).section(&instances).section(&exported);
    component.finish()
}

/// Writes component `number`, which imports from components before it, so that there are no circles.
fn write(root: &Path, number: u64, seed: u64) -> Result<usize, Box<dyn Error>> {
    let mut dice = Dice(number);
    let mut imports: Vec<u64> = (0..dice.next() % 5).filter(|_| number > 0).map(|_| dice.next() % number).collect();
    imports.sort_unstable();
    imports.dedup();
    let bytes = component(number, &imports, &code(&mut Dice(number ^ seed << 32)));
    let folder = root.join(format!("family_{}", number % 97));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("module_{number}.wasm")), &bytes)?;
    Ok(bytes.len())
}

/// The best of some times, and what came of it then.
fn timed(
    turns: usize,
    work: impl Fn() -> Result<Discovery, Box<dyn Error>>,
) -> Result<(Duration, Discovery), Box<dyn Error>> {
    let mut best = None;
    for _ in 0..turns {
        let start = Instant::now();
        let found = work()?;
        let taken = start.elapsed();
        if best.as_ref().is_none_or(|(least, _)| taken < *least) {
            best = Some((taken, found));
        }
    }
    best.ok_or_else(|| "no turn was taken".into())
}

fn say(what: &str, taken: Duration, found: &Discovery) {
    println!("{what:<22} {taken:>8.1?}   {} parsed, {} unchanged", found.parsed, found.unchanged);
}

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).map_or(Ok(10_000), |argument| argument.parse::<u64>())?;
    let folder = tempfile::tempdir()?;
    let mut bytes = 0;
    for number in 0..count {
        bytes += write(folder.path(), number, 0)?;
    }
    println!("{count} components of {} bytes on average", bytes as u64 / count.max(1));
    // Files that were changed a moment ago are read again: what is measured is a repository at rest.
    let rest = || std::thread::sleep(Duration::from_millis(2_500));
    rest();
    let project = Project::find(folder.path(), None, &|_| None)?;
    let cache = project.data_dir().join("modules.cache");
    let (taken, found) = timed(3, || {
        // Of a turn before there may be none.
        let _ = fs::remove_file(&cache);
        Ok(project.discover(&[])?)
    })?;
    say("for the first time", taken, &found);
    let edges = found.graph.edges().count();
    println!("{edges} edges, {} orphans, {} isolated", found.orphans.len(), found.isolated.len());
    let (taken, again) = timed(5, || Ok(project.discover(&[])?))?;
    say("again", taken, &again);
    for number in (0..count).step_by(100) {
        write(folder.path(), number, 1)?;
    }
    rest();
    let (taken, changed) = timed(1, || Ok(project.discover(&[])?))?;
    say("a hundredth changed", taken, &changed);
    println!("the cache has {} bytes", fs::metadata(&cache)?.len());
    Ok(())
}
