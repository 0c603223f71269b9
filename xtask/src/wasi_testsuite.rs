//! The WASI test suite against the `holobiont` command: every test is an off-the-shelf command that gets
//! what its JSON file asks for, and nothing else.
//!
//! The suite is <https://github.com/WebAssembly/wasi-testsuite>; its branch `prod/testsuite-base` has the
//! binaries. Both forms of its JSON files are read: one object of `args`, `env`, `root`, `exit_code`,
//! `stdout`, `stderr`, and the newer list of `operations`. Its version 0.1 named directories in `dirs`,
//! each under its own name in place of `/`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{root, shell};

/// Tests that fail in the adapter of wasmtime 48, before the host is asked, and why.
const KNOWN: [(&str, &str); 3] = [
    ("args_get-multiple-arguments", HEAP),
    ("environ_get-multiple-variables", HEAP),
    ("fd_write-to-invalid-fd", "the adapter writes nothing to any descriptor, and so does not look at it"),
];

/// AssemblyScript's heap takes all memory up to its end, where the adapter has grown a page for itself.
const HEAP: &str = "the module's heap overwrites the page that the adapter keeps its state in";

/// Runs all tests below a folder and says of each how it ended; `true` if none failed but those that
/// [`KNOWN`] names.
pub(crate) fn run(folder: &Path) -> anyhow::Result<bool> {
    let mut tests = Vec::new();
    find(folder, &mut tests).with_context(|| format!("cannot list {}", folder.display()))?;
    ensure!(!tests.is_empty(), "no .wasm file in {}", folder.display());
    tests.sort_unstable();
    // The whole workspace, for the features that its other builds have.
    shell::run(shell::cargo()?.args(["build", "--workspace", "--bins"]))?;
    let host = root()?.join("target/debug").join(format!("holobiont{}", std::env::consts::EXE_SUFFIX));
    let (mut passed, mut failed, mut skipped, mut unknown) = (0, 0, 0, 0);
    let mut out = io::stdout().lock();
    for wasm in &tests {
        let name = wasm.strip_prefix(folder).unwrap_or(wasm).with_extension("").display().to_string();
        match test(&host, wasm).unwrap_or_else(|e| Verdict::Failed(format!("{e:#}"))) {
            Verdict::Passed => {
                passed += 1;
                writeln!(out, "passed   {name}")?;
            }
            Verdict::Skipped(why) => {
                skipped += 1;
                writeln!(out, "skipped  {name}: {}", one_line(&why))?;
            }
            Verdict::Failed(why) => {
                failed += 1;
                write!(out, "failed   {name}: {}", one_line(&why))?;
                match KNOWN.iter().find(|(known, _)| wasm.file_stem().is_some_and(|stem| stem == *known)) {
                    Some((_, cause)) => writeln!(out, " (known: {cause})")?,
                    None => {
                        unknown += 1;
                        writeln!(out)?;
                    }
                }
            }
        }
    }
    writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped")?;
    Ok(unknown == 0)
}

enum Verdict {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Reasons have the words of tests in them.
fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// All .wasm files in a folder and below it; symlinks are not followed.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            find(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            found.push(path);
        }
    }
    Ok(())
}

