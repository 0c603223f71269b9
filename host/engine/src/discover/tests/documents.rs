//! The map, the list of orphans, and the workflows.

use holobiont_core::graph::Orphan;

use super::*;
use crate::TransactionError;

#[test]
fn modules_of_the_map_are_in_use_until_their_bytes_change() {
    let repository = Repository::new();
    let same = repository.component("same.wasm", &["x:y/helper"], &[CANDIDATE]);
    repository.component("helper.wasm", &[], &["x:y/helper"]);
    repository.component("changed.wasm", &[], &[CANDIDATE]);
    repository.write("broken.wasm", b"");
    repository.map(&[
        ("same.wasm", same),
        ("changed.wasm", Digest::of(b"what it was")),
        ("missing.wasm", same),
        ("broken.wasm", same),
    ]);
    let found = repository.discover();
    assert_eq!(orphans(&found), ["changed.wasm"]);
    assert_eq!((ids(&found.changed), ids(&found.missing)), (vec!["changed.wasm"], vec!["missing.wasm"]));
    assert_eq!(found.skipped.len(), 1);
}

#[test]
fn a_document_with_a_mistake_is_named_with_the_line_and_nothing_is_written() {
    let repository = Repository::new();
    repository.component("a.wasm", &[], &[CANDIDATE]);
    let mistake =
        "{\n  \"schema\": \"holobiont.module-map/1\",\n  \"modules\": {\n    \"a.wasm\": {\"digset\": 1}\n  }\n}";
    repository.write("sandbox_data/module_map.json", mistake);
    let error = repository.project().discover(&[]).expect_err("a mistake");
    assert!(matches!(error, DiscoverError::Project(_)));
    let words = error.to_string();
    assert!(words.ends_with("module_map.json: line 4: unknown key `digset`: did you mean `digest`?"), "{words}");
    assert!(!repository.path("sandbox_data/modules.cache").exists());

    repository.map(&[]);
    repository.write("sandbox_data/orphan_modules.json", "{\n\"schema\": \"holobiont.orphan-modules/1\",\n");
    let (project, found) = (repository.project(), repository.discover());
    let words = project.orphan_list(&found, true).expect_err("a mistake").to_string();
    assert!(words.contains("orphan_modules.json: line 3: EOF"), "{words}");
}

#[test]
fn the_list_keeps_what_is_no_orphan_any_more_until_it_is_gone_or_made_anew() {
    let repository = Repository::new();
    let used = repository.component("used.wasm", &[], &[CANDIDATE]);
    repository.component("orphan.wasm", &[], &[CANDIDATE, "x:y/z"]);
    repository.map(&[("used.wasm", used)]);
    let (project, found) = (repository.project(), repository.discover());
    let old = Orphan { parents: vec![id("gone.wasm")], redundant: true, reason: Some("as it was".into()) };
    let listed = ["gone.wasm", "orphan.wasm", "used.wasm"].map(|path| (id(path), old.clone()));
    let listed = OrphanModules { modules: listed.into_iter().collect() };
    let merged = found.merged(&listed, false);
    assert_eq!(ids(merged.modules.keys()), ["orphan.wasm", "used.wasm"]);
    // Parents are what they are now; what was said of it stays, since nothing else is to be said.
    assert_eq!(merged.modules[&id("orphan.wasm")], Orphan { parents: Vec::new(), ..old.clone() });
    assert_eq!(merged.modules[&id("used.wasm")], old);
    assert_eq!(ids(found.merged(&listed, true).modules.keys()), ["orphan.wasm"]);

    let (list, before) = project.orphan_list(&found, false).expect("no list yet");
    assert_eq!((&list, before), (&found.merged(&OrphanModules::default(), false), None));
    project.keep_discovery(&found, &merged, before).expect("kept");
    assert_eq!(project.orphan_list(&found, false).expect("a list").0, merged);
    let error = project.keep_discovery(&found, &list, before).expect_err("there is a list by now");
    assert!(matches!(error, DiscoverError::Transaction(TransactionError::Changed(_))), "{error}");
    assert!(repository.path("sandbox_data/modules.cache").exists());
}

#[test]
fn workflows_reach_steps_members_and_scorers_and_a_broken_one_is_told() {
    let repository = Repository::new();
    let workflow = "name = \"w\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"b.wasm\"\n[[step]]\nmodule = \"a.wasm\"\n\
                    [[member]]\nmodule = \"m.wasm\"\n[objective]\nscorer = \"s.wasm\"\n";
    repository.write("workflows/one.toml", workflow);
    repository.write("workflows/two.toml", workflow.replace("m.wasm", "n.wasm"));
    repository.write("workflows/broken\n.toml", "name = 3");
    repository.write("workflows/note.md", "");
    let reached = repository.project().reached_by_workflows().expect("a folder");
    assert_eq!(ids(&reached.modules), ["a.wasm", "b.wasm", "m.wasm", "n.wasm", "s.wasm"]);
    let words: Vec<_> = reached.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, skipped.reason)).collect();
    assert_eq!(words.len(), 1);
    assert!(words[0].starts_with("workflows/broken\\n.toml: its name "), "{words:?}");
    assert_eq!(Repository::new().project().reached_by_workflows().expect("no folder"), Default::default());
}
