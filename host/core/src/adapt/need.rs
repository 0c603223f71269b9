//! What modules were measured to use, and what limit that takes.

use super::config::AdaptConfig;
use super::evidence::{Series, newest};
use crate::environment::Key;
use crate::limits::LimitKind;
use crate::tracker::{Peaks, RoiTracker};

const MIB: f64 = 1_048_576.0;

/// Bytes a second that a bandwidth of 1 Mbps is enough for: a tenth of what it carries, so that a run waits for it at
/// most a tenth of the time that it works.
const BYTES_PER_S: f64 = 125_000.0 / 10.0;

/// A resource whose use is measured: the limit goes towards the smallest rung that holds what is needed.
#[derive(Debug)]
pub struct Resource {
    /// The limit.
    pub key: Key,
    /// What it is called.
    pub name: &'static str,
    /// What a run ends with that would have needed more; `None` where it is only slowed down.
    pub exceeded: Option<LimitKind>,
    /// What a module used at most, in units of the resource.
    pub(super) used: fn(&Peaks) -> u64,
    /// How many units a value of 1 of the key is; of fuel the configuration says.
    pub(super) units: Option<f64>,
}

/// The resources whose use is measured. Of a series of peaks, one a cycle (that of the hungriest module), the upper end
/// of the forecast counts, with headroom: as much of the interval as
/// [`AdaptConfig::upper_share`](super::AdaptConfig::upper_share) says, and where there is no interval the forecast.
pub const RESOURCES: &[Resource] = &[
    Resource {
        key: Key::CpuLimit,
        name: "fuel",
        exceeded: Some(LimitKind::Fuel),
        used: |peaks| peaks.fuel,
        units: None,
    },
    Resource {
        key: Key::MemoryLimit,
        name: "memory",
        exceeded: Some(LimitKind::Memory),
        used: |peaks| peaks.memory_bytes,
        units: Some(MIB),
    },
    Resource {
        key: Key::DiskLimit,
        name: "disk",
        exceeded: Some(LimitKind::Disk),
        used: |peaks| peaks.disk_bytes,
        units: Some(MIB),
    },
    Resource {
        key: Key::BandwidthLimit,
        name: "bandwidth",
        exceeded: None,
        used: |peaks| peaks.bytes_per_s,
        units: Some(BYTES_PER_S),
    },
];

/// What is needed of a resource, in the unit of its key.
#[derive(Clone, Debug, Default)]
pub(super) struct Need {
    /// The most that a module used in the window.
    pub(super) peak: f64,
    /// The most that a module ever used: a limit that is moved below says so.
    pub(super) highest: f64,
    /// The peak and headroom: no limit is moved below.
    pub(super) floor: f64,
    /// What is expected to be needed next, with headroom.
    pub(super) expected: f64,
    /// Whether the limit ended a run in the newest cycle. How much would have been needed is then not known: more than
    /// the limit.
    pub(super) was_hit: bool,
    /// The series of peaks.
    pub(super) series: Series,
}

impl Need {
    /// `None` where nothing was measured in the window.
    pub(super) fn of(tracker: &RoiTracker, resource: &Resource, config: &AdaptConfig) -> Option<Self> {
        let per_unit = resource.units.unwrap_or(config.cpu_fuel);
        let updates = tracker.updates();
        let peak_of = |peaks: &Peaks| (resource.used)(peaks) as f64 / per_unit;
        let peaks: Vec<Option<f64>> =
            updates.iter().map(|update| update.peaks.values().map(peak_of).max_by(f64::total_cmp)).collect();
        let peak = newest(&peaks, config.window).iter().flatten().copied().max_by(f64::total_cmp)?;
        // Nothing crosses where nothing was counted.
        if resource.exceeded.is_none() && peak == 0.0 {
            return None;
        }
        let highest = peaks.iter().flatten().copied().fold(peak, f64::max);
        let values: Vec<f64> = peaks.into_iter().flatten().filter(|peak| peak.is_finite()).collect();
        let series = Series::of(tracker, &values);
        let next = series.expected.map_or(peak, |prediction| {
            let above = series.interval().map_or(0.0, |(_, high)| high - prediction.value);
            prediction.value + config.upper_share * above
        });
        let last = updates.last()?;
        Some(Self {
            peak,
            highest,
            floor: peak * (1.0 + config.headroom),
            expected: next.max(0.0) * (1.0 + config.headroom),
            was_hit: last
                .peaks
                .values()
                .any(|peaks| resource.exceeded.is_some_and(|limit| peaks.exceeded.contains(&limit))),
            series,
        })
    }

    /// What a limit has to hold.
    pub(super) fn least(&self) -> f64 {
        self.floor.max(self.expected)
    }
}
