//! Records as text: what the modules of the family read and write.
//!
//! It is CSV as RFC 4180 has it: rows of values between commas, quoted where they have to be; space around
//! a value does not count, nor do empty rows. The first row names the columns. Every row after it is a
//! record with as many values, of which the first is the record's id. But a row of three values that
//! begins with `candidate` or `match` is a pair, and the other two are the ids of two records: a
//! `candidate` is worth comparing, and a `match` is held for the same person.
//!
//! So whatever a module adds, the next one reads, and one that has no use for it hands it on.

use std::borrow::Cow;
use std::fmt::Write as _;

use holobiont_guest::Failure;

/// What a column begins with whose values are keys: made from other columns, to find records by. They say
/// nothing of a record that it does not say already.
pub const KEY_PREFIX: &str = "key_";

/// More values than this are refused, so that no payload can make the list of them fill the memory.
const MOST_VALUES: usize = 1 << 18;

/// A value, part of the payload until a module changes it.
pub type Value<'a> = Cow<'a, str>;

/// Records and pairs of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// The names of the columns; the first is that of the ids.
    pub columns: Vec<Value<'a>>,
    /// The records; each has a value for every column.
    pub records: Vec<Vec<Value<'a>>>,
    /// The pairs.
    pub pairs: Vec<Pair<'a>>,
}

/// Two records that somebody has said something about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// What was said.
    pub kind: Kind,
    /// The ids of the two.
    pub ids: [Value<'a>; 2],
}

/// What can be said about two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They are worth comparing.
    Candidate,
    /// They are held for the same person.
    Match,
}

impl Kind {
    /// The word that a row begins with.
    fn word(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Match => "match",
        }
    }

    fn of(row: &[Value]) -> Option<Self> {
        [Self::Candidate, Self::Match].into_iter().find(|kind| row.len() == 3 && row[0] == kind.word())
    }
}

impl<'a> Table<'a> {
    /// Reads a table.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] for a text that is no table, [`Failure::Unsupported`] for one of more than
    /// 2^18 values.
    pub fn parse(text: &'a str) -> Result<Self, Failure> {
        // Some spreadsheets put a mark of the encoding in front.
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let columns = next_row(&mut rest, 1)?
            .filter(|row| Kind::of(row).is_none())
            .ok_or_else(|| Failure::InvalidInput("there is no row with the names of the columns".into()))?;
        let mut table = Self { columns, records: Vec::new(), pairs: Vec::new() };
        let mut values = table.columns.len();
        while let Some(row) = next_row(&mut rest, 2 + table.records.len() + table.pairs.len())? {
            values += row.len();
            if values > MOST_VALUES {
                return Err(Failure::Unsupported(format!("more than {MOST_VALUES} values")));
            }
            match (Kind::of(&row), row) {
                (Some(kind), row) => {
                    table.pairs.extend(<[Value; 3]>::try_from(row).map(|[_, a, b]| Pair { kind, ids: [a, b] }));
                }
                (None, row) if row.len() == table.columns.len() => table.records.push(row),
                (None, row) => {
                    let (number, columns) = (2 + table.records.len() + table.pairs.len(), table.columns.len());
                    let what = format!("row {number} has {} values for {columns} columns", row.len());
                    return Err(Failure::InvalidInput(what));
                }
            }
        }
        Ok(table)
    }

    /// The table as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        put_row(&mut text, &self.columns);
        for record in &self.records {
            put_row(&mut text, record);
        }
        for Pair { kind, ids: [one, other] } in &self.pairs {
            put_row(&mut text, &[Cow::Borrowed(kind.word()), Cow::Borrowed(one), Cow::Borrowed(other)]);
        }
        text
    }

    /// Where the columns of some names are, given with commas between them. The ids' column is never among
    /// them: ids are labels, and nothing can be told from them. A name that no column has is left out and
    /// logged, since records from elsewhere may well lack one.
    #[must_use]
    pub fn places(&self, names: &str) -> Vec<usize> {
        let place = |name: &str| {
            let found = self.columns.iter().skip(1).position(|column| column == name);
            if found.is_none() {
                holobiont_guest::warn!("there is no column `{name}`");
            }
            found.map(|place| place + 1)
        };
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).filter_map(place).collect()
    }

    /// Where the columns of keys are.
    #[must_use]
    pub fn key_places(&self) -> Vec<usize> {
        (1..self.columns.len()).filter(|&place| self.columns[place].starts_with(KEY_PREFIX)).collect()
    }
}

