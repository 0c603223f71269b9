//! What is integrated: looked at, and changed by a person's decision.

use std::path::Path;

use holobiont_core::graph::{Integrated, ModuleMap, Orphan, OrphanModules};
use holobiont_core::{Digest, ModuleId, Outcome, WorkflowText, nearest, printable};
use serde::Serialize;

use crate::documents::WorkflowFile;
use crate::history::{REMOVED, append, now_ms};
use crate::project::{Project, ProjectError};
use crate::store::{Store, StoreError};
use crate::transaction::{Transaction, TransactionError};

/// The kind of event that integrating a module by hand is.
pub(crate) const PINNED: &str = "pinned";

/// The schema of its document.
pub(crate) const PINNED_SCHEMA: &str = "holobiont.pinned/1";

/// The schema of the event that taking a module out by hand is.
pub(crate) const REMOVED_SCHEMA: &str = "holobiont.removed/1";

/// Why a module is an orphan that somebody took out.
const BY_HAND: &str = "removed by hand";

/// What became of a module's file since it was integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It has the bytes that were measured.
    AsMeasured,
    /// It has others.
    Changed,
    /// It is not there, or cannot be read.
    Missing,
}

impl FileState {
    fn of(measured: Digest, now: Option<Digest>) -> Self {
        match now {
            None => Self::Missing,
            Some(digest) if digest == measured => Self::AsMeasured,
            Some(_) => Self::Changed,
        }
    }
}

/// A module of the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MappedModule {
    /// Its id.
    pub id: ModuleId,
    /// What is known of it.
    #[serde(flatten)]
    pub integrated: Integrated,
    /// What became of its file.
    pub file: FileState,
}

/// What a workflow has a module for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A step.
    Step,
    /// A member that is no step.
    Member,
    /// What says what an output is worth.
    Scorer,
}

/// A workflow that holds a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UsedBy {
    /// Its file.
    pub workflow: String,
    /// What for.
    pub role: Role,
}

/// All that the project's files say of one module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModuleShown {
    /// Its id.
    pub id: ModuleId,
    /// The digest of its bytes now; none where they cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The map's entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrated: Option<Integrated>,
    /// What became of its file since it was integrated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileState>,
    /// The workflows that hold it; those that do not read are not looked into.
    pub used_by: Vec<UsedBy>,
    /// The entry among the orphans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orphan: Option<Orphan>,
}

/// Why what is integrated cannot be told or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModulesError {
    /// A file of the project is wrong.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The files were not changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The files were changed, and the history does not say so.
    #[error("the files were changed, but the history does not say so: {0}")]
    NotKept(#[source] StoreError),
    /// Nobody knows a module of a name.
    #[error("no module `{}`: {remedy}", printable(name))]
    Unknown {
        /// The name.
        name: String,
        /// What would be right.
        remedy: String,
    },
    /// A file that cannot be integrated.
    #[error("{id} cannot be pinned: {outcome}")]
    NoModule {
        /// Its id.
        id: ModuleId,
        /// What is wrong with it.
        outcome: Outcome,
    },
    /// A module that is in nothing.
    #[error("module `{0}` is neither in the map nor in a workflow: there is nothing to remove")]
    NotUsed(ModuleId),
    /// A workflow that would be none without a module.
    #[error(
        "{} would have no step left without `{module}`: give it another step first, or take that file away",
        printable(workflow)
    )]
    LastStep {
        /// The module.
        module: ModuleId,
        /// The workflow's file.
        workflow: String,
    },
}

/// A change of what is integrated that has been looked into, and not been made yet.
#[derive(Debug)]
#[must_use = "nothing is changed before `make`"]
#[non_exhaustive]
pub struct ModuleChange {
    /// The module.
    pub module: ModuleId,
    /// The digest that the map has of it: afterwards, or where it is removed, before. Of one that only workflows held,
    /// that of its bytes.
    pub digest: Option<Digest>,
    /// The workflows that change.
    pub workflows: Vec<String>,
    kind: &'static str,
    schema: &'static str,
    transaction: Transaction,
}

/// What is kept of a change.
#[derive(Serialize)]
struct Event<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    workflows: &'a [String],
}

impl ModuleChange {
    /// Changes the files, all of them or none, and notes it in the history.
    ///
    /// # Errors
    ///
    /// [`ModulesError::Transaction`] when nothing was changed, [`ModulesError::NotKept`] when it was not noted.
    pub fn make(self, store: &dyn Store) -> Result<(), ModulesError> {
        self.transaction.commit()?;
        let event = Event { schema: self.schema, digest: self.digest, workflows: &self.workflows };
        append(store, self.kind, self.module.as_str(), &event).map(drop).map_err(ModulesError::NotKept)
    }
}

