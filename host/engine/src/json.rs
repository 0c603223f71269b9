//! Plain data as JSON.

use holobiont_core::printable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Plain data as JSON, for keys and documents: fields in the order of their declaration, maps in the order of keys.
pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// A document of a schema, or in words what is wrong with it. The schema is looked at first, since another one may have
/// any other field.
pub(crate) fn document<T: DeserializeOwned>(text: &str, schema: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let words = |error: serde_json::Error| printable(&error.to_string());
    let head: Head = serde_json::from_str(text).map_err(words)?;
    if head.schema != schema {
        return Err(format!("it is of schema {}, this program reads {schema}", printable(&head.schema)));
    }
    serde_json::from_str(text).map_err(words)
}
