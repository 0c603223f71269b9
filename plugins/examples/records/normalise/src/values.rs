//! The work itself.

use std::borrow::Cow;

use records_table::Table;

/// In which way values are written.
#[derive(Clone, Copy)]
pub struct Style {
    /// Whether words are left apart. Together they are the same where a space was forgotten, or put into
    /// the middle of a word.
    pub keep_spaces: bool,
    /// Whether in a date like 3/4/1950 the day comes first.
    pub day_first: bool,
}

/// Writes all values of all records in one way, but for the ids.
pub fn normalise(table: &mut Table, style: Style) {
    for record in &mut table.records {
        for value in record.iter_mut().skip(1) {
            *value = Cow::Owned(written(value, style));
        }
    }
}

/// A value in small letters and digits.
pub fn written(value: &str, style: Style) -> String {
    let small = value.to_lowercase();
    if let Some(date) = date(&small, style.day_first) {
        return date;
    }
    let mut out = String::with_capacity(small.len());
    let mut space = false;
    for letter in small.chars() {
        match letter {
            letter if letter.is_alphanumeric() => {
                if space && style.keep_spaces && !out.is_empty() {
                    out.push(' ');
                }
                space = false;
                out.push(letter);
            }
            // An apostrophe is within a word, as in "o'brien".
            '\'' | '’' | '`' => {}
            _ => space = true,
        }
    }
    out
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date as eight digits: year, month, day. It is only one if it has a year of four digits, since other
/// numbers with signs between them may be anything.
fn date(value: &str, day_first: bool) -> Option<String> {
    let mut parts = value.split([' ', '/', '-', '.', ',']).filter(|part| !part.is_empty());
    let parts = [parts.next()?, parts.next()?, parts.next()?, parts.next().unwrap_or_default()];
    let (year, month, day) = match parts {
        [year, month, day, ""] if year.len() == 4 => (year, month, day),
        [day, month, year, ""] if year.len() == 4 && (day_first || number(month).is_none()) => (year, month, day),
        [month, day, year, ""] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    let year = number(year)?;
    let month_of = |part: &str| number(part).or_else(|| month_named(part));
    let (month, day) = match (month_of(month)?, month_of(day)?) {
        // There is one way only to read 4/23/1950.
        (month, day) if month > 12 => (day, month),
        both => both,
    };
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| format!("{year:04}{month:02}{day:02}"))
}

fn number(part: &str) -> Option<u16> {
    // `parse` would take a sign as well.
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
}

fn month_named(part: &str) -> Option<u16> {
    let short = part.get(..3)?;
    let place = MONTHS.iter().position(|month| *month == short)?;
    u16::try_from(place + 1).ok()
}
