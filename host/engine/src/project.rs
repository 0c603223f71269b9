//! A project: a folder with a holobiont.toml.

use std::io;
use std::path::{Component, Path, PathBuf};

use holobiont_core::graph::DocumentError;
use holobiont_core::{Digest, Grants, ModuleId, ModuleIdError, Preset, Workflow, WorkflowError, nearest, printable};

use crate::presets::{Adapted, PresetsError};
use crate::settings::{Settings, SettingsError};
use crate::transaction::{Folders, Recovered, Transaction, TransactionError, recover};

/// The name of a project's file.
const FILE: &str = "holobiont.toml";

/// A project: its folder and the settings that hold in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Project {
    /// The repository root, which module ids are relative to.
    pub root: PathBuf,
    /// Its holobiont.toml, if it has one.
    pub file: Option<PathBuf>,
    /// What holds in it.
    pub settings: Settings,
}

/// Why a project, or something in it, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", printable(&path.to_string_lossy()))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A module is not there.
    #[error("cannot read {id}: {source}; build it first (the examples: `cargo xtask guests`)")]
    Module {
        /// Its id.
        id: ModuleId,
        /// Why.
        source: io::Error,
    },
    /// There is no workflow of a name.
    #[error("no workflow `{}`: neither workflows/{}.toml nor a file of that name{remedy}", printable(.name), printable(.name))]
    NoWorkflow {
        /// The name.
        name: String,
        /// The nearest that there is.
        remedy: String,
    },
    /// A setting is wrong.
    #[error("{}: {source}", printable(&path.to_string_lossy()))]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SettingsError,
    },
    /// An environment variable is wrong.
    #[error(transparent)]
    Environment(SettingsError),
    /// The presets that were generated or adapted cannot be read.
    #[error(transparent)]
    Presets(#[from] PresetsError),
    /// A workflow is wrong.
    #[error("{}: {source}", printable(path))]
    Workflow {
        /// The file, as it was named.
        path: String,
        /// What is wrong.
        source: WorkflowError,
    },
    /// `module_map.json` or `orphan_modules.json` is wrong.
    #[error("{}: {source}", printable(&path.to_string_lossy()))]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DocumentError,
    },
    /// What an interrupted command left cannot be finished.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// A path leads out of the repository.
    #[error("{0}")]
    Id(#[from] ModuleIdError),
    /// A path leads out of the repository by a link or an absolute path.
    #[error("{} lies outside the repository {}", printable(path), printable(&root.to_string_lossy()))]
    Outside {
        /// The path, as it was named.
        path: String,
        /// The repository.
        root: PathBuf,
    },
    /// A workflow's inputs are not there.
    #[error("{workflow}: input {}: {reason}", printable(input))]
    Input {
        /// The workflow's name.
        workflow: String,
        /// The input, as the workflow names it.
        input: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a workflow's objective compares an output with is not there.
    #[error("{}: {} has no expected output: cannot read {}: {source}", printable(workflow), printable(input), printable(&path.to_string_lossy()))]
    Expected {
        /// The workflow's name.
        workflow: String,
        /// The input.
        input: String,
        /// The file that should hold it.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
}

impl Project {
    /// Finds the project of a folder: the nearest holobiont.toml in it or above, or `config` when that
    /// is given. Without either, the folder itself with every setting at its default. What an interrupted
    /// command left half done is finished first.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when the file cannot be read, a setting is wrong or what was left cannot be finished.
    pub fn find(
        from: &Path,
        config: Option<&Path>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ProjectError> {
        let file = match config {
            Some(path) => Some(path.to_owned()),
            None => {
                let from =
                    std::path::absolute(from).map_err(|source| ProjectError::Read { path: from.to_owned(), source })?;
                from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
            }
        };
        let text = match &file {
            None => String::new(),
            Some(path) => read_text(path)?,
        };
        let settings = Settings::parse(&text, env).map_err(|source| wrong_setting(file.as_deref(), source))?;
        let root = match &file {
            Some(path) => path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned(),
            None => from.to_owned(),
        };
        let mut project = Self { root, file, settings };
        project.recover()?;
        let adapted = Adapted::read(&project.presets_file())?;
        project.settings.adopt(&adapted.presets);
        // It may be one of those.
        let chosen = project.settings.chosen_preset("[run] preset").map(|_| ());
        chosen.map_err(|source| wrong_setting(project.file.as_deref(), source))?;
        Ok(project)
    }

    /// A change of several files, still empty.
    pub fn transaction(&self) -> Transaction {
        Transaction::new(self.folders())
    }

    /// Finishes what a command that was interrupted while it changed files left to do, and says what that was. It is
    /// safe to be interrupted itself; where nothing was left, nothing is written.
    ///
    /// # Errors
    ///
    /// [`TransactionError`] when it cannot be finished, with what to do.
    pub fn recover(&self) -> Result<Option<Recovered>, TransactionError> {
        recover(&self.folders())
    }

    pub(crate) fn folders(&self) -> Folders {
        Folders { root: self.root.clone(), data: self.data_dir() }
    }

    /// The folder of state.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.root.join(&self.settings.data_dir)
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data_dir().join("holobiont.db")
    }

    /// The presets that were generated or adapted.
    #[must_use]
    pub fn presets_file(&self) -> PathBuf {
        self.data_dir().join("presets.json")
    }

    /// The folder of compiled code.
    #[must_use]
    pub fn cache_dir(&self) -> PathBuf {
        self.data_dir().join("compiled")
    }

    /// The path of something in the repository.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Outside`] when a symbolic link leads out.
    pub fn path_of(&self, id: &ModuleId) -> Result<PathBuf, ProjectError> {
        let path = self.root.join(id.as_str());
        let outside = || ProjectError::Outside { path: id.to_string(), root: self.root.clone() };
        if let (Ok(real), Ok(root)) = (path.canonicalize(), self.root.canonicalize())
            && !real.starts_with(root)
        {
            return Err(outside());
        }
        Ok(path)
    }

    /// The id of a path as a person names it: relative to the current folder, or absolute.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Outside`] when it does not lie in the repository.
    pub fn id_of(&self, path: &Path) -> Result<ModuleId, ProjectError> {
        let outside = || ProjectError::Outside { path: path.to_string_lossy().into_owned(), root: self.root.clone() };
        let whole = normal(&std::path::absolute(path).map_err(|_| outside())?);
        let root = normal(&std::path::absolute(&self.root).map_err(|_| outside())?);
        let inside = whole.strip_prefix(&root).map_err(|_| outside())?;
        Ok(ModuleId::new(&inside.to_string_lossy())?)
    }

    /// What holobiont.toml lets a module reach, as far as the chosen preset is not too strict for it; directories are
    /// relative to the repository.
    #[must_use]
    pub fn grants_of(&self, digest: &Digest) -> Grants {
        let mut grants = self.settings.grants.get(digest).cloned().unwrap_or_default();
        for dir in &mut grants.dirs {
            dir.host = self.root.join(&dir.host).to_string_lossy().into_owned();
        }
        // There is always one: settings without their preset do not read.
        grants.at_level(self.settings.chosen().map_or(1, Preset::security_level))
    }

    /// The bytes of a module of the repository.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when it cannot be read or lies outside.
    pub fn module_bytes(&self, id: &ModuleId) -> Result<Vec<u8>, ProjectError> {
        let path = self.path_of(id)?;
        std::fs::read(&path).map_err(|source| ProjectError::Module { id: id.clone(), source })
    }

    /// Reads a workflow, by its path or by the name of a file in `workflows/`.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] with the file and what is wrong in it.
    pub fn workflow(&self, name: &str) -> Result<Workflow, ProjectError> {
        let path = self.workflow_path(name)?;
        let text = read_text(&path)?;
        Workflow::parse(&text)
            .map_err(|source| ProjectError::Workflow { path: path.to_string_lossy().into_owned(), source })
    }

    /// The file of a workflow, by its path or by the name of a file in `workflows/`.
    pub(crate) fn workflow_path(&self, name: &str) -> Result<PathBuf, ProjectError> {
        let named = self.root.join("workflows").join(format!("{name}.toml"));
        let plain = !name.contains(['/', '\\', '.']);
        let path = if plain && named.is_file() { named } else { PathBuf::from(name) };
        if plain && !path.exists() {
            return Err(ProjectError::NoWorkflow { name: name.to_owned(), remedy: self.nearest_workflow(name) });
        }
        Ok(path)
    }
}

impl Project {
    fn nearest_workflow(&self, name: &str) -> String {
        let Ok(entries) = std::fs::read_dir(self.root.join("workflows")) else { return String::new() };
        let names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_string_lossy().strip_suffix(".toml").map(str::to_owned))
            .collect();
        let near = nearest(name, names.iter().map(String::as_str));
        near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    }
}

/// A setting that is wrong, and where it was set.
fn wrong_setting(file: Option<&Path>, source: SettingsError) -> ProjectError {
    match (source, file) {
        (source @ SettingsError::Environment { .. }, _) | (source, None) => ProjectError::Environment(source),
        (source, Some(path)) => ProjectError::Settings { path: path.to_owned(), source },
    }
}

/// A path without `.` and `..`, by its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

fn read_text(path: &Path) -> Result<String, ProjectError> {
    std::fs::read_to_string(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })
}
