//! What holds of all graphs.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::graph::Interface;

/// Modules `m00`, `m01`, ... with some of a few interfaces in a few versions.
fn modules() -> impl Strategy<Value = Vec<ModuleFacts>> {
    let name = (0..5u8, 0..2u8, 0..2u8).prop_map(|(which, major, minor)| match (which, major) {
        (4, _) => "wasi:io/poll@0.2.0".to_owned(),
        (which, 0) => format!("a:b/i{which}@0.{minor}.{minor}"),
        (which, _) => format!("a:b/i{which}@1.{minor}.0"),
    });
    let names = || proptest::collection::vec(name.clone(), 0..4);
    proptest::collection::vec((names(), names(), 0..20u8), 1..12).prop_map(|rows| {
        let facts = |(number, (imports, exports, code)): (usize, (Vec<String>, Vec<String>, u8))| ModuleFacts {
            imports,
            exports,
            code_digest: Digest::of(&[code]),
            ..module(&format!("m{number:02}"), &[], &[])
        };
        rows.into_iter().enumerate().map(facts).collect()
    })
}

fn some_of(chosen: &[bool], modules: &[ModuleFacts]) -> Vec<String> {
    modules.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(facts, _)| facts.id.to_string()).collect()
}

fn made(modules: &[ModuleFacts], map: &[String]) -> ImportGraph {
    graph(modules.to_vec(), &map.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Everybody that is reached from some along edges, with those.
fn reached(graph: &ImportGraph, from: &[String]) -> BTreeSet<ModuleId> {
    let mut reached: BTreeSet<ModuleId> = from.iter().map(|path| id(path)).collect();
    loop {
        let more: Vec<ModuleId> = graph
            .edges()
            .filter(|edge| reached.contains(edge.importer) && !reached.contains(edge.exporter))
            .map(|edge| edge.exporter.clone())
            .collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

fn chosen() -> impl Strategy<Value = Vec<bool>> {
    proptest::collection::vec(proptest::bool::weighted(0.2), 12)
}

proptest! {
    #[test]
    fn each_import_is_the_hosts_or_met_by_what_goes_with_it_or_has_a_reason(modules in modules(), map in chosen()) {
        let map = some_of(&map, &modules);
        let graph = made(&modules, &map);
        let parse = |name: &str| name.parse::<Interface>().expect("an interface");
        let mut met = BTreeSet::new();
        for edge in graph.edges() {
            prop_assert_ne!(edge.importer, edge.exporter);
            prop_assert!(parse(edge.export).meets(&parse(edge.import)));
            let exporter = graph.module(edge.exporter).expect("a module");
            prop_assert!(exporter.exports.iter().any(|name| name == edge.export));
            met.insert((edge.importer.clone(), edge.import.to_owned()));
        }
        for error in graph.unmet() {
            let (importer, import, candidates) = match error {
                ImportError::Missing { importer, import, .. } => (importer, import, Vec::new()),
                ImportError::Ambiguous { importer, import, candidates } => (importer, import, candidates),
                other => return Err(TestCaseError::fail(other.to_string())),
            };
            let exports = |facts: &&ModuleFacts| facts.exports.iter().any(|name| parse(name).meets(&import));
            let all: Vec<ModuleId> =
                modules.iter().filter(exports).map(|facts| facts.id.clone()).filter(|id| *id != importer).collect();
            prop_assert_eq!(&candidates, &all);
            prop_assert_ne!(candidates.len(), 1);
            prop_assert_ne!(all.iter().filter(|id| map.iter().any(|path| path == id.as_str())).count(), 1);
            prop_assert!(met.insert((importer, import.to_string())), "both met and not");
        }
        let wanted: BTreeSet<(ModuleId, String)> = modules
            .iter()
            .flat_map(|facts| facts.imports.iter().map(|name| (facts.id.clone(), name.clone())))
            .filter(|(_, name)| !name.starts_with("wasi:"))
            .collect();
        prop_assert_eq!(met, wanted);
    }

    #[test]
    fn what_is_needed_is_complete_and_in_order(modules in modules(), map in chosen()) {
        let graph = made(&modules, &some_of(&map, &modules));
        let unlinkable = graph.unlinkable();
        for facts in &modules {
            let reason = unlinkable.get(&facts.id);
            prop_assert_eq!(reason.is_some(), graph.closure(&facts.id).is_err());
            if let Some(ClosureError::Unmet { module, reason }) = reason {
                prop_assert_eq!(module, &facts.id);
                let needed = reached(&graph, &[facts.id.to_string()]);
                let of = |id: &ModuleId| reason.to_string().starts_with(&format!("`{id}` imports"));
                prop_assert!(needed.iter().any(of));
            }
            let mut needed = reached(&graph, &[facts.id.to_string()]);
            let in_vain: BTreeSet<String> = graph.unmet().map(|error| error.to_string()).collect();
            match graph.closure(&facts.id) {
                Ok(order) => {
                    let place = |id: &ModuleId| order.iter().position(|other| *other == id);
                    for edge in graph.edges().filter(|edge| needed.contains(edge.importer)) {
                        let before = place(edge.exporter).expect("is there");
                        prop_assert!(place(edge.importer).is_none_or(|after| before < after));
                    }
                    needed.remove(&facts.id);
                    prop_assert_eq!(order.len(), needed.len());
                    prop_assert!(order.iter().all(|id| needed.contains(*id)));
                }
                Err(ClosureError::Unmet { reason, .. }) => prop_assert!(in_vain.contains(&reason.to_string())),
                Err(ClosureError::Cyclic { cycle, .. }) => {
                    prop_assert!(cycle.members.iter().all(|member| needed.contains(member)));
                    prop_assert!(cycle.path.iter().all(|member| cycle.members.contains(member)));
                    let next = cycle.path.iter().cycle().skip(1);
                    for (from, to) in cycle.path.iter().zip(next) {
                        prop_assert!(graph.edges().any(|edge| edge.importer == from && edge.exporter == to));
                    }
                }
                Err(other) => return Err(TestCaseError::fail(other.to_string())),
            }
        }
    }

    #[test]
    fn orphans_are_what_nobody_reaches_with_those_who_import_from_it(
        modules in modules(), map in chosen(), workflow in chosen()
    ) {
        let (map, workflow) = (some_of(&map, &modules), some_of(&workflow, &modules));
        let graph = made(&modules, &map);
        let in_use = reached(&graph, &[map, workflow.clone()].concat());
        let workflow: Vec<ModuleId> = workflow.iter().map(|path| id(path)).collect();
        let orphans = graph.recursive_orphans(&workflow, &graph.redundancies(&BTreeMap::new()));
        let all: BTreeSet<&ModuleId> = modules.iter().map(|facts| &facts.id).collect();
        let rest: BTreeSet<&ModuleId> = all.into_iter().filter(|id| !in_use.contains(*id)).collect();
        prop_assert_eq!(orphans.keys().collect::<BTreeSet<_>>(), rest);
        for (id, orphan) in &orphans {
            let parents: BTreeSet<&ModuleId> =
                graph.edges().filter(|edge| edge.exporter == id).map(|edge| edge.importer).collect();
            prop_assert_eq!(orphan.parents.iter().collect::<Vec<_>>(), parents.into_iter().collect::<Vec<_>>());
            prop_assert!(orphan.parents.iter().all(|parent| orphans.contains_key(parent)));
            prop_assert_eq!(orphan.redundant, orphan.reason.is_some());
        }
    }

    #[test]
    fn a_module_that_has_to_do_with_nobody_changes_nothing_else(
        modules in modules(), map in chosen(), path in "[a-z]{1,3}", first in any::<bool>()
    ) {
        let map = some_of(&map, &modules);
        let before = made(&modules, &map);
        let stranger = module(&path, &["x:y/z"], &["x:y/w"]);
        let mut more = modules.clone();
        more.insert(if first { 0 } else { modules.len() }, stranger.clone());
        let after = made(&more, &map);
        prop_assert_eq!(edges(&before), edges(&after));
        prop_assert_eq!(before.cycles(), after.cycles());
        let own = |line: &String| !line.starts_with(&format!("`{path}` "));
        prop_assert_eq!(unmet(&before), unmet(&after).into_iter().filter(own).collect::<Vec<_>>());
        let orphans = |graph: &ImportGraph| graph.recursive_orphans([], &graph.redundancies(&BTreeMap::new()));
        let mut found = orphans(&after);
        prop_assert!(found.remove(&stranger.id).is_some_and(|orphan| orphan.parents.is_empty() && !orphan.redundant));
        prop_assert_eq!(orphans(&before), found);
        prop_assert_eq!(before.isolated(), after.isolated());
        for facts in &modules {
            prop_assert_eq!(before.closure(&facts.id), after.closure(&facts.id));
        }
    }

    #[test]
    fn the_order_in_which_modules_come_does_not_matter(
        (modules, mixed) in modules().prop_flat_map(|modules| (Just(modules.clone()), Just(modules).prop_shuffle())),
        map in chosen()
    ) {
        let map = some_of(&map, &modules);
        let (one, other) = (made(&modules, &map), made(&mixed, &map));
        prop_assert_eq!(edges(&one), edges(&other));
        prop_assert_eq!(unmet(&one), unmet(&other));
        prop_assert_eq!(one.cycles(), other.cycles());
        prop_assert_eq!(one.redundancies(&BTreeMap::new()), other.redundancies(&BTreeMap::new()));
    }

    #[test]
    fn what_is_kept_is_needed_itself_or_has_its_own_reason(
        modules in modules(), map in chosen(), runs in proptest::collection::vec((0..3u8, 0..4u8), 12)
    ) {
        let graph = made(&modules, &some_of(&map, &modules));
        let behaviour = |(output, cost): &(u8, u8)| Behaviour { outputs: vec![Digest::of(&[*output])], cost: f64::from(*cost) };
        let behaviours = modules.iter().map(|facts| facts.id.clone()).zip(runs.iter().map(behaviour)).collect();
        let found = graph.redundancies(&behaviours);
        for start in found.keys() {
            let mut at = start;
            for _ in 0..3 {
                at = found.get(at).map_or(at, |redundancy| &redundancy.kept);
            }
            prop_assert!(!found.contains_key(at), "{} has to lead to one that is needed", start);
        }
    }
}
