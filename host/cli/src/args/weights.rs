//! The arguments of `weights`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsArgs {
    #[command(subcommand)]
    pub(crate) command: WeightsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WeightsCommand {
    /// Shows the weights, their learner, and the groups that were compared, the most promising first
    Show(WeightsShowArgs),
    /// Writes the weights as a JSON document, to be edited and imported
    Export(WeightsExportArgs),
    /// Takes such a document in: all seven weights, each from 0 to 10
    Import(WeightsImportArgs),
    /// Learns from a history: a JSON list of decisions, or the database of a project
    Train(WeightsTrainArgs),
    /// Forgets all that was learned: each synergy counts 1
    Reset,
    /// Lists when the weights changed, by what, and to what
    History(WeightsHistoryArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsShowArgs {
    /// Ranks the groups of this workflow that were compared: the name of one that has a history. Default: of all
    #[arg(long, short, value_name = "WORKFLOW")]
    pub(crate) workflow: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsExportArgs {
    /// Where they go
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsImportArgs {
    /// The document
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// A decision of the JSON list is an object with `groups`, a list of objects from the name of a synergy to its size in
/// standard deviations, `chosen`, the place of the group that was integrated (from 0), and `reward`, the change of the
/// return that was realised. Of a database, each comparison is a decision: its group brought so much more than the mean of
/// all groups, on inputs that its synergies were not measured on.
#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsTrainArgs {
    /// The list, or a file that ends in .db. Default: the project's own database
    #[arg(value_name = "HISTORY")]
    pub(crate) history: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WeightsHistoryArgs {
    /// Writes a page with charts: one file that needs nothing else
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "weights.html")]
    pub(crate) plot: Option<PathBuf>,
}
