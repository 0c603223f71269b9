//! Parameters that may be tuned, and the values they may have.

use crate::text::printable;

/// The most bytes that a value may have which somebody else than a person sets.
const MOST_VALUE_BYTES: usize = 1024;

/// Of the words of a choice, so many are named.
const MOST_SHOWN_WORDS: usize = 12;

/// A parameter that a module declares. The words are the module's: nobody need believe them.
///
/// ```
/// use holobiont_core::{Domain, Tunable};
///
/// let domain = Domain::Integer(1, 9);
/// let rate = Tunable { name: "rate".into(), summary: String::new(), domain, default: "4".into() };
/// assert_eq!(rate.refusal("7"), None);
/// assert_eq!(rate.refusal("10").as_deref(), Some("`rate` is `10`: it must be a whole number from 1 to 9"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tunable {
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// The values it may have.
    pub domain: Domain,
    /// The value it has where a step does not set it.
    pub default: String,
}

/// Which values a parameter may have.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Whole numbers from the first to the second, both included.
    Integer(i64, i64),
    /// Numbers from the first to the second, both included.
    Number(f64, f64),
    /// One of these words.
    Choice(Vec<String>),
    /// Any text.
    Text,
}

impl Tunable {
    /// Why a value is none for it, if so. No value is longer than 1,024 bytes, and none holds characters that cannot
    /// be shown: it is to stand in a file that people read.
    #[must_use]
    pub fn refusal(&self, value: &str) -> Option<String> {
        let name = printable(&self.name);
        if value.len() > MOST_VALUE_BYTES {
            return Some(format!("`{name}` is {} bytes long: it must be at most {MOST_VALUE_BYTES}", value.len()));
        }
        let shown = printable(value);
        if shown != value {
            return Some(format!("`{name}` is `{shown}`: it must be of characters that can be shown"));
        }
        self.domain.refusal(value).map(|right| format!("`{name}` is `{shown}`: it must be {right}"))
    }
}

impl Domain {
    /// What a value must be, if it is not that.
    fn refusal(&self, value: &str) -> Option<String> {
        match self {
            Self::Integer(low, high) => {
                let holds = value.parse().is_ok_and(|number: i64| (low..=high).contains(&&number));
                (!holds).then(|| format!("a whole number from {low} to {high}"))
            }
            Self::Number(low, high) => {
                let holds = value.parse().is_ok_and(|number: f64| (low..=high).contains(&&number));
                (!holds).then(|| format!("a number from {low} to {high}"))
            }
            Self::Choice(words) => {
                let holds = words.iter().any(|word| word == value);
                let shown =
                    |words: &[String]| words.iter().map(|word| printable(word)).collect::<Vec<_>>().join("`, `");
                (!holds).then(|| match words.get(..MOST_SHOWN_WORDS) {
                    Some(first) if words.len() > MOST_SHOWN_WORDS => {
                        format!("one of {} words, such as `{}`", words.len(), shown(first))
                    }
                    _ => format!("one of `{}`", shown(words)),
                })
            }
            Self::Text => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(domain: Domain, value: &str) -> Option<String> {
        Tunable { name: "x".into(), summary: String::new(), domain, default: String::new() }.refusal(value)
    }

    #[test]
    fn bounds_are_included_and_what_is_no_number_is_outside() {
        for value in ["-3", "0", "5", "+5"] {
            assert_eq!(refusal(Domain::Integer(-3, 5), value), None, "{value}");
            assert_eq!(refusal(Domain::Number(-3.0, 5.0), value), None, "{value}");
        }
        for value in ["-4", "6", "", " 1", "1.5", "one", "9223372036854775808"] {
            assert!(refusal(Domain::Integer(-3, 5), value).is_some(), "{value}");
        }
        for value in ["-3.1", "5.0001", "nan", "inf", ""] {
            assert!(refusal(Domain::Number(-3.0, 5.0), value).is_some(), "{value}");
        }
        // Domains that hold nothing.
        assert!(refusal(Domain::Integer(1, 0), "0").is_some());
        assert!(refusal(Domain::Number(f64::NAN, 1.0), "0").is_some());
    }

    #[test]
    fn a_choice_is_one_of_its_words_and_words_are_shown() {
        let words = || Domain::Choice(vec!["a".into(), "b\u{1b}[2J".into()]);
        assert_eq!(refusal(words(), "a"), None);
        assert_eq!(refusal(words(), "c").as_deref(), Some("`x` is `c`: it must be one of `a`, `b\\u{1b}[2J`"));
        assert!(refusal(Domain::Choice(Vec::new()), "").is_some());
        let many = Domain::Choice((0..1000).map(|word| word.to_string()).collect());
        assert!(refusal(many, "x").is_some_and(|words| words.contains("one of 1000 words") && words.len() < 120));
    }

    #[test]
    fn a_text_may_be_anything_that_can_stand_in_a_file() {
        assert_eq!(refusal(Domain::Text, "any \"thing\" ü"), None);
        assert_eq!(refusal(Domain::Text, &"x".repeat(MOST_VALUE_BYTES)), None);
        assert!(refusal(Domain::Text, &"x".repeat(MOST_VALUE_BYTES + 1)).is_some_and(|words| words.len() < 100));
        assert!(refusal(Domain::Text, "two\nlines").is_some_and(|words| words.contains("two\\nlines")));
        // Declared by the module or not.
        assert!(refusal(Domain::Choice(vec!["\n".into()]), "\n").is_some());
    }
}
