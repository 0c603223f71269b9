//! What an agent learned, as one JSON document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Decided, Learned, PresetAgent, SIGNS, Signs};
use crate::text::printable;

/// The name of the document's form. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.preset-policy/1";

/// Why a document is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is not of this form, or not JSON.
    #[error("the preset policy is damaged: {0}")]
    Damaged(String),
    /// It has another form.
    #[error("the preset policy has the schema `{}`, where this program reads `{SCHEMA}`", printable(.0))]
    Schema(String),
    /// A state that is none.
    #[error("the preset policy is damaged: the state `{}` is not seven of -1, 0 and 1 with commas between", printable(.0))]
    State(String),
}

/// The document, borrowed where it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    schema: Cow<'a, str>,
    seed: u64,
    decisions: u64,
    last: Option<Decided>,
    /// By the signs, with commas between.
    learned: BTreeMap<String, Learned>,
}

/// What is read first, so that another form is called by its name.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

impl PresetAgent {
    /// The whole agent as a JSON document of the schema `holobiont.preset-policy/1`.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Damaged`] where it cannot be written, which no agent comes to.
    pub fn to_json(&self) -> Result<String, PolicyError> {
        let document = Document {
            schema: SCHEMA.into(),
            seed: self.seed,
            decisions: self.decisions,
            last: self.last,
            learned: self.learned.iter().map(|(signs, learned)| (text(signs), *learned)).collect(),
        };
        serde_json::to_string(&document).map_err(|error| damaged(&error))
    }

    /// The agent that a document holds: it goes on as the one that was written would have.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] for what is not such a document, is of another schema, or holds what no agent would.
    pub fn from_json(json: &str) -> Result<Self, PolicyError> {
        let head: Head = serde_json::from_str(json).map_err(|error| damaged(&error))?;
        if head.schema != SCHEMA {
            return Err(PolicyError::Schema(head.schema));
        }
        let document: Document<'_> = serde_json::from_str(json).map_err(|error| damaged(&error))?;
        if let Some(last) = document.last.filter(|last| !are_signs(&last.signs)) {
            return Err(PolicyError::State(text(&last.signs)));
        }
        let mut learned = BTreeMap::new();
        for (name, of_state) in document.learned {
            let Some(signs) = read(&name) else { return Err(PolicyError::State(name)) };
            learned.insert(signs, of_state);
        }
        Ok(Self { seed: document.seed, decisions: document.decisions, last: document.last, learned })
    }
}

fn damaged(error: &serde_json::Error) -> PolicyError {
    PolicyError::Damaged(printable(&error.to_string()))
}

fn text(signs: &Signs) -> String {
    signs.map(|sign| sign.to_string()).join(",")
}

fn are_signs(signs: &Signs) -> bool {
    signs.iter().all(|sign| (-1..=1).contains(sign))
}

/// The signs of a text, written as [`text`] does and in no other way, so that no two are of one state.
fn read(name: &str) -> Option<Signs> {
    let mut signs = [0; SIGNS.len()];
    let mut parts = name.split(',');
    for sign in &mut signs {
        *sign = parts.next()?.parse().ok()?;
    }
    (are_signs(&signs) && text(&signs) == name).then_some(signs)
}
