//! Is the group worth more than its parts, by how much, how sure are we, and thanks to whom: the
//! statistics behind the answer, as pure functions. Seeds are arguments.
//!
//! | question | here |
//! | --- | --- |
//! | thanks to whom, up to 12 modules | [`Game`]: Shapley values and pairwise interactions, exact |
//! | thanks to whom, beyond | [`ShapleyPlan`], [`InteractionPlan`]: estimates with standard errors |
//! | how sure, of a difference or a ratio | [`Bootstrap`]: an [`Interval`], or not enough data |
//! | is there anything | [`sign_flip`]: a p-value |
//! | may we stop early | [`Bets`], [`MeanSequence`]: verdicts and intervals that may be looked at after every input |
//! | of many groups, which | [`benjamini_yekutieli`] for p-values, [`e_benjamini_hochberg`] for bets |
//! | which groups to try | [`Search`]: all of them up to 12 modules, a beam beyond |
//! | how often is the gate wrong | [`wilson`]: a proportion with its interval |

mod betting;
mod bootstrap;
mod coalition;
mod games;
mod multiple;
mod sampling;
mod search;
mod signflip;
mod wilson;

pub use betting::{BetError, Bets, MeanSequence, Verdict};
pub use bootstrap::{Bootstrap, Estimate, Interval, IntervalMethod, LEAST_INPUTS};
pub use coalition::Coalition;
pub use games::{EXACT_PLAYERS, Game, GameError, Interactions};
pub use multiple::{benjamini_yekutieli, e_benjamini_hochberg};
pub use sampling::{InteractionPlan, Sampled, ShapleyPlan};
pub use search::{Ask, Finalist, Goal, Search, SearchError, SearchOutcome};
pub use signflip::{PValue, Side, sign_flip};
pub use wilson::{Proportion, wilson};
