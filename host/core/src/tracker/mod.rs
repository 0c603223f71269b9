//! What cycles came to, one after the other: the return on investment, metrics and synergies, what was used.
//!
//! Nothing but the updates, the rules and predictions from elsewhere is kept. What is said of them is reckoned anew when it is
//! asked for, so a reload says the same to the last bit. Levels (the return after a cycle) and deltas (how far a cycle
//! moved it) are kept apart: forecasts of the return are of deltas, and are held against deltas.
//!
//! ```
//! use holobiont_core::RoiTracker;
//!
//! let mut tracker = RoiTracker::default();
//! tracker.update(0.0, 0.1, &["plugins/a.wasm"], Default::default(), &[("synergy_efficiency", 0.02)]);
//! let expected = tracker.predict_synergy_metric("efficiency", None);
//! assert!(expected.is_some_and(|prediction| prediction.value > 0.0));
//! ```

mod diminishing;
mod document;
mod legacy;
mod outliers;
mod predictions;
mod rankings;
mod rules;
mod shape;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;

pub use self::diminishing::Diminishing;
pub use self::document::DocumentError;
pub use self::outliers::Outlier;
pub use self::predictions::{Pair, PairError};
pub use self::rankings::{Ranked, WorstScenario};
pub use self::rules::{Per, Rules, RulesError};
pub use self::shape::Quadratic;
pub use self::update::{Peaks, Update};
use crate::forecast::{Method, Prediction, predict, reliability};
use crate::trend::Trend;

/// The series so far, and what they say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoiTracker {
    updates: Vec<Update>,
    method: Method,
    rules: Rules,
    /// The cluster that a module is in.
    clusters: BTreeMap<String, String>,
    /// Predictions from elsewhere and what came, by metric; the newest of each.
    predictions: BTreeMap<String, Vec<Pair>>,
}

/// What a cycle meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Advance {
    /// Its place among the updates, from 0, and how far it moved the return on investment. `None` where it was refused.
    pub cycle: Option<(usize, f64)>,
    /// What was not finite and so was left out: `metrics.roi`. Where it is `before`, `after` or `cost`, nothing of the
    /// cycle was kept.
    pub refused: Vec<String>,
    /// Whether it does not go with the cycles before it. It is kept all the same.
    pub outlier: Option<Outlier>,
    /// Whether cycles still bring enough to go on for.
    pub diminishing: Diminishing,
    /// How the deltas have gone.
    pub quadratic: Option<Quadratic>,
}

/// The number of weights is not the number of cycles that they are for.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// Another number than the window's.
    #[error("{given} weights for a window of {window} cycles: give one for each, oldest first")]
    Count {
        /// How many there are.
        given: usize,
        /// How many cycles the window has.
        window: usize,
    },
    /// Weights that nothing can be divided by.
    #[error("weights sum to {0}: they are finite, none below 0, and not all 0")]
    Sum(f64),
}

impl RoiTracker {
    /// This tracker with another way of forecasting.
    #[must_use]
    pub fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// This tracker with other rules.
    ///
    /// # Errors
    ///
    /// [`RulesError`] for rules that cannot hold.
    pub fn with_rules(mut self, rules: Rules) -> Result<Self, RulesError> {
        rules.check()?;
        self.rules = rules;
        Ok(self)
    }

    /// This tracker with the cluster that each module is in; a module may be in none.
    #[must_use]
    pub fn with_clusters(mut self, clusters: BTreeMap<String, String>) -> Self {
        self.clusters = clusters;
        self
    }

    /// How series are forecast.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// By which rules cycles are judged.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Takes what a cycle came to, and says what it meant.
    ///
    /// What is not finite is never kept, and no other number is put in its place: a metric is left out, and a cycle
    /// whose return or cost is no number is left out as a whole. The answer names both.
    pub fn record(&mut self, mut update: Update) -> Advance {
        let refused = match update.unusable() {
            Some((field, _)) => vec![field.to_owned()],
            None => {
                let refused = update.without_unusable_metrics();
                self.updates.push(update);
                return self.advance(refused);
            }
        };
        Advance { cycle: None, outlier: None, ..self.advance(refused) }
    }

