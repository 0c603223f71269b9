//! A self-test that is killed: what it leaves is whole, and the next one comes to the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::yard::{SEVERAL, several, tuned, write};
use super::{document, started, tree};

/// So often is it killed, at moments spread over the time that it takes.
const KILLS: u32 = 20;

const RUN: &str = "self-test run --clean-orphans";

/// What may lie in the folder of state beside the two lists: what is remembered, what was read, a lock. None of it says
/// what is integrated.
const STATE: [&str; 6] =
    ["holobiont.db", "holobiont.db-shm", "holobiont.db-wal", "integration.lock", "modules.cache", "modules.cache.new"];

#[test]
fn whenever_a_self_test_is_killed_its_files_agree_and_the_next_one_ends_the_same() {
    let first = project(None);
    run(first.path());
    // From here on everything is compiled already.
    let compiled = first.path().join("sandbox_data/compiled");
    let whole = project(Some(&compiled));
    let start = Instant::now();
    run(whole.path());
    let took = start.elapsed();
    let expected = Files::of(whole.path());
    assert_eq!(expected.map.keys().map(String::as_str).collect::<Vec<_>>(), PASS);
    assert!(expected.orphans.keys().all(|id| id == "modules/useless.wasm"), "{expected:?}");
    assert!(expected.workflow.matches("[[step]]").count() > 1, "{expected:?}");
    // Who is tried again is tried in the workflow as it is then, and what is said of those that do not pass is of that.
    run(whole.path());
    let again = Files::of(whole.path());
    assert_eq!((&again.map, &again.workflow), (&expected.map, &expected.workflow));
    assert!(again.orphans.keys().eq(expected.orphans.keys()));
    let mut has_changed = BTreeSet::new();
    for kill in 0..KILLS {
        let project = project(Some(&compiled));
        has_changed.insert(killed_after(project.path(), took * kill / (KILLS - 1), [&expected, &again]));
    }
    assert!(has_changed.contains(&false), "at least one was killed before it had changed anything");
}

/// Turns that an engine is given, in all.
const TURNS: usize = 4;

/// So often are runs of engines killed in all, at random moments.
const RUNS_KILLED: [usize; 2] = [160, 40];

#[test]
fn whenever_an_autonomous_run_is_killed_going_on_comes_to_the_same() {
    let few = |compiled: Option<&Path>| {
        let folder = project(compiled);
        // One that passes and one that does not are enough, and take half of the time of four.
        for name in ["two", "three"] {
            fs::remove_file(folder.path().join(format!("modules/{name}.wasm"))).expect("removed");
        }
        folder
    };
    kill_runs(&few, RUNS_KILLED[0]);
}

#[test]
fn whenever_a_run_with_a_patcher_is_killed_going_on_comes_to_the_same() {
    let tuned = |compiled: Option<&Path>| {
        let folder = tuned();
        share(compiled, folder.path());
        folder
    };
    kill_runs(&tuned, RUNS_KILLED[1]);
}

/// Kills a run again and again, at random moments, and goes on with it each time, until it has had all its turns; then the
/// next, until so many kills are done. Each comes to what one without kills comes to.
fn kill_runs(project: &dyn Fn(Option<&Path>) -> tempfile::TempDir, kills: usize) {
    let first = project(None);
    let all = |turns: usize| format!("autonomous run --clean-orphans --cycles {turns}");
    let ran = |project: &Path, turns: usize| {
        let ended = started(project, &all(turns)).output().expect("it starts");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    };
    ran(first.path(), TURNS);
    let compiled = first.path().join("sandbox_data/compiled");
    let whole = project(Some(&compiled));
    let start = Instant::now();
    ran(whole.path(), TURNS);
    let took = start.elapsed();
    let (expected, files) = (turns(whole.path()), Files::of(whole.path()));
    assert_eq!(expected.len(), TURNS);
    let (mut killed, mut lots, mut left) = (0, Lots(0x9e37_79b9_7f4a_7c15), BTreeSet::new());
    while killed < kills {
        let project = project(Some(&compiled));
        let project = project.path();
        loop {
            let made = turns(project).len();
            if made == TURNS {
                break;
            }
            left.insert(made);
            let mut child = started(project, &all(TURNS - made)).stdout(Stdio::null()).spawn().expect("it starts");
            // Most are killed, and some get far.
            std::thread::sleep(took.mul_f64(1.1 * lots.even()));
            killed += usize::from(child.try_wait().expect("a process").is_none());
            let _ = child.kill();
            child.wait().expect("it ended");
        }
        assert_eq!(turns(project), expected, "after {killed} kills");
        let ended = Files::of(project);
        assert_eq!((&ended.map, &ended.workflow), (&files.map, &files.workflow), "after {killed} kills");
        assert_eq!(strangers(project), strangers(whole.path()), "after {killed} kills");
    }
    assert!(left.len() > 1, "it was killed before the first turn and after some: {left:?}");
}

