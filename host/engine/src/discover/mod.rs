//! Discovery: from the components in a folder to who imports from whom, what nobody uses yet, and what is there twice.
//!
//! Walk (`walk.rs`), read and look at what changed (`read.rs`, `cache.rs`), then everything else is core's `graph`.
//! Whatever files are, it is data: what cannot be used is [`Skipped`], with a reason.

mod cache;
mod read;
mod skipped;
#[cfg(test)]
mod tests;
mod walk;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use holobiont_core::graph::{
    ClosureError, HOST_PREFIXES, ImportGraph, Integrated, ModuleFacts, ModuleMap, Orphan, OrphanModules, Redundancy,
};
use holobiont_core::{Digest, ModuleId, printable};
use holobiont_sandbox::ModuleKind;

use self::cache::Cache;
use self::read::{Read, Reading};
use self::walk::{Found, Walk, Walked};
use crate::project::{Project, ProjectError};
use crate::transaction::TransactionError;

pub use self::skipped::{SkipReason, Skipped};
pub use self::workflows::Reached;

/// Why nothing could be discovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// A folder that is to be looked through cannot be.
    #[error("[discover] roots: `{}` {reason}", printable(.root))]
    Root {
        /// The folder, as it is named.
        root: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", printable(&path.to_string_lossy()))]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A document or a workflow's folder cannot be read, or does not read.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The list of orphans cannot be changed.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
}

/// What was found in a repository.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Discovery {
    /// Who imports what others export. In use, and so first choice, are the modules of the map whose bytes are those
    /// that passed, and those that workflows reach.
    pub graph: ImportGraph,
    /// What each module of the graph is to the host.
    pub kinds: BTreeMap<ModuleId, ModuleKind>,
    /// The modules that nobody uses. The reason of one that is not redundant is why it cannot be linked.
    pub orphans: BTreeMap<ModuleId, Orphan>,
    /// Those of them that neither import from others nor are imported from.
    pub isolated: BTreeSet<ModuleId>,
    /// The modules that are there twice, by the one that is not needed.
    pub redundancies: BTreeMap<ModuleId, Redundancy>,
    /// The modules of the map whose bytes are not those that passed: they are candidates again.
    pub changed: Vec<ModuleId>,
    /// The modules of the map that are not there.
    pub missing: Vec<ModuleId>,
    /// What could not be used.
    pub skipped: Vec<Skipped>,
    /// How many contents were looked at for the first time.
    pub parsed: usize,
    /// How many files were not even read, since nothing about them changed.
    pub unchanged: usize,
    /// What there is by its path, usable or not.
    there: BTreeSet<String>,
    /// What is to be kept for the next time, where that is something new.
    cache: Option<Cache>,
}

impl Project {
    /// What there is, beside the modules that workflows reach
    /// ([`reached_by_workflows`](Self::reached_by_workflows)). What was read is kept in the folder of state, so that
    /// the next time only what changed is read.
    ///
    /// # Errors
    ///
    /// [`DiscoverError`] when `[discover] roots` names no folder of the repository or module_map.json does not read.
    pub fn discover(&self, in_use: &[ModuleId]) -> Result<Discovery, DiscoverError> {
        let discovery = self.discover_dry(in_use)?;
        self.keep_cache(&discovery);
        Ok(discovery)
    }

