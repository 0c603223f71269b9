//! The command line as people meet it.
//!
//! Each file in tests/cases holds commands and what comes of them: a line that begins with `$ ` is a
//! command, one that begins with `! ` is on standard error, one that begins with `? ` is the exit code
//! where it is not 0, and the others are on standard output. `[..]` stands for any text in a line, and
//! `[HERE]` for the folder that the command runs in. `BLESS=1 cargo test -p holobiont-cli --test cli` writes
//! down what comes of them now.
//!
//! The commands run in a small project that is made here. Those in tests/cases/refused have nothing to do
//! in the end, and leave it as it was. Those in tests/cases/self_test.md change what is integrated, and have a
//! project of their own (`yard.rs`).
#![expect(clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

use std::collections::BTreeMap;
use std::fs;
#[cfg(unix)]
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use holobiont_test_guests as guests;

#[path = "cli/killed.rs"]
mod killed;
#[path = "cli/refused.rs"]
mod refused;
#[cfg(unix)]
#[path = "cli/scaling.rs"]
mod scaling;
#[path = "cli/self_tests.rs"]
mod self_tests;
#[cfg(unix)]
#[path = "cli/survives.rs"]
mod survives;
#[path = "cli/yard.rs"]
mod yard;

#[test]
fn commands_come_to_what_is_written_down() {
    let project = project();
    let wrong = check("", &|name| name != yard::CASES, project.path());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_refused_is_told_in_words_and_leaves_no_trace() {
    let project = project();
    let before = tree(project.path());
    let wrong = check("refused", &|_| true, project.path());
    let after = tree(project.path());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no file comes or goes");
    assert!(before == after, "no file changes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What scripts read of a comparison: every key that the contract names, and no `null`.
#[test]
fn documents_hold_what_their_readers_rely_on() {
    let project = project();
    let (code, first) = document(project.path(), "synergy bwt mtf coder --workflow squeeze --json");
    assert_eq!((code, first["schema"].as_str()), (0, Some("holobiont.synergy/1")));
    let arms: Vec<&str> =
        first["arms"].as_array().expect("arms").iter().filter_map(|arm| arm["arm"].as_str()).collect();
    assert_eq!(arms, ["empty", "solo", "solo", "solo", "combined"]);
    let metrics = first["arms"][4]["metrics"].as_object().expect("metrics");
    assert_eq!(metrics.len(), 25);
    for (name, value) in metrics {
        let synergy = &first["synergy"][format!("synergy_{name}")];
        let alone: f64 = (1..4).filter_map(|arm| first["arms"][arm]["metrics"][name].as_f64()).sum();
        let expected = value.as_f64().expect("a number") - alone / 3.0;
        let found = synergy["value"].as_f64().expect("a number");
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{name}");
        assert!(synergy["low"].as_f64() <= Some(found) && Some(found) <= synergy["high"].as_f64(), "{name}");
        assert!(["higher", "lower", "neutral"].contains(&synergy["direction"].as_str().expect("a word")));
        let shares = first["shapley"].as_object().expect("members").values();
        let sum: f64 = shares.filter_map(|own| own[name].as_f64()).sum();
        let whole = value.as_f64().expect("a number") - first["arms"][0]["metrics"][name].as_f64().expect("a number");
        assert!((sum - whole).abs() <= 1e-9 * whole.abs().max(1.0), "{name}: {sum} is not {whole}");
        assert!(first["interaction"][name].is_number(), "{name}");
    }
    assert_eq!((&first["verdict"]["passed"], first["scenarios"].as_array().map(Vec::len)), (&true.into(), Some(8)));
    let (_, again) = document(project.path(), "synergy coder mtf bwt --workflow squeeze --json");
    assert_eq!((again["runs_made"].as_u64(), without_counts(again)), (Some(0), without_counts(first)));

    let (code, found) = document(project.path(), "synergy --search --workflow squeeze --json");
    assert_eq!((code, found["schema"].as_str(), &found["passed"]), (0, Some("holobiont.search/1"), &true.into()));
    assert_eq!(found["finalists"][0]["group"].as_array().map(Vec::len), Some(3));
    let (code, few) = document(project.path(), "synergy calibrate --workflow few --json");
    assert_eq!(
        (code, few["schema"].as_str(), &few["enough_data"]),
        (4, Some("holobiont.calibration/1"), &false.into())
    );
}

/// What scripts read of a discovery: that of a dry run is that of the one that keeps a list.
#[test]
fn a_discovery_is_the_same_dry_and_kept() {
    let project = project();
    let (code, dry) = document(project.path(), "discover --dry-run --json");
    assert_eq!((code, dry["schema"].as_str(), &dry["dry_run"]), (0, Some("holobiont.discovery/1"), &true.into()));
    assert!(!project.path().join("sandbox_data").exists(), "a dry run writes nothing");
    assert_eq!(dry["orphans"]["modules/good.wasm"]["kind"], "command");
    assert_eq!(dry["orphans"]["modules/good.wasm"]["redundant"], true);
    assert_eq!(dry["unmet"][0]["importer"], "modules/function.wasm");
    assert_eq!(dry["skipped"].as_array().map(Vec::len), Some(9));
    let list = project.path().join("sandbox_data/orphan_modules.json");
    let (_, mut kept) = document(project.path(), "discover --json");
    let written = fs::read_to_string(&list).expect("a list");
    let written: serde_json::Value = serde_json::from_str(&written).expect("a document");
    let names = |modules: &serde_json::Value| modules.as_object().expect("modules").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written["modules"]), names(&kept["orphans"]));
    kept["dry_run"] = true.into();
    assert_eq!(kept, dry);
    // A folder of state that cannot be is a mistake of the settings.
    fs::remove_dir_all(project.path().join("sandbox_data")).expect("removed");
    fs::write(project.path().join("file"), b"").expect("written");
    fs::write(project.path().join("holobiont.toml"), "[store]\ndata-dir = \"file/state\"\n").expect("written");
    let ended = started(project.path(), "discover").output().expect("it starts");
    assert_eq!(ended.status.code(), Some(2));
}

/// Who follows sees what others do, from before there is anything, and ends in good order.
#[cfg(unix)]
#[test]
fn following_shows_what_happens_until_it_is_ended() {
    let project = project();
    let mut follower = started(project.path(), "events --follow --json --kind pinned").spawn().expect("it starts");
    let mut lines = BufReader::new(follower.stdout.take().expect("a pipe")).lines();
    for (number, module) in [(1_u64, "squeeze_mtf"), (2, "squeeze_coder")] {
        let pinned = started(project.path(), &format!("modules pin {module}")).output().expect("it starts");
        assert!(pinned.status.success(), "nobody is held up by who follows: {pinned:?}");
        let line = lines.next().expect("a line").expect("text");
        let event: serde_json::Value = serde_json::from_str(&line).expect("one document on a line");
        let subject = format!("modules/{module}.wasm");
        assert_eq!((event["number"].as_u64(), event["subject"].as_str()), (Some(number), Some(&*subject)));
        assert_eq!((event["schema"].as_str(), event["kind"].as_str()), (Some("holobiont.event/1"), Some("pinned")));
    }
    let interrupted = Command::new("kill").args(["-INT", &follower.id().to_string()]).status().expect("kill");
    assert!(interrupted.success());
    assert_eq!(follower.wait().expect("it ended").code(), Some(130));
    assert!(lines.next().is_none(), "nothing is told twice");
    assert!(!project.path().join("sandbox_data/holobiont.db-wal").exists(), "it is closed");
}

/// A reader that goes ends it, also while nothing happens.
#[cfg(unix)]
#[test]
fn following_ends_when_nobody_reads() {
    let project = project();
    for prepare in ["--version", "modules pin squeeze_mtf"] {
        started(project.path(), prepare).output().expect("it starts");
        let mut follower = started(project.path(), "events --follow").spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(follower.try_wait().expect("asked").is_none(), "it waits");
        drop(follower.stdout.take());
        assert_eq!(follower.wait().expect("it ended").code(), Some(0));
    }
}

/// A process that is killed leaves what the next one goes on with.
#[test]
fn whenever_it_is_killed_the_next_one_says_the_same() {
    let whole = project();
    let (_, expected) = document(whole.path(), KILLED);
    let expected = without_counts(expected);
    let project = project();
    for wait in [30, 120, 200, 250, 300, 400, 600] {
        let mut child = started(project.path(), KILLED).spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(wait));
        // One that has ended cannot be killed, and need not be.
        let _ = child.kill();
        child.wait().expect("it ended");
    }
    assert_eq!(without_counts(document(project.path(), KILLED).1), expected);
}

