//! Whether learned weights rank the demo's groups better than equal ones, on inputs that they were not learned from:
//! `cargo xtask guests && cargo run --release -p holobiont --example ranking [-- --partitions 5] [--write FILE]`.
//!
//! All groups of two to six modules of `workflows/squeeze.toml` are compared, really run, on half of the example's inputs.
//! Weights are learned from these comparisons, as `holobiont weights train` does. Then the groups are ranked by their
//! synergies on that half, once by the learned weights and once by equal ones, and held against their returns on the other
//! half. Several times over, each time with another half; and once more with weights that were not learned from the groups
//! that they rank, fold by fold.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that prints a table, and how far it is")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, process::ExitCode};

use holobiont::{Evaluator, MemoryStore, Project, Store, decisions_of};
use holobiont_core::{ModuleId, Scenario, SynergyWeights, Workflow};
use holobiont_learn::{Decision, Learner, LearnerKind, create, train};
use holobiont_sandbox::{Sandbox, compile_worker};

const BEGIN: &str = "<!-- begin: cargo xtask learn-bench --ranking -->";
const END: &str = "<!-- end -->";

/// The learning rate of the default settings.
const RATE: f64 = 0.1;

/// Folds of the groups, each ranked by what was learned of the others.
const FOLDS: usize = 6;