    /// As [`discover`](Self::discover), but writes nothing.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn discover_dry(&self, in_use: &[ModuleId]) -> Result<Discovery, DiscoverError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.discover_at(in_use, i128::try_from(now.as_nanos()).unwrap_or(i128::MAX))
    }

    fn discover_at(&self, in_use: &[ModuleId], listed_ns: i128) -> Result<Discovery, DiscoverError> {
        let (map, _) = self.module_map()?;
        let settings = &self.settings;
        let most_bytes = settings.compile.module_bytes;
        let walk = Walk::new(&self.root, &settings.discover, &self.data_dir(), most_bytes)?;
        let Walked { files, skipped } = walk.files(map.modules.keys().chain(in_use))?;
        let files: Vec<Found> = files.into_values().collect();
        let reading = Reading { threads: settings.threads(), most_bytes, listed_ns };
        let mut read = reading.read(&files, Cache::read(&self.modules_cache()));
        read.skipped.extend(skipped);
        Ok(self.discovered(&map, in_use, read))
    }

    /// What follows from the modules that there are.
    fn discovered(&self, map: &ModuleMap, in_use: &[ModuleId], read: Read) -> Discovery {
        let Read { mut modules, mut skipped, cache, parsed, unchanged } = read;
        let digests: BTreeMap<&ModuleId, _> = modules.iter().map(|(facts, _)| (&facts.id, facts.digest)).collect();
        let mut used = ModuleMap::default();
        let mut changed = Vec::new();
        for (id, integrated) in &map.modules {
            match digests.get(id) {
                Some(digest) if *digest == integrated.digest => {
                    used.modules.insert(id.clone(), integrated.clone());
                }
                Some(_) => changed.push(id.clone()),
                None => {}
            }
        }
        for id in in_use {
            if let Some(digest) = digests.get(id) {
                let reached = || Integrated { digest: *digest, group: Vec::new(), since_ms: 0 };
                used.modules.entry(id.clone()).or_insert_with(reached);
            }
        }
        skipped.sort_by(|a, b| a.path.cmp(&b.path));
        let is_there = |skipped: &&Skipped| !matches!(skipped.reason, SkipReason::Vanished | SkipReason::Dangling);
        let there: BTreeSet<String> = modules
            .iter()
            .map(|(facts, _)| facts.id.as_str().to_owned())
            .chain(skipped.iter().filter(is_there).map(|skipped| skipped.path.clone()))
            .collect();
        let missing = map.modules.keys().filter(|id| !there.contains(id.as_str())).cloned().collect();

        let mut graph = self.graph(&modules, &used);
        let unwanted = self.excluded(&graph);
        if !unwanted.is_empty() {
            modules.retain(|(facts, _)| !unwanted.contains(&facts.id));
            graph = self.graph(&modules, &used);
        }
        let redundancies = graph.redundancies(&BTreeMap::new());
        let orphans = orphans(&graph, &redundancies);
        let isolated = graph.isolated().into_iter().filter(|id| orphans.contains_key(*id)).cloned().collect();
        let kinds = modules.into_iter().map(|(facts, kind)| (facts.id, kind)).collect();
        Discovery {
            graph,
            kinds,
            orphans,
            isolated,
            redundancies,
            changed,
            missing,
            skipped,
            parsed,
            unchanged,
            there,
            cache,
        }
    }

    fn graph(&self, modules: &[(ModuleFacts, ModuleKind)], used: &ModuleMap) -> ImportGraph {
        let facts = modules.iter().map(|(facts, _)| facts.clone());
        ImportGraph::new(facts, used, &self.settings.links, HOST_PREFIXES)
    }

    /// Those that the settings exclude and that nothing in use needs: they are as if they were not there, so that they
    /// are neither found, nor linked with what is, nor the ones that are kept of twins.
    fn excluded(&self, graph: &ImportGraph) -> BTreeSet<ModuleId> {
        let exclude = &self.settings.discover.exclude;
        if exclude.is_empty() {
            return BTreeSet::new();
        }
        let unused = graph.recursive_orphans([], &BTreeMap::new());
        unused.into_keys().filter(|id| exclude.contains(id)).collect()
    }

    /// The list of orphans as it is to be after a discovery: orphan_modules.json, [merged](Discovery::merged). With it
    /// the digest of the file that it was made from, which [`keep_discovery`](Self::keep_discovery) asks for.
    ///
    /// # Errors
    ///
    /// [`DiscoverError`] when it cannot be read, or does not read: it may have been changed by hand.
    pub fn orphan_list(
        &self,
        discovery: &Discovery,
        refresh: bool,
    ) -> Result<(OrphanModules, Option<Digest>), DiscoverError> {
        let (listed, before) = self.orphan_modules()?;
        Ok((discovery.merged(&listed, refresh), before))
    }

    /// Keeps what was found, and the list of orphans as it is to be, in the folder of state.
    ///
    /// # Errors
    ///
    /// [`DiscoverError::Transaction`] when the list cannot be written, or is not what it was made from any more; it is
    /// then untouched.
    pub fn keep_discovery(
        &self,
        discovery: &Discovery,
        list: &OrphanModules,
        before: Option<Digest>,
    ) -> Result<(), DiscoverError> {
        let path = self.data_dir().join(Self::ORPHAN_MODULES);
        let text = list.to_json().map_err(|source| ProjectError::Document { path, source })?;
        let mut transaction = self.transaction();
        transaction.replace_in_data(Self::ORPHAN_MODULES, before, text);
        transaction.commit()?;
        self.keep_cache(discovery);
        Ok(())
    }

    fn modules_cache(&self) -> PathBuf {
        self.data_dir().join("modules.cache")
    }

    /// Keeps what was read of modules in the folder of state, so that the next discovery reads only what changed.
    /// Where that is not possible nothing is lost: the next one takes longer and comes to the same.
    pub fn keep_cache(&self, discovery: &Discovery) {
        if let Some(cache) = &discovery.cache {
            let path = self.modules_cache();
            let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            let _ = folder.and_then(|()| cache.write(&path));
        }
    }

    /// The modules that neither the map nor a workflow uses, directly or through others, with those who import from
    /// them.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub fn discover_recursive_orphans(&self) -> Result<BTreeMap<ModuleId, Orphan>, DiscoverError> {
        Ok(self.discover(&self.reached_by_workflows()?.modules)?.orphans)
    }

    /// Those of them that neither import from others nor are imported from.
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    pub fn discover_isolated_modules(&self) -> Result<BTreeSet<ModuleId>, DiscoverError> {
        Ok(self.discover(&self.reached_by_workflows()?.modules)?.isolated)
    }
}

