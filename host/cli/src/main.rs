//! The command line of a holobiont host: arguments in, reports and exit codes out. It takes no
//! decisions; those are the library's.

mod args;
mod config;
mod context;
mod fault;
mod html;
mod inspect;
mod report;
mod run;
mod synergy;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::fault::Fault;

fn main() -> ExitCode {
    if let Some(code) = holobiont_sandbox::compile_worker() {
        return code;
    }
    // Warnings of the host itself; a guest's messages are part of its report.
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).without_time().init();
    let args = Args::parse();
    let done = match &args.command {
        Command::Run(run) => run::run(&args, run),
        Command::Inspect(inspect) => inspect::inspect(&args, inspect),
        Command::Synergy(synergy) => synergy::synergy(&args, synergy),
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

/// What was judged, where something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Done, and what was judged passed.
    Passed,
    /// The module or group did not pass.
    NotPassed,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::SUCCESS,
            Verdict::NotPassed => Self::from(3),
        }
    }
}

pub(crate) type Done = Result<Verdict, Fault>;
