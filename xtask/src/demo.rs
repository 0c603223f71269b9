//! The demo: what groups are worth, limits that follow, and modules that find their place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::shell::{self, cargo, run};
use crate::{guests, root};

/// The modules that the last part of the demo begins with.
const MODULES: [&str; 7] = ["bwt", "mtf", "coder", "delta", "rle", "scorer", "tuner"];

/// Its engine: it takes in what passes, and asks a patcher for better parameters.
const ENGINE: &str = "
[[engine]]
name = \"squeeze\"
workflow = \"squeeze\"
interval = \"0s\"
patcher = \"modules/squeeze_tuner.wasm\"
";

/// Its workflow: what it begins with, and all that a person wrote of it.
const WORKFLOW: &str = "\
# One step, written by hand. What else is here, nobody uses yet.
name = \"squeeze\"
summary = \"Makes files smaller, and back again.\"
inputs = [\"inputs\"]

# Entropy coding, without which nothing gets smaller.
[[step]]
module = \"modules/squeeze_coder.wasm\"

[objective]
scorer = \"modules/squeeze_scorer.wasm\"
unit = \"bytes saved\"
credits-per-unit = 1e-5

[objective.round-trip]
parameter = \"direction\"
value = \"decode\"
";

struct Demo {
    program: PathBuf,
}

pub(crate) fn demo() -> Result<()> {
    guests::build()?;
    // The whole workspace, as the tests do: built alone, the program's dependencies would have other
    // features and be built a second time.
    run(cargo()?.args(["build", "--workspace", "--bins"]))?;
    let root = root()?;
    let demo = Demo { program: root.join("target/debug/holobiont") };
    demo.groups(&root)?;
    demo.limits(&root)?;
    demo.orphans(&root)
}

impl Demo {
    /// What groups are worth beyond their parts.
    fn groups(&self, root: &Path) -> Result<()> {
        self.ask(root, "synergy bwt mtf coder --workflow squeeze")?;
        self.ask(root, "synergy lz77 coder --workflow squeeze")?;
        self.ask(root, "report bwt mtf coder --workflow squeeze --output target/squeeze.html")
    }

    /// Limits follow what was measured; each demo begins with those of the program.
    fn limits(&self, root: &Path) -> Result<()> {
        self.ask(root, "presets adapt --reset")?;
        for _ in 0..3 {
            let words = "synergy bwt mtf coder --workflow squeeze --json".split(' ');
            judged(Command::new(&self.program).current_dir(root).args(words).stdout(Stdio::null()))?;
            self.ask(root, "presets adapt --workflow squeeze --group bwt mtf coder")?;
        }
        self.ask(root, "history --workflow squeeze --last 5")
    }

    /// Modules that nobody uses find their place in a workflow.
    fn orphans(&self, root: &Path) -> Result<()> {
        let project = project(root)?;
        shell::say("\nA project of its own, in target/demo: a workflow of one step, and modules that nobody uses yet.");
        self.ask(&project, "discover")?;
        self.ask(&project, "self-test run --dry-run --recursive-include")?;
        // What an earlier demo came to does not count: its project was another.
        self.ask(&project, "autonomous run --cycles 20 --no-resume --recursive-include --clean-orphans")?;
        self.ask(&project, "autonomous run --cycles 1")?;
        self.ask(&project, "engine show squeeze")?;
        self.ask(&project, "modules list")?;
        self.ask(&project, "workflows show squeeze")
    }

    fn ask(&self, folder: &Path, words: &str) -> Result<()> {
        shell::say(&format!("\n$ holobiont {words}\n"));
        judged(Command::new(&self.program).current_dir(folder).args(words.split(' ')))
    }
}

/// Writes the project that the last part is about. What was compiled and measured for it before is kept, so that a
/// second demo is quick; what was integrated is not.
fn project(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/demo");
    for made in ["modules", "inputs", "workflows"] {
        let path = folder.join(made);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("cannot clear {}", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
    }
    for state in ["module_map.json", "orphan_modules.json"] {
        let path = folder.join("sandbox_data").join(state);
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    write("holobiont.toml", format!("[discover]\nroots = [\"modules\"]\n{ENGINE}").as_bytes())?;
    write("workflows/squeeze.toml", WORKFLOW.as_bytes())?;
    for module in MODULES {
        let name = format!("squeeze_{module}.wasm");
        let bytes = fs::read(guests::folder(root).join(&name)).with_context(|| format!("cannot read {name}"))?;
        write(&format!("modules/{name}"), &bytes)?;
        if module == "coder" {
            write("modules/coder_copy.wasm", &bytes)?;
        }
    }
    let inputs = root.join("plugins/examples/squeeze/inputs/data");
    for entry in fs::read_dir(&inputs).with_context(|| format!("cannot read {}", inputs.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        fs::copy(&path, folder.join("inputs").join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
    }
    Ok(folder)
}

/// Runs a command that judges; that something did not pass is an answer, and no failure of the demo.
fn judged(command: &mut Command) -> Result<()> {
    const DID_NOT_PASS: i32 = 3;
    let status = command.status().context("cannot start the program")?;
    if !status.success() && status.code() != Some(DID_NOT_PASS) {
        anyhow::bail!("{command:?}: {status}");
    }
    Ok(())
}
