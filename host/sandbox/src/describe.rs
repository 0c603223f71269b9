//! What a module says of itself.

use holobiont_core::{Limits, Measurement, Tunable};

use crate::attribution::Answer;
use crate::error::SandboxError;

use crate::module::{Module, entry_export};
use crate::nest::{MOST_DESCRIPTOR_BYTES, Room};
use crate::run::{Job, call_describe, execute};
use crate::sandbox::Sandbox;
use crate::scan::ModuleKind;

/// What a module says of itself, and what came of asking it. The words are the module's: nobody need believe them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Described {
    /// The run in which it was asked.
    pub measurement: Measurement,
    /// The media types that it takes; any where there are none.
    pub accepts: Vec<String>,
    /// The media type of what it gives back; none for that of what it was given.
    pub emits: Option<String>,
    /// The parameters that may be tuned.
    pub tunables: Vec<Tunable>,
}

impl Sandbox {
    /// Asks a candidate what it takes and gives, and what may be tuned. `None` for a module of another kind, and for one without a `describe`:
    /// neither has words for it.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host. Whatever the guest does is in the measurement.
    pub fn describe(&self, module: &Module, limits: &Limits) -> Result<Option<Described>, SandboxError> {
        if module.kind() != ModuleKind::Candidate || !describes(module) {
            return Ok(None);
        }
        let most = limits.host_call_bytes.min(MOST_DESCRIPTOR_BYTES);
        let job = Job::new(&[]).limits(Limits { host_call_bytes: most, ..limits.clone() });
        let within = self.within(&job, None);
        let mut said = None;
        let (run, _) = self.in_room(Room::of(module), || {
            execute(module, &job, within, |store, instance, module, _| {
                said = Some(call_describe(store, instance, module)?);
                Ok(Answer::Bytes(Vec::new()))
            })
        })?;
        let measurement = run.measurement;
        let said = said.filter(|_| measurement.outcome.is_completed()).unwrap_or_default();
        let tunables = said.tunables.into_iter().map(Into::into).collect();
        Ok(Some(Described { accepts: said.accepts, emits: said.emits, tunables, measurement }))
    }
}

/// Whether a candidate exports what it is asked by.
fn describes(module: &Module) -> bool {
    let component = module.inner.pre.component();
    entry_export(module.kind(), &module.facts().exports)
        .and_then(|export| component.get_export_index(None, export))
        .is_some_and(|interface| component.get_export_index(Some(&interface), "describe").is_some())
}
