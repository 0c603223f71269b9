//! What the keys of an environment come to in the measurement of a real guest. Most of them are limits and conditions
//! that have tests of their own:
//!
//! | key | what it sets | tested in |
//! | --- | --- | --- |
//! | CPU_LIMIT | fuel | `candidate_spins` of `outcomes/candidates.rs`, and here |
//! | MEMORY_LIMIT | memory | `candidate_tiny_growths` there, and here |
//! | DISK_LIMIT | disk | `files_disk_fill_then_fails` of `outcomes/commands.rs`, and here |
//! | TIMEOUT | time | `candidate_sleeps_a_year` of `outcomes/candidates.rs`, and here |
//! | GPU_LIMIT | accelerators | `candidate_accelerates` there, and here |
//! | NETWORK_LATENCY_MS, NETWORK_JITTER_MS | latency, jitter | `latency_…` and `jitter_…` of `conditions.rs` |
//! | MIN_BANDWIDTH, MAX_BANDWIDTH | bandwidth of a crossing | `a_bandwidth_that_…` there |
//! | BANDWIDTH_LIMIT | bandwidth | `little_bandwidth_slows_a_run_down` there |
//! | PACKET_LOSS, PACKET_DUPLICATION | loss, duplication | `loss_takes_time_…`, `what_comes_twice_…` there |
//! | FAILURE_MODES | which faults | a test for each there; here that none is without harm |
//! | THREAT_INTENSITY | faults, hostile inputs | `conditions.rs`; `evaluation/scenarios.rs` |
//! | CONCURRENCY_LEVEL | a crowd | here |

use holobiont_core::{Conditions, FailureMode, LimitKind, Limits, Outcome, Scenario};
use holobiont_test_guests::{self as guests, Fixture};

use crate::support::{Came, Setup, tight};

const MS: u64 = 1_000_000;

/// Which limit ended a run, and what it allowed.
#[track_caller]
fn ended(came: &Came) -> (LimitKind, u64) {
    match &came.outcome {
        Outcome::Limit { limit, excess, .. } => (*limit, excess.allowed),
        other => panic!("no limit: {other}"),
    }
}

/// How many entries a module found room for in the workspace.
fn entries(limits: &Limits) -> u64 {
    let came = Setup { limits: limits.clone(), ..Setup::new(&guests::CANDIDATE_WORKSPACE_FILLED) }.run();
    let count = came.text().strip_prefix("full after ").and_then(|rest| rest.strip_suffix(" entries"));
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{}", came.text()))
}

#[test]
fn a_rung_of_a_limit_is_what_ends_a_run() {
    type Set = fn(&mut Limits, u64);
    let rungs: [(&Fixture, LimitKind, Set, [u64; 3]); 4] = [
        (
            &guests::CANDIDATE_SPINS,
            LimitKind::Fuel,
            |limits, value| limits.fuel = value,
            [100_000, 1_000_000, 9_000_000],
        ),
        (
            &guests::CANDIDATE_TINY_GROWTHS,
            LimitKind::Memory,
            |limits, value| limits.memory_bytes = value,
            [2 << 20, 4 << 20, 8 << 20],
        ),
        (
            &guests::CANDIDATE_SLEEPS_A_YEAR,
            LimitKind::Time,
            |limits, value| limits.time_ns = value,
            [10 * MS, 1_000 * MS, 3_600_000 * MS],
        ),
        (
            &guests::FILES_DISK_FILL_THEN_FAILS,
            LimitKind::Disk,
            |limits, value| limits.disk_bytes = value,
            [4 << 10, 16 << 10, 64 << 10],
        ),
    ];
    for (fixture, kind, set, values) in rungs {
        for value in values {
            let came = Setup::new(fixture).limits(|limits| set(limits, value)).run();
            assert_eq!(ended(&came), (kind, value), "{}: {}", fixture.name, came.outcome);
        }
    }
}

