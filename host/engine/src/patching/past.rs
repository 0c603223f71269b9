//! What was tried before, as the store has it.

use std::collections::HashSet;

use holobiont_core::{Digest, ModuleId};
use holobiont_sandbox::PatchAttempt;
use serde::{Deserialize, Serialize};

use super::report::PatchTried;
use crate::history::{HistoryError, append, events};
use crate::store::{Store, StoreError};

/// The kind of event that an attempt is, of the workflow.
pub(crate) const PATCHED: &str = "patched";

/// The kind of event that the end of a round is, of the workflow: written before its files change.
pub(crate) const ROUND: &str = "patch-round";

/// So many attempts a patcher is told of, the last ones.
const MOST_ATTEMPTS: usize = 1000;

/// What a round came to. Where its attempts are no events yet, its command was ended before they could be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Round {
    /// [`Round::SCHEMA`].
    schema: String,
    /// What was looked at.
    pub(super) tried: Vec<PatchTried>,
    /// What the incumbent's worth depends on after it.
    after: Digest,
}

impl Round {
    /// The schema that this program writes.
    pub(crate) const SCHEMA: &str = "holobiont.patch-round/1";

    pub(super) fn new(tried: Vec<PatchTried>, after: Digest) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), tried, after }
    }

    /// What identifies it: that it is made again is seen by this.
    fn first(&self) -> Option<(Digest, Digest)> {
        self.tried.first().map(|tried| (tried.incumbent, tried.proposal))
    }
}

/// All attempts at a workflow, oldest first.
pub(super) struct Past {
    workflow: String,
    /// Each with the number of its event; 0 of one that is none, in a dry run.
    tried: Vec<(u64, PatchTried)>,
    /// The same by incumbent and proposal.
    known: HashSet<(Digest, Digest)>,
    /// Rounds, with the numbers of their events.
    rounds: Vec<(u64, Round)>,
}

impl Past {
    pub(super) fn of(store: &dyn Store, workflow: &str) -> Result<Self, HistoryError> {
        let rounds = events::<Round>(store, ROUND, workflow, Round::SCHEMA)?;
        let rounds = rounds.into_iter().map(|(number, _, round)| (number, round)).collect();
        let mut past = Self { workflow: workflow.to_owned(), tried: Vec::new(), known: HashSet::new(), rounds };
        for (number, _, tried) in events::<PatchTried>(store, PATCHED, workflow, PatchTried::SCHEMA)? {
            past.put(number, &tried);
        }
        Ok(past)
    }

    /// Makes good the last round, if its command was ended: what it kept is in the files, by what the incumbent is now, and
    /// its attempts become events; or it is not, and it is as if it had not been.
    pub(super) fn mend(&mut self, store: &dyn Store, incumbent: &Digest) -> Result<(), StoreError> {
        let Some((_, last)) = self.rounds.last() else { return Ok(()) };
        let is_open = last.tried.iter().any(|tried| !self.was_tried(&tried.incumbent, &tried.proposal));
        let is_kept = last.tried.iter().any(|tried| tried.kept);
        if !is_open {
            return Ok(());
        }
        if is_kept && last.after != *incumbent {
            self.rounds.pop();
            return Ok(());
        }
        for tried in last.tried.clone() {
            if !self.was_tried(&tried.incumbent, &tried.proposal) {
                let number = keep(store, &tried)?;
                self.put(number, &tried);
            }
        }
        Ok(())
    }

    /// Writes down what a round came to.
    pub(super) fn write_down(&mut self, store: &dyn Store, round: &Round) -> Result<(), StoreError> {
        let number = append(store, ROUND, &self.workflow, round)?;
        self.rounds.push((number, round.clone()));
        Ok(())
    }

    /// How many rounds there were after an event, each once however often it had to be made.
    pub(super) fn rounds_since(&self, number: u64) -> u32 {
        let since = self.rounds.iter().filter(|(own, _)| *own > number);
        let distinct: HashSet<_> = since.filter_map(|(_, round)| round.first()).collect();
        u32::try_from(distinct.len()).unwrap_or(u32::MAX)
    }

    /// What was kept after an event, in words.
    pub(super) fn kept_since(&self, number: u64) -> Vec<String> {
        let since = self.tried.iter().filter(|(own, tried)| *own > number && tried.kept);
        since.map(|(_, tried)| tried.to_string()).collect()
    }

    pub(super) fn add(&mut self, tried: &PatchTried) {
        self.put(0, tried);
    }

    fn put(&mut self, number: u64, tried: &PatchTried) {
        self.known.insert((tried.incumbent, tried.proposal));
        self.tried.push((number, tried.clone()));
    }

    /// Whether a proposal was looked at for an incumbent.
    pub(super) fn was_tried(&self, incumbent: &Digest, proposal: &Digest) -> bool {
        self.known.contains(&(*incumbent, *proposal))
    }

    /// How many proposals were judged.
    pub(super) fn judged(&self) -> usize {
        self.tried.iter().filter(|(_, tried)| tried.gain.is_some()).count()
    }

    /// What a patcher is told: the values that were tried of the same question, each beside what the incumbent of now
    /// earns, so that all gains are on one scale, whatever the incumbent was then.
    pub(super) fn history(&self, question: &Digest, profit_now: f64) -> Vec<PatchAttempt> {
        let of = |(_, tried): &(u64, PatchTried)| {
            let after = tried.after.filter(|_| tried.question == *question && tried.component.is_none())?;
            let id = ModuleId::new(&tried.module).ok()?;
            Some(PatchAttempt { id, values: tried.settings.clone(), gain: after - profit_now })
        };
        let mut history: Vec<PatchAttempt> = self.tried.iter().rev().filter_map(of).take(MOST_ATTEMPTS).collect();
        history.reverse();
        history
    }
}

/// Keeps an attempt, and says the number of its event.
pub(super) fn keep(store: &dyn Store, tried: &PatchTried) -> Result<u64, StoreError> {
    append(store, PATCHED, &tried.workflow, tried)
}
