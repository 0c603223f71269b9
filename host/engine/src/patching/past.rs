//! What was tried before, as the store has it.

use std::collections::HashSet;

use holobiont_core::{Digest, ModuleId};
use holobiont_sandbox::PatchAttempt;

use super::report::PatchTried;
use crate::history::{HistoryError, append, events};
use crate::store::{Store, StoreError};

/// The kind of event that an attempt is, of the workflow.
const PATCHED: &str = "patched";

/// So many attempts a patcher is told of, the last ones.
const MOST_ATTEMPTS: usize = 1000;

/// All attempts at a workflow, oldest first.
pub(super) struct Past {
    tried: Vec<PatchTried>,
    /// The same by incumbent and proposal.
    known: HashSet<(Digest, Digest)>,
}

impl Past {
    pub(super) fn of(store: &dyn Store, workflow: &str) -> Result<Self, HistoryError> {
        let mut past = Self { tried: Vec::new(), known: HashSet::new() };
        for (_, _, tried) in events::<PatchTried>(store, PATCHED, workflow, PatchTried::SCHEMA)? {
            past.add(&tried);
        }
        Ok(past)
    }

    pub(super) fn add(&mut self, tried: &PatchTried) {
        self.known.insert((tried.incumbent, tried.proposal));
        self.tried.push(tried.clone());
    }

    /// Whether a proposal was looked at for an incumbent.
    pub(super) fn was_tried(&self, incumbent: &Digest, proposal: &Digest) -> bool {
        self.known.contains(&(*incumbent, *proposal))
    }

    /// How many proposals were judged.
    pub(super) fn judged(&self) -> usize {
        self.tried.iter().filter(|tried| tried.gain.is_some()).count()
    }

    /// What a patcher is told: the values that were tried of the same question, each beside what the incumbent of now
    /// earns, so that all gains are on one scale, whatever the incumbent was then.
    pub(super) fn history(&self, question: &Digest, profit_now: f64) -> Vec<PatchAttempt> {
        let of = |tried: &PatchTried| {
            let after = tried.after.filter(|_| tried.question == *question && tried.component.is_none())?;
            let id = ModuleId::new(&tried.module).ok()?;
            Some(PatchAttempt { id, values: tried.settings.clone(), gain: after - profit_now })
        };
        let mut history: Vec<PatchAttempt> = self.tried.iter().rev().filter_map(of).take(MOST_ATTEMPTS).collect();
        history.reverse();
        history
    }
}

/// Keeps an attempt.
pub(super) fn keep(store: &dyn Store, tried: &PatchTried) -> Result<(), StoreError> {
    append(store, PATCHED, &tried.workflow, tried)
}
