//! The arguments, as they are typed.

mod discover;
mod engines;
mod events;
mod holds;
mod inclusion;
mod past;

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Arg, ArgMatches, Args as ClapArgs, FromArgMatches, Parser, Subcommand};
use holobiont_core::{
    Access, CompileLimits, Conditions, Digest, DirGrant, FailureMode, Limits, Unit, parse_bytes, parse_duration_ns,
    parse_likelihood,
};

pub(crate) use self::discover::DiscoverArgs;
pub(crate) use self::engines::{
    AutonomousArgs, AutonomousCommand, AutonomousRunArgs, AutoscaleArgs, EngineArgs, EngineCommand, EngineCycleArgs,
};
pub(crate) use self::events::{EventsArgs, EventsCommand};
pub(crate) use self::holds::{ModulesArgs, ModulesCommand, WorkflowsArgs, WorkflowsCommand};
pub(crate) use self::inclusion::{SelfTestArgs, SelfTestCommand, SelfTestRunArgs};
pub(crate) use self::past::{
    AdaptArgs, ForecastArgs, GenerateArgs, HistoryArgs, PastArgs, PlotArgs, PresetsArgs, PresetsCommand, SeriesArgs,
    ShowArgs, TrackerArgs, TrackerCommand,
};

/// Runs strangers' WebAssembly modules in a sandbox, alone and together, and measures what the group
/// is worth beyond its parts.
///
/// Exit codes: 0 done, and what was judged passed; 1 a fault of the host; 2 usage or configuration;
/// 3 the module or group did not pass; 4 not enough data to say; 5 the store could not be used;
/// 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "holobiont", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Args {
    /// The project's file. Default: the nearest holobiont.toml in this folder or above
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Prints one JSON document on standard output, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes one run under limits, and says what it used
    Run(Box<RunArgs>),
    /// Says what a module is and what it wants; runs nothing
    Inspect(InspectArgs),
    /// Finds the project's modules: who imports from whom, and which nobody uses yet
    Discover(DiscoverArgs),
    /// Compares a group of a workflow's modules with its members alone
    Synergy(Box<SynergyArgs>),
    /// Compares as `synergy` does, and writes an HTML page with charts
    Report(ReportArgs),
    /// Tries modules that nobody uses yet, and integrates those that pass
    SelfTest(SelfTestArgs),
    /// Gives engines their turns: they test, integrate, run, measure and learn
    Autonomous(AutonomousArgs),
    /// Says where engines stand, and gives one a turn
    Engine(EngineArgs),
    /// Decides whether there should be an engine more or less, and sees to it
    Autoscale(AutoscaleArgs),
    /// Says what cycles came to so far, and what is to be expected
    Tracker(TrackerArgs),
    /// Lists what was measured, cycle by cycle
    History(HistoryArgs),
    /// Lists what happened, oldest first, or follows what happens
    ///
    /// With --json each event is a document on a line of its own (JSON Lines), as in the files that are exported: there
    /// may always come another one.
    Events(EventsArgs),
    /// Makes environments, adapts them to what was measured, and shows them
    Presets(PresetsArgs),
    /// Lists, shows and checks the project's workflows; runs nothing
    Workflows(WorkflowsArgs),
    /// Lists the modules that are integrated, and changes that by hand
    Modules(ModulesArgs),
    /// Shows every setting and where it came from
    Config,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// A .wasm file, or the .toml file of a workflow
    #[arg(value_name = "MODULE|WORKFLOW")]
    pub(crate) target: PathBuf,

    /// What the module gets: its payload, or the standard input of a command; `-` is this command's own.
    /// Default: nothing
    #[arg(long, value_name = "FILE|-")]
    pub(crate) input: Option<PathBuf>,

    /// Where the output goes. Default: standard output
    #[arg(long, value_name = "FILE|-")]
    pub(crate) output: Option<PathBuf>,

    /// What the input is
    #[arg(long, value_name = "TYPE", default_value = "application/octet-stream")]
    pub(crate) media_type: String,

    /// The preset whose limits hold
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    #[command(flatten)]
    pub(crate) conditions: ConditionArgs,

    /// A directory that the module sees; read-only unless `:rw`, with which its changes are written back
    /// when it has completed; may be given several times
    #[arg(long, value_name = "HOST::GUEST[:ro|rw]", value_parser = directory)]
    pub(crate) dir: Vec<DirGrant>,

    /// An environment variable for the module; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) env: Vec<(String, String)>,

    /// A parameter of the task; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) param: Vec<(String, String)>,

    /// A module that a pipeline may invoke, by the id that its path is; several, and several times
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) member: Vec<PathBuf>,

    /// How hard a pipeline is to try, from 1 to 100; limits do not grow with it. Default: 1
    #[arg(long, value_name = "N", value_parser = energy)]
    pub(crate) energy: Option<f64>,

    /// The seed of the module's entropy, and of what befalls it
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Makes floating-point results the same on every architecture, at about three times the time
    #[arg(long)]
    pub(crate) strict: bool,

    /// The digest that the module must have; other bytes are refused
    #[arg(long, value_name = "sha256:HEX")]
    pub(crate) digest: Option<Digest>,

    /// The host's clocks and entropy in place of virtual ones; results are then not repeatable
    #[arg(long)]
    pub(crate) realtime: bool,

    /// No report on standard error
    #[arg(long, short)]
    pub(crate) quiet: bool,

    /// Arguments for a command
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) args: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InspectArgs {
    /// A .wasm file
    pub(crate) module: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SynergyArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SynergyCommand>,

    #[command(flatten)]
    pub(crate) group: GroupArgs,

    /// Looks for good groups among the modules (by default all of the workflow) instead of comparing one group
    #[arg(long, requires = "workflow")]
    pub(crate) search: bool,

    #[command(flatten)]
    pub(crate) plan: SearchArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SynergyCommand {
    /// Measures how often the gate passes a group that has no effect; later comparisons are judged with it
    Calibrate(CalibrateArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CalibrateArgs {
    /// The workflow: a .toml file, or the name of one in workflows/
    #[arg(long, short, value_name = "WORKFLOW")]
    pub(crate) workflow: String,

    #[command(flatten)]
    pub(crate) under: UnderArgs,
}

/// Which group of which workflow, and under what.
#[derive(Debug, ClapArgs)]
pub(crate) struct GroupArgs {
    /// The group: modules of the workflow, by id, file name or the last word of it; at least two
    #[arg(value_name = "MODULE")]
    pub(crate) modules: Vec<String>,

    /// The workflow: a .toml file, or the name of one in workflows/
    #[arg(long, short, value_name = "WORKFLOW", required = true)]
    pub(crate) workflow: Option<String>,

    /// Tries the group under this scenario beside the nominal one; may be given several times. Default: all of them
    #[arg(long = "scenario", value_name = "NAME")]
    pub(crate) scenarios: Vec<String>,

    #[command(flatten)]
    pub(crate) under: UnderArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UnderArgs {
    /// The preset whose limits hold for each module
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// The seed of the modules' entropy, of scenarios and of resampling
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Search")]
pub(crate) struct SearchArgs {
    /// What makes a group good: what it is worth, or that less the mean of its members
    #[arg(long, value_name = "GOAL", value_enum, default_value_t = SearchGoal::Worth, requires = "search")]
    pub(crate) goal: SearchGoal,

    /// The least number of members of a group
    #[arg(long, value_name = "N", default_value_t = 2, requires = "search")]
    pub(crate) at_least: usize,

    /// The most members of a group. Default: as many as there are modules
    #[arg(long, value_name = "N", requires = "search")]
    pub(crate) at_most: Option<usize>,

    /// How many of the best groups are measured again on inputs that were not used to choose them
    #[arg(long, value_name = "N", default_value_t = 5, requires = "search")]
    pub(crate) finalists: usize,

    /// The most trials: a group on an input each. Default: no bound up to 12 modules, else one that takes minutes
    #[arg(long, value_name = "N", requires = "search")]
    pub(crate) budget: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SearchGoal {
    /// What the group is worth
    Worth,
    /// What it is worth beyond the mean of its members
    Synergy,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) group: GroupArgs,

    /// Where the page goes: one file that needs nothing else
    #[arg(long, value_name = "FILE|-", default_value = "synergy.html")]
    pub(crate) output: PathBuf,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn energy(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (1.0..=100.0).contains(number));
    number.ok_or_else(|| "expected a number from 1 to 100".to_owned())
}

fn directory(text: &str) -> Result<DirGrant, String> {
    let expected = || "expected HOST::GUEST, and :ro or :rw after it if wanted".to_owned();
    let (host, rest) = text.split_once("::").ok_or_else(expected)?;
    let (guest, access) = match rest.rsplit_once(':') {
        None => (rest, Access::ReadOnly),
        Some((guest, "ro")) => (guest, Access::ReadOnly),
        Some((guest, "rw")) => (guest, Access::ReadWrite),
        Some(_) => return Err(expected()),
    };
    if host.is_empty() || guest.is_empty() {
        return Err(expected());
    }
    Ok(DirGrant { host: host.to_owned(), guest: guest.to_owned(), access })
}

/// What befalls the run at its boundary.
#[derive(Debug, ClapArgs)]
pub(crate) struct ConditionArgs {
    /// Virtual time that each call and what is handed over waits. Default: none
    #[arg(long, value_name = "DURATION", help_heading = CONDITIONS, value_parser = parse_duration_ns)]
    latency: Option<u64>,

    /// The most by which that differs, either way. Default: nothing
    #[arg(long, value_name = "DURATION", help_heading = CONDITIONS, value_parser = parse_duration_ns)]
    jitter: Option<u64>,

    /// The least bandwidth of a crossing, in bytes per virtual second; each has one between this and the most.
    /// Default: next to none
    #[arg(long, value_name = "SIZE", help_heading = CONDITIONS, requires = "most_bandwidth", value_parser = parse_bytes)]
    least_bandwidth: Option<u64>,

    /// The most bandwidth of a crossing, which `--bandwidth` may still cut. Default: what `--bandwidth` says
    #[arg(long, value_name = "SIZE", help_heading = CONDITIONS, value_parser = parse_bytes)]
    most_bandwidth: Option<u64>,

    /// How likely it is that a message is lost and sent again. Default: 0
    #[arg(long, value_name = "0..1", help_heading = CONDITIONS, value_parser = parse_likelihood)]
    loss: Option<f64>,

    /// How likely it is that a message comes twice. Default: 0
    #[arg(long, value_name = "0..1", help_heading = CONDITIONS, value_parser = parse_likelihood)]
    duplication: Option<f64>,

    /// How likely it is that something fails. Default: 0
    #[arg(long, value_name = "0..1", help_heading = CONDITIONS, value_parser = parse_likelihood)]
    faults: Option<f64>,

    /// What fails; may be given several times. Default: any
    #[arg(long, value_name = "NAME", help_heading = CONDITIONS, requires = "faults", value_parser = failure_mode())]
    failure_mode: Vec<FailureMode>,
}

const CONDITIONS: &str = "Conditions of the run";

impl ConditionArgs {
    /// The conditions that were given, over those of a preset.
    pub(crate) fn over(&self, preset: &Conditions) -> Conditions {
        let Self { latency, jitter, least_bandwidth, most_bandwidth, loss, duplication, faults, failure_mode } = self;
        let failure_modes = if failure_mode.is_empty() { &preset.failure_modes } else { failure_mode };
        Conditions {
            latency_ns: latency.unwrap_or(preset.latency_ns),
            jitter_ns: jitter.unwrap_or(preset.jitter_ns),
            least_bandwidth_bytes_per_s: least_bandwidth.unwrap_or(preset.least_bandwidth_bytes_per_s),
            most_bandwidth_bytes_per_s: most_bandwidth.unwrap_or(preset.most_bandwidth_bytes_per_s),
            loss: loss.unwrap_or(preset.loss),
            duplication: duplication.unwrap_or(preset.duplication),
            faults: faults.unwrap_or(preset.faults),
            failure_modes: failure_modes.clone(),
        }
    }
}

fn failure_mode() -> impl clap::builder::TypedValueParser<Value = FailureMode> {
    PossibleValuesParser::new(FailureMode::ALL.iter().map(<&str>::from)).try_map(|name| name.parse::<FailureMode>())
}

/// One flag per row of the tables of limits.
#[derive(Debug, Default)]
pub(crate) struct LimitArgs {
    run: Vec<(&'static str, u64)>,
    compile: Vec<(&'static str, u64)>,
}

impl LimitArgs {
    /// Writes the limits that were given over those of the preset.
    pub(crate) fn apply(&self, limits: &mut Limits) {
        for (name, value) in &self.run {
            if let Some(field) = Limits::field(name) {
                (field.set)(limits, *value);
            }
        }
    }

    /// Writes the compile limits that were given over those of the project.
    pub(crate) fn apply_compile(&self, limits: &mut CompileLimits) {
        for (name, value) in &self.compile {
            if let Some(field) = CompileLimits::field(name) {
                (field.set)(limits, *value);
            }
        }
    }
}

impl FromArgMatches for LimitArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &'static str| matches.get_one::<u64>(name).map(|value| (name, *value));
        Ok(Self {
            run: Limits::FIELDS.iter().filter_map(|field| given(field.name)).collect(),
            compile: CompileLimits::FIELDS.iter().filter_map(|field| given(field.name)).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl ClapArgs for LimitArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let run = Limits::FIELDS.iter().map(|field| limit(field.name, field.unit, field.doc, "Limits of the run"));
        let compile = CompileLimits::FIELDS
            .iter()
            .map(|field| limit(field.name, field.unit, field.doc, "Limits of loading the module"));
        command.args(run.chain(compile))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// The flag of a limit.
fn limit(name: &'static str, unit: Unit, doc: &str, heading: &'static str) -> Arg {
    let value_name = match unit {
        Unit::Bytes => "SIZE",
        Unit::Nanoseconds => "DURATION",
        _ => "N",
    };
    Arg::new(name)
        .long(name)
        .value_name(value_name)
        .help_heading(heading)
        .help(format!("The most: {doc}"))
        .value_parser(move |text: &str| unit.parse(text).map_err(|e| e.to_string()))
}
