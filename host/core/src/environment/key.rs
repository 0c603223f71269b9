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
    /// The rung up to which they are drawn.
    pub drawn_to: f64,
    /// The value that it is taken to have where it is absent and has to be moved.
    pub absent: f64,
    /// What enforces it.
    pub enforced: &'static str,
    /// The metric in which it shows first.
    pub metric: &'static str,
    /// What no value is below.
    pub least: f64,
    /// Whether [`KeyRow::least`] is a value; where not, only what is above it.
    pub least_included: bool,
    /// The highest value.
    pub most: f64,
    /// Whether only whole numbers are values.
    pub whole: bool,
    /// Whether a higher value is harder on a run; where not, a lower one.
    pub more_is_harder: bool,
    /// The units that a value may be written with, in small letters, and how many of the key's own unit each is.
    pub units: &'static [(&'static str, f64)],
    /// How a value is written that nobody has written before: as a text with this after the number, or as a number.
    pub suffix: Option<&'static str>,
}

/// Binary and decimal sizes, in MiB, as [`parse_bytes`](crate::parse_bytes) reads them; but a bare number is MiB.
const SIZES: &[(&str, f64)] = &[
    ("", 1.0),
    ("b", 1.0 / MIB),
    ("k", 1024.0 / MIB),
    ("ki", 1024.0 / MIB),
    ("kib", 1024.0 / MIB),
    ("kb", 1e3 / MIB),
    ("m", 1.0),
    ("mi", 1.0),
    ("mib", 1.0),
    ("mb", 1e6 / MIB),
    ("g", 1024.0),
    ("gi", 1024.0),
    ("gib", 1024.0),
    ("gb", 1e9 / MIB),
];

