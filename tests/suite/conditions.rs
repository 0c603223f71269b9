//! What befalls a run at its boundary shows in its measurement, is the same every time, and is never a fault of
//! the host.

use std::time::Duration;

use holobiont_core::{Conditions, FailureMode, LimitKind, Limits, Measurement, Outcome, Scenario};
use holobiont_test_guests::{self as guests, Fixture};

use crate::support::{Came, Setup, is_plain};

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;

/// A fixture under conditions, with time enough to meet them.
fn under(fixture: &Fixture, conditions: Conditions) -> Setup {
    Setup { conditions, ..Setup::new(fixture) }.limits(|limits| limits.time_ns = 3_600 * S)
}

fn waited(setup: &Setup) -> u64 {
    setup.run().measurement().usage.waiting_ns
}

/// The task, the result, and each call; of those that it invoked, too. The fixture drops no handle.
fn crossings(measurement: &Measurement) -> u64 {
    let inside: u64 = measurement.parts.iter().map(|part| 2 * part.calls).sum();
    2 + measurement.usage.host_calls + inside
}

fn latency(ns: u64) -> Conditions {
    Conditions { latency_ns: ns, ..Conditions::default() }
}

/// One fault of a kind at each crossing where it can be had.
fn always(mode: FailureMode) -> Conditions {
    Conditions { faults: 1.0, failure_modes: vec![mode], ..Conditions::default() }
}

#[test]
fn latency_is_waited_at_each_crossing_and_changes_nothing_else() {
    let calm = under(&guests::CANDIDATE_UPPER, Conditions::default()).run();
    let came = under(&guests::CANDIDATE_UPPER, latency(3 * MS)).run();
    let (calm, slow) = (calm.measurement(), came.measurement());
    let more = slow.usage.waiting_ns - calm.usage.waiting_ns;
    assert_eq!(more, crossings(slow) * 3 * MS);
    assert_eq!(slow.usage.virtual_time_ns - calm.usage.virtual_time_ns, more);
    let mut same = slow.clone();
    same.usage.waiting_ns -= more;
    same.usage.virtual_time_ns -= more;
    assert_eq!(&same, calm);
    // A declared failure is a result, too.
    let declines = |conditions| waited(&under(&guests::CANDIDATE_FAILS_INTERNAL, conditions));
    assert_eq!(declines(latency(MS)) - declines(Conditions::default()), 2 * MS);
}

#[test]
fn what_a_command_reads_and_writes_are_its_crossings() {
    let calm = under(&guests::CAT, Conditions::default()).run();
    let slow = under(&guests::CAT, latency(MS)).run();
    let (calm, slow) = (&calm.measurement().usage, &slow.measurement().usage);
    let more = slow.waiting_ns - calm.waiting_ns;
    // Dropped handles are counted as calls and do not cross.
    assert!(more % MS == 0 && (4..=slow.host_calls).contains(&(more / MS)), "{more} of {} calls", slow.host_calls);
}

#[test]
fn latency_past_the_time_limit_ends_in_time() {
    let came = under(&guests::CANDIDATE_ECHO, latency(800 * MS)).limits(|limits| limits.time_ns = S).run();
    assert_eq!(came.outcome.code(), "limit: time", "{}", came.outcome);
    assert!(came.took < Duration::from_millis(500), "it took {:?}", came.took);
}

#[test]
fn jitter_stays_in_its_bounds() {
    let calm = waited(&under(&guests::CANDIDATE_UPPER, Conditions::default()));
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..50 {
        let conditions = Conditions { latency_ns: 20 * MS, jitter_ns: 10 * MS, ..Conditions::default() };
        let came = Setup { seed, ..under(&guests::CANDIDATE_UPPER, conditions) }.run();
        let n = crossings(came.measurement());
        let more = came.measurement().usage.waiting_ns - calm;
        assert!((n * 10 * MS..=n * 30 * MS).contains(&more), "{more} in {n} crossings");
        seen.insert(more);
    }
    assert!(seen.len() > 40, "{seen:?}");
}

