//! What a tracker says, read once per adaptation.

use std::collections::BTreeMap;

use super::config::AdaptConfig;
use super::need::{Need, RESOURCES};
use super::rules::{RULES, Rule, Sight};
use crate::environment::Key;
use crate::forecast::{LEAST_POINTS, Prediction};
use crate::tracker::RoiTracker;

/// How many of the newest values, or differences, a rule looks at.
const RECENT: usize = 3;

/// From how many of the newest values the next one is forecast. What is older tells of other times, and the cost of a
/// forecast grows with the square of their number.
const FORECAST_FROM: usize = 30;

/// A series as rules see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    /// The newest values, at most 3.
    pub(super) recent: Vec<f64>,
    /// How many values there are.
    pub(super) samples: usize,
    /// What is expected next.
    pub(super) expected: Option<Prediction>,
    /// How well that has held so far.
    pub(super) reliability: Option<f64>,
}

impl Series {
    pub(super) fn of(tracker: &RoiTracker, values: &[f64]) -> Self {
        let newest = newest(values, FORECAST_FROM);
        Self {
            expected: tracker.forecast_of(newest).filter(|prediction| prediction.value.is_finite()),
            reliability: tracker.reliability_of(newest).filter(|share| share.is_finite()),
            ..Self::measured(values)
        }
    }

    /// What was measured, without what is expected.
    fn measured(values: &[f64]) -> Self {
        Self { recent: newest(values, RECENT).to_vec(), samples: values.len(), ..Self::default() }
    }

    /// The interval of what is expected, as wide as it counts. Its halves count 2 (1 - r) times, where r is the
    /// [reliability](crate::forecast::reliability): as they are for forecasts no better than the last value
    /// (0.5) and for those of which nothing is known, not at all for exact ones, twice for useless ones. `None` where
    /// there is none, or too few values to hold it against anything.
    pub(super) fn interval(&self) -> Option<(f64, f64)> {
        let Prediction { value, low, high } = self.expected.filter(|_| self.samples >= LEAST_POINTS)?;
        let share = 2.0 * (1.0 - self.reliability.unwrap_or(0.5).clamp(0.0, 1.0));
        let (low, high) = (value - share * (value - low?), value + share * (high? - value));
        (low <= high).then_some((low, high))
    }

    /// The mean of the newest values, and of what is expected where that is asked for.
    fn mean(&self, expected: bool) -> Option<f64> {
        let next = self.expected.filter(|_| expected).map(|prediction| prediction.value);
        let values: Vec<f64> = self.recent.iter().copied().chain(next).collect();
        // Each is divided, so that no sum is too large.
        let mean = values.iter().map(|value| value / values.len() as f64).sum::<f64>();
        (!self.recent.is_empty() && mean.is_finite()).then_some(mean)
    }
}

/// So many of the newest values, or all.
pub(super) fn newest<T>(values: &[T], count: usize) -> &[T] {
    values.get(values.len().saturating_sub(count)..).unwrap_or_default()
}

/// What a tracker says.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// Of how many updates.
    pub(super) updates: usize,
    /// What the rules look at, by metric; those that were measured.
    pub(super) series: BTreeMap<&'static str, Series>,
    /// What modules used, by the limit that bounds it; those that were measured.
    pub(super) needs: BTreeMap<Key, Need>,
    /// Whether it was measured that nothing waited in the last cycles.
    pub(super) nothing_waits: bool,
}

impl Evidence {
    pub(super) fn of(tracker: &RoiTracker, config: &AdaptConfig) -> Self {
        let finite =
            |name: &str| -> Vec<f64> { tracker.series(name).into_iter().filter(|value| value.is_finite()).collect() };
        let mut series = BTreeMap::new();
        for rule in RULES {
            let seen = match rule.sight {
                Sight::Growth => {
                    let levels: Vec<f64> = tracker.levels().into_iter().filter(|level| level.is_finite()).collect();
                    Series::measured(&levels.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>())
                }
                Sight::Recent => Series::measured(&finite(rule.metric)),
                Sight::Foreseen => Series::of(tracker, &finite(rule.metric)),
            };
            // A cycle that does not have a metric is no evidence of it, and what was acted on before is not acted on again.
            let is_new = rule.sight == Sight::Growth
                || tracker.updates().last().is_some_and(|update| update.metrics.contains_key(rule.metric));
            if seen.samples > 0 && is_new {
                series.insert(rule.metric, seen);
            }
        }
        let waits = Series::measured(&finite("network_latency"));
        Self {
            updates: tracker.updates().len(),
            series,
            needs: RESOURCES
                .iter()
                .filter_map(|resource| Some((resource.key, Need::of(tracker, resource, config)?)))
                .collect(),
            nothing_waits: waits.samples > 0 && waits.recent.iter().all(|wait| *wait <= 0.0),
        }
    }

    /// Where the series of a rule stands; `None` where nothing was measured.
    pub(super) fn reading(&self, rule: &Rule, config: &AdaptConfig) -> Option<Reading> {
        let series = self.series.get(rule.metric)?;
        let value = series.mean(rule.sight == Sight::Foreseen)?;
        let band = match config.bands.get(rule.metric) {
            Some(half) if rule.sight != Sight::Recent => [-half, *half],
            _ => rule.band,
        };
        let interval = series.interval().filter(|_| rule.sight == Sight::Foreseen);
        // A score that stands at its mark has reached it.
        let above = if rule.sight == Sight::Recent { value >= band[1] } else { value > band[1] };
        let standing = match interval {
            Some((low, _)) if above && low <= band[1] => Standing::Unsure,
            Some((_, high)) if value < band[0] && high >= band[0] => Standing::Unsure,
            _ if above => Standing::Above,
            _ if value < band[0] => Standing::Below,
            _ => Standing::Within,
        };
        Some(Reading { value, interval, band, samples: series.samples, reliability: series.reliability, standing })
    }
}

/// Where a series stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) value: f64,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) band: [f64; 2],
    pub(super) samples: usize,
    pub(super) reliability: Option<f64>,
    pub(super) standing: Standing,
}

/// Where a series stands next to its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Above,
    Within,
    Below,
    /// Beyond the band, where the forecast's interval reaches into it.
    Unsure,
}
