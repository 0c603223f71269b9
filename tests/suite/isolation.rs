//! What one run does is nothing to another: not to those beside it, nor to those after it.

use std::thread;
use std::time::{Duration, Instant};

use holobiont_core::Limits;
use holobiont_sandbox::Module;
use holobiont_test_guests as guests;
use holobiont_test_guests::Fixture;

use crate::support::{Came, SANDBOX, Setup, module, quiet};

/// How late a run may end after its own deadline, beyond what the machine itself is late: sixty-four
/// threads share the cores, and one that is not running cannot end.
const LATE: Duration = Duration::from_millis(20);

/// A run that only real time can end.
fn endless(fixture: &Fixture, wall_time: Duration) -> (Setup, Module) {
    let wall_time_ns = u64::try_from(wall_time.as_nanos()).expect("a short time");
    let mut setup = Setup::new(fixture)
        .limits(|limits| *limits = Limits { fuel: u64::MAX, time_ns: u64::MAX, wall_time_ns, ..limits.clone() });
    setup.grants.realtime = true;
    (setup, module(fixture))
}

/// Runs until the deadline and says how much later it came back.
fn lateness(setup: &Setup, module: &Module) -> Duration {
    let deadline = Duration::from_nanos(setup.limits.wall_time_ns);
    let began = Instant::now();
    let came = setup.run_module(&SANDBOX, module);
    let took = began.elapsed();
    assert_eq!(came.outcome.code(), "limit: wall-time", "{}", came.outcome);
    took.checked_sub(deadline)
        .unwrap_or_else(|| panic!("ended {:?} before its deadline of {deadline:?}", deadline - took))
}

/// How late the machine itself is: the same deadline, kept by a thread that does nothing else.
fn machine_lateness(setup: &Setup) -> Duration {
    let deadline = Duration::from_nanos(setup.limits.wall_time_ns);
    let began = Instant::now();
    if setup.fixture.name == guests::CANDIDATE_SLEEPS_A_YEAR.name {
        thread::sleep(deadline);
    } else {
        while began.elapsed() < deadline {
            std::hint::spin_loop();
        }
    }
    began.elapsed().saturating_sub(deadline)
}

/// Starts one thread for each run, some time apart, and gives the longest of what they say.
fn longest(runs: &[(Setup, Module)], apart: Duration, of: impl Fn(&Setup, &Module) -> Duration + Sync) -> Duration {
    let of = &of;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (setup, module) in runs {
            if !threads.is_empty() {
                thread::sleep(apart);
            }
            threads.push(scope.spawn(move || of(setup, module)));
        }
        threads.into_iter().map(|thread| thread.join().expect("ended in its own deadline")).max().unwrap_or_default()
    })
}

/// Checks that all runs end in their own deadlines, however many there are. None may end early, ever; late
/// they may be when something else on the machine wakes up between the two measurements, but not thrice.
#[track_caller]
fn end_in_their_own_deadlines(what: &str, runs: &[(Setup, Module)], apart: Duration) {
    let _quiet = quiet();
    let mut measured = Vec::new();
    for _ in 0..3 {
        let machine = longest(runs, apart, |setup, _| machine_lateness(setup));
        let most = longest(runs, apart, lateness);
        println!("{what}: at most {most:?} late, the machine itself {machine:?}");
        if most <= LATE + machine {
            return;
        }
        measured.push((most, machine));
    }
    panic!("{what}: late, and the machine itself: {measured:?}");
}

#[test]
fn sixty_four_sleepers_end_each_in_its_own_deadline() {
    let runs: Vec<_> = (0..64)
        .map(|n| endless(&guests::CANDIDATE_SLEEPS_A_YEAR, Duration::from_millis(60 + (n * 37 % 64) * 8)))
        .collect();
    end_in_their_own_deadlines("64 that sleep", &runs, Duration::ZERO);
}

#[test]
fn sixty_four_runs_that_loop_sleep_and_call_end_each_in_its_own_deadline() {
    let fixtures = [
        &guests::CANDIDATE_SPINS,
        &guests::CANDIDATE_SLEEPS_A_YEAR,
        &guests::CANDIDATE_SLEEPS_A_YEAR,
        &guests::CANDIDATE_ZERO_TIMERS,
    ];
    let runs: Vec<_> = (0..64u64)
        .map(|n| {
            let fixture = fixtures[n as usize % fixtures.len()];
            endless(fixture, Duration::from_millis(100 + (n * 37 % 64) * 8))
        })
        .collect();
    end_in_their_own_deadlines("64 that loop, sleep and call", &runs, Duration::ZERO);
}

/// In another host one plugin's timeout killed a sibling 100 ms into its own 400 ms.
#[test]
fn a_timeout_of_one_leaves_its_sibling_all_of_its_time() {
    let run = endless(&guests::CANDIDATE_SPINS, Duration::from_millis(400));
    end_in_their_own_deadlines("two siblings", &[run.clone(), run], Duration::from_millis(300));
}

/// And left an idle one unusable.
#[test]
fn a_timeout_of_one_leaves_an_idle_sibling_usable() {
    let echo = Setup::new(&guests::CANDIDATE_ECHO);
    let before = echo.run();
    // The same module runs out of time, while another is loaded and idle.
    let idle = module(&guests::CAT);
    let (setup, same) = endless(&guests::CANDIDATE_SPINS, Duration::from_millis(50));
    lateness(&setup, &same);
    assert_eq!(echo.run().measurement(), before.measurement());
    assert_eq!(Setup::new(&guests::CAT).run_module(&SANDBOX, &idle).output(), b"Some input.");
}

#[test]
fn what_a_run_left_behind_is_nothing_to_the_next() {
    let after: [Setup; 3] = [&guests::CANDIDATE_UPPER, &guests::CANDIDATE_RANDOM_SAMPLE, &guests::CAT].map(Setup::new);
    let before = after.clone().map(|setup| setup.run());
    for fixture in guests::ALL {
        Setup::new(fixture).run();
        for (setup, before) in after.iter().zip(&before) {
            let now = setup.run();
            assert_eq!(now.measurement(), before.measurement(), "after {}", fixture.name);
            assert_eq!(now.output(), before.output(), "after {}", fixture.name);
        }
    }
}

#[test]
fn good_runs_beside_hostile_ones_are_what_they_are_alone() {
    let good = Setup::new(&guests::CANDIDATE_RANDOM_SAMPLE);
    let alone = good.run();
    let check = |came: &Came| assert_eq!(came.measurement(), alone.measurement());
    thread::scope(|scope| {
        for offset in 0..2 {
            scope.spawn(move || {
                for fixture in guests::ALL.iter().skip(offset).step_by(2) {
                    Setup::new(fixture).run();
                }
            });
        }
        scope.spawn(|| (0..100).for_each(|_| check(&good.run())));
    });
}

#[test]
fn a_workspace_is_shared_only_where_it_is_handed_on() {
    let tour = Setup::new(&guests::CANDIDATE_WORKSPACE_TOUR);
    let first = tour.run();
    assert!(first.text().starts_with("None"), "{}", first.text());
    assert_eq!(tour.run().text(), first.text(), "nothing was left on the blackboard");
}
