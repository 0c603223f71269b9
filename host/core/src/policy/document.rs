//! What a policy learned, as one JSON document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::learner::Learner;
use super::{Action, Policy, PolicyConfig, PolicyState, Values};
use crate::json_text::explain;
use crate::text::printable;

/// The name of the document's form. Its number goes up when older programs could not read it.
const SCHEMA: &str = "holobiont.policy/1";

/// Why a document is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is not of this form, or not JSON.
    #[error("the policy is damaged: {0}")]
    Damaged(String),
    /// It has another form.
    #[error("the policy has the schema `{}`, where this program reads `{SCHEMA}`", printable(.0))]
    Schema(String),
    /// Its modules are spread differently, so that its states mean others.
    #[error(
        "the policy was learned with module-buckets = {found}, not {expected}: set that again, or delete the policy"
    )]
    Buckets {
        /// Over how many buckets.
        found: u16,
        /// Over how many they are now.
        expected: u16,
    },
}

/// The document, borrowed where it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Document<'a> {
    schema: Cow<'a, str>,
    seed: u64,
    decisions: u64,
    module_buckets: u16,
    learned: Vec<Learned>,
    traces: Vec<Trace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    led_to: Option<Pair>,
}

/// What is known of a state; values and tries in the order of [`Action`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Learned {
    state: PolicyState,
    actions: Values,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    state: PolicyState,
    action: Action,
    share: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    state: PolicyState,
    action: Action,
}

/// What is read first, so that another form is called by its name.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

impl Policy {
    /// What was learned, as a JSON document of the schema `holobiont.policy/1`. Settings are not in it.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Damaged`] where it cannot be written, which no policy comes to: it holds finite numbers only.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        let Learner { rows, traces, led_to } = &self.learner;
        let document = Document {
            schema: SCHEMA.into(),
            seed: self.seed,
            decisions: self.decisions,
            module_buckets: self.config.module_buckets,
            learned: rows.iter().map(|(state, actions)| Learned { state: *state, actions: *actions }).collect(),
            traces: traces
                .iter()
                .map(|((state, action), share)| Trace { state: *state, action: Action::at(*action), share: *share })
                .collect(),
            led_to: led_to.map(|(state, action)| Pair { state, action: Action::at(action) }),
        };
        serde_json::to_string(&document).map_err(|error| damaged(&error))
    }

    /// The policy that a document holds: under the same settings it goes on as the one that was written would have.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for what is not such a document, is of another schema, was learned with other buckets, or
    /// holds what no policy would.
    pub fn from_json(json: &str, config: PolicyConfig) -> Result<Self, DocumentError> {
        let head: Head = serde_json::from_str(json).map_err(|error| damaged(&error))?;
        if head.schema != SCHEMA {
            return Err(DocumentError::Schema(head.schema));
        }
        let document: Document<'_> = serde_json::from_str(json).map_err(|error| damaged(&error))?;
        let (found, expected) = (document.module_buckets, config.module_buckets);
        if found != expected {
            return Err(DocumentError::Buckets { found, expected });
        }
        let mut rows = BTreeMap::new();
        for Learned { state, mut actions } in document.learned {
            if !state.has_bucket_below(expected) {
                return Err(DocumentError::Damaged(format!("the state `{state}` has none of its {expected} buckets")));
            }
            // The bound may have been set lower since.
            actions.keep_within(config.value_bound());
            if rows.insert(state, actions).is_some() {
                return Err(DocumentError::Damaged(format!("the state `{state}` is there twice")));
            }
        }
        let mut traces = BTreeMap::new();
        for Trace { state, action, share } in document.traces {
            let is_share = share > 0.0 && share <= 1.0;
            if !is_share || !rows.contains_key(&state) {
                return Err(DocumentError::Damaged(format!(
                    "`{state}` has a trace of {share}, where it could have none"
                )));
            }
            traces.insert((state, action as usize), share);
        }
        let led_to = document.led_to.map(|Pair { state, action }| (state, action as usize));
        let learner = Learner { rows, traces, led_to };
        Ok(Self { config, seed: document.seed, decisions: document.decisions, learner })
    }
}

fn damaged(error: &serde_json::Error) -> DocumentError {
    DocumentError::Damaged(explain(error))
}
