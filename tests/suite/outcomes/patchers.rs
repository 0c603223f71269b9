//! Patchers: what their acts end in. What becomes of proposals is in `patching.rs`.

use holobiont_core::Limits;
use holobiont_sandbox::{Job, ModuleKind, Patch, SandboxError};
use holobiont_test_guests as guests;

use super::{ends, ends_as, excess, refused};
use crate::support::{SANDBOX, Setup, module, patch_context};

fn tune(id: &str, values: &[(&str, &str)]) -> Patch {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Patch::Parameters { id: id.to_owned(), values }
}

fn replace(id: &str, bytes: &[u8]) -> Patch {
    Patch::Component { id: id.to_owned(), bytes: bytes.to_owned() }
}

#[test]
pub(super) fn patcher_proposes() {
    let came = ends(&guests::PATCHER_PROPOSES, "completed");
    assert_eq!(module(&guests::PATCHER_PROPOSES).kind(), ModuleKind::Patcher);
    let (acting, other) = ("m/acting.wasm", "m/other.wasm");
    let wanted = [
        tune(acting, &[("act", "proposes")]),
        tune(other, &[("whole", "-1")]),
        tune(other, &[("number", "0.25")]),
        tune(other, &[("word", "a")]),
        replace(acting, b"no"),
    ];
    assert_eq!(came.patches, wanted);
    // All that it was told arrived.
    let measurement = came.measurement();
    let said: String = measurement.logs.iter().map(|line| line.message.as_str()).collect();
    for told in ["What word does.", "-9223372036854775808", "inf", "m/other.wasm", "\"7\"", "-0.125"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(measurement.metrics.get("seed"), Some(&7.0));
    // What it proposed is its output: two proposals of one length are told apart, and the limit is held against it.
    let bytes = measurement.output.bytes;
    assert_eq!(measurement.usage.output_bytes, bytes);
    let exactly = |bytes: u64| Setup::new(&guests::PATCHER_PROPOSES).limits(|limits| limits.output_bytes = bytes);
    assert_eq!(ends_as(&exactly(bytes), "completed").patches, wanted);
    let came = ends_as(&exactly(bytes - 1), "limit: output");
    assert_eq!((excess(&came), came.patches.len()), ((bytes, bytes - 1), 0));
}

#[test]
pub(super) fn patcher_odd_proposals() {
    let came = ends(&guests::PATCHER_ODD_PROPOSALS, "completed");
    let odd = "\u{1b}[2J\r\n\u{202e}\u{0}";
    let acting = "m/acting.wasm";
    let wanted = [
        tune("../../etc/passwd", &[("act", "x")]),
        tune(acting, &[(odd, odd)]),
        tune(acting, &[]),
        replace(odd, odd.as_bytes()),
        tune(acting, &[("act", "first"), ("act", "last")]),
    ];
    assert_eq!(came.patches, wanted, "they are data");
}

#[test]
pub(super) fn patcher_declines() {
    let came = ends(&guests::PATCHER_DECLINES, "failed: unsupported");
    assert_eq!(came.outcome.detail(), "nothing could be better\\u{1b}[2J");
}

#[test]
pub(super) fn patcher_gives_much() {
    let came = ends(&guests::PATCHER_GIVES_MUCH, "limit: output");
    assert!(came.patches.is_empty());
    let roomy = |limits: &mut Limits| limits.output_bytes = 1 << 20;
    let came = ends_as(&Setup::new(&guests::PATCHER_GIVES_MUCH).limits(roomy), "completed");
    assert_eq!(came.patches, [replace("m/acting.wasm", &[0; 100_000])]);
}

#[test]
pub(super) fn patcher_gives_too_many() {
    let came = ends(&guests::PATCHER_GIVES_TOO_MANY, "limit: host-data");
    assert!(came.patches.is_empty());
}

#[test]
pub(super) fn patcher_runs_away() {
    ends(&guests::PATCHER_RUNS_AWAY, "limit: fuel");
}

#[test]
pub(super) fn patcher_allocates_without_end() {
    ends(&guests::PATCHER_ALLOCATES_WITHOUT_END, "limit: memory");
}

#[test]
pub(super) fn patcher_logs_without_end() {
    ends(&guests::PATCHER_LOGS_WITHOUT_END, "limit: log");
}

#[test]
pub(super) fn patcher_panics() {
    ends(&guests::PATCHER_PANICS, "trap: unreachable");
}

#[test]
pub(super) fn wat_propose_of_another_type() {
    refused(&guests::WAT_PROPOSE_OF_ANOTHER_TYPE, "rejected: interface-mismatch", &["propose"]);
}

#[test]
fn only_a_patcher_proposes_and_it_does_nothing_else() {
    let job = Job::new(b"x");
    let no_patcher = SANDBOX.propose(&module(&guests::CANDIDATE_ECHO), &job, &patch_context("", 0));
    assert!(matches!(no_patcher, Err(SandboxError::Kind { kind: "candidate", .. })), "{no_patcher:?}");
    let run = SANDBOX.run(&module(&guests::PATCHER_PROPOSES), &job);
    assert!(matches!(run, Err(SandboxError::Kind { kind: "patcher", .. })), "{run:?}");
}

#[test]
fn a_context_that_is_too_large_is_not_handed_over() {
    let setup = Setup::new(&guests::PATCHER_PROPOSES).limits(|limits| limits.host_call_bytes = 200);
    ends_as(&setup, "limit: host-data");
}

#[test]
fn what_may_be_tuned_is_described() {
    let module = module(&guests::CANDIDATE_ECHO);
    let said = SANDBOX.describe(&module, &Limits::default()).expect("no fault of the host").expect("it describes");
    let tunables: Vec<(&str, &str)> = said.tunables.iter().map(|t| (t.name.as_str(), t.default.as_str())).collect();
    assert_eq!(tunables, [("act", "echo")]);
}
