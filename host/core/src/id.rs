//! Who a module is: where it lies, and which bytes it has.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::text::printable;

/// The path of a module relative to the repository root: forward slashes, no `.` or `..`, never
/// absolute. Two files of the same name in two folders are two modules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModuleId(String);

/// Why a text is not a module id.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModuleIdError {
    /// Nothing is left once separators are taken away.
    #[error("a module id cannot be empty")]
    Empty,
    /// It points out of the repository.
    #[error("module `{}` lies outside the repository: an id is a path below holobiont.toml, without `..`", printable(.0))]
    Outside(String),
    /// It holds a character that is not seen, or moves its neighbours.
    #[error("module id `{}` holds a character that cannot be shown", printable(.0))]
    Control(String),
}

impl ModuleId {
    /// Reads an id from a relative path; back slashes count as separators, so that an id written on
    /// Windows names the same module.
    ///
    /// # Errors
    ///
    /// [`ModuleIdError`] when the path is empty, absolute, climbs with `..` or holds a control character.
    pub fn new(path: &str) -> Result<Self, ModuleIdError> {
        if printable(path) != path {
            return Err(ModuleIdError::Control(path.to_owned()));
        }
        let path = path.replace('\\', "/");
        if path.starts_with('/') {
            return Err(ModuleIdError::Outside(path));
        }
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => return Err(ModuleIdError::Outside(path)),
                part => parts.push(part),
            }
        }
        // A drive of Windows, wherever the path begins: joined to a folder there, it leaves it.
        if parts.first().is_some_and(|first: &&str| first.as_bytes().get(1) == Some(&b':')) {
            return Err(ModuleIdError::Outside(path));
        }
        if parts.is_empty() {
            return Err(ModuleIdError::Empty);
        }
        Ok(Self(parts.join("/")))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part without `.wasm`: what a table shows when that is unambiguous.
    #[must_use]
    pub fn short(&self) -> &str {
        let name = self.0.rsplit('/').next().unwrap_or(&self.0);
        name.strip_suffix(".wasm").unwrap_or(name)
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl TryFrom<String> for ModuleId {
    type Error = ModuleIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<ModuleId> for String {
    fn from(id: ModuleId) -> Self {
        id.0
    }
}

/// The SHA-256 of some bytes; as text `sha256:` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// A text that is not `sha256:` and 64 hex digits.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a digest: expected `sha256:` and 64 hex digits", printable(.0))]
pub struct DigestError(String);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several parts, each preceded by its length, so that no two lists of parts collide
    /// by where one part ends.
    #[must_use]
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest that was taken before, by its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first twelve hexadecimal digits: enough to tell the modules of a project apart in words.
    #[must_use]
    pub fn short(&self) -> String {
        let mut text = self.hex();
        text.truncate(12);
        text
    }

    /// The 64 hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || DigestError(text.to_owned());
        let hex = text.strip_prefix("sha256:").ok_or_else(bad)?;
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_inside_the_repository() {
        assert_eq!(ModuleId::new("./a//b\\c.wasm").map(String::from), Ok("a/b/c.wasm".to_owned()));
        for bad in ["../a", "a/../../b", "/a", "C:\\a", "./C:/a", "a/.."] {
            assert!(matches!(ModuleId::new(bad), Err(ModuleIdError::Outside(_))), "{bad}");
        }
        assert_eq!(ModuleId::new("./"), Err(ModuleIdError::Empty));
        assert!(matches!(ModuleId::new("a\u{1b}[2J"), Err(ModuleIdError::Control(_))));
        assert!(matches!(ModuleId::new("a\u{202e}b"), Err(ModuleIdError::Control(_))));
    }

    #[test]
    fn digests_round_trip_and_parts_do_not_run_together() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().parse::<Digest>().ok(), Some(digest));
        assert!("sha256:00".parse::<Digest>().is_err());
        assert_ne!(Digest::of_parts([&b"ab"[..], b"c"]), Digest::of_parts([&b"a"[..], b"bc"]));
    }
}
