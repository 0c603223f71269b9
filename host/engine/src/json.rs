//! Plain data as bytes.

/// Plain data as JSON, for keys and documents: fields in the order of their declaration, maps in the order of keys.
pub(crate) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
