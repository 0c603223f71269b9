//! Saying what is wrong in a JSON file: where, what, and what would be right.

use crate::text::printable;
use crate::toml_text::unknown;

/// One line for a JSON error: `line 3: unknown key `digset`: did you mean `digest`?`.
pub(crate) fn explain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let line = error.line();
    if line == 0 {
        return printable(&message);
    }
    let place = format!(" at line {line} column {}", error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message);
    format!("line {line}: {}", unknown(message).unwrap_or_else(|| printable(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_comes_first_and_a_slip_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            #[expect(dead_code, reason = "only its name matters")]
            digest: u8,
        }
        let words = |text: &str| explain(&serde_json::from_str::<Table>(text).expect_err("a mistake"));
        assert_eq!(words("{\n\n\"digset\": 1}"), "line 3: unknown key `digset`: did you mean `digest`?");
        assert_eq!(words("{\n\"digest\": \"\\u001b\"}"), "line 2: invalid type: string \"\\u{1b}\", expected u8");
        assert_eq!(words("{"), "line 1: EOF while parsing an object");
        assert_eq!(words("{}"), "line 1: missing field `digest`");
        assert!(words("{\"digest\": 1,\n}").starts_with("line 2: trailing comma"));
    }
}
