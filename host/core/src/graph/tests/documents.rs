//! The two files: what is written is read, and what is wrong is one line.

use super::super::{DocumentError, Orphan, OrphanModules};
use super::*;
use proptest::prelude::*;

const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn map() -> ModuleMap {
    let entry = |group: &[&str], since_ms| Integrated { digest: Digest::of(b"abc"), group: ids(group), since_ms };
    ModuleMap {
        modules: BTreeMap::from([
            (id("m/漢字 \"x\".wasm"), entry(&[], 1_700_000_000_000)),
            (id("m/a.wasm"), entry(&["m/b.wasm", "m/a.wasm"], 0)),
        ]),
    }
}

fn text() -> String {
    format!(
        r#"{{
  "schema": "holobiont.module-map/1",
  "modules": {{
    "m/a.wasm": {{
      "digest": "{DIGEST}",
      "group": [
        "m/b.wasm",
        "m/a.wasm"
      ],
      "since": 0
    }},
    "m/漢字 \"x\".wasm": {{
      "digest": "{DIGEST}",
      "group": [],
      "since": 1700000000000
    }}
  }}
}}
"#
    )
}

#[test]
fn the_module_map_is_written_sorted_and_read_as_it_was() {
    assert_eq!(map().to_json().as_deref(), Ok(text().as_str()));
    assert_eq!(ModuleMap::from_json(&text()), Ok(map()));
    let empty = ModuleMap::default().to_json().expect("can be written");
    assert_eq!(empty, "{\n  \"schema\": \"holobiont.module-map/1\",\n  \"modules\": {}\n}\n");
    assert_eq!(ModuleMap::from_json(&empty), Ok(ModuleMap::default()));
    let windows = text().replace("m/b.wasm", "./m\\\\b.wasm").replace('\n', "\r\n");
    assert_eq!(ModuleMap::from_json(&windows), Ok(map()));
}