/// Numbers from 0 to 1, evenly drawn (Marsaglia, Xorshift RNGs, Journal of Statistical Software 8, 2003).
struct Lots(u64);

impl Lots {
    fn even(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What an engine's turns came to, without the time, and without who was tested: after a kill some are in already.
fn turns(project: &Path) -> Vec<Vec<Value>> {
    if !project.join("sandbox_data/holobiont.db").exists() {
        return Vec::new();
    }
    let ended = started(project, "events --kind cycle --json").output().expect("it starts");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let keys = ["number", "ran", "state", "action", "explored", "energy", "work", "roi", "delta", "modules", "policy"];
    let of = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("an event");
        keys.iter().map(|key| event["document"][key].clone()).collect()
    };
    String::from_utf8_lossy(&ended.stdout).lines().map(of).collect()
}

/// The modules that pass, by id.
const PASS: [&str; 3] = ["modules/five.wasm", "modules/three.wasm", "modules/two.wasm"];

/// Kills a self-test and looks at what it left; then makes it again. Says whether it had changed the files: `expected`
/// are those after one self-test, and after two.
fn killed_after(project: &Path, wait: Duration, expected: [&Files; 2]) -> bool {
    let workflow = Files::of(project).workflow;
    let mut child = started(project, RUN).spawn().expect("it starts");
    std::thread::sleep(wait);
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    child.wait().expect("it ended");

    let (code, listed) = document(project, "modules list --json");
    assert_eq!(code, 0, "after {wait:?}");
    let left = Files::of(project);
    let has_changed = left.workflow != workflow;
    if has_changed {
        assert_eq!(&left, expected[0], "after {wait:?}");
    } else {
        assert!(left.map.is_empty() && left.orphans.is_empty(), "after {wait:?}: {left:?}");
    }
    let listed: Vec<&str> =
        listed["modules"].as_array().expect("modules").iter().filter_map(|m| m["id"].as_str()).collect();
    assert_eq!(listed, left.map.keys().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(strangers(project), Vec::<String>::new(), "after {wait:?}");

    run(project);
    assert_eq!(&Files::of(project), expected[usize::from(has_changed)], "after {wait:?}");
    assert_eq!(strangers(project), Vec::<String>::new(), "after {wait:?}");
    has_changed
}

/// A project of its own, with a folder of compiled code that others share.
fn project(compiled: Option<&Path>) -> tempfile::TempDir {
    let folder = several();
    share(compiled, folder.path());
    folder
}

fn share(compiled: Option<&Path>, project: &Path) {
    for (name, bytes) in compiled.map(tree).unwrap_or_default() {
        write(project, &format!("sandbox_data/compiled/{}", name.display()), &bytes);
    }
}

fn run(project: &Path) {
    let ended = started(project, RUN).output().expect("it starts");
    // One candidate does not pass.
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// What says what is integrated, without the times.
#[derive(Debug, PartialEq)]
struct Files {
    map: BTreeMap<String, Value>,
    orphans: BTreeMap<String, Value>,
    workflow: String,
}

impl Files {
    fn of(project: &Path) -> Self {
        let modules = |name: &str| -> BTreeMap<String, Value> {
            let Ok(text) = fs::read_to_string(project.join("sandbox_data").join(name)) else { return BTreeMap::new() };
            let document: Value = serde_json::from_str(&text).expect("a document");
            let mut modules: BTreeMap<String, Value> =
                serde_json::from_value(document["modules"].clone()).expect("modules");
            for module in modules.values_mut() {
                module.as_object_mut().expect("an object").remove("since");
            }
            modules
        };
        let workflow = fs::read_to_string(project.join(SEVERAL)).expect("a workflow");
        Self { map: modules("module_map.json"), orphans: modules("orphan_modules.json"), workflow }
    }
}

/// Files that nobody expects: any but those that were written by hand, and those of the state.
fn strangers(project: &Path) -> Vec<String> {
    let given: BTreeSet<_> = tree(several().path()).into_keys().collect();
    let is_known = |path: &Path| {
        let state = path.strip_prefix("sandbox_data").ok().map(|path| path.to_string_lossy().into_owned());
        let is_state = |name: &str| {
            name.is_empty()
                || name.starts_with("compiled")
                || STATE.contains(&name)
                || ["module_map.json", "orphan_modules.json"].contains(&name)
        };
        given.contains(path) || state.is_some_and(|name| is_state(&name))
    };
    let all = tree(project).into_keys();
    all.filter(|path| !is_known(path)).map(|path| path.display().to_string()).collect()
}
