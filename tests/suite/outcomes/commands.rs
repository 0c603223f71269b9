//! Commands, what they try with files and the network, and scorers.

use std::time::Duration;

use holobiont_core::{Outcome, printable};
use holobiont_sandbox::{Job, ModuleKind, SandboxError};
use holobiont_test_guests as guests;

use super::{ends, ends_as, excess};
use crate::support::{SANDBOX, Setup, is_plain, module, working};

#[test]
pub(super) fn cat() {
    let came = ends(&guests::CAT, "completed");
    assert_eq!(came.output(), b"Some input.");
    assert_eq!(came.outcome, Outcome::Completed { code: Some(0) });
    assert_eq!(module(&guests::CAT).kind(), ModuleKind::Command);
}

#[test]
pub(super) fn command_clocks() {
    // 2026-01-01, and a nap takes as long as it should, by both clocks.
    assert_eq!(ends(&guests::COMMAND_CLOCKS, "completed").text(), "1767225600\n1500 1500\n");
}

#[test]
pub(super) fn command_looks_around() {
    let came = ends(&guests::COMMAND_LOOKS_AROUND, "completed");
    let mut lines = came.text().lines();
    assert_eq!((lines.next(), lines.next()), (Some("[\"module\"]"), Some("[]")));
    let mut setup = Setup::new(&guests::COMMAND_LOOKS_AROUND);
    setup.grants.args = vec!["--fast".into()];
    setup.grants.env.extend([("KEY".into(), "value".into())]);
    let came = setup.run();
    let mut lines = came.text().lines();
    assert_eq!((lines.next(), lines.next()), (Some("[\"module\", \"--fast\"]"), Some("[(\"KEY\", \"value\")]")));
}

#[test]
pub(super) fn command_endless_printer() {
    let came = ends(&guests::COMMAND_ENDLESS_PRINTER, "limit: output");
    assert!(excess(&came).0 > 64 << 10);
    assert_eq!(came.output(), b"");
}

#[test]
pub(super) fn command_endless_printer_that_does_not_care() {
    ends(&guests::COMMAND_ENDLESS_PRINTER_THAT_DOES_NOT_CARE, "limit: output");
}

#[test]
pub(super) fn command_output_at_the_brim() {
    assert_eq!(ends(&guests::COMMAND_OUTPUT_AT_THE_BRIM, "completed").output().len(), 1 << 16);
    let setup = Setup::new(&guests::COMMAND_OUTPUT_AT_THE_BRIM).limits(|limits| limits.output_bytes -= 1);
    assert_eq!(excess(&ends_as(&setup, "limit: output")), (1 << 16, (1 << 16) - 1));
}

#[test]
pub(super) fn command_stderr_flood() {
    let came = ends(&guests::COMMAND_STDERR_FLOOD, "limit: log");
    assert!(came.measurement().logs.len() <= 1 << 10);
}

#[test]
pub(super) fn command_exits_with_0() {
    let came = ends(&guests::COMMAND_EXITS_WITH_0, "completed");
    assert_eq!((came.text(), &came.outcome), ("done\n", &Outcome::Completed { code: Some(0) }));
}

#[test]
pub(super) fn command_exits_with_1() {
    let came = ends(&guests::COMMAND_EXITS_WITH_1, "failed: exit");
    assert!(matches!(came.outcome, Outcome::Failed { code: Some(1), .. }), "{:?}", came.outcome);
}

#[test]
pub(super) fn command_exits_with_7() {
    // Rust's standard library uses the stable `exit`, which tells 0 from 1 only; wat_exit_code_7 has the other.
    let came = ends(&guests::COMMAND_EXITS_WITH_7, "failed: exit");
    assert!(matches!(came.outcome, Outcome::Failed { code: Some(1), .. }), "{:?}", came.outcome);
}

#[test]
pub(super) fn command_prints_and_fails() {
    let came = ends(&guests::COMMAND_PRINTS_AND_FAILS, "failed: exit");
    assert_eq!(came.text(), "half of it\n");
}

#[test]
pub(super) fn command_sleeps_a_year() {
    let came = ends(&guests::COMMAND_SLEEPS_A_YEAR, "limit: time");
    assert!(came.took < Duration::from_millis(500), "{:?}", came.took);
}

#[test]
pub(super) fn command_panics() {
    let came = ends(&guests::COMMAND_PANICS, "trap: unreachable");
    assert!(came.outcome.detail().contains("as it was meant to"), "{}", came.outcome);
}

#[test]
pub(super) fn command_odd_panic() {
    let came = ends(&guests::COMMAND_ODD_PANIC, "trap: unreachable");
    assert!(came.measurement().logs.iter().any(|line| line.message.contains("first\u{1b}[2J")));
}

