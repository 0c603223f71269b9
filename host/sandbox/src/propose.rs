//! Asking a patcher what to change.

use std::collections::BTreeMap;

use holobiont_core::{Domain, Measurement, ModuleId, Tunable};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::arm::moved;
use crate::attribution::Answer;
use crate::error::SandboxError;
use crate::module::Module;
use crate::nest::Room;
use crate::run::{Job, allow_output, execute};
use crate::sandbox::Sandbox;
use crate::scan::ModuleKind;
use crate::state::RunState;
use crate::types::{
    AskedParameter, Context, Failure, GivenAttempt, GivenTarget, Parameter, Patch as GivenPatch, patches_bytes,
};

/// What a patcher may base its proposals on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatchContext {
    /// The modules that may be changed.
    pub targets: Vec<PatchTarget>,
    /// What was tried before, oldest first.
    pub history: Vec<PatchAttempt>,
    /// The same context with the same seed gives the same proposals.
    pub seed: u64,
}

/// A module that may be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchTarget {
    /// The module.
    pub id: ModuleId,
    /// The parameters that may be tuned.
    pub tunables: Vec<Tunable>,
    /// The values that they have now, where they are set.
    pub current: BTreeMap<String, String>,
}

/// An earlier proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchAttempt {
    /// The module that was changed.
    pub id: ModuleId,
    /// The values that it had.
    pub values: BTreeMap<String, String>,
    /// Mean gain over the incumbent, in credits per input.
    pub gain: f64,
}

/// A change that a patcher proposes. Every word of it is the patcher's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch {
    /// Other values for parameters.
    Parameters {
        /// The module, as the patcher names it.
        id: String,
        /// Names and values. What is left out stays.
        values: Vec<(String, String)>,
    },
    /// Other bytes for a module.
    Component {
        /// The module, as the patcher names it.
        id: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

/// What came of asking a patcher. The output of the run, by which its limit is counted and its digest made, is the
/// proposals one after another: their number, and of each the kind and the texts and bytes, each with its length before
/// it, numbers in eight bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proposed {
    /// The patcher's own run.
    pub measurement: Measurement,
    /// Its proposals, most promising first; none unless it completed.
    pub patches: Vec<Patch>,
}

impl Sandbox {
    /// Asks a patcher what to change. The input and parameters of the job are not for it.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] for a fault of the host, or for a module that is no patcher. Whatever the guest does is in
    /// the measurement.
    pub fn propose(&self, module: &Module, job: &Job<'_>, context: &PatchContext) -> Result<Proposed, SandboxError> {
        if module.kind() != ModuleKind::Patcher {
            return Err(SandboxError::Kind { kind: module.kind().name(), asked: "propose changes" });
        }
        let within = self.within(job, None);
        let mut said = Vec::new();
        let (run, _) = self.in_room(Room::of(module), || {
            execute(module, job, within, |store, instance, module, job| {
                call_patcher(store, instance, module, job, context, &mut said)
            })
        })?;
        if !run.measurement.outcome.is_completed() {
            said.clear();
        }
        Ok(Proposed { measurement: run.measurement, patches: said })
    }
}

/// Hands the context over and keeps what is proposed in `said`.
fn call_patcher(
    store: &mut Store<RunState>,
    instance: &Instance,
    module: &Module,
    job: &Job<'_>,
    context: &PatchContext,
    said: &mut Vec<Patch>,
) -> wasmtime::Result<Answer> {
    let current: Vec<Vec<Parameter<'_>>> = context.targets.iter().map(|target| given(&target.current)).collect();
    let values: Vec<Vec<Parameter<'_>>> = context.history.iter().map(|attempt| given(&attempt.values)).collect();
    let targets = context.targets.iter().zip(&current).map(|(target, current)| GivenTarget {
        id: target.id.as_str(),
        tunables: target.tunables.iter().cloned().map(Into::into).collect(),
        current,
    });
    let history = context.history.iter().zip(&values).map(|(attempt, values)| GivenAttempt {
        id: attempt.id.as_str(),
        values,
        gain: attempt.gain,
    });
    let context = Context { targets: targets.collect(), history: history.collect(), seed: context.seed };
    moved(store, context.bytes())?;
    let propose = instance
        .get_typed_func::<(Context<'_>,), (Result<Vec<GivenPatch>, Failure>,)>(&mut *store, module.inner.entry)?;
    match propose.call(&mut *store, (context,))?.0 {
        Err(failure) => {
            moved(store, 0)?;
            Ok(Answer::Failed(failure))
        }
        Ok(patches) => {
            let moves = patches_bytes(&patches);
            let patches: Vec<Patch> = patches.into_iter().map(Into::into).collect();
            allow_output(store, output_bytes(&patches), job)?;
            moved(store, moves)?;
            let output = output(&patches);
            *said = patches;
            Ok(Answer::Bytes(output))
        }
    }
}

fn given(values: &BTreeMap<String, String>) -> Vec<Parameter<'_>> {
    values.iter().map(|(name, value)| Parameter { name, value }).collect()
}