#[test]
fn a_crowd_leaves_each_its_share() {
    let nominal = tight();
    let within = |crowd| Scenario { crowd, ..Scenario::default() }.limits(&nominal);
    let under = |fixture, crowd| Setup { limits: within(crowd), ..Setup::new(fixture) }.run();
    let waited = |crowd| {
        let setup = Setup { limits: within(crowd), input: vec![b'a'; 40_000], ..Setup::new(&guests::CANDIDATE_ECHO) };
        setup.run().measurement().usage.waiting_ns
    };
    for crowd in [1, 2, 4] {
        let share = |limit: u64| limit / u64::from(crowd);
        let grows = under(&guests::CANDIDATE_TINY_GROWTHS, crowd);
        assert_eq!(ended(&grows), (LimitKind::Memory, share(nominal.memory_bytes)));
        let sleeps = under(&guests::CANDIDATE_SLEEPS_A_YEAR, crowd);
        assert_eq!(ended(&sleeps), (LimitKind::Time, share(nominal.time_ns)));
        // What each has of the fuel is its own.
        let spins = under(&guests::CANDIDATE_SPINS, crowd);
        assert_eq!(ended(&spins), (LimitKind::Fuel, nominal.fuel));
        // Each of the two crossings is rounded down.
        let longer = waited(1) * u64::from(crowd)..=(waited(1) + 2) * u64::from(crowd);
        assert!(longer.contains(&waited(crowd)), "{} {longer:?}", waited(crowd));
    }
    let rooms = [1, 2, 4].map(|crowd| entries(&within(crowd)));
    // An entry is 1,000 bytes and a name.
    assert!(rooms[0] > 60 && rooms[1] == rooms[0] / 2 && rooms[2] == rooms[0] / 4, "{rooms:?}");
}

#[test]
fn more_accelerators_make_the_same_products_sooner() {
    let with = |units| {
        let setup = Setup::new(&guests::CANDIDATE_ACCELERATES).limits(|limits| limits.accelerators = units);
        let came = setup.run();
        let (_, said) = came.text().split_once('\n').expect("lines");
        let usage = came.measurement().usage.clone();
        (usage.accelerator_ns, usage.virtual_time_ns - usage.accelerator_ns, said.to_owned())
    };
    let [one, two, four] = [with(1), with(2), with(4)];
    assert_eq!([one.0, two.0, four.0], [64, 32, 16]);
    assert!(one.1 == two.1 && one.1 == four.1, "all else takes as long");
    assert!(one.2 == two.2 && one.2 == four.2);
}

/// A guest that has what a failure mode breaks.
fn victim(mode: FailureMode) -> &'static Fixture {
    match mode {
        FailureMode::Disk => &guests::FILES_READS_AND_WRITES,
        FailureMode::DiskCorruption => &guests::CANDIDATE_WORKSPACE_TOUR,
        FailureMode::Memory => &guests::CANDIDATE_TINY_GROWTHS,
        FailureMode::Network | FailureMode::NetworkPartition | FailureMode::CpuSpike | FailureMode::Timeout => {
            &guests::CANDIDATE_ECHO
        }
    }
}

#[test]
fn no_failure_mode_is_without_harm() {
    for mode in FailureMode::ALL.iter().copied() {
        let conditions = Conditions { faults: 1.0, failure_modes: vec![mode], ..Conditions::default() };
        let roomy = |conditions| {
            let setup = Setup { conditions, ..Setup::new(victim(mode)) };
            setup.limits(|limits| limits.time_ns = 3_600_000 * MS).run()
        };
        let (calm, came) = (roomy(Conditions::default()), roomy(conditions));
        let mut faulty = came.measurement().clone();
        assert!(faulty.usage.faults > 0, "{mode}");
        // Not only that it was counted: something came out otherwise.
        (faulty.usage.faults, faulty.usage.first_fault_ns) = (0, 0);
        assert_ne!(&faulty, calm.measurement(), "{mode}");
    }
}
