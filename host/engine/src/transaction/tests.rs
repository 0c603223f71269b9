use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;

use super::recover::recover_by;
use super::*;
use crate::{Project, ProjectError};

type Tree = BTreeMap<PathBuf, Vec<u8>>;

const OLD: [(&str, Option<&str>); 3] = [
    ("sandbox_data/orphan_modules.json", Some("old orphans")),
    ("sandbox_data/module_map.json", None),
    ("workflows/a.toml", Some("old steps")),
];
const NEW: [&str; 3] = ["new orphans", "new map", "new steps, which are longer than the old ones"];

fn find(root: &Path) -> Result<Project, ProjectError> {
    Project::find(root, None, &|_| None)
}

/// A project before the change.
fn project() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("holobiont.toml"), "").expect("written");
    for (path, text) in OLD {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        if let Some(text) = text {
            fs::write(path, text).expect("written");
        }
    }
    let project = find(folder.path()).expect("a project");
    (folder, project)
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// The change of all three files.
fn change(project: &Project) -> Transaction {
    let mut transaction = project.transaction();
    transaction.replace_in_data(Project::ORPHAN_MODULES, OLD[0].1.map(digest), NEW[0].to_owned());
    transaction.replace_bytes_in_data(Project::MODULE_MAP, OLD[1].1.map(digest), NEW[1].into());
    transaction.replace(OLD[2].0, OLD[2].1.map(digest), NEW[2].to_owned());
    transaction
}

/// All files of a folder but the lock, which stays.
fn tree(folder: &Path) -> Tree {
    let (mut files, mut folders) = (Tree::new(), vec![folder.to_owned()]);
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("integration.lock") {
                let bytes = fs::read(&path).expect("a file");
                files.insert(path.strip_prefix(folder).expect("below it").to_owned(), bytes);
            }
        }
    }
    files
}

fn with(before: &Tree, texts: [&str; 3]) -> Tree {
    let mut tree = before.clone();
    for ((path, _), text) in OLD.iter().zip(texts) {
        tree.insert(path.into(), text.as_bytes().to_vec());
    }
    tree
}

/// How a process ends at a step: before it, in the middle of writing, after it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Killed {
    Before,
    Within,
    After,
}

const KILLED: [Killed; 3] = [Killed::Before, Killed::Within, Killed::After];

/// A disk on which a process ends at a step: nothing that comes later is done.
fn killed_at(step: usize, how: Killed) -> impl FnMut(Effect<'_>) -> io::Result<()> {
    let mut made = 0;
    move |effect| {
        made += 1;
        if made <= step {
            return on_disk(effect);
        }
        if made == step + 1 {
            match (how, effect) {
                (Killed::Before, _) => {}
                (Killed::Within, Effect::Write { path, bytes }) => {
                    on_disk(Effect::Write { path, bytes: &bytes[..bytes.len() / 2] })?;
                }
                (_, effect) => on_disk(effect)?,
            }
        }
        Err(io::Error::other("killed"))
    }
}

/// How many steps the change of three files is: draft, three texts, journal, three renames, the journal's end.
const STEPS: usize = 9;

/// After so many the new files hold.
const BEGUN: usize = 5;

#[test]
fn files_change_together_and_nothing_else_is_left() {
    let (folder, project) = project();
    let before = tree(folder.path());
    let made = Cell::new(0);
    let mut counting = |effect: Effect<'_>| {
        made.set(made.get() + 1);
        on_disk(effect)
    };
    change(&project).commit_by(&mut counting, LOCK_WAIT).expect("done");
    assert_eq!((made.get(), tree(folder.path())), (STEPS, with(&before, NEW)));
    assert_eq!(project.recover().expect("nothing to do"), None);
}

#[test]
fn whenever_it_is_killed_all_files_are_old_or_all_new() {
    for step in 0..STEPS {
        for how in KILLED {
            let (folder, project) = project();
            let before = tree(folder.path());
            change(&project).commit_by(&mut killed_at(step, how), LOCK_WAIT).expect_err("killed");
            find(folder.path()).expect("a project");
            let is_new = step + usize::from(how != Killed::Before) >= BEGUN;
            let expected = if is_new { with(&before, NEW) } else { before };
            assert_eq!(tree(folder.path()), expected, "killed {how:?} step {step}");
        }
    }
}

