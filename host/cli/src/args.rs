//! The arguments, as they are typed.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args as ClapArgs, FromArgMatches, Parser, Subcommand};
use holobiont_core::{Access, CompileLimits, Digest, DirGrant, Limits, Unit};

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
    /// Compares a group of a workflow's modules with its members alone
    Synergy(SynergyArgs),
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

    /// The seed of the module's entropy
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
pub(crate) struct SynergyArgs {
    /// The group: modules of the workflow, by id, file name or the last word of it; at least two
    #[arg(required = true, num_args = 1.., value_name = "MODULE")]
    pub(crate) modules: Vec<String>,

    /// The workflow: a .toml file, or the name of one in workflows/
    #[arg(long, short, value_name = "WORKFLOW")]
    pub(crate) workflow: String,

    /// The preset whose limits hold for each module
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// The seed of the modules' entropy
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
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
