//! Presets that were generated, or adapted to what was measured: what the next runs use.

use std::io;
use std::path::{Path, PathBuf};

use holobiont_core::adapt::AdaptState;
use holobiont_core::{Environment, Presets, explain_toml, printable};
use serde::{Deserialize, Serialize};

use crate::json::document;
use crate::replace::replace_file;

/// Why presets of a file cannot be had or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresetsError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", printable(&path.to_string_lossy()))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}: {source}", printable(&path.to_string_lossy()))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was generated or adapted does not read.
    #[error("{}: {what}; mend it, or take it away to begin again from the presets of holobiont.toml", printable(&path.to_string_lossy()))]
    Adapted {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// What somebody wrote does not read.
    #[error("{}: {what}", printable(&path.to_string_lossy()))]
    Given {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// The file of generated and adapted presets, and what adapting goes on from; one file, so that they agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adapted {
    schema: String,
    /// The presets, each with its name.
    pub presets: Vec<Environment>,
    /// What was moved when.
    #[serde(default)]
    pub state: AdaptState,
    /// What the learned agent has learned, where one was asked: a document `holobiont.preset-policy/1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<serde_json::Value>,
}

impl Default for Adapted {
    fn default() -> Self {
        Self { schema: Self::SCHEMA.to_owned(), presets: Vec::new(), state: AdaptState::default(), policy: None }
    }
}

impl Adapted {
    const SCHEMA: &str = "holobiont.presets/1";

    /// What a file has; nothing where there is no such file.
    ///
    /// # Errors
    ///
    /// [`PresetsError`] when it cannot be read or something in it is wrong.
    pub fn read(path: &Path) -> Result<Self, PresetsError> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(PresetsError::Read { path: path.to_owned(), source }),
            Ok(text) => text,
        };
        Self::parse(&text).map_err(|what| PresetsError::Adapted { path: path.to_owned(), what })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let read: Self = document(text, Self::SCHEMA)?;
        match read.presets.iter().position(|preset| preset.name.is_none()) {
            Some(place) => Err(format!("preset {} has no SCENARIO_NAME", place + 1)),
            None => Ok(read),
        }
    }

    /// Writes them to a file, in place of what was there.
    ///
    /// # Errors
    ///
    /// [`PresetsError::Write`] when it cannot be written; what was there is then untouched.
    pub fn keep(&self, path: &Path) -> Result<(), PresetsError> {
        let failed = |source| PresetsError::Write { path: path.to_owned(), source };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(io::Error::other(error)))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        replace_file(path, format!("{text}\n").as_bytes()).map_err(failed)
    }

    /// Puts a preset in place of the one of its name.
    pub fn put(&mut self, environment: Environment) {
        self.presets.retain(|other| other.name != environment.name);
        self.presets.push(environment);
    }

    /// Takes a preset out, with what adapting it went on from, and says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.state.forget(name);
        let before = self.presets.len();
        self.presets.retain(|preset| preset.name.as_deref() != Some(name));
        self.presets.len() < before
    }
}

/// The presets of a file that somebody wrote, JSON or TOML: one, a list, or what `presets generate` writes.
///
/// # Errors
///
/// [`PresetsError::Given`] with the file and what is wrong in it.
pub fn read_presets(path: &Path) -> Result<Vec<Environment>, PresetsError> {
    let text = std::fs::read_to_string(path).map_err(|source| PresetsError::Read { path: path.to_owned(), source })?;
    let read: Result<Presets, String> = if path.extension().is_some_and(|extension| extension == "toml") {
        toml::from_str(&text).map_err(|error| explain_toml(&error, &text))
    } else {
        serde_json::from_str(&text).map_err(|error| printable(&error.to_string()))
    };
    let Presets(mut presets) = read.map_err(|what| PresetsError::Given { path: path.to_owned(), what })?;
    for (place, preset) in presets.iter_mut().enumerate() {
        preset.name.get_or_insert_with(|| format!("scenario_{place}"));
    }
    Ok(presets)
}
