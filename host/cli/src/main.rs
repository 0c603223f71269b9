//! The command line of a holobiont host: arguments in, reports and exit codes out. It takes no
//! decisions; those are the library's.

mod args;
mod config;
mod context;
mod discover;
mod engines;
mod events;
mod fault;
mod history;
mod html;
mod inspect;
mod interrupt;
mod modules;
mod page;
mod presets;
mod report;
mod run;
mod self_test;
mod synergy;
mod terminal;
mod tracker;
mod workflows;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use holobiont_core::printable;

use crate::args::{Args, Command};
use crate::fault::Fault;

fn main() -> ExitCode {
    if let Some(code) = holobiont_sandbox::compile_worker() {
        return code;
    }
    // Warnings of the host itself; a guest's messages are part of its report.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).without_time().init();
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version, which were asked for.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => return refused(&error),
    };
    let done = match &args.command {
        Command::Run(run) => run::run(&args, run),
        Command::Inspect(inspect) => inspect::inspect(&args, inspect),
        Command::Discover(discover) => discover::discover(&args, discover),
        Command::Synergy(synergy) => synergy::synergy(&args, synergy),
        Command::Report(report) => page::report(&args, report),
        Command::SelfTest(test) => self_test::self_test(&args, test),
        Command::Autonomous(autonomous) => engines::autonomous(&args, autonomous),
        Command::Engine(engine) => engines::engine(&args, engine),
        Command::Autoscale(autoscale) => engines::autoscale(&args, autoscale),
        Command::Tracker(tracker) => tracker::tracker(&args, tracker),
        Command::History(history) => history::history(&args, history),
        Command::Events(events) => events::events(&args, events),
        Command::Presets(presets) => presets::presets(&args, presets),
        Command::Workflows(workflows) => workflows::workflows(&args, workflows),
        Command::Modules(modules) => modules::modules(&args, modules),
        Command::Config => config::config(&args),
    };
    match done {
        Ok(verdict) => verdict.into(),
        Err(fault) => {
            terminal::say(&format!("holobiont: {fault}"));
            ExitCode::from(fault.exit_code())
        }
    }
}

/// Says in one line why arguments are none.
fn refused(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let text = error.render().to_string();
    // A paragraph that says what is wrong, hints, the usage.
    let mut paragraphs = text.split("\n\n");
    let wrong: Vec<&str> = paragraphs.next().unwrap_or_default().lines().map(str::trim).collect();
    let hint = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let said = wrong.join(" ");
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
    terminal::say(&printable(&format!("holobiont: {said}{hint}; try --help")));
    ExitCode::from(2)
}

/// What was judged, where something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done, and what was judged passed.
    Passed,
    /// The module or group did not pass.
    NotPassed,
    /// There is not enough data to say.
    NotEnoughData,
    /// Somebody wanted to stop.
    Interrupted,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::SUCCESS,
            Verdict::NotPassed => Self::from(3),
            Verdict::NotEnoughData => Self::from(4),
            Verdict::Interrupted => Self::from(130),
        }
    }
}

pub(crate) type Done = Result<Verdict, Fault>;
