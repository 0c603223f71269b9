//! How much an output is like the one that was expected.
//!
//! The expected output is the project's own, the output a stranger's. So what is kept is what was
//! expected, and the output is gone through one item at a time: no list is made that it could make long.

use std::collections::BTreeMap;

use csv_core::{ReadFieldResult, Reader};

use super::Trouble;

/// How an output is compared with the expected one. Each gives a number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// 1 where the bytes are the same, else 0.
    Exact,
    /// F1 of the lines, in whatever order. A line ends at `\n`; one `\r` before it is not part of the line, and no
    /// line follows the last `\n`.
    Lines,
    /// F1 of the CSV records, in whatever order and however they are quoted. Empty lines are no records.
    Records {
        /// The first record names the fields: it must be the same in both, and is not counted.
        header: bool,
    },
}

impl Likeness {
    /// How much an output is like the expected one, from 0 to 1.
    ///
    /// Items are counted as often as they occur. F1 is the harmonic mean of precision and recall: twice what both
    /// have over what each has, added up; 1 where neither has anything.
    ///
    /// # Errors
    ///
    /// [`Trouble::Header`] where the header of the records is another.
    pub(super) fn of(self, output: &[u8], expected: &[u8]) -> Result<f64, Trouble> {
        match self {
            Self::Exact => Ok(f64::from(u8::from(output == expected))),
            Self::Lines => {
                let mut tally = Tally::default();
                lines(expected).for_each(|line| tally.expect(line));
                lines(output).for_each(|line| tally.give(&line));
                Ok(tally.f1())
            }
            Self::Records { header } => records_f1(output, expected, header),
        }
    }
}

/// Two multisets being compared.
#[derive(Debug)]
struct Tally<T> {
    /// What was expected and not yet given, with how often.
    left: BTreeMap<T, u64>,
    expected: u64,
    given: u64,
    common: u64,
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self { left: BTreeMap::new(), expected: 0, given: 0, common: 0 }
    }
}

impl<T: Ord> Tally<T> {
    fn expect(&mut self, item: T) {
        self.expected += 1;
        *self.left.entry(item).or_default() += 1;
    }

    fn give(&mut self, item: &T) {
        self.given += 1;
        if let Some(left) = self.left.get_mut(item).filter(|left| **left > 0) {
            *left -= 1;
            self.common += 1;
        }
    }

    fn f1(&self) -> f64 {
        match self.expected + self.given {
            0 => 1.0,
            both => 2.0 * self.common as f64 / both as f64,
        }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

fn records_f1(output: &[u8], expected: &[u8], header: bool) -> Result<f64, Trouble> {
    let mut tally = Tally::default();
    let mut names = None;
    let mut longest = Bound::default();
    records(expected, Bound::NONE, |record| {
        longest.cover(record);
        if header && names.is_none() {
            names = Some(record.clone());
        } else {
            tally.expect(record.clone());
        }
    });
    // Whether the output's first record is still to come, and whether it was the right one.
    let mut first = header;
    let mut same = names.is_none();
    records(output, longest, |record| {
        if std::mem::take(&mut first) {
            same = names.as_ref() == Some(record);
        } else {
            tally.give(record);
        }
    });
    if header && !same {
        return Err(Trouble::Header(names.map(|names| names.text()).unwrap_or_default()));
    }
    Ok(tally.f1())
}

/// A CSV record: its fields without their quotes, one after the other, and where each ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Set where it is longer than it was allowed to be, so that it cannot be one that was expected.
    cut: bool,
}

impl Record {
    fn text(&self) -> String {
        let mut start = 0;
        let fields = self.ends.iter().map(|end| {
            let field = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            String::from_utf8_lossy(field).into_owned()
        });
        fields.collect::<Vec<_>>().join(",")
    }
}

/// How much of a record is kept: no more than the longest that was expected.
#[derive(Clone, Copy, Debug, Default)]
struct Bound {
    bytes: usize,
    fields: usize,
}

impl Bound {
    const NONE: Self = Self { bytes: usize::MAX, fields: usize::MAX };

