//! The files of weights and of their learner.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use holobiont_core::{
    Digest, DocumentError, SynergyWeights, WeightsDocumentError, printable, read_document, write_document,
};
use holobiont_learn::{Learner, LearnerError, LearnerKind, from_bytes, to_bytes};
use serde::{Deserialize, Serialize};

use super::WeightsError;
use crate::project::Project;
use crate::replace::keep_aside;

/// The weights, which people may edit.
const WEIGHTS: &str = "synergy_weights.json";
/// Whose they are, and who has told it what.
const LEARNER: &str = "synergy_learner.json";
/// What the learner goes on from, in its own form: JSON, or safetensors.
const STATE: &str = "synergy_learner.state";
/// What is added to the name of a file for the copy of its last good contents.
const COPY: &str = ".last-good";

/// Whose weights they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Owner {
    schema: String,
    pub(super) kind: LearnerKind,
    pub(super) told: BTreeMap<String, u64>,
}

impl Owner {
    const SCHEMA: &str = "holobiont.synergy-weighing/1";
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct OnDisk {
    pub(super) weights: Option<SynergyWeights>,
    pub(super) owner: Option<Owner>,
    /// The learner, if it is of this kind and this program has it.
    pub(super) learner: Option<Box<dyn Learner>>,
    /// The contents, as they were read.
    contents: BTreeMap<&'static str, Vec<u8>>,
}

/// What became of a file.
enum Read<T> {
    Reads(T, Vec<u8>),
    Gone,
    Damaged(String),
}

/// Why the contents of a file are of no use.
enum Unusable {
    Damaged(String),
    /// It is whole, and is not to be replaced by an older one.
    Newer(String),
}

impl From<DocumentError> for Unusable {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::Schema { .. } => Self::Newer(error.to_string()),
            error => Self::Damaged(error.to_string()),
        }
    }
}

type Parse<'a, T> = &'a dyn Fn(&[u8]) -> Result<T, Unusable>;

impl OnDisk {
    /// Reads them for a learner. A file that does not read is kept aside and named, and the last good copy of it read.
    pub(super) fn read(
        project: &Project,
        (kind, rate): (LearnerKind, f64),
        notes: &mut Vec<String>,
    ) -> Result<Self, WeightsError> {
        let mut contents = BTreeMap::new();
        let parse = |bytes: &[u8]| {
            SynergyWeights::from_json(&String::from_utf8_lossy(bytes)).map_err(|error| match error {
                WeightsDocumentError::Document(error) => error.into(),
                error => Unusable::Damaged(error.to_string()),
            })
        };
        let weights = mended(project, WEIGHTS, &parse, (&mut contents, notes))?;
        let parse = |bytes: &[u8]| Ok(read_document::<Owner>(&String::from_utf8_lossy(bytes), Owner::SCHEMA)?);
        let owner = mended(project, LEARNER, &parse, (&mut contents, notes))?;
        let is_own = owner.as_ref().is_some_and(|owner| owner.kind == kind);
        let parse = |bytes: &[u8]| match from_bytes(bytes, rate) {
            Ok(learner) => Ok(Some(learner).filter(|learner| is_own && learner.kind() == kind)),
            // Another program, which has it, goes on from it.
            Err(LearnerError::NotBuilt(_)) => Ok(None),
            Err(LearnerError::Document(error)) => Err(error.into()),
            Err(error) => Err(Unusable::Damaged(error.to_string())),
        };
        let learner = mended(project, STATE, &parse, (&mut contents, notes))?.flatten();
        Ok(Self { weights, owner: owner.filter(|_| is_own), learner, contents })
    }
}

/// What a file holds, or its last good copy where it does not read.
fn mended<T>(
    project: &Project,
    name: &'static str,
    parse: Parse<'_, T>,
    (contents, notes): (&mut BTreeMap<&'static str, Vec<u8>>, &mut Vec<String>),
) -> Result<Option<T>, WeightsError> {
    let path = project.data_dir().join(name);
    let what = match read(&path, parse)? {
        Read::Gone => return Ok(None),
        Read::Reads(value, bytes) => {
            contents.insert(name, bytes);
            return Ok(Some(value));
        }
        Read::Damaged(what) => what,
    };
    let aside = keep_aside(&path).map_err(|source| WeightsError::File { path: path.clone(), source })?;
    let copy = read(&project.data_dir().join(format!("{name}{COPY}")), parse)?;
    let (value, instead) = match copy {
        Read::Reads(value, _) => (Some(value), "the last good copy is gone on from"),
        Read::Gone | Read::Damaged(_) => (None, "it begins anew, as there is no good copy"),
    };
    notes.push(format!("{}: {what}; it is kept as {}, and {instead}", shown(&path), shown(&aside)));
    Ok(value)
}

fn read<T>(path: &Path, parse: Parse<'_, T>) -> Result<Read<T>, WeightsError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Read::Gone),
        Err(source) => return Err(WeightsError::File { path: path.to_owned(), source }),
    };
    match parse(&bytes) {
        Ok(value) => Ok(Read::Reads(value, bytes)),
        Err(Unusable::Newer(what)) => Err(WeightsError::Newer { path: path.to_owned(), what }),
        Err(Unusable::Damaged(what)) => Ok(Read::Damaged(what)),
    }
}

/// Replaces the files and their last good copies, all together.
pub(super) fn write(
    project: &Project,
    before: &OnDisk,
    learner: &dyn Learner,
    told: &BTreeMap<String, u64>,
) -> Result<(), WeightsError> {
    let owner = Owner { schema: Owner::SCHEMA.to_owned(), kind: learner.kind(), told: told.clone() };
    let files = [
        (WEIGHTS, learner.weights().to_json().map_err(LearnerError::from)?.into_bytes()),
        (LEARNER, write_document(&owner).map_err(LearnerError::from)?.into_bytes()),
        (STATE, to_bytes(learner).map_err(LearnerError::from)?),
    ];
    let mut transaction = project.transaction();
    for (name, bytes) in files {
        let old = before.contents.get(name);
        let copy = format!("{name}{COPY}");
        let there = std::fs::read(project.data_dir().join(&copy)).ok().map(|bytes| Digest::of(&bytes));
        let is_same = old == Some(&bytes);
        if !is_same || there.is_none() {
            // The first copy there is is of what is good now.
            transaction.replace_bytes_in_data(&copy, there, old.unwrap_or(&bytes).clone());
        }
        if !is_same {
            transaction.replace_bytes_in_data(name, old.map(|old| Digest::of(old)), bytes);
        }
    }
    Ok(transaction.commit()?)
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
