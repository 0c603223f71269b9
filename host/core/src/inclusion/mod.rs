//! How a module that nobody uses yet is tried, cheapest first, and where in a workflow it can go.
//!
//! A candidate goes through the [`Stage`]s in their order and ends at the first that it does not pass, but for a share
//! of those that were turned away early, which [`is_audited`] draws: they go on, so that it is known how often the
//! early stages are wrong. Where its types let it go in a workflow, [`Types::places`] says; what came of it on each
//! input is [`Earned`], of which the estimates are made that [`Gate::judge_candidate`](crate::Gate::judge_candidate)
//! decides by.
//!
//! ```
//! use holobiont_core::Gate;
//! use holobiont_core::inclusion::{Earned, Types};
//!
//! // A module that takes text has one place in a workflow whose first step makes something else of it.
//! let binary = Types { accepts: vec![], emits: Some("application/octet-stream".to_owned()) };
//! let text = Types { accepts: vec!["text/*".to_owned()], emits: None };
//! assert_eq!(text.places("text/csv", &[binary]), [0]);
//!
//! // With it the others earn more than without it.
//! let without = Earned { values: vec![1.0; 8], costs: vec![0.5; 8] };
//! let with = Earned { values: vec![2.0, 2.1, 2.2, 2.3, 2.0, 2.1, 2.2, 2.3], costs: vec![0.6; 8] };
//! let gain = with.synergy_roi(&without, &Gate::default(), 7);
//! assert!(gain.interval().is_some_and(|interval| interval.low > 0.0));
//! ```

mod audit;
mod earned;
mod places;
mod split;
mod stage;

pub use audit::{AUDIT_SHARE, FalseRejections, is_audited};
pub use earned::Earned;
pub use places::Types;
pub use split::{Split, split};
pub use stage::Stage;
