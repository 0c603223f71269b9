//! Builds the fixtures: the plugins by a cargo of their own, since they are another workspace for another
//! target, and the WebAssembly texts by the `wat` crate; then writes a constant for each.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const TARGET: &str = "wasm32-wasip2";

/// Modules of plugins/fixtures: the prefix of their fixtures, the file that is built, and the folder of
/// their acts; a module without acts is one fixture, by the name of the prefix.
const MODULES: [(&str, &str, Option<&str>); 9] = [
    ("candidate", "fixture_candidate", Some("candidate/src/acts")),
    ("command", "acts", Some("command/src/bin/acts")),
    ("files", "files", Some("command/src/bin/files")),
    ("net", "net", Some("command/src/bin/net")),
    ("importer", "fixture_importer", Some("importer/src/acts")),
    ("cat", "cat", None),
    ("scorer", "fixture_scorer", None),
    ("pipeline", "fixture_pipeline", Some("pipeline/src/acts")),
    ("patcher", "fixture_patcher", Some("patcher/src/acts")),
];

/// The module that the fixtures of the importer are linked with: it is none itself, since nothing runs it.
const LIBRARY: &str = "fixture_library";

fn main() -> Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.join("../..").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let plugins = root.join("plugins");
    for source in ["fixtures", "examples", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"] {
        println!("cargo:rerun-if-changed={}", plugins.join(source).display());
    }
    for source in ["guest-sdk/src", "guest-sdk/Cargo.toml", "wit", "tests/guests/wat", "tests/guests/build.rs"] {
        println!("cargo:rerun-if-changed={}", root.join(source).display());
    }

    let built = build_plugins(&plugins, &out)?;
    let mut fixtures = Fixtures::default();
    for (prefix, file, acts) in MODULES {
        let wasm = built.join(file).with_extension("wasm");
        match acts {
            None => fixtures.add(prefix, &format!("The module `{file}`."), &wasm, None)?,
            Some(acts) => {
                for source in files(&plugins.join("fixtures").join(acts), "rs")? {
                    let act = stem(&source)?;
                    if act != "main" {
                        fixtures.add(&format!("{prefix}_{act}"), &about(&source)?, &wasm, Some(&act))?;
                    }
                }
            }
        }
    }
    for (folder, template) in [("whole", None), ("commands", Some("command")), ("candidates", Some("candidate"))] {
        for source in files(&here.join("wat").join(folder), "wat")? {
            let template = template.map(|name| here.join("wat").join(name).with_extension("template"));
            let wasm = compile(&source, template.as_deref(), &out)?;
            fixtures.add(&format!("wat_{}", stem(&source)?), &about(&source)?, &wasm, None)?;
        }
    }
    fs::write(
        out.join("fixtures.rs"),
        fixtures.code(&examples(&built)?, &built.join(LIBRARY).with_extension("wasm"))?,
    )?;
    Ok(())
}

/// Builds the whole workspace of the plugins and gives the folder of the modules.
fn build_plugins(plugins: &Path, out: &Path) -> Result<PathBuf> {
    add_target(plugins)?;
    let target_dir = out.join("plugins");
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo.current_dir(plugins).args(["build", "--workspace", "--release", "--target", TARGET]);
    // What the outer cargo says is about the host's code; the plugins have their own configuration, and a
    // compiler wrapper such as clippy's has nothing to do here.
    for name in
        ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC", "RUSTDOC", "RUSTC_WORKSPACE_WRAPPER"]
    {
        cargo.env_remove(name);
    }
    cargo.env("CARGO_TARGET_DIR", &target_dir);
    run(&mut cargo)?;
    Ok(target_dir.join(TARGET).join("release"))
}

/// Gets the standard library for the plugins' target, if rustup has not yet.
fn add_target(plugins: &Path) -> Result<()> {
    let asked = Command::new("rustc").current_dir(plugins).args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8(asked.stdout)?.trim());
    if sysroot.join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    run(Command::new("rustup").current_dir(plugins).args(["target", "add", TARGET]))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}

/// Turns a text into a module; with a template, the text is the core module that goes into it.
fn compile(source: &Path, template: Option<&Path>, out: &Path) -> Result<PathBuf> {
    let mut text = fs::read_to_string(source)?;
    if let Some(template) = template {
        let (_, core) = text.split_once("(module").ok_or_else(|| format!("{}: no module", source.display()))?;
        let core = core.trim_end().strip_suffix(')').ok_or_else(|| format!("{}: no end", source.display()))?;
        text = fs::read_to_string(template)?.replace("CORE)", &format!("{core})"));
    }
    let wasm = wat::parse_str(&text).map_err(|e| format!("{}: {e}", source.display()))?;
    let path = out.join(stem(source)?).with_extension("wat.wasm");
    fs::write(&path, wasm)?;
    Ok(path)
}

/// The example plugins that were built, as name and module.
fn examples(built: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut examples = Vec::new();
    for wasm in files(built, "wasm")? {
        let name = stem(&wasm)?;
        if name != LIBRARY && !MODULES.iter().any(|(_, file, _)| *file == name) {
            examples.push((name, wasm));
        }
    }
    Ok(examples)
}

#[derive(Default)]
struct Fixtures {
    code: String,
    names: Vec<String>,
}

impl Fixtures {
    fn add(&mut self, name: &str, about: &str, wasm: &Path, act: Option<&str>) -> Result<()> {
        writeln!(
            self.code,
            "/// {about}\npub const {}: Fixture = Fixture {{ name: {name:?}, about: {about:?}, \
             wasm: include_bytes!({wasm:?}), act: {act:?} }};",
            name.to_uppercase(),
        )?;
        self.names.push(name.to_owned());
        Ok(())
    }

    fn code(mut self, examples: &[(String, PathBuf)], library: &Path) -> Result<String> {
        let code = &mut self.code;
        writeln!(code, "/// All fixtures.\npub const ALL: &[Fixture] = &[")?;
        for name in &self.names {
            writeln!(code, "    {},", name.to_uppercase())?;
        }
        writeln!(code, "];\n/// The example plugins, as name and module.\npub const EXAMPLES: &[(&str, &[u8])] = &[")?;
        for (name, wasm) in examples {
            writeln!(code, "    ({name:?}, include_bytes!({wasm:?})),")?;
        }
        writeln!(code, "];\n/// The module that the fixtures `importer_…` import from.")?;
        writeln!(code, "pub const LIBRARY: &[u8] = include_bytes!({library:?});")?;
        writeln!(code, "/// Calls a macro with the name of each fixture.\n#[macro_export]")?;
        writeln!(code, "macro_rules! foreach_fixture {{\n    ($each:ident) => {{")?;
        for name in &self.names {
            writeln!(code, "        $each!({name});")?;
        }
        writeln!(code, "    }};\n}}")?;
        Ok(self.code)
    }
}

/// The files of a folder with an ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> Result<String> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.map(str::to_owned).ok_or_else(|| format!("{}: no name", path.display()).into())
}

/// What a source says of itself: the comment that it begins with.
fn about(source: &Path) -> Result<String> {
    let text = fs::read_to_string(source)?;
    let lines: Vec<_> =
        text.lines().map_while(|line| line.strip_prefix("//! ").or_else(|| line.strip_prefix(";; "))).collect();
    Ok(lines.join(" "))
}
