//! The arguments of the commands that have to do with engines.

use clap::{Args as ClapArgs, Subcommand};
use holobiont_core::parse_duration_ns;

use super::UnderArgs;
use super::inclusion::InclusionArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct AutonomousArgs {
    #[command(subcommand)]
    pub(crate) command: AutonomousCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AutonomousCommand {
    /// Gives all engines their turns: they test modules, integrate those that pass, run their workflows, measure and learn
    Run(AutonomousRunArgs),
}

/// The engines are those of [[engine]] in holobiont.toml; without such tables, each workflow has one. They go on from
/// where they were. Ctrl-C ends it after the trial at hand, with exit code 130.
#[derive(Debug, ClapArgs)]
pub(crate) struct AutonomousRunArgs {
    /// How many turns each engine has at most. Default: until a round changes nothing; with --interval, without end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) cycles: Option<u32>,

    /// The time from the beginning of a round to that of the next, which is also when each engine's cycle is due.
    /// Default: none, and a cycle is always due but where [[engine]] says otherwise
    #[arg(long, value_name = "DURATION", value_parser = parse_duration_ns)]
    pub(crate) interval: Option<u64>,

    #[command(flatten)]
    pub(crate) inclusion: InclusionArgs,

    #[command(flatten)]
    pub(crate) under: UnderArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EngineArgs {
    #[command(subcommand)]
    pub(crate) command: EngineCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EngineCommand {
    /// Lists the engines, and where they stand
    List,
    /// Shows an engine: what it remembers, what its policy knows, its last cycle
    Show(EngineName),
    /// Gives an engine one turn
    Cycle(EngineCycleArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EngineName {
    /// The engine
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct EngineCycleArgs {
    /// The engine
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// Says what spoke for the cycle and against it, and what its energy is made of
    #[arg(long)]
    pub(crate) explain: bool,
}
