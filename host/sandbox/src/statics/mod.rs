//! What the bytes of a module say of how well it is made, without running or compiling it: the static
//! metrics `maintainability`, `code_quality` and `security_score`, and the exposure that the risk index
//! multiplies with what is observed.
//!
//! They are functions of the bytes and of nothing else. All core modules of a component count together.
//! Only live code counts, that which an export, the start, an element of a table or a global leads to, so
//! that code which nobody can call improves nothing. Custom sections count only where a rule is about them:
//! [`LINTS`] `no-names`, `no-producers`, `no-version`, and `debug-info` of [`SECURITY_RULES`].
//!
//! # From functions to a module
//!
//! Maintainability is the mean over live functions, weighted by their instructions: the index of the
//! function in which an instruction that is picked by chance lies. Neither the median nor a plain mean will
//! do, as half of the functions that a compiler emits are a few instructions of glue: a function of ten
//! thousand instructions would be one vote among hundreds, and splitting off trivial functions would pay.
//!
//! ```text
//! function          one function: its counts and its index
//! core_module       one core module: what is live in it
//! walk              one file, a component or a core module
//! shape             the sums that rules look at
//! rule              what a rule is, how a table makes a score
//! lints, security   the tables
//! ```

mod core_module;
mod function;
mod lints;
mod rule;
mod security;
mod shape;
mod walk;

#[cfg(test)]
mod tests;

use holobiont_core::Outcome;

pub use lints::LINTS;
pub use rule::{Finding, Rule, Score};
pub use security::SECURITY_RULES;

use rule::{judge, rounded};
use security::BASE_EXPOSURE;
use shape::Shape;

/// How well a module is made, by its bytes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statics {
    /// The maintainability index of its code, 0..100, higher is better.
    pub maintainability: f64,
    /// What the [`LINTS`] leave of 100.
    pub code_quality: f64,
    /// What the [`SECURITY_RULES`] leave of 100.
    pub security_score: f64,
    /// How much of the host an incident with it could reach, 0..1, lower is better; never quite 0.
    pub exposure: f64,
    /// Functions defined in it, at all depths.
    pub functions: u64,
    /// Their instructions, without `end`.
    pub instructions: u64,
    /// The rules that apply, in the order of their tables.
    pub findings: Vec<Finding>,
}

/// Reads how well a module is made. Nothing is validated: bytes that do not read are refused, others may
/// still be no valid module.
///
/// It takes time in proportion to the bytes, about a second for 30 MB of the worst kind, and room for four
/// bytes of each call and element and less than a hundred of each function, of which it takes a million.
///
/// # Errors
///
/// The outcome that says why the bytes do not read.
pub fn statics(bytes: &[u8]) -> Result<Statics, Outcome> {
    let shape = walk::walk(bytes)?;
    let mut findings = Vec::new();
    let quality = judge(LINTS, &shape, &mut findings);
    let security = judge(SECURITY_RULES, &shape, &mut findings);
    let closed = (1.0 - BASE_EXPOSURE) * (1.0 - security.exposure);
    Ok(Statics {
        maintainability: maintainability(&shape),
        code_quality: quality.score,
        security_score: security.score,
        exposure: rounded(1.0 - closed),
        functions: shape.functions,
        instructions: shape.instructions,
        findings,
    })
}

/// The mean of the live functions; where there is no live code, nothing has to be maintained.
fn maintainability(shape: &Shape) -> f64 {
    if shape.live_instructions == 0 {
        return 100.0;
    }
    rounded(shape.weighted_maintainability / shape.live_instructions as f64)
}
