//! The history files of the tracker that this one succeeds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::document::damaged;
use super::{DocumentError, Pair, RoiTracker, Update, newest};

/// What of a history file is taken over. The rest is said twice in it, or holds forecasts of deltas against levels.
#[derive(Deserialize)]
struct History {
    roi_history: Vec<f64>,
    #[serde(default)]
    module_deltas: BTreeMap<String, Vec<f64>>,
    #[serde(default)]
    metrics_history: BTreeMap<String, Vec<f64>>,
    #[serde(default)]
    synergy_metrics_history: BTreeMap<String, Vec<f64>>,
    #[serde(default)]
    scenario_synergy: BTreeMap<String, Vec<BTreeMap<String, f64>>>,
    #[serde(default)]
    metric_predictions: BTreeMap<String, Vec<(f64, f64)>>,
}

impl RoiTracker {
    /// The tracker that a history file of the predecessor holds (`roi_history.json`): an object, or a plain list of
    /// deltas.
    ///
    /// Such a file has neither levels nor places. Levels are counted from 0; metrics and scenarios end with the newest
    /// cycle; a module took part in the first cycles that its deltas can be those of, and one that can be of none is
    /// left out. Where the predecessor repeated a value because a cycle had none, it stays repeated.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for what is no such file, and for deltas that do not add up to finite levels.
    pub fn from_legacy_json(text: &str) -> Result<Self, DocumentError> {
        let plain = text.trim_start().starts_with('[');
        let history = if plain { deltas_alone(text) } else { serde_json::from_str(text) };
        let history = history.map_err(|error| damaged(&error))?;
        let mut updates = levels(&history.roi_history)?;
        for (module, deltas) in history.module_deltas {
            let mut from = 0;
            for delta in deltas {
                if let Some(further) = history.roi_history[from..].iter().position(|other| *other == delta) {
                    updates[from + further].modules.push(module.clone());
                    from += further + 1;
                }
            }
        }
        for (name, values) in history.metrics_history.into_iter().chain(history.synergy_metrics_history) {
            for (update, value) in updates.iter_mut().rev().zip(values.into_iter().rev()) {
                update.metrics.insert(name.clone(), value);
            }
        }
        for (scenario, cycles) in history.scenario_synergy {
            for (update, metrics) in updates.iter_mut().rev().zip(cycles.into_iter().rev()) {
                update.scenarios.insert(scenario.clone(), metrics);
            }
        }
        let pairs = |pairs: Vec<(f64, f64)>| {
            newest(&pairs).iter().map(|&(predicted, actual)| Pair { predicted, actual }).collect()
        };
        let predictions = history.metric_predictions.into_iter().map(|(metric, list)| (metric, pairs(list))).collect();
        Ok(Self { updates, predictions, ..Self::default() })
    }
}

/// A history of nothing but deltas.
fn deltas_alone(text: &str) -> serde_json::Result<History> {
    Ok(History {
        roi_history: serde_json::from_str(text)?,
        module_deltas: BTreeMap::new(),
        metrics_history: BTreeMap::new(),
        synergy_metrics_history: BTreeMap::new(),
        scenario_synergy: BTreeMap::new(),
        metric_predictions: BTreeMap::new(),
    })
}

/// Cycles with these deltas, from the level 0 on.
fn levels(deltas: &[f64]) -> Result<Vec<Update>, DocumentError> {
    let mut updates: Vec<Update> = Vec::with_capacity(deltas.len());
    for (cycle, delta) in deltas.iter().enumerate() {
        let before = updates.last().map_or(0.0, |update| update.after);
        let update = Update { before, after: before + delta, ..Update::default() };
        if let Some((field, needed)) = update.unusable() {
            return Err(DocumentError::Update { cycle, field, needed });
        }
        updates.push(update);
    }
    Ok(updates)
}
