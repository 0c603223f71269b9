//! Classes of inputs: what strangers send.

use serde::{Deserialize, Serialize};

/// A class of inputs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum InputClass {
    /// As the workflow has it.
    Nominal,
    /// No bytes at all.
    Empty,
    /// Several times as long.
    Huge,
    /// The beginning of it only.
    Truncated,
    /// With damage in it.
    Malformed,
    /// Bytes that are no text.
    NotUtf8,
    /// Made to make programs slow or wrong: long runs, deep nesting, numbers at their limits.
    Adversarial,
}
