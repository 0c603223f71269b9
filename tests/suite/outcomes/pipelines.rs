//! Pipelines: what their acts end in. What holds for all of them is in `nesting.rs`.

use std::time::Duration;

use holobiont_core::{Limits, Part, Relation};
use holobiont_sandbox::ModuleKind;
use holobiont_test_guests as guests;

use super::{ends, ends_as, excess};
use crate::support::{Came, Setup, is_plain, module};

/// The part of the module that was first invoked.
#[track_caller]
fn first_part(came: &Came) -> &Part {
    let part = came.measurement().parts.first().expect("something was invoked");
    assert_eq!(part.relation, Relation::Invoked);
    part
}

#[test]
pub(super) fn pipeline_echo() {
    let came = ends(&guests::PIPELINE_ECHO, "completed");
    assert_eq!(came.output(), b"Some input.");
    assert_eq!(module(&guests::PIPELINE_ECHO).kind(), ModuleKind::Pipeline);
    let measurement = came.measurement();
    assert_eq!(measurement.metrics.get("energy"), Some(&1.0));
    let said: Vec<_> = measurement.logs.iter().map(|line| (line.level.as_str(), line.message.as_str())).collect();
    assert_eq!(said, [("info", "tried with energy 1")]);
    assert_eq!((measurement.parts.len(), measurement.usage.host_calls), (0, 0));
}

#[test]
pub(super) fn pipeline_declines() {
    assert_eq!(ends(&guests::PIPELINE_DECLINES, "failed: unsupported").outcome.detail(), "no such pipeline");
}

#[test]
pub(super) fn pipeline_big_output() {
    ends(&guests::PIPELINE_BIG_OUTPUT, "limit: host-data");
    let roomy = |limits: &mut Limits| (limits.host_call_bytes, limits.host_data_bytes) = (8 << 20, 16 << 20);
    let came = ends_as(&Setup::new(&guests::PIPELINE_BIG_OUTPUT).limits(roomy), "limit: output");
    assert_eq!(excess(&came), (4 << 20, 64 << 10));
}

#[test]
pub(super) fn pipeline_odd_report() {
    let came = ends(&guests::PIPELINE_ODD_REPORT, "completed");
    let metrics = &came.measurement().metrics;
    assert_eq!((metrics.get("twice"), metrics.get("nan"), metrics.len()), (Some(&4.0), None, 3));
}

#[test]
pub(super) fn pipeline_report_flood() {
    let came = ends(&guests::PIPELINE_REPORT_FLOOD, "limit: log");
    assert!(came.measurement().metrics.len() < 1_000);
}

#[test]
pub(super) fn pipeline_invokes_all() {
    let came = ends(&guests::PIPELINE_INVOKES_ALL, "completed");
    let lines: Vec<&str> = came.text().lines().collect();
    assert_eq!(
        lines,
        [
            "candidate.wasm: fixture [act] Does what it is told, for the host's tests.: Some input.",
            "cat.wasm: cat.wasm [] A command: the payload is its standard input, its output the result.: Some input.",
            "odd.wasm: odd.wasm [] : abcd",
            "pipeline.wasm: pipeline.wasm [] A pipeline, which may invoke the others.: too-deep",
        ]
    );
    let measurement = came.measurement();
    let parts: Vec<_> = measurement.parts.iter().map(|part| (part.calls, part.outcome.code())).collect();
    // Being described is being called; what has no description has failed to give it.
    let wanted = [(2, "completed"), (2, "trap: bad-value"), (1, "completed")];
    assert_eq!(parts, wanted.map(|(calls, code)| (calls, code.to_owned())));
}

#[test]
pub(super) fn pipeline_invokes_nobody() {
    let came = ends(&guests::PIPELINE_INVOKES_NOBODY, "completed");
    assert_eq!(came.text(), ["unknown-module"; 5].join(" "));
    assert!(came.measurement().parts.is_empty());
}

#[test]
pub(super) fn pipeline_invokes_only() {
    let came = ends(&guests::PIPELINE_INVOKES_ONLY, "completed");
    assert_eq!(first_part(&came).calls, 3);
}

#[test]
pub(super) fn pipeline_invokes_itself() {
    assert_eq!(ends(&guests::PIPELINE_INVOKES_ITSELF, "completed").text(), "too-deep");
}

#[test]
pub(super) fn pipeline_invokes_in_a_circle() {
    let came = ends(&guests::PIPELINE_INVOKES_IN_A_CIRCLE, "completed");
    assert_eq!((came.text(), first_part(&came).calls), ("too-deep", 1));
}

#[test]
pub(super) fn pipeline_invokes_deeply() {
    let came = ends(&guests::PIPELINE_INVOKES_DEEPLY, "completed");
    assert_eq!(came.text(), "3 levels, then unknown-module");
    // Three memories at once: what the part had at most, and what its caller held meanwhile.
    let (all, part) = (&came.measurement().usage, &first_part(&came).usage);
    assert_eq!(all.peak_memory_bytes, part.peak_memory_bytes / 2 * 3);
}