    /// Takes what a cycle came to by its parts, as [`record`](Self::record) does. What it cost and when it ended, and
    /// metrics by scenario, have their places in an [`Update`].
    pub fn update(
        &mut self,
        before: f64,
        after: f64,
        modules: &[&str],
        peaks: BTreeMap<String, Peaks>,
        metrics: &[(&str, f64)],
    ) -> Advance {
        self.record(Update {
            before,
            after,
            modules: modules.iter().map(|&module| module.to_owned()).collect(),
            peaks,
            metrics: metrics.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
            ..Update::default()
        })
    }

    /// What the newest cycle meant.
    fn advance(&self, refused: Vec<String>) -> Advance {
        let newest = self.updates.len().checked_sub(1);
        Advance {
            cycle: newest.zip(self.updates.last().map(Update::delta)),
            refused,
            outlier: newest.and_then(|cycle| self.outlier_at(cycle)),
            diminishing: self.diminishing(),
            quadratic: self.quadratic(),
        }
    }

    /// What the cycles came to, oldest first.
    #[must_use]
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The return on investment after each cycle.
    #[must_use]
    pub fn levels(&self) -> Vec<f64> {
        self.updates.iter().map(|update| update.after).collect()
    }

    /// How far each cycle moved the return on investment, outliers included.
    #[must_use]
    pub fn deltas(&self) -> Vec<f64> {
        self.updates.iter().map(Update::delta).collect()
    }

    /// The values of a metric or `synergy_<metric>` in the cycles that had it, oldest first.
    #[must_use]
    pub fn series(&self, name: &str) -> Vec<f64> {
        self.updates.iter().filter_map(|update| update.metrics.get(name).copied()).collect()
    }

    /// What a series is expected to be next, by its newest [`Trend::CYCLES`] values. `None` for an empty one.
    #[must_use]
    pub fn forecast_of(&self, series: &[f64]) -> Option<Prediction> {
        predict(newest(series), 1, self.method).first().copied()
    }

    /// How well forecasts of a series have held, from 0 to 1, by its newest [`Trend::CYCLES`] values; `None` without
    /// evidence.
    #[must_use]
    pub fn reliability_of(&self, series: &[f64]) -> Option<f64> {
        reliability(newest(series), self.method)
    }

    /// What a change of the return has to be to mean something next to how much it has changed of late: the rules'
    /// tolerance, times 1 and the standard deviation of the newest deltas (of the window as it is, not of what it is
    /// a sample of).
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        let window: Vec<f64> = self.window().iter().map(Update::delta).collect();
        if window.is_empty() {
            return self.rules.tolerance;
        }
        let count = window.len() as f64;
        let mean = window.iter().sum::<f64>() / count;
        let variance = window.iter().map(|delta| (delta - mean).powi(2)).sum::<f64>() / count;
        self.rules.tolerance * (1.0 + variance.sqrt())
    }

    /// The mean of the newest deltas, weighted, oldest first. `None` while there are fewer cycles than the window has.
    ///
    /// It is a figure to look at. That it is small is no reason to stop: chance does that to a few deltas now and
    /// then, and who looks after every cycle waits for it. [`diminishing`](Self::diminishing) is for that.
    ///
    /// # Errors
    ///
    /// [`WeightsError`] for another number of weights than the window has cycles, and for ones that cannot be.
    pub fn weighted_mean_of_window(&self, weights: &[f64]) -> Result<Option<f64>, WeightsError> {
        if weights.len() != self.rules.window {
            return Err(WeightsError::Count { given: weights.len(), window: self.rules.window });
        }
        let sum: f64 = weights.iter().sum();
        if !(sum > 0.0 && sum.is_finite() && weights.iter().all(|weight| *weight >= 0.0)) {
            return Err(WeightsError::Sum(sum));
        }
        let window = self.window();
        let weighted = window.iter().zip(weights).map(|(update, weight)| update.delta() * (weight / sum));
        Ok((window.len() == weights.len()).then(|| weighted.sum()))
    }

    /// The cycles of the rules' window, or as many as there are.
    fn window(&self) -> &[Update] {
        &self.updates[self.updates.len().saturating_sub(self.rules.window)..]
    }
}

/// The newest of a history, as many as are looked at.
fn newest<T>(history: &[T]) -> &[T] {
    &history[history.len().saturating_sub(Trend::CYCLES)..]
}
