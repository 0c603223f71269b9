//! What commands share: the project, the sandbox, reading a file.

use std::path::{Path, PathBuf};

use holobiont::{MemoryStore, Project, SqliteStore, Store};
use holobiont_sandbox::Sandbox;

use crate::args::Args;
use crate::fault::Fault;
use crate::terminal::show;

/// The project that the current folder, or `--config`, says.
pub(crate) fn project(args: &Args) -> Result<Project, Fault> {
    Ok(Project::find(Path::new("."), args.config.as_deref(), &|name| std::env::var(name).ok())?)
}

/// A sandbox that keeps compiled code: in a project, with its state; elsewhere, in the user's cache.
pub(crate) fn sandbox(project: &Project) -> Result<Sandbox, Fault> {
    let program = std::env::current_exe().map_err(|e| Fault::Host(format!("cannot find this program: {e}")))?;
    let settings = &project.settings;
    let mut builder =
        Sandbox::builder().compile_in(program).compile_limits(settings.compile.clone()).strict(settings.strict);
    if project.file.is_some() {
        builder = builder.cache_dir(project.cache_dir());
    } else if let Some(cache) = user_cache() {
        builder = builder.cache_dir(cache);
    }
    Ok(builder.build()?)
}

fn user_cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("holobiont").join("compiled"))
}

/// What is remembered, where there is something; none is made by looking.
pub(crate) fn looked_at<T>(project: &Project, look: impl FnOnce(&dyn Store) -> Result<T, Fault>) -> Result<T, Fault> {
    if project.database().exists() {
        return look(&SqliteStore::open(&project.database())?);
    }
    look(&MemoryStore::default())
}

/// The id of a module file: its path in the repository, or as it was named when it lies elsewhere.
pub(crate) fn module_id(project: &Project, path: &Path) -> String {
    match project.id_of(path) {
        Ok(id) => id.as_str().to_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|e| Fault::usage(format!("cannot read {}: {e}", show(path))))
}

/// Whether the file of `--output` can be written where it is to go; told before anything is measured.
pub(crate) fn output_folder(output: &Path) -> Result<(), Fault> {
    folder_is_there(output).map_err(|fault| Fault::usage(format!("--output {fault}")))
}

/// Whether there is the folder that a file is to be written to.
pub(crate) fn folder_is_there(output: &Path) -> Result<(), Fault> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty() && output != Path::new("-"));
    match folder.filter(|folder| !folder.is_dir()) {
        None => Ok(()),
        Some(folder) => Err(Fault::usage(format!("{}: there is no folder {}", show(output), show(folder)))),
    }
}
