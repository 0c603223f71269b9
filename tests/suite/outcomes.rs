//! Every fixture ends in its own outcome, in bounded time. A fixture without a test does not compile.

mod candidates;
mod commands;
mod linked;
mod patchers;
mod pipelines;
mod refusals;
mod texts;

use std::time::Duration;

use holobiont_core::{LimitKind, Limits, Outcome, WallTime};
use holobiont_test_guests::{Fixture, foreach_fixture};

use self::{candidates::*, commands::*, linked::*, patchers::*, pipelines::*, refusals::*, texts::*};
use crate::support::{Came, Setup, is_plain};

macro_rules! assert_test_exists {
    ($name:ident) => {
        #[expect(unused_imports, reason = "that the name is there is all that matters")]
        use self::$name as _;
    };
}

foreach_fixture!(assert_test_exists);

/// The longest that a run may take for real, on a machine that others use too.
const MOST: Duration = Duration::from_secs(2);

/// Runs a fixture and checks how it ends, and what must hold for every run.
#[track_caller]
fn ends(fixture: &Fixture, code: &str) -> Came {
    ends_as(&Setup::new(fixture), code)
}

#[track_caller]
fn ends_as(setup: &Setup, code: &str) -> Came {
    let came = setup.run();
    println!(
        "{:<48} {:<32} {:>6.3} s  {}",
        setup.fixture.name,
        came.outcome.code(),
        came.took.as_secs_f64(),
        came.outcome.detail()
    );
    assert_eq!(came.outcome.code(), code, "{}", came.outcome);
    assert!(came.took < MOST, "it took {:?}", came.took);
    assert!(is_plain(came.outcome.detail()), "{:?}", came.outcome.detail());
    assert!(came.outcome.detail().len() < 2_000, "{} bytes of detail", came.outcome.detail().len());
    if let Outcome::Limit { limit, excess, detail } = &came.outcome {
        assert!(detail.contains(|c: char| c.is_ascii_digit()), "no numbers: {detail}");
        assert!(excess.asked >= excess.allowed, "{excess:?}");
        // What compiling refuses, it refuses by the engine's own bound.
        if came.measurement.is_some() && *limit != LimitKind::Stack {
            let named = Limits::FIELDS.iter().filter(|field| field.kind == Some(*limit));
            let allowed: Vec<_> = named.map(|field| (field.get)(&setup.limits)).collect();
            assert!(allowed.contains(&excess.allowed), "{excess:?} of {allowed:?}");
        }
    }
    if came.measurement.is_some() {
        within_limits(setup, &came);
    }
    came
}

/// What was used is what was allowed, but for the one limit that ended the run.
#[track_caller]
fn within_limits(setup: &Setup, came: &Came) {
    let measurement = came.measurement();
    for field in Limits::FIELDS {
        let Some(kind) = field.kind else { continue };
        let ended_it = matches!(&came.outcome, Outcome::Limit { limit, .. } if *limit == kind);
        if let (false, Some(used)) = (ended_it, (field.used)(&measurement.usage, &WallTime::default())) {
            let allowed = (field.get)(&setup.limits);
            assert!(used <= allowed, "{}: used {used}, limit {allowed}", field.name);
        }
    }
    // What a command had written before it exited of its own accord is its output, whatever made it exit.
    let answered = match &came.outcome {
        Outcome::Completed { .. } | Outcome::Failed { code: Some(_), .. } => true,
        Outcome::Limit { limit, .. } => *limit == LimitKind::Disk,
        _ => false,
    };
    assert!(answered || measurement.output.bytes == 0, "an output of a run that came to nothing");
}

/// The numbers of an outcome that is a limit.
#[track_caller]
fn excess(came: &Came) -> (u64, u64) {
    match &came.outcome {
        Outcome::Limit { excess, .. } => (excess.asked, excess.allowed),
        other => panic!("no limit: {other}"),
    }
}

/// A module that is refused: nothing of it ran, and the words name what is wrong.
#[track_caller]
fn refused(fixture: &Fixture, code: &str, words: &[&str]) {
    let came = ends(fixture, code);
    assert!(came.measurement.is_none(), "it ran");
    for word in words {
        assert!(came.outcome.detail().contains(word), "`{word}` is not in: {}", came.outcome.detail());
    }
}
