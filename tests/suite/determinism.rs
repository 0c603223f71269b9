//! The same module, input, limits and seed give the same measurement, bit for bit: on another run, in another
//! sandbox, on other threads, from a cold or a warm cache.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use holobiont_core::{Measurement, Outcome};
use holobiont_sandbox::Sandbox;
use holobiont_test_guests as guests;

use crate::support::{Came, Numbers, Setup, new_sandbox, working};

/// All that must not differ, as text: it shows the difference when there is one, and floats by their bits.
fn facts(came: &Came) -> String {
    let metrics = came.measurement.as_ref().map(|m| m.metrics.values().map(|v| v.to_bits()).collect::<Vec<_>>());
    format!("{:?} {:?} {metrics:?}", came.outcome, came.measurement)
}

/// What every fixture came to when it was first run.
static FIRST: LazyLock<BTreeMap<&'static str, String>> = LazyLock::new(all);

fn all() -> BTreeMap<&'static str, String> {
    guests::ALL.iter().map(|fixture| (fixture.name, facts(&Setup::new(fixture).run()))).collect()
}

/// Runs every fixture once, shared out over some threads, last one first.
fn shared_out(threads: usize, sandbox: &Sandbox) -> BTreeMap<&'static str, String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        while let Some(fixture) = guests::ALL.iter().rev().nth(next.fetch_add(1, Ordering::Relaxed)) {
            found.push((fixture.name, facts(&Setup::new(fixture).run_in(sandbox))));
        }
        found
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[track_caller]
fn same(one: &BTreeMap<&str, String>, other: &BTreeMap<&str, String>) {
    let mut different = Vec::new();
    for (name, facts) in one {
        if other.get(name) != Some(facts) {
            different.push(format!("{name}:\n  {facts}\n  {:?}", other.get(name)));
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert_eq!(one.len(), other.len());
}

#[test]
fn another_run_of_the_same_sandbox() {
    same(&FIRST, &all());
}

#[test]
fn another_sandbox_threads_and_cache() {
    let first = &*FIRST;
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let cached = || Sandbox::builder().cache_dir(folder.path()).build().expect("a sandbox");
    // Compiled by four threads, then taken from the cache by two.
    same(first, &shared_out(4, &cached()));
    same(first, &shared_out(2, &cached()));
}

#[test]
fn four_runs_of_one_module_at_once() {
    let setup = Setup::new(&guests::CANDIDATE_RANDOM_SAMPLE);
    let first = facts(&setup.run());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(facts(&setup.run()), first);
                }
            });
        }
    });
}

#[test]
fn another_seed_is_another_measurement_only_where_it_is_asked_for() {
    let seeded = |fixture, seed| facts(&Setup { seed, ..Setup::new(fixture) }.run());
    assert_ne!(seeded(&guests::CANDIDATE_RANDOM_SAMPLE, 1), seeded(&guests::CANDIDATE_RANDOM_SAMPLE, 2));
    assert_eq!(seeded(&guests::CANDIDATE_UPPER, 1), seeded(&guests::CANDIDATE_UPPER, 2));
}

/// Every fixture that comes to its own end.
fn finishing() -> impl Iterator<Item = (Setup, Measurement)> {
    guests::ALL.iter().filter_map(|fixture| {
        let setup = Setup::new(fixture);
        let came = setup.run();
        let finished = matches!(came.outcome, Outcome::Completed { .. } | Outcome::Failed { .. });
        came.measurement.filter(|_| finished).map(|measurement| (setup, measurement))
    })
}

/// The fuel of each module of a run, which is limited for each alone.
fn fuels(measured: &Measurement) -> impl Iterator<Item = u64> {
    measured.parts.iter().map(|part| part.usage.fuel).chain([measured.usage.fuel])
}

#[test]
fn the_fuel_that_was_used_is_the_fuel_that_is_needed() {
    let mut wrong = Vec::new();
    for (setup, measured) in finishing() {
        let name = setup.fixture.name;
        let fuel = fuels(&measured).max().expect("its own");
        let exact = setup.clone().limits(|limits| limits.fuel = fuel).run();
        if exact.measurement() != &measured {
            wrong.push(format!("{name}: with the {fuel} fuel that it used: {}", exact.outcome));
        }
        let short = setup.limits(|limits| limits.fuel = fuel - 1).run();
        if short.outcome.code() != "limit: fuel" {
            wrong.push(format!("{name}: with one less than the {fuel} fuel that it used: {}", short.outcome));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn any_less_fuel_ends_in_fuel_and_any_more_changes_nothing() {
    let mut numbers = Numbers(0x5eed);
    let mut wrong = Vec::new();
    for (setup, measured) in finishing() {
        let fuel = fuels(&measured).max().expect("its own");
        for _ in 0..8 {
            let less = numbers.below(fuel);
            let came = setup.clone().limits(|limits| limits.fuel = less).run();
            if came.outcome.code() != "limit: fuel" || !fuels(came.measurement()).any(|fuel| fuel == less) {
                wrong.push(format!("{}: {less} of {fuel}: {}", setup.fixture.name, came.outcome));
            }
        }
        let more = fuel + numbers.below(1 << 40);
        let came = setup.clone().limits(|limits| limits.fuel = more).run();
        if came.measurement() != &measured {
            wrong.push(format!("{}: {more}, more than {fuel}: {}", setup.fixture.name, came.outcome));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn strict_and_plain_sandboxes_do_not_pass_for_one_another() {
    let _working = working();
    let strict = Sandbox::builder().strict(true).build().expect("a sandbox");
    assert_ne!(strict.identity(), new_sandbox().identity());
    assert_eq!(new_sandbox().identity(), new_sandbox().identity());
    let came = Setup::new(&guests::CANDIDATE_UPPER).run_in(&strict);
    assert!(came.outcome.is_completed(), "{}", came.outcome);
}
