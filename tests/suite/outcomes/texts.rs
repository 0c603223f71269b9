//! What Rust cannot express: traps, odd moments to run in, and growth of every kind.

use std::time::Duration;

use holobiont_core::Outcome;
use holobiont_test_guests as guests;

use super::{ends, ends_as, excess};
use crate::support::Setup;

#[test]
pub(super) fn wat_empty() {
    assert_eq!(ends(&guests::WAT_EMPTY, "completed").output(), b"");
}

#[test]
pub(super) fn wat_says_error() {
    let came = ends(&guests::WAT_SAYS_ERROR, "failed: exit");
    assert!(matches!(came.outcome, Outcome::Failed { code: Some(1), .. }));
}

#[test]
pub(super) fn wat_exit_code_7() {
    let came = ends(&guests::WAT_EXIT_CODE_7, "failed: exit");
    assert!(matches!(came.outcome, Outcome::Failed { code: Some(7), .. }), "{:?}", came.outcome);
}

#[test]
pub(super) fn wat_division_by_zero() {
    ends(&guests::WAT_DIVISION_BY_ZERO, "trap: division-by-zero");
}

#[test]
pub(super) fn wat_integer_overflow() {
    ends(&guests::WAT_INTEGER_OVERFLOW, "trap: integer-overflow");
}

#[test]
pub(super) fn wat_bad_conversion() {
    ends(&guests::WAT_BAD_CONVERSION, "trap: bad-conversion");
}

#[test]
pub(super) fn wat_memory_out_of_bounds() {
    ends(&guests::WAT_MEMORY_OUT_OF_BOUNDS, "trap: memory-out-of-bounds");
}

#[test]
pub(super) fn wat_table_out_of_bounds() {
    ends(&guests::WAT_TABLE_OUT_OF_BOUNDS, "trap: table-out-of-bounds");
}

#[test]
pub(super) fn wat_call_of_nothing() {
    ends(&guests::WAT_CALL_OF_NOTHING, "trap: bad-indirect-call");
}

#[test]
pub(super) fn wat_call_of_another_type() {
    ends(&guests::WAT_CALL_OF_ANOTHER_TYPE, "trap: bad-indirect-call");
}

#[test]
pub(super) fn wat_bad_result_discriminant() {
    ends(&guests::WAT_BAD_RESULT_DISCRIMINANT, "trap: bad-value");
}

#[test]
pub(super) fn wat_bad_discriminant() {
    ends(&guests::WAT_BAD_DISCRIMINANT, "trap: bad-value");
}

#[test]
pub(super) fn wat_bad_failure_kind() {
    ends(&guests::WAT_BAD_FAILURE_KIND, "trap: bad-value");
}

#[test]
pub(super) fn wat_bad_utf8() {
    ends(&guests::WAT_BAD_UTF8, "trap: bad-value");
}

#[test]
pub(super) fn wat_misaligned_result() {
    ends(&guests::WAT_MISALIGNED_RESULT, "trap: bad-value");
}

#[test]
pub(super) fn wat_huge_list() {
    // It lies past the end of a memory that the limit for memory bounds: no value rather than a large one.
    ends(&guests::WAT_HUGE_LIST, "trap: bad-value");
}

#[test]
pub(super) fn wat_huge_failure_text() {
    ends(&guests::WAT_HUGE_FAILURE_TEXT, "trap: bad-value");
}

#[test]
pub(super) fn wat_huge_poll_list() {
    ends(&guests::WAT_HUGE_POLL_LIST, "trap: bad-value");
}

#[test]
pub(super) fn wat_drop_of_nothing() {
    ends(&guests::WAT_DROP_OF_NOTHING, "trap: bad-value");
}

#[test]
pub(super) fn wat_forged_handle() {
    ends(&guests::WAT_FORGED_HANDLE, "trap: bad-value");
}

#[test]
pub(super) fn wat_evil_names() {
    let came = ends(&guests::WAT_EVIL_NAMES, "trap: unreachable");
    assert!(!came.outcome.to_string().contains("forged"), "{}", came.outcome);
}

// What runs where one does not expect it.

#[test]
pub(super) fn wat_start_loops() {
    ends(&guests::WAT_START_LOOPS, "limit: fuel");
}

#[test]
pub(super) fn wat_start_traps() {
    ends(&guests::WAT_START_TRAPS, "trap: unreachable");
}

