//! Who imports from whom, and what nobody uses.

use std::collections::BTreeMap;

use super::*;

#[test]
fn what_an_orphan_imports_from_is_an_orphan_with_a_parent() {
    let repository = Repository::new();
    repository.component("a.wasm", &["x:y/b@1.0.0"], &[CANDIDATE]);
    repository.component("b.wasm", &["wasi:cli/stdout@0.2.3"], &["x:y/b@1.2.0"]);
    repository.component("alone/c.wasm", &[], &[CANDIDATE]);
    let orphans = repository.project().discover_recursive_orphans().expect("discovered");
    let parents: BTreeMap<&str, Vec<&str>> = orphans.iter().map(|(id, o)| (id.as_str(), ids(&o.parents))).collect();
    let expected = BTreeMap::from([("a.wasm", vec![]), ("alone/c.wasm", vec![]), ("b.wasm", vec!["a.wasm"])]);
    assert_eq!(parents, expected);
    assert!(orphans.values().all(|orphan| !orphan.redundant && orphan.reason.is_none()));
    let isolated = repository.project().discover_isolated_modules().expect("discovered");
    assert_eq!(ids(&isolated), ["alone/c.wasm"]);
    let kinds = repository.discover().kinds;
    let kinds: Vec<&str> = kinds.values().map(|kind| kind.name()).collect();
    assert_eq!(kinds, ["candidate", "candidate", "library"]);
}

#[test]
fn of_ten_exporters_the_error_lists_all_and_the_map_or_a_link_decides() {
    let repository = Repository::new();
    repository.component("user.wasm", &["x:y/z@1.0.0"], &[CANDIDATE]);
    let mut last = None;
    for n in 0..10 {
        last = Some(repository.component(&format!("m/{n}.wasm"), &[], &["x:y/z@1.0.0", &format!("x:y/own{n}")]));
    }
    let ambiguous = repository.discover();
    let words = reason(&ambiguous, "user.wasm");
    assert!((0..10).all(|n| words.contains(&format!("`m/{n}.wasm`"))), "{words}");
    assert!(words.contains("[link]"), "{words}");
    assert_eq!(ambiguous.graph.edges().count(), 0);

    repository.settings("[link.\"user.wasm\"]\n\"x:y/z@1.0.0\" = \"m/3.wasm\"\n");
    let linked = repository.discover();
    assert_eq!(ids(&linked.orphans[&id("m/3.wasm")].parents), ["user.wasm"]);
    assert_eq!(reason(&linked, "user.wasm"), "none");

    repository.settings("# No links.\n");
    repository.map(&[("m/9.wasm", last.expect("ten"))]);
    let mapped = repository.discover();
    assert_eq!(mapped.graph.edges().map(|edge| edge.exporter.as_str()).collect::<Vec<_>>(), ["m/9.wasm"]);
    assert!(!mapped.orphans.contains_key(&id("m/9.wasm")));
    // What a workflow reaches decides as the map does.
    repository.map(&[]);
    let reached = repository.project().discover(&[id("m/4.wasm"), id("absent.wasm")]).expect("discovered");
    assert_eq!(reached.graph.edges().map(|edge| edge.exporter.as_str()).collect::<Vec<_>>(), ["m/4.wasm"]);
    assert!(!reached.orphans.contains_key(&id("m/4.wasm")));
}

#[test]
fn a_chain_of_a_thousand_is_followed() {
    let repository = Repository::new();
    for n in 0..1000 {
        let import = format!("x:y/i{}", n + 1);
        let imports = if n == 999 { vec![] } else { vec![import.as_str()] };
        repository.component(&format!("{n:03}.wasm"), &imports, &[CANDIDATE, &format!("x:y/i{n}")]);
    }
    let whole = repository.discover();
    assert_eq!((whole.orphans.len(), whole.graph.edges().count(), whole.skipped.len()), (1000, 999, 0));
    assert!(whole.orphans.values().all(|orphan| orphan.reason.is_none()));
    fs::remove_file(repository.path("999.wasm")).expect("removed");
    let cut = repository.discover();
    assert_eq!((cut.orphans.len(), cut.parsed), (999, 0));
    let expected = "cannot be linked: `998.wasm` imports `x:y/i999`, which no other module exports";
    assert_eq!(reason(&cut, "000.wasm"), expected);
    // Who is in use at one end has all of them in use.
    let used = repository.project().discover(&[id("000.wasm")]).expect("discovered");
    assert_eq!(used.orphans.len(), 0);
}

#[test]
fn circles_and_twins_are_named() {
    let repository = Repository::new();
    repository.component("a.wasm", &["x:y/b"], &["x:y/a"]);
    repository.component("b.wasm", &["x:y/a"], &["x:y/b"]);
    let bytes = component(&[], &[CANDIDATE], "twins");
    repository.write("twin/1.wasm", &bytes);
    repository.write("twin/2.wasm", &bytes);
    repository.write("twin/3.wasm", component(&[], &[CANDIDATE], "another note"));
    let found = repository.discover();
    assert_eq!(found.graph.cycles().len(), 1);
    assert!(reason(&found, "b.wasm").contains("`a.wasm` imports from `b.wasm` imports from `a.wasm`"));
    assert_eq!(reason(&found, "twin/1.wasm"), "none");
    assert_eq!(reason(&found, "twin/2.wasm"), "has the same bytes as `twin/1.wasm`");
    assert_eq!(reason(&found, "twin/3.wasm"), "has the same code as `twin/1.wasm`, only custom sections differ");
    assert!(found.orphans[&id("twin/3.wasm")].redundant);
    assert!(found.analyze_redundancy(&id("twin/1.wasm")).is_none());
    assert_eq!(found.analyze_redundancy(&id("twin/2.wasm")).map(|why| why.kept.as_str()), Some("twin/1.wasm"));
    // The one that is in use is kept.
    let used = repository.project().discover(&[id("twin/3.wasm")]).expect("discovered");
    assert_eq!(reason(&used, "twin/1.wasm"), "has the same code as `twin/3.wasm`, only custom sections differ");
    assert_eq!(orphans(&used), ["a.wasm", "b.wasm", "twin/1.wasm", "twin/2.wasm"]);
}

#[test]
fn what_is_excluded_is_as_if_it_were_not_there_unless_it_is_needed() {
    let repository = Repository::new();
    repository.component("a.wasm", &["x:y/b"], &[CANDIDATE]);
    repository.component("b.wasm", &[], &["x:y/b"]);
    repository.settings("[discover]\nexclude = [\"b.wasm\", \"absent.wasm\"]\n");
    let found = repository.discover();
    assert_eq!(orphans(&found), ["a.wasm"]);
    assert!(reason(&found, "a.wasm").contains("which no other module exports"));
    let used = repository.project().discover(&[id("a.wasm")]).expect("discovered");
    assert_eq!((used.graph.edges().count(), used.orphans.len()), (1, 0));
}

#[test]
fn what_is_in_use_is_looked_at_wherever_it_is() {
    let repository = Repository::new();
    repository.component("built/deps/a.wasm", &["x:y/b"], &[CANDIDATE]);
    repository.component("modules/b.wasm", &[], &["x:y/b"]);
    repository.settings("[discover]\nroots = [\"modules\"]\n");
    assert_eq!(orphans(&repository.discover()), ["modules/b.wasm"]);
    let used = repository.project().discover(&[id("built/deps/a.wasm")]).expect("discovered");
    assert_eq!((orphans(&used), used.graph.modules().count()), (vec![], 2));
}
