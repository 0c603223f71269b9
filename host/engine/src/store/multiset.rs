//! Which events a store has, and how often: what taking in others skips.

use std::collections::HashMap;

use holobiont_core::Digest;

use super::StoredEvent;

/// Events by their digests, since those of a whole store may be many and long.
#[derive(Default)]
pub(super) struct Multiset(HashMap<Digest, u64>);

impl Multiset {
    pub(super) fn add(&mut self, event: &StoredEvent) {
        *self.0.entry(digest(event)).or_default() += 1;
    }

    /// Takes one out, if there is one.
    pub(super) fn take(&mut self, event: &StoredEvent) -> bool {
        match self.0.get_mut(&digest(event)).filter(|left| **left > 0) {
            None => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

fn digest(event: &StoredEvent) -> Digest {
    let StoredEvent { at_ms, kind, subject, document } = event;
    Digest::of_parts([&at_ms.to_le_bytes()[..], kind.as_bytes(), subject.as_bytes(), document.as_bytes()])
}