#[test]
pub(super) fn pipeline_invokes_a_spinner() {
    let came = ends(&guests::PIPELINE_INVOKES_A_SPINNER, "limit: fuel");
    assert_eq!(excess(&came), (40_000_000, 40_000_000));
    assert_eq!(first_part(&came).outcome.code(), "limit: fuel");
    let endless = |limits: &mut Limits| limits.fuel = u64::MAX;
    let setup = Setup::new(&guests::PIPELINE_INVOKES_A_SPINNER).limits(endless).limits(|l| l.time_ns = 10_000_000);
    assert_eq!(excess(&ends_as(&setup, "limit: time")), (10_000_000, 10_000_000));
    let setup = setup.limits(|limits| (limits.time_ns, limits.wall_time_ns) = (u64::MAX, 50_000_000));
    assert_eq!(excess(&ends_as(&setup, "limit: wall-time")), (50_000_000, 50_000_000));
}

#[test]
pub(super) fn pipeline_invokes_a_sleeper() {
    let came = ends(&guests::PIPELINE_INVOKES_A_SLEEPER, "limit: time");
    assert!(came.took < Duration::from_millis(500), "{:?}", came.took);
    let year = 365 * 86_400 * 1_000_000_000;
    assert!(came.measurement().usage.virtual_time_ns >= year);
    // Real sleep is cut by what real time is left to the pipeline.
    let mut setup = Setup::new(&guests::PIPELINE_INVOKES_A_SLEEPER)
        .limits(|limits| (limits.time_ns, limits.wall_time_ns) = (u64::MAX, 50_000_000));
    setup.grants.realtime = true;
    ends_as(&setup, "limit: wall-time");
}

#[test]
pub(super) fn pipeline_invokes_a_hoarder() {
    let came = ends(&guests::PIPELINE_INVOKES_A_HOARDER, "completed");
    assert_eq!(came.text(), "stopped: limit: memory");
    let (limit, held) = (8 << 20, 3 << 20);
    let part = &first_part(&came).usage;
    assert!(part.peak_memory_bytes < limit - held, "{part:?}");
    assert!(came.measurement().usage.peak_memory_bytes > part.peak_memory_bytes + held, "{part:?}");
}

#[test]
pub(super) fn pipeline_invokes_a_flood_of_parameters() {
    let came = ends(&guests::PIPELINE_INVOKES_A_FLOOD_OF_PARAMETERS, "limit: host-data");
    assert!(came.measurement().parts.is_empty());
}

#[test]
pub(super) fn pipeline_invokes_the_failing() {
    let came = ends(&guests::PIPELINE_INVOKES_THE_FAILING, "completed");
    assert!(came.text().lines().all(is_plain), "{}", came.text());
    let wanted = [
        "fails_internal: failed: Failure::Internal(\"as declared\")",
        "fails_invalid_input: failed: Failure::InvalidInput(\"as declared\")",
        "odd_failure: failed: Failure::InvalidInput(",
        "panics: stopped: trap: unreachable",
        "deep_recursion: stopped: limit: stack",
        "big_result: stopped: limit: host-data",
        "random_huge: stopped: limit: host-data",
        "handle_hoard: stopped: limit: handles",
        "poll_nothing: stopped: trap: bad-value",
        "workspace_filled_then_declines: stopped: limit: disk",
        "log_flood: stopped: limit: log",
        // There is one log for all of them, and it is full.
        "upper: stopped: limit: log",
        "declines: failed: Failure::Unsupported(\"no such pipeline\")",
        "command: stopped: limit: log",
    ];
    let logs = &came.measurement().logs;
    let said = |level: &str| logs.iter().any(|line| line.level == level);
    assert!(said("stderr of candidate.wasm") && !said("stderr"), "{logs:?}");
    for (line, wanted) in came.text().lines().zip(wanted) {
        assert!(line.starts_with(wanted), "{line}\n{wanted}");
    }
    assert_eq!((came.text().lines().count(), first_part(&came).calls), (wanted.len(), 12));
}

#[test]
pub(super) fn pipeline_invokes_without_end() {
    let came = ends(&guests::PIPELINE_INVOKES_WITHOUT_END, "limit: fuel");
    // A sandbox for each has its price, or real time would be what ends it.
    assert!((100..800).contains(&first_part(&came).calls), "{}", first_part(&came).calls);
}

#[test]
pub(super) fn pipeline_lists_without_end() {
    let came = ends(&guests::PIPELINE_LISTS_WITHOUT_END, "limit: fuel");
    assert_eq!(first_part(&came).calls, 1, "a description is asked for once");
}

#[test]
pub(super) fn pipeline_shares_the_workspace() {
    let came = ends(&guests::PIPELINE_SHARES_THE_WORKSPACE, "completed");
    assert_eq!(came.text(), "true true; stopped: limit: disk; true; inner outer and 61 others");
}