/// What the project's files say, with the digests that a change is made from.
struct Known {
    map: (ModuleMap, Option<Digest>),
    orphans: (OrphanModules, Option<Digest>),
    workflows: Vec<WorkflowFile>,
}

impl Known {
    fn of(project: &Project) -> Result<Self, ProjectError> {
        let (map, orphans) = (project.module_map()?, project.orphan_modules()?);
        Ok(Self { map, orphans, workflows: project.workflow_files()? })
    }

    fn ids(&self) -> Vec<&ModuleId> {
        let good = self.workflows.iter().filter_map(|file| file.workflow.as_ref().ok());
        let used = good.flat_map(|workflow| workflow.modules().into_iter().chain(workflow.objective.scorer()));
        let mut ids: Vec<&ModuleId> =
            self.map.0.modules.keys().chain(self.orphans.0.modules.keys()).chain(used).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The module of a name: its id, the last part of one that no other has, or the path of a file.
    fn module(&self, project: &Project, name: &str) -> Result<ModuleId, ModulesError> {
        let ids = self.ids();
        let given = ModuleId::new(name).ok();
        if let Some(id) = ids.iter().find(|id| given.as_ref() == Some(**id)) {
            return Ok((*id).clone());
        }
        if let Some(id) = only(&ids, name) {
            return Ok(id.clone());
        }
        // A path from the folder that a person is in, or from the repository.
        let path = Path::new(name);
        if path.is_file() {
            return Ok(project.id_of(path)?);
        }
        if let Some(id) = given.filter(|id| project.path_of(id).is_ok_and(|path| path.is_file())) {
            return Ok(id);
        }
        // One that no file of the project tells of yet. Without a discovery there are fewer names to choose from.
        let found = project.discover_dry(&[]).map(|found| found.kinds).unwrap_or_default();
        let all: Vec<&ModuleId> =
            found.keys().chain(ids.iter().copied().filter(|id| !found.contains_key(*id))).collect();
        if let Some(id) = only(&all, name) {
            return Ok(id.clone());
        }
        let names = all.iter().flat_map(|id| [id.as_str(), id.short()]);
        let near =
            nearest(name, names).and_then(|near| all.iter().find(|id| [id.as_str(), id.short()].contains(&near)));
        let remedy = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "it is not in the map, not among the orphans, in no workflow, and no file".to_owned(),
        };
        Err(ModulesError::Unknown { name: name.to_owned(), remedy })
    }
}

impl Project {
    /// The digest of a module's bytes now; none where they cannot be read.
    pub(crate) fn digest_now(&self, id: &ModuleId) -> Option<Digest> {
        self.module_bytes(id).ok().map(|bytes| Digest::of(&bytes))
    }

    /// What became of a module's file, if it is integrated.
    pub(crate) fn state_of(&self, map: &ModuleMap, id: &ModuleId) -> Option<FileState> {
        map.modules.get(id).map(|known| FileState::of(known.digest, self.digest_now(id)))
    }

    /// The modules that are integrated, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] when the map is wrong.
    pub fn modules(&self) -> Result<Vec<MappedModule>, ProjectError> {
        let (map, _) = self.module_map()?;
        let mapped = map.modules.into_iter().map(|(id, integrated)| {
            let file = FileState::of(integrated.digest, self.digest_now(&id));
            MappedModule { id, integrated, file }
        });
        Ok(mapped.collect())
    }

    /// What is known of a module, by its id, the last part of that, or the path of its file.
    ///
    /// # Errors
    ///
    /// [`ModulesError::Unknown`] with the nearest, and where a file of the project is wrong.
    pub fn module(&self, name: &str) -> Result<ModuleShown, ModulesError> {
        let known = Known::of(self)?;
        let id = known.module(self, name)?;
        let used_by = used_by(&known.workflows, &id);
        let (digest, integrated) = (self.digest_now(&id), known.map.0.modules.get(&id).cloned());
        let file = integrated.as_ref().map(|known| FileState::of(known.digest, digest));
        let orphan = known.orphans.0.modules.get(&id).cloned();
        Ok(ModuleShown { digest, integrated, file, used_by, orphan, id })
    }

    /// Looks into putting a module into the map with the bytes that it has now, by a person's decision and not by a
    /// test; of one that is there only the digest changes. It is no orphan then. None where it has those bytes already.
    ///
    /// # Errors
    ///
    /// [`ModulesError`] when nobody knows it, it is no module, or a file of the project is wrong.
    pub fn pinning(&self, name: &str) -> Result<Option<ModuleChange>, ModulesError> {
        let known = Known::of(self)?;
        let id = known.module(self, name)?;
        let Known { map: (mut map, map_digest), orphans: (mut orphans, orphans_digest), .. } = known;
        let bytes = self.module_bytes(&id)?;
        holobiont_sandbox::inspect(&bytes).map_err(|outcome| ModulesError::NoModule { id: id.clone(), outcome })?;
        let digest = Digest::of(&bytes);
        match map.modules.get_mut(&id) {
            Some(entry) if entry.digest == digest => return Ok(None),
            Some(entry) => entry.digest = digest,
            None => {
                map.modules.insert(id.clone(), Integrated { digest, group: Vec::new(), since_ms: now_ms() });
            }
        }
        let was_orphan = orphans.modules.remove(&id).is_some();
        let transaction = self.changing(Some((&map, map_digest)), was_orphan.then_some((&orphans, orphans_digest)))?;
        let (kind, schema) = (PINNED, PINNED_SCHEMA);
        Ok(Some(ModuleChange { module: id, digest: Some(digest), workflows: Vec::new(), kind, schema, transaction }))
    }

