//! Linked modules: one that imports what another exports, each in a sandbox of its own.
//!
//! When a module is loaded among others, an import that the host does not offer is met by the first of the
//! others that exports it ([`resolve`]); the host stands between the two and forwards the calls
//! ([`forward`]). Each has its own memory, limits and bill, so what either does is measured as if it ran
//! alone, and neither sees more of the other than the values that cross.
//!
//! The others were loaded before, so links lead backwards only: there are no cycles, and a call cannot lead
//! back into a module that is in a call.

mod forward;
mod resolve;
mod types;
mod value;

pub(crate) use self::forward::link;
pub(crate) use self::resolve::{Linkage, linkage, meets};
pub(crate) use self::types::{Parts, functions, only_types};

/// The longest chain of modules that call each other: each takes a stack of its own.
pub(crate) const MOST_DEEP: usize = 8;
