//! Presets that were generated, or adapted to what was measured: what the next runs use.

use std::io;

use holobiont_core::Environment;
use serde::{Deserialize, Serialize};

use crate::project::{Project, ProjectError};
use crate::replace::replace_file;

/// The file of generated and adapted presets, and what adapting goes on from; one file, so that they agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adapted {
    schema: String,
    /// The presets, each with its name.
    pub presets: Vec<Environment>,
    /// What was moved when.
    #[serde(default)]
    pub state: serde_json::Value,
}

impl Default for Adapted {
    fn default() -> Self {
        Self { schema: Self::SCHEMA.to_owned(), presets: Vec::new(), state: serde_json::Value::Null }
    }
}

impl Adapted {
    const SCHEMA: &str = "holobiont.presets/1";

    /// What a project has; nothing where there is no such file.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when it cannot be read or something in it is wrong.
    pub fn of(project: &Project) -> Result<Self, ProjectError> {
        let path = project.presets_file();
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ProjectError::Read { path, source }),
            Ok(text) => text,
        };
        Self::parse(&text).map_err(|what| ProjectError::Presets { path, what })
    }

    fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let words = |error: serde_json::Error| holobiont_core::printable(&error.to_string());
        let head: Head = serde_json::from_str(text).map_err(words)?;
        if head.schema != Self::SCHEMA {
            let found = holobiont_core::printable(&head.schema);
            return Err(format!("it is of schema {found}, this program reads {}", Self::SCHEMA));
        }
        let read: Self = serde_json::from_str(text).map_err(words)?;
        match read.presets.iter().position(|preset| preset.name.is_none()) {
            Some(place) => Err(format!("preset {} has no SCENARIO_NAME", place + 1)),
            None => Ok(read),
        }
    }

    /// Replaces what the project has.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when the file cannot be written; the old one is then untouched.
    pub fn keep(&self, project: &Project) -> Result<(), ProjectError> {
        let path = project.presets_file();
        let written = |source| ProjectError::Write { path: path.clone(), source };
        let text = serde_json::to_string_pretty(self).map_err(|e| written(io::Error::other(e)))?;
        std::fs::create_dir_all(project.data_dir()).map_err(written)?;
        replace_file(&path, format!("{text}\n").as_bytes()).map_err(written)
    }

    /// Puts a preset in place of the one of its name.
    pub fn put(&mut self, environment: Environment) {
        self.presets.retain(|other| other.name != environment.name);
        self.presets.push(environment);
    }
}
