//! The modules of a project, as they are measured: read once, compiled only if a run has to be made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holobiont_core::graph::Interface;
use holobiont_core::{Digest, Grants, ModuleId, Outcome, StaticScores};
use holobiont_sandbox::{Facts, Files, Loaded, Member, ModuleKind, Sandbox, Wish, inspect, statics};

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
    pub(super) bytes: Vec<u8>,
    /// Whom `[link]` names for what it imports: of several in its company that export it, they come first.
    linked_with: Vec<ModuleId>,
    facts: Result<Facts, Outcome>,
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
    /// The same modules but for one.
    pub(super) fn with(&self, candidate: Candidate) -> Self {
        let others = Self { known: Mutex::new(self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()) };
        others.put(Arc::new(candidate));
        others
    }

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
        let facts = inspect(&bytes);
        let imports = facts.iter().flat_map(wanted);
        let links = &project.settings.links;
        let linked_with: Vec<ModuleId> = imports.filter_map(|import| links.module_for(id, &import).cloned()).collect();
        let (grants_key, files_key) = (crate::json::json(&grants), files.digest());
        let parts = [digest.as_bytes().as_slice(), &grants_key, files_key.as_bytes()];
        let identity = Digest::of_parts(parts.into_iter().chain(linked_with.iter().map(|id| id.as_str().as_bytes())));
        let (id, loaded, statics) = (id.clone(), OnceLock::new(), OnceLock::new());
        Ok(Self { id, digest, grants, files, identity, bytes, linked_with, facts, loaded, statics })
    }

    /// What its bytes say of it, or why they say nothing.
    pub(super) fn facts(&self) -> Result<&Facts, &Outcome> {
        self.facts.as_ref()
    }

    /// Whether it does other things with other modules about it: a pipeline, which may invoke them, or one that
    /// imports what this host does not offer.
    pub(super) fn needs_others(&self) -> bool {
        self.is_pipeline() || self.facts().is_ok_and(|facts| wanted(facts).next().is_some())
    }

    /// Whether it is told how hard to try.
    pub(super) fn is_pipeline(&self) -> bool {
        self.facts().is_ok_and(|facts| facts.kind == ModuleKind::Pipeline)
    }

    /// Whether another exports something that it imports and the host does not offer.
    fn imports_from(&self, other: &Self) -> bool {
        let (Ok(own), Ok(others)) = (self.facts(), other.facts()) else { return false };
        let exports: Vec<Interface> = others.exports.iter().filter_map(|name| name.parse().ok()).collect();
        wanted(own).any(|import| exports.iter().any(|export| export.name() == import.name()))
    }

    /// As [`Candidate::load`], with others that it may import from or invoke.
    pub(super) fn load_among(
        &self,
        sandbox: &Sandbox,
        others: &[Arc<Self>],
    ) -> Result<(Loaded, Vec<Member>), EvaluateError> {
        if !self.needs_others() {
            return Ok((self.load(sandbox)?.clone(), Vec::new()));
        }
        let loaded = self.linked(sandbox, others, &mut Vec::new())?;
        let is_pipeline = matches!(&loaded, Loaded::Ready(module) if module.kind() == ModuleKind::Pipeline);
        let mut members = Vec::new();
        for other in others.iter().filter(|_| is_pipeline) {
            let invocable = |kind| !matches!(kind, ModuleKind::Scorer | ModuleKind::Patcher | ModuleKind::Library);
            if let Loaded::Ready(module) = other.linked(sandbox, others, &mut vec![self.digest])?
                && invocable(module.kind())
            {
                let member = Member::new(other.id.clone(), module);
                members.push(member.grants(other.grants.clone()).files(other.files.clone()));
            }
        }
        Ok((loaded, members))
    }

    /// The module with what it imports from others, and they from others; `chain` holds who asks for it. Who is
    /// asked for by what it asks for gets nothing of it, and so is refused by the name of the import.
    fn linked(
        &self,
        sandbox: &Sandbox,
        others: &[Arc<Self>],
        chain: &mut Vec<Digest>,
    ) -> Result<Loaded, EvaluateError> {
        if !self.needs_others() {
            return Ok(self.load(sandbox)?.clone());
        }
        chain.push(self.digest);
        let mut providers = Vec::new();
        let mut exporters: Vec<&Arc<Self>> = others.iter().filter(|other| self.imports_from(other)).collect();
        exporters.sort_by_key(|other| !self.linked_with.contains(&other.id));
        for other in exporters {
            if !chain.contains(&other.digest)
                && let Loaded::Ready(module) = other.linked(sandbox, others, chain)?
            {
                providers.push(module);
            }
        }
        chain.pop();
        Ok(sandbox.load_among(&self.bytes, &providers)?)
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

/// The interfaces that a module imports and the host does not offer.
fn wanted(facts: &Facts) -> impl Iterator<Item = Interface> {
    facts.imports.iter().filter(|import| import.wish == Wish::Unknown).filter_map(|import| import.name.parse().ok())
}
