//! Sizes, durations and other numbers as people write them.

use crate::text::printable;

/// A size or duration that could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuantityError {
    /// Not a size.
    #[error("`{}` is not a size: expected a number and B, KB, MB, GB, KiB, MiB or GiB, such as 64MiB", printable(.0))]
    Bytes(String),
    /// Not a count.
    #[error("`{}` is not a whole number, such as 1000000", printable(.0))]
    Count(String),
    /// Not a duration.
    #[error("`{}` is not a duration: expected a number and ns, us, ms, s, m, h or d, such as 2s", printable(.0))]
    Duration(String),
    /// Not a likelihood.
    #[error("`{}` is not a likelihood: expected a number from 0 to 1, such as 0.05", printable(.0))]
    Likelihood(String),
}

const BYTE_UNITS: &[(&str, u64)] = &[
    ("", 1),
    ("b", 1),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

const DURATION_UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Reads a size in bytes: `64MiB`, `1.5 GB`, `4096`. KB is 1,000 bytes, KiB and K are 1,024.
///
/// # Errors
///
/// [`QuantityError::Bytes`] when it is no number, has an unknown unit or does not fit 64 bits.
pub fn parse_bytes(text: &str) -> Result<u64, QuantityError> {
    scaled(text, BYTE_UNITS).ok_or_else(|| QuantityError::Bytes(text.to_owned()))
}

/// Reads a whole number: `1000000`, `1_000_000`.
///
/// # Errors
///
/// [`QuantityError::Count`] when it is none or does not fit 64 bits.
pub fn parse_count(text: &str) -> Result<u64, QuantityError> {
    text.trim().replace('_', "").parse().map_err(|_| QuantityError::Count(text.to_owned()))
}

/// Reads a duration in nanoseconds: `2s`, `250ms`, `1.5h`. A unit is required.
///
/// # Errors
///
/// [`QuantityError::Duration`] when it is no number, has no known unit or does not fit 64 bits.
pub fn parse_duration_ns(text: &str) -> Result<u64, QuantityError> {
    scaled(text, DURATION_UNITS).ok_or_else(|| QuantityError::Duration(text.to_owned()))
}

/// Reads a likelihood: `0.05`, `1`.
///
/// # Errors
///
/// [`QuantityError::Likelihood`] when it is no number from 0 to 1.
pub fn parse_likelihood(text: &str) -> Result<f64, QuantityError> {
    text.trim().parse().ok().and_then(likelihood).ok_or_else(|| QuantityError::Likelihood(text.to_owned()))
}

/// A number that is a likelihood.
pub(crate) fn likelihood(value: f64) -> Option<f64> {
    (0.0..=1.0).contains(&value).then_some(value)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, scale) = units.iter().find(|(name, _)| *name == unit.trim())?;
    let number = number.replace('_', "");
    // Whole numbers stay whole: a fuel limit of 2^60 must not pass through a float.
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(*scale);
    }
    let value = number.parse::<f64>().ok()? * *scale as f64;
    (value.is_finite() && (0.0..1.8e19).contains(&value)).then_some(value.round() as u64)
}

/// A size for people: `1.5 MiB`, `980 B`.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1 << 10 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A duration for people: `1.50 s`, `230 us`.
#[must_use]
pub fn duration_text(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{:.1} us", ns as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", ns as f64 / 1e6),
        1_000_000_000..120_000_000_000 => format!("{:.2} s", ns as f64 / 1e9),
        120_000_000_000..7_200_000_000_000 => format!("{:.1} min", ns as f64 / 6e10),
        7_200_000_000_000..172_800_000_000_000 => format!("{:.1} h", ns as f64 / 3.6e12),
        _ => format!("{:.1} d", ns as f64 / 8.64e13),
    }
}

/// A number as people read it: four digits of it.
pub(crate) fn figure(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs().log10().floor();
    if !(-4.0..7.0).contains(&size) {
        return format!("{value:.3e}");
    }
    // Scaled by a power that is exact, so that no digit comes from rounding the power.
    let power = 10f64.powi((3.0 - size).abs() as i32);
    let rounded = if size <= 3.0 { (value * power).round() / power } else { (value / power).round() * power };
    rounded.to_string()
}

/// The name of the first number that is no amount: below 0, infinite or not a number.
pub(crate) fn first_no_amount(named: &[(&'static str, f64)]) -> Option<&'static str> {
    named.iter().find(|(_, amount)| !(amount.is_finite() && *amount >= 0.0)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let shown = [0.065_000_000_1, 0.02, -12.345_67, 123_456.0, 0.0, 5e-7, 2.5e9, 9_999.96];
        assert_eq!(
            shown.map(figure),
            ["0.065", "0.02", "-12.35", "123500", "0", "5.000e-7", "2.500e9", "10000"].map(str::to_owned)
        );
    }

    #[test]
    fn sizes_are_read_as_written() {
        for (text, bytes) in [("64MiB", 64 << 20), ("1 kb", 1000), ("0.5KiB", 512), ("7", 7), ("1_000", 1000)] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for bad in ["", "MiB", "5 parsecs", "-1", "1e3", "99999999999GiB"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration_ns("1.5s"), Ok(1_500_000_000));
        assert_eq!(parse_duration_ns("365d"), Ok(365 * 86_400_000_000_000));
        assert!(parse_duration_ns("10").is_err());
    }

    #[test]
    fn likelihoods_are_between_never_and_always() {
        assert_eq!(
            [parse_likelihood("0"), parse_likelihood(" 0.05 "), parse_likelihood("1")],
            [Ok(0.0), Ok(0.05), Ok(1.0)]
        );
        for bad in ["", "2", "-0.1", "nan", "inf", "5%", "half"] {
            assert!(parse_likelihood(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_and_durations_are_shown_short() {
        assert_eq!([bytes_text(980), bytes_text(1 << 20), bytes_text(1536)], ["980 B", "1.0 MiB", "1.5 KiB"]);
        assert_eq!([duration_text(5), duration_text(1_500_000_000)], ["5 ns", "1.50 s"]);
    }
}
