//! What moves which key: one table.

use crate::environment::Key;
use crate::environment::Key::{
    BandwidthLimit, CpuLimit, DiskLimit, GpuLimit, MaxBandwidth, MemoryLimit, MinBandwidth, NetworkLatency,
    SecurityLevel, ThreatIntensity,
};

/// What of a series a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The mean of the last 3 values.
    Recent,
    /// The mean of the last 3 differences of the return on investment.
    Growth,
    /// The mean of the last 3 values and of the one that is expected next.
    Foreseen,
}

/// Keys that go up and keys that go down.
#[derive(Clone, Copy, Debug)]
pub struct Moves {
    /// Keys that go up.
    pub up: &'static [Key],
    /// Keys that go down.
    pub down: &'static [Key],
}

/// A row: where a series stands, and what is to be done about it.
#[derive(Debug)]
pub struct Rule {
    /// The series, which is also the name of the rule.
    pub metric: &'static str,
    /// What of the series is looked at.
    pub sight: Sight,
    /// Between these, in the series' own unit, it says nothing in particular.
    pub band: [f64; 2],
    /// What is moved when the series is above the band.
    pub above: Moves,
    /// What is moved while it is within the band.
    pub within: Moves,
    /// What is moved when it is below the band.
    pub below: Moves,
    /// Why.
    pub why: &'static str,
}

const NOTHING: Moves = Moves { up: &[], down: &[] };

const fn up(keys: &'static [Key]) -> Moves {
    Moves { up: keys, down: &[] }
}

const fn down(keys: &'static [Key]) -> Moves {
    Moves { up: &[], down: keys }
}

/// A row for a synergy: around 0 it says nothing.
const fn synergy(metric: &'static str, band: f64, above: Moves, below: Moves, why: &'static str) -> Rule {
    Rule { metric, sight: Sight::Foreseen, band: [-band, band], above, within: NOTHING, below, why }
}

/// The three bandwidths.
pub(super) const BANDWIDTHS: &[Key] = &[BandwidthLimit, MaxBandwidth, MinBandwidth];

/// The limits that more work needs more of.
const WORK: &[Key] = &[CpuLimit, MemoryLimit, BandwidthLimit, MaxBandwidth, MinBandwidth];

/// The band of ratios, of shares and of credits.
const SHARE: f64 = 0.01;

/// The band of scores from 0 to 100: a hundredth of the way, as for shares.
const SCORE: f64 = 1.0;

