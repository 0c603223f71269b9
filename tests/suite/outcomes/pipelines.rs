//! Pipelines: what their acts end in.

use holobiont_test_guests as guests;

use super::{ends, ends_as, excess};
use crate::support::Setup;

#[test]
pub(super) fn pipeline_big_output() {
    let came = Setup::new(&guests::PIPELINE_BIG_OUTPUT).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_declines() {
    let came = Setup::new(&guests::PIPELINE_DECLINES).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_echo() {
    let came = Setup::new(&guests::PIPELINE_ECHO).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_a_flood_of_parameters() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_A_FLOOD_OF_PARAMETERS).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_a_hoarder() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_A_HOARDER).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_a_sleeper() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_A_SLEEPER).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_a_spinner() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_A_SPINNER).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_all() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_ALL).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_deeply() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_DEEPLY).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_in_a_circle() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_IN_A_CIRCLE).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_itself() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_ITSELF).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_nobody() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_NOBODY).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_only() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_ONLY).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_the_failing() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_THE_FAILING).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_invokes_without_end() {
    let came = Setup::new(&guests::PIPELINE_INVOKES_WITHOUT_END).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_lists_without_end() {
    let came = Setup::new(&guests::PIPELINE_LISTS_WITHOUT_END).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_odd_report() {
    let came = Setup::new(&guests::PIPELINE_ODD_REPORT).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_report_flood() {
    let came = Setup::new(&guests::PIPELINE_REPORT_FLOOD).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}

#[test]
pub(super) fn pipeline_shares_the_workspace() {
    let came = Setup::new(&guests::PIPELINE_SHARES_THE_WORKSPACE).run();
    println!("{} {}\n{:#?}\n{:?}", came.outcome, came.took.as_secs_f64(), came.measurement(), String::from_utf8_lossy(came.output()));
}
