//! What an agent has learned, as one file: safetensors, whose metadata has the rest as JSON.
//!
//! All of it is in there: networks, the networks that follow them, what Adam remembers, the replay, the temperature and
//! the place of the draws. Whoever loads it goes on, bit for bit, as whoever saved it would have. One file rather than
//! several, so that replacing it whole leaves no two parts of different times.

use std::collections::BTreeMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The key of the metadata that is ours.
const KEY: &str = "holobiont";

/// Wider layers and larger batches are mistakes of a file.
const MOST_WIDTH: usize = 65_536;
const MOST_BATCH: usize = 65_536;

/// Why a file is not what an agent has learned.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It is no safetensors file, or it could not be made one.
    #[error("not a safetensors file: {0}")]
    Form(String),
    /// What it says about itself is not understood.
    #[error("its description is not understood: {0}")]
    Description(String),
    /// It is of another kind or version.
    #[error("it is `{found}`; this program reads `{wanted}`")]
    Schema {
        /// What it is.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Some numbers are missing, of another shape than the description says, or not finite.
    #[error("the numbers `{0}` are missing, of another shape than described, or not finite")]
    Tensor(String),
}

/// Numbers by their names.
#[derive(Debug, Default)]
pub(super) struct Tensors(BTreeMap<String, (Vec<usize>, Vec<f64>)>);

impl Tensors {
    /// Keeps some, of such a shape.
    pub(super) fn put(&mut self, name: String, shape: Vec<usize>, values: Vec<f64>) {
        self.0.insert(name, (shape, values));
    }

    /// Takes some out that must have such a shape.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f64>, SavedError> {
        match self.0.remove(name) {
            Some((found, values)) if found == shape && values.iter().all(|value| value.is_finite()) => Ok(values),
            _ => Err(SavedError::Tensor(name.to_owned())),
        }
    }

    /// Takes rows out: of such a width, and up to so many.
    pub(super) fn take_rows(&mut self, name: &str, width: usize, most: usize) -> Result<Vec<f64>, SavedError> {
        let rows = self.0.get(name).map_or(0, |(shape, _)| shape.first().copied().unwrap_or(0));
        if rows > most {
            return Err(SavedError::Tensor(name.to_owned()));
        }
        self.take(name, &[rows, width])
    }

    /// Takes out a number that counts something.
    pub(super) fn count(&mut self, name: &str) -> Result<usize, SavedError> {
        match self.take(name, &[1])?.first() {
            // Doubles are exact up to here, and nothing is counted further.
            Some(count) if (0.0..=2_f64.powi(53)).contains(count) && count.fract() == 0.0 => Ok(*count as usize),
            _ => Err(SavedError::Tensor(name.to_owned())),
        }
    }
}

/// A file's bytes.
pub(super) fn write(schema: &'static str, header: &impl Serialize, tensors: &Tensors) -> Result<Vec<u8>, SavedError> {
    let header =
        serde_json::to_string(&(schema, header)).map_err(|error| SavedError::Description(error.to_string()))?;
    let form = |error: safetensors::SafeTensorError| SavedError::Form(error.to_string());
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = tensors
        .0
        .iter()
        .map(|(name, (shape, values))| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let mut views = Vec::new();
    for (name, shape, bytes) in &bytes {
        views.push((name, TensorView::new(Dtype::F64, (*shape).clone(), bytes).map_err(form)?));
    }
    safetensors::serialize(views, Some([(KEY.to_owned(), header)].into_iter().collect())).map_err(form)
}

/// What a file says about itself, and its numbers.
pub(super) fn read<H: DeserializeOwned>(schema: &'static str, bytes: &[u8]) -> Result<(H, Tensors), SavedError> {
    let form = |error: safetensors::SafeTensorError| SavedError::Form(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(form)?;
    let header = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let header = header.ok_or_else(|| SavedError::Description(format!("there is no `{KEY}` in its metadata")))?;
    let description = |error: serde_json::Error| SavedError::Description(error.to_string());
    let (found, header): (String, serde_json::Value) = serde_json::from_str(header).map_err(description)?;
    if found != schema {
        return Err(SavedError::Schema { found, wanted: schema });
    }
    let header = serde_json::from_value(header).map_err(description)?;
    let mut tensors = Tensors::default();
    for (name, view) in SafeTensors::deserialize(bytes).map_err(form)?.tensors() {
        if view.dtype() != Dtype::F64 {
            return Err(SavedError::Tensor(name));
        }
        let (numbers, _) = view.data().as_chunks::<8>();
        let values = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        tensors.put(name, view.shape().to_vec(), values);
    }
    Ok((header, tensors))
}

/// Whether settings are such as an agent can have: layers of some width, a batch of some size, and finite numbers.
pub(super) fn check(sizes: &[usize], batch: usize, numbers: &[f64]) -> Result<(), SavedError> {
    let widths = sizes.iter().all(|size| (1..=MOST_WIDTH).contains(size));
    if widths && (1..=MOST_BATCH).contains(&batch) && numbers.iter().all(|number| number.is_finite()) {
        return Ok(());
    }
    Err(SavedError::Description("its settings are none that an agent has".to_owned()))
}
