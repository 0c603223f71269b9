//! The fixtures of the tests: modules that are good, awkward or hostile, each with a name.
//!
//! They are built by this crate's build script from two places: plugins/fixtures for what Rust can
//! express, where one module has many acts and each act is a fixture; and wat/ for what it cannot.
//! [`foreach_fixture!`] calls a macro with the name of each, which is how the suite makes a fixture
//! without a test a compile error.

/// A module and what it is to do.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// Its name: that of its constant, and of its test.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// The bytes of the module.
    pub wasm: &'static [u8],
    /// Which of the module's acts it is: the parameter `act` of a candidate or pipeline, the input of a command.
    pub act: Option<&'static str>,
}

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
