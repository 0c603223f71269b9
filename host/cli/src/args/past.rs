//! The arguments of what looks back: `tracker`, `history`, `presets`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args as ClapArgs, Subcommand};
use holobiont_core::forecast::Method;

#[derive(Debug, ClapArgs)]
pub(crate) struct TrackerArgs {
    #[command(subcommand)]
    pub(crate) command: TrackerCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TrackerCommand {
    /// What metrics are expected to be next, and how sure that is
    Forecast(ForecastArgs),
    /// The modules by what they brought
    Rank(PastArgs),
    /// How well forecasts have held
    Reliability(SeriesArgs),
    /// Writes an HTML page with a chart of each series
    Plot(PlotArgs),
}

/// Of what the past is asked.
#[derive(Debug, ClapArgs)]
pub(crate) struct PastArgs {
    /// The workflow: a .toml file, or the name of one in workflows/. Default: the only one that has a history
    #[arg(long, short, value_name = "WORKFLOW")]
    pub(crate) workflow: Option<String>,

    /// The group, as it was compared; several, and several times. Default: the one that was compared last
    #[arg(long, value_name = "MODULE", num_args = 1..)]
    pub(crate) group: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SeriesArgs {
    /// Metrics, such as `roi` or `synergy_efficiency`. Default: ROI and the synergies
    #[arg(value_name = "METRIC")]
    pub(crate) metrics: Vec<String>,

    #[command(flatten)]
    pub(crate) past: PastArgs,

    /// How series are forecast. Default: the project's, which is `auto`
    #[arg(long, value_name = "METHOD", value_parser = method())]
    pub(crate) method: Option<Method>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub(crate) series: SeriesArgs,

    /// How many cycles ahead
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) ahead: u32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PlotArgs {
    #[command(flatten)]
    pub(crate) series: SeriesArgs,

    /// How many cycles ahead
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) ahead: u32,

    /// Where the page goes: one file that needs nothing else
    #[arg(long, value_name = "FILE|-", default_value = "history.html")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) past: PastArgs,

    /// The most cycles that are listed, the newest
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) last: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PresetsArgs {
    #[command(subcommand)]
    pub(crate) command: PresetsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PresetsCommand {
    /// Draws environments from the ladders of each key, or by profiles
    Generate(GenerateArgs),
    /// Moves a preset's limits to what was measured; the next runs use them
    Adapt(AdaptArgs),
    /// Shows presets by their keys
    Show(ShowArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GenerateArgs {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub(crate) count: u16,

    /// What they are to be like, such as `high_latency` or `hostile_input:low+resource_strain`; several take turns
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Vec<String>,

    /// The seed of the draws. Default: the project's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Adds them to the presets of the project, so that `--preset NAME` finds them
    #[arg(long)]
    pub(crate) keep: bool,

    /// Where they go, as JSON. Default: they are shown
    #[arg(long, value_name = "FILE|-")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AdaptArgs {
    #[command(flatten)]
    pub(crate) past: PastArgs,

    /// The preset. Default: the one that is used when none is named
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    pub(crate) preset: Option<String>,

    /// Says what would be moved, and moves nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Takes back what was adapted: the preset is again what holobiont.toml or the program says
    #[arg(long, conflicts_with_all = ["dry_run", "file"])]
    pub(crate) reset: bool,

    /// Adapts the presets of a file instead of one of the project
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// Where those of the file go, as JSON. Default: standard output
    #[arg(long, value_name = "FILE|-", requires = "file")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// Presets. Default: all of them
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

fn method() -> impl clap::builder::TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.iter().map(<&str>::from)).try_map(|name| name.parse::<Method>())
}
