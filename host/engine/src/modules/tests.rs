use std::fs;

use wasm_encoder::{
    CodeSection, CustomSection, ExportKind, ExportSection, Function, FunctionSection, Module, TypeSection,
};

use super::*;
use crate::store::MemoryStore;

/// A command that does nothing, and differs from others by its number.
fn wasm(number: u8) -> Vec<u8> {
    let (mut types, mut functions, mut exports, mut code) =
        (TypeSection::new(), FunctionSection::new(), ExportSection::new(), CodeSection::new());
    types.ty().function([], []);
    functions.function(0);
    exports.export("_start", ExportKind::Func, 0);
    let mut start = Function::new([]);
    start.instructions().end();
    code.function(&start);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module.section(&CustomSection { name: "number".into(), data: (&[number][..]).into() });
    module.finish()
}

fn workflow(steps: &[&str], members: &[&str]) -> String {
    let table = |kind: &str, path: &&str| format!("\n# About {path}.\n[[{kind}]]\nmodule = \"{path}\"\n");
    let steps: String = steps.iter().map(|path| table("step", path)).collect();
    let members: String = members.iter().map(|path| table("member", path)).collect();
    format!("name = \"w\"\ninputs = [\"i\"]\n{steps}{members}\n[objective]\nscorer = \"m/score.wasm\"\n")
}

/// A project with the modules a, b and c, and two workflows.
fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    };
    write("holobiont.toml", b"");
    for (number, name) in (0..).zip(["a", "b", "c", "score"]) {
        write(&format!("m/{name}.wasm"), &wasm(number));
    }
    write("workflows/x.toml", workflow(&["m/a.wasm", "m/b.wasm", "m/a.wasm"], &[]).as_bytes());
    write("workflows/y.toml", workflow(&["m/b.wasm"], &["m/a.wasm"]).as_bytes());
    write("m/prose.txt", b"no module");
    let project = Project::find(folder.path(), None, &|_| None).expect("a project");
    (folder, project)
}

fn id(path: &str) -> ModuleId {
    ModuleId::new(path).expect("an id")
}

fn pin(project: &Project, store: &dyn Store, name: &str) {
    project.pinning(name).expect("a module").expect("new").make(store).expect("made");
}

fn events(store: &dyn Store, kind: &str, subject: &str) -> Vec<String> {
    let mut all = Vec::new();
    store.events(kind, subject, &mut |_, event| all.push(event.document)).expect("read");
    all
}