fn main() -> ExitCode {
    if let Some(code) = compile_worker() {
        return code;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a partition of the inputs came to: rank correlations with the returns on the inputs that nobody learned from.
struct Row {
    equal: f64,
    weights: f64,
    learner: f64,
    folds: f64,
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut partitions, mut page) = (5, None);
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let value = given.next().ok_or_else(|| format!("{argument} takes something after it"))?;
        match argument.as_str() {
            "--partitions" => partitions = value.parse()?,
            "--write" => page = Some(PathBuf::from(value)),
            _ => return Err(format!("{argument} is unknown: there are --partitions NUMBER and --write FILE").into()),
        }
    }
    let bench = Bench::new()?;
    let mut rows = Vec::new();
    for partition in 0..partitions {
        eprintln!("partition {} of {partitions}", partition + 1);
        rows.push(bench.partition(partition)?);
    }
    let section = section(&bench, &rows);
    let Some(page) = page else {
        println!("{section}");
        return Ok(());
    };
    let text = fs::read_to_string(&page)?;
    let places = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let (before, (_, after)) = places.ok_or_else(|| format!("{} has no `{BEGIN}`", page.display()))?;
    fs::write(&page, format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", section.trim()))?;
    Ok(())
}

/// A project with the example's modules and inputs, and what was measured in it so far.
struct Bench {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    store: MemoryStore,
    inputs: Vec<String>,
    groups: Vec<Vec<ModuleId>>,
}

impl Bench {
    fn new() -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = tempfile::tempdir()?;
        let copy = |from: PathBuf, to: &str| -> Result<Vec<String>, Box<dyn Error>> {
            let mut names = Vec::new();
            fs::create_dir_all(folder.path().join(to))?;
            for entry in fs::read_dir(&from).map_err(|error| format!("{}: {error}", from.display()))? {
                let (name, path) = (entry?.file_name().to_string_lossy().into_owned(), &from);
                if path.join(&name).is_file() {
                    fs::copy(path.join(&name), folder.path().join(to).join(&name))?;
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        };
        copy(root.join("plugins/target/wasm32-wasip2/release"), "plugins/target/wasm32-wasip2/release")?;
        let inputs = copy(root.join("plugins/examples/squeeze/inputs/data"), "all")?;
        fs::write(folder.path().join("holobiont.toml"), "")?;
        fs::create_dir_all(folder.path().join("workflows"))?;
        fs::copy(root.join("workflows/squeeze.toml"), folder.path().join("workflows/squeeze.toml"))?;
        let workflow = Workflow::parse(&fs::read_to_string(folder.path().join("workflows/squeeze.toml"))?)?;
        let modules: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
        let mut groups = Vec::new();
        for bits in (0..1_usize << modules.len()).filter(|bits| bits.count_ones() > 1) {
            let is_in = |place: &usize| bits >> place & 1 == 1;
            groups.push((0..modules.len()).filter(is_in).map(|place| modules[place].clone()).collect());
        }
        let sandbox = Sandbox::builder().compile_in(std::env::current_exe()?).build()?;
        Ok(Self { folder, sandbox, store: MemoryStore::default(), inputs, groups })
    }

    /// Compares all groups on one half of the inputs, and on the other.
    fn partition(&self, number: u64) -> Result<Row, Box<dyn Error>> {
        let mut inputs = self.inputs.clone();
        shuffle(&mut inputs, number);
        let (learning, other) = inputs.split_at(inputs.len() / 2);
        let known = self.compared(&format!("learning-{number}"), learning)?;
        let judged: Vec<f64> = self.compared(&format!("other-{number}"), other)?.iter().map(|(_, roi)| *roi).collect();
        let decisions: Vec<Decision> = known.iter().map(|(decision, _)| decision.clone()).collect();
        let learned = taught(&decisions, number)?;
        let synergies = |place: usize| decisions[place].groups[0];
        let of = |score: &dyn Fn(usize) -> f64| {
            let scores: Vec<f64> = (0..decisions.len()).map(score).collect();
            spearman(&scores, &judged)
        };
        let mut of_folds = vec![0.0; decisions.len()];
        for fold in 0..FOLDS {
            let others: Vec<Decision> = decisions
                .iter()
                .enumerate()
                .filter(|(place, _)| place % FOLDS != fold)
                .map(|(_, d)| d.clone())
                .collect();
            let learned = taught(&others, number)?;
            for place in (fold..decisions.len()).step_by(FOLDS) {
                of_folds[place] = learned.weights().score(&synergies(place));
            }
        }
        Ok(Row {
            equal: of(&|place| SynergyWeights::default().score(&synergies(place))),
            weights: of(&|place| learned.weights().score(&synergies(place))),
            learner: of(&|place| learned.score(&synergies(place))),
            folds: of(&|place| of_folds[place]),
        })
    }

    /// The decisions that comparing all groups on some inputs were, and the return of each group.
    fn compared(&self, name: &str, inputs: &[String]) -> Result<Vec<(Decision, f64)>, Box<dyn Error>> {
        let path = self.folder.path();
        fs::create_dir_all(path.join(name))?;
        for input in inputs {
            fs::copy(path.join("all").join(input), path.join(name).join(input))?;
        }
        let text = fs::read_to_string(path.join("workflows/squeeze.toml"))?;
        let mut workflow = Workflow::parse(&text)?;
        (workflow.name, workflow.inputs) = (name.to_owned(), vec![name.to_owned()]);
        let project = Project::find(path, None, &|_| None)?;
        let evaluator = Evaluator::new(&project, &self.sandbox, &self.store as &dyn Store);
        let mut returns = Vec::new();
        for (number, group) in self.groups.iter().enumerate() {
            eprint!("\r{name}: group {} of {}", number + 1, self.groups.len());
            let answer = evaluator.synergy(&workflow, group, &Scenario::builtin(), &|_| ())?;
            let combined = answer.assessment.arms.last().and_then(|arm| arm.metrics.get("roi"));
            returns.push(combined.ok_or("a group without a return")?);
        }
        eprintln!();
        Ok(decisions_of(&self.store, name)?.into_iter().zip(returns).collect())
    }
}

/// What the default learner makes of a history.
fn taught(decisions: &[Decision], seed: u64) -> Result<Box<dyn Learner>, Box<dyn Error>> {
    let mut learner = create(LearnerKind::default(), SynergyWeights::default(), RATE, seed)?;
    train(&mut *learner, decisions);
    Ok(learner)
}

/// Another order for each seed: Fisher and Yates, by the splitmix64 of Steele, Lea and Flood (OOPSLA 2014).
fn shuffle(names: &mut [String], seed: u64) {
    let mut state = seed;
    for last in (1..names.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        names.swap(last, ((z ^ (z >> 31)) % (last as u64 + 1)) as usize);
    }
}

/// Spearman's rank correlation: Pearson's of the ranks, equals sharing theirs.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let ranks = |values: &[f64]| -> Vec<f64> {
        let rank = |value: &f64| {
            let less = values.iter().filter(|other| *other < value).count() as f64;
            let same = values.iter().filter(|other| *other == value).count() as f64;
            less + (same - 1.0) / 2.0
        };
        values.iter().map(rank).collect()
    };
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

fn section(bench: &Bench, rows: &[Row]) -> String {
    let mut text = format!(
        "{} groups of `squeeze`, {} partitions of {} inputs into halves; Spearman's rank correlation with the returns on the \
         half that nothing was learned from.\n\n| partition | equal weights | learned weights | the learner's own score | \
         weights learned from other groups |\n| --- | --- | --- | --- | --- |\n",
        bench.groups.len(),
        rows.len(),
        bench.inputs.len()
    );
    for (number, row) in rows.iter().enumerate() {
        let Row { equal, weights, learner, folds } = row;
        text += &format!("| {} | {equal:.3} | {weights:.3} | {learner:.3} | {folds:.3} |\n", number + 1);
    }
    let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    text += &format!(
        "| mean | {:.3} | {:.3} | {:.3} | {:.3} |\n",
        mean(&|row| row.equal),
        mean(&|row| row.weights),
        mean(&|row| row.learner),
        mean(&|row| row.folds)
    );
    text
}
