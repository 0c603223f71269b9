//! What holds of graphs by hand and of all graphs.

use std::collections::BTreeMap;

use super::{
    Behaviour, ClosureError, HOST_PREFIXES, ImportError, ImportGraph, Integrated, Links, ModuleFacts, ModuleMap,
    Redundancy, Sameness,
};
use crate::id::{Digest, ModuleId};

mod documents;
mod properties;
mod redundancy;
mod scale;

fn id(path: &str) -> ModuleId {
    ModuleId::new(path).expect("an id")
}

fn ids(paths: &[&str]) -> Vec<ModuleId> {
    paths.iter().copied().map(id).collect()
}

/// A module by its path, what it imports and what it exports; its bytes are its path.
fn module(path: &str, imports: &[&str], exports: &[&str]) -> ModuleFacts {
    let digest = Digest::of(path.as_bytes());
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let (imports, exports) = (names(imports), names(exports));
    ModuleFacts { id: id(path), digest, code_digest: digest, imports, exports, accepts: Vec::new(), emits: None }
}

fn integrated(paths: &[&str]) -> ModuleMap {
    let entry =
        |path: &&str| (id(path), Integrated { digest: Digest::of(path.as_bytes()), group: Vec::new(), since_ms: 1 });
    ModuleMap { modules: paths.iter().map(entry).collect() }
}

fn graph(modules: Vec<ModuleFacts>, map: &[&str]) -> ImportGraph {
    linked(modules, map, &[])
}

/// A graph with links: importer (of everybody none), interface, module.
fn linked(modules: Vec<ModuleFacts>, map: &[&str], rows: &[(Option<&str>, &str, &str)]) -> ImportGraph {
    let mut links = Links::default();
    for (importer, interface, module) in rows {
        let interface = interface.parse().expect("an interface");
        links.add(importer.map(id), &interface, id(module)).expect("no row twice");
    }
    ImportGraph::new(modules, &integrated(map), &links, HOST_PREFIXES)
}

/// Edges as `importer > exporter`.
fn edges(graph: &ImportGraph) -> Vec<String> {
    graph.edges().map(|edge| format!("{} > {}", edge.importer, edge.exporter)).collect()
}

fn unmet(graph: &ImportGraph) -> Vec<String> {
    graph.unmet().map(|error| error.to_string()).collect()
}

/// Orphans as `orphan < its parents`.
fn orphans(graph: &ImportGraph, workflows: &[&str]) -> Vec<String> {
    let workflows = ids(workflows);
    let orphans = graph.recursive_orphans(&workflows, &BTreeMap::new());
    assert!(orphans.values().all(|orphan| !orphan.redundant && orphan.reason.is_none()));
    let parents = |parents: &[ModuleId]| parents.iter().map(ModuleId::as_str).collect::<Vec<_>>().join(" ");
    orphans.iter().map(|(id, orphan)| format!("{id} < {}", parents(&orphan.parents))).collect()
}

const C: &str = "acme:words/c@1.0.0";
const D: &str = "acme:words/d@0.1.0";

