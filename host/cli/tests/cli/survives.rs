//! What runs of engines survive beside being killed: a disk that takes no more, a folder that is read-only, another host.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::yard::{SEVERAL, several};
use super::{document, started, tree};

const RUN: &str = "autonomous run --cycles 2";

/// The workflow after a run that nothing came in the way of.
fn undisturbed() -> String {
    let project = several();
    let ended = started(project.path(), RUN).output().expect("it starts");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    workflow(project.path())
}

fn workflow(project: &Path) -> String {
    fs::read_to_string(project.join(SEVERAL)).expect("a workflow")
}

/// The one line that a command which could not be carried out says.
#[track_caller]
fn one_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr).into_owned();
    assert!(text.starts_with("holobiont: ") && text.trim_end().lines().count() == 1, "{text}");
    text
}

/// No file may become larger than so many blocks: what is told then is what a full disk is told by, file by file.
#[test]
fn when_a_disk_takes_no_more_it_is_told_and_the_next_run_goes_on() {
    let expected = undisturbed();
    let project = several();
    for blocks in [1, 8, 40, 80, 160, 320] {
        let mut shell = Command::new("sh");
        // Writing further is then an error and not the end of the process.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {RUN}");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_holobiont")]).current_dir(project.path()).env_clear();
        let ended = shell.output().expect("it starts");
        let code = ended.status.code().expect("no signal ended it");
        assert!([0, 1, 5].contains(&code), "{blocks}: {code} {}", String::from_utf8_lossy(&ended.stderr));
        if code != 0 {
            one_line(&ended.stderr);
        }
        assert!(blocks > 1 || code != 0, "nothing fits into a block");
    }
    let ended = started(project.path(), RUN).output().expect("it starts");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(workflow(project.path()), expected);
}

#[test]
fn in_a_folder_that_is_read_only_it_is_told_and_nothing_is_changed() {
    let project = several();
    let root = project.path();
    let set = |mode| {
        let all = tree(root).into_keys().map(|path| root.join(path));
        let folders = ["modules", "texts", "workflows"].map(|name| root.join(name));
        for path in all.chain(folders).chain([root.to_owned()]) {
            let own = if path.is_dir() { mode | 0o111 } else { mode };
            fs::set_permissions(&path, fs::Permissions::from_mode(own)).expect("set");
        }
    };
    set(0o444);
    let before = tree(root);
    // To root nothing is read-only, so where these tests are run by root, the command is not.
    let nobody = 65_534;
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    for arguments in [RUN, "engine cycle cut", "autoscale"] {
        let mut command = started(root, arguments);
        if is_root {
            command.uid(nobody).gid(nobody);
        }
        let ended = command.output().expect("it starts");
        let words = one_line(&ended.stderr);
        assert!(words.contains("sandbox_data") && words.contains("Permission denied"), "{words}");
        assert!([1, 5].contains(&ended.status.code().expect("no signal")), "{words}");
        assert_eq!(tree(root), before);
    }
    // What only looks, goes on.
    let mut list = started(root, "engine list");
    if is_root {
        list.uid(nobody).gid(nobody);
    }
    assert!(list.output().expect("it starts").status.success());
    set(0o644);
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("set");
}

/// A command in the background, which does not outlive its test.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        // One that has ended cannot be ended, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_host_is_told_of_the_first_and_the_first_is_not_disturbed() {
    let project = several();
    let root = project.path();
    let first = started(root, "autonomous run --interval 1h").stderr(Stdio::null()).spawn().expect("it starts");
    let mut first = Background(first);
    // It has had its turn, and waits for the next.
    let mut lines = BufReader::new(first.0.stdout.take().expect("piped")).lines();
    let round: String =
        lines.by_ref().map(|line| line.expect("a line")).find(|line| line.contains("ROI")).expect("a cycle");
    assert!(round.contains("for each credit"), "{round}");
    for arguments in ["autonomous run", "engine cycle cut", "autoscale"] {
        let ended = started(root, arguments).output().expect("it starts");
        let words = one_line(&ended.stderr);
        assert!(words.contains("engines.lock") && words.contains("wait until it has ended, or stop it"), "{words}");
        assert_eq!(ended.status.code(), Some(5), "{words}");
    }
    // Who only reads, reads.
    let (code, engines) = document(root, "engine list --json");
    assert_eq!((code, &engines["engines"][0]["cycles"]), (0, &1.into()));
    assert_eq!(document(root, "autoscale --dry-run --json").0, 0);
    let ended = Command::new("kill").args(["-INT", &first.0.id().to_string()]).status().expect("sent");
    assert!(ended.success());
    let start = Instant::now();
    while first.0.try_wait().expect("a process").is_none() {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not end");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(first.0.wait().expect("ended").code(), Some(130));
    let rest: Vec<String> = lines.map(|line| line.expect("a line")).collect();
    assert!(rest.iter().any(|line| line.starts_with("In 1 round")), "it gives an account all the same: {rest:?}");
    // The next one is not disturbed.
    assert!(started(root, "engine cycle cut").output().expect("it starts").status.success());
}