#[test]
fn loss_takes_time_and_where_all_is_lost_all_there_is() {
    let lossy = |loss| under(&guests::CANDIDATE_UPPER, Conditions { loss, latency_ns: MS, ..Conditions::default() });
    let few = waited(&lossy(0.0));
    let some: Vec<u64> = (0..20).map(|seed| waited(&Setup { seed, ..lossy(0.3) }) - few).collect();
    assert!(some.iter().any(|more| *more >= 201 * MS), "{some:?}");
    // Each wait is the sum of timeouts: 200 ms and the latency, then 400 ms and the latency, and so on.
    assert!(some.iter().all(|more| more % MS == 0 && (more / MS) % 200 <= 20), "{some:?}");
    for time_ns in [S, u64::MAX] {
        let came = lossy(1.0).limits(|limits| limits.time_ns = time_ns).run();
        assert_eq!(came.outcome.code(), "limit: time", "{}", came.outcome);
        assert!(came.took < Duration::from_millis(500), "it took {:?}", came.took);
        assert_eq!(came.measurement().usage.host_data_bytes, 0, "the task never came");
        assert_eq!(came.measurement().usage.faults, 0, "weather is no fault");
    }
}

#[test]
fn little_bandwidth_slows_a_run_down() {
    let at = |bandwidth| {
        let setup = Setup { input: vec![b'a'; 10_000], ..under(&guests::CANDIDATE_ECHO, Conditions::default()) };
        waited(&setup.limits(|limits| limits.bandwidth_bytes_per_s = bandwidth))
    };
    assert_eq!(at(10_000), 2 * S);
    assert_eq!(at(100_000), 200 * MS);
}

/// Each crossing has a bandwidth between these.
fn bandwidth(least: u64, most: u64) -> Conditions {
    Conditions { least_bandwidth_bytes_per_s: least, most_bandwidth_bytes_per_s: most, ..Conditions::default() }
}

#[test]
fn a_bandwidth_that_varies_slows_each_crossing_by_its_own() {
    let free = |setup: Setup| setup.limits(|limits| limits.bandwidth_bytes_per_s = 0);
    let echo = |conditions| free(Setup { input: vec![b'a'; 10_000], ..under(&guests::CANDIDATE_ECHO, conditions) });
    // The task and the result, 10,000 bytes each, at a bandwidth of their own.
    let seen: Vec<u64> = (0..60).map(|seed| waited(&Setup { seed, ..echo(bandwidth(10_000, 100_000)) })).collect();
    assert!(seen.iter().all(|waited| (200 * MS..=2 * S).contains(waited)), "{seen:?}");
    let different: std::collections::BTreeSet<u64> = seen.iter().copied().collect();
    assert!(different.len() > 50, "{seen:?}");
    // Evenly in bandwidth, so the wait of one crossing is on average 10,000 ln(10) / 90,000 s, which is 256 ms;
    // six standard errors of the mean of sixty pairs are 162 ms.
    let mean = seen.iter().sum::<u64>() / 60;
    assert!(mean.abs_diff(512 * MS) < 162 * MS, "{mean}");
    let first = waited(&echo(bandwidth(10_000, 100_000)));
    assert_eq!(waited(&echo(bandwidth(10_000, 100_000))), first, "the same run meets the same");
}

#[test]
fn a_bandwidth_that_does_not_vary_is_that_of_the_limits() {
    let echo = |conditions, limit| {
        let setup = Setup { input: vec![b'a'; 10_000], ..under(&guests::CANDIDATE_ECHO, conditions) };
        setup.limits(|limits| limits.bandwidth_bytes_per_s = limit).run().measurement().clone()
    };
    let limited = echo(Conditions::default(), 10_000);
    assert_eq!(limited.usage.waiting_ns, 2 * S);
    for (conditions, limit) in [
        (bandwidth(10_000, 10_000), 0),
        (bandwidth(10_000, 10_000), 1 << 30),
        // What is least above the most is the most, and no crossing has more than the limits.
        (bandwidth(50_000, 10_000), 0),
        (bandwidth(20_000, 30_000), 10_000),
    ] {
        assert_eq!(echo(conditions.clone(), limit), limited, "{conditions:?} {limit}");
    }
    // A most of 0 is no range.
    assert_eq!(echo(bandwidth(5, 0), 10_000), limited);
    // However little there is, something comes through: a byte in a second.
    let came = Setup { input: vec![b'a'; 10], ..under(&guests::CANDIDATE_ECHO, bandwidth(0, 1)) }.run();
    assert_eq!((came.outcome.code().as_str(), came.measurement().usage.waiting_ns), ("completed", 20 * S));
    let few = echo(bandwidth(0, 1), 0);
    assert_eq!(few.outcome.code(), "limit: time", "{}", few.outcome);
}

