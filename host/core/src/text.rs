//! Showing a stranger's text.

/// A stranger's text made safe to print: control characters, escape sequences, line and paragraph
/// separators and bidirectional overrides become `\u{..}`, so that what a guest says can neither move
/// the cursor, nor forge a line, nor reorder one.
///
/// ```
/// assert_eq!(holobiont_core::printable("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if c.is_control() || reorders(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}

/// Characters that are not controls to Unicode but change how their neighbours are laid out, or are
/// not seen at all.
fn reorders(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_printable_holds_a_control(text in any::<String>()) {
            let safe = printable(&text);
            prop_assert!(!safe.chars().any(|c| c.is_control() || reorders(c)));
        }

        #[test]
        fn plain_text_is_left_alone(text in "[a-zA-Z0-9 äöü漢字]*") {
            prop_assert_eq!(printable(&text), text);
        }
    }
}