#[test]
fn a_pinned_module_is_in_the_map_with_the_bytes_that_it_has() {
    let (folder, project) = project();
    let store = MemoryStore::default();
    assert!(project.modules().expect("none").is_empty());
    pin(&project, &store, "a");
    let modules = project.modules().expect("one");
    assert_eq!((modules.len(), &modules[0].id, modules[0].file), (1, &id("m/a.wasm"), FileState::AsMeasured));
    let first = modules[0].integrated.clone();
    assert_eq!((first.digest, first.group.len()), (Digest::of(&wasm(0)), 0));
    assert!(first.since_ms > 1_600_000_000_000);
    assert!(project.pinning("m/a.wasm").expect("known").is_none(), "it has those bytes already");

    fs::write(folder.path().join("m/a.wasm"), wasm(9)).expect("written");
    assert_eq!(project.modules().expect("one")[0].file, FileState::Changed);
    pin(&project, &store, "a.wasm");
    let again = project.modules().expect("one");
    assert_eq!((again[0].file, again[0].integrated.since_ms), (FileState::AsMeasured, first.since_ms));
    fs::remove_file(folder.path().join("m/a.wasm")).expect("removed");
    assert_eq!(project.modules().expect("one")[0].file, FileState::Missing);
    assert!(matches!(project.pinning("a"), Err(ModulesError::Project(ProjectError::Module { .. }))));

    let noted = events(&store, "pinned", "m/a.wasm");
    assert_eq!(noted.len(), 2);
    let expected = format!(r#"{{"schema":"holobiont.pinned/1","digest":"{}","workflows":[]}}"#, Digest::of(&wasm(9)));
    assert_eq!(noted[1], expected);
}

#[test]
fn a_removed_module_is_in_nothing_but_the_orphans() {
    let (folder, project) = project();
    let store = MemoryStore::default();
    pin(&project, &store, "a");
    let shown = project.module("a").expect("known");
    let used: Vec<(&str, Role)> = shown.used_by.iter().map(|used| (used.workflow.as_str(), used.role)).collect();
    assert_eq!(used, [("workflows/x.toml", Role::Step), ("workflows/y.toml", Role::Member)]);
    assert_eq!((shown.file, shown.orphan), (Some(FileState::AsMeasured), None));
    let change = project.removing("a").expect("can be");
    assert_eq!(change.workflows, ["workflows/x.toml", "workflows/y.toml"]);
    change.make(&store).expect("made");

    let read = |path: &str| fs::read_to_string(folder.path().join(path)).expect("there");
    assert_eq!(read("workflows/x.toml"), workflow(&["m/b.wasm"], &[]));
    assert_eq!(read("workflows/y.toml"), workflow(&["m/b.wasm"], &[]));
    assert!(project.modules().expect("none").is_empty());
    let shown = project.module("m/a.wasm").expect("known");
    assert_eq!((shown.integrated, shown.file, shown.used_by.len()), (None, None, 0));
    assert_eq!(shown.orphan.expect("an orphan").reason.as_deref(), Some("removed by hand"));
    let noted = events(&store, "removed", "m/a.wasm");
    assert!(noted[0].ends_with(r#""workflows":["workflows/x.toml","workflows/y.toml"]}"#), "{}", noted[0]);

    pin(&project, &store, "a");
    assert_eq!(project.module("a").expect("known").orphan, None, "what is integrated is no orphan");
}

#[test]
fn what_cannot_be_removed_is_told_and_stays() {
    let (folder, project) = project();
    let say = |name: &str| project.removing(name).expect_err("cannot be").to_string();
    assert_eq!(
        say("b"),
        "workflows/y.toml would have no step left without `m/b.wasm`: give it another step first, or take that file away"
    );
    assert_eq!(
        say("m/c.wasm"),
        "module `m/c.wasm` is neither in the map nor in a workflow: there is nothing to remove"
    );
    assert_eq!(say("scroe"), "no module `scroe`: did you mean `m/score.wasm`?");
    assert!(say("q\u{1b}").starts_with("no module `q\\u{1b}`: it is not in the map"));
    assert!(say("../out.wasm").starts_with("no module `../out.wasm`"));
    fs::write(folder.path().join("workflows/z.toml"), "nonsense").expect("written");
    assert!(say("a").starts_with("workflows/z.toml: "), "it may hold it");
    assert!(!project.data_dir().exists(), "nothing was written");
}

#[test]
fn a_module_that_no_file_tells_of_yet_is_known_by_its_short_name() {
    let (folder, project) = project();
    assert_eq!(project.module("c").expect("known").id, id("m/c.wasm"));
    fs::create_dir_all(folder.path().join("n")).expect("made");
    fs::write(folder.path().join("n/c.wasm"), wasm(9)).expect("written");
    let two = project.module("c").expect_err("there are two").to_string();
    assert!(two.starts_with("no module `c`: did you mean `"), "{two}");
    // Where nothing can be discovered, what the files tell of is known all the same.
    fs::remove_dir_all(folder.path().join("m")).expect("removed");
    assert_eq!(project.module("a").expect("a step").id, id("m/a.wasm"));
    assert!(!project.data_dir().exists());
}

#[test]
fn what_is_no_module_is_not_pinned() {
    let (_folder, project) = project();
    let words = project.pinning("m/prose.txt").expect_err("prose").to_string();
    assert!(words.starts_with("m/prose.txt cannot be pinned: "), "{words}");
    assert!(!project.data_dir().exists());
}

#[test]
fn what_changes_between_looking_and_making_is_not_overwritten() {
    let (folder, project) = project();
    let store = MemoryStore::default();
    let (late, early) =
        (project.removing("a").expect("can be"), project.pinning("m/c.wasm").expect("known").expect("new"));
    early.make(&store).expect("made");
    fs::write(folder.path().join("workflows/x.toml"), workflow(&["m/c.wasm"], &[])).expect("written");
    let error = late.make(&store).expect_err("changed");
    assert!(matches!(error, ModulesError::Transaction(TransactionError::Changed(_))), "{error}");
    assert!(events(&store, "removed", "m/a.wasm").is_empty());
}