const KILLED: &str = "synergy bwt mtf coder --workflow squeeze --scenario tight --scenario repeat --json";

fn started(project: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holobiont"));
    command.args(arguments.split_whitespace()).current_dir(project).env_clear();
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

/// The exit code of a command, and the one document that it prints.
fn document(project: &Path, arguments: &str) -> (i32, serde_json::Value) {
    let ended = started(project, arguments).output().expect("it starts");
    let text = String::from_utf8(ended.stdout).expect("text");
    assert!(!text.contains("null"), "absent keys are left out");
    let document = serde_json::from_str(&text).expect("one document");
    (ended.status.code().expect("no signal ended it"), document)
}

fn without_counts(mut document: serde_json::Value) -> serde_json::Value {
    for count in ["runs_made", "reused"] {
        document.as_object_mut().expect("an object").remove(count);
    }
    document
}

/// Runs the cases of those files of a folder that are wanted, and says where they come to something else.
fn check(folder: &str, wanted: &dyn Fn(&str) -> bool, project: &Path) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder of the cases");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(wanted));
    files.sort();
    assert!(!files.is_empty(), "no cases in {}", folder.display());
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("a case");
        let now = replayed(&text, project);
        if now == text {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, now).expect("written");
        } else {
            let lines = text.lines().zip(now.lines()).enumerate();
            let place = lines.into_iter().find(|(_, (was, is))| was != is);
            let (line, (was, is)) = place.unwrap_or((text.lines().count(), ("", "")));
            let name = path.file_name().unwrap_or_default().display();
            wrong.push(format!("{name}, line {}:\n  was {was}\n  is  {is}", line + 1));
        }
    }
    wrong
}

