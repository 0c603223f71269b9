//! What comes next, and how far predictions were from what came.

use serde::{Deserialize, Serialize};

use super::{RoiTracker, newest};
use crate::forecast::{Prediction, predict};
use crate::text::printable;
use crate::trend::Trend;

/// What the name of a synergy begins with.
pub(super) const SYNERGY: &str = "synergy_";

/// The synergy of the return on investment.
const SYNERGY_ROI: &str = "synergy_roi";

/// How many values of it there have to be before the next is foretold.
const LEAST_SYNERGIES: usize = 2;

/// The share of the newest error in the moving average of errors.
const NEWEST_SHARE: f64 = 0.3;

/// A prediction and what came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// What was predicted.
    pub predicted: f64,
    /// What came.
    pub actual: f64,
}

/// A prediction that cannot be kept.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PairError {
    /// One of the two is not finite.
    #[error("{}: predicted {predicted}, came {actual}: both are finite numbers", printable(.metric))]
    NotFinite {
        /// The metric.
        metric: String,
        /// What was predicted.
        predicted: f64,
        /// What came.
        actual: f64,
    },
}

impl Pair {
    /// How far the prediction was off.
    #[must_use]
    pub fn error(&self) -> f64 {
        (self.predicted - self.actual).abs()
    }
}

impl RoiTracker {
    /// How far the next cycle is expected to move the return on investment: a delta, not a level, to be held against
    /// the next delta. `None` before the first cycle.
    #[must_use]
    pub fn forecast(&self) -> Option<Prediction> {
        self.forecast_of(&self.deltas())
    }

    /// The next `steps` values of a metric or `synergy_<metric>`. Empty where no cycle had it; a synergy is not
    /// foretold from the metric that it is a difference of.
    #[must_use]
    pub fn forecast_metric(&self, name: &str, steps: usize) -> Vec<Prediction> {
        predict(newest(&self.series(name)), steps, self.method())
    }

    /// The next `synergy_roi`, by the newest `window` values or as many as are looked at. `None` for fewer than two.
    #[must_use]
    pub fn predict_synergy(&self, window: Option<usize>) -> Option<Prediction> {
        let series = self.series(SYNERGY_ROI);
        self.forecast_of(last(&series, window)).filter(|_| series.len() >= LEAST_SYNERGIES)
    }

    /// The next synergy of a metric, named with or without `synergy_`, by the newest `window` values or as many as are
    /// looked at. A single value is expected again; `None` without any.
    #[must_use]
    pub fn predict_synergy_metric(&self, name: &str, window: Option<usize>) -> Option<Prediction> {
        let series = self.series(&format!("{SYNERGY}{}", name.strip_prefix(SYNERGY).unwrap_or(name)));
        self.forecast_of(last(&series, window))
    }

    /// Keeps a prediction from elsewhere beside what came; for each metric the newest [`Trend::CYCLES`].
    ///
    /// # Errors
    ///
    /// [`PairError`] where one of them is not finite. Nothing is kept then.
    pub fn record_prediction(&mut self, metric: &str, predicted: f64, actual: f64) -> Result<(), PairError> {
        if !(predicted.is_finite() && actual.is_finite()) {
            return Err(PairError::NotFinite { metric: metric.to_owned(), predicted, actual });
        }
        let pairs = self.predictions.entry(metric.to_owned()).or_default();
        pairs.push(Pair { predicted, actual });
        let old = pairs.len().saturating_sub(Trend::CYCLES);
        pairs.drain(..old);
        Ok(())
    }

    /// The predictions of a metric that were recorded, oldest first.
    #[must_use]
    pub fn pairs(&self, metric: &str) -> &[Pair] {
        self.predictions.get(metric).map_or(&[], Vec::as_slice)
    }

    /// How far the newest `window` recorded predictions of a metric, or all that are kept, were off on average, in the metric's unit.
    /// `None` without any.
    #[must_use]
    pub fn rolling_mae(&self, metric: &str, window: Option<usize>) -> Option<f64> {
        let pairs = last(self.pairs(metric), window);
        let mean = pairs.iter().map(Pair::error).sum::<f64>() / pairs.len() as f64;
        (!pairs.is_empty()).then_some(mean)
    }

    /// How far predictions of a metric can be relied on, from 0 to 1; `None` without evidence.
    ///
    /// Of recorded predictions it is 1 / (1 + e), e being the moving average of their errors, the newest with a share
    /// of 0.3. It is in the metric's unit, so it tells sooner in figures around 1 than in small ones. Where none were
    /// recorded, it is how well the tracker's own forecasts would have held ([`reliability_of`](Self::reliability_of)).
    #[must_use]
    pub fn reliability(&self, metric: &str) -> Option<f64> {
        let average = |average, error: f64| NEWEST_SHARE * error + (1.0 - NEWEST_SHARE) * average;
        match self.pairs(metric).iter().map(Pair::error).reduce(average) {
            Some(error) => Some(1.0 / (1.0 + error)),
            None => self.reliability_of(&self.series(metric)),
        }
    }

    /// How far predictions of `synergy_roi` can be relied on, from 0 to 1; `None` without evidence.
    #[must_use]
    pub fn synergy_reliability(&self) -> Option<f64> {
        self.reliability(SYNERGY_ROI)
    }
}

/// The newest `window` of some values; all of them where it is not given.
fn last<T>(values: &[T], window: Option<usize>) -> &[T] {
    &values[values.len().saturating_sub(window.unwrap_or(values.len()))..]
}
