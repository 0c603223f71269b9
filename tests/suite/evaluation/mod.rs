//! The engine: what a question needs is run and nothing else, and the answer is the same however it came about.

mod calibrating;
mod company;
mod killed;
pub(crate) mod lab;
pub(crate) mod modules;
mod objectives;
mod past;
mod presets;
mod remembering;
mod same;
mod scenarios;
mod searching;
mod stricter;
mod sums;
