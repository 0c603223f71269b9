//! The keys of an environment, their units and their ladders: one table.

/// A key that has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, strum::VariantArray)]
pub enum Key {
    /// `CPU_LIMIT`
    CpuLimit,
    /// `MEMORY_LIMIT`
    MemoryLimit,
    /// `DISK_LIMIT`
    DiskLimit,
    /// `NETWORK_LATENCY_MS`
    NetworkLatency,
    /// `NETWORK_JITTER_MS`
    NetworkJitter,
    /// `MIN_BANDWIDTH`
    MinBandwidth,
    /// `MAX_BANDWIDTH`
    MaxBandwidth,
    /// `BANDWIDTH_LIMIT`
    BandwidthLimit,
    /// `PACKET_LOSS`
    PacketLoss,
    /// `PACKET_DUPLICATION`
    PacketDuplication,
    /// `SECURITY_LEVEL`
    SecurityLevel,
    /// `THREAT_INTENSITY`
    ThreatIntensity,
    /// `GPU_LIMIT`
    GpuLimit,
    /// `CONCURRENCY_LEVEL`
    ConcurrencyLevel,
    /// `TIMEOUT`
    Timeout,
}

/// A row of the table of keys.
#[derive(Debug)]
pub struct KeyRow {
    /// The key.
    pub key: Key,
    /// Its name in files.
    pub name: &'static str,
    /// In what it is counted.
    pub unit: &'static str,
    /// The values that it is moved between, lowest first.
    pub ladder: &'static [f64],
    /// The rung from which on values are drawn when environments are generated: below are values that only what was
    /// measured leads to.
    pub drawn_from: f64,
    /// The value that it is taken to have where it is absent and has to be moved.
    pub absent: f64,
    /// What enforces it.
    pub enforced: &'static str,
}

impl Key {
    /// The row of the key.
    #[must_use]
    pub fn row(self) -> &'static KeyRow {
        &Self::TABLE[self as usize]
    }

    /// The next rung above or below a value, whether or not the value is a rung; `None` at the end of the ladder.
    #[must_use]
    pub fn next_rung(self, value: f64, up: bool) -> Option<f64> {
        let ladder = self.row().ladder;
        if up {
            ladder.iter().copied().find(|rung| *rung > value)
        } else {
            ladder.iter().rev().copied().find(|rung| *rung < value)
        }
    }

    /// All keys, in the order of [`Key`].
    pub const TABLE: &'static [KeyRow] = &[
        KeyRow {
            key: Self::CpuLimit,
            name: "CPU_LIMIT",
            unit: "gigafuel (configurable)",
            ladder: &[0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
            drawn_from: 0.5,
            absent: 1.0,
            enforced: "fuel of a run",
        },
        KeyRow {
            key: Self::MemoryLimit,
            name: "MEMORY_LIMIT",
            unit: "MiB",
            ladder: &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0],
            drawn_from: 128.0,
            absent: 128.0,
            enforced: "linear memory of a run",
        },
        KeyRow {
            key: Self::DiskLimit,
            name: "DISK_LIMIT",
            unit: "MiB",
            ladder: &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0],
            drawn_from: 512.0,
            absent: 512.0,
            enforced: "quota of the virtual file system and the workspace",
        },
        KeyRow {
            key: Self::NetworkLatency,
            name: "NETWORK_LATENCY_MS",
            unit: "ms",
            ladder: &[10.0, 50.0, 100.0, 200.0, 500.0],
            drawn_from: 10.0,
            absent: 10.0,
            enforced: "wait of each crossing",
        },
        KeyRow {
            key: Self::NetworkJitter,
            name: "NETWORK_JITTER_MS",
            unit: "ms",
            ladder: &[0.0, 5.0, 10.0, 20.0, 50.0],
            drawn_from: 0.0,
            absent: 0.0,
            enforced: "spread of that wait",
        },
        KeyRow {
            key: Self::MinBandwidth,
            name: "MIN_BANDWIDTH",
            unit: "Mbps",
            ladder: &[1.0, 5.0, 10.0, 50.0, 100.0],
            drawn_from: 1.0,
            absent: 1.0,
            enforced: "least bandwidth of a crossing",
        },
        KeyRow {
            key: Self::MaxBandwidth,
            name: "MAX_BANDWIDTH",
            unit: "Mbps",
            ladder: &[1.0, 5.0, 10.0, 50.0, 100.0],
            drawn_from: 1.0,
            absent: 1.0,
            enforced: "most bandwidth of a crossing",
        },
        KeyRow {
            key: Self::BandwidthLimit,
            name: "BANDWIDTH_LIMIT",
            unit: "Mbps",
            ladder: &[1.0, 5.0, 10.0, 50.0, 100.0],
            drawn_from: 1.0,
            absent: 1.0,
            enforced: "bandwidth that no crossing exceeds",
        },
        KeyRow {
            key: Self::PacketLoss,
            name: "PACKET_LOSS",
            unit: "share",
            ladder: &[0.0, 0.01, 0.05, 0.1],
            drawn_from: 0.0,
            absent: 0.0,
            enforced: "loss of messages",
        },
        KeyRow {
            key: Self::PacketDuplication,
            name: "PACKET_DUPLICATION",
            unit: "share",
            ladder: &[0.0, 0.01, 0.05],
            drawn_from: 0.0,
            absent: 0.0,
            enforced: "messages that come twice",
        },
        KeyRow {
            key: Self::SecurityLevel,
            name: "SECURITY_LEVEL",
            unit: "1..5",
            ladder: &[1.0, 2.0, 3.0, 4.0, 5.0],
            drawn_from: 1.0,
            absent: 1.0,
            enforced: "what of the grants holds, and the weight of incidents",
        },
        KeyRow {
            key: Self::ThreatIntensity,
            name: "THREAT_INTENSITY",
            unit: "0..100",
            ladder: &[10.0, 30.0, 50.0, 70.0, 90.0],
            drawn_from: 10.0,
            absent: 10.0,
            enforced: "share of hostile inputs and of injected faults",
        },
        KeyRow {
            key: Self::GpuLimit,
            name: "GPU_LIMIT",
            unit: "accelerators",
            ladder: &[0.0, 1.0, 2.0, 4.0],
            drawn_from: 0.0,
            absent: 0.0,
            enforced: "units of the accelerator interface",
        },
        KeyRow {
            key: Self::ConcurrencyLevel,
            name: "CONCURRENCY_LEVEL",
            unit: "instances",
            ladder: &[1.0, 5.0, 10.0, 20.0, 50.0, 100.0],
            drawn_from: 1.0,
            absent: 1.0,
            enforced: "groups that share memory, disk, bandwidth and time",
        },
        KeyRow {
            key: Self::Timeout,
            name: "TIMEOUT",
            unit: "s",
            ladder: &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0],
            drawn_from: 2.0,
            absent: 2.0,
            enforced: "virtual time of a run",
        },
    ];
}
