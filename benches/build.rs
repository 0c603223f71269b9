//! Builds the guests, by a cargo of their own, since they are another workspace for other targets; and takes
//! the engine's settings out of the sandbox's source, since a copy by hand would fall behind.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The guests: package, target, and the file that comes of it.
const GUESTS: [(&str, &str, &str); 2] = [
    ("bench-candidate", "wasm32-wasip2", "bench_candidate.wasm"),
    ("bench-extism", "wasm32-unknown-unknown", "bench_extism.wasm"),
];

/// What the outer cargo says is about the host's code; the guests have their own configuration.
const OUTER: [&str; 6] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC", "RUSTDOC", "RUSTC_WORKSPACE_WRAPPER"];

fn main() -> Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // The configuration with the linker's flags is found from the folder that cargo runs in.
    let guests = here.join("guests");
    for source in ["guests", "build.rs", "../guest-sdk/src", "../guest-sdk/Cargo.toml", "../wit"] {
        println!("cargo:rerun-if-changed={}", here.join(source).display());
    }
    let engine = here.join("../host/sandbox/src/engine.rs");
    println!("cargo:rerun-if-changed={}", engine.display());
    fs::write(out.join("settings.rs"), settings(&fs::read_to_string(&engine)?)?)?;
    let target_dir = out.join("guests");
    for (package, target, file) in GUESTS {
        add_target(&guests, target)?;
        let mut cargo = Command::new(env::var("CARGO")?);
        cargo.current_dir(&guests).args(["build", "--release", "--locked", "--package", package, "--target", target]);
        for name in OUTER {
            cargo.env_remove(name);
        }
        run(cargo.env("CARGO_TARGET_DIR", &target_dir))?;
        fs::copy(target_dir.join(target).join("release").join(file), out.join(file))?;
    }
    Ok(())
}

/// The function of the engine's source that makes the configuration, and the constants it may use.
fn settings(source: &str) -> Result<String> {
    let begin = source.find("pub(crate) fn config(").ok_or("engine.rs has no function `config`")?;
    let length = source[begin..].find("\n}\n").ok_or("the function `config` has no end")? + 3;
    let constants: Vec<_> =
        source.lines().filter(|line| line.contains("const ") && line.ends_with(';') && line.contains(": u")).collect();
    Ok(format!("{}\n{}", constants.join("\n"), &source[begin..begin + length]))
}

/// Gets the standard library for a target, if rustup has not yet.
fn add_target(guests: &Path, target: &str) -> Result<()> {
    let asked = Command::new("rustc").current_dir(guests).args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8(asked.stdout)?.trim());
    if sysroot.join("lib/rustlib").join(target).exists() {
        return Ok(());
    }
    run(Command::new("rustup").current_dir(guests).args(["target", "add", target]))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
}
