//! Candidates: what their acts end in.

use std::time::Duration;

use holobiont_core::{Limits, Outcome, printable};
use holobiont_sandbox::ModuleKind;
use holobiont_test_guests as guests;

use super::{ends, ends_as, excess};
use crate::support::{Setup, is_plain, module};

#[test]
pub(super) fn candidate_echo() {
    let came = ends(&guests::CANDIDATE_ECHO, "completed");
    assert_eq!(came.output(), b"Some input.");
    assert_eq!(came.outcome, Outcome::Completed { code: None });
    assert_eq!(module(&guests::CANDIDATE_ECHO).kind(), ModuleKind::Candidate);
    for length in [0, 1, 7, 8, 9, 100, 5_000, 60_000] {
        let mut setup = Setup::new(&guests::CANDIDATE_ECHO);
        setup.input = (0..length).map(|n: u32| (n % 251) as u8).collect();
        assert_eq!(setup.run().output(), setup.input, "{length} bytes");
    }
}

#[test]
pub(super) fn candidate_accelerates() {
    let came = ends(&guests::CANDIDATE_ACCELERATES, "completed");
    let said = "1 units\n42680000 42800000 430b0000 431a0000 \n7fc00000 \n00000000 00000000 \n\
                wrong-shape\nwrong-shape\ntoo-large";
    assert_eq!(came.text(), said);
    let usage = &came.measurement().usage;
    // Columns in tiles of 16: 2 x 3 x 16 and 1 x 2 x 16 multiply-adds, two in a nanosecond; the sums of nothing none.
    assert_eq!((usage.accelerator_ns, usage.denied_calls), (48 + 16, 0));
    let four = Setup::new(&guests::CANDIDATE_ACCELERATES).limits(|limits| limits.accelerators = 4);
    let came = ends_as(&four, "completed");
    assert_eq!(came.text(), said.replace("1 units", "4 units"));
    assert_eq!(came.measurement().usage.accelerator_ns, 12 + 4);
    assert_eq!(usage.waiting_ns - came.measurement().usage.waiting_ns, 48);
    // Who is granted none is told so, and each try is counted.
    let none = Setup::new(&guests::CANDIDATE_ACCELERATES).limits(|limits| limits.accelerators = 0);
    let came = ends_as(&none, "completed");
    assert_eq!(came.text(), format!("0 units{}", "\nno-accelerator".repeat(6)));
    let usage = &came.measurement().usage;
    assert_eq!((usage.accelerator_ns, usage.denied_calls), (0, 6));
    let used = usage.interfaces.iter().find(|used| used.name == "holobiont:plugin/accelerator").expect("called");
    assert_eq!((used.calls, used.denied, used.to_guest_bytes), (7, 6, 0));
    assert_eq!(Limits::default().accelerators, 0, "nobody has one unless it is granted");
}

#[test]
pub(super) fn candidate_accelerates_huge_results() {
    let came = ends(&guests::CANDIDATE_ACCELERATES_HUGE_RESULTS, "limit: host-data");
    assert!(came.took < Duration::from_millis(500), "{:?}", came.took);
    let setup = Setup::new(&guests::CANDIDATE_ACCELERATES_HUGE_RESULTS).limits(|limits| limits.accelerators = 0);
    assert_eq!(ends_as(&setup, "completed").text(), "no-accelerator");
}

#[test]
pub(super) fn candidate_accelerates_without_end() {
    let came = ends(&guests::CANDIDATE_ACCELERATES_WITHOUT_END, "limit: time");
    assert_eq!(excess(&came).1, 100_000_000);
    let usage = &came.measurement().usage;
    // A product takes 2^23 ns, and what would end past the limit is not begun.
    assert_eq!(usage.accelerator_ns % (1 << 23), 0);
    assert!((70_000_000..100_000_000).contains(&usage.accelerator_ns), "{}", usage.accelerator_ns);
    // However many units it has, they are worth sixteen: it has that many times the products, and no more.
    let many = |units| {
        let setup = Setup::new(&guests::CANDIDATE_ACCELERATES_WITHOUT_END);
        setup.limits(|limits| (limits.accelerators, limits.time_ns) = (units, 10_000_000)).run().measurement().clone()
    };
    assert_eq!(many(u64::MAX), many(16));
    // Where virtual time does not end it, real time does, in the middle of a product; and bytes do where that is long.
    let endless = |limits: &mut Limits| (limits.time_ns, limits.accelerators) = (u64::MAX, 4);
    let setup = Setup::new(&guests::CANDIDATE_ACCELERATES_WITHOUT_END).limits(endless);
    let came = ends_as(&setup.clone().limits(|limits| limits.wall_time_ns = 100_000_000), "limit: wall-time");
    assert!(came.took < Duration::from_secs(1), "{:?}", came.took);
    ends_as(&setup.limits(|limits| limits.host_data_bytes = 8 << 20), "limit: host-data");
}

