//! The arguments of what a project holds: `workflows`, `modules`.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Debug, ClapArgs)]
pub(crate) struct WorkflowsArgs {
    #[command(subcommand)]
    pub(crate) command: WorkflowsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowsCommand {
    /// The workflows of the project, with how much is in each
    List,
    /// A workflow's steps and members, and what became of them since they were integrated
    Show {
        /// A .toml file, or the name of one in workflows/
        #[arg(value_name = "WORKFLOW")]
        name: String,
    },
    /// What is wrong with workflows; exit code 3 if anything is
    Check {
        /// .toml files, or names of those in workflows/. Default: all of these
        #[arg(value_name = "WORKFLOW")]
        names: Vec<String>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModulesArgs {
    #[command(subcommand)]
    pub(crate) command: ModulesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModulesCommand {
    /// The modules that are integrated
    List,
    /// What the project's files say of a module
    Show(ModuleArgs),
    /// Integrates a module as it is now, untested, or brings the digest of a changed one up to date
    Pin(ModuleArgs),
    /// Takes a module out of the map and of every workflow
    Remove(ModuleArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModuleArgs {
    /// Its id, the last part of that, or the path of its file
    pub(crate) module: String,
}