/// A file of cases with what its commands come to now. A line that is as it was described stays.
fn replayed(text: &str, project: &Path) -> String {
    let mut now = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        now.push_str(line);
        now.push('\n');
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut described = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```")) {
            described.push(line);
        }
        // The empty line between two commands belongs to neither.
        let gap = described.pop_if(|line| line.is_empty()).is_some();
        for (place, line) in run(command, project).into_iter().enumerate() {
            let described = described.get(place).filter(|pattern| fits(pattern, &line));
            now.push_str(described.map_or(line.as_str(), |pattern| pattern));
            now.push('\n');
        }
        if gap {
            now.push('\n');
        }
    }
    now
}

/// What comes of a command, as lines of a case.
fn run(command: &str, project: &Path) -> Vec<String> {
    // What comes before the command is its environment.
    let (set, arguments) = command.split_once("holobiont").expect("a command of holobiont");
    let ended = Command::new(env!("CARGO_BIN_EXE_holobiont"))
        .args(arguments.split_whitespace())
        .current_dir(project)
        .env_clear()
        .envs(set.split_whitespace().map(|set| set.split_once('=').expect("NAME=VALUE")))
        .env("COLUMNS", "100")
        .output()
        .expect("it starts");
    let here = project.canonicalize().expect("it is there");
    let here = here.to_str().expect("a path of text");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text").replace(here, "[HERE]");
    let mut lines: Vec<String> = text(&ended.stdout).lines().map(|line| line.trim_end().to_owned()).collect();
    lines.extend(text(&ended.stderr).lines().map(|line| format!("! {line}").trim_end().to_owned()));
    if !ended.status.success() {
        lines.push(format!("? {}", ended.status.code().expect("no signal ended it")));
    }
    lines
}

/// Whether a line is as a pattern says, in which `[..]` is any text.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = parts.next().and_then(|start| line.strip_prefix(start)) else { return false };
    let mut open = false;
    for part in parts {
        open = part.is_empty();
        match rest.find(part) {
            None => return false,
            Some(at) => rest = &rest[at + part.len()..],
        }
    }
    open || rest.is_empty()
}

/// Paths below a folder, with the bytes of those that are files.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let bytes = if path.is_dir() { Vec::new() } else { fs::read(&path).expect("a file") };
            found.insert(path.strip_prefix(root).expect("below it").to_owned(), bytes);
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// A project with a workflow of three steps, modules that do one thing each, and files with a slip in them.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let write = |name: &str, bytes: &[u8]| {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    };
    write("holobiont.toml", b"# Every setting has its default.\n");
    write("workflows/pair.toml", workflow("inputs", "modules/rank_left.wasm").as_bytes());
    write("inputs/one.txt", b"one");
    write("without-inputs/note.md", b"A note is no input.");

    let good = guests::WAT_EMPTY.wasm;
    for name in ["rank_left", "rank_right", "rank_third", "rank_score", "good"] {
        write(&format!("modules/{name}.wasm"), good);
    }
    for (name, fixture) in [
        ("exit7", guests::WAT_EXIT_CODE_7),
        ("endless", guests::WAT_CORE_SPINS),
        ("traps", guests::WAT_CORE_TRAPS),
        ("large", guests::WAT_HUGE_MEMORY),
        ("stranger", guests::WAT_UNKNOWN_IMPORT),
        ("misspelt", guests::WAT_MISSPELT_IMPORT),
        ("newer", guests::WAT_TELEMETRY_0_2_IMPORT),
        ("wasi03", guests::WAT_WASI_03_IMPORT),
        ("function", guests::WAT_CORE_FUNCTION_IMPORT),
        ("pipes", guests::WAT_MODULES_IMPORT),
        ("nothing", guests::WAT_NOTHING_AT_ALL),
        ("other", guests::WAT_WITHOUT_ENTRY_POINT),
        ("library", guests::WAT_CORE_WITHOUT_START),
        ("scorer", guests::SCORER),
        ("copy", guests::WAT_CORE_CAT),
        ("pipeline", guests::PIPELINE_ECHO),
        ("candidate", guests::CANDIDATE_ECHO),
    ] {
        write(&format!("modules/{name}.wasm"), fixture.wasm);
    }
    write("modules/text.wasm", guests::LIBRARY);

    squeeze(&write);
    past(&write);
    write("bad/empty.wasm", b"");
    write("bad/prose.wasm", b"This is no module.");
    write("bad/text.wasm", b"(module)");
    write("bad/compiled.wasm", b"\x7fELF and so on");
    write("bad/short.wasm", b"\0as");
    write("bad/cut.wasm", &good[..good.len() - 20]);
    let first = "modules/rank_left.wasm";
    write("bad/typo.toml", workflow("inputs", first).replace("inputs =", "imputs =").as_bytes());
    write("bad/outside.toml", workflow("inputs", "../rank_left.wasm").as_bytes());
    write("bad/module-missing.toml", workflow("inputs", "modules/absent.wasm").as_bytes());
    write("bad/input-missing.toml", workflow("absent.txt", first).as_bytes());
    write("bad/input-outside.toml", workflow("../absent.txt", first).as_bytes());
    write("bad/input-none.toml", workflow("without-inputs", first).as_bytes());
    write("bad/no-step.toml", b"name = \"pair\"\ninputs = [\"inputs\"]\n");
    write("bad/key.toml", b"[run]\nprest = \"tight\"\n");
    write("bad/table.toml", b"[prizes]\nper-call = 0.001\n");
    write("bad/limit.toml", b"[presets.mine]\nmemroy = \"1MiB\"\n");
    write("bad/size.toml", b"[presets.mine]\nmemory = \"much\"\n");
    write("bad/preset.toml", b"[run]\npreset = \"tigth\"\n");
    write("bad/price.toml", b"[prices]\nper-call = -1.0\n");
    refused::engines(&write);
    write("bad/seed.toml", b"[run]\nseed = \"one\"\n");
    write("bad/digest.toml", b"[grants.\"sha256:12\"]\nenv = { A = \"1\" }\n");
    write("bad/unclosed.toml", b"[run\n");
    write("bad/gate-key.toml", b"[gate]\nlevle = 0.9\n");
    write("bad/gate-level.toml", b"[gate]\nlevel = 95.0\n");
    write("bad/gate-threshold.toml", b"[gate]\nsynergy-threshold = inf\n");
    write("bad/gate-target.toml", b"[gate]\nfalse-positive-target = 0.0\n");
    write("bad/gate-words.toml", b"[gate]\nroi-threshold = \"high\"\n");
    write("bad/energy.toml", b"[energy]\njoules-per-gigafuel = -1.0\n");
    write("bad/energy-key.toml", b"[energy]\njoules-per-gigafule = 1.0\n");
    write("bad/threads.toml", b"[run]\nthreads = 0\n");
    write("bad/root.toml", b"[discover]\nroots = [\"absent\"]\n");
    write("bad/root-outside.toml", b"[discover]\nroots = [\"../modules\"]\n");
    write("bad/discover-key.toml", b"[discover]\nrots = [\"modules\"]\n");
    write("bad/link.toml", b"[link]\n\"acme:words\" = \"modules/text.wasm\"\n");
    write("bad/map.toml", b"[store]\ndata-dir = \"map\"\n");
    write("bad/map/module_map.json", b"{\"schema\": \"holobiont.module-map/1\",\n\"moduls\": {}}");
    write("bad/self-test-key.toml", b"[self-test]\naudit-shair = 0.1\n");
    write("bad/self-test-share.toml", b"[self-test]\naudit-share = 5.0\n");
    write("bad/self-test-switch.toml", b"[self-test]\nclean-orphans = \"yes\"\n");
    // Beside modules, and without workflows.
    write("modules/lone.toml", b"# Every setting has its default.\n");
    write("bad/list.toml", b"[store]\ndata-dir = \"list\"\n");
    write("bad/list/orphan_modules.json", b"{\"schema\": \"holobiont.module-map/1\", \"modules\": {}}");
    folder
}

/// Events as they are exported, and what is none.
fn past(write: &dyn Fn(&str, &[u8])) {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let line = |number: u64, kind: &str, subject: &str, document: &str| {
        let head = format!(r#"{{"schema":"holobiont.event/1","number":{number},"at_ms":{}"#, 951_782_400_000 + number);
        format!(r#"{head},"kind":"{kind}","subject":"{subject}","document":{document}}}"#)
    };
    let measured = format!(
        r#"{{"schema":"holobiont.measured/1","question":"{digest}","preset":"standard","group":["modules/squeeze_mtf.wasm","modules/squeeze_coder.wasm"],"arms":[],"update":{{"before":831.3,"after":1309.7}}}}"#
    );
    let adapted =
        r#"{"schema":"holobiont.adapted/1","preset":"standard","moves":[{"key":"CPU_LIMIT","from":1,"to":0.5}]}"#;
    let integrated = format!(r#"{{"schema":"holobiont.integrated/1","digest":"{digest}","workflows":["squeeze"]}}"#);
    let removed = format!(r#"{{"schema":"holobiont.removed/1","digest":"{digest}","workflows":[]}}"#);
    let lines = [
        line(2, "measured", "squeeze", &measured),
        line(3, "preset-adapted", "squeeze", adapted),
        line(5, "integrated", "modules/squeeze_mtf.wasm", &integrated),
        line(6, "removed", "modules/squeeze_mtf.wasm", &removed),
        line(9, "to-come", "modules/squeeze_mtf.wasm", r#"{"schema":"holobiont.to-come/1"}"#),
    ];
    let file = |lines: &[&str]| format!("{}\n", lines.join("\n"));
    let [first, second, ..] = &lines;
    write("past.jsonl", file(&lines.each_ref().map(String::as_str)).as_bytes());
    write("bad/cut.jsonl", file(&[first, &second[..40]]).as_bytes());
    write("bad/order.jsonl", file(&[second, first]).as_bytes());
    write("bad/newer.jsonl", file(&[first, &second.replace("adapted/1", "adapted/2")]).as_bytes());
    write("bad/prose.jsonl", b"What happened then:\n");
    write("bad/damaged/holobiont.db", &b"This was a database. ".repeat(100));
}

/// Squeezing some short texts with three of the examples' modules; and with what is not there.
fn squeeze(write: &dyn Fn(&str, &[u8])) {
    for name in ["squeeze_bwt", "squeeze_mtf", "squeeze_coder"] {
        let (_, wasm) = guests::EXAMPLES.iter().find(|(known, _)| *known == name).expect("an example");
        write(&format!("modules/{name}.wasm"), wasm);
    }
    for number in 0..18 {
        let words = ["one and ", "and another, ", "so on; ", "so forth. "];
        let text: String = (0..40 + 3 * number).map(|place| words[(place * place + number) % 4]).collect();
        write(&format!("texts/{number:02}.txt"), text.as_bytes());
    }
    let text = r#"name = "squeeze"
inputs = ["texts"]

[[step]]
module = "modules/squeeze_bwt.wasm"

[[step]]
module = "modules/squeeze_mtf.wasm"

[[step]]
module = "modules/squeeze_coder.wasm"

[objective]
bytes-saved = true
credits-per-unit = 0.01

[objective.round-trip]
parameter = "direction"
value = "decode"
"#;
    write("workflows/squeeze.toml", text.as_bytes());
    write("workflows/few.toml", text.replace("\"texts\"", "\"texts/00.txt\", \"texts/01.txt\"").as_bytes());
    // Nothing of these helps another.
    write("workflows/idle.toml", text.replace("squeeze_bwt", "copy").replace("squeeze_mtf", "exit7").as_bytes());
    let (steps, _) = text.split_once("[objective]").expect("an objective");
    let expecting = format!("{steps}[objective]\nexpected = \"right\"\nmeasure = \"exact\"\n");
    write("workflows/expecting.toml", expecting.as_bytes());
}

fn workflow(input: &str, first: &str) -> String {
    format!(
        r#"name = "pair"
inputs = ["{input}"]

[[step]]
module = "{first}"

[[step]]
module = "modules/rank_right.wasm"

[[step]]
module = "modules/rank_third.wasm"

[objective]
scorer = "modules/rank_score.wasm"
"#
    )
}
