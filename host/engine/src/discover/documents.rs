//! Reading and writing the two documents that discovery has to do with.

use std::io;
use std::path::{Path, PathBuf};

use holobiont_core::graph::{DocumentError, ModuleMap, OrphanModules};

use super::DiscoverError;
use crate::project::Project;
use crate::replace::replace_file;

/// What is integrated; nothing where there is no such file.
pub(super) fn module_map(project: &Project) -> Result<ModuleMap, DiscoverError> {
    read(project.data_dir().join("module_map.json"), ModuleMap::from_json)
}

/// What was found to be unused; nothing where there is no such file.
pub(super) fn orphan_modules(project: &Project) -> Result<OrphanModules, DiscoverError> {
    read(orphans_file(project), OrphanModules::from_json)
}

/// Replaces the list of what is unused.
pub(super) fn write_orphan_modules(project: &Project, list: &OrphanModules) -> Result<(), DiscoverError> {
    let path = orphans_file(project);
    match list.to_json() {
        Ok(text) => write(&path, |path| replace_file(path, text.as_bytes())),
        Err(source) => Err(DiscoverError::Document { path, source }),
    }
}

/// Writes a file of the folder of state, which is made where there is none.
pub(super) fn write(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), DiscoverError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| write(path)).map_err(|source| DiscoverError::Write { path: path.to_owned(), source })
}

fn orphans_file(project: &Project) -> PathBuf {
    project.data_dir().join("orphan_modules.json")
}

fn read<T: Default>(path: PathBuf, parse: fn(&str) -> Result<T, DocumentError>) -> Result<T, DiscoverError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|source| DiscoverError::Document { path, source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(source) => Err(DiscoverError::Read { path, source }),
    }
}
