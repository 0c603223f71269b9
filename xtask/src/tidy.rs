//! The project's own rules, each with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell::say;

/// Lines of a source file past which it is looked at again: two ideas may live in it.
const MOST_LINES: usize = 500;

/// Crates and what they must not know: `cli -> engine -> {sandbox, learn} -> core`, and nothing back.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("host/core", &["holobiont", "holobiont-sandbox", "wasmtime", "rusqlite", "clap", "tokio", "rand"]),
    ("host/learn", &["holobiont", "holobiont-sandbox", "wasmtime", "rusqlite", "clap", "tokio"]),
    ("host/sandbox", &["holobiont", "holobiont-learn", "rusqlite", "clap", "indicatif", "comfy-table"]),
    ("host/engine", &["clap", "indicatif", "comfy-table", "wasmtime"]),
    ("host/cli", &["wasmtime", "rusqlite"]),
];

/// Words that have no place in the project. Put together here, so that this file does not hold them.
fn unwanted() -> Vec<String> {
    let marks = [("to", "do!("), ("unimple", "mented!("), ("FIX", "ME"), ("#[ign", "ore"), ("#[should", "_panic")];
    marks.iter().map(|(a, b)| format!("{a}{b}")).collect()
}

/// Holds the tree against the rules.
pub(crate) fn tidy(root: &Path) -> Result<()> {
    let mut wrong = Vec::new();
    for krate in ["host/core", "host/learn", "host/sandbox", "host/engine", "host/cli", "xtask"] {
        let sources = sources(&root.join(krate).join("src"))?;
        cycles(krate, &root.join(krate).join("src"), &sources, &mut wrong)?;
        dependencies(root, krate, &mut wrong)?;
    }
    for folder in ["host", "guest-sdk/src", "plugins/examples", "plugins/fixtures", "tests", "xtask/src", "benches"] {
        for path in sources(&root.join(folder))? {
            file(root, &path, &mut wrong)?;
        }
    }
    readme(root, &mut wrong)?;
    if wrong.is_empty() {
        say("tidy: nothing to say");
        return Ok(());
    }
    for line in &wrong {
        say(&format!("tidy: {line}"));
    }
    bail!("{} places are untidy", wrong.len())
}

/// Rust files below a folder, in order; what was built is not the project's.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn file(root: &Path, path: &Path, wrong: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    // Tests at the end of a file are not one of its ideas.
    let own = text.split("#[cfg(test)]").next().unwrap_or(&text).lines().count();
    if own > MOST_LINES {
        wrong.push(format!("{name}: {own} lines; past {MOST_LINES} it likely holds two ideas"));
    }
    for mark in unwanted() {
        if let Some(line) = text.lines().position(|line| line.contains(&mark)) {
            wrong.push(format!("{name}:{}: `{mark}`", line + 1));
        }
    }
    Ok(())
}

/// No crate may know what lies above it.
fn dependencies(root: &Path, krate: &str, wrong: &mut Vec<String>) -> Result<()> {
    let Some((_, forbidden)) = FORBIDDEN.iter().find(|(name, _)| *name == krate) else { return Ok(()) };
    let manifest = fs::read_to_string(root.join(krate).join("Cargo.toml"))?;
    for line in manifest.lines() {
        let name = line.split(['=', '.']).next().unwrap_or_default().trim();
        if forbidden.contains(&name) {
            wrong.push(format!("{krate}/Cargo.toml: {krate} must not know `{name}`"));
        }
    }
    Ok(())
}

/// No cycle between the modules of a crate.
fn cycles(krate: &str, src: &Path, sources: &[PathBuf], wrong: &mut Vec<String>) -> Result<()> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in sources {
        let module = top_module(src, path);
        let text = fs::read_to_string(path)?;
        let own = text.split("#[cfg(test)]").next().unwrap_or(&text);
        let code: String =
            own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let used = uses.entry(module.clone()).or_default();
        for part in code.split("crate::").skip(1) {
            used.extend(named(part).into_iter().filter(|name| *name != module));
        }
    }
    let modules: BTreeSet<String> = uses.keys().cloned().collect();
    for used in uses.values_mut() {
        used.retain(|name| modules.contains(name));
    }
    // What nobody in the rest uses, or what uses nobody, is in no cycle: take such away until all is
    // gone or only cycles are left.
    while let Some(leaf) = uses.iter().find(|(_, used)| used.is_empty()).map(|(name, _)| name.clone()) {
        uses.remove(&leaf);
        for used in uses.values_mut() {
            used.remove(&leaf);
        }
    }
    while let Some(unused) = uses.keys().find(|name| !uses.values().any(|used| used.contains(*name))).cloned() {
        uses.remove(&unused);
    }
    if !uses.is_empty() {
        let knot: Vec<&str> = uses.keys().map(String::as_str).collect();
        wrong.push(format!("{krate}: modules form a cycle: {}", knot.join(", ")));
    }
    Ok(())
}

/// The names that follow `crate::`: one, or those of a braced list.
fn named(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    match rest.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default().split(',').map(word).collect(),
        None => vec![word(rest)],
    }
}

/// The module at the top of a crate that a file belongs to.
fn top_module(src: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(src).unwrap_or(path);
    let first = inside.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// The two commands that a newcomer is promised stand on the README's first screen, and CI runs one.
fn readme(root: &Path, wrong: &mut Vec<String>) -> Result<()> {
    let readme = fs::read_to_string(root.join("README.md")).context("README.md")?;
    let first_screen: String = readme.lines().take(40).collect::<Vec<_>>().join("\n");
    for command in ["cargo xtask demo", "cargo xtask test"] {
        if !first_screen.contains(command) {
            wrong.push(format!("README.md: `{command}` is not on the first screen"));
        }
    }
    let ci = fs::read_to_string(root.join(".ci/run")).context(".ci/run")?;
    if !ci.contains("cargo xtask test") {
        wrong.push(".ci/run does not run the README's `cargo xtask test`".to_owned());
    }
    Ok(())
}
