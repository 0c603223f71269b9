//! Self-tests as people and scripts meet them.

use super::yard::{CASES, yard};
use super::{check, document};

#[test]
fn self_tests_come_to_what_is_written_down() {
    let project = yard();
    let wrong = check("", &|name| name == CASES, project.path());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What scripts read of a self-test, and of going round.
#[test]
fn documents_of_self_tests_hold_what_their_readers_rely_on() {
    let project = yard();
    let (code, first) = document(project.path(), "self-test run --dry-run --json");
    assert_eq!((code, first["schema"].as_str(), &first["dry_run"]), (3, Some("holobiont.self-test/1"), &true.into()));
}
