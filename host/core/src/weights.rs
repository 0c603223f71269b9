//! How much each synergy counts when groups are ranked and energy is set.

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::document::{self, DocumentError};

/// The synergies that have a weight.
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
pub enum WeightedMetric {
    /// The return on investment.
    Roi,
    /// Work for what it costs.
    Efficiency,
    /// What is left of it under faults.
    Resilience,
    /// What it gains under stress.
    Antifragility,
    /// How reliable it is.
    Reliability,
    /// How well it is made.
    Maintainability,
    /// Work in a time.
    Throughput,
}

impl WeightedMetric {
    /// All of them, in order.
    pub const ALL: &[Self] = Self::VARIANTS;
}

/// How many there are.
pub const WEIGHTS: usize = WeightedMetric::VARIANTS.len();

/// A weight for each of the [synergies that have one](WeightedMetric), from 0 to [`SynergyWeights::MOST`]. As a file
/// they are an object with one key for each, which people may edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynergyWeights([f64; WEIGHTS]);

/// A weight that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the weight of {metric} is {value}: it is a number from 0 to {}", SynergyWeights::MOST)]
pub struct WeightError {
    /// Which one.
    pub metric: WeightedMetric,
    /// What it is.
    pub value: f64,
}

/// Why a text holds no weights.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsDocumentError {
    /// It is no such document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A weight cannot be.
    #[error(transparent)]
    Weight(#[from] WeightError),
}

impl Default for SynergyWeights {
    /// 1 each: nothing has been learned yet.
    fn default() -> Self {
        Self([1.0; WEIGHTS])
    }
}

impl SynergyWeights {
    /// The name of the document's form. Its number goes up when older programs could not read it.
    pub const SCHEMA: &str = "holobiont.synergy-weights/1";

    /// The most that a weight is.
    pub const MOST: f64 = 10.0;

    /// Weights in the order of [`WeightedMetric`].
    ///
    /// # Errors
    ///
    /// [`WeightError`] for the first that is not from 0 to [`MOST`](Self::MOST).
    pub fn new(values: [f64; WEIGHTS]) -> Result<Self, WeightError> {
        for (metric, value) in WeightedMetric::VARIANTS.iter().zip(values) {
            if !(0.0..=Self::MOST).contains(&value) {
                return Err(WeightError { metric: *metric, value });
            }
        }
        Ok(Self(values))
    }

    /// Weights in the order of [`WeightedMetric`], each brought within its bounds; what is no number stays as it was in
    /// `before`.
    #[must_use]
    pub fn clamped(values: [f64; WEIGHTS], before: &Self) -> Self {
        Self(std::array::from_fn(|place| match values[place] {
            value if value.is_nan() => before.0[place],
            value => value.clamp(0.0, Self::MOST),
        }))
    }

    /// All of them, in the order of [`WeightedMetric`].
    #[must_use]
    pub fn values(&self) -> [f64; WEIGHTS] {
        self.0
    }

    /// The weight of a synergy.
    #[must_use]
    pub fn of(&self, metric: WeightedMetric) -> f64 {
        self.0[metric as usize]
    }

    /// Sets one.
    ///
    /// # Errors
    ///
    /// [`WeightError`] for what is not from 0 to [`MOST`](Self::MOST). Nothing is changed then.
    pub fn set(&mut self, metric: WeightedMetric, value: f64) -> Result<(), WeightError> {
        let mut values = self.0;
        values[metric as usize] = value;
        *self = Self::new(values)?;
        Ok(())
    }

    /// What a group's synergies come to, each by its weight.
    #[must_use]
    pub fn score(&self, synergies: &[f64; WEIGHTS]) -> f64 {
        self.0.iter().zip(synergies).map(|(weight, synergy)| weight * synergy).sum()
    }

    /// The weights as a JSON document: equal weights have equal texts.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`] where it cannot be written, which no weights come to.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        let [roi, efficiency, resilience, antifragility, reliability, maintainability, throughput] = self.0;
        document::write(&Document {
            schema: Self::SCHEMA.to_owned(),
            roi,
            efficiency,
            resilience,
            antifragility,
            reliability,
            maintainability,
            throughput,
        })
    }

    /// The weights that a document holds: all of them, and nothing else.
    ///
    /// # Errors
    ///
    /// [`WeightsDocumentError`] for the first mistake, and for a document of another schema.
    pub fn from_json(json: &str) -> Result<Self, WeightsDocumentError> {
        let document: Document = document::read(json, Self::SCHEMA)?;
        let Document { schema: _, roi, efficiency, resilience, antifragility, .. } = document;
        let Document { reliability, maintainability, throughput, .. } = document;
        Ok(Self::new([roi, efficiency, resilience, antifragility, reliability, maintainability, throughput])?)
    }
}

/// The document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    roi: f64,
    efficiency: f64,
    resilience: f64,
    antifragility: f64,
    reliability: f64,
    maintainability: f64,
    throughput: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_back_from_their_text() {
        let mut weights = SynergyWeights::default();
        weights.set(WeightedMetric::Throughput, 0.1).unwrap();
        let text = weights.to_json().unwrap();
        assert!(text.starts_with("{\n  \"schema\": \"holobiont.synergy-weights/1\",\n  \"roi\": 1.0,\n"), "{text}");
        assert_eq!(SynergyWeights::from_json(&text).unwrap(), weights);
        assert_eq!(weights.score(&[1.0; WEIGHTS]), 6.1);
    }

    #[test]
    fn mistakes_are_said() {
        let text = SynergyWeights::default().to_json().unwrap();
        let words = |text: &str| SynergyWeights::from_json(text).unwrap_err().to_string();
        assert_eq!(words(&text.replace("1.0", "11")), "the weight of roi is 11: it is a number from 0 to 10");
        assert!(
            words(&text.replace("effici", "effci")).ends_with("unknown key `effciency`: did you mean `efficiency`?")
        );
        assert!(words(&text.replace(",\n  \"throughput\": 1.0", "")).contains("missing field `throughput`"));
        assert!(words(&text.replace("weights/1", "weights/2")).contains("weights/2"));
        assert!(words("{").starts_with("line 1"));
    }

    #[test]
    fn only_what_can_be_is_set() {
        let mut weights = SynergyWeights::default();
        for wrong in [-0.1, 10.1, f64::NAN] {
            assert!(weights.set(WeightedMetric::Roi, wrong).is_err());
        }
        assert_eq!(weights, SynergyWeights::default());
        let clamped = SynergyWeights::clamped([-1.0, 11.0, f64::NAN, 1.0, 2.0, 3.0, 4.0], &weights);
        assert_eq!(clamped.values(), [0.0, 10.0, 1.0, 1.0, 2.0, 3.0, 4.0]);
    }
}
