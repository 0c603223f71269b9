//! What a policy goes by: readings of a few features, each put into one of a few bins.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::id::{Digest, ModuleId};
use crate::text::printable;

/// What can be read before a cycle.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Feature {
    /// The slope of the return on investment, per cycle.
    RoiTrend,
    /// The mean of the last changes of the return.
    RoiGain,
    /// The moving average of all changes of the return.
    RoiAverage,
    /// The score of the energy that there is.
    Energy,
    /// The share of candidates that are integrated by now.
    Passed,
    /// The share of runs that ended badly of late.
    Failed,
    /// How many modules wait to be tried.
    Waiting,
    /// Whether returns diminish: 0 or 1.
    Diminishing,
    /// The weighed change of the synergy of the return.
    SynergyRoi,
    /// The weighed change of the synergy of efficiency.
    SynergyEfficiency,
    /// The weighed change of the synergy of resilience.
    SynergyResilience,
    /// The weighed change of the synergy of antifragility.
    SynergyAntifragility,
}

/// A feature's bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureRow {
    /// Which one.
    pub feature: Feature,
    /// Where a bin ends and the next one begins, in rising order; the edge itself is of the upper one.
    pub edges: &'static [f64],
}

/// Of changes: falls, stays, rises.
const WAYS: &[f64] = &[-0.05, 0.05];
/// Of changes, told more finely: falls much, falls, stays, rises, rises much.
const STEEPER_WAYS: &[f64] = &[-0.5, -0.05, 0.05, 0.5];

/// The bins of each feature, in the order of [`Feature`].
pub const FEATURES: [FeatureRow; Feature::VARIANTS.len()] = [
    FeatureRow { feature: Feature::RoiTrend, edges: WAYS },
    FeatureRow { feature: Feature::RoiGain, edges: STEEPER_WAYS },
    FeatureRow { feature: Feature::RoiAverage, edges: WAYS },
    FeatureRow { feature: Feature::Energy, edges: &[0.25, 0.5, 0.75] },
    FeatureRow { feature: Feature::Passed, edges: &[0.25, 0.75] },
    FeatureRow { feature: Feature::Failed, edges: &[0.05, 0.25] },
    FeatureRow { feature: Feature::Waiting, edges: &[1.0, 4.0, 16.0] },
    FeatureRow { feature: Feature::Diminishing, edges: &[0.5] },
    FeatureRow { feature: Feature::SynergyRoi, edges: WAYS },
    FeatureRow { feature: Feature::SynergyEfficiency, edges: WAYS },
    FeatureRow { feature: Feature::SynergyResilience, edges: WAYS },
    FeatureRow { feature: Feature::SynergyAntifragility, edges: WAYS },
];

impl Feature {
    /// Its bins.
    #[must_use]
    pub fn row(self) -> &'static FeatureRow {
        &FEATURES[self as usize]
    }
}

/// What was measured before a cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Situation {
    /// By feature. One that is not there, or is no number, was not measured.
    pub readings: BTreeMap<Feature, f64>,
    /// How the return of each module goes, per cycle.
    pub modules: BTreeMap<ModuleId, f64>,
}

/// A situation as a policy sees it. As text: `roi-gain=3 passed=2 module=17:2`, each with the number of its bin, from
/// 0; `nothing` where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PolicyState {
    /// The bins, in the order of [`Feature`].
    bins: [Option<u8>; Feature::VARIANTS.len()],
    module: Option<ModuleBin>,
}

/// The module that goes furthest up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ModuleBin {
    bucket: u16,
    way: u8,
}

/// A text that is no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no state of a policy: expected features and bins, such as `roi-gain=3 module=17:2`", printable(.0))]
pub struct StateError(String);

const NOTHING: &str = "nothing";

impl PolicyState {
    /// The state of a situation, by some of its readings, with modules spread over so many buckets.
    pub(super) fn of(situation: &Situation, features: &BTreeSet<Feature>, module_buckets: u16) -> Self {
        let mut bins = [None; Feature::VARIANTS.len()];
        for (bin, row) in bins.iter_mut().zip(FEATURES) {
            let reading = situation.readings.get(&row.feature).filter(|_| features.contains(&row.feature));
            *bin = reading.and_then(|reading| bin_of(*reading, row.edges));
        }
        Self { bins, module: ModuleBin::of(&situation.modules, module_buckets) }
    }

    /// Whether such a state can be where modules are spread over so many buckets.
    pub(super) fn has_bucket_below(&self, buckets: u16) -> bool {
        self.module.is_none_or(|module| module.bucket < buckets)
    }
}

impl ModuleBin {
    /// Of several that go equally far, the first by its id.
    fn of(modules: &BTreeMap<ModuleId, f64>, buckets: u16) -> Option<Self> {
        let mut furthest: Option<(&ModuleId, f64)> = None;
        for (id, trend) in modules {
            if !trend.is_nan() && furthest.is_none_or(|(_, other)| trend.abs() > other.abs()) {
                furthest = Some((id, *trend));
            }
        }
        let (id, trend) = furthest?;
        // The digest of its path, so that it is in the same bucket in every run of every host.
        let number = Digest::of(id.as_str().as_bytes())
            .as_bytes()
            .iter()
            .take(8)
            .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        let bucket = u16::try_from(number.checked_rem(u64::from(buckets))?).ok()?;
        Some(Self { bucket, way: bin_of(trend, WAYS)? })
    }
}

/// The number of the bin that a reading is in; none for what is no number.
fn bin_of(reading: f64, edges: &[f64]) -> Option<u8> {
    if reading.is_nan() {
        return None;
    }
    u8::try_from(edges.iter().filter(|edge| reading >= **edge).count()).ok()
}

impl fmt::Display for PolicyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for (feature, bin) in Feature::VARIANTS.iter().zip(self.bins) {
            if let Some(bin) = bin {
                write!(f, "{before}{feature}={bin}")?;
                before = " ";
            }
        }
        match self.module {
            Some(ModuleBin { bucket, way }) => write!(f, "{before}module={bucket}:{way}"),
            None if before.is_empty() => f.write_str(NOTHING),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for PolicyState {
    type Error = StateError;

    /// Only what is written as it is shown, so that no two texts are of one state.
    fn try_from(text: String) -> Result<Self, StateError> {
        parsed(&text).filter(|state| state.to_string() == text).ok_or(StateError(text))
    }
}

impl From<PolicyState> for String {
    fn from(state: PolicyState) -> Self {
        state.to_string()
    }
}

fn parsed(text: &str) -> Option<PolicyState> {
    let mut state = PolicyState::default();
    if text == NOTHING {
        return Some(state);
    }
    for part in text.split(' ') {
        let (name, bin) = part.split_once('=')?;
        if name == "module" {
            let (bucket, way) = bin.split_once(':')?;
            let module = ModuleBin { bucket: bucket.parse().ok()?, way: way.parse().ok()? };
            state.module = Some(module).filter(|module| usize::from(module.way) <= WAYS.len());
        } else {
            let feature: Feature = name.parse().ok()?;
            let bin: u8 = bin.parse().ok().filter(|bin| usize::from(*bin) <= feature.row().edges.len())?;
            *state.bins.get_mut(feature as usize)? = Some(bin);
        }
    }
    Some(state)
}

#[cfg(test)]
mod tests;