#[test]
fn what_comes_twice_is_moved_and_paid_twice() {
    let twice = Conditions { duplication: 1.0, ..Conditions::default() };
    let slow =
        |conditions| under(&guests::CANDIDATE_UPPER, conditions).limits(|limits| limits.bandwidth_bytes_per_s = 1_000);
    let (calm, double) = (slow(Conditions::default()).run(), slow(twice.clone()).run());
    let (one, two) = (&calm.measurement().usage, &double.measurement().usage);
    assert_eq!(double.output(), calm.output());
    assert_eq!(two.host_data_bytes, 2 * one.host_data_bytes);
    assert_eq!(two.waiting_ns, 2 * one.waiting_ns);
    assert_eq!(two.fuel, one.fuel + one.host_data_bytes);
    assert_eq!((two.peak_host_call_bytes, two.faults), (one.peak_host_call_bytes, 0));
    for (one, two) in one.interfaces.iter().zip(&two.interfaces) {
        assert_eq!((two.to_host_bytes, two.to_guest_bytes), (2 * one.to_host_bytes, 2 * one.to_guest_bytes));
    }
    // A bound on one call is met by each of the two, the bound on all by both.
    let input = vec![b'a'; 60 << 10];
    let echo = |host_data| {
        let setup = Setup { input: input.clone(), ..under(&guests::CANDIDATE_ECHO, twice.clone()) };
        setup.limits(|limits| (limits.host_call_bytes, limits.host_data_bytes) = (100 << 10, host_data)).run()
    };
    assert_eq!(echo(240 << 10).outcome.code(), "completed");
    assert_eq!(echo(239 << 10).outcome.code(), "limit: host-data");
}

#[test]
fn a_disk_fails_where_it_is_opened_or_written() {
    let came = under(&guests::FILES_READS_AND_WRITES, always(FailureMode::Disk)).run();
    assert_eq!(came.outcome.code(), "completed", "{}", came.outcome);
    assert_eq!(came.text().matches("Err(").count(), 3, "{}", came.text());
    assert_eq!(came.measurement().usage.faults, 3, "one for each file that could not be opened");
    assert!(came.measurement().usage.first_fault_ns > 0);
    assert_eq!(came.left_on_host(), Vec::<String>::new());
    let came = under(&guests::CANDIDATE_WORKSPACE_TOUR, always(FailureMode::Disk)).run();
    assert_eq!(came.text().matches("quota").count(), 3, "{}", came.text());
    assert_eq!(came.measurement().usage.faults, 3, "the other two were refused for their keys");
    let came = under(&guests::CANDIDATE_UPPER, always(FailureMode::Disk)).run();
    assert_eq!((came.outcome.code().as_str(), came.measurement().usage.faults), ("completed", 0), "it has no disk");
}

/// How many bits differ.
fn turned(one: &[u8], other: &[u8]) -> u32 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum()
}

#[test]
fn a_bit_of_what_comes_to_the_guest_is_turned() {
    let corrupt = always(FailureMode::DiskCorruption);
    let setup = under(&guests::CANDIDATE_ECHO, corrupt.clone());
    let came = setup.run();
    assert_eq!((turned(came.output(), &setup.input), came.measurement().usage.faults), (1, 1));
    let setup = under(&guests::CAT, corrupt.clone());
    let came = setup.run();
    assert_eq!((turned(came.output(), &setup.input), came.measurement().usage.faults), (1, 1));
    let empty = Setup { input: Vec::new(), ..setup }.run();
    assert_eq!((empty.output(), empty.measurement().usage.faults), (&[][..], 0), "there is no bit to turn");
    let calm = under(&guests::CANDIDATE_WORKSPACE_TOUR, Conditions::default()).run();
    let came = under(&guests::CANDIDATE_WORKSPACE_TOUR, corrupt).run();
    // The payload, which the act does not look at, and the one value that is there and is not empty.
    assert_eq!(came.measurement().usage.faults, 2);
    assert_ne!(came.text(), calm.text());
}

#[test]
fn a_network_that_fails_takes_time() {
    for (mode, each) in [(FailureMode::Network, 205 * MS), (FailureMode::NetworkPartition, S)] {
        let calm = under(&guests::CANDIDATE_UPPER, latency(5 * MS)).run();
        let came = under(&guests::CANDIDATE_UPPER, Conditions { latency_ns: 5 * MS, ..always(mode) }).run();
        let (calm, usage) = (&calm.measurement().usage, &came.measurement().usage);
        assert_eq!(usage.faults, crossings(came.measurement()), "{mode}");
        assert_eq!(usage.waiting_ns - calm.waiting_ns, usage.faults * each, "{mode}");
        assert!((5 * MS..6 * MS).contains(&usage.first_fault_ns), "{mode}: as the task was handed over");
        assert_eq!(usage.fuel, calm.fuel, "{mode}");
    }
}

