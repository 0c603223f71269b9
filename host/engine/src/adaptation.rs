//! Presets follow what was measured.

use holobiont_core::adapt::{AdaptState, Adaptation, Held, Move, PolicyError, PresetAgent, adapt_presets};
use holobiont_core::{Environment, ModuleId};
use serde::Serialize;

use crate::history::{ADAPTED, ADAPTED_SCHEMA, History, append};
use crate::presets::{Adapted, PresetsError};
use crate::project::Project;
use crate::settings::SettingsError;
use crate::store::{Store, StoreError};

/// Why a preset cannot be adapted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdaptError {
    /// There is no such preset.
    #[error(transparent)]
    Preset(SettingsError),
    /// The file of presets cannot be read or written.
    #[error(transparent)]
    Presets(#[from] PresetsError),
    /// What the agent has learned does not read.
    #[error("presets.json: {0}; take `policy` out of it to have the agent begin anew")]
    Policy(#[from] PolicyError),
    /// What the agent has learned cannot be written.
    #[error("fault in the host: {0}")]
    Agent(serde_json::Error),
    /// The event cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    pub const SCHEMA: &str = ADAPTED_SCHEMA;

    /// What adapting a preset of a project to the comparisons of a group under it comes to, and the presets there are
    /// then. Nothing is written: [`PresetAdapted::keep`] does that.
    ///
    /// # Errors
    ///
    /// [`AdaptError`] when there is no such preset, or the file of presets cannot be read.
    pub fn of(
        project: &Project,
        history: &History,
        group: &[ModuleId],
        preset: &str,
    ) -> Result<(Self, Adapted), AdaptError> {
        let settings = &project.settings;
        let preset = settings.preset_named(preset).map_err(AdaptError::Preset)?;
        let history = history.of_group(group).under(&preset.name);
        let tracker = history.tracker(settings.forecast_method);
        let mut adapted = Adapted::read(&project.presets_file())?;
        let before = [preset.as_environment(settings.cpu_fuel)];
        let mut agent = if settings.adapt.agent { Some(agent(&adapted, settings.seed)?) } else { None };
        let adaptation = adapt_presets(&tracker, &before, &settings.adapt, &mut adapted.state, agent.as_mut());
        if let Some(agent) = agent {
            adapted.policy = Some(serde_json::from_str(&agent.to_json()?).map_err(AdaptError::Agent)?);
        }
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

    /// Puts the presets in force for the next runs, and notes what was moved among the events of the workflow.
    ///
    /// # Errors
    ///
    /// [`AdaptError`] when one of the two cannot be written. The presets are first: what is in force is never less
    /// than what is told.
    pub fn keep(
        &self,
        project: &Project,
        store: &dyn Store,
        workflow: &str,
        adapted: &Adapted,
    ) -> Result<(), AdaptError> {
        adapted.keep(&project.presets_file())?;
        if !self.moves.is_empty() {
            append(store, ADAPTED, workflow, self)?;
        }
        Ok(())
    }
}

/// The agent as it was kept, or one that has learned nothing yet.
fn agent(adapted: &Adapted, seed: u64) -> Result<PresetAgent, AdaptError> {
    match &adapted.policy {
        None => Ok(PresetAgent::new(seed)),
        Some(policy) => Ok(PresetAgent::from_json(&policy.to_string())?),
    }
}

/// What adapting presets that are not of the project to comparisons comes to.
#[must_use]
pub fn adapt_environments(project: &Project, history: &History, environments: &[Environment]) -> Adaptation {
    let settings = &project.settings;
    let tracker = history.tracker(settings.forecast_method);
    adapt_presets(&tracker, environments, &settings.adapt, &mut AdaptState::default(), None)
}
