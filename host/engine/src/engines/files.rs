//! Where an engine goes on from: its file of state, and the event of its last cycle.

use std::io;

use holobiont_core::cycle::EngineState;
use holobiont_core::policy::{Action, Policy};
use holobiont_core::{Digest, printable};

use super::past::Past;
use super::record::{Beginning, CycleRecord, Opening, Restart};
use super::{Engine, EngineError};
use crate::history::{append, events};
use crate::project::Project;
use crate::replace::keep_aside;
use crate::settings::EngineConfig;
use crate::store::Store;

/// The kind of event that a cycle is.
pub(crate) const CYCLE: &str = "cycle";

/// The kind of event after which an engine began anew.
pub(crate) const RESTART: &str = "engine-restarted";

/// The kind of event that an engine's beginning is.
pub(crate) const BEGINNING: &str = "engine-beginning";

impl Engine {
    /// Opens an engine where it was left. A file of state that does not read is kept aside under another name, and the
    /// engine goes on from its last cycle, which the store has; so it does where the file is gone.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when the files or the store cannot be read, or the state is of a newer program.
    pub fn open(project: &Project, store: &dyn Store, config: EngineConfig) -> Result<Self, EngineError> {
        let restarted =
            events::<Restart>(store, RESTART, &config.name, Restart::SCHEMA)?.last().map(|(number, ..)| *number);
        let is_since = |number: &u64| restarted.is_none_or(|restarted| *number > restarted);
        let mut records = events::<CycleRecord>(store, CYCLE, &config.name, CycleRecord::SCHEMA)?;
        records.retain(|(number, ..)| is_since(number));
        let mut past = Past::default();
        for (_, _, record) in records.iter().filter(|(_, _, record)| record.ran) {
            past.add(record).map_err(|error| wrong(&config, &error.to_string()))?;
        }
        let begun = events::<Beginning>(store, BEGINNING, &config.name, Beginning::SCHEMA)?;
        let mut begun: Vec<_> = begun.into_iter().filter(|(number, ..)| is_since(number)).collect();
        let since = records.last().map(|(number, ..)| *number).or(restarted).unwrap_or_default();
        let begun_roi = begun.iter().find_map(|(_, _, beginning)| beginning.roi);
        let begun_cycle = begun.pop().filter(|(number, ..)| *number > since).and_then(|(_, _, last)| last.opening);
        let last = records.into_iter().next_back().map(|(_, _, record)| record);
        let mut notes = Vec::new();
        let kept = last.as_ref().map(|last| parse(&config, &last.engine_state)).transpose()?.unwrap_or_default();
        let state = match read_state(project, &config)? {
            // One that is older than the last cycle was not replaced any more when that was ended.
            File::Reads(state) if state.cycles() >= kept.cycles() => state,
            File::Reads(_) | File::Gone => kept,
            File::Damaged { aside, what } => {
                notes.push(format!("{what}; it is kept as {aside}, and the last cycle in the store is gone on from"));
                kept
            }
        };
        let state = state.with_alpha(config.ema_alpha).map_err(|error| wrong(&config, &error.to_string()))?;
        let policy = match &last {
            None => Policy::new(config.policy.clone(), seed_of(project, &config)),
            Some(last) => match Policy::from_json(&last.policy, config.policy.clone()) {
                Ok(policy) => policy,
                Err(error) => {
                    notes.push(format!("its policy begins anew: {error}"));
                    Policy::new(config.policy.clone(), seed_of(project, &config))
                }
            },
        };
        Ok(Self { config, state, policy, past, last, since, begun: begun_roi, begun_cycle, notes })
    }

    /// Has an engine of a name begin anew the next time that it is opened: what it remembers no longer counts. What it did
    /// stays in the store, as do the modules that it took in.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when its file cannot be removed, or the store cannot be written.
    pub fn restart(project: &Project, store: &dyn Store, config: &EngineConfig) -> Result<(), EngineError> {
        // First the file: without it the engine goes on from its last cycle, until that no longer counts either.
        let path = project.data_dir().join(file_name(config));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(wrong(config, &format!("cannot remove {}: {error}", shown(&path))));
            }
            _ => {}
        }
        append(store, RESTART, &config.name, &Restart { schema: Restart::SCHEMA.to_owned() })?;
        Ok(())
    }

    /// Keeps what was decided of a cycle that may change something, and what the workflow was worth before it.
    pub(super) fn begin(&mut self, store: &dyn Store, opening: &Opening) -> Result<(), EngineError> {
        let Opening { record, is_new } = opening;
        if !record.due || record.action == Action::Skip || !(*is_new || record.has_more) {
            return Ok(());
        }
        let (schema, roi) = (Beginning::SCHEMA.to_owned(), record.roi);
        append(store, BEGINNING, &self.config.name, &Beginning { schema, roi, opening: Some(opening.clone()) })?;
        (self.begun, self.begun_cycle) = (self.begun.or(roi), Some(opening.clone()));
        Ok(())
    }

    /// Keeps a cycle: first its event, which all else can be made from, then the file of state.
    pub(super) fn keep(
        &mut self,
        project: &Project,
        store: &dyn Store,
        record: CycleRecord,
    ) -> Result<(), EngineError> {
        self.since = append(store, CYCLE, &self.config.name, &record)?;
        self.begun_cycle = None;
        let path = file_name(&self.config);
        let before = match std::fs::read(project.data_dir().join(&path)) {
            Ok(bytes) => Some(Digest::of(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(wrong(&self.config, &format!("cannot read {path}: {error}"))),
        };
        let mut transaction = project.transaction();
        transaction.replace_in_data(&path, before, record.engine_state.clone());
        transaction.commit()?;
        self.last = Some(record);
        Ok(())
    }
}

/// What became of a file of state.
enum File {
    Reads(EngineState),
    Gone,
    Damaged { aside: String, what: String },
}

fn read_state(project: &Project, config: &EngineConfig) -> Result<File, EngineError> {
    let path = project.data_dir().join(file_name(config));
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::Gone),
        Err(error) => return Err(wrong(config, &format!("cannot read {}: {error}", shown(&path)))),
    };
    let text = String::from_utf8_lossy(&bytes);
    match EngineState::from_json(&text) {
        Ok(state) => Ok(File::Reads(state)),
        // One of a newer program is whole, and is not to be replaced by an older one.
        Err(error @ holobiont_core::cycle::DocumentError::Schema { .. }) => {
            Err(wrong(config, &format!("{}: {error}", shown(&path))))
        }
        Err(error) => {
            let aside = keep_aside(&path)
                .map_err(|error| wrong(config, &format!("cannot keep {} aside: {error}", shown(&path))))?;
            Ok(File::Damaged { aside: shown(&aside), what: format!("{}: {error}", shown(&path)) })
        }
    }
}

fn parse(config: &EngineConfig, text: &str) -> Result<EngineState, EngineError> {
    EngineState::from_json(text).map_err(|error| wrong(config, &format!("its last cycle in the store: {error}")))
}

fn file_name(config: &EngineConfig) -> String {
    format!("{}.json", config.name)
}

fn shown(path: &std::path::Path) -> String {
    printable(&path.to_string_lossy())
}

fn wrong(config: &EngineConfig, what: &str) -> EngineError {
    EngineError::State { engine: config.name.clone(), what: what.to_owned() }
}

/// Engines of one project draw differently.
fn seed_of(project: &Project, config: &EngineConfig) -> u64 {
    let digest = Digest::of(config.name.as_bytes());
    digest.as_bytes().iter().take(8).fold(project.settings.seed, |seed, byte| seed.rotate_left(8) ^ u64::from(*byte))
}