#[test]
pub(super) fn command_odd_stderr() {
    let came = ends(&guests::COMMAND_ODD_STDERR, "completed");
    let said: Vec<_> = came.measurement().logs.iter().map(|line| line.message.as_str()).collect();
    assert!(said.iter().all(|line| is_plain(&printable(line))), "{said:?}");
    assert_eq!(said.last(), Some(&"no end"));
    assert!(said.iter().any(|line| line.contains("\u{fffd}\u{fffd}\u{fffd}( not text \u{fffd}")), "{said:?}");
}

#[test]
pub(super) fn command_odd_stdout() {
    let came = ends(&guests::COMMAND_ODD_STDOUT, "completed");
    assert!(came.output().starts_with(b"\x1b[2J") && came.output().ends_with(b"\xff\xfe\0\n"));
}

// The network.

#[test]
pub(super) fn net_connects() {
    let came = ends(&guests::NET_CONNECTS, "completed");
    let usage = &came.measurement().usage;
    assert!(usage.denied_calls >= 3, "{usage:?}");
    assert_eq!(came.text().matches("Err(").count(), 3, "{}", came.text());
    assert!(
        usage.interfaces.iter().any(|used| used.name.contains("tcp-create-socket") && used.denied >= 2),
        "{usage:?}"
    );
}

#[test]
pub(super) fn net_resolves_a_name() {
    let came = ends(&guests::NET_RESOLVES_A_NAME, "completed");
    assert!(came.measurement().usage.denied_calls >= 1);
    assert!(came.text().starts_with("Err("), "{}", came.text());
}

// Files.

#[test]
pub(super) fn files_opens_without_grant() {
    let came = ends(&guests::FILES_OPENS_WITHOUT_GRANT, "completed");
    assert!(!came.text().contains("true"), "{}", came.text());
    assert_eq!(came.text().lines().count(), 9);
}

#[test]
pub(super) fn files_reads_and_writes() {
    let came = ends(&guests::FILES_READS_AND_WRITES, "completed");
    assert_eq!(came.text(), "Err(NotFound)\nOk(())\nOk(\"written\")\n");
    assert_eq!(came.left_on_host(), ["out"]);
}

#[test]
pub(super) fn files_disk_fill() {
    let came = ends(&guests::FILES_DISK_FILL, "completed");
    assert_eq!(came.text(), "full: true\n");
    let used = came.measurement().usage.disk_bytes;
    assert!(used <= 64 << 10 && used > 60 << 10, "{used}");
}

#[test]
pub(super) fn files_disk_fill_then_fails() {
    let came = ends(&guests::FILES_DISK_FILL_THEN_FAILS, "limit: disk");
    assert!(excess(&came).0 > 64 << 10);
    assert!(came.left_on_host().is_empty(), "a run that did not complete leaves nothing");
}

#[test]
pub(super) fn files_many_files() {
    ends(&guests::FILES_MANY_FILES, "limit: disk");
}

#[test]
pub(super) fn files_sparse_file() {
    let came = ends(&guests::FILES_SPARSE_FILE, "limit: disk");
    assert!(excess(&came).0 >= 1 << 40, "{}", came.outcome);
    assert!(came.left_on_host().is_empty(), "a run that did not complete leaves nothing");
}

// Scorers.

#[test]
pub(super) fn scorer() {
    ends(&guests::SCORER, "completed");
    let module = module(&guests::SCORER);
    let score = |output: &[u8], expected: Option<&[u8]>| {
        let _working = working();
        let job = Job::new(b"input").limits(crate::support::tight());
        let scored = SANDBOX.score(&module, &job, output, expected).expect("a guest is no fault of the host");
        (scored.measurement.outcome.code(), scored.score)
    };
    assert_eq!(score(b"0123456789", None), ("completed".into(), Some(5.0)));
    assert_eq!(score(b"0123456789", Some(b"abc")), ("completed".into(), Some(8.0)));
    assert_eq!(score(b"nan", None), ("failed: internal".into(), None));
    assert_eq!(score(b"infinity", None), ("failed: internal".into(), None));
    assert_eq!(score(b"no", None), ("failed: invalid-input".into(), None));
    assert_eq!(score(b"panic", None), ("trap: unreachable".into(), None));
    assert_eq!(score(b"spin", None), ("limit: fuel".into(), None));
}

#[test]
pub(super) fn a_module_is_asked_only_for_what_it_is() {
    let job = Job::new(b"");
    let run = SANDBOX.run(&module(&guests::SCORER), &job);
    assert!(matches!(run, Err(SandboxError::Kind { kind: "scorer", .. })), "{run:?}");
    let scored = SANDBOX.score(&module(&guests::CAT), &job, b"", None);
    assert!(matches!(scored, Err(SandboxError::Kind { kind: "command", .. })), "{scored:?}");
}
