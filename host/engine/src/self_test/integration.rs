//! What passed goes into the project's files, all at once.

use std::collections::BTreeSet;

use holobiont_core::graph::{Integrated, ModuleMap, Orphan, OrphanModules};
use holobiont_core::{Digest, ModuleId, Workflow, WorkflowText};
use serde::Serialize;

use super::SelfTestError;
use super::joining::Joined;
use super::tested::Tested;
use crate::discover::Discovery;
use crate::documents::WorkflowFile;
use crate::evaluate::EvaluateError;
use crate::history::{append, now_ms};
use crate::project::{Project, ProjectError};
use crate::store::Store;

/// The kind of event that integrating a module is.
pub(crate) const INTEGRATED: &str = "integrated";

/// The schema of its document.
pub(crate) const INTEGRATED_SCHEMA: &str = "holobiont.integrated/1";

/// What is said of a module that is integrated and still listed.
const LISTED: &str = "integrated; --clean-orphans drops it from this list";

/// What is to be taken into a project.
pub(super) struct Taken<'a> {
    pub(super) project: &'a Project,
    pub(super) discovery: &'a Discovery,
    pub(super) tested: &'a [Tested],
    pub(super) files: &'a [WorkflowFile],
    /// For each of the files.
    pub(super) joined: &'a [Joined],
    /// orphan_modules.json and the digest of its bytes, as it was before.
    pub(super) listed: (OrphanModules, Option<Digest>),
    /// The same of module_map.json.
    pub(super) map: (ModuleMap, Option<Digest>),
}

/// The event of a module's integration.
#[derive(Serialize)]
struct IntegratedEvent<'a> {
    schema: &'static str,
    module: &'a ModuleId,
    digest: Digest,
    group: &'a [ModuleId],
    workflows: Vec<&'a str>,
}

impl Taken<'_> {
    /// Changes module_map.json, orphan_modules.json and the workflows in one transaction, and says what is in the map
    /// now and was not before.
    pub(super) fn integrate(&self, store: &dyn Store) -> Result<Vec<ModuleId>, SelfTestError> {
        let (mut map, map_digest) = self.map.clone();
        let new = self.add_to(&mut map);
        let mut transaction = self.project.transaction();
        let json = |name: &str, text: Result<String, holobiont_core::graph::DocumentError>| {
            let path = self.project.data_dir().join(name);
            text.map_err(|source| ProjectError::Document { path, source })
        };
        if map != self.map.0 {
            let text = json(Project::MODULE_MAP, map.to_json())?;
            transaction.replace_in_data(Project::MODULE_MAP, map_digest, text);
        }
        let orphans = json(Project::ORPHAN_MODULES, self.orphans().to_json())?;
        transaction.replace_in_data(Project::ORPHAN_MODULES, self.listed.1, orphans);
        for (file, joined) in self.files.iter().zip(self.joined) {
            if let (true, Ok(before), Some(after)) = (joined.report.kept, &file.workflow, &joined.workflow) {
                transaction.replace(&file.path, Some(file.digest), changed_text(file, before, after)?);
            }
        }
        transaction.commit()?;
        for module in &new {
            let Some(integrated) = map.modules.get(module) else { continue };
            let workflows = self.joined.iter().filter(|joined| joined.report.kept);
            let event = IntegratedEvent {
                schema: INTEGRATED_SCHEMA,
                module,
                digest: integrated.digest,
                group: &integrated.group,
                workflows: workflows
                    .filter(|joined| joined.workflow.iter().any(|workflow| workflow.modules().contains(&module)))
                    .map(|joined| joined.report.workflow.as_str())
                    .collect(),
            };
            append(store, INTEGRATED, module.as_str(), &event)?;
        }
        Ok(new)
    }

    fn passed(&self) -> impl Iterator<Item = &Tested> {
        self.tested.iter().filter(|candidate| candidate.report.passed)
    }

    /// Adds what passed to the map, with what it imports; says what is new in it.
    fn add_to(&self, map: &mut ModuleMap) -> Vec<ModuleId> {
        let since_ms = now_ms();
        let mut new = BTreeSet::new();
        for candidate in self.passed() {
            let unit = &candidate.unit;
            let group = self.group_of(&unit.module).unwrap_or_else(|| match unit.imports.as_slice() {
                [] => Vec::new(),
                imports => [&unit.module].into_iter().chain(imports).cloned().collect(),
            });
            for module in [&unit.module].into_iter().chain(&unit.imports) {
                let Some(facts) = self.discovery.graph.module(module) else { continue };
                if let Some(known) = map.modules.get_mut(module).filter(|known| known.digest == facts.digest) {
                    // It has found company.
                    if self.group_of(module).is_some() {
                        known.group.clone_from(&group);
                    }
                    continue;
                }
                let integrated = Integrated { digest: facts.digest, group: group.clone(), since_ms };
                map.modules.insert(module.clone(), integrated);
                new.insert(module.clone());
            }
        }
        new.into_iter().collect()
    }

    /// The modules of the workflow that a module was put into.
    fn group_of(&self, module: &ModuleId) -> Option<Vec<ModuleId>> {
        let holds = |joined: &&Joined| {
            joined.report.kept && joined.report.inserted.iter().any(|inserted| inserted.module == *module)
        };
        let workflow = self.joined.iter().find(holds)?.workflow.as_ref()?;
        Some(workflow.modules().into_iter().cloned().collect())
    }

    /// The list of orphans after all this: what failed says why, what passed is dropped or says that it is in use.
    fn orphans(&self) -> OrphanModules {
        let config = &self.project.settings.self_test;
        let mut orphans = self.discovery.merged(&self.listed.0, config.refresh_orphans);
        for candidate in super::new(self.tested).filter(|candidate| !candidate.report.passed) {
            if let Some(orphan) = orphans.modules.get_mut(&candidate.unit.module) {
                orphan.redundant = candidate.report.redundant;
                orphan.reason = Some(candidate.report.reasons.join("; "));
            }
        }
        for unit in self.passed().map(|candidate| &candidate.unit) {
            for module in [&unit.module].into_iter().chain(&unit.imports) {
                if config.clean_orphans {
                    orphans.modules.remove(module);
                } else if let Some(orphan) = orphans.modules.get_mut(module) {
                    *orphan = Orphan { redundant: false, reason: Some(LISTED.to_owned()), ..orphan.clone() };
                }
            }
        }
        orphans
    }
}

/// A workflow's text with the steps and members that it has by now.
fn changed_text(file: &WorkflowFile, before: &Workflow, after: &Workflow) -> Result<String, SelfTestError> {
    let wrong = |words: String| EvaluateError::Fault(format!("{}: {words}", file.path));
    let mut text = WorkflowText::parse(&file.text).map_err(|error| wrong(error.to_string()))?;
    for (place, step) in after.steps.iter().enumerate() {
        if !before.steps.contains(step) {
            text.insert_step(place, step);
        }
    }
    for member in after.members.iter().filter(|member| !before.members.contains(member)) {
        text.add_member(&member.module);
    }
    let text = text.to_string();
    match Workflow::parse(&text) {
        Ok(workflow) if workflow == *after => Ok(text),
        Ok(_) => Err(wrong("the changed text is another workflow than the one that was measured".to_owned()).into()),
        Err(error) => Err(wrong(error.to_string()).into()),
    }
}
