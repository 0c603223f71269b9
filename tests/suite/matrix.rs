//! The enforcement matrix of docs/SECURITY.md says what is so: it is made by `cargo xtask hostile --bless`,
//! and here its rows are held against what the fixtures really end in.

use std::collections::{BTreeMap, BTreeSet};

use holobiont_core::{LimitKind, Limits};
use holobiont_test_guests::ALL;

use crate::support::Setup;

const PAGE: &str = include_str!("../../docs/SECURITY.md");

/// The cells of the rows between two marks.
fn rows(mark: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = PAGE.split_once(&format!("<!-- {mark}:begin -->")).expect("the page has the mark");
    let (table, _) = rest.split_once(&format!("<!-- {mark}:end -->")).expect("the page has its end");
    let lines = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    lines.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect()).collect()
}

#[test]
fn each_fixture_ends_as_the_matrix_says() {
    let virtual_rows: BTreeMap<&str, &str> =
        rows("matrix").iter().filter(|row| row[4] == "virtual").map(|row| (row[1], row[5])).collect();
    for fixture in ALL {
        let row = virtual_rows.get(fixture.name);
        assert_eq!(row, Some(&Setup::new(fixture).run().outcome.code().as_str()), "{}", fixture.name);
    }
}

#[test]
fn each_limit_has_a_row_that_ended_in_it() {
    let ended: BTreeSet<&str> = rows("matrix").iter().map(|row| row[0]).collect();
    for kind in LimitKind::ALL {
        assert!(ended.contains(kind.to_string().as_str()), "{kind}");
    }
    let documented: BTreeSet<&str> = rows("limits").iter().map(|row| row[0]).collect();
    for field in Limits::FIELDS {
        assert!(documented.contains(format!("--{}", field.name).as_str()), "{}", field.name);
    }
}