    /// Looks into taking a module out of the map and out of every workflow; it is an orphan then.
    ///
    /// # Errors
    ///
    /// [`ModulesError`] when nobody uses it, a workflow would have no step left, or a file of the project is wrong:
    /// a workflow that does not read may hold it.
    pub fn removing(&self, name: &str) -> Result<ModuleChange, ModulesError> {
        let known = Known::of(self)?;
        let id = known.module(self, name)?;
        let Known { map: (mut map, map_digest), orphans: (mut orphans, orphans_digest), workflows: files } = known;
        let was_mapped = map.modules.remove(&id);
        orphans.modules.entry(id.clone()).or_default().reason = Some(BY_HAND.to_owned());
        let mut transaction =
            self.changing(was_mapped.is_some().then_some((&map, map_digest)), Some((&orphans, orphans_digest)))?;
        let mut workflows = Vec::new();
        for file in files {
            let wrong = |source| ProjectError::Workflow { path: file.path.clone(), source };
            let workflow = file.workflow.map_err(wrong)?;
            if !workflow.modules().contains(&&id) {
                continue;
            }
            if workflow.steps.iter().all(|step| step.module == id) {
                return Err(ModulesError::LastStep { module: id, workflow: file.path });
            }
            let mut text = WorkflowText::parse(&file.text).map_err(wrong)?;
            text.remove_module(&id).map_err(wrong)?;
            transaction.replace(&file.path, Some(file.digest), text.to_string());
            workflows.push(file.path);
        }
        if was_mapped.is_none() && workflows.is_empty() {
            return Err(ModulesError::NotUsed(id));
        }
        let (kind, schema) = (REMOVED, REMOVED_SCHEMA);
        // Of one that only workflows held, the bytes that there are: a self-test leaves out what was taken out by hand.
        let bytes = || self.module_bytes(&id).ok().map(|bytes| Digest::of(&bytes));
        let digest = was_mapped.map(|integrated| integrated.digest).or_else(bytes);
        Ok(ModuleChange { module: id, digest, workflows, kind, schema, transaction })
    }

    /// A change of what is given, each with the digest of its file.
    fn changing(
        &self,
        map: Option<(&ModuleMap, Option<Digest>)>,
        orphans: Option<(&OrphanModules, Option<Digest>)>,
    ) -> Result<Transaction, ProjectError> {
        let wrong = |name: &str| {
            let path = self.data_dir().join(name);
            move |source| ProjectError::Document { path, source }
        };
        let mut transaction = self.transaction();
        if let Some((map, before)) = map {
            let text = map.to_json().map_err(wrong(Self::MODULE_MAP))?;
            transaction.replace_in_data(Self::MODULE_MAP, before, text);
        }
        if let Some((orphans, before)) = orphans {
            let text = orphans.to_json().map_err(wrong(Self::ORPHAN_MODULES))?;
            transaction.replace_in_data(Self::ORPHAN_MODULES, before, text);
        }
        Ok(transaction)
    }
}

/// The module whose last part is a name, if there is one and no other.
fn only<'a>(ids: &[&'a ModuleId], name: &str) -> Option<&'a ModuleId> {
    let mut shorts = ids.iter().filter(|id| id.short() == name.strip_suffix(".wasm").unwrap_or(name));
    shorts.next().filter(|_| shorts.next().is_none()).copied()
}

/// The workflows that hold a module; those that do not read are not looked into.
pub(crate) fn used_by(workflows: &[WorkflowFile], id: &ModuleId) -> Vec<UsedBy> {
    let mut used_by = Vec::new();
    for file in workflows {
        let Ok(workflow) = &file.workflow else { continue };
        let roles = [
            (Role::Step, workflow.steps.iter().any(|step| step.module == *id)),
            (Role::Member, workflow.members.iter().any(|member| member.module == *id)),
            (Role::Scorer, workflow.objective.scorer() == Some(id)),
        ];
        let held = roles.into_iter().filter(|(_, is_held)| *is_held);
        used_by.extend(held.map(|(role, _)| UsedBy { workflow: file.path.clone(), role }));
    }
    used_by
}

#[cfg(test)]
mod tests;
