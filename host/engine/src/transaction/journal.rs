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
    pub(super) text: Content,
}

/// What a file is to be: a text, or bytes that are none, such as a module's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    /// A text, which stands in the journal as it is.
    Text(String),
    /// Bytes, which stand in it as hexadecimal digits.
    Bytes {
        /// The bytes.
        #[serde(with = "hex_digits")]
        hex: Vec<u8>,
    },
}

impl Content {
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes { hex } => hex,
        }
    }
}

/// Bytes as hexadecimal digits, two for each.
mod hex_digits {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        let digits: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        serializer.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(value(*high)? << 4 | value(*low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        bytes.ok_or_else(|| D::Error::custom("not pairs of hexadecimal digits"))
    }
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
