//! Numbers and names as people read them.

/// A number with three significant digits: `0.0912`, `12.3`, `4.56k`, `1.2×10⁻⁵`.
pub(super) fn number(value: f64) -> String {
    significant(value, 3)
}

/// A difference: like [`number`], with its sign.
pub(super) fn signed(value: f64) -> String {
    with_sign(number(value), value)
}

fn with_sign(text: String, value: f64) -> String {
    if value > 0.0 && value.is_finite() { format!("+{text}") } else { text }
}

/// A difference beside one of another size: with no more digits than tell the two apart.
pub(super) fn signed_beside(value: f64, size: f64) -> String {
    let power = |value: f64| if value.is_normal() { value.abs().log10().floor() } else { -330.0 };
    let digits = (3.0 - (power(size) - power(value)).max(0.0)).max(1.0) as usize;
    with_sign(significant(value, digits), value)
}

/// Two ends of an interval: `+0.0003 to +0.424`.
pub(super) fn interval(low: f64, high: f64, between: &str) -> String {
    let size = low.abs().max(high.abs());
    format!("{} {between} {}", signed_beside(low, size), signed_beside(high, size))
}

/// A share as a percentage: `97 %`, which is not broken between two lines.
pub(super) fn percent(share: f64) -> String {
    format!("{}\u{a0}%", number(share * 100.0))
}

/// A number with so many significant digits, without zeros that say nothing.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = digits.clamp(1, 15);
    // Rounded before its size is looked at: 999.9 is 1k.
    let rounded = format!("{:.*e}", digits - 1, value.abs());
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa: f64 = mantissa.parse().unwrap_or(0.0);
    let decimals = |shift: i32| usize::try_from(digits as i32 - 1 - shift).unwrap_or(0);
    let shifted = |shift: i32| trimmed(format!("{:.*}", decimals(shift), mantissa * 10f64.powi(shift)));
    let text = match exponent {
        -4..=2 => shifted(exponent),
        3..=5 if digits as i32 > exponent => shifted(exponent),
        3..=14 => {
            let suffix = ["", "k", "M", "G", "T"][(exponent / 3) as usize];
            format!("{}{suffix}", shifted(exponent % 3))
        }
        _ => format!("{}×10{}", shifted(0), superscript(exponent)),
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// An exponent, raised.
pub(super) fn superscript(exponent: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        c => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][c.to_digit(10).unwrap_or(0) as usize],
    };
    exponent.to_string().chars().map(raised).collect()
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// `1 input`, `3 inputs`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Roughly how wide a text is in a font of so many pixels. Drawn text is laid out by whoever looks at it, with a font
/// that is not known here, so this is on the wide side.
pub(super) fn width(text: &str, pixels: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | ' ' => 0.35,
        'f' | 't' | 'r' | '(' | ')' | '/' | '-' => 0.45,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        c if c.is_ascii_uppercase() => 0.75,
        '\u{1100}'.. if !('\u{2000}'..='\u{22ff}').contains(&c) => 1.05,
        _ => 0.63,
    };
    text.chars().map(em).sum::<f64>() * pixels
}

/// A text that is no wider than this, its middle left out where it must be: what tells names apart is often at an end.
pub(super) fn fitted(text: &str, pixels: f64, most: f64) -> String {
    if width(text, pixels) <= most {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| -> String {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        characters[..head].iter().chain(&['…']).chain(&characters[characters.len() - tail..]).collect()
    };
    (0..characters.len()).rev().map(shortened).find(|short| width(short, pixels) <= most).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short_at_any_size() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (0.313_44, "0.313"),
            (-0.091_2, "−0.0912"),
            (1.0, "1"),
            (12.34, "12.3"),
            (999.9, "1k"),
            (100.0, "100"),
            (12_345.0, "12.3k"),
            (1e6, "1M"),
            (0.001_234, "0.00123"),
            (0.000_123_4, "0.000123"),
            (0.000_012_34, "1.23×10⁻⁵"),
            (1.5e300, "1.5×10³⁰⁰"),
            (f64::NAN, "n/a"),
            (f64::NEG_INFINITY, "n/a"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!([signed(1.0), signed(-1.0), signed(0.0), percent(0.975)], ["+1", "−1", "0", "97.5\u{a0}%"]);
        assert_eq!(interval(0.000_322, 0.424, "to"), "+0.0003 to +0.424");
        assert_eq!([signed_beside(-0.001_234, 0.05), signed_beside(0.0, 1.0)], ["−0.0012", "0"]);
        assert_eq!([significant(1234.5, 6), significant(123_456_789.0, 5)], ["1234.5", "123.46M"]);
    }

    proptest! {
        #[test]
        fn any_number_is_shown_in_a_few_characters(value in any::<f64>(), digits in 0usize..20) {
            prop_assert!(number(value).chars().count() <= 12, "{}", number(value));
            prop_assert!(!significant(value, digits).is_empty());
        }

        #[test]
        fn a_fitted_text_fits(text in "\\PC{0,40}", most in 0f64..300.0) {
            prop_assert!(width(&fitted(&text, 12.0, most), 12.0) <= most.max(0.0));
        }
    }
}