impl From<GivenPatch> for Patch {
    fn from(patch: GivenPatch) -> Self {
        let pair = |AskedParameter { name, value }| (name, value);
        match patch {
            GivenPatch::Parameters(patch) => {
                Self::Parameters { id: patch.id, values: patch.values.into_iter().map(pair).collect() }
            }
            GivenPatch::Component(patch) => Self::Component { id: patch.id, bytes: patch.component },
        }
    }
}

/// The parts that proposals are written as, in their order.
fn parts(patches: &[Patch], take: &mut dyn FnMut(&[u8])) {
    take(&(patches.len() as u64).to_le_bytes());
    for patch in patches {
        match patch {
            Patch::Parameters { id, values } => {
                take(&[0]);
                text(id.as_bytes(), take);
                take(&(values.len() as u64).to_le_bytes());
                for (name, value) in values {
                    text(name.as_bytes(), take);
                    text(value.as_bytes(), take);
                }
            }
            Patch::Component { id, bytes } => {
                take(&[1]);
                text(id.as_bytes(), take);
                text(bytes, take);
            }
        }
    }
}

fn text(bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
    take(&(bytes.len() as u64).to_le_bytes());
    take(bytes);
}

/// How long the output of some proposals is, before it is made.
fn output_bytes(patches: &[Patch]) -> usize {
    let mut bytes = 0;
    parts(patches, &mut |part| bytes += part.len());
    bytes
}

fn output(patches: &[Patch]) -> Vec<u8> {
    let mut output = Vec::with_capacity(output_bytes(patches));
    parts(patches, &mut |part| output.extend_from_slice(part));
    output
}

impl From<Tunable> for crate::types::Tunable {
    fn from(tunable: Tunable) -> Self {
        let Tunable { name, summary, domain, default } = tunable;
        let domain = match domain {
            Domain::Integer(low, high) => crate::types::Domain::Integer((low, high)),
            Domain::Number(low, high) => crate::types::Domain::Number((low, high)),
            Domain::Choice(words) => crate::types::Domain::Choice(words),
            Domain::Text => crate::types::Domain::Text,
        };
        Self { name, summary, domain, default }
    }
}

impl From<crate::types::Tunable> for Tunable {
    fn from(tunable: crate::types::Tunable) -> Self {
        let crate::types::Tunable { name, summary, domain, default } = tunable;
        let domain = match domain {
            crate::types::Domain::Integer((low, high)) => Domain::Integer(low, high),
            crate::types::Domain::Number((low, high)) => Domain::Number(low, high),
            crate::types::Domain::Choice(words) => Domain::Choice(words),
            crate::types::Domain::Text => Domain::Text,
        };
        Self { name, summary, domain, default }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_outputs_are_of_equal_proposals() {
        let tune = |id: &str, values: &[(&str, &str)]| Patch::Parameters {
            id: id.to_owned(),
            values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        let replace = |id: &str, bytes: &[u8]| Patch::Component { id: id.to_owned(), bytes: bytes.to_owned() };
        let cases = [
            vec![],
            vec![tune("", &[])],
            vec![tune("a", &[("b", "c")])],
            vec![tune("a", &[("bc", "")])],
            vec![tune("ab", &[("", "c")])],
            vec![tune("a", &[]), tune("b", &[])],
            vec![replace("a", b"bc")],
            vec![replace("ab", b"c")],
        ];
        for (place, case) in cases.iter().enumerate() {
            assert_eq!(output(case).len(), output_bytes(case));
            assert!(cases.iter().skip(place + 1).all(|other| output(other) != output(case)), "{case:?}");
        }
        assert_eq!(output(&[]), [0; 8]);
        assert_eq!(output(&[replace("a", b"bc")]).len(), 8 + 1 + 9 + 10);
    }
}
