//! Modules that are there twice: which of two is kept, and why the other is not needed.

use std::collections::BTreeMap;
use std::fmt;

use super::imports::{ImportGraph, Node};
use crate::id::{Digest, ModuleId};

/// What a module did with the inputs of the scenarios. One that did not complete on each of them has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// The digest of the output of each input, in an order that is the same for all modules.
    pub outputs: Vec<Digest>,
    /// What that cost, in credits.
    pub cost: f64,
}

/// Why a module is not needed beside another.
#[derive(Clone, Debug, PartialEq)]
pub struct Redundancy {
    /// The one that is kept.
    pub kept: ModuleId,
    /// What is the same.
    pub sameness: Sameness,
}

/// What is the same of two modules.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sameness {
    /// All bytes.
    Bytes,
    /// All but custom sections.
    Code,
    /// Exports, and outputs on all inputs, at no lower cost.
    Behaviour {
        /// How many inputs there were.
        inputs: usize,
        /// What they cost, in credits.
        cost: f64,
        /// What they cost with the module that is kept.
        kept_cost: f64,
    },
}

impl fmt::Display for Redundancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kept, sameness } = self;
        match sameness {
            Sameness::Bytes => write!(f, "has the same bytes as `{kept}`"),
            Sameness::Code => write!(f, "has the same code as `{kept}`, only custom sections differ"),
            Sameness::Behaviour { inputs, cost, kept_cost } => write!(
                f,
                "exports what `{kept}` does and gives the same outputs on all {inputs} inputs, for {cost} credits \
                 where that one takes {kept_cost}"
            ),
        }
    }
}

impl ImportGraph {
    /// The modules that are not needed, since another has the same bytes, the same code, or the same exports and the
    /// same outputs at no higher cost; that other is needed itself, or has its own entry here.
    ///
    /// Of two with the same bytes or code the one that is integrated is kept, then the one with the lesser id. Of two
    /// that behave alike the cheaper is kept, and at equal cost the same rule holds; but an integrated module does not
    /// give way to one that is not. Behaviours on no inputs, and costs that are not finite, say nothing.
    #[must_use]
    pub fn redundancies(&self, behaviours: &BTreeMap<ModuleId, Behaviour>) -> BTreeMap<ModuleId, Redundancy> {
        let mut nodes: Vec<&Node> = self.nodes.iter().collect();
        nodes.sort_by_key(|node| (!node.integrated, &node.facts.id));
        let mut found = BTreeMap::new();
        let of_bytes: fn(&Node) -> Digest = |node| node.facts.digest;
        for (digest, sameness) in [(of_bytes, Sameness::Bytes), (|node| node.facts.code_digest, Sameness::Code)] {
            let mut first: BTreeMap<Digest, &ModuleId> = BTreeMap::new();
            nodes.retain(|node| {
                let kept = *first.entry(digest(node)).or_insert(&node.facts.id);
                if *kept != node.facts.id {
                    found.insert(node.facts.id.clone(), Redundancy { kept: kept.clone(), sameness });
                }
                *kept == node.facts.id
            });
        }
        found.extend(by_behaviour(&nodes, behaviours));
        found
    }
}

/// One of those that behave alike.
#[derive(Clone, Copy)]
struct Alike<'a> {
    node: &'a Node,
    cost: f64,
}

/// The redundant ones of modules that are sorted by who is kept at equal cost.
fn by_behaviour(
    nodes: &[&Node],
    behaviours: &BTreeMap<ModuleId, Behaviour>,
) -> impl Iterator<Item = (ModuleId, Redundancy)> {
    let mut alike: BTreeMap<(Vec<&str>, &[Digest]), Vec<Alike<'_>>> = BTreeMap::new();
    for node in nodes {
        let Some(Behaviour { outputs, cost }) = behaviours.get(&node.facts.id) else { continue };
        if outputs.is_empty() || !cost.is_finite() {
            continue;
        }
        let mut exports: Vec<&str> = node.facts.exports.iter().map(String::as_str).collect();
        exports.sort_unstable();
        exports.dedup();
        alike.entry((exports, outputs)).or_default().push(Alike { node, cost: *cost });
    }
    let redundant = alike.into_iter().flat_map(|((_, outputs), alike)| {
        let integrated = cheapest(alike.iter().filter(|one| one.node.integrated));
        let candidate = cheapest(alike.iter().filter(|one| !one.node.integrated));
        let redundancy = |one: &Alike<'_>| {
            let kept = match integrated {
                Some(kept) if kept.cost <= one.cost => kept,
                _ if one.node.integrated => return None,
                _ => candidate?,
            };
            let (id, kept_id) = (&one.node.facts.id, &kept.node.facts.id);
            let sameness = Sameness::Behaviour { inputs: outputs.len(), cost: one.cost, kept_cost: kept.cost };
            (id != kept_id).then(|| (id.clone(), Redundancy { kept: kept_id.clone(), sameness }))
        };
        alike.iter().filter_map(redundancy).collect::<Vec<_>>()
    });
    redundant.collect::<Vec<_>>().into_iter()
}

/// The first of those with the least cost.
fn cheapest<'a, 'b>(alike: impl Iterator<Item = &'b Alike<'a>>) -> Option<Alike<'a>>
where
    'a: 'b,
{
    alike.copied().min_by(|a, b| a.cost.total_cmp(&b.cost))
}
