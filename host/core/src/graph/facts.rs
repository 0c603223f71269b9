//! What is known of a module by its bytes.

use serde::{Deserialize, Serialize};

use crate::id::{Digest, ModuleId};

/// What the graph must know of a module. All but the id follows from the bytes, so it can be kept by their digest and
/// need not be found out again until they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleFacts {
    /// Where it lies.
    pub id: ModuleId,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The digest of its bytes without custom sections, in which there are names and notes of tools but no code.
    pub code_digest: Digest,
    /// What it imports, by name, those of the host too.
    pub imports: Vec<String>,
    /// The interfaces that it exports, by name. Of a core module none: its exports are functions, whatever they are
    /// called.
    pub exports: Vec<String>,
    /// The media types that it accepts.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// The media type that it emits.
    #[serde(default)]
    pub emits: Option<String>,
}
