//! The files of weights and of their learner.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use holobiont_core::{
    Digest, DocumentError, SynergyWeights, WeightsDocumentError, printable, read_document, write_document,
};
use holobiont_learn::{Learner, LearnerError, LearnerKind, from_json, to_json};
use serde::{Deserialize, Serialize};

use super::WeightsError;
use crate::project::Project;

/// The files, and what the copies of their last good contents are called beside them.
const WEIGHTS: &str = "synergy_weights.json";
const LEARNER: &str = "synergy_learner.json";
const COPY: &str = ".last-good";

/// What a learner goes on from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    schema: String,
    pub(super) kind: LearnerKind,
    pub(super) told: BTreeMap<String, u64>,
    /// The learner's own document.
    learner: String,
}

impl Kept {
    const SCHEMA: &str = "holobiont.synergy-weighing/1";

    pub(super) fn learner(&self, rate: f64) -> Result<Box<dyn Learner>, LearnerError> {
        from_json(&self.learner, rate)
    }
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct OnDisk {
    pub(super) weights: Option<SynergyWeights>,
    pub(super) kept: Option<Kept>,
    /// The texts, as they were read.
    texts: BTreeMap<&'static str, String>,
}

/// What became of a file.
enum Read<T> {
    Reads(T, String),
    Gone,
    Damaged(String),
}

impl OnDisk {
    /// Reads both. One that does not read is kept aside and named, and the last good copy of it read.
    pub(super) fn read(project: &Project, notes: &mut Vec<String>) -> Result<Self, WeightsError> {
        let mut texts = BTreeMap::new();
        let parse = |text: &str| match SynergyWeights::from_json(text) {
            Err(WeightsDocumentError::Document(error)) => Err(error),
            Err(WeightsDocumentError::Weight(error)) => Err(DocumentError::Syntax(error.to_string())),
            Err(error) => Err(DocumentError::Syntax(error.to_string())),
            Ok(weights) => Ok(weights),
        };
        let weights = mended(project, WEIGHTS, &parse, (&mut texts, notes))?;
        let parse = |text: &str| {
            let kept: Kept = read_document(text, Kept::SCHEMA)?;
            match kept.learner(1.0) {
                // Another program, which has it, reads it.
                Ok(_) | Err(LearnerError::NotBuilt(_)) => Ok(kept),
                Err(error) => Err(DocumentError::Syntax(error.to_string())),
            }
        };
        let kept = mended(project, LEARNER, &parse, (&mut texts, notes))?;
        Ok(Self { weights, kept, texts })
    }
}

/// What a file holds, or its last good copy where it does not read.
fn mended<T>(
    project: &Project,
    name: &'static str,
    parse: &dyn Fn(&str) -> Result<T, DocumentError>,
    (texts, notes): (&mut BTreeMap<&'static str, String>, &mut Vec<String>),
) -> Result<Option<T>, WeightsError> {
    let path = project.data_dir().join(name);
    let what = match read(&path, parse)? {
        Read::Gone => return Ok(None),
        Read::Reads(value, text) => {
            texts.insert(name, text);
            return Ok(Some(value));
        }
        Read::Damaged(what) => what,
    };
    let aside = aside(&path)?;
    let copy = read(&project.data_dir().join(format!("{name}{COPY}")), parse)?;
    let (value, instead) = match copy {
        Read::Reads(value, _) => (Some(value), "the last good copy is gone on from"),
        Read::Gone | Read::Damaged(_) => (None, "it begins anew, as there is no good copy"),
    };
    notes.push(format!("{}: {what}; it is kept as {aside}, and {instead}", shown(&path)));
    Ok(value)
}

fn read<T>(path: &Path, parse: &dyn Fn(&str) -> Result<T, DocumentError>) -> Result<Read<T>, WeightsError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::Gone),
        Err(source) => return Err(WeightsError::File { path: path.to_owned(), source }),
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match parse(&text) {
        Ok(value) => Ok(Read::Reads(value, text)),
        // One of a newer program is whole, and is not to be replaced by an older one.
        Err(error @ DocumentError::Schema { .. }) => {
            Err(WeightsError::Newer { path: path.to_owned(), what: error.to_string() })
        }
        Err(error) => Ok(Read::Damaged(error.to_string())),
    }
}

/// Keeps a file aside under a name of its own, and says which.
fn aside(path: &Path) -> Result<String, WeightsError> {
    let wrong = |source| WeightsError::File { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(wrong)?;
    let aside = PathBuf::from(format!("{}.damaged-{}", path.to_string_lossy(), Digest::of(&bytes).short()));
    std::fs::rename(path, &aside).map_err(wrong)?;
    Ok(shown(&aside))
}

/// Replaces both files and their last good copies, all together.
pub(super) fn write(
    project: &Project,
    before: &OnDisk,
    learner: &dyn Learner,
    told: &BTreeMap<String, u64>,
) -> Result<(), WeightsError> {
    let kept = Kept {
        schema: Kept::SCHEMA.to_owned(),
        kind: learner.kind(),
        told: told.clone(),
        learner: to_json(learner).map_err(LearnerError::from)?,
    };
    let texts = [
        (WEIGHTS, learner.weights().to_json().map_err(LearnerError::from)?),
        (LEARNER, write_document(&kept).map_err(LearnerError::from)?),
    ];
    let mut transaction = project.transaction();
    for (name, text) in texts {
        let old = before.texts.get(name);
        if old == Some(&text) {
            continue;
        }
        if let Some(old) = old {
            let copy = format!("{name}{COPY}");
            let is_there = std::fs::read(project.data_dir().join(&copy)).ok().map(|bytes| Digest::of(&bytes));
            transaction.replace_in_data(&copy, is_there, old.clone());
        }
        transaction.replace_in_data(name, old.map(|old| Digest::of(old.as_bytes())), text);
    }
    Ok(transaction.commit()?)
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