#[test]
pub(super) fn wat_realloc_loops() {
    ends(&guests::WAT_REALLOC_LOOPS, "limit: fuel");
}

#[test]
pub(super) fn wat_realloc_traps() {
    ends(&guests::WAT_REALLOC_TRAPS, "trap: unreachable");
}

#[test]
pub(super) fn wat_realloc_out_of_bounds() {
    ends(&guests::WAT_REALLOC_OUT_OF_BOUNDS, "trap: bad-value");
}

#[test]
pub(super) fn wat_host_call_realloc_loops() {
    ends(&guests::WAT_HOST_CALL_REALLOC_LOOPS, "limit: fuel");
}

#[test]
pub(super) fn wat_post_return_loops() {
    ends(&guests::WAT_POST_RETURN_LOOPS, "limit: fuel");
}

#[test]
pub(super) fn wat_post_return_overwrites() {
    // The result is what it was when the guest gave it, not what its allocator made of the room afterwards.
    assert_eq!(ends(&guests::WAT_POST_RETURN_OVERWRITES, "completed").text(), "abcd");
}

#[test]
pub(super) fn wat_calls_without_end() {
    ends(&guests::WAT_CALLS_WITHOUT_END, "limit: stack");
}

#[test]
pub(super) fn wat_bulk_work() {
    let came = ends(&guests::WAT_BULK_WORK, "limit: fuel");
    assert!(came.took < Duration::from_millis(500), "{:?}", came.took);
}

// Memories, tables, instances, handles.

#[test]
pub(super) fn wat_huge_memory() {
    assert_eq!(excess(&ends(&guests::WAT_HUGE_MEMORY, "limit: memory")), (4 << 30, 8 << 20));
}

#[test]
pub(super) fn wat_own_maximum() {
    ends(&guests::WAT_OWN_MAXIMUM, "trap: unreachable");
}

#[test]
pub(super) fn wat_memories_in_sum() {
    let came = ends(&guests::WAT_MEMORIES_IN_SUM, "limit: memory");
    assert_eq!(excess(&came), (10 << 20, 8 << 20));
    let setup = Setup::new(&guests::WAT_MEMORIES_IN_SUM).limits(|limits| limits.memory_bytes = 12 << 20);
    assert_eq!(ends_as(&setup, "completed").measurement().usage.peak_memory_bytes, 12 << 20);
}

#[test]
pub(super) fn wat_seven_memories() {
    assert_eq!(ends(&guests::WAT_SEVEN_MEMORIES, "completed").measurement().usage.memories, 7);
    let setup = Setup::new(&guests::WAT_SEVEN_MEMORIES).limits(|limits| limits.memories = 6);
    assert_eq!(excess(&ends_as(&setup, "limit: instances")), (7, 6));
}

#[test]
pub(super) fn wat_many_memories() {
    ends(&guests::WAT_MANY_MEMORIES, "limit: instances");
}

#[test]
pub(super) fn wat_many_instances() {
    ends(&guests::WAT_MANY_INSTANCES, "limit: instances");
    let setup = Setup::new(&guests::WAT_MANY_INSTANCES).limits(|limits| limits.instances = 32);
    assert_eq!(ends_as(&setup, "completed").measurement().usage.instances, 30);
}

#[test]
pub(super) fn wat_instance_bomb() {
    ends(&guests::WAT_INSTANCE_BOMB, "limit: instances");
}

#[test]
pub(super) fn wat_huge_table() {
    ends(&guests::WAT_HUGE_TABLE, "limit: tables");
}

#[test]
pub(super) fn wat_many_tables() {
    ends(&guests::WAT_MANY_TABLES, "limit: tables");
}

#[test]
pub(super) fn wat_tables_in_sum() {
    assert_eq!(excess(&ends(&guests::WAT_TABLES_IN_SUM, "limit: tables")), (6_000, 5_000));
}

#[test]
pub(super) fn wat_table_grows() {
    assert_eq!(excess(&ends(&guests::WAT_TABLE_GROWS, "limit: tables")), (5_100, 5_000));
}

#[test]
pub(super) fn wat_own_handles_without_end() {
    assert_eq!(excess(&ends(&guests::WAT_OWN_HANDLES_WITHOUT_END, "limit: handles")), (257, 256));
}