#[test]
fn a_spike_takes_a_tenth_of_the_fuel_and_a_timeout_of_the_time() {
    let fuel = Setup::new(&guests::CANDIDATE_ECHO).limits.fuel;
    let calm = under(&guests::CANDIDATE_ECHO, Conditions::default()).run();
    let calm = &calm.measurement().usage;
    let came = under(&guests::CANDIDATE_ECHO, always(FailureMode::CpuSpike)).run();
    let usage = &came.measurement().usage;
    assert_eq!(usage.faults, 2);
    // A tenth, and a tenth of what was left; what the guest itself used is little beside it.
    assert!((fuel * 18 / 100..=fuel * 19 / 100 + calm.fuel).contains(&usage.fuel), "{} of {fuel}", usage.fuel);
    assert_eq!(usage.waiting_ns, calm.waiting_ns);
    let came = under(&guests::CANDIDATE_ECHO, always(FailureMode::Timeout)).limits(|limits| limits.time_ns = S).run();
    let usage = &came.measurement().usage;
    assert_eq!(usage.faults, 2);
    assert!((180 * MS..=190 * MS).contains(&(usage.waiting_ns - calm.waiting_ns)), "{}", usage.waiting_ns);
    assert_eq!(usage.fuel, calm.fuel);
}

#[test]
fn memory_that_a_fault_refuses_is_no_limit() {
    // More than its memory has room for: the host cannot even hand the task over.
    let setup = Setup { input: vec![b'a'; 200 << 10], ..under(&guests::CANDIDATE_ECHO, always(FailureMode::Memory)) };
    let setup = setup.limits(|limits| limits.output_bytes = 1 << 20);
    assert!(Setup { conditions: Conditions::default(), ..setup.clone() }.run().outcome.is_completed());
    let came = setup.run();
    assert!(came.outcome.code().starts_with("trap: "), "{}", came.outcome);
    assert!(came.outcome.detail().starts_with("after an injected fault had refused it memory: "), "{}", came.outcome);
    assert_eq!(came.measurement().usage.faults, 1, "there is nothing more to refuse");
    // Its own limit is still its own.
    let came = under(&guests::CANDIDATE_MEMORY_REFUSED_THEN_PANICS, always(FailureMode::Memory)).run();
    assert_eq!(came.outcome.code(), "limit: memory", "{}", came.outcome);
    let came = under(&guests::CANDIDATE_MEMORY_REFUSED_THEN_GOES_ON, always(FailureMode::Memory)).run();
    assert_eq!((came.outcome.code().as_str(), came.measurement().usage.faults), ("completed", 1));
}

#[test]
fn conditions_hold_where_time_is_real_and_never_longer_than_that_limit() {
    let real = |conditions| {
        let mut setup = under(&guests::CANDIDATE_ECHO, conditions).limits(|limits| limits.wall_time_ns = 150 * MS);
        setup.grants.realtime = true;
        setup.run()
    };
    let came = real(latency(20 * MS));
    assert!(came.outcome.is_completed() && came.took >= Duration::from_millis(40), "{} {:?}", came.outcome, came.took);
    let came = real(Conditions { loss: 1.0, ..Conditions::default() });
    assert_eq!(came.outcome.code(), "limit: wall-time", "{}", came.outcome);
    assert!(came.took < Duration::from_secs(1), "it took {:?}", came.took);
}

/// All at once, and not too much of it.
pub(crate) fn storm(seed: u64, failure_modes: &[FailureMode]) -> Conditions {
    Conditions {
        latency_ns: 2 * MS,
        jitter_ns: 3 * MS,
        loss: 0.05,
        duplication: 0.1,
        faults: [0.05, 0.3, 1.0][(seed % 3) as usize],
        failure_modes: failure_modes.to_vec(),
        ..Conditions::default()
    }
}

/// Fixtures that use all that can go wrong.
const TRAVELLERS: [&Fixture; 9] = [
    &guests::CANDIDATE_UPPER,
    &guests::CANDIDATE_WORKSPACE_TOUR,
    &guests::CANDIDATE_ODD_METRICS,
    &guests::CANDIDATE_MEMORY_REFUSED_THEN_PANICS,
    &guests::FILES_READS_AND_WRITES,
    &guests::FILES_OPENS_WITHOUT_GRANT,
    &guests::COMMAND_PRINTS_AND_FAILS,
    &guests::CAT,
    &guests::SCORER,
];

