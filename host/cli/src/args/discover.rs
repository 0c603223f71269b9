//! The arguments of `discover`.

use clap::Args as ClapArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct DiscoverArgs {
    /// Makes the list of orphans anew; otherwise what it has stays until its file is gone
    #[arg(long)]
    pub(crate) refresh_orphans: bool,

    /// Says what there is, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
