//! The sandboxes of the modules that a run calls by import, while the run lasts.

use holobiont_core::{Digest, Outcome, Part, Relation};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::RunState;
use crate::workspace::Marks;

/// One sandbox for each module that a run has called so far, in the order of their first calls. The table
/// is with the module that is running now: it goes down with a call and comes back with the return.
#[derive(Debug, Default)]
pub(crate) struct Callees {
    /// The run's own seed, from which those of its parts are made.
    pub(crate) seed: u64,
    slots: Vec<(Digest, Option<Box<Callee>>)>,
}

/// A module that is called by import: an instance in a store of its own, kept from call to call.
pub(crate) struct Callee {
    pub(crate) digest: Digest,
    pub(crate) store: Store<RunState>,
    /// None until the first call, which makes it.
    pub(crate) instance: Option<Instance>,
    /// Core instances and memories that its component has.
    pub(crate) sizes: (u64, u64),
    pub(crate) calls: u64,
    pub(crate) outcome: Outcome,
    /// What it did to the run's workspace.
    pub(crate) marks: Marks,
}

impl Callees {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, slots: Vec::new() }
    }

    /// Takes a module's sandbox out for a call, or makes it and a place for it. `None` while it is in a call:
    /// modules link to such as were there before them, so that no call leads back into a caller.
    pub(crate) fn take(&mut self, identity: &Digest, make: impl FnOnce(u64) -> Box<Callee>) -> Option<Box<Callee>> {
        match self.slots.iter_mut().find(|(known, _)| known == identity) {
            Some((_, callee)) => callee.take(),
            None => {
                self.slots.push((*identity, None));
                Some(make(self.seed))
            }
        }
    }

    /// Puts a sandbox back where it was taken from.
    pub(crate) fn put(&mut self, identity: &Digest, callee: Box<Callee>) {
        if let Some((_, slot)) = self.slots.iter_mut().find(|(known, _)| known == identity) {
            *slot = Some(callee);
        }
    }

    /// What the modules did in all. Their sandboxes end here.
    pub(crate) fn into_parts(self) -> Vec<Part> {
        self.slots.into_iter().filter_map(|(_, callee)| callee).map(|callee| callee.into_part()).collect()
    }
}

impl Callee {
    fn into_part(self) -> Part {
        let mut state = self.store.into_data();
        // The workspace is the run's; what was this module's share of it is in the marks.
        let mut marks = self.marks;
        state.workspace.exchange(&mut marks);
        let mut usage = state.usage();
        usage.output_bytes = state.stdout.len() as u64;
        (usage.instances, usage.memories) = self.sizes;
        Part { digest: self.digest, relation: Relation::Linked, calls: self.calls, outcome: self.outcome, usage }
    }
}

impl std::fmt::Debug for Callee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callee").field("digest", &self.digest).field("calls", &self.calls).finish_non_exhaustive()
    }
}
