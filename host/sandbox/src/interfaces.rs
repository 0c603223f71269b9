//! The interfaces that the host offers, by name.

/// The interfaces that the host offers, by name without version. A row's place is its counter's.
pub(crate) const INTERFACES: [&str; 32] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "holobiont:plugin/accelerator",
    "holobiont:plugin/modules",
    "holobiont:plugin/telemetry",
    "holobiont:plugin/types",
    "holobiont:plugin/workspace",
];

/// The version of WASI whose interfaces are offered; any older 0.2 links to it.
pub(crate) const WASI_VERSION: &str = "0.2.12";

/// The version of `holobiont:plugin` that is offered.
pub(crate) const PLUGIN_VERSION: &str = "0.1.0";

/// The place of an interface in [`INTERFACES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct InterfaceId(pub(crate) usize);

impl InterfaceId {
    /// The place of an interface that another module offers, by its place among those: after all of the host's.
    pub(crate) fn linked(place: usize) -> Self {
        Self(INTERFACES.len() + place)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        INTERFACES.iter().position(|known| *known == name).map(Self)
    }
}