fn test(host: &Path, wasm: &Path) -> anyhow::Result<Verdict> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let wasm = fs::canonicalize(wasm)?;
    let folder = wasm.parent().unwrap_or(Path::new("."));
    if version(folder)?.ends_with("wasip3") {
        return rejected_wasip3(&report(&mut command(host, scratch.path(), &wasm))?);
    }
    let wanted = match Wanted::read(&wasm.with_extension("json"))? {
        Ok(wanted) => wanted,
        Err(unsupported) => return Ok(Verdict::Skipped(unsupported)),
    };
    let output = scratch.path().join("output");
    let input = scratch.path().join("input");
    fs::write(&input, &wanted.stdin)?;
    let mut command = command(host, scratch.path(), &wasm);
    command.arg("--output").arg(&output).arg("--input").arg(&input);
    for (index, (directory, guest)) in wanted.directories.iter().enumerate() {
        let copy = scratch.path().join(format!("dir-{index}"));
        copy_directory(&folder.join(directory), &copy).with_context(|| format!("cannot copy {directory}"))?;
        let copy = copy.to_str().context("the temporary folder has a name that is not UTF-8")?;
        command.args(["--dir", &format!("{copy}::{guest}:rw")]);
    }
    for (name, value) in &wanted.environment {
        command.args(["--env", &format!("{name}={value}")]);
    }
    command.arg("--").args(&wanted.arguments);
    Ok(wanted.judge(&report(&mut command)?, fs::read(&output).ok().as_deref()))
}

/// What WASI a folder of tests is for, as the suite's own runner decides it.
fn version(folder: &Path) -> anyhow::Result<String> {
    let manifest = folder.join("manifest.json");
    let said = if manifest.exists() { read_json(&manifest)?["version"].as_str().map(str::to_owned) } else { None };
    let named = || {
        let name = folder.file_name()?.to_str()?;
        name.starts_with("wasm32-").then(|| name.to_owned())
    };
    Ok(said.or_else(named).unwrap_or_else(|| "wasm32-wasip1".to_owned()))
}

/// The command, away from any project, and with a cache that ends with the test: what an earlier build
/// compiled says nothing of this one.
fn command(host: &Path, scratch: &Path, wasm: &Path) -> Command {
    let mut command = Command::new(host);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HOLOBIONT_") {
            command.env_remove(name);
        }
    }
    command.current_dir(scratch).env("XDG_CACHE_HOME", scratch.join("cache"));
    command.args(["run", "--json"]).arg(wasm);
    command
}

/// Runs the command and reads the document that it prints.
fn report(command: &mut Command) -> anyhow::Result<Value> {
    let ended = command.stdin(Stdio::null()).output().context("cannot start holobiont")?;
    serde_json::from_slice(&ended.stdout).with_context(|| {
        format!("holobiont printed no JSON ({}): {}", ended.status, String::from_utf8_lossy(&ended.stderr).trim())
    })
}

/// WASI 0.3 is not offered, and the host must say so of every component that wants it.
fn rejected_wasip3(report: &Value) -> anyhow::Result<Verdict> {
    let outcome = &report["outcome"];
    let detail = outcome["detail"].as_str().unwrap_or_default();
    if outcome["kind"] != "rejected" || !detail.contains("@0.3") {
        bail!("a component for WASI 0.3 was not rejected for that: {}", described(outcome));
    }
    Ok(Verdict::Skipped(format!("WASI 0.3 is not supported: {detail}")))
}

