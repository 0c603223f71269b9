//! Saying what is wrong in a TOML file: where, what, and what would be right.

use crate::suggest::nearest;
use crate::text::printable;

/// One line for a TOML error: `line 3: unknown key `imputs`: did you mean `inputs`?`.
#[must_use]
pub fn explain(error: &toml::de::Error, text: &str) -> String {
    let place = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or(text);
        format!("line {}: ", before.matches('\n').count() + 1)
    });
    let message = error.message().trim();
    let words = unknown_key(message).unwrap_or_else(|| printable(message));
    format!("{}{words}", place.unwrap_or_default())
}

/// serde's "unknown field `a`, expected one of `b`, `c`", shortened to the nearest known key.
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let given = quoted.next()?;
    let known: Vec<&str> = quoted.collect();
    let remedy = match nearest(given, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys are {}", known.join(", ")),
    };
    Some(format!("unknown key `{}`: {remedy}", printable(given)))
}
