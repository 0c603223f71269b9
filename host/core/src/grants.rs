//! What a run may reach. Nothing is granted by default.

use serde::{Deserialize, Serialize};

/// What a run may reach. The default is nothing: no file, no environment, no argument, no host clock,
/// no host entropy; there is no way to grant the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Directories of the host, seen through the virtual file system.
    pub dirs: Vec<DirGrant>,
    /// Environment variables.
    pub env: Vec<(String, String)>,
    /// Command-line arguments, after the program's name.
    pub args: Vec<String>,
    /// The host's clocks and entropy in place of virtual ones: results are then not repeatable.
    pub realtime: bool,
}

/// A directory of the host that a run sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirGrant {
    /// Where it lies on the host.
    pub host: String,
    /// Where the guest finds it.
    pub guest: String,
    /// What the guest may do with it.
    pub access: Access,
}

/// What a run may do with a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read.
    ReadOnly,
    /// Read and change; changes reach the host when the run has completed.
    ReadWrite,
}
