//! Modules that nobody uses yet: found, tried, and taken in where they earn it.

mod engines;
mod families;
mod hand;
mod stages;
mod walkthrough;
mod weights;
pub(crate) mod yard;
