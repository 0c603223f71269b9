//! The arguments of the commands that have to do with engines.

use std::path::PathBuf;

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
/// where they were. Ctrl-C ends it after the trial at hand, with exit code 130. Where there is a table [autoscale], there
/// may be one engine more or less after each round.
#[derive(Debug, ClapArgs)]
pub(crate) struct AutonomousRunArgs {
    /// How many turns each engine has at most. Default: until all are at rest; with --interval, without end
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) cycles: Option<u32>,

    /// The time from the beginning of a round to that of the next, which is also when each engine's cycle is due.
    /// Default: none, and a cycle is always due but where [[engine]] says otherwise
    #[arg(long, value_name = "DURATION", value_parser = parse_duration_ns)]
    pub(crate) interval: Option<u64>,

    /// Engines go on from where they were. The default
    #[arg(long, overrides_with = "no_resume")]
    pub(crate) resume: bool,

    /// They begin anew: what they remember no longer counts. What they took in stays
    #[arg(long)]
    pub(crate) no_resume: bool,

    /// Where [autoscale] is set: a program that is asked before there is an engine more or less. It gets what is to be
    /// done as JSON on its standard input, and approves with exit code 0
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) approve: Option<PathBuf>,

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

/// Decides once, by [autoscale] or its defaults, and does it: engines that are made have the next free name and the
/// settings of the one that brought the most, or are of a workflow that has none yet; one that is removed stays as it is in
/// the store. `autonomous run` decides after each round, where there is a table [autoscale].
#[derive(Debug, ClapArgs)]
pub(crate) struct AutoscaleArgs {
    /// How well off the project is, from 0 to 1. Default: [autoscale] capital; without that, the share of what was earned
    /// in all that changed hands in the engines' last cycles
    #[arg(long, value_name = "0..1", value_parser = holobiont_core::parse_likelihood)]
    pub(crate) capital: Option<f64>,

    /// A program that is asked first. It gets what is to be done as JSON on its standard input, and approves with exit
    /// code 0
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) approve: Option<PathBuf>,

    /// Says what would be done, and does nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Forgets what was decided so far: the engines are those of holobiont.toml again
    #[arg(long, conflicts_with_all = ["capital", "approve"])]
    pub(crate) reset: bool,
}
