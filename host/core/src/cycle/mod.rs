//! When the cycle of an engine runs, how much it may use, and how many engines there should be.
//!
//! An engine looks for better ways to do what a project does, one cycle after the other, and remembers what each brought
//! ([`EngineState`]). Everything here is a function of what it is told: time, capital and the policy's value come in as
//! numbers, and each answer says what every part of it rests on.
//!
//! - [`Trigger`] says whether a cycle runs now: time, policy, forecast and alarms ask for it; too little capital and
//!   failures in a row forbid it;
//! - [`energy_for`] says how much it may use, from 1 to 100; an energy of 1 buys so much fuel as a host says;
//! - [`MetaLog`] says which modules were there when cycles brought something, for the state of a policy;
//! - [`ConvergenceRules`] and [`is_settled`] say whether there is anything left to wait for;
//! - [`Autoscale`] says whether there should be an engine more or one less.
//!
//! ```
//! use holobiont_core::cycle::{Autoscale, EnergyInputs, EngineState, Load, ScaleState, Scaling, Signals, Trigger, energy_for};
//!
//! // A cycle brought 0.2 an hour ago. The next is due, and there is capital for it.
//! let mut state = EngineState::default();
//! state.record(0.2, 1_000)?;
//! let signals = Signals { capital: Some(0.8), ..Signals::default() };
//! let decision = Trigger::default().should_trigger(&state, &signals, 3_601_000);
//! assert!(decision.go);
//! assert_eq!(decision.reasons[0].because, "the last cycle was 60.0 min ago, not less than 60.0 min");
//!
//! // What it brought raises what the next may use, from the 4 that the capital is worth.
//! let plan = energy_for(&EnergyInputs {
//!     capital: Some(0.8),
//!     short_mean: state.short_mean(),
//!     roi_delta_ema: state.roi_delta_ema(),
//!     ..EnergyInputs::default()
//! });
//! assert_eq!((plan.energy, plan.fuel(10_000_000)), (5, 50_000_000));
//!
//! // Somebody who has no engine gets one; whoever made it says so.
//! let (scale, mut scaled) = (Autoscale::default(), ScaleState::default());
//! let answer = scale.decide(&mut scaled, &Load { capital: 0.8, trend: 0.2, engines: &[] }, 3_601_000);
//! assert!(matches!(&answer, Scaling::Add { name, .. } if name == "engine-1"));
//! scaled.changed(&answer, 3_601_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod autoscale;
mod convergence;
mod energy;
mod meta_log;
mod state;
mod trigger;

pub use self::autoscale::{Autoscale, Load, ScaleState, Scaling, earned_share, long_term_trend};
pub use self::convergence::{Convergence, ConvergenceRules, is_settled, noise_threshold};
pub use self::energy::{EnergyInputs, EnergyPart, EnergyPlan, WeightedSynergy, energy_for};
pub use self::meta_log::MetaLog;
pub use self::state::{AlphaError, DeltaError, EngineState};
pub use self::trigger::{Criterion, Decision, Reason, Says, Signals, Trigger};
pub use crate::document::DocumentError;
