//! Says how well the pairs that were found agree with those that there are: their F1, in hundredths.
//!
//! What there is to find is in the input: records that are about the same person have the same number in
//! their ids, `rec-7-org` and `rec-7-dup-0`. No module may look into an id; they are labels, and copied.
//!
//! What was found is in the output: its rows `match,<id>,<id>`. Where it has none, and so nobody has said
//! anything of pairs, they are the records that have all values but their ids in common. That is what
//! people mean by duplicates who have no module to match them, and so modules that only clean records can be
//! measured as well.
//!
//! F1 is the harmonic mean of two shares: of the pairs that were found, those that are right, and of those
//! that there are, those that were found. Pairs of a record with itself do not count, and no pair counts
//! twice; one with a record that the input does not have is wrong.

use holobiont_guest::{Failure, Scorer, export_scorer};
use records_table::Table;

mod tally;

struct PairsFound;

impl Scorer for PairsFound {
    fn score(input: Vec<u8>, output: Vec<u8>, _expected: Option<Vec<u8>>) -> Result<f64, Failure> {
        let input = table(&input)?;
        let output = match table(&output) {
            Ok(output) => output,
            Err(why) => {
                holobiont_guest::warn!("the output is no table of records: {why:?}");
                return Ok(0.0);
            }
        };
        let tally = tally::tally(&input, &output);
        holobiont_guest::info!("{} right of {} found and {} there", tally.right, tally.found, tally.there);
        Ok(100.0 * tally.f1())
    }
}

export_scorer!(PairsFound);

fn table(bytes: &[u8]) -> Result<Table<'_>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|e| Failure::InvalidInput(format!("no UTF-8: {e}")))?;
    Table::parse(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rounded, since a hundredth is no number that a computer has.
    fn score(input: &str, output: &str) -> Result<f64, Failure> {
        PairsFound::score(input.into(), output.into(), None).map(|score| (score * 1e9).round() / 1e9)
    }

    /// F1 as it is defined, rounded likewise.
    fn points(right: f64, found_and_there: f64) -> Result<f64, Failure> {
        Ok((200.0 * right / found_and_there * 1e9).round() / 1e9)
    }

    /// Three pairs: two of person 1 with a third record, one of person 2.
    const INPUT: &str = "id,name\nrec-1-org,a\nrec-1-dup-0,b\nrec-1-dup-1,c\nrec-2-org,d\nrec-2-dup-0,e\nrec-3-org,f\n";

    #[test]
    fn matches_count_where_there_are_some() {
        let right = "match,rec-1-org,rec-1-dup-0\n";
        let wrong = "match,rec-1-org,rec-2-org\n";
        // One of one found and four there; then one of two.
        assert_eq!(score(INPUT, &format!("id\n{right}")), points(1.0, 5.0));
        assert_eq!(score(INPUT, &format!("id\n{right}{wrong}")), points(1.0, 6.0));
        assert_eq!(score(INPUT, &format!("id\n{wrong}")), Ok(0.0));
        // Neither twice, nor the other way round, nor with itself; and unknown ids are wrong.
        let again = "match,rec-1-dup-0,rec-1-org\nmatch,rec-1-org,rec-1-org\n";
        assert_eq!(score(INPUT, &format!("id\n{right}{right}{again}")), points(1.0, 5.0));
        assert_eq!(score(INPUT, &format!("id\n{right}match,rec-2-org,rec-2-dup-9\n")), points(1.0, 6.0));
        // Where there are matches, equal records are nothing.
        assert_eq!(score(INPUT, &format!("id,name\nrec-2-org,x\nrec-2-dup-0,x\n{right}")), points(1.0, 5.0));
    }

    #[test]
    fn equal_records_count_where_there_are_no_matches() {
        assert_eq!(score(INPUT, INPUT), Ok(0.0));
        assert_eq!(score(INPUT, "id,name\nrec-2-org,x\nrec-2-dup-0,x\nrec-2-dup-0,x\n"), points(1.0, 5.0));
        // All equal: all pairs there are, among the 15 of six records.
        assert_eq!(score(INPUT, &INPUT.replace(['a', 'b', 'c', 'd', 'e', 'f'], "")), Ok(0.0));
        let equal: String = INPUT.lines().map(|row| format!("{},\n", row.split_once(',').expect("two").0)).collect();
        assert_eq!(score(INPUT, &equal), points(4.0, 19.0));
        // A candidate is no match.
        assert_eq!(score(INPUT, &format!("{INPUT}candidate,rec-1-org,rec-1-dup-0\n")), Ok(0.0));
    }

    #[test]
    fn everything_found_is_100_and_nothing_there_is_0() {
        let all = "match,rec-1-org,rec-1-dup-0\nmatch,rec-1-org,rec-1-dup-1\nmatch,rec-1-dup-1,rec-1-dup-0\n";
        assert_eq!(score(INPUT, &format!("id\n{all}match,rec-2-org,rec-2-dup-0\n")), Ok(100.0));
        assert_eq!(score("id\nrec-1-org\nrec-2-org\n", "id\n"), Ok(0.0));
        assert_eq!(score("id\nx-1-a\nx-1-b\n", "id\nmatch,x-1-a,x-1-b\n"), Ok(0.0));
    }

    #[test]
    fn an_output_that_is_no_table_is_worth_nothing_and_such_an_input_is_refused() {
        assert_eq!(score(INPUT, ""), Ok(0.0));
        assert_eq!(PairsFound::score(INPUT.into(), vec![255], None), Ok(0.0));
        assert!(matches!(score("", INPUT), Err(Failure::InvalidInput(_))));
    }

    proptest! {
        #[test]
        fn it_is_between_0_and_100(output in "id,name\n(match|rec-[12]-org|rec-[12]-dup-0|[x,\"]|[\n,]){0,30}") {
            let score = score(INPUT, &output);
            prop_assert!(score.is_ok_and(|score| (0.0..=100.0).contains(&score)));
        }
    }
}
