//! A value together with how it was written, so that it is written back likewise.

use super::key::{Key, KeyRow};

/// A value and its notation: a number, or a text with or without a unit.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// In the unit of the key.
    pub(super) value: f64,
    /// The text, where it is one.
    pub(super) text: Option<String>,
}

impl Written {
    /// A value in the notation of the table.
    pub(super) fn new(key: Key, value: f64) -> Self {
        // Not the 0 below 0.
        let value = value + 0.0;
        Self { value, text: key.row().suffix.map(|suffix| format!("{value}{suffix}")) }
    }

    /// A value that was written as a number.
    pub(super) fn number(value: f64) -> Self {
        Self { value: value + 0.0, text: None }
    }

    /// A value that was written as a text: `None` where that is no number in one of the key's units.
    pub(super) fn read(key: Key, text: &str) -> Option<Self> {
        let text = text.trim();
        parse(key.row(), text).map(|value| Self { value: value + 0.0, text: Some(text.to_owned()) })
    }

    /// Another value in the notation of this one.
    ///
    /// The unit stays, unless only the next smaller one makes it a whole number (`1Gi` halved is `512Mi`), or the
    /// value has no exact figure in it.
    pub(super) fn moved(&self, key: Key, value: f64) -> Self {
        let value = value + 0.0;
        let text = self.text.as_ref().map(|old| {
            if value.to_bits() == self.value.to_bits() {
                return old.clone();
            }
            let row = key.row();
            let (_, suffix) = split(old);
            let smaller = suffix.replacen('G', "M", 1).replacen('g', "m", 1);
            let own = if suffix.is_empty() { "" } else { row.suffix.unwrap_or("") };
            let exact = |suffix: &str| {
                let number = value / scale(row, suffix)?;
                let text = format!("{number}{suffix}");
                (parse(row, &text) == Some(value)).then_some((number, text))
            };
            let candidates = [exact(suffix), exact(&smaller)];
            let whole = candidates.iter().flatten().find(|(number, _)| number.fract() == 0.0);
            let any = whole.or(candidates[0].as_ref());
            any.map_or_else(|| format!("{value}{own}"), |(_, text)| text.clone())
        });
        Self { value, text }
    }
}

/// The number and the unit of a text; the unit with the blanks before it.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))).unwrap_or(text.len());
    text.split_at(end)
}

/// How many of the key's own unit one of a unit is.
fn scale(row: &KeyRow, suffix: &str) -> Option<f64> {
    let unit = suffix.trim().to_ascii_lowercase();
    row.units.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale)
}

fn parse(row: &KeyRow, text: &str) -> Option<f64> {
    let (number, suffix) = split(text);
    Some(number.replace('_', "").parse::<f64>().ok()? * scale(row, suffix)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(key: Key, from: &str, to: f64) -> String {
        let read = Written::read(key, from).unwrap();
        let moved = read.moved(key, to);
        let text = moved.text.unwrap();
        assert_eq!(Written::read(key, &text).map(|again| again.value), Some(to), "{from} to {text}");
        text
    }

    #[test]
    fn sizes_with_and_without_a_unit_read_alike() {
        for text in ["256", "256Mi", "256MiB", " 256 mib ", "0.25Gi", "262144Ki", "268435456B", "2_56m"] {
            assert_eq!(Written::read(Key::MemoryLimit, text).map(|written| written.value), Some(256.0), "{text}");
        }
        assert_eq!(Written::read(Key::DiskLimit, "1.048576GB").map(|written| written.value), Some(1000.0));
        assert_eq!(Written::read(Key::BandwidthLimit, "0.5Gbps").map(|written| written.value), Some(500.0));
        assert_eq!(Written::read(Key::Timeout, "1.5m").map(|written| written.value), Some(90.0));
        for bad in ["", "Mi", "five", "1e3", "1.2.3", "12 parsecs", "--1", "inf", "nan", "1Mbps", "\u{1b}[2J"] {
            assert!(Written::read(Key::MemoryLimit, bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_unit_stays_where_a_value_moves() {
        use Key::{BandwidthLimit, CpuLimit, DiskLimit, MemoryLimit};
        assert_eq!(moved(MemoryLimit, "256", 128.0), "128");
        assert_eq!(moved(MemoryLimit, "256Mi", 128.0), "128Mi");
        assert_eq!(moved(MemoryLimit, "256 MiB", 512.0), "512 MiB");
        assert_eq!(moved(DiskLimit, "1Gi", 2048.0), "2Gi");
        assert_eq!(moved(DiskLimit, "1Gi", 512.0), "512Mi");
        assert_eq!(moved(DiskLimit, "1 GiB", 512.0), "512 MiB");
        assert_eq!(moved(DiskLimit, "0.50Gi", 512.0), "0.50Gi", "what is not moved stays as it was");
        assert_eq!(moved(MemoryLimit, "256MB", 128.0), "134.217728MB");
        assert_eq!(moved(BandwidthLimit, "1Gbps", 100.0), "100Mbps");
        assert_eq!(moved(BandwidthLimit, "500kbps", 1.0), "1000kbps");
        assert_eq!(moved(CpuLimit, "1", 0.5), "0.5");
        assert_eq!(Written::number(256.0).moved(MemoryLimit, 128.0).text, None);
    }

    #[test]
    fn what_nobody_wrote_is_written_as_the_table_says() {
        let text = |key, value| Written::new(key, value).text;
        assert_eq!(text(Key::MemoryLimit, 1024.0).as_deref(), Some("1024Mi"));
        assert_eq!(text(Key::CpuLimit, 0.5).as_deref(), Some("0.5"));
        assert_eq!(text(Key::MinBandwidth, 5.0).as_deref(), Some("5Mbps"));
        assert_eq!(text(Key::SecurityLevel, 3.0), None);
    }
}
