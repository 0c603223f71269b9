//! The tracker as one JSON document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Pair, RoiTracker, Rules, RulesError, Update, newest};
use crate::forecast::Method;
use crate::text::printable;

/// The name of the document's form. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.tracker/1";

/// Why a document is no tracker.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is not of this form, or not JSON.
    #[error("the tracker's document is damaged: {0}")]
    Damaged(String),
    /// It has another form.
    #[error("the tracker's document has the schema `{}`, where this program reads `{SCHEMA}`", printable(.0))]
    Schema(String),
    /// A number that no cycle can have.
    #[error("the tracker's document is damaged: updates[{cycle}].{field} is not {needed}")]
    Update {
        /// The cycle, from 0.
        cycle: usize,
        /// The field.
        field: &'static str,
        /// What it should be.
        needed: &'static str,
    },
    /// Rules that cannot hold.
    #[error("the tracker's document is damaged: {0}")]
    Rules(#[from] RulesError),
}

/// The document, borrowed where it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    schema: Cow<'a, str>,
    method: Method,
    rules: Cow<'a, Rules>,
    clusters: Cow<'a, BTreeMap<String, String>>,
    updates: Cow<'a, [Update]>,
    predictions: Cow<'a, BTreeMap<String, Vec<Pair>>>,
}

/// What is read first, so that another form is called by its name.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

impl RoiTracker {
    /// The whole tracker as a JSON document of the schema `holobiont.tracker/1`.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Damaged`] where it cannot be written, which no tracker comes to: it holds finite numbers only.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        let document = Document {
            schema: SCHEMA.into(),
            method: self.method,
            rules: Cow::Borrowed(&self.rules),
            clusters: Cow::Borrowed(&self.clusters),
            updates: self.updates.as_slice().into(),
            predictions: Cow::Borrowed(&self.predictions),
        };
        serde_json::to_string(&document).map_err(|error| damaged(&error))
    }

    /// The tracker that a document holds: it answers every question as the one that was written did.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for what is not such a document, is of another schema, or holds what no tracker would.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        let head: Head = serde_json::from_str(text).map_err(|error| damaged(&error))?;
        if head.schema != SCHEMA {
            return Err(DocumentError::Schema(head.schema));
        }
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
        document.rules.check()?;
        for (cycle, update) in document.updates.iter().enumerate() {
            if let Some((field, needed)) = update.unusable() {
                return Err(DocumentError::Update { cycle, field, needed });
            }
        }
        let mut predictions = document.predictions.into_owned();
        for pairs in predictions.values_mut() {
            *pairs = newest(pairs).to_vec();
        }
        Ok(Self {
            updates: document.updates.into_owned(),
            method: document.method,
            rules: document.rules.into_owned(),
            clusters: document.clusters.into_owned(),
            predictions,
        })
    }
}

/// One line for what is wrong with JSON, with its place.
pub(super) fn damaged(error: &serde_json::Error) -> DocumentError {
    DocumentError::Damaged(printable(&error.to_string()))
}
