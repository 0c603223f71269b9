//! More and fewer engines, and who is asked first.

use std::fs;

use serde_json::Value;

use super::yard::{several, write};
use super::{document, started};

#[test]
fn an_engine_more_is_asked_for_and_remembered() {
    let project = several();
    let root = project.path();
    write(root, "holobiont.toml", b"[autoscale]\nsignals = 1\ncool-down = \"0s\"\nband = 0.0\nmax-engines = 2\n");
    let better = fs::read(root.join("modules/five.wasm")).expect("a module");
    for name in ["three", "five"] {
        fs::remove_file(root.join(format!("modules/{name}.wasm"))).expect("removed");
    }
    assert_eq!(document(root, "engine cycle cut --json").0, 0);
    write(root, "modules/five.wasm", &better);
    assert_eq!(document(root, "engine cycle cut --json").0, 0);

    let scaled = |arguments: &str| {
        let (code, scaled) = document(root, &format!("autoscale --json {arguments}"));
        assert_eq!((code, scaled["schema"].as_str()), (0, Some("holobiont.scaled/1")), "{scaled}");
        scaled
    };
    let names = || -> Vec<String> {
        let (_, engines) = document(root, "engine list --json");
        let engines = engines["engines"].as_array().expect("engines");
        engines.iter().map(|engine| engine["engine"].as_str().expect("a name").to_owned()).collect()
    };
    // What it earned speaks for one more, and so does where its return is going; a dry run does nothing of it.
    let dry = scaled("--dry-run");
    assert_eq!((&dry["scaling"]["scaling"], names()), (&"add".into(), vec!["cut".to_owned()]), "{dry}");
    let refused = scaled("--approve /bin/false");
    assert_eq!((&refused["approved"], names()), (&false.into(), vec!["cut".to_owned()]), "{refused}");
    // Who approves is told what of: it refuses whatever is no new engine.
    write(root, "asks.sh", b"#!/bin/sh\ngrep -q '\"scaling\":\"add\",\"name\":\"engine-1\"'\n");
    let script = root.join("asks.sh");
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    let more = scaled(&format!("--approve {}", script.display()));
    assert_eq!((&more["approved"], &more["made"][0]["like"]), (&true.into(), &Value::from("cut")), "{more}");
    assert_eq!(names(), ["cut", "engine-1"]);
    assert_eq!(document(root, "engine cycle engine-1 --json").0, 0);
    let fewer = scaled("--capital 0.1");
    assert_eq!((&fewer["scaling"]["name"], names()), (&"engine-1".into(), vec!["cut".to_owned()]), "{fewer}");
    assert_eq!(scaled("--reset")["made"], Value::Array(Vec::new()));

    let ended = started(root, "autoscale --approve ./absent").output().expect("it starts");
    assert_eq!(
        String::from_utf8_lossy(&ended.stderr),
        "holobiont: --approve ./absent: No such file or directory (os error 2)\n"
    );
    assert_eq!(ended.status.code(), Some(2));
    // In a run the same is decided after each round, and told.
    let ended = started(root, "autonomous run --cycles 1").output().expect("it starts");
    let text = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(text.contains("one engine more, engine-2 like cut: the capital is"), "{text}");
}
