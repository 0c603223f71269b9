//! The arguments of `events`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct EventsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<EventsCommand>,

    /// The number of the event to begin with
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from: u64,

    /// Only events of this kind, such as `measured`
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,

    /// Only what happened to this workflow or module
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,

    /// Goes on with what happens from now on, until Ctrl-C (exit code 130) or until nobody reads any more
    #[arg(long)]
    pub(crate) follow: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// Writes all events to a file, as JSON Lines. Runs and trials stay: they can be made again
    Export {
        /// Where they go, whole or not at all
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
    },
    /// Adds the events of such a file that are not here yet, in their order, all or none
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
