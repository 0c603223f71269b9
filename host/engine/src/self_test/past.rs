//! What was tested before, as the store has it.

use std::collections::BTreeMap;

use holobiont_core::inclusion::FalseRejections;
use holobiont_core::{Digest, ModuleId};

use super::report::CandidateReport;
use crate::history::{HistoryError, REMOVED, append, events};
use crate::store::{Store, StoreError};

/// The kind of event that a candidate's test is.
pub(crate) const TESTED: &str = "self-tested";

/// Keeps what a candidate came to, unless that is what it came to the last time.
pub(super) fn keep(store: &dyn Store, report: &CandidateReport) -> Result<(), HistoryError> {
    let past = events::<CandidateReport>(store, TESTED, report.module.as_str(), CandidateReport::SCHEMA)?;
    if past.last().is_none_or(|(_, _, last)| last != report) {
        append(store, TESTED, report.module.as_str(), report)?;
    }
    Ok(())
}

/// How often early stages were wrong: of each module's bytes and each workflow what was found last, in all tests of the
/// project and in this one.
pub(super) fn false_rejections(
    store: &dyn Store,
    current: &[CandidateReport],
) -> Result<FalseRejections, HistoryError> {
    let mut last: BTreeMap<(Digest, String), (bool, bool)> = BTreeMap::new();
    let mut take = |report: &CandidateReport| {
        for measures in report.workflows.iter().filter(|measures| measures.early.is_some()) {
            last.insert((report.digest, measures.workflow.clone()), (measures.audited, measures.passed));
        }
    };
    for module in store.subjects(TESTED)? {
        for (_, _, report) in events::<CandidateReport>(store, TESTED, &module, CandidateReport::SCHEMA)? {
            take(&report);
        }
    }
    current.iter().for_each(take);
    let mut counted = FalseRejections::default();
    for (audited, passed) in last.into_values() {
        counted.count(audited, passed);
    }
    Ok(counted)
}

/// Whether a module with these bytes was taken out by hand, and not put in again since.
pub(super) fn removed_by_hand(store: &dyn Store, id: &ModuleId, digest: &Digest) -> Result<bool, StoreError> {
    let mut removed = false;
    store.events(REMOVED, id.as_str(), &mut |_, event| removed |= event.document.contains(&digest.to_string()))?;
    Ok(removed)
}
