//! Presets that were generated, or adapted to what was measured: what the next runs use.

use std::io;
use std::path::Path;

use holobiont_core::adapt::{AdaptState, Adaptation, Held, Move, adapt_presets};
use holobiont_core::{Environment, ModuleId, Presets, explain_toml, printable};
use serde::{Deserialize, Serialize};

use crate::evaluate::{EvaluateError, json};
use crate::history::{ADAPTED, History, now_ms};
use crate::project::{Project, ProjectError};
use crate::replace::replace_file;
use crate::store::{Store, StoredEvent};

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
}

impl Default for Adapted {
    fn default() -> Self {
        Self { schema: Self::SCHEMA.to_owned(), presets: Vec::new(), state: AdaptState::default() }
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
        let words = |error: serde_json::Error| printable(&error.to_string());
        let head: Head = serde_json::from_str(text).map_err(words)?;
        if head.schema != Self::SCHEMA {
            let found = printable(&head.schema);
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

    /// Takes a preset out, and says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.presets.len();
        self.presets.retain(|preset| preset.name.as_deref() != Some(name));
        self.presets.len() < before
    }
}

/// What adapting a preset came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PresetAdapted {
    /// [`PresetAdapted::SCHEMA`].
    pub schema: String,
    /// The preset.
    pub preset: String,
    /// The group whose comparisons it was adapted to.
    pub group: Vec<ModuleId>,
    /// How many comparisons that were.
    pub cycles: u64,
    /// What was moved, and why.
    pub moves: Vec<Move>,
    /// What was not, and why.
    pub held: Vec<Held>,
}

impl PresetAdapted {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.adapted/1";

    /// What adapting a preset of a project to the comparisons of a group under it comes to, and the presets there are
    /// then. Nothing is written: [`PresetAdapted::keep`] does that.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when there is no such preset, or the file of presets cannot be read.
    pub fn of(
        project: &Project,
        history: &History,
        group: &[ModuleId],
        preset: &str,
    ) -> Result<(Self, Adapted), ProjectError> {
        let settings = &project.settings;
        let preset = settings.preset_named(preset).map_err(ProjectError::Environment)?;
        let history = history.of_group(group).under(&preset.name);
        let tracker = history.tracker(settings.forecast_method);
        let mut adapted = Adapted::of(project)?;
        let before = [preset.as_environment(settings.cpu_fuel)];
        let adaptation = adapt_presets(&tracker, &before, &settings.adapt, &mut adapted.state, None);
        if !adaptation.moves.is_empty() {
            adaptation.environments.into_iter().for_each(|environment| adapted.put(environment));
        }
        let this = Self {
            schema: Self::SCHEMA.to_owned(),
            preset: preset.name.clone(),
            group: group.to_vec(),
            cycles: history.cycles.len() as u64,
            moves: adaptation.moves,
            held: adaptation.held,
        };
        Ok((this, adapted))
    }

    /// Puts the presets in force for the next runs, and notes it among the events of the workflow.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] when one of the two cannot be written. The presets are first: what is in force is never less
    /// than what is told.
    pub fn keep(
        &self,
        project: &Project,
        store: &dyn Store,
        workflow: &str,
        adapted: &Adapted,
    ) -> Result<(), EvaluateError> {
        adapted.keep(project)?;
        store.append(&StoredEvent {
            at_ms: now_ms(),
            kind: ADAPTED.to_owned(),
            subject: workflow.to_owned(),
            document: String::from_utf8_lossy(&json(self)).into_owned(),
        })?;
        Ok(())
    }
}

/// The presets of a file that somebody wrote, JSON or TOML: one, a list, or what `presets generate` writes.
///
/// # Errors
///
/// [`ProjectError::PresetFile`] with the file and what is wrong in it.
pub fn read_presets(path: &Path) -> Result<Vec<Environment>, ProjectError> {
    let text = std::fs::read_to_string(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
    let read: Result<Presets, String> = if path.extension().is_some_and(|extension| extension == "toml") {
        toml::from_str(&text).map_err(|error| explain_toml(&error, &text))
    } else {
        serde_json::from_str(&text).map_err(|error| printable(&error.to_string()))
    };
    let Presets(mut presets) = read.map_err(|what| ProjectError::PresetFile { path: path.to_owned(), what })?;
    for (place, preset) in presets.iter_mut().enumerate() {
        preset.name.get_or_insert_with(|| format!("scenario_{place}"));
    }
    Ok(presets)
}

/// What adapting presets that are not of the project to comparisons comes to.
#[must_use]
pub fn adapt_environments(project: &Project, history: &History, environments: &[Environment]) -> Adaptation {
    let settings = &project.settings;
    let tracker = history.tracker(settings.forecast_method);
    adapt_presets(&tracker, environments, &settings.adapt, &mut AdaptState::default(), None)
}
