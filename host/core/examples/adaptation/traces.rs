//! Demands that were measured by real runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use holobiont_core::printable;
use serde::Deserialize;

use crate::world::Demand;

const SCHEMA: &str = "holobiont.traces/1";

/// Why there is nothing to replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TracesError {
    #[error("{}: {source}", printable(&path.display().to_string()))]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the traces are damaged: {0}")]
    Damaged(String),
    #[error("the traces have the schema `{}`, where this program reads `{SCHEMA}`", printable(.0))]
    Schema(String),
    #[error("the family `{}` has no runs: give it one at least", printable(.0))]
    Empty(String),
}

/// A family of modules, and what each needed on each input.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    /// By input, the runs of the modules on it.
    pub(crate) inputs: Vec<Vec<Demand>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    families: Vec<Traced>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Traced {
    name: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    input: String,
    module: String,
    fuel: u64,
    memory_bytes: u64,
}

/// The families of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Family>, TracesError> {
    let text = std::fs::read_to_string(path).map_err(|source| TracesError::Read { path: path.to_owned(), source })?;
    parse(&text)
}

/// The families of a document.
pub(crate) fn parse(text: &str) -> Result<Vec<Family>, TracesError> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| TracesError::Damaged(printable(&error.to_string())))?;
    if document.schema != SCHEMA {
        return Err(TracesError::Schema(document.schema));
    }
    document.families.into_iter().map(family).collect()
}

fn family(traced: Traced) -> Result<Family, TracesError> {
    if traced.runs.is_empty() {
        return Err(TracesError::Empty(traced.name));
    }
    let (mut modules, mut inputs) = (BTreeMap::new(), BTreeMap::<String, Vec<Demand>>::new());
    for run in traced.runs {
        let next = modules.len();
        let module = *modules.entry(run.module).or_insert(next);
        let amounts = [run.fuel as f64 / 1e9, run.memory_bytes as f64 / 1_048_576.0];
        inputs.entry(run.input).or_default().push(Demand { module, amounts });
    }
    Ok(Family { name: printable(&traced.name), inputs: inputs.into_values().collect() })
}