    fn cover(&mut self, record: &Record) {
        self.bytes = self.bytes.max(record.bytes.len());
        self.fields = self.fields.max(record.ends.len());
    }
}

/// Shows each record of a CSV text. Any bytes are one: a quote that is not closed runs to the end.
fn records(text: &[u8], bound: Bound, mut show: impl FnMut(&Record)) {
    let mut reader = Reader::new();
    let mut rest = text;
    let mut chunk = [0; 1024];
    let mut record = Record::default();
    loop {
        let (result, read, written) = reader.read_field(rest, &mut chunk);
        rest = rest.get(read..).unwrap_or_default();
        if record.bytes.len().saturating_add(written) > bound.bytes {
            record.cut = true;
        } else {
            record.bytes.extend_from_slice(chunk.get(..written).unwrap_or_default());
        }
        match result {
            // Asked again with nothing to read, the reader hands out what it has, then says that this is the end.
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                if record.ends.len() < bound.fields {
                    record.ends.push(record.bytes.len());
                } else {
                    record.cut = true;
                }
                if record_end {
                    show(&record);
                    record = Record::default();
                }
            }
            ReadFieldResult::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn like(likeness: Likeness, output: &str, expected: &str) -> f64 {
        likeness.of(output.as_bytes(), expected.as_bytes()).expect("a number")
    }

    #[test]
    fn lines_are_a_multiset_whatever_ends_them() {
        let lines = |output, expected| like(Likeness::Lines, output, expected);
        assert_eq!(lines("b\r\na", "a\nb\n"), 1.0);
        assert_eq!(lines("", ""), 1.0);
        assert_eq!(lines("", "a"), 0.0);
        assert_eq!(lines("a\n", "a\n\n"), 2.0 / 3.0);
        // Three given, two expected, one in common.
        assert_eq!(lines("a\na\na", "a\nb"), 2.0 / 5.0);
        assert_eq!(lines("a\r\r\n", "a\r\n"), 0.0);
    }

    #[test]
    fn records_are_a_multiset_however_they_are_quoted() {
        let records = |output, expected| like(Likeness::Records { header: false }, output, expected);
        assert_eq!(records("\"b\",\"2\"\r\na,1\r\n", "a,1\nb,2\n"), 1.0);
        assert_eq!(records("\"a\"\"b\",\"x\ny\"\n", "\"a\"\"b\",\"x\ny\""), 1.0);
        assert_eq!(records("a,1\n\n\nb,2", "a,1\nb,2\n"), 1.0);
        // Where a field ends matters, and so does how many there are.
        assert_eq!(records("ab,c\n", "a,bc\n"), 0.0);
        assert_eq!(records("a,\n", "a\n"), 0.0);
        assert_eq!(records("a,1,1,1,1\n", "a,1\n"), 0.0);
        assert_eq!(records("a\na\n", "a\n"), 2.0 / 3.0);
        assert_eq!(records("", ""), 1.0);
    }

    #[test]
    fn a_header_is_asked_for_but_not_counted() {
        let records = |output: &str, expected: &str| {
            Likeness::Records { header: true }.of(output.as_bytes(), expected.as_bytes())
        };
        assert_eq!(records("id,\"name\"\n2,b\n", "id,name\n1,a\n"), Ok(0.0));
        assert_eq!(records("id,name\n2,b\n1,a\n", "id,name\n1,a\n2,b\n"), Ok(1.0));
        assert_eq!(records("id,name\n", "id,name\n"), Ok(1.0));
        for other in ["name,id\na,1\n", "1,a\n", "", "id,name,more\n1,a,\n"] {
            let trouble = records(other, "id,name\n1,a\n").expect_err("another header");
            assert_eq!(trouble.to_string(), "its first record is not the expected header `id,name`", "{other:?}");
        }
        // Who expects nothing at all expects no header either.
        assert_eq!(records("", ""), Ok(1.0));
    }

    #[test]
    fn what_is_longer_than_expected_is_not_kept() {
        let mut longest = 0;
        let long = vec![b'a'; 1 << 20];
        records(&long, Bound { bytes: 3000, fields: 1 }, |record| {
            longest = record.bytes.len();
            assert!(record.cut);
        });
        assert!((1..=3000).contains(&longest), "{longest}");
        records(&[b','; 1 << 16], Bound { bytes: 3, fields: 2 }, |record| {
            assert!(record.cut && record.ends.len() == 2)
        });
    }

    fn all() -> impl Strategy<Value = Likeness> {
        prop_oneof![
            Just(Likeness::Exact),
            Just(Likeness::Lines),
            any::<bool>().prop_map(|header| Likeness::Records { header })
        ]
    }

    proptest! {
        #[test]
        fn every_text_is_like_itself_and_likeness_has_no_sides(
            likeness in all(), a in "[ab,\"\r\n]{0,30}", b in "[ab,\"\r\n]{0,30}"
        ) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(likeness.of(a, a), Ok(1.0));
            if let (Ok(one), Ok(other)) = (likeness.of(a, b), likeness.of(b, a)) {
                prop_assert_eq!(one, other);
                prop_assert!((0.0..=1.0).contains(&one));
            }
        }

        #[test]
        fn any_bytes_can_be_compared(
            likeness in all(), a in prop::collection::vec(any::<u8>(), 0..3000), b in prop::collection::vec(any::<u8>(), 0..300)
        ) {
            if let Ok(number) = likeness.of(&a, &b) {
                prop_assert!((0.0..=1.0).contains(&number));
            }
        }

        #[test]
        fn the_order_does_not_matter(mut rows in prop::collection::vec("[ab]{0,2}", 0..8), turn in 0usize..8) {
            let one = rows.join("\n") + "\n";
            let turn = turn.min(rows.len());
            rows.rotate_left(turn);
            let other = rows.join("\n") + "\n";
            prop_assert_eq!(like(Likeness::Lines, &one, &other), 1.0);
            prop_assert_eq!(like(Likeness::Records { header: false }, &one, &other), 1.0);
        }
    }
}