#[test]
fn the_same_run_meets_the_same_and_another_seed_or_input_another() {
    let facts = |setup: &Setup| {
        let came = setup.run();
        format!("{:?} {:?}", came.measurement, came.outcome)
    };
    for fixture in TRAVELLERS {
        let setup = |seed| Setup { seed, ..under(fixture, storm(1, &[])) };
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..5 {
            let one = facts(&setup(seed));
            assert_eq!(one, facts(&setup(seed)), "{}", fixture.name);
            seen.insert(one);
        }
        assert_eq!(seen.len(), 5, "{}: each seed has its own", fixture.name);
    }
    let setup = under(&guests::CANDIDATE_ECHO, Conditions { jitter_ns: S, ..Conditions::default() });
    let other = Setup { input: b"Some inpuT.".to_vec(), ..setup.clone() };
    assert_ne!(waited(&setup), waited(&other));
}

#[test]
fn naming_failures_that_never_happen_is_calm() {
    let named = Conditions { failure_modes: FailureMode::ALL.to_vec(), ..Conditions::default() };
    for fixture in TRAVELLERS {
        let calm = Setup::new(fixture).run();
        let came = Setup { conditions: named.clone(), ..Setup::new(fixture) }.run();
        assert_eq!(came.measurement(), calm.measurement(), "{}", fixture.name);
    }
}

#[track_caller]
fn plausible(setup: &Setup, came: &Came) {
    let about = format!("{} {:?} seed {}: {}", setup.fixture.name, setup.conditions, setup.seed, came.outcome);
    let Limits { memory_bytes, time_ns, fuel, .. } = setup.limits;
    assert!(is_plain(came.outcome.detail()), "{about}");
    if let Outcome::Limit { limit, excess, .. } = &came.outcome {
        assert!(excess.asked >= excess.allowed, "{about}");
        assert!(*limit != LimitKind::Memory || excess.asked > memory_bytes, "{about}");
    }
    let usage = &came.measurement().usage;
    assert!(usage.fuel <= fuel && usage.peak_memory_bytes <= memory_bytes, "{about}");
    let ran_out = ["limit: time", "limit: fuel"].contains(&came.outcome.code().as_str());
    assert!(ran_out || usage.virtual_time_ns <= time_ns, "{about}");
    assert!(usage.waiting_ns <= usage.virtual_time_ns, "{about}");
    assert!(usage.first_fault_ns <= usage.virtual_time_ns, "{about}");
    assert!(usage.faults <= crossings(came.measurement()), "{about}");
}

#[test]
fn whatever_the_weather_it_is_the_guests_and_no_fault_of_the_host() {
    let one_each = FailureMode::ALL.iter().map(std::slice::from_ref);
    let kinds: Vec<&[FailureMode]> = one_each.chain([&[][..]]).collect();
    for fixture in TRAVELLERS {
        for modes in &kinds {
            for seed in 0..50 {
                let setup = Setup { seed, conditions: storm(seed, modes), ..Setup::new(fixture) };
                plausible(&setup, &setup.run());
            }
        }
    }
}

#[test]
fn hostile_programs_in_a_storm_are_no_worse() {
    for (seed, fixture) in (0..).zip(guests::ALL) {
        let setup = Setup { seed, conditions: storm(seed, &[]), ..Setup::new(fixture) };
        let came = setup.run();
        if came.measurement.is_some() {
            plausible(&setup, &came);
        }
        assert!(came.took < Duration::from_secs(5), "{}: {:?}", fixture.name, came.took);
    }
}

#[test]
fn nonsense_for_a_likelihood_is_harmless() {
    for odd in [f64::NAN, f64::INFINITY, -1.0, 1e300, f64::MIN_POSITIVE] {
        for latency_ns in [0, u64::MAX] {
            let conditions = Conditions {
                latency_ns,
                jitter_ns: latency_ns,
                loss: odd,
                duplication: odd,
                faults: odd,
                failure_modes: Vec::new(),
                ..Conditions::default()
            };
            let setup = Setup { conditions, ..Setup::new(&guests::CANDIDATE_UPPER) };
            plausible(&setup, &setup.run());
        }
    }
}

#[test]
fn the_slow_network_leaves_room_for_a_hundred_kilobytes() {
    let scenario = Scenario::builtin().into_iter().find(|scenario| scenario.name == "slow-network").expect("built in");
    for fixture in [&guests::CANDIDATE_ECHO, &guests::CAT] {
        let mut completed = 0;
        for seed in 0..20 {
            let setup = Setup {
                limits: scenario.limits(&Limits::default()),
                conditions: scenario.conditions.clone(),
                input: vec![b'a'; 100_000],
                seed,
                ..Setup::new(fixture)
            };
            let came = setup.run();
            println!("{} {} {:?}", fixture.name, came.outcome, came.measurement().usage.virtual_time_ns / MS);
            completed += u32::from(came.outcome.is_completed());
        }
        assert!(completed >= 18, "{}: {completed} of 20", fixture.name);
    }
}