#[test]
fn finishing_may_be_killed_too() {
    for (step, how) in (0..STEPS).flat_map(|step| KILLED.map(|how| (step, how))) {
        for (again, how_again) in (0..STEPS).flat_map(|step| KILLED.map(|how| (step, how))) {
            let (folder, project) = project();
            let before = tree(folder.path());
            change(&project).commit_by(&mut killed_at(step, how), LOCK_WAIT).expect_err("killed");
            let was_killed = recover_by(&project.folders(), &mut killed_at(again, how_again), LOCK_WAIT).is_err();
            find(folder.path()).expect("a project");
            let is_new = step + usize::from(how != Killed::Before) >= BEGUN;
            let expected = if is_new { with(&before, NEW) } else { before };
            assert_eq!(tree(folder.path()), expected, "{how:?} step {step}, then {how_again:?} step {again}");
            if !was_killed && again > 6 {
                // There are no more steps than that to be killed at.
                break;
            }
        }
    }
}

#[test]
fn what_was_edited_in_between_is_not_overwritten() {
    for step in BEGUN..STEPS {
        for (path, old) in OLD {
            let (folder, project) = project();
            let before = tree(folder.path());
            change(&project).commit_by(&mut killed_at(step, Killed::Before), LOCK_WAIT).expect_err("killed");
            let path = folder.path().join(path);
            fs::write(&path, "edited by hand").expect("written");
            let left = tree(folder.path());
            let error = find(folder.path()).expect_err("edited").to_string();
            let (name, journal) = (path.file_name().expect("a name").to_string_lossy(), "integration.json away");
            assert!(error.contains(&*name) && error.contains(journal) && !error.contains('\n'), "{error}");
            assert!(matches!(change(&project).commit(), Err(TransactionError::Edited { .. })));
            assert_eq!(tree(folder.path()), left, "nothing was touched");
            // Either way out that the error names is one.
            match old {
                Some(text) => fs::write(&path, text).expect("written"),
                None => fs::remove_file(&path).expect("removed"),
            }
            find(folder.path()).expect("a project");
            assert_eq!(tree(folder.path()), with(&before, NEW));
        }
    }
}

#[test]
fn a_file_that_is_not_what_the_change_was_made_from_stays() {
    let (folder, project) = project();
    fs::write(folder.path().join("workflows/a.toml"), "edited by hand").expect("written");
    let before = tree(folder.path());
    let error = change(&project).commit().expect_err("changed");
    assert!(matches!(&error, TransactionError::Changed(path) if path.ends_with("workflows/a.toml")), "{error}");
    // The same where there must be no file yet, and where a file must be.
    fs::write(folder.path().join("workflows/a.toml"), "old steps").expect("written");
    fs::write(folder.path().join("sandbox_data/module_map.json"), "somebody's").expect("written");
    assert!(matches!(change(&project).commit(), Err(TransactionError::Changed(_))));
    fs::remove_file(folder.path().join("sandbox_data/module_map.json")).expect("removed");
    fs::remove_file(folder.path().join("workflows/a.toml")).expect("removed");
    assert!(matches!(change(&project).commit(), Err(TransactionError::Changed(_))));
    fs::write(folder.path().join("workflows/a.toml"), "edited by hand").expect("written");
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn a_file_that_stays_what_it_is_must_still_be_what_it_was() {
    let (folder, project) = project();
    let same = |before: &str| {
        let mut transaction = project.transaction();
        transaction.replace("workflows/a.toml", Some(digest(before)), before.to_owned());
        transaction.commit()
    };
    let modified = || fs::metadata(folder.path().join("workflows/a.toml")).expect("there").modified().expect("a time");
    let was = modified();
    same("old steps").expect("nothing to do");
    assert_eq!(modified(), was);
    assert!(matches!(same("others"), Err(TransactionError::Changed(_))));
}

#[test]
fn a_full_disk_leaves_the_old_files_and_nothing_else() {
    for full in 0..BEGUN {
        for how in KILLED {
            let (folder, project) = project();
            let before = tree(folder.path());
            let mut made = 0;
            let mut disk = |effect: Effect<'_>| {
                made += 1;
                if made == full + 1 {
                    // What is said to have failed may have been done, in part or whole.
                    killed_at(0, how)(effect).expect_err("it says so");
                    return Err(io::Error::from(io::ErrorKind::StorageFull));
                }
                on_disk(effect)
            };
            let error = change(&project).commit_by(&mut disk, LOCK_WAIT).expect_err("full");
            assert!(matches!(error, TransactionError::Write { .. }) && error.is_of_host(), "{error:?}");
            assert!(error.to_string().ends_with("; nothing was changed"), "{error}");
            assert_eq!(tree(folder.path()), before, "full {how:?} step {full}");
        }
    }
}