#[test]
fn a_imports_b_so_that_b_has_the_parent_a() {
    let graph = graph(vec![module("b", &[], &[C]), module("a", &[C], &[])], &[]);
    assert_eq!(orphans(&graph, &[]), ["a < ", "b < a"]);
    let edge = graph.edges().next().expect("an edge");
    assert_eq!((edge.import, edge.export), (C, C));
    assert_eq!(graph.module(&id("b")).map(|facts| facts.exports.len()), Some(1));
    assert_eq!(graph.modules().map(|facts| facts.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn what_is_in_use_reaches_what_it_imports() {
    let modules = || {
        vec![
            module("a", &[C], &[]),
            module("b", &[D], &[C]),
            module("c", &[], &[D]),
            module("d", &[], &["acme:words/e"]),
            module("e", &[D], &[]),
        ]
    };
    assert_eq!(orphans(&graph(modules(), &[]), &[]), ["a < ", "b < a", "c < b e", "d < ", "e < "]);
    assert_eq!(orphans(&graph(modules(), &["b"]), &[]), ["a < ", "d < ", "e < "]);
    assert_eq!(orphans(&graph(modules(), &[]), &["a", "gone"]), ["d < ", "e < "]);
    assert_eq!(orphans(&graph(modules(), &["gone", "d"]), &["e"]), ["a < ", "b < a"]);
    assert_eq!(orphans(&graph(Vec::new(), &["gone"]), &["gone"]), [""; 0]);
}

#[test]
fn an_isolated_module_neither_imports_nor_is_imported_and_is_an_orphan_like_any_other() {
    let modules = vec![
        module(
            "alone",
            &["wasi:cli/run@0.2.3", "holobiont:plugin/telemetry@0.1.0"],
            &["holobiont:plugin/module@0.1.0"],
        ),
        module("core", &["wasi_snapshot_preview1.fd_write"], &[]),
        module("in-vain", &["acme:words/gone"], &[]),
        module("user", &[C], &[]),
        module("used", &[], &[C]),
    ];
    let graph = graph(modules, &[]);
    assert_eq!(graph.isolated(), [&id("alone"), &id("core")]);
    let found = graph.recursive_orphans([], &graph.redundancies(&BTreeMap::new()));
    assert!(found.len() == 5 && found.values().all(|orphan| !orphan.redundant));
}

#[test]
fn what_the_host_offers_is_no_edge_whoever_exports_it() {
    let modules = || vec![module("a", &["wasi:io/poll@0.2.0"], &[]), module("b", &[], &["wasi:io/poll@0.2.0"])];
    assert_eq!(edges(&graph(modules(), &[])), [""; 0]);
    assert_eq!(unmet(&graph(modules(), &[])), [""; 0]);
    let other_host = ImportGraph::new(modules(), &ModuleMap::default(), &Links::default(), &["holobiont:plugin/"]);
    assert_eq!(edges(&other_host), ["a > b"]);
    // Only `holobiont:plugin` is the host's: other packages of that name are not.
    let modules = vec![module("a", &["holobiont:plugins/x"], &[]), module("b", &[], &["holobiont:plugins/x"])];
    assert_eq!(edges(&graph(modules, &[])), ["a > b"]);
}

#[test]
fn an_import_without_an_exporter_is_kept_with_its_reason() {
    let modules = vec![
        module("a", &["acme:words/c@2.0.0", "acme:words/gone", "run", C], &["acme:words/c@2.1.0"]),
        module("b", &[], &[C]),
    ];
    let graph = graph(modules, &[]);
    assert_eq!(edges(&graph), ["a > b"]);
    assert_eq!(
        unmet(&graph),
        [
            "`a` imports `acme:words/c@2.0.0`, which no other module exports; `b` exports `acme:words/c@1.0.0`, which \
             does not go with that version",
            "`a` imports `acme:words/gone`, which no other module exports",
            "`a` imports `run`, which the host does not offer and no module can: it names no interface",
        ]
    );
}

#[test]
fn each_module_has_its_own_needs_and_importers() {
    let modules = vec![
        module("a.wasm", &[C, "no interface", D, C, "wasi:cli/stdout@0.2.0"], &[]),
        module("b.wasm", &[C], &[]),
        module("c.wasm", &[], &["acme:words/c@1.2.0"]),
    ];
    let graph = graph(modules, &[]);
    let needs = |path: &str| -> Vec<String> {
        let needs = graph.needs_of(&id(path)).map(|(import, met)| match met {
            Ok(edge) => format!("{import}: {} by {}", edge.exporter, edge.export),
            Err(error) => format!("{import}: {error}"),
        });
        needs.collect()
    };
    assert_eq!(
        needs("a.wasm"),
        [
            format!("{C}: c.wasm by acme:words/c@1.2.0"),
            format!("{D}: `a.wasm` imports `{D}`, which no other module exports"),
            "no interface: `a.wasm` imports `no interface`, which the host does not offer and no module can: it names \
             no interface"
                .to_owned(),
        ]
    );
    assert_eq!((needs("c.wasm").len(), needs("absent.wasm").len()), (0, 0));
    assert!(graph.importers_of(&id("c.wasm")).eq([&id("a.wasm"), &id("b.wasm")]));
    assert_eq!((graph.importers_of(&id("a.wasm")).count(), graph.importers_of(&id("absent.wasm")).count()), (0, 0));
}

#[test]
fn of_several_exporters_the_integrated_one_counts_then_the_one_that_is_linked() {
    let modules = || {
        vec![
            module("a", &[C], &[]),
            module("x", &[], &["acme:words/c@1.2.0"]),
            module("y", &[], &[C]),
            module("z", &[], &["acme:words/c@1.9.0"]),
        ]
    };
    let none = graph(modules(), &[]);
    assert_eq!(edges(&none), [""; 0]);
    let Some(ImportError::Ambiguous { candidates, .. }) = none.unmet().next() else { panic!("three export it") };
    assert_eq!(candidates, ids(&["x", "y", "z"]));
    assert_eq!(edges(&graph(modules(), &["y"])), ["a > y"]);
    assert_eq!(graph(modules(), &["y", "z"]).unmet().count(), 1, "two that are integrated");
    let everybody = (None, "acme:words/c@1.5.0", "x");
    assert_eq!(edges(&linked(modules(), &[], &[everybody])), ["a > x"]);
    assert_eq!(edges(&linked(modules(), &["y", "z"], &[everybody])), ["a > x"]);
    assert_eq!(edges(&linked(modules(), &["y"], &[everybody])), ["a > y"], "the map comes first");
    assert_eq!(edges(&linked(modules(), &[], &[everybody, (Some("a"), C, "z")])), ["a > z"]);
    assert_eq!(linked(modules(), &[], &[(Some("b"), C, "z")]).unmet().count(), 1, "a row of somebody else");
}

#[test]
fn the_row_that_an_error_suggests_is_the_remedy() {
    #[derive(serde::Deserialize)]
    struct Settings {
        link: Links,
    }
    let modules = || vec![module("m/ein Wort.wasm", &[C], &[]), module("x", &[], &[C]), module("y", &[], &[C])];
    let words = unmet(&graph(modules(), &[])).remove(0);
    let (_, row) = words.split_once(", as in ").expect("an example");
    let settings: Settings = toml::from_str(&format!("[link]\n{row}")).expect("a good table");
    let graph = ImportGraph::new(modules(), &ModuleMap::default(), &settings.link, HOST_PREFIXES);
    assert_eq!(edges(&graph), ["m/ein Wort.wasm > x"]);
}

#[test]
fn a_link_to_what_does_not_export_it_is_a_mistake_even_where_it_is_not_needed() {
    let modules = || vec![module("a", &[C], &[]), module("x", &[], &[C]), module("y", &[], &[D])];
    for wrong in ["y", "gone"] {
        let graph = linked(modules(), &[], &[(None, C, wrong)]);
        assert_eq!(
            unmet(&graph),
            [format!(
                "[link] names `{wrong}` for `{C}`, which `a` imports and that module does not export; it is exported \
                 by `x`"
            )]
        );
        assert!(graph.closure(&id("a")).is_err());
    }
    let nobody = linked(vec![module("a", &[C], &[])], &[], &[(None, C, "y")]);
    assert!(unmet(&nobody)[0].ends_with("that module does not export, nor does any other"));
}

#[test]
fn no_module_meets_its_own_import() {
    // A wrapper imports what it exports.
    let modules = || vec![module("base", &[], &[C]), module("user", &[C], &[]), module("wrapper", &[C], &[C])];
    let graph = linked(modules(), &[], &[(None, C, "wrapper")]);
    assert_eq!(edges(&graph), ["user > wrapper", "wrapper > base"]);
    assert_eq!(graph.closure(&id("user")), Ok(vec![&id("base"), &id("wrapper")]));
    let alone = super::tests::graph(vec![module("wrapper", &[C], &[C])], &[]);
    assert_eq!(unmet(&alone), [format!("`wrapper` imports `{C}`, which no other module exports")]);
}

#[test]
fn twins_are_no_choice() {
    let twin = |path: &str| ModuleFacts { code_digest: Digest::of(b"same"), ..module(path, &[], &[C]) };
    let modules = || vec![module("a", &[C], &[]), twin("x"), twin("y"), twin("z")];
    assert_eq!(edges(&graph(modules(), &[])), ["a > x"]);
    assert_eq!(edges(&graph(modules(), &["z", "y"])), ["a > y"]);
    assert_eq!(edges(&linked(modules(), &[], &[(None, C, "z")])), ["a > z"]);
    let mut modules = modules();
    modules.push(module("other", &[], &[C]));
    assert_eq!(graph(modules, &[]).unmet().count(), 1);
}

#[test]
fn one_module_may_export_an_interface_in_several_versions() {
    let exports = ["acme:words/c@2.0.0", "acme:words/c@1.4.0", C];
    let graph = graph(vec![module("a", &[C, "acme:words/c@2.3.0"], &[]), module("b", &[], &exports)], &[]);
    let found: Vec<_> = graph.edges().map(|edge| (edge.import, edge.export)).collect();
    assert_eq!(found, [(C, "acme:words/c@1.4.0"), ("acme:words/c@2.3.0", "acme:words/c@2.0.0")]);
    assert_eq!(graph.closure(&id("a")), Ok(vec![&id("b")]));
}

#[test]
fn cycles_are_named_in_the_order_of_their_imports_and_are_orphans_too() {
    let e = "acme:words/e";
    let modules = vec![
        module("a", &["acme:words/f"], &[C]),
        module("m", &[C], &["acme:words/f", e]),
        module("user", &[e], &[]),
        module("x", &["acme:words/y"], &["acme:words/x"]),
        module("y", &["acme:words/x"], &["acme:words/y"]),
    ];
    let graph = graph(modules, &[]);
    let words: Vec<String> = graph.cycles().iter().map(ToString::to_string).collect();
    assert_eq!(words, ["`a` imports from `m` imports from `a`", "`x` imports from `y` imports from `x`"]);
    assert_eq!(
        graph.closure(&id("user")).expect_err("a circle").to_string(),
        "`user` cannot be linked, since none of these can be made before the others: `a` imports from `m` imports from \
         `a`"
    );
    assert!(matches!(graph.closure(&id("x")), Err(ClosureError::Cyclic { .. })));
    assert_eq!(orphans(&graph, &[]), ["a < m", "m < a user", "user < ", "x < y", "y < x"]);
    assert!(graph.isolated().is_empty());
}

#[test]
fn what_is_needed_comes_first_or_the_reason_why_not() {
    let modules = vec![
        module("a", &[C, D], &[]),
        module("b", &["acme:words/e"], &[C]),
        module("c", &["acme:words/e"], &[D]),
        module("e", &[], &["acme:words/e"]),
        module("m/bad.wasm", &["acme:words/gone"], &["acme:words/bad"]),
        module("m/ein Wort.wasm", &["acme:words/bad"], &[]),
    ];
    let graph = graph(modules, &[]);
    assert_eq!(graph.closure(&id("a")), Ok(vec![&id("e"), &id("b"), &id("c")]));
    assert_eq!(graph.closure(&id("e")), Ok(Vec::new()));
    let say = |path: &str| graph.closure(&id(path)).expect_err("cannot be linked").to_string();
    assert_eq!(
        say("m/ein Wort.wasm"),
        "`m/ein Wort.wasm` cannot be linked: `m/bad.wasm` imports `acme:words/gone`, which no other module exports"
    );
    assert_eq!(say("m/bda.wasm"), "there is no module `m/bda.wasm`: did you mean `m/bad.wasm`?");
    assert_eq!(say("漢字"), "there is no module `漢字`");
}

#[test]
fn of_facts_with_one_id_the_last_count() {
    let graph = graph(vec![module("a", &[C], &[]), module("b", &[], &[C]), module("b", &[], &[])], &[]);
    assert_eq!((graph.modules().count(), edges(&graph).len()), (2, 0));
}

#[test]
fn facts_are_kept_as_they_are() {
    let facts = ModuleFacts {
        imports: vec!["a:b/c".into(), "line\nbreak".into()],
        accepts: vec!["text/csv".into()],
        emits: Some("text/plain".into()),
        ..module("漢字/ein Wort.wasm", &[], &[C])
    };
    let json = serde_json::to_string(&facts).expect("can be written");
    assert_eq!(serde_json::from_str::<ModuleFacts>(&json).expect("can be read"), facts);
}
