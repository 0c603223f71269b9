//! Compiled code kept between processes.
//!
//! Compiled code is native code: loading it is running it. So the cache is a private folder, entries are
//! written by this host only and authenticated with a key that lies beside them, and what does not
//! verify is deleted and compiled again, never loaded.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit as _, Mac as _};
use holobiont_core::Digest;
use sha2::Sha256;

/// What every entry starts with: a name and a version of the format.
const MAGIC: &[u8; 16] = b"holobiont.cwasm1";
const TAG_BYTES: usize = 32;

#[derive(Debug)]
pub(crate) struct Cache {
    dir: PathBuf,
    key: OnceLock<[u8; 32]>,
}

impl Cache {
    /// A cache in a folder. Nothing is made before there is something to keep.
    pub(crate) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), key: OnceLock::new() }
    }

    /// The key, if one was made.
    fn known_key(&self) -> Option<&[u8; 32]> {
        if self.key.get().is_none()
            && let Ok(bytes) = fs::read(self.dir.join("key"))
            && let Ok(key) = bytes.try_into()
        {
            let _ = self.key.set(key);
        }
        self.key.get()
    }

    /// The key; made, with its private folder, if there is none.
    fn key(&self) -> io::Result<&[u8; 32]> {
        create_private_dir(&self.dir)?;
        if self.known_key().is_none() {
            let mut key = [0; 32];
            getrandom::fill(&mut key).map_err(io::Error::other)?;
            replace(&self.dir.join("key"), &key)?;
        }
        // Two hosts may have made a key at the same time: the one that is on disk counts.
        self.known_key().ok_or_else(|| io::Error::other("the cache's key is not 32 bytes"))
    }

    /// The code of an entry, if there is one that this host wrote for this very name.
    pub(crate) fn get(&self, name: &Digest) -> Option<Vec<u8>> {
        let path = self.path(name);
        let mut bytes = fs::read(&path).ok()?;
        match self.verified(name, &bytes) {
            Some(start) => {
                bytes.drain(..start);
                Some(bytes)
            }
            None => {
                // Cut short, forged or from an older format: worth nothing to anybody.
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps code under a name. The file appears whole or not at all.
    pub(crate) fn put(&self, name: &Digest, code: &[u8]) -> io::Result<()> {
        let key = self.key()?;
        let mut bytes = Vec::with_capacity(MAGIC.len() + TAG_BYTES + code.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&tag(key, name, code)?.finalize().into_bytes());
        bytes.extend_from_slice(code);
        replace(&self.path(name), &bytes)
    }

    fn verified(&self, name: &Digest, bytes: &[u8]) -> Option<usize> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (theirs, code) = rest.split_at_checked(TAG_BYTES)?;
        tag(self.known_key()?, name, code).ok()?.verify_slice(theirs).ok()?;
        Some(MAGIC.len() + TAG_BYTES)
    }

    fn path(&self, name: &Digest) -> PathBuf {
        self.dir.join(format!("{}.cwasm", name.hex()))
    }
}

fn tag(key: &[u8; 32], name: &Digest, code: &[u8]) -> io::Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(io::Error::other)?;
    mac.update(name.as_bytes());
    mac.update(code);
    Ok(mac)
}

#[cfg(unix)]
fn create_private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn create_private_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

/// Replaces a file by a temporary one beside it, so that a reader sees the old bytes or the new.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or_else(|| io::Error::other("a path without a folder"))?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_forged_ones_do_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(dir.path());
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        cache.put(&a, b"native code").expect("written");
        assert_eq!(cache.get(&a).as_deref(), Some(&b"native code"[..]));
        assert_eq!(Cache::new(dir.path()).get(&a).as_deref(), Some(&b"native code"[..]));

        // Another module's entry under this name is not this module's code.
        fs::copy(cache.path(&a), cache.path(&b)).expect("copied");
        assert_eq!(cache.get(&b), None);
        // Nor is one with a bit changed, at any place.
        let good = fs::read(cache.path(&a)).expect("read");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(cache.path(&a), &bad).expect("written");
            assert_eq!(cache.get(&a), None, "byte {at}");
            assert!(!cache.path(&a).exists(), "a bad entry is deleted");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let inner = dir.path().join("cache");
        fs::create_dir(&inner).expect("made");
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).expect("opened to all");
        Cache::new(&inner).put(&Digest::of(b"a"), b"code").expect("written");
        assert_eq!(fs::metadata(&inner).expect("there").permissions().mode() & 0o777, 0o700);
    }
}
