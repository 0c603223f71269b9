//! Building the example modules.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::shell::{cargo_in, output, run, say};

/// What guests are built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Where the example modules are once they are built.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("plugins/target").join(TARGET).join("release")
}

/// Builds the example modules, in the folder that the workflows name.
pub(crate) fn build() -> Result<()> {
    target()?;
    run(cargo_in("plugins")?.args(["build", "--release", "--target", TARGET]))
}

/// Gets the target if it is missing.
pub(crate) fn target() -> Result<()> {
    let libraries = output(Command::new("rustc").current_dir(crate::root()?).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    say(&format!("adding the target {TARGET}"));
    run(Command::new("rustup").current_dir(crate::root()?).args(["target", "add", TARGET]))
}
