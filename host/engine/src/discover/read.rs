//! From files to what is known of modules.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fs::File;
use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holobiont_core::graph::ModuleFacts;
use holobiont_core::{Digest, ModuleId};
use holobiont_sandbox::{ModuleKind, code_digest, inspect};

use super::cache::{Cache, Content, DigestBytes, Entry, Parsed};
use super::skipped::{SkipReason, Skipped};
use super::walk::{Found, Stamp, gone_or};
use crate::parallel::in_parallel;

/// How long before it was read a file must have been changed last for its stamp to tell it from later ones. The
/// clocks of file systems have ticks of up to two seconds.
const SETTLING_NS: i128 = 2_000_000_000;

/// What reading came to.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The modules, in the order of their ids.
    pub(super) modules: Vec<(ModuleFacts, ModuleKind)>,
    pub(super) skipped: Vec<Skipped>,
    /// What is known now, where that is not what was known before.
    pub(super) cache: Option<Cache>,
    /// How many contents were looked at that were not known.
    pub(super) parsed: usize,
    /// How many files were not read, since they are as they were.
    pub(super) unchanged: usize,
}

/// How files are read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) threads: usize,
    /// Larger files are not read.
    pub(super) most_bytes: u64,
    /// When the files were listed, in nanoseconds since 1970.
    pub(super) listed_ns: i128,
}

impl Reading {
    /// Reads those of some files that are not known, and says what all of them are.
    pub(super) fn read(self, files: &[Found], known: Cache) -> Read {
        let contents = Contents::new(known.contents);
        let look = |place: usize| Ok::<_, Infallible>(self.look(&files[place], &known.files, &contents));
        let Ok(looks) = in_parallel(self.threads, files.len(), look);
        let mut read = Read { parsed: contents.parsed.load(Ordering::Relaxed), ..Read::default() };
        let (mut contents, mut cache) = (contents.into_known(), Cache::default());
        for (found, look) in files.iter().zip(looks) {
            let Look { entry, is_unchanged } = match look {
                Ok(look) => look,
                Err(reason) => {
                    read.skipped.push(Skipped::new(found.id.as_str(), reason));
                    continue;
                }
            };
            read.unchanged += usize::from(is_unchanged);
            match contents.get(&entry.digest) {
                Some(Ok(parsed)) => read.modules.push((facts(found, &entry, parsed), parsed.kind)),
                Some(Err(outcome)) => {
                    read.skipped.push(Skipped::new(found.id.as_str(), SkipReason::Refused(outcome.clone())));
                }
                None => {}
            }
            cache.files.insert(found.id.clone(), entry);
        }
        if read.unchanged < cache.files.len() || cache.files.len() < known.files.len() {
            let used = cache.files.values().filter_map(|entry| contents.remove_entry(&entry.digest));
            cache.contents = used.collect();
            read.cache = Some(cache);
        }
        read
    }

    fn look(self, found: &Found, known: &BTreeMap<ModuleId, Entry>, contents: &Contents) -> Result<Look, SkipReason> {
        let same = known.get(&found.id).filter(|entry| entry.settled && entry.stamp == found.stamp);
        if let Some(entry) = same.filter(|entry| contents.is_known(&entry.digest)) {
            return Ok(Look { entry: entry.clone(), is_unchanged: true });
        }
        let (stamp, bytes) = self.bytes(found)?;
        let digest = *Digest::of(&bytes).as_bytes();
        contents.note(digest, &bytes);
        let settled = stamp.changed_ns < self.listed_ns - SETTLING_NS;
        Ok(Look { entry: Entry { stamp, settled, digest }, is_unchanged: false })
    }

    /// A file's bytes, and its stamp from before they were read.
    fn bytes(self, found: &Found) -> Result<(Stamp, Vec<u8>), SkipReason> {
        let file = File::open(&found.path).map_err(gone_or)?;
        let metadata = file.metadata().map_err(gone_or)?;
        if !metadata.is_file() {
            return Err(SkipReason::NotAFile);
        }
        let stamp = Stamp::of(&metadata);
        let most_bytes = self.most_bytes;
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.bytes.min(most_bytes)).unwrap_or_default());
        // It may grow while it is read.
        file.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(gone_or)?;
        if bytes.len() as u64 > most_bytes {
            return Err(SkipReason::TooLarge { bytes: stamp.bytes.max(bytes.len() as u64), most_bytes });
        }
        Ok((stamp, bytes))
    }
}

/// What came of a file.
struct Look {
    entry: Entry,
    is_unchanged: bool,
}

/// What is known of contents. Each is looked at once, whichever thread comes first.
struct Contents {
    known: Mutex<HashMap<DigestBytes, Arc<OnceLock<Content>>>>,
    parsed: AtomicUsize,
}

impl Contents {
    fn new(known: BTreeMap<DigestBytes, Content>) -> Self {
        let known = known.into_iter().map(|(digest, content)| (digest, Arc::new(OnceLock::from(content))));
        Self { known: Mutex::new(known.collect()), parsed: AtomicUsize::new(0) }
    }

    fn is_known(&self, digest: &DigestBytes) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains_key(digest)
    }

    fn note(&self, digest: DigestBytes, bytes: &[u8]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let content = Arc::clone(known.entry(digest).or_default());
        drop(known);
        content.get_or_init(|| {
            self.parsed.fetch_add(1, Ordering::Relaxed);
            parse(bytes)
        });
    }

    fn into_known(self) -> HashMap<DigestBytes, Content> {
        let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        known
            .into_iter()
            .filter_map(|(digest, content)| Some((digest, Arc::into_inner(content)?.into_inner()?)))
            .collect()
    }
}

fn parse(bytes: &[u8]) -> Content {
    let facts = inspect(bytes).map_err(|outcome| outcome.to_string())?;
    let code_digest = *code_digest(bytes).map_err(|outcome| outcome.to_string())?.as_bytes();
    // What a core module exports are functions, and no interface that another could import.
    let exports = if facts.kind == ModuleKind::CoreCommand { Vec::new() } else { facts.exports };
    let imports = facts.imports.into_iter().map(|import| import.name).collect();
    Ok(Parsed { kind: facts.kind, code_digest, imports, exports })
}

fn facts(found: &Found, entry: &Entry, parsed: &Parsed) -> ModuleFacts {
    ModuleFacts {
        id: found.id.clone(),
        digest: Digest::from_bytes(entry.digest),
        code_digest: Digest::from_bytes(parsed.code_digest),
        imports: parsed.imports.clone(),
        exports: parsed.exports.clone(),
        accepts: Vec::new(),
        emits: None,
    }
}