impl Discovery {
    /// Why a module is not needed beside another, if it is not.
    #[must_use]
    pub fn analyze_redundancy(&self, module: &ModuleId) -> Option<&Redundancy> {
        self.redundancies.get(module)
    }

    /// The list of orphans after this discovery. What was found is added, or takes the place of what the list says of
    /// it; but what a test said of it stays until another says something else. What is listed and no orphan any more stays until somebody cleans up, unless its file is gone; with
    /// `refresh` it goes too.
    #[must_use]
    pub fn merged(&self, listed: &OrphanModules, refresh: bool) -> OrphanModules {
        let mut modules = self.orphans.clone();
        if !refresh {
            for (id, orphan) in listed.modules.iter().filter(|(id, _)| self.there.contains(id.as_str())) {
                let found = modules.entry(id.clone()).or_insert_with(|| orphan.clone());
                if found.reason.is_none() {
                    (found.redundant, found.reason) = (orphan.redundant, orphan.reason.clone());
                }
            }
        }
        OrphanModules { modules }
    }
}

/// What nobody uses, each with why it is not needed or cannot be linked.
fn orphans(graph: &ImportGraph, redundancies: &BTreeMap<ModuleId, Redundancy>) -> BTreeMap<ModuleId, Orphan> {
    let mut orphans = graph.recursive_orphans([], redundancies);
    for (id, why) in graph.unlinkable() {
        if let Some(orphan) = orphans.get_mut(&id) {
            orphan.reason.get_or_insert_with(|| match why {
                ClosureError::Unmet { reason, .. } => format!("cannot be linked: {reason}"),
                why => why.to_string(),
            });
        }
    }
    orphans
}
