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
    let words = unknown(message).unwrap_or_else(|| printable(message));
    format!("{}{words}", place.unwrap_or_default())
}

/// serde's "unknown field `a`, expected one of `b`, `c`", shortened to the nearest known key; and the same for the
/// values that a key can have.
pub(crate) fn unknown(message: &str) -> Option<String> {
    let (what, rest) = match message.strip_prefix("unknown field `") {
        Some(rest) => ("key", rest),
        None => ("value", message.strip_prefix("unknown variant `")?),
    };
    // A key may hold anything, quotes included; what serde says after it does not.
    let (given, expected) = rest.rsplit_once("`, expected ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let remedy = match nearest(given, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {what}s are {}", known.join(", ")),
    };
    Some(format!("unknown {what} `{}`: {remedy}", printable(given)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_speak_for_the_host() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            #[expect(dead_code, reason = "only its name matters")]
            known: u8,
        }
        let text = "\"know`, expected `\\u001b[2J\" = 1";
        let error = toml::from_str::<Table>(text).expect_err("an unknown key");
        let words = explain(&error, text);
        assert!(!words.contains('\u{1b}') && words.starts_with("line 1: unknown key `know"), "{words}");
    }

    #[test]
    fn a_value_that_is_none_of_those_known_is_named_with_the_nearest() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Way {
            There,
            Back,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Table {
            #[expect(dead_code, reason = "only its values matter")]
            way: Way,
        }
        let words = |text: &str| explain(&toml::from_str::<Table>(text).expect_err("an unknown value"), text);
        assert_eq!(words("way = \"bakc\""), "line 1: unknown value `bakc`: did you mean `back`?");
        assert_eq!(words("way = \"up\""), "line 1: unknown value `up`: known values are there, back");
    }
}
