//! How a sandbox is set up.

use std::path::PathBuf;

use holobiont_core::CompileLimits;

/// How a sandbox is set up: what holds for all its runs.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) strict: bool,
    pub(crate) stack_bytes: usize,
    pub(crate) compile: CompileLimits,
    pub(crate) compile_in: Option<PathBuf>,
    pub(crate) concurrent_runs: u32,
    pub(crate) cache_dir: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strict: false,
            stack_bytes: 512 << 10,
            compile: CompileLimits::default(),
            compile_in: None,
            concurrent_runs: 64,
            cache_dir: None,
        }
    }
}
