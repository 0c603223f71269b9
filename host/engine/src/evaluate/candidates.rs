//! The modules of a project, as they are measured: read once, compiled only if a run has to be made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holobiont_core::{Digest, Grants, ModuleId, StaticScores};
use holobiont_sandbox::{Files, Loaded, Sandbox, statics};

use super::EvaluateError;
use crate::project::Project;

/// The modules of a project that were asked for.
#[derive(Default)]
pub(super) struct Candidates {
    known: Mutex<HashMap<ModuleId, Arc<Candidate>>>,
}

/// A module of the project: its bytes are read once and stay what was measured, and it is compiled only
/// if a run has to be made.
pub(super) struct Candidate {
    pub(super) id: ModuleId,
    pub(super) digest: Digest,
    /// What it may reach in a trial, and the files it then sees.
    pub(super) grants: Grants,
    pub(super) files: Files,
    /// Of the bytes, the grants and all that the files hold: what a run depends on of the module itself.
    pub(super) identity: Digest,
    bytes: Vec<u8>,
    loaded: OnceLock<Loaded>,
    statics: OnceLock<StaticScores>,
}

impl Candidates {
    pub(super) fn get(&self, project: &Project, id: &ModuleId) -> Result<Arc<Candidate>, EvaluateError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(candidate) = known.get(id) {
            return Ok(Arc::clone(candidate));
        }
        let candidate = Arc::new(Candidate::new(project, id, project.module_bytes(id)?)?);
        known.insert(id.clone(), Arc::clone(&candidate));
        Ok(candidate)
    }
}

impl Candidates {
    /// A module that does not come from the repository.
    pub(super) fn put(&self, candidate: Arc<Candidate>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(candidate.id.clone(), candidate);
    }
}

impl Candidate {
    pub(super) fn new(project: &Project, id: &ModuleId, bytes: Vec<u8>) -> Result<Self, EvaluateError> {
        let digest = Digest::of(&bytes);
        let grants = project.grants_of(&digest).for_trials();
        let files = Files::open(&grants.dirs)?;
        let identity =
            Digest::of_parts([digest.as_bytes().as_slice(), &super::json(&grants), files.digest().as_bytes()]);
        let (loaded, statics) = (OnceLock::new(), OnceLock::new());
        Ok(Self { id: id.clone(), digest, grants, files, identity, bytes, loaded, statics })
    }

    /// The compiled module, or why there is none.
    pub(super) fn load(&self, sandbox: &Sandbox) -> Result<&Loaded, EvaluateError> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        // Two threads may both load it; the sandbox compiles one at a time, and the second finds it cached.
        let loaded = sandbox.load(&self.bytes)?;
        Ok(self.loaded.get_or_init(|| loaded))
    }

    /// What its bytes say of its quality.
    pub(super) fn statics(&self) -> StaticScores {
        *self.statics.get_or_init(|| {
            // Bytes that are no module have no quality, and are exposed to nothing.
            statics(&self.bytes).map_or(
                StaticScores { maintainability: 0.0, code_quality: 0.0, security_score: 0.0, exposure: 0.0 },
                |found| StaticScores {
                    maintainability: found.maintainability,
                    code_quality: found.code_quality,
                    security_score: found.security_score,
                    exposure: found.exposure,
                },
            )
        })
    }
}
