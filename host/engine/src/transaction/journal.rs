//! What there is to do, as a file.

use holobiont_core::Digest;
use serde::{Deserialize, Serialize};

use crate::json::{document, json};

/// The files that change together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    schema: String,
    /// Each file.
    pub(super) files: Vec<Entry>,
}

/// A file and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// What its path is relative to.
    pub(super) base: Base,
    /// Its path.
    pub(super) path: String,
    /// The digest of what it was; none where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Digest>,
    /// What it is to be.
    pub(super) text: String,
}

/// What a path is relative to. So a journal holds wherever the project is moved to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Base {
    /// The repository.
    Repository,
    /// The folder of state.
    Data,
}

impl Entry {
    /// The digest of what it is to be.
    pub(super) fn after(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

impl Journal {
    const SCHEMA: &str = "holobiont.integration/1";

    pub(super) fn of(files: Vec<Entry>) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), files }
    }

    /// The journal that a text is, or in words what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        document(text, Self::SCHEMA)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        json(self)
    }
}
