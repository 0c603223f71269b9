//! Which modules are candidates, and why others are not.

use holobiont_core::graph::{ClosureError, Integrated, ModuleMap, Orphan, OrphanModules};
use holobiont_core::inclusion::Types;
use holobiont_core::{Digest, ModuleId, nearest};
use holobiont_sandbox::ModuleKind;

use super::SelfTestError;
use super::past::removed_by_hand;
use super::report::LeftOut;
use super::unit::Unit;
use crate::discover::Discovery;
use crate::settings::SelfTestConfig;
use crate::store::Store;

/// The candidates of a self-test, and the orphans that are none.
pub(super) struct Chosen {
    pub(super) candidates: Vec<Unit>,
    pub(super) left_out: Vec<LeftOut>,
}

/// What candidates are chosen from.
pub(super) struct Choice<'a> {
    pub(super) discovery: &'a Discovery,
    /// What orphan_modules.json said before this discovery.
    pub(super) listed: &'a OrphanModules,
    pub(super) map: &'a ModuleMap,
    /// The modules that workflows reach.
    pub(super) reached: &'a [ModuleId],
    pub(super) config: &'a SelfTestConfig,
    pub(super) store: &'a dyn Store,
}

impl Choice<'_> {
    /// The modules of these names, or all that the settings take in where none is named.
    pub(super) fn make(&self, named: &[ModuleId]) -> Result<Chosen, SelfTestError> {
        let mut chosen = Chosen { candidates: Vec::new(), left_out: Vec::new() };
        for (id, orphan) in self.discovery.orphans.iter().filter(|(id, _)| named.is_empty() || named.contains(id)) {
            let Some(facts) = self.discovery.graph.module(id) else { continue };
            match self.refusal(id, (orphan, facts.digest), !named.is_empty())? {
                Some(reason) => {
                    let (module, redundant) = (id.clone(), orphan.redundant);
                    chosen.left_out.push(LeftOut { module, redundant, reason });
                }
                None => match self.unit(id, facts.digest, false) {
                    Ok(unit) => chosen.candidates.push(unit),
                    Err(error) => {
                        let (module, reason) = (id.clone(), error.to_string());
                        chosen.left_out.push(LeftOut { module, redundant: false, reason });
                    }
                },
            }
        }
        if named.is_empty() {
            chosen.candidates.extend(self.homeless());
        }
        Ok(chosen)
    }

    /// The modules that are integrated and that no workflow reaches: what has passed by itself may find its place among
    /// others later on.
    fn homeless(&self) -> impl Iterator<Item = Unit> {
        let unit = |(id, integrated): (&ModuleId, &Integrated)| {
            let facts = self.discovery.graph.module(id).filter(|facts| facts.digest == integrated.digest)?;
            let is_step = self.discovery.kinds.get(id).is_some_and(|kind| !is_no_step(*kind));
            let is_homeless = is_step && !self.reached.contains(id);
            is_homeless.then(|| self.unit(id, facts.digest, true).ok()).flatten()
        };
        self.map.modules.iter().filter_map(unit)
    }

    /// A module with what it imports.
    fn unit(&self, id: &ModuleId, digest: Digest, integrated: bool) -> Result<Unit, ClosureError> {
        let imports = self.discovery.graph.closure(id)?.into_iter().cloned().collect();
        Ok(Unit { module: id.clone(), digest, imports, integrated, invokes: self.invokes(id), types: Types::default() })
    }

    /// Why an orphan is no candidate, if it is none.
    fn refusal(
        &self,
        id: &ModuleId,
        (orphan, digest): (&Orphan, Digest),
        is_named: bool,
    ) -> Result<Option<String>, SelfTestError> {
        if orphan.redundant {
            return Ok(Some(orphan.reason.clone().unwrap_or_else(|| "another is the same".to_owned())));
        }
        match self.discovery.kinds.get(id) {
            Some(ModuleKind::Library) => {
                let words = "is a library: it comes along with a module that imports from it";
                return Ok(Some(words.to_owned()));
            }
            Some(kind @ (ModuleKind::Scorer | ModuleKind::Patcher)) => {
                return Ok(Some(format!("is a {}: a workflow or an engine names it, it is no step", kind.name())));
            }
            _ => {}
        }
        if let Some(reason) = self.unwanted(id, is_named) {
            return Ok(Some(reason));
        }
        let is_removed = !is_named && removed_by_hand(self.store, id, &digest)?;
        Ok(is_removed.then(|| "was removed by hand; name it to have it tried again".to_owned()))
    }

    /// Why the switches leave an orphan out, if they do.
    fn unwanted(&self, id: &ModuleId, is_named: bool) -> Option<String> {
        let (config, is_listed) = (self.config, self.listed.modules.contains_key(id));
        let is_isolated = self.discovery.isolated.contains(id);
        if !is_named && is_listed && !config.include_orphans {
            return Some("listed orphans are left out (include-orphans is off)".to_owned());
        }
        if !is_named && !is_listed && !config.discover_orphans {
            return Some("is not listed, and new orphans are left out (discover-orphans is off)".to_owned());
        }
        if !is_named && is_isolated && !config.auto_include_isolated {
            return Some("is isolated, and those are left out (auto-include-isolated is off)".to_owned());
        }
        let imports = self.discovery.graph.closure(id).ok()?;
        let needed = imports.into_iter().find(|import| self.discovery.orphans.contains_key(*import))?;
        let follows = self.config.recursive_orphans;
        (!follows).then(|| format!("imports from `{needed}`, which nobody uses either, and imports are not followed"))
    }

    /// Whether a candidate that reaches others by invoking them is tried with the workflow's modules at hand, as one
    /// that imports from others is tried with those.
    fn invokes(&self, id: &ModuleId) -> bool {
        let follows = if self.discovery.isolated.contains(id) {
            self.config.recursive_isolated
        } else {
            self.config.recursive_orphans
        };
        follows && self.discovery.kinds.get(id) == Some(&ModuleKind::Pipeline)
    }
}

/// Why a module is no orphan.
pub(super) fn why_no_orphan(discovery: &Discovery, id: &ModuleId) -> String {
    if discovery.graph.module(id).is_some() {
        return "is in use already: see `holobiont modules list` and `holobiont workflows list`".to_owned();
    }
    if let Some(skipped) = discovery.skipped.iter().find(|skipped| skipped.path == id.as_str()) {
        return format!("was skipped: {}", skipped.reason);
    }
    let below = format!("{id}/");
    if let Some(inside) = discovery.orphans.keys().find(|orphan| orphan.as_str().starts_with(&below)) {
        return format!("is a folder: name the modules in it that are to be tried, such as `{inside}`");
    }
    // It may have been named without its folder.
    let same = discovery.orphans.keys().find(|orphan| orphan.short() == id.short()).map(ModuleId::as_str);
    match same.or_else(|| nearest(id.as_str(), discovery.orphans.keys().map(ModuleId::as_str))) {
        Some(near) => format!("is no module of the folders that are looked through: did you mean `{near}`?"),
        None => "is no module of the folders that are looked through ([discover] roots)".to_owned(),
    }
}

/// Whether modules of a kind take no input.
fn is_no_step(kind: ModuleKind) -> bool {
    matches!(kind, ModuleKind::Library | ModuleKind::Scorer | ModuleKind::Patcher)
}
