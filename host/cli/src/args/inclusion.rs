//! The arguments of the commands that take modules in.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use holobiont::{Settings, Switch};

use super::UnderArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct SelfTestArgs {
    #[command(subcommand)]
    pub(crate) command: SelfTestCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SelfTestCommand {
    /// Tries modules that nobody uses yet, alone and among the steps of workflows, and integrates those that pass
    Run(SelfTestRunArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SelfTestRunArgs {
    /// The modules: .wasm files of the repository. Default: all orphans that the flags below take in
    #[arg(value_name = "MODULE")]
    pub(crate) modules: Vec<PathBuf>,

    /// Says what would be done, and leaves all files as they are
    #[arg(long)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) inclusion: InclusionArgs,

    #[command(flatten)]
    pub(crate) under: UnderArgs,
}

/// Which modules are taken in. Each flag beats the environment, and that beats [self-test] in holobiont.toml.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "What is taken in")]
pub(crate) struct InclusionArgs {
    /// The orphans that a candidate imports from come along (SANDBOX_RECURSIVE_ORPHANS). The default
    #[arg(long, overrides_with = "no_recursive_include")]
    recursive_include: bool,

    /// They do not
    #[arg(long)]
    no_recursive_include: bool,

    /// An isolated pipeline has the workflow's modules to invoke when it is tried alone
    /// (SANDBOX_RECURSIVE_ISOLATED). The default
    #[arg(long, overrides_with = "no_recursive_isolated")]
    recursive_isolated: bool,

    /// It has not
    #[arg(long)]
    no_recursive_isolated: bool,

    /// Modules that neither import nor are imported are candidates (SANDBOX_AUTO_INCLUDE_ISOLATED). The default
    #[arg(long)]
    auto_include_isolated: bool,

    /// Modules that orphan_modules.json lists are candidates. The default
    #[arg(long)]
    include_orphans: bool,

    /// Orphans that it does not list yet are candidates. The default
    #[arg(long)]
    discover_orphans: bool,

    /// What was integrated is dropped from orphan_modules.json (SANDBOX_CLEAN_ORPHANS)
    #[arg(long)]
    clean_orphans: bool,

    /// orphan_modules.json is made anew
    #[arg(long)]
    refresh_orphans: bool,
}

impl InclusionArgs {
    /// Writes what was given over the settings.
    pub(crate) fn apply(&self, settings: &mut Settings) {
        let given = [
            (self.recursive_include, Switch::RecursiveOrphans, true, "--recursive-include"),
            (self.no_recursive_include, Switch::RecursiveOrphans, false, "--no-recursive-include"),
            (self.recursive_isolated, Switch::RecursiveIsolated, true, "--recursive-isolated"),
            (self.no_recursive_isolated, Switch::RecursiveIsolated, false, "--no-recursive-isolated"),
            (self.auto_include_isolated, Switch::AutoIncludeIsolated, true, "--auto-include-isolated"),
            (self.include_orphans, Switch::IncludeOrphans, true, "--include-orphans"),
            (self.discover_orphans, Switch::DiscoverOrphans, true, "--discover-orphans"),
            (self.clean_orphans, Switch::CleanOrphans, true, "--clean-orphans"),
            (self.refresh_orphans, Switch::RefreshOrphans, true, "--refresh-orphans"),
        ];
        for (_, switch, value, flag) in given.into_iter().filter(|(is_given, ..)| *is_given) {
            settings.choose_switch(switch, value, flag);
        }
    }
}