#[test]
pub(super) fn candidate_upper() {
    let came = ends(&guests::CANDIDATE_UPPER, "completed");
    assert_eq!(came.text(), "SOME INPUT.");
    let measurement = came.measurement();
    assert_eq!(measurement.metrics.get("bytes"), Some(&11.0));
    let said: Vec<_> = measurement.logs.iter().map(|line| (line.level.as_str(), line.message.as_str())).collect();
    assert_eq!(said, [("info", "11 bytes of text/plain")]);
}

#[test]
pub(super) fn candidate_workspace_tour() {
    let came = ends(&guests::CANDIDATE_WORKSPACE_TOUR, "completed");
    let said = "None [\"stored\", \"stored\", \"stored\", \"invalid-key\", \"invalid-key\"] \
                Some([116, 119, 111]) Some([]) None true false [\"b1\", \"b2\"]";
    assert_eq!(came.text(), said);
}

#[test]
pub(super) fn candidate_fails_internal() {
    assert_eq!(ends(&guests::CANDIDATE_FAILS_INTERNAL, "failed: internal").outcome.detail(), "as declared");
}

#[test]
pub(super) fn candidate_fails_invalid_input() {
    assert_eq!(ends(&guests::CANDIDATE_FAILS_INVALID_INPUT, "failed: invalid-input").outcome.detail(), "as declared");
}

#[test]
pub(super) fn candidate_fails_invalid_parameter() {
    let came = ends(&guests::CANDIDATE_FAILS_INVALID_PARAMETER, "failed: invalid-parameter");
    assert_eq!(came.outcome.detail(), "as declared");
}

#[test]
pub(super) fn candidate_fails_unsupported() {
    assert_eq!(ends(&guests::CANDIDATE_FAILS_UNSUPPORTED, "failed: unsupported").outcome.detail(), "as declared");
}

#[test]
pub(super) fn candidate_spins() {
    let came = ends(&guests::CANDIDATE_SPINS, "limit: fuel");
    assert_eq!(excess(&came), (40_000_000, 40_000_000));
    assert_eq!(came.measurement().usage.fuel, 40_000_000);
    // With fuel to spare, it is time that ends it, virtual or real.
    let endless = |limits: &mut Limits| limits.fuel = u64::MAX;
    let setup = Setup::new(&guests::CANDIDATE_SPINS).limits(endless).limits(|limits| limits.time_ns = 10_000_000);
    assert_eq!(excess(&ends_as(&setup, "limit: time")), (10_000_000, 10_000_000));
    let setup = setup.limits(|limits| (limits.time_ns, limits.wall_time_ns) = (u64::MAX, 50_000_000));
    ends_as(&setup, "limit: wall-time");
}

#[test]
pub(super) fn candidate_sleeps_a_year() {
    let came = ends(&guests::CANDIDATE_SLEEPS_A_YEAR, "limit: time");
    assert!(came.took < Duration::from_millis(500), "{:?}", came.took);
    assert!(excess(&came).0 >= 365 * 86_400 * 1_000_000_000, "{}", came.outcome);
    // A year costs a year of virtual time and no real time.
    let setup = Setup::new(&guests::CANDIDATE_SLEEPS_A_YEAR).limits(|limits| limits.time_ns = u64::MAX);
    let came = ends_as(&setup, "completed");
    assert!(came.measurement().usage.virtual_time_ns >= 365 * 86_400 * 1_000_000_000);
    assert_eq!(came.text(), "a year has passed");
}

#[test]
pub(super) fn candidate_sleeps_then_loops() {
    ends(&guests::CANDIDATE_SLEEPS_THEN_LOOPS, "limit: time");
}

#[test]
pub(super) fn candidate_allocation_bomb() {
    let came = ends(&guests::CANDIDATE_ALLOCATION_BOMB, "limit: memory");
    let (asked, allowed) = excess(&came);
    assert!(asked > allowed && allowed == 8 << 20, "{}", came.outcome);
}

#[test]
pub(super) fn candidate_tiny_growths() {
    let came = ends(&guests::CANDIDATE_TINY_GROWTHS, "limit: memory");
    assert_eq!(excess(&came), ((8 << 20) + (64 << 10), 8 << 20));
    assert_eq!(came.measurement().usage.peak_memory_bytes, 8 << 20);
}

#[test]
pub(super) fn candidate_memory_refused_then_declines() {
    ends(&guests::CANDIDATE_MEMORY_REFUSED_THEN_DECLINES, "failed: internal");
}