#[test]
fn a_mistake_in_the_module_map_is_one_line_with_its_number() {
    let say = |from: &str, to: &str| {
        let text = text().replacen(from, to, 1);
        assert_ne!(text, super::documents::text(), "{from}");
        ModuleMap::from_json(&text).expect_err("a mistake").to_string()
    };
    let digest = "is not a digest: expected `sha256:` and 64 hex digits";
    for (from, to, words) in [
        ("\"group\"", "\"gruop\"", "line 6: unknown key `gruop`: did you mean `group`?"),
        ("\"modules\"", "\"moduls\"", "line 3: unknown key `moduls`: did you mean `modules`?"),
        ("sha256:ba", "sha256:b", &format!("line 5: `sha256:b{}` {digest}", &DIGEST[9..])),
        (DIGEST, "a\\u001b\\nb", &format!("line 5: `a\\u{{1b}}\\nb` {digest}")),
        ("m/b.wasm", "m/a.wasm", "line 8: `m/a.wasm` is there twice: keep one of them"),
        ("m/漢字 \\\"x\\\".wasm", "m/./a.wasm", "line 12: `m/a.wasm` is there twice: keep one of them"),
        (
            "\"m/b.wasm\"",
            "\"../b.wasm\"",
            "line 7: module `../b.wasm` lies outside the repository: an id is a path below holobiont.toml, without `..`",
        ),
        ("m/漢字 ", "m/\\n", "line 12: module id `m/\\n\"x\".wasm` holds a character that cannot be shown"),
        ("\"since\": 0", "\"since\": -1", "line 10: invalid value: integer `-1`, expected u64"),
        ("\"since\": 0", "\"since\": \"now\"", "line 10: invalid type: string \"now\", expected u64"),
        (",\n      \"since\": 0", "", "line 10: missing field `since`"),
        (
            "\"m/a.wasm\": {",
            "\"m/0.wasm\": 3,\n\"m/a.wasm\": {",
            "line 4: invalid type: integer `3`, expected an object with digest, group and since",
        ),
        ("\"since\": 0", "\"since\": 0,", "line 11: trailing comma"),
        (
            "[\n        \"m/b.wasm\",\n        \"m/a.wasm\"\n      ]",
            "3",
            "line 6: invalid type: integer `3`, expected a list of modules",
        ),
        (
            "module-map/1",
            "module-map/2\\u001b",
            "its schema is `holobiont.module-map/2\\u{1b}`, where this program reads `holobiont.module-map/1`",
        ),
        ("\"schema\"", "\"shema\"", "line 2: unknown key `shema`: did you mean `schema`?"),
    ] {
        assert_eq!(say(from, to), words, "{from} -> {to}");
    }
    for damaged in ["", "{", "[]", "3", "null", "{\"schema\": 1}", &format!("{}x", text()), &text()[..100]] {
        let words = ModuleMap::from_json(damaged).expect_err("damaged").to_string();
        assert!(words.starts_with("line ") && !words.contains('\n'), "{words}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(ModuleMap::from_json(&deep), Err(DocumentError::Syntax(_))));
}

#[test]
fn orphans_are_written_with_parents_and_reason() {
    let orphan = |parents: &[&str], reason: Option<&str>| Orphan {
        parents: ids(parents),
        redundant: reason.is_some(),
        reason: reason.map(str::to_owned),
    };
    let orphans = OrphanModules {
        modules: BTreeMap::from([
            (id("helper.wasm"), orphan(&["ein Wort.wasm"], None)),
            (id("ein Wort.wasm"), orphan(&[], Some("has the same bytes\nas `漢字`"))),
        ]),
    };
    let json = r#"{
  "schema": "holobiont.orphan-modules/1",
  "modules": {
    "ein Wort.wasm": {
      "parents": [],
      "redundant": true,
      "reason": "has the same bytes\nas `漢字`"
    },
    "helper.wasm": {
      "parents": [
        "ein Wort.wasm"
      ],
      "redundant": false
    }
  }
}
"#;
    assert_eq!(orphans.to_json().as_deref(), Ok(json));
    assert_eq!(OrphanModules::from_json(json), Ok(orphans));
    let say = |json: &str| OrphanModules::from_json(json).expect_err("a mistake").to_string();
    assert_eq!(say(&json.replace("true", "yes")), "line 6: expected value");
    assert_eq!(
        say(&json.replace("redundant\": true", "redundnat\": true")),
        "line 6: unknown key `redundnat`: did you mean `redundant`?"
    );
    assert!(say(&text()).starts_with("its schema is `holobiont.module-map/1`, where"));
}

proptest! {
    #[test]
    fn any_map_is_read_as_it_was_written(
        rows in proptest::collection::vec(
            ("[^\\\\]{1,12}", any::<u64>(), proptest::collection::btree_set("[a-zé ]{1,4}", 0..4)), 0..6
        )
    ) {
        let row = |(path, since_ms, group): (String, u64, std::collections::BTreeSet<String>)| {
            let group = group.iter().filter_map(|path| ModuleId::new(path).ok()).collect();
            Some((ModuleId::new(&path).ok()?, Integrated { digest: Digest::of(path.as_bytes()), group, since_ms }))
        };
        let map = ModuleMap { modules: rows.into_iter().filter_map(row).collect() };
        let json = map.to_json().expect("can be written");
        prop_assert_eq!(ModuleMap::from_json(&json), Ok(map));
    }

    #[test]
    fn nothing_that_is_read_breaks_the_reader(cut in 0usize..600, with in "\\PC{0,3}|[{}\\[\\]\",:0-9\n]{0,3}") {
        let mut text: Vec<char> = text().chars().collect();
        let cut = cut % text.len();
        text.splice(cut..(cut + 1).min(text.len()), with.chars());
        if let Err(error) = ModuleMap::from_json(&text.into_iter().collect::<String>()) {
            let words = error.to_string();
            prop_assert_eq!(crate::text::printable(&words), words);
        }
    }
}
