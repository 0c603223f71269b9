//! Learners that are networks: deep Q-networks, TD3 and SAC, on states and actions that are vectors.
//!
//! Each agent is used alike: ask it what to do ([`Dqn::act`]), tell it what came of it ([`Dqn::observe`]), let it learn
//! ([`Dqn::learn`]). A seed fixes all that it does. Saving gives bytes, so that whoever has a file can replace it whole.
//!
//! - [`Dqn`]: a few actions, plain or double;
//! - [`Td3`], [`Sac`]: actions that are numbers from -1 to 1;
//! - [`Draws`]: chance with a place that can be kept.

mod critics;
mod dqn;
mod draws;
mod network;
mod neural;
mod replay;
mod sac;
mod saved;
mod td3;

pub use critics::ContinuousConfig;
pub use dqn::{Dqn, DqnConfig};
pub use draws::{Draws, Place};
pub(crate) use neural::NeuralLearner;
pub use replay::Transition;
pub use sac::{Sac, SacConfig};
pub use saved::SavedError;
pub use td3::{Td3, Td3Config};