#[test]
pub(super) fn candidate_memory_refused_then_goes_on() {
    assert_eq!(ends(&guests::CANDIDATE_MEMORY_REFUSED_THEN_GOES_ON, "completed").text(), "refused: true");
}

#[test]
pub(super) fn candidate_memory_refused_then_loops() {
    ends(&guests::CANDIDATE_MEMORY_REFUSED_THEN_LOOPS, "limit: fuel");
}

#[test]
pub(super) fn candidate_memory_refused_then_panics() {
    ends(&guests::CANDIDATE_MEMORY_REFUSED_THEN_PANICS, "limit: memory");
}

#[test]
pub(super) fn candidate_memory_refused_then_prints() {
    ends(&guests::CANDIDATE_MEMORY_REFUSED_THEN_PRINTS, "limit: log");
}

#[test]
pub(super) fn candidate_deep_recursion() {
    ends(&guests::CANDIDATE_DEEP_RECURSION, "limit: stack");
}

#[test]
pub(super) fn candidate_shadow_stack_overflow() {
    ends(&guests::CANDIDATE_SHADOW_STACK_OVERFLOW, "trap: memory-out-of-bounds");
}

#[test]
pub(super) fn candidate_panics() {
    let came = ends(&guests::CANDIDATE_PANICS, "trap: unreachable");
    assert!(came.outcome.detail().contains("the first line"), "{}", came.outcome);
    let said: Vec<_> = came.measurement().logs.iter().map(|line| line.message.as_str()).collect();
    assert!(said.contains(&"the first line") && said.contains(&"the second line"), "{said:?}");
}

#[test]
pub(super) fn candidate_log_flood() {
    let came = ends(&guests::CANDIDATE_LOG_FLOOD, "limit: log");
    let measurement = came.measurement();
    assert!(measurement.logs.len() <= 1 << 10, "{} messages of nothing", measurement.logs.len());
    assert!(measurement.usage.log_bytes <= 16 << 10);
}

#[test]
pub(super) fn candidate_metric_flood() {
    let came = ends(&guests::CANDIDATE_METRIC_FLOOD, "limit: log");
    assert!(came.measurement().metrics.len() <= 1 << 10);
}

#[test]
pub(super) fn candidate_big_result() {
    let came = ends(&guests::CANDIDATE_BIG_RESULT, "limit: output");
    assert_eq!(excess(&came), (4 << 20, 64 << 10));
    // As output it may be let pass and still be more than one call may move.
    let setup = Setup::new(&guests::CANDIDATE_BIG_RESULT).limits(|limits| limits.output_bytes = 8 << 20);
    assert_eq!(ends_as(&setup, "completed").output().len(), 4 << 20);
    // As output it may be let pass and still be more than one call may move.
    ends_as(&setup.limits(|limits| limits.host_call_bytes = 1 << 20), "limit: host-data");
}

#[test]
pub(super) fn candidate_big_failure() {
    ends(&guests::CANDIDATE_BIG_FAILURE, "limit: host-data");
    let setup = Setup::new(&guests::CANDIDATE_BIG_FAILURE).limits(|limits| limits.host_call_bytes = 1 << 20);
    assert!(ends_as(&setup, "failed: internal").outcome.detail().ends_with('…'));
}

#[test]
pub(super) fn candidate_big_stream_write() {
    ends(&guests::CANDIDATE_BIG_STREAM_WRITE, "limit: host-data");
}

#[test]
pub(super) fn candidate_write_zeroes_huge() {
    ends(&guests::CANDIDATE_WRITE_ZEROES_HUGE, "limit: host-data");
}

#[test]
pub(super) fn candidate_random_huge() {
    let came = ends(&guests::CANDIDATE_RANDOM_HUGE, "limit: host-data");
    assert_eq!(excess(&came), (1 << 60, 256 << 10));
}

#[test]
pub(super) fn candidate_random_loop() {
    ends(&guests::CANDIDATE_RANDOM_LOOP, "limit: host-data");
    // Where data may flow, it is paid for by the byte.
    let setup = Setup::new(&guests::CANDIDATE_RANDOM_LOOP)
        .limits(|limits| (limits.host_data_bytes, limits.fuel) = (1 << 40, 10_000_000));
    let came = ends_as(&setup, "limit: fuel");
    assert!(came.measurement().usage.host_data_bytes <= 10_000_000 + (64 << 10));
    // Or held back by the bandwidth until time is over.
    let setup = setup.limits(|limits| limits.bandwidth_bytes_per_s = 1 << 20);
    ends_as(&setup, "limit: time");
}