#[test]
fn what_cannot_be_finished_now_is_told_and_finished_later() {
    let (folder, project) = project();
    let before = tree(folder.path());
    let read_only = || {
        let mut made = 0;
        move |effect: Effect<'_>| {
            made += 1;
            let is_allowed = made <= BEGUN + 1;
            if is_allowed { on_disk(effect) } else { Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem)) }
        }
    };
    let error = change(&project).commit_by(&mut read_only(), LOCK_WAIT).expect_err("read-only");
    assert!(matches!(error, TransactionError::Unfinished { .. }) && error.is_of_host(), "{error:?}");
    assert!(error.to_string().contains("integration.json"), "{error}");
    let mut nothing = |_: Effect<'_>| Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
    let again = recover_by(&project.folders(), &mut nothing, LOCK_WAIT).expect_err("read-only");
    assert!(matches!(again, TransactionError::Unfinished { .. }), "{again:?}");
    let recovered = project.recover().expect("finished").expect("something");
    assert_eq!(recovered.files, [Project::ORPHAN_MODULES, Project::MODULE_MAP, "workflows/a.toml"]);
    assert_eq!(tree(folder.path()), with(&before, NEW));
}

#[test]
fn a_draft_that_cannot_be_taken_away_does_not_matter_to_who_reads() {
    let (folder, project) = project();
    change(&project).commit_by(&mut killed_at(3, Killed::After), LOCK_WAIT).expect_err("killed");
    let left = tree(folder.path());
    let mut nothing = |_: Effect<'_>| Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
    assert_eq!(recover_by(&project.folders(), &mut nothing, LOCK_WAIT).expect("nothing to do"), None);
    // Whoever made it may be at work still.
    let lock = Lock::take(&project.data_dir(), LOCK_WAIT).expect("free");
    assert_eq!(recover_by(&project.folders(), &mut on_disk, LOCK_WAIT).expect("nothing to do"), None);
    assert_eq!(tree(folder.path()), left);
    drop(lock);
    change(&project).commit().expect("the draft of another is in nobody's way");
    assert!(fs::read_dir(folder.path().join("workflows")).expect("a folder").count() == 1);
}

#[test]
fn of_two_at_once_one_is_told_and_succeeds_when_it_looks_again() {
    let (folder, project) = project();
    let path = folder.path().join("workflows/a.toml");
    let refused = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for name in ["x", "y"] {
            let (project, path, refused) = (&project, &path, &refused);
            scope.spawn(move || {
                for _ in 0..20 {
                    loop {
                        let text = fs::read_to_string(path).expect("never in between");
                        let mut transaction = project.transaction();
                        transaction.replace("workflows/a.toml", Some(digest(&text)), format!("{text}{name}"));
                        match transaction.commit() {
                            Ok(()) => break,
                            Err(TransactionError::Changed(_)) => {
                                refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
                            }
                            Err(other) => panic!("{other}"),
                        };
                    }
                }
            });
        }
    });
    let text = fs::read_to_string(&path).expect("there");
    let added = text.strip_prefix("old steps").expect("added to");
    assert_eq!((added.matches('x').count(), added.matches('y').count()), (20, 20), "no change is lost");
    // Surely so, without any luck.
    change(&project).commit().expect_err("made from what is no more");
    assert!(tree(folder.path()).keys().all(|path| !path.to_string_lossy().contains("integration")));
}