const BANDWIDTHS: &[(&str, f64)] = &[("", 1.0), ("kbps", 1e-3), ("mbps", 1.0), ("gbps", 1e3)];
const MILLISECONDS: &[(&str, f64)] = &[("", 1.0), ("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
const SECONDS: &[(&str, f64)] = &[("", 1.0), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
const PLAIN: &[(&str, f64)] = &[("", 1.0)];

/// The bytes of a MiB.
/// Bandwidths; those above 100 Mbps, where limits without an environment are, are not drawn.
const BANDWIDTH_LADDER: &[f64] = &[1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0];

pub(super) const MIB: f64 = 1_048_576.0;

impl KeyRow {
    /// Whether a number is a value of the key.
    #[must_use]
    pub fn has(&self, value: f64) -> bool {
        let above = if self.least_included { value >= self.least } else { value > self.least };
        above && value <= self.most && (!self.whole || value.fract() == 0.0)
    }
}

impl Key {
    /// The row of the key.
    #[must_use]
    pub fn row(self) -> &'static KeyRow {
        &Self::TABLE[self as usize]
    }

    /// The key of a name, as files have it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.name == name).map(|row| row.key)
    }

    /// The value of two that is harder on a run.
    #[must_use]
    pub fn harder(self, one: f64, other: f64) -> f64 {
        if self.row().more_is_harder { one.max(other) } else { one.min(other) }
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
            ladder: &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
            drawn_from: 0.5,
            drawn_to: 8.0,
            absent: 1.0,
            enforced: "fuel of a run",
            metric: "cpu_usage",
            least: 0.0,
            least_included: false,
            most: 64.0,
            whole: false,
            more_is_harder: false,
            units: PLAIN,
            suffix: Some(""),
        },
        KeyRow {
            key: Self::MemoryLimit,
            name: "MEMORY_LIMIT",
            unit: "MiB",
            ladder: &[
                0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0,
            ],
            drawn_from: 128.0,
            drawn_to: 4096.0,
            absent: 128.0,
            enforced: "linear memory of a run",
            metric: "memory_usage",
            least: 0.0,
            least_included: false,
            most: 65_536.0,
            whole: false,
            more_is_harder: false,
            units: SIZES,
            suffix: Some("Mi"),
        },
        KeyRow {
            key: Self::DiskLimit,
            name: "DISK_LIMIT",
            unit: "MiB",
            ladder: &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0],
            drawn_from: 512.0,
            drawn_to: 8192.0,
            absent: 512.0,
            enforced: "quota of the virtual file system and the workspace",
            metric: "safety_rating",
            least: 0.0,
            least_included: false,
            most: 65_536.0,
            whole: false,
            more_is_harder: false,
            units: SIZES,
            suffix: Some("Mi"),
        },
        KeyRow {
            key: Self::NetworkLatency,
            name: "NETWORK_LATENCY_MS",
            unit: "ms",
            ladder: &[10.0, 50.0, 100.0, 200.0, 500.0],
            drawn_from: 10.0,
            drawn_to: 500.0,
            absent: 10.0,
            enforced: "wait of each crossing",
            metric: "network_latency",
            least: 0.0,
            least_included: true,
            most: 3_600_000.0,
            whole: false,
            more_is_harder: true,
            units: MILLISECONDS,
            suffix: None,
        },
        KeyRow {
            key: Self::NetworkJitter,
            name: "NETWORK_JITTER_MS",
            unit: "ms",
            ladder: &[0.0, 5.0, 10.0, 20.0, 50.0],
            drawn_from: 0.0,
            drawn_to: 50.0,
            absent: 0.0,
            enforced: "spread of that wait",
            metric: "network_latency",
            least: 0.0,
            least_included: true,
            most: 3_600_000.0,
            whole: false,
            more_is_harder: true,
            units: MILLISECONDS,
            suffix: None,
        },
        KeyRow {
            key: Self::MinBandwidth,
            name: "MIN_BANDWIDTH",
            unit: "Mbps",
            ladder: BANDWIDTH_LADDER,
            drawn_from: 1.0,
            drawn_to: 100.0,
            absent: 1.0,
            enforced: "least bandwidth of a crossing",
            metric: "throughput",
            least: 0.0,
            least_included: false,
            most: 10_000.0,
            whole: false,
            more_is_harder: false,
            units: BANDWIDTHS,
            suffix: Some("Mbps"),
        },
        KeyRow {
            key: Self::MaxBandwidth,
            name: "MAX_BANDWIDTH",
            unit: "Mbps",
            ladder: BANDWIDTH_LADDER,
            drawn_from: 1.0,
            drawn_to: 100.0,
            absent: 1.0,
            enforced: "most bandwidth of a crossing",
            metric: "throughput",
            least: 0.0,
            least_included: false,
            most: 10_000.0,
            whole: false,
            more_is_harder: false,
            units: BANDWIDTHS,
            suffix: Some("Mbps"),
        },
        KeyRow {
            key: Self::BandwidthLimit,
            name: "BANDWIDTH_LIMIT",
            unit: "Mbps",
            ladder: BANDWIDTH_LADDER,
            drawn_from: 1.0,
            drawn_to: 100.0,
            absent: 1.0,
            enforced: "bandwidth that no crossing exceeds",
            metric: "throughput",
            least: 0.0,
            least_included: false,
            most: 10_000.0,
            whole: false,
            more_is_harder: false,
            units: BANDWIDTHS,
            suffix: Some("Mbps"),
        },
        KeyRow {
            key: Self::PacketLoss,
            name: "PACKET_LOSS",
            unit: "share",
            ladder: &[0.0, 0.01, 0.05, 0.1],
            drawn_from: 0.0,
            drawn_to: 0.1,
            absent: 0.0,
            enforced: "loss of messages",
            metric: "network_latency",
            least: 0.0,
            least_included: true,
            most: 1.0,
            whole: false,
            more_is_harder: true,
            units: PLAIN,
            suffix: None,
        },
        KeyRow {
            key: Self::PacketDuplication,
            name: "PACKET_DUPLICATION",
            unit: "share",
            ladder: &[0.0, 0.01, 0.05],
            drawn_from: 0.0,
            drawn_to: 0.05,
            absent: 0.0,
            enforced: "messages that come twice",
            metric: "energy_consumption",
            least: 0.0,
            least_included: true,
            most: 1.0,
            whole: false,
            more_is_harder: true,
            units: PLAIN,
            suffix: None,
        },
        KeyRow {
            key: Self::SecurityLevel,
            name: "SECURITY_LEVEL",
            unit: "1..5",
            ladder: &[1.0, 2.0, 3.0, 4.0, 5.0],
            drawn_from: 1.0,
            drawn_to: 5.0,
            absent: 1.0,
            enforced: "what of the grants holds, and the weight of incidents",
            metric: "safety_rating",
            least: 1.0,
            least_included: true,
            most: 5.0,
            whole: true,
            more_is_harder: true,
            units: PLAIN,
            suffix: None,
        },
        KeyRow {
            key: Self::ThreatIntensity,
            name: "THREAT_INTENSITY",
            unit: "0..100",
            ladder: &[10.0, 30.0, 50.0, 70.0, 90.0],
            drawn_from: 10.0,
            drawn_to: 90.0,
            absent: 10.0,
            enforced: "share of hostile inputs and of injected faults",
            metric: "antifragility",
            least: 0.0,
            least_included: true,
            most: 100.0,
            whole: false,
            more_is_harder: true,
            units: PLAIN,
            suffix: None,
        },
        KeyRow {
            key: Self::GpuLimit,
            name: "GPU_LIMIT",
            unit: "accelerators",
            ladder: &[0.0, 1.0, 2.0, 4.0],
            drawn_from: 0.0,
            drawn_to: 4.0,
            absent: 0.0,
            enforced: "units of the accelerator interface",
            metric: "gpu_usage",
            least: 0.0,
            least_included: true,
            most: 64.0,
            whole: true,
            more_is_harder: false,
            units: PLAIN,
            suffix: Some(""),
        },
        KeyRow {
            key: Self::ConcurrencyLevel,
            name: "CONCURRENCY_LEVEL",
            unit: "instances",
            ladder: &[1.0, 5.0, 10.0, 20.0, 50.0, 100.0],
            drawn_from: 1.0,
            drawn_to: 100.0,
            absent: 1.0,
            enforced: "groups that share memory, disk, bandwidth and time",
            metric: "resilience",
            least: 1.0,
            least_included: true,
            most: 1_000.0,
            whole: true,
            more_is_harder: true,
            units: PLAIN,
            suffix: None,
        },
        KeyRow {
            key: Self::Timeout,
            name: "TIMEOUT",
            unit: "s",
            ladder: &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0],
            drawn_from: 2.0,
            drawn_to: 300.0,
            absent: 2.0,
            enforced: "virtual time of a run",
            metric: "reliability",
            least: 0.0,
            least_included: false,
            most: 86_400.0,
            whole: false,
            more_is_harder: false,
            units: SECONDS,
            suffix: None,
        },
    ];
}
