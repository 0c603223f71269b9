use super::*;

fn told(kind: &str, subject: &str, document: &str) -> String {
    let event = StoredEvent {
        at_ms: 951_782_400_000,
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        document: document.to_owned(),
    };
    line(7, &event)
}

const BYTES: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn each_kind_says_what_happened() {
    let measured = format!(
        r#"{{"schema":"holobiont.measured/1","question":"{BYTES}","preset":"tight","group":["m/a_mtf.wasm","m/coder.wasm"],
            "arms":[],"update":{{"before":1.5,"after":1.25}}}}"#
    );
    let tested = |passed: bool, redundant: bool, enough_data: bool, reasons: &str| {
        format!(
            r#"{{"schema":"holobiont.candidate/1","module":"m/a.wasm","digest":"{BYTES}","imports":[],"passed":{passed},
            "enough_data":{enough_data},"stage":"solo","redundant":{redundant},"reasons":{reasons},"stages":[],
            "workflows":[]}}"#
        )
    };
    let hand = |schema: &str, digest: &str, more: &str| format!(r#"{{"schema":"{schema}"{digest}{more}}}"#);
    let digest = format!(r#","digest":"{BYTES}""#);
    let workflows = r#","workflows":["squeeze","few"]"#;
    let moves = r#"[{"key":"CPU_LIMIT","from":1,"to":0.5},{"key":"MEMORY_LIMIT","from":64,"to":32}]"#;
    for (kind, document, said) in [
        ("measured", measured, "mtf + coder under tight: ROI 1.250 (-0.2500)"),
        ("self-tested", tested(true, false, true, "[]"), "passed"),
        ("self-tested", tested(true, false, true, r#"["it earns"]"#), "passed: it earns"),
        ("self-tested", tested(false, true, true, r#"["b does it"]"#), "redundant: b does it"),
        ("self-tested", tested(false, false, true, r#"["it traps","x"]"#), "did not pass (solo): it traps"),
        ("self-tested", tested(false, false, false, "[]"), "not enough data"),
        (
            "preset-adapted",
            format!(r#"{{"schema":"holobiont.adapted/1","preset":"tight","moves":{moves}}}"#),
            "tight: CPU_LIMIT 1 to 0.5, MEMORY_LIMIT 64 to 32",
        ),
        (
            "integrated",
            hand("holobiont.integrated/1", &digest, workflows),
            "passed its test and is integrated, 0123456789ab, in squeeze, few",
        ),
        ("pinned", hand("holobiont.pinned/1", &digest, ""), "integrated by hand, 0123456789ab"),
        ("removed", hand("holobiont.removed/1", "", workflows), "removed by hand, from squeeze, few"),
        ("removed", hand("holobiont.removed/1", "", ""), "removed by hand"),
    ] {
        assert_eq!(told(kind, "s", &document), format!("     7  2000-02-29 00:00:00  {kind:<14}  s: {said}"));
    }
}

#[test]
fn what_is_not_known_says_its_schema() {
    for (document, said) in [
        (r#"{"schema":"holobiont.to-come/1","digest":7}"#, "s: holobiont.to-come/1"),
        (r#"{"schema":"holobiont.measured/1"}"#, "s: holobiont.measured/1"),
        (r#"{"schema":"holobiont.measured/2"}"#, "s: holobiont.measured/2"),
        ("[1]", "s: a document without a schema"),
        (r#"{"schema":1}"#, "s: a document without a schema"),
        ("{", "s: its document does not read"),
        ("", "s: its document does not read"),
    ] {
        assert!(told("k", "s", document).ends_with(said), "{document}");
    }
}

#[test]
fn a_strangers_words_stay_on_their_line() {
    let wild = "\u{1b}[2J\n\u{202e}";
    let document = serde_json::json!({
        "schema": "holobiont.removed/1",
        "workflows": [wild, "w".repeat(10_000)],
    });
    for document in [document.to_string(), serde_json::json!({ "schema": wild }).to_string(), wild.to_owned()] {
        let said = told(wild, wild, &document);
        assert!(!said.chars().any(|c| c.is_control() || c == '\u{202e}') && said.len() < 2000, "{said}");
    }
}