/// The next row that is not empty. Rows are counted for the message alone.
fn next_row<'a>(rest: &mut &'a str, number: usize) -> Result<Option<Vec<Value<'a>>>, Failure> {
    *rest = rest.trim_start();
    if rest.is_empty() {
        return Ok(None);
    }
    let mut row = Vec::new();
    loop {
        let value = next_value(rest).map_err(|what| Failure::InvalidInput(format!("row {number}: {what}")))?;
        row.push(value);
        if row.len() > MOST_VALUES {
            return Err(Failure::Unsupported(format!("more than {MOST_VALUES} values")));
        }
        let comma = rest.starts_with(',');
        *rest = rest.get(1..).unwrap_or_default();
        if !comma {
            return Ok(Some(row));
        }
    }
}

/// The value up to the next comma or end of row, which is left to be read.
fn next_value<'a>(rest: &mut &'a str) -> Result<Value<'a>, &'static str> {
    let end = |text: &str| text.bytes().position(|byte| byte == b',' || byte == b'\n').unwrap_or(text.len());
    // A row may end in spaces, or be begun by them; the end of a row is no such space.
    let text = rest.trim_start_matches([' ', '\t']);
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(end(text));
        *rest = after;
        return Ok(Cow::Borrowed(value.trim()));
    };
    let mut value = Cow::Borrowed("");
    let mut after = quoted;
    loop {
        let (part, behind) = after.split_once('"').ok_or("a quoted value has no end")?;
        value += part;
        after = behind;
        // Two quotes in a row stand for one.
        let Some(behind) = after.strip_prefix('"') else { break };
        value += "\"";
        after = behind;
    }
    let (nothing, after) = after.split_at(end(after));
    if !nothing.trim().is_empty() {
        return Err("text after a quoted value");
    }
    *rest = after;
    Ok(value)
}

fn put_row(text: &mut String, row: &[Value]) {
    for (place, value) in row.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        // What is written bare must be what is read again. The first value alone might look like the mark
        // in front of a file; a row of one empty value like no row.
        let bare = !value.contains([',', '"', '\n']) && value.trim() == value && !value.starts_with('\u{feff}');
        if bare && !(row.len() == 1 && value.is_empty()) {
            text.push_str(value);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "\"{}\"", value.replace('"', "\"\""));
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "id, name , born\n\nrec-1-org, ann,\r\n r2 ,\"O\"\"Neil, Bo\" ,1\ncandidate,rec-1-org,r2\n";

    #[test]
    fn records_and_pairs_are_told_apart() {
        let table = Table::parse(TEXT).unwrap();
        assert_eq!(table.columns, ["id", "name", "born"]);
        assert_eq!(table.records, [["rec-1-org", "ann", ""], ["r2", "O\"Neil, Bo", "1"]]);
        assert_eq!(table.pairs, [Pair { kind: Kind::Candidate, ids: ["rec-1-org".into(), "r2".into()] }]);
        assert_eq!(table.to_text(), "id,name,born\nrec-1-org,ann,\nr2,\"O\"\"Neil, Bo\",1\ncandidate,rec-1-org,r2\n");
    }

    #[test]
    fn columns_are_found_by_name_but_ids_are_not() {
        let table = Table::parse("id,name,key_name,born").unwrap();
        assert_eq!(table.places("born, name,,id"), [3, 1]);
        assert_eq!(table.key_places(), [2]);
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_place() {
        let why = |text| match Table::parse(text) {
            Err(Failure::InvalidInput(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(""), "there is no row with the names of the columns");
        assert_eq!(why("match,a,b"), "there is no row with the names of the columns");
        assert_eq!(why("id,name\n1,2\n\n3\n"), "row 3 has 1 values for 2 columns");
        assert_eq!(why("id,\"name"), "row 1: a quoted value has no end");
        assert_eq!(why("id,\"name\" of"), "row 1: text after a quoted value");
    }

    #[test]
    fn a_payload_of_commas_is_refused_before_it_fills_the_memory() {
        let rows = "a\n".repeat(MOST_VALUES + 1);
        for text in [",".repeat(MOST_VALUES + 1), rows] {
            assert!(matches!(Table::parse(&text), Err(Failure::Unsupported(_))));
        }
    }

    /// All that a value might have to be quoted for.
    const VALUE: &str = "[a ,\"\n\r\u{feff}]{0,4}";

    proptest! {
        #[test]
        fn what_was_written_is_read(rows in prop::collection::vec([VALUE, VALUE, VALUE], 1..6)) {
            let mut records: Vec<Vec<Value>> = rows.into_iter().map(|row| row.map(Cow::Owned).into()).collect();
            let columns = records.remove(0);
            let pairs = vec![Pair { kind: Kind::Match, ids: ["a, b".into(), " ".into()] }];
            let table = Table { columns, records, pairs };
            let text = table.to_text();
            prop_assert_eq!(Table::parse(&text), Ok(table));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[a,\" \r\n\\PC]{0,60}") {
            let _ = Table::parse(&text);
        }
    }
}
