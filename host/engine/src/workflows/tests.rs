use std::fs;
use std::path::Path;

use holobiont_core::graph::Integrated;

use super::*;

const GOOD: &str = r#"name = "n"
inputs = ["in"]

[[step]]
module = "m/a.wasm"
parameters = { way = "there" }

[[member]]
module = "m/b.wasm"

[objective]
scorer = "m/score.wasm"
expected = "right"
"#;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

/// A project in which nothing is wrong: a is integrated, b is not.
fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().expect("a folder");
    for path in ["m/a.wasm", "m/b.wasm", "m/score.wasm", "in/1", "in/2", "right/1", "right/2"] {
        write(folder.path(), path, path);
    }
    write(folder.path(), "holobiont.toml", "");
    write(folder.path(), "workflows/good.toml", GOOD);
    let digest = Digest::of(b"m/a.wasm");
    let entry = Integrated { digest, group: Vec::new(), since_ms: 0 };
    let map = ModuleMap { modules: [(ModuleId::new("m/a.wasm").expect("an id"), entry)].into() };
    write(folder.path(), "sandbox_data/module_map.json", &map.to_json().expect("written"));
    let project = Project::find(folder.path(), None, &|_| None).expect("a project");
    (folder, project)
}

fn problems(project: &Project, names: &[&str]) -> Vec<Vec<String>> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let checked = project.check_workflows(&names).expect("checked");
    checked.iter().map(|workflow| workflow.problems.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn nothing_is_wrong_with_a_good_one() {
    let (_folder, project) = project();
    assert_eq!(problems(&project, &[]), [Vec::<String>::new()]);
    assert_eq!(problems(&project, &["good", "good"]).len(), 2);
    let listed = project.workflows().expect("one");
    assert_eq!(listed[0].file, "workflows/good.toml");
    assert_eq!(listed[0].read, WorkflowRead::Good { name: "n".to_owned(), steps: 1, members: 1, inputs: Some(2) });
    let shown = project.workflow_shown("good").expect("there");
    assert_eq!((shown.inputs, shown.modules.len()), (Some(2), 2));
    let known: Vec<Option<FileState>> = shown.modules.values().map(|known| known.integrated).collect();
    assert_eq!(known, [Some(FileState::AsMeasured), None]);
}

#[test]
fn every_problem_of_a_workflow_is_told() {
    let (folder, project) = project();
    write(folder.path(), "m/a.wasm", "other bytes");
    for gone in ["m/b.wasm", "m/score.wasm", "right/2"] {
        fs::remove_file(folder.path().join(gone)).expect("removed");
    }
    let all = problems(&project, &["good"]);
    let starts = [
        "m/a.wasm was changed since it was integrated",
        "cannot read m/b.wasm: ",
        "the scorer: cannot read m/score.wasm: ",
        "n: in/2 has no expected output: ",
    ];
    assert_eq!(all[0].len(), starts.len(), "{all:?}");
    for (problem, start) in all[0].iter().zip(starts) {
        assert!(problem.starts_with(start) && !problem.contains('\n'), "{problem}");
    }
    fs::remove_dir_all(folder.path().join("in")).expect("removed");
    let all = problems(&project, &["good"]);
    assert!(all[0].last().expect("one").starts_with("n: input in: "), "{all:?}");
    assert_eq!(project.workflow_shown("good").expect("there").inputs, None);
}

#[test]
fn one_that_does_not_read_hides_no_other() {
    let (folder, project) = project();
    write(folder.path(), "workflows/bad.toml", "inputs = 1");
    write(folder.path(), "workflows/hello\u{202e}.toml", GOOD);
    let all = problems(&project, &[]);
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
    let listed = project.workflows().expect("read");
    assert!(matches!(&listed[0].read, WorkflowRead::Wrong { error } if error.starts_with("line 1: ")), "{listed:?}");
    let error = project.check_workflows(&["godo".to_owned()]).expect_err("none").to_string();
    assert!(error.ends_with("did you mean `good`?"), "{error}");
    assert!(project.workflow_shown("bad").expect_err("wrong").to_string().starts_with("workflows/bad.toml: "));
}
