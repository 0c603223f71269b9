//! The project's chores, each one command: `cargo xtask --help`.

mod adaptation;
mod demo;
mod guests;
mod learning;
mod shell;
mod tidy;
mod wasi_testsuite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};

use crate::shell::{cargo, cargo_in, output, run};

/// The project's chores.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the guests, shows what the squeeze family is worth alone and together, and lets modules find their place
    Demo,
    /// Sets up what is missing and runs every test
    Test,
    /// What CI runs before the tests: formatting, clippy, tidy
    Check,
    /// Builds the example modules, and gets the wasm32-wasip2 target if it is missing
    Guests,
    /// Holds the tree against the project's own rules
    Tidy,
    /// Runs every hostile program alone in a process, prints what became of it, and ten thousand runs in one
    Hostile {
        /// Writes the tables into docs/SECURITY.md
        #[arg(long)]
        bless: bool,
    },
    /// Says whether docs/METRICS.md is what the tables of metrics, scenarios and incidents say
    Metrics {
        /// Writes it anew
        #[arg(long)]
        bless: bool,
    },
    /// Measures how well limits adapt, in simulated worlds and on runs of the examples, and prints the tables
    Adaptation {
        /// Writes them into docs/ADAPTATION.md
        #[arg(long)]
        bless: bool,
    },
    /// Measures how well learners of synergy weights learn, in worlds where that is known, and prints the tables
    LearnBench {
        /// The neural ones, and what their agents learn: builds for minutes and runs for half an hour
        #[arg(long, conflicts_with = "ranking")]
        deep: bool,
        /// Whether learned weights rank the demo's groups better than equal ones
        #[arg(long)]
        ranking: bool,
        /// Writes them into docs/LEARNING.md
        #[arg(long)]
        bless: bool,
    },
    /// Runs a folder of the WASI test suite's binaries through the program
    WasiTestsuite {
        /// A checkout of the suite's branch `prod/testsuite-base`, or a folder of it
        path: PathBuf,
    },
}

fn main() -> ExitCode {
    match chore(&Args::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn chore(chore: &Chore) -> Result<()> {
    match chore {
        Chore::Demo => demo::demo(),
        Chore::Test => test(),
        Chore::Check => check(),
        Chore::Guests => guests::build(),
        Chore::Tidy => tidy::tidy(&root()?),
        Chore::Hostile { bless } => hostile(*bless),
        Chore::Metrics { bless } => metrics(*bless),
        Chore::Adaptation { bless } => adaptation::adaptation(*bless),
        Chore::LearnBench { deep, ranking, bless } => learning::learning(*deep, *ranking, *bless),
        Chore::WasiTestsuite { path } => {
            if !wasi_testsuite::run(path)? {
                bail!("a test of the suite failed for a reason that is not known");
            }
            Ok(())
        }
    }
}

/// The repository's root: xtask lies one folder below it.
pub(crate) fn root() -> Result<PathBuf> {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(xtask.parent().context("xtask lies in no folder")?.to_owned())
}

fn test() -> Result<()> {
    guests::build()?;
    run(cargo()?.args(["test", "--workspace"]))?;
    // Apart: with this feature in the workspace, wasmtime would be built once more (docs/decisions/019-learners.md).
    run(cargo()?.args(["test", "--package", "holobiont-learn", "--features", "deep"]))?;
    // The guests' own tests run on this machine, not in wasm; the fixtures are tried by the suite.
    run(cargo_in("plugins")?.args(["test", "--workspace", "--exclude", "fixture-*"]))?;
    run(cargo_in("guest-sdk")?.arg("test"))
}

fn check() -> Result<()> {
    for folder in [".", "plugins", "guest-sdk"] {
        run(cargo_in(folder)?.args(["fmt", "--all", "--check"]))?;
    }
    guests::target()?;
    run(cargo()?.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let deep = ["--package", "holobiont-learn", "--features", "deep"];
    run(cargo()?.arg("clippy").args(deep).args(["--all-targets", "--", "-D", "warnings"]))?;
    run(cargo_in("plugins")?.args([
        "clippy",
        "--workspace",
        "--release",
        "--target",
        guests::TARGET,
        "--",
        "-D",
        "warnings",
    ]))?;
    run(cargo_in("guest-sdk")?.args(["clippy", "--all-targets", "--", "-D", "warnings"]))?;
    tidy::tidy(&root()?)
}

fn hostile(bless: bool) -> Result<()> {
    guests::target()?;
    run(cargo()?.args(["build", "--workspace", "--bins"]))?;
    let program = || -> Result<std::process::Command> {
        let mut command = std::process::Command::new(root()?.join("target/debug/hostile"));
        command.current_dir(root()?);
        Ok(command)
    };
    if bless {
        run(program()?.args(["docs", "docs/SECURITY.md"]))?
    } else {
        run(program()?.arg("table"))?
    }
    run(program()?.args(["soak", "10000"]))
}

/// An example of core makes the page, so that the chores need not be built anew whenever core changes.
fn metrics(bless: bool) -> Result<()> {
    let page = output(cargo()?.args(["run", "--quiet", "--package", "holobiont-core", "--example", "metrics"]))?;
    let path = root()?.join("docs/METRICS.md");
    if bless {
        return std::fs::write(&path, page).with_context(|| path.display().to_string());
    }
    // A page that is not there yet is as stale as one that says something else.
    if std::fs::read_to_string(&path).unwrap_or_default() != page {
        bail!("docs/METRICS.md is stale: `cargo xtask metrics --bless` writes it anew");
    }
    shell::say("docs/METRICS.md says what the tables say");
    Ok(())
}
