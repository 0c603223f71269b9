//! Self-tests as people and scripts meet them.

use std::fs;
use std::path::Path;

use holobiont_test_guests as guests;
use serde_json::Value;

use super::yard::{CASES, SEVERAL, several, write, yard};
use super::{check, document, started, tree};

#[test]
fn self_tests_come_to_what_is_written_down() {
    let project = yard();
    let wrong = check("", &|name| name == CASES, project.path());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What scripts read of a self-test, and of going round.
#[test]
fn documents_of_self_tests_hold_what_their_readers_rely_on() {
    let project = several();
    let before = fs::read_to_string(project.path().join(SEVERAL)).expect("a workflow");
    let (code, dry) = document(project.path(), "self-test run --dry-run --json");
    assert_eq!((code, dry["schema"].as_str(), &dry["dry_run"]), (3, Some("holobiont.self-test/1"), &true.into()));
    assert_eq!(fs::read_to_string(project.path().join(SEVERAL)).expect("a workflow"), before);
    for list in ["module_map.json", "orphan_modules.json"] {
        assert!(!project.path().join("sandbox_data").join(list).exists(), "a dry run integrates nothing");
    }
    let candidates = dry["candidates"].as_array().expect("candidates");
    let ids: Vec<&str> = candidates.iter().filter_map(|candidate| candidate["module"].as_str()).collect();
    assert_eq!(ids, ["modules/five.wasm", "modules/three.wasm", "modules/two.wasm", "modules/useless.wasm"]);
    for candidate in candidates {
        let stages: Vec<&str> =
            candidate["stages"].as_array().expect("stages").iter().filter_map(|said| said["stage"].as_str()).collect();
        assert_eq!(stages, ["load", "authority", "smoke", "solo", "pairs", "group"], "{candidate}");
        let measures = &candidate["workflows"][0];
        assert_eq!(measures["workflow"], "cut");
        // Both measures, whatever came of them.
        for measure in ["roi", "synergy_roi", "gain"] {
            let (low, high) = (measures[measure]["low"].as_f64(), measures[measure]["high"].as_f64());
            assert!(low.is_some() && low <= high, "{measure} of {candidate}");
        }
        assert!(!candidate["reasons"].as_array().expect("reasons").is_empty());
        assert_eq!(candidate["passed"], candidate["module"] != "modules/useless.wasm");
    }
    assert_eq!(dry["workflows"][0]["kept"], true);
    assert_eq!(dry["workflows"][0]["inserted"][0]["step"], 1);

    let (code, kept) = document(project.path(), "self-test run --json");
    assert_eq!((code, kept["integrated"].as_array().map(Vec::len)), (3, Some(3)));
    let runs = |report: &Value| report["runs_made"].as_u64().expect("a number");
    assert!(runs(&kept) * 10 < runs(&dry), "what the dry run measured is remembered");

    let (code, went) = document(project.path(), "autonomous run --cycles 2 --include-orphans --clean-orphans --json");
    assert_eq!((code, went["schema"].as_str()), (0, Some("holobiont.autonomous/1")));
    assert_eq!(went["environment"]["SELF_TEST_CLEAN_ORPHANS"], "1", "{}", went["environment"]);
    let rounds = went["rounds"].as_array().expect("rounds");
    assert_eq!(rounds.len(), 2);
    let cycle = &rounds[0][0]["cycle"];
    assert_eq!(
        (&cycle["engine"], &cycle["ran"], &cycle["passed"]),
        (&"cut".into(), &true.into(), &0.into()),
        "{cycle}"
    );
    assert_eq!(cycle["integrated"], Value::Array(Vec::new()));
    assert_eq!(cycle["modules"].as_array().map(Vec::len), Some(4));
    let (code, engines) = document(project.path(), "engine list --json");
    assert_eq!((code, engines["schema"].as_str()), (0, Some("holobiont.engines/1")));
    let engine = &engines["engines"][0];
    assert!(engine["cycles"].as_u64().is_some_and(|cycles| (1..=2).contains(&cycles)), "{engine}");
    let (code, shown) = document(project.path(), "engine show cut --json");
    assert_eq!(
        (code, shown["schema"].as_str(), &shown["last"]["engine"]),
        (0, Some("holobiont.engine/1"), &"cut".into())
    );
    let (code, next) = document(project.path(), "engine cycle cut --json");
    assert_eq!((code, next["schema"].as_str()), (0, Some("holobiont.cycle/1")));
}

/// What `inspect` says of a module's place among the others; it writes nothing.
#[test]
fn a_module_is_shown_among_its_neighbours() {
    let project = yard();
    let root = project.path();
    let before = tree(root);
    let inspected_in = |folder: &Path, module: &str| -> Value {
        let ended = started(folder, &format!("inspect {module} --json")).output().expect("it starts");
        serde_json::from_slice::<Value>(&ended.stdout).expect("a document")["repository"].take()
    };
    let inspected = |module: &str| inspected_in(root, module);
    let asks = inspected("modules/asks.wasm");
    assert_eq!((&asks["discovered"], &asks["orphan"]), (&true.into(), &true.into()));
    let need = &asks["needs"][0];
    assert_eq!(need["exporter"], "modules/answers.wasm");
    assert_eq!(need["import"], "holobiont-fixtures:text/transform@0.1.0");
    assert!(need["export"].as_str().is_some_and(|export| export.starts_with("holobiont-fixtures:text/transform@0.1.")));
    assert_eq!(inspected("modules/answers.wasm")["imported_by"][0], "modules/asks.wasm");
    let again = inspected("modules/again.wasm");
    assert_eq!(again["redundancy"]["kept"], "modules/squeeze_mtf.wasm");
    let step = inspected("modules/squeeze_mtf.wasm");
    assert_eq!((&step["orphan"], &step["redundancy"]), (&false.into(), &Value::Null));
    assert_eq!(
        (&step["used_by"][0]["workflow"], &step["used_by"][0]["role"]),
        (&"workflows/squeeze.toml".into(), &"step".into())
    );

    let words = |arguments: &str| {
        let ended = started(root, &format!("inspect {arguments}")).output().expect("it starts");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).expect("text")
    };
    let text = words("modules/asks.wasm");
    assert!(
        text.contains("\n  wants      holobiont-fixtures:text/transform@0.1.0 (gets it from modules/answers.wasm, as "),
        "{text}"
    );
    assert!(!text.contains("refuse the module"), "{text}");
    assert!(words("modules/answers.wasm").contains("\n  in use     no, an orphan: imported by modules/asks.wasm\n"));
    assert!(words("modules/squeeze_mtf.wasm").contains("\n  in use     a step of workflows/squeeze.toml\n"));
    assert_eq!(before.keys().collect::<Vec<_>>(), tree(root).keys().collect::<Vec<_>>(), "nothing is written");

    write(root, "modules/others.wasm", &[guests::LIBRARY, b"\x00\x06\x04note1"].concat());
    assert_eq!(inspected("modules/asks.wasm")["needs"][0]["exporter"], "modules/answers.wasm", "twins are no choice");
    // Outside a project, and of what lies outside the repository, there is nothing to say.
    let away = tempfile::tempdir().expect("a folder");
    write(away.path(), "asks.wasm", &fs::read(root.join("modules/asks.wasm")).expect("read"));
    let outside = away.path().join("asks.wasm");
    let outside = outside.to_str().expect("a path of text");
    assert_eq!(inspected(outside), Value::Null);
    let text = words(outside);
    assert!(text.contains("it takes another module that exports it") && !text.contains("in use"), "{text}");
    assert_eq!(inspected_in(away.path(), "asks.wasm"), Value::Null);
    // What discovery is not to look at is not known.
    write(root, "holobiont.toml", b"[discover]\nroots = [\"texts\"]\n");
    assert_eq!(inspected("modules/asks.wasm")["discovered"], false);
    assert!(words("modules/asks.wasm").contains("\n  in use     not known: discovery does not come across it"));
}
