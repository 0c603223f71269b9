//! What is known of files that were read before, so that only those that changed are read again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use holobiont_core::{Digest, ModuleId};
use holobiont_sandbox::ModuleKind;
use serde::{Deserialize, Serialize};

use super::walk::Stamp;

/// How a cache begins: its format, whose number goes up when what is kept means something else (a kind of module is
/// kept by its place among them), and the program that wrote it, since another one may find other facts.
const HEAD: &str = concat!("holobiont.modules/1 ", env!("CARGO_PKG_VERSION"), "\n");

/// The bytes of a digest, shorter and sooner read than its text.
pub(super) type DigestBytes = [u8; 32];

/// What is known of the files of a repository, and of contents by their digests.
///
/// It is a help and no record: who can write into the folder of state can make it say anything, so nothing that
/// matters to security may rest on it. Modules are read and looked at again when they are loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cache {
    pub(super) files: BTreeMap<ModuleId, Entry>,
    pub(super) contents: BTreeMap<DigestBytes, Content>,
}

/// A file as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) stamp: Stamp,
    /// Whether its stamp tells it from all later ones. A file that was changed just before it was read may be changed
    /// again within the same tick of the file system's clock.
    pub(super) settled: bool,
    pub(super) digest: DigestBytes,
}

/// What bytes were found to be; of those that are no module why not.
pub(super) type Content = Result<Parsed, String>;

/// A module without its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parsed {
    pub(super) kind: ModuleKind,
    pub(super) code_digest: DigestBytes,
    pub(super) imports: Vec<String>,
    pub(super) exports: Vec<String>,
}

impl Cache {
    /// What a file has; nothing where there is none, or one that is damaged or of another format.
    pub(super) fn read(path: &Path) -> Self {
        std::fs::read(path).ok().and_then(|bytes| Self::from_bytes(&bytes)).unwrap_or_default()
    }

    /// Writes it, in place of what was there. Its draft has a name of its own, so that hosts that are killed leave one
    /// at most; that two may write it at once does no harm, since a damaged cache is none.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let draft = path.with_extension("cache.new");
        std::fs::write(&draft, self.to_bytes().map_err(io::Error::other)?)?;
        std::fs::rename(draft, path)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (checksum, body) = bytes.strip_prefix(HEAD.as_bytes())?.split_first_chunk::<32>()?;
        (Digest::of(body).as_bytes() == checksum).then(|| postcard::from_bytes(body).ok()).flatten()
    }

    fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        let body = postcard::to_allocvec(self)?;
        Ok([HEAD.as_bytes(), Digest::of(&body).as_bytes(), &body].concat())
    }
}
