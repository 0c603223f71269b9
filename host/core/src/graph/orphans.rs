//! The modules that nobody uses yet.

use std::collections::BTreeMap;

use super::documents::Orphan;
use super::imports::ImportGraph;
use super::redundancy::Redundancy;
use crate::id::ModuleId;

impl ImportGraph {
    /// The modules that are not integrated and that no integrated module and none of `workflows` needs, directly or
    /// through others. Their parents are the modules that import from them, orphans all of them: what another module
    /// imports from is no orphan. One that is redundant is there too, with the reason.
    #[must_use]
    pub fn recursive_orphans<'a>(
        &self,
        workflows: impl IntoIterator<Item = &'a ModuleId>,
        redundancies: &BTreeMap<ModuleId, Redundancy>,
    ) -> BTreeMap<ModuleId, Orphan> {
        let reached = self.reached(workflows);
        let unreached = self.nodes.iter().zip(reached).filter(|(_, reached)| !reached);
        unreached
            .map(|(node, _)| {
                let redundancy = redundancies.get(&node.facts.id);
                let orphan = Orphan {
                    parents: self.ids(&node.users),
                    redundant: redundancy.is_some(),
                    reason: redundancy.map(ToString::to_string),
                };
                (node.facts.id.clone(), orphan)
            })
            .collect()
    }

    /// The modules that import from no other, not even in vain, and from which no other imports, integrated ones among
    /// them. They are candidates like any others.
    #[must_use]
    pub fn isolated(&self) -> Vec<&ModuleId> {
        let alone = self.nodes.iter().filter(|node| node.imports.is_empty() && node.users.is_empty());
        alone.map(|node| &node.facts.id).collect()
    }

    /// Of each module whether it is in use.
    fn reached<'a>(&self, workflows: impl IntoIterator<Item = &'a ModuleId>) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let integrated = self.nodes.iter().enumerate().filter(|(_, node)| node.integrated).map(|(place, _)| place);
        let mut next: Vec<usize> = integrated.chain(workflows.into_iter().filter_map(|id| self.place(id))).collect();
        while let Some(place) = next.pop() {
            if !reached[place] {
                reached[place] = true;
                next.extend(&self.nodes[place].needs);
            }
        }
        reached
    }
}
