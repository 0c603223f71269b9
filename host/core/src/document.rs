//! Documents that say in a field `schema` which form they have, and are read by that.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::json_text::explain;
use crate::text::printable;

/// Why a text is no such document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It does not read as one; with the line.
    #[error("{0}")]
    Syntax(String),
    /// It is another document, or of another version.
    #[error("its schema is `{}`, where this program reads `{expected}`", printable(.found))]
    Schema {
        /// The schema that it has.
        found: String,
        /// The schema that it should have.
        expected: &'static str,
    },
}

/// What is read first, so that a document of another form is called by its name.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// Reads a document of a schema, whose name is in its field `schema`.
///
/// # Errors
///
/// [`DocumentError`] for a text that is not of this form, in words that name the place.
pub fn read<T: DeserializeOwned>(json: &str, expected: &'static str) -> Result<T, DocumentError> {
    // What does not even have a schema is read again for the better words: those of a reader that knows what should come.
    if let Ok(Head { schema: found }) = serde_json::from_str(json)
        && found != expected
    {
        return Err(DocumentError::Schema { found, expected });
    }
    serde_json::from_str(json).map_err(|error| DocumentError::Syntax(explain(&error)))
}

/// The text of a document, for people to look at.
///
/// # Errors
///
/// [`DocumentError::Syntax`] for what JSON cannot hold.
pub fn write<T: Serialize>(document: &T) -> Result<String, DocumentError> {
    let mut json = serde_json::to_string_pretty(document).map_err(|error| DocumentError::Syntax(explain(&error)))?;
    json.push('\n');
    Ok(json)
}