#[test]
fn who_waits_for_too_long_is_told_by_what() {
    let (_folder, project) = project();
    let lock = Lock::take(&project.data_dir(), LOCK_WAIT).expect("free");
    let error = change(&project).commit_by(&mut on_disk, Duration::ZERO).expect_err("busy");
    assert!(matches!(error, TransactionError::Busy { .. }), "{error:?}");
    assert!(error.to_string().contains("integration.lock for 0 s: run this again"), "{error}");
    drop(lock);
    change(&project).commit().expect("free again");
}

#[test]
fn to_look_at_a_project_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("holobiont.toml"), "").expect("written");
    let project = find(folder.path()).expect("a project");
    assert_eq!(project.recover().expect("nothing to do"), None);
    project.transaction().commit().expect("nothing to do");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    // A file where the folder would be is a matter for who writes.
    fs::write(folder.path().join("sandbox_data"), "").expect("written");
    assert_eq!(project.recover().expect("nothing to do"), None);
    assert!(matches!(change(&project).commit(), Err(TransactionError::Write { .. })));
}

#[test]
fn paths_stay_in_the_two_folders() {
    let (folder, project) = project();
    let before = tree(folder.path());
    let write = |path: &str| {
        let mut transaction = project.transaction();
        transaction.replace(path, None, "text".to_owned());
        transaction.commit()
    };
    for path in ["../out", "/out", "a/../../out", "", ".", "./a", "workflows//b", "workflows\\b", "x\n", "c:out"] {
        let error = write(path).expect_err(path);
        assert!(matches!(error, TransactionError::Path(_)) && !error.to_string().contains('\n'), "{error}");
    }
    assert!(matches!(write("absent/b.toml"), Err(TransactionError::Read { .. })));
    assert!(matches!(write("workflows"), Err(TransactionError::Read { .. })), "a folder is no file");
    let mut twice = change(&project);
    twice.replace("sandbox_data/module_map.json", None, "text".to_owned());
    assert!(matches!(twice.commit(), Err(TransactionError::Twice(_))));
    assert_eq!(tree(folder.path()), before);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_inside_and_refused_outside() {
    use std::os::unix::fs::symlink;
    let (folder, project) = project();
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::write(elsewhere.path().join("out"), "outside").expect("written");
    symlink(elsewhere.path().join("out"), folder.path().join("workflows/out.toml")).expect("linked");
    symlink(elsewhere.path(), folder.path().join("outside")).expect("linked");
    symlink("a.toml", folder.path().join("workflows/b.toml")).expect("linked");
    let write = |path: &str, before: Option<&str>| {
        let mut transaction = project.transaction();
        transaction.replace(path, before.map(digest), "text".to_owned());
        transaction.commit()
    };
    for (path, before) in [("workflows/out.toml", Some("outside")), ("outside/new", None)] {
        assert!(matches!(write(path, before), Err(TransactionError::Outside { .. })), "{path}");
    }
    write("workflows/b.toml", Some("old steps")).expect("inside");
    assert_eq!(fs::read_to_string(folder.path().join("workflows/a.toml")).expect("there"), "text");
    assert!(folder.path().join("workflows/b.toml").is_symlink());
    // A link where a new text is to wait is replaced, not written through.
    let waiting = disk::beside(&folder.path().join("workflows/a.toml"));
    symlink(elsewhere.path().join("out"), &waiting).expect("linked");
    write("workflows/a.toml", Some("text")).expect("nothing to do");
    let mut transaction = project.transaction();
    transaction.replace("workflows/a.toml", Some(digest("text")), "more".to_owned());
    transaction.commit().expect("inside");
    assert_eq!(fs::read_to_string(elsewhere.path().join("out")).expect("there"), "outside");
    assert!(!waiting.exists());
}

#[test]
fn state_may_be_elsewhere() {
    let (folder, _) = project();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let data = elsewhere.path().join("deep/state");
    let env = |name: &str| (name == "SANDBOX_DATA_DIR").then(|| data.to_string_lossy().into_owned());
    let project = Project::find(folder.path(), None, &env).expect("a project");
    let mut transaction = project.transaction();
    transaction.replace_in_data(Project::MODULE_MAP, None, "map".to_owned());
    transaction.replace("workflows/a.toml", Some(digest("old steps")), "new steps".to_owned());
    transaction.commit_by(&mut killed_at(5, Killed::After), LOCK_WAIT).expect_err("killed");
    assert_eq!(fs::read_to_string(folder.path().join("workflows/a.toml")).expect("there"), "new steps");
    fs::remove_file(data.join("integration.lock")).expect("there");
    Project::find(folder.path(), None, &env).expect("a project");
    let kept: Vec<PathBuf> = tree(&data).into_keys().collect();
    assert_eq!(kept, [Path::new(Project::MODULE_MAP)]);
}

#[test]
fn a_journal_that_does_not_read_or_leads_astray_changes_nothing() {
    let (folder, project) = project();
    let path = folder.path().join("sandbox_data/integration.json");
    let astray = r#"{"schema":"holobiont.integration/1","files":[{"base":"repository","path":"../out","text":"x"}]}"#;
    for text in [
        "",
        "{",
        "[]",
        "{\"schema\":\"holobiont.integration/2\",\"files\":[]}",
        "{\"schema\":\"holobiont.integration/1\"}",
        astray,
    ] {
        fs::write(&path, text).expect("written");
        let before = tree(folder.path());
        let error = find(folder.path()).expect_err(text).to_string();
        assert!(!error.contains('\n'), "{error}");
        assert!(text == astray || error.contains("integration.json: ") && error.contains("take it away"), "{error}");
        assert_eq!(tree(folder.path()), before);
        assert!(change(&project).commit().is_err());
    }
    fs::write(&path, [0xff]).expect("written");
    assert!(matches!(project.recover(), Err(TransactionError::Journal { .. })));
    fs::write(&path, "{\"schema\":\"holobiont.integration/1\",\"files\":[]}").expect("written");
    assert_eq!(project.recover().expect("done").map(|done| done.files), Some(Vec::new()));
    assert!(!path.exists());
}

#[test]
fn bytes_that_are_no_text_are_what_they_were_after_a_kill_too() {
    let bytes: Vec<u8> = (0..=255).rev().collect();
    for step in [BEGUN - 2, 9] {
        let (folder, project) = project();
        let mut transaction = project.transaction();
        transaction.replace_bytes("workflows/a.wasm", None, bytes.clone());
        transaction.replace_bytes_in_data("kept.wasm", None, Vec::new());
        let outcome = transaction.commit_by(&mut killed_at(step, Killed::After), LOCK_WAIT);
        assert_eq!(outcome.is_err(), step < 7, "{outcome:?}");
        // What waited beside is lost as well: the journal has all that it takes.
        for waiting in tree(folder.path()).keys().filter(|path| path.to_string_lossy().contains(".integration")) {
            fs::remove_file(folder.path().join(waiting)).expect("removed");
        }
        find(folder.path()).expect("recovered");
        assert_eq!(fs::read(folder.path().join("workflows/a.wasm")).expect("there"), bytes);
        assert_eq!(fs::read(folder.path().join("sandbox_data/kept.wasm")).expect("there"), b"");
    }
}

#[test]
fn digits_that_are_none_are_no_journal() {
    let journal = |content: &str| {
        format!(r#"{{"schema":"holobiont.integration/1","files":[{{"base":"data","path":"a","text":{content}}}]}}"#)
    };
    for good in [r#""a text""#, r#"{"hex":""}"#, r#"{"hex":"00fFa9"}"#] {
        assert!(Journal::parse(&journal(good)).is_ok(), "{good}");
    }
    for bad in [r#"{"hex":"0"}"#, r#"{"hex":"0g"}"#, r#"{"hex":"é"}"#, r#"{"hex":[0]}"#, "0", "{}"] {
        assert!(Journal::parse(&journal(bad)).is_err(), "{bad}");
    }
}