/// The rules that look at metrics. A band that [`AdaptConfig::bands`](super::AdaptConfig::bands) names is taken from
/// there. What modules used is looked at by [`RESOURCES`](super::RESOURCES).
///
/// `network_latency` keeps the band of 1 ms that it had from the first, and `recovery_time` 0.1 ms; energy is a
/// hundredth of a joule; entropy 0.05 bits, since an estimate from a few dozen invocations is no surer than that;
/// throughput one input a second; discrepancies half an input, so that one in each of the last cycles is enough.
pub const RULES: &[Rule] = &[
    Rule {
        metric: "security_score",
        sight: Sight::Recent,
        band: [50.0, 80.0],
        above: up(&[ThreatIntensity]),
        within: NOTHING,
        below: down(&[ThreatIntensity]),
        why: "what is well contained can be tried harder, what is not has enough to learn from less",
    },
    Rule {
        metric: "roi",
        sight: Sight::Growth,
        band: [-SHARE, SHARE],
        above: down(WORK),
        within: up(WORK),
        below: NOTHING,
        why: "while the return rises, tighten; where it has stopped, a limit may be what holds it back",
    },
    synergy(
        "synergy_roi",
        SHARE,
        Moves { up: &[ThreatIntensity, MaxBandwidth], down: &[NetworkLatency] },
        Moves { up: &[NetworkLatency], down: &[ThreatIntensity, MaxBandwidth] },
        "a group that pays is worth trying harder, and a faster network",
    ),
    synergy(
        "synergy_security_score",
        SCORE,
        up(&[SecurityLevel]),
        down(&[SecurityLevel]),
        "a group that is better contained bears stricter grants",
    ),
    synergy(
        "synergy_safety_rating",
        SCORE,
        up(&[ThreatIntensity]),
        down(&[ThreatIntensity]),
        "a group with fewer incidents can be tried harder",
    ),
    synergy(
        "synergy_risk_index",
        SCORE,
        up(&[SecurityLevel]),
        down(&[SecurityLevel]),
        "a group that risks more gets stricter grants",
    ),
    synergy(
        "synergy_efficiency",
        SHARE,
        down(&[CpuLimit, MemoryLimit]),
        up(&[CpuLimit, MemoryLimit]),
        "modules that cooperate well need less, others more",
    ),
    synergy(
        "synergy_adaptability",
        SHARE,
        down(&[CpuLimit, MemoryLimit]),
        up(&[CpuLimit, MemoryLimit]),
        "a group that holds its value under stress gets by with less",
    ),
    synergy(
        "synergy_antifragility",
        SHARE,
        up(&[ThreatIntensity]),
        down(&[ThreatIntensity]),
        "a group that gains from stress is given some",
    ),
    synergy(
        "synergy_resilience",
        SHARE,
        up(BANDWIDTHS),
        down(BANDWIDTHS),
        "a group that bears faults can be given more traffic",
    ),
    synergy(
        "synergy_recovery_time",
        0.1,
        down(&[ThreatIntensity]),
        up(&[ThreatIntensity]),
        "a group that is long in recovering is tried less hard",
    ),
    synergy(
        "synergy_shannon_entropy",
        0.05,
        up(&[CpuLimit]),
        down(&[CpuLimit]),
        "more varied behaviour takes more work",
    ),
    synergy(
        "synergy_flexibility",
        SHARE,
        down(&[MemoryLimit]),
        up(&[MemoryLimit]),
        "a group that copes with strange inputs needs no memory to spare",
    ),
    synergy("synergy_energy_consumption", SHARE, down(BANDWIDTHS), up(BANDWIDTHS), "traffic is what takes energy"),
    synergy("synergy_profitability", SHARE, up(&[DiskLimit]), down(&[DiskLimit]), "a group that earns may keep more"),
    synergy("synergy_revenue", SHARE, up(&[MemoryLimit]), down(&[MemoryLimit]), "a group that earns may hold more"),
    synergy(
        "synergy_projected_lucrativity",
        SHARE,
        up(&[GpuLimit]),
        down(&[GpuLimit]),
        "what is expected to earn is worth an accelerator",
    ),
    synergy("synergy_maintainability", SCORE, down(&[CpuLimit]), up(&[CpuLimit]), "plain code takes less work"),
    synergy(
        "synergy_code_quality",
        SCORE,
        up(&[ThreatIntensity]),
        down(&[ThreatIntensity]),
        "well-made code can be tried harder",
    ),
    synergy(
        "synergy_network_latency",
        1.0,
        up(&[NetworkLatency]),
        down(&[NetworkLatency]),
        "a group that waits is tried where waits are long, one that does not where they are short",
    ),
    synergy(
        "synergy_throughput",
        1.0,
        up(&[MaxBandwidth, MinBandwidth]),
        down(&[MaxBandwidth, MinBandwidth]),
        "a group that gets through more inputs moves more",
    ),
    synergy(
        "synergy_discrepancy_count",
        0.5,
        up(&[ThreatIntensity]),
        down(&[ThreatIntensity]),
        "what is not the same twice is looked into",
    ),
    synergy("synergy_gpu_usage", SHARE, up(&[GpuLimit]), down(&[GpuLimit]), "a group that uses more is given more"),
    synergy("synergy_cpu_usage", SHARE, up(&[CpuLimit]), down(&[CpuLimit]), "a group that uses more is given more"),
    synergy(
        "synergy_memory_usage",
        SHARE,
        up(&[MemoryLimit]),
        down(&[MemoryLimit]),
        "a group that uses more is given more",
    ),
    synergy(
        "synergy_long_term_lucrativity",
        SHARE,
        up(&[GpuLimit, DiskLimit]),
        down(&[GpuLimit, DiskLimit]),
        "a return that has long been rising is worth investing in",
    ),
];