#[test]
pub(super) fn candidate_random_sample() {
    let one = ends(&guests::CANDIDATE_RANDOM_SAMPLE, "completed");
    let other = Setup { seed: 8, ..Setup::new(&guests::CANDIDATE_RANDOM_SAMPLE) }.run();
    assert_ne!(one.text(), other.text(), "another seed gives other bytes");
}

#[test]
pub(super) fn candidate_zero_timers() {
    let came = ends(&guests::CANDIDATE_ZERO_TIMERS, "limit: fuel");
    assert!(came.measurement().usage.host_calls < 1_000_000, "{:?}", came.measurement().usage);
}

#[test]
pub(super) fn candidate_poll_list_bomb() {
    // Each handle in the list is lent for the call, and what is lent is open.
    ends(&guests::CANDIDATE_POLL_LIST_BOMB, "limit: handles");
    let setup = Setup::new(&guests::CANDIDATE_POLL_LIST_BOMB)
        .limits(|limits| (limits.handles, limits.host_data_bytes, limits.fuel) = (20_000, 1 << 40, 10_000_000));
    let came = ends_as(&setup, "limit: fuel");
    // Ten thousand indices come back each time: they crossed the boundary too.
    let used = &came.measurement().usage.interfaces;
    let poll = used.iter().find(|used| used.name == "wasi:io/poll").expect("it polled");
    assert!(poll.to_guest_bytes >= (poll.calls - 1) * 40_000, "{poll:?}");
}

#[test]
pub(super) fn candidate_poll_nothing() {
    let came = ends(&guests::CANDIDATE_POLL_NOTHING, "trap: bad-value");
    assert!(came.outcome.detail().contains("empty list"), "{}", came.outcome);
}

#[test]
pub(super) fn candidate_pollable_hoard() {
    let came = ends(&guests::CANDIDATE_POLLABLE_HOARD, "limit: handles");
    assert_eq!(excess(&came), (257, 256));
    assert_eq!(came.measurement().usage.peak_handles, 256);
}

#[test]
pub(super) fn candidate_handle_hoard() {
    ends(&guests::CANDIDATE_HANDLE_HOARD, "limit: handles");
    let setup = Setup::new(&guests::CANDIDATE_HANDLE_HOARD).limits(|limits| limits.handles = 1_024);
    let came = ends_as(&setup, "completed");
    assert!((1_000..=1_004).contains(&came.measurement().usage.peak_handles));
}

#[test]
pub(super) fn candidate_workspace_filled() {
    let came = ends(&guests::CANDIDATE_WORKSPACE_FILLED, "completed");
    let used = came.measurement().usage.disk_bytes;
    assert!(used <= 64 << 10 && used > 63 << 10, "{used}");
    assert!(came.text().contains("after 61 entries"), "{}", came.text());
}

#[test]
pub(super) fn candidate_workspace_filled_then_declines() {
    let came = ends(&guests::CANDIDATE_WORKSPACE_FILLED_THEN_DECLINES, "limit: disk");
    let (asked, allowed) = excess(&came);
    assert!(asked > allowed && asked < allowed + 2_000, "{}", came.outcome);
}

#[test]
pub(super) fn candidate_odd_log() {
    let came = ends(&guests::CANDIDATE_ODD_LOG, "completed");
    let [line] = came.measurement().logs.as_slice() else { panic!("{:?}", came.measurement().logs) };
    // Kept as it came, one record however many lines it claims to be; shown, it is harmless.
    assert!(line.message.contains("\u{1b}[2J") && line.message.contains('\n'), "{line:?}");
    assert!(is_plain(&printable(&line.message)), "{:?}", printable(&line.message));
}

#[test]
pub(super) fn candidate_odd_metrics() {
    let came = ends(&guests::CANDIDATE_ODD_METRICS, "completed");
    let metrics = &came.measurement().metrics;
    let names: Vec<_> = metrics.keys().collect();
    assert_eq!(metrics.len(), 3, "{names:?}");
    assert_eq!((metrics.get("twice"), metrics.get("")), (Some(&4.0), Some(&2.0)));
    assert!(names.iter().all(|name| is_plain(&printable(name))));
}

#[test]
pub(super) fn candidate_odd_failure() {
    let came = ends(&guests::CANDIDATE_ODD_FAILURE, "failed: invalid-input");
    let detail = came.outcome.detail();
    assert!(detail.starts_with("first\\u{1b}[2J") && detail.ends_with("last"), "{detail}");
}

#[test]
pub(super) fn candidate_output_and_fuel_at_once() {
    // Only the log is too small here; crate::attribution has both.
    let setup =
        Setup::new(&guests::CANDIDATE_OUTPUT_AND_FUEL_AT_ONCE).limits(|limits| limits.host_call_bytes = 1 << 20);
    ends_as(&setup, "limit: log");
}
