//! Two causes at once: the first of the documented order names the outcome. Rejected, denied import, fuel,
//! time, the other limits, trap, failure.

use holobiont_core::{LimitKind, Outcome};
use holobiont_test_guests as guests;

use crate::support::{Came, Setup};

#[track_caller]
fn named(came: &Came, code: &str) {
    assert_eq!(came.outcome.code(), code, "{}", came.outcome);
}

#[test]
fn fuel_before_time() {
    // A unit of fuel takes a nanosecond, so both run out with the same instruction.
    let setup = Setup::new(&guests::CANDIDATE_SPINS);
    named(&setup.clone().limits(|limits| limits.time_ns = limits.fuel + 1_000).run(), "limit: fuel");
    named(&setup.limits(|limits| limits.time_ns = limits.fuel - 1_000).run(), "limit: time");
}

#[test]
fn fuel_before_memory() {
    named(&Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_LOOPS).run(), "limit: fuel");
}

#[test]
fn time_before_memory() {
    let setup = Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_LOOPS).limits(|limits| limits.time_ns = 1_000_000);
    named(&setup.run(), "limit: time");
}

#[test]
fn memory_before_the_trap_that_it_led_to() {
    named(&Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_PANICS).run(), "limit: memory");
}

#[test]
fn memory_that_was_done_without_is_no_cause() {
    named(&Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_GOES_ON).run(), "completed");
    named(&Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_DECLINES).run(), "failed: internal");
    named(&Setup::new(&guests::CANDIDATE_MEMORY_REFUSED_THEN_PRINTS).run(), "limit: log");
}

#[test]
fn memory_before_the_number_of_memories() {
    // The second memory is refused for its size; a fourth would be refused for being one.
    let setup =
        Setup::new(&guests::WAT_MEMORIES_IN_SUM).limits(|limits| (limits.memory_bytes, limits.memories) = (3 << 20, 3));
    named(&setup.run(), "limit: memory");
}

#[test]
fn disk_before_the_failure_that_it_led_to() {
    named(&Setup::new(&guests::CANDIDATE_WORKSPACE_FILLED_THEN_DECLINES).run(), "limit: disk");
    named(&Setup::new(&guests::CANDIDATE_WORKSPACE_FILLED).run(), "completed");
}

#[test]
fn fuel_before_what_the_same_host_call_exceeds_too() {
    let roomy = Setup::new(&guests::CANDIDATE_OUTPUT_AND_FUEL_AT_ONCE)
        .limits(|limits| (limits.host_call_bytes, limits.log_bytes) = (1 << 20, 1 << 20));
    let came = roomy.run();
    named(&came, "completed");
    // Half way through what the one host call costs: the message is past both the fuel and the log.
    let fuel = came.measurement().usage.fuel - (1 << 18);
    let both = roomy.clone().limits(|limits| (limits.fuel, limits.log_bytes) = (fuel, 16 << 10)).run();
    named(&both, "limit: fuel");
    let time = roomy.limits(|limits| (limits.time_ns, limits.log_bytes) = (fuel, 16 << 10)).run();
    named(&time, "limit: time");
}

#[test]
fn a_limit_before_the_exit_that_it_led_to() {
    // An exit is orderly, and what was refused on the way is forgiven unless it was disk.
    let came = Setup::new(&guests::FILES_DISK_FILL_THEN_FAILS).run();
    named(&came, "limit: disk");
    assert!(matches!(came.outcome, Outcome::Limit { limit: LimitKind::Disk, .. }));
}

#[test]
fn rejected_before_denied() {
    // Bytes that end in the middle are no module, whatever it would have imported.
    let all = guests::WAT_MODULES_IMPORT.wasm;
    let cut = &all[..all.len() - 20];
    let holobiont_sandbox::Loaded::Refused(outcome) = crate::support::SANDBOX.load(cut).expect("no fault of the host")
    else {
        panic!("loaded")
    };
    assert_eq!(outcome.code(), "rejected: truncated");
}