fn described(outcome: &Value) -> String {
    let word = |name| outcome[name].as_str();
    let kind = ["failure", "limit", "trap", "reason"].into_iter().find_map(word);
    [word("kind"), kind, word("detail")].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

/// What a test's JSON file gives to it and expects of it.
#[derive(Default)]
struct Wanted {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    /// In the suite, and for the guest.
    directories: Vec<(String, String)>,
    stdin: String,
    stdout: Option<String>,
    stderr: Option<String>,
    exit_code: i64,
}

impl Wanted {
    /// The file, if there is one; the inner error says what a test wants that no command is given here.
    fn read(path: &Path) -> anyhow::Result<Result<Self, String>> {
        if !path.exists() {
            return Ok(Ok(Self::default()));
        }
        let json = read_json(path)?;
        let world = json["world"].as_str().unwrap_or("wasi:cli/command");
        if world != "wasi:cli/command" {
            return Ok(Err(format!("it is a {world}, not a command")));
        }
        for wish in ["proposals", "servers"] {
            if json[wish].as_array().is_some_and(|wishes| !wishes.is_empty()) {
                return Ok(Err(format!("it wants {wish}: {}", json[wish])));
            }
        }
        let mut wanted = Self::default();
        let Some(operations) = json["operations"].as_array() else {
            wanted.take_run(&json)?;
            wanted.take_end(&json);
            wanted.stdout = json["stdout"].as_str().map(str::to_owned);
            wanted.stderr = json["stderr"].as_str().map(str::to_owned);
            return Ok(Ok(wanted));
        };
        for operation in operations {
            let payload = operation["payload"].as_str().unwrap_or_default();
            match (operation["type"].as_str().unwrap_or_default(), operation["id"].as_str()) {
                ("run", _) => wanted.take_run(operation)?,
                ("wait", _) => wanted.take_end(operation),
                ("write", _) => wanted.stdin.push_str(payload),
                ("read", None | Some("stdout")) => wanted.stdout.get_or_insert_default().push_str(payload),
                ("read", Some("stderr")) => wanted.stderr.get_or_insert_default().push_str(payload),
                (other, _) => return Ok(Err(format!("it wants the operation `{other}`"))),
            }
        }
        Ok(Ok(wanted))
    }

    fn take_run(&mut self, json: &Value) -> anyhow::Result<()> {
        let text = |value: &Value| value.as_str().map(str::to_owned).context("expected a string in the JSON file");
        for argument in json["args"].as_array().into_iter().flatten() {
            self.arguments.push(text(argument)?);
        }
        for (name, value) in json["env"].as_object().into_iter().flatten() {
            self.environment.push((name.clone(), text(value)?));
        }
        if let Some(root) = json["root"].as_str() {
            self.directories.push((root.to_owned(), "/".to_owned()));
        }
        for directory in json["dirs"].as_array().into_iter().flatten() {
            let directory = text(directory)?;
            self.directories.push((directory.clone(), directory));
        }
        Ok(())
    }

    fn take_end(&mut self, json: &Value) {
        self.exit_code = json["exit_code"].as_i64().unwrap_or(0);
    }

    /// Compares what was wanted with the report of the run and with the output, which a run has only if
    /// it completed.
    fn judge(&self, report: &Value, output: Option<&[u8]>) -> Verdict {
        let outcome = &report["outcome"];
        let ended = outcome["kind"] == "completed" || outcome["failure"] == "exit";
        if !ended || outcome["code"].as_i64().unwrap_or(0) != self.exit_code {
            let stderr = self.stderr.is_none().then(|| stderr(report)).filter(|text| !text.trim().is_empty());
            let stderr = stderr.map_or(String::new(), |text| format!("; it wrote: {}", text.trim()));
            return Verdict::Failed(format!("wanted exit code {}, got {}{stderr}", self.exit_code, described(outcome)));
        }
        match (&self.stdout, output.map(String::from_utf8_lossy)) {
            (Some(wanted), Some(stdout)) if *wanted != stdout => {
                return Verdict::Failed(format!("wanted {wanted:?} on standard output, got {stdout:?}"));
            }
            (Some(_), None) => return Verdict::Skipped("it wants the output of a run that fails".to_owned()),
            _ => {}
        }
        match &self.stderr {
            // By lines, since that is how it is kept.
            Some(wanted) if wanted.trim_end() != stderr(report).trim_end() => {
                Verdict::Failed(format!("wanted {wanted:?} on standard error, got {:?}", stderr(report)))
            }
            _ => Verdict::Passed,
        }
    }
}

/// What the run wrote to standard error.
fn stderr(report: &Value) -> String {
    let lines = report["logs"].as_array().into_iter().flatten().filter(|line| line["level"] == "stderr");
    lines.filter_map(|line| line["message"].as_str()).collect::<Vec<_>>().join("\n")
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot parse {}", path.display()))
}

/// Tests write into their directories: each gets its own copy, without what an earlier run of the suite
/// may have left, which is named `*.cleanup`.
fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.extension().is_some_and(|extension| extension == "cleanup") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_directory(&source, &target)?;
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
