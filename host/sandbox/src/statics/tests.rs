//! Each rule against a module made for it; then what holds for all modules, and for bytes that are none.

use holobiont_core::Rejection;
use proptest::prelude::*;

use super::core_module::HUGE;
use super::function::DEEP;
use super::*;

/// What no rule says a word about, around what a test adds.
fn tidy_module(inner: &str) -> Vec<u8> {
    let text = format!(
        r#"(module $tidy
            {inner}
            (func $double (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (@producers (language "WAT" "1"))
            (@custom "version" "1.0.0"))"#
    );
    wat::parse_str(text).unwrap()
}

fn of(bytes: &[u8]) -> Statics {
    statics(bytes).unwrap()
}

fn of_text(text: &str) -> Statics {
    of(&wat::parse_str(text).unwrap())
}

fn finding<'a>(statics: &'a Statics, id: &str) -> Option<&'a Finding> {
    statics.findings.iter().find(|finding| finding.id == id)
}

fn ids(statics: &Statics) -> Vec<&str> {
    statics.findings.iter().map(|finding| finding.id).collect()
}

fn assert_in_range(statics: &Statics) {
    for score in [statics.maintainability, statics.code_quality, statics.security_score] {
        assert!((0.0..=100.0).contains(&score), "{statics:?}");
    }
    assert!((BASE_EXPOSURE..=1.0).contains(&statics.exposure), "{statics:?}");
    for finding in &statics.findings {
        assert!(finding.extent.is_finite() && finding.points.is_finite() && finding.count > 0, "{finding}");
    }
}

#[test]
fn the_tables_are_whole() {
    for rules in [LINTS, SECURITY_RULES] {
        assert_eq!(rules.iter().map(|rule| rule.weight).sum::<f64>(), 100.0);
        for rule in rules {
            assert!(rule.weight > 0.0 && rule.full > 0.0, "{}", rule.id);
            assert!((0.0..1.0).contains(&rule.exposes), "{}", rule.id);
            assert!(!rule.doc.is_empty() && !rule.unit.is_empty(), "{}", rule.id);
            let same_name = LINTS.iter().chain(SECURITY_RULES).filter(|other| other.id == rule.id);
            assert_eq!(same_name.count(), 1, "{}", rule.id);
        }
    }
}

#[test]
fn a_tidy_module_has_no_findings() {
    let tidy = of(&tidy_module(""));
    assert_eq!(ids(&tidy), Vec::<&str>::new());
    assert_eq!((tidy.code_quality, tidy.security_score, tidy.exposure), (100.0, 100.0, 0.1));
    assert_eq!((tidy.functions, tidy.instructions), (1, 3));
}

#[test]
fn every_rule_finds_the_module_made_for_it() {
    let nops = "nop ".repeat(HUGE as usize + 1);
    let nest = format!("{} nop {}", "block ".repeat(DEEP as usize + 1), "end ".repeat(DEEP as usize + 1));
    let twin = "(param i32) (result i32) local.get 0 i32.const 1 i32.add i32.const 2 i32.add i32.const 3 i32.add \
                i32.const 4 i32.add i32.const 5 i32.add";
    let cases = [
        ("dead-functions", "(func $dead)".to_owned()),
        ("unused-imports", r#"(import "wasi_snapshot_preview1" "fd_write" (func $w))"#.to_owned()),
        ("huge-functions", format!(r#"(func $huge (export "huge") {nops})"#)),
        ("deep-nesting", format!(r#"(func $deep (export "deep") {nest})"#)),
        ("panic-paths", r#"(func $panics (export "panics") unreachable)"#.to_owned()),
        ("duplicate-functions", format!(r#"(func $a (export "a") {twin}) (func $b (export "b") {twin})"#)),
        ("data-bloat", format!(r#"(memory 1 1) (data (i32.const 0) "{}")"#, "x".repeat(4_097))),
        ("wants-network", preview1("sock_accept")),
        ("wants-files", preview1("path_open")),
        ("wants-foreign", r#"(import "env" "f" (func $f)) (export "f" (func $f))"#.to_owned()),
        ("wants-clocks", preview1("clock_time_get")),
        ("wants-entropy", preview1("random_get")),
        (
            "wants-accelerator",
            r#"(import "holobiont:plugin/accelerator@0.1.0" "units" (func $f)) (export "f" (func $f))"#.to_owned(),
        ),
        ("memory-without-maximum", "(memory 1)".to_owned()),
        ("growable-table", r#"(table (export "t") 1 funcref)"#.to_owned()),
        (
            "table-writes",
            r#"(table 1 1 funcref) (func $w (export "w") (table.set (i32.const 0) (ref.null func)))"#.to_owned(),
        ),
        ("indirect-calls", r#"(table 1 1 funcref) (func $i (export "i") (call_indirect (i32.const 0)))"#.to_owned()),
        ("writable-globals", r#"(global (export "g") (mut i32) (i32.const 0))"#.to_owned()),
        ("start-function", "(func $s) (start $s)".to_owned()),
        ("debug-info", r#"(@custom ".debug_line" "x")"#.to_owned()),
    ];
    for (id, inner) in &cases {
        let statics = of(&tidy_module(inner));
        // An import that nothing calls is one finding of quality and one of security.
        let expected = if *id == "unused-imports" { vec![*id, "unneeded-imports"] } else { vec![*id] };
        assert_eq!(ids(&statics), expected, "{inner}");
        assert_eq!(finding(&statics, id).unwrap().count, 1, "{inner}");
        assert!(statics.code_quality < 100.0 || statics.security_score < 100.0, "{inner}");
        assert_in_range(&statics);
    }
    let bare = of_text(r#"(module (func (export "f") nop))"#);
    assert_eq!(ids(&bare), ["no-names", "no-producers", "no-version"]);
    let elsewhere = ["unneeded-imports", "no-names", "no-producers", "no-version", "many-instances"];
    for rule in LINTS.iter().chain(SECURITY_RULES) {
        let tested = elsewhere.contains(&rule.id) || cases.iter().any(|(id, _)| *id == rule.id);
        assert!(tested, "{}", rule.id);
    }
}

/// An import that is passed on, and so is needed.
fn preview1(name: &str) -> String {
    format!(r#"(import "wasi_snapshot_preview1" "{name}" (func $f)) (export "f" (func $f))"#)
}

#[test]
fn what_is_nearly_a_finding_is_none() {
    let nops = "nop ".repeat(HUGE as usize);
    let nest = format!("{} nop {}", "block ".repeat(DEEP as usize), "end ".repeat(DEEP as usize));
    let inner = format!(
        r#"(func $long (export "long") {nops}) (func $deep (export "deep") {nest})
           (func $a (export "a") nop nop nop) (func $b (export "b") nop nop nop)
           (table (export "t") 1 1 funcref) (global (export "g") i32 (i32.const 0))
           (memory (export "m") 1 1) (data (i32.const 0) "some")"#
    );
    assert_eq!(ids(&of(&tidy_module(&inner))), Vec::<&str>::new());
}

#[test]
fn whatever_can_run_is_live() {
    let alive = |inner: &str| finding(&of(&tidy_module(inner)), "dead-functions").is_none();
    assert!(!alive("(func $f) (func $g call $g call $f)"), "they only call each other");
    assert!(alive(r#"(func $f) (func $g (export "g") call $f)"#));
    assert!(alive(r#"(func $f) (func $g call $f) (func $h (export "h") call $g)"#));
    assert!(alive(r#"(func $f) (export "f" (func $f))"#));
    assert!(alive("(func $f) (start $f)"));
    assert!(alive("(table 1 1 funcref) (func $f) (elem (i32.const 0) $f)"));
    assert!(alive("(func $f) (elem funcref (ref.func $f))"));
    assert!(alive("(func $f) (global funcref (ref.func $f))"));
    assert!(alive(r#"(func $f) (elem declare func $f) (func $g (export "g") (drop (ref.func $f)))"#));
}

#[test]
fn an_import_that_only_dead_code_calls_is_unused() {
    let import = r#"(import "wasi_snapshot_preview1" "fd_write" (func $w))"#;
    let dead = of(&tidy_module(&format!("{import} (func $dead call $w)")));
    assert_eq!(ids(&dead), ["dead-functions", "unused-imports", "unneeded-imports"]);
    let live = of(&tidy_module(&format!(r#"{import} (func $live (export "live") call $w)"#)));
    assert_eq!(ids(&live), Vec::<&str>::new());
}

#[test]
fn the_index_is_the_formula() {
    let added = of_text(r#"(module (func (export "f") (param i32) (result i32) local.get 0 local.get 0 i32.add))"#);
    // 3 operators and 2 operands, of which 2 and 1 are distinct; 1 way through; less than a line.
    let volume = 5.0 * 3.0_f64.log2();
    let expected = (171.0 - 5.2 * volume.ln() - 0.23) * 100.0 / 171.0;
    assert_eq!(added.maintainability, rounded(expected));

    // 20 instructions are two lines; one operator, no operand, so no volume to speak of.
    let long = of_text(&format!(r#"(module (func (export "f") {}))"#, "nop ".repeat(20)));
    let expected = (171.0 - 0.23 - 16.2 * 2.0_f64.ln()) * 100.0 / 171.0;
    assert_eq!(long.maintainability, rounded(expected));
}

#[test]
fn a_jump_table_is_a_choice_of_its_distinct_targets() {
    let with = |targets: &str| {
        let text = format!(
            r#"(module (func (export "f") (param i32) block block block local.get 0 br_table {targets} end end end))"#
        );
        of_text(&text).maintainability
    };
    let decision = 0.23 * 100.0 / 171.0;
    assert!((with("0 0 0 0") - with("0 1 2 0") - 2.0 * decision).abs() < 0.002);
    assert_eq!(with("0 1 2 0"), with("2 1 0 1"));
}

#[test]
fn every_branch_lowers_the_index() {
    let with = |body: &str| of_text(&format!(r#"(module (func (export "f") (param i32) {body}))"#)).maintainability;
    let straight = with("local.get 0 drop nop nop");
    assert!(with("local.get 0 if nop end nop") < straight);
    assert!(with("block local.get 0 br_if 0 end nop") < straight);
    assert!(with("local.get 0 local.get 0 local.get 0 select drop nop") < straight);
}

/// A function that no one would want: `size` cases, each with an end of its own, in a nest of blocks.
fn cases(size: usize, end: &str) -> String {
    let cases: String = (0..size)
        .map(|i| format!("local.get 0 i32.const {i} i32.eq if {end} end local.get 0 i32.load offset={i} drop "))
        .collect();
    format!("{}{cases}{}", "block ".repeat(24), "end ".repeat(24))
}

#[test]
fn the_awful_is_told_from_the_ordinary_and_the_tidy() {
    let awful = of_text(&format!(
        r#"(module (import "wasi_snapshot_preview1" "sock_accept" (func)) (import "env" "f" (func))
            (memory (export "m") 1) (data (i32.const 0) "{}")
            (table (export "t") 0 funcref) (global (export "g") (mut i32) (i32.const 0))
            (func (export "a") (param i32) {body}) (func (export "b") (param i32) {body}) (func (param i32) {body}))"#,
        "x".repeat(60_000),
        body = cases(2_000, "unreachable"),
    ));
    assert_in_range(&awful);
    assert_eq!(awful.maintainability, 0.0);
    assert!(awful.code_quality < 10.0, "{awful:?}");
    assert!(awful.security_score < 60.0 && awful.exposure > 0.5, "{awful:?}");

    let middling = of_text(&format!(r#"(module (memory 1) (func (export "f") (param i32) {}))"#, cases(40, "nop")));
    let tidy = of(&tidy_module(""));
    assert!((20.0..60.0).contains(&middling.maintainability), "{middling:?}");
    assert!(tidy.maintainability > 80.0);
}

#[test]
fn one_monster_is_not_outvoted_by_glue() {
    let glue: String = (0..200).map(|i| format!(r#"(func (export "g{i}") nop)"#)).collect();
    let monster = format!(r#"(memory 1) (func (export "m") (param i32) {})"#, cases(2_000, "nop"));
    let both = of_text(&format!("(module {monster} {glue})"));
    assert!(both.maintainability < 5.0, "{}", both.maintainability);
}

#[test]
fn functions_of_another_type_are_no_duplicates() {
    let body = "nop ".repeat(20);
    let twins = |second: &str| {
        of(&tidy_module(&format!(r#"(func $a (export "a") {body}) (func $b (export "b") {second} {body})"#)))
    };
    assert!(finding(&twins(""), "duplicate-functions").is_some());
    assert!(finding(&twins("(param i32)"), "duplicate-functions").is_none());
}

#[test]
fn all_core_modules_of_a_component_count() {
    let statics = of_text(
        r#"(component
            (core module (func (export "a") nop nop) (memory 1))
            (component (core module (func (export "b") nop) (func nop) (memory 1))))"#,
    );
    assert_eq!((statics.functions, statics.instructions), (3, 4));
    assert_eq!(finding(&statics, "dead-functions").unwrap().count, 1);
    assert_eq!(finding(&statics, "memory-without-maximum").unwrap().count, 2);
}

#[test]
fn imports_of_a_component_are_needed_when_something_refers_to_them() {
    let import = r#"(import "wasi:sockets/tcp@0.2.0" (instance $tcp (export "f" (func))))"#;
    let unneeded = of_text(&format!("(component {import})"));
    assert_eq!(finding(&unneeded, "unneeded-imports").unwrap().count, 1);
    assert_eq!(finding(&unneeded, "wants-network").unwrap().count, 1);
    for use_of_it in [
        r#"(alias export $tcp "f" (func $f))"#,
        r#"(export "tcp" (instance $tcp))"#,
        r#"(component $c (import "i" (instance))) (instance (instantiate $c (with "i" (instance $tcp))))"#,
    ] {
        let needed = of_text(&format!("(component {import} {use_of_it})"));
        assert_eq!(finding(&needed, "unneeded-imports"), None, "{use_of_it}");
        assert!(finding(&needed, "wants-network").is_some(), "{use_of_it}");
    }
}

#[test]
fn only_the_wishes_of_the_file_itself_are_wishes() {
    let inner = of_text(
        r#"(component
            (core module (import "wasi_snapshot_preview1" "path_open" (func)))
            (component (import "wasi:sockets/tcp@0.2.0" (instance))))"#,
    );
    assert_eq!(finding(&inner, "wants-files"), None);
    assert_eq!(finding(&inner, "wants-network"), None);
}

#[test]
fn instances_are_counted_as_often_as_they_are_made() {
    // Two to the power of five, through an alias of an outer component as well.
    let statics = of_text(
        r#"(component
            (component $a (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)))
            (component $b (instance (instantiate $a)) (instance (instantiate $a)))
            (component $c (alias outer 1 $b (component $same))
                (instance (instantiate $same)) (instance (instantiate $same)))
            (component $d (instance (instantiate $c)) (instance (instantiate $c)))
            (instance (instantiate $d)) (instance (instantiate $d)))"#,
    );
    assert_eq!(finding(&statics, "many-instances").unwrap().count, 32 - 8);
}

#[test]
fn debug_names_and_versions_change_only_what_is_about_them() {
    let bare = of_text(r#"(module (func (export "f") nop))"#);
    let told = of_text(
        r#"(module $m (func $f (export "f") nop) (@producers (language "WAT" "1")) (@custom "version" "1")
            (@custom "anything" "else"))"#,
    );
    assert_eq!(ids(&told), Vec::<&str>::new());
    assert_eq!(bare.code_quality, 100.0 - 6.0 - 4.0 - 3.0);
    assert_eq!(
        (bare.maintainability, bare.security_score, bare.exposure),
        (told.maintainability, told.security_score, told.exposure)
    );
}

#[test]
fn bytes_that_do_not_read_are_refused() {
    let reason = |bytes: &[u8]| match statics(bytes) {
        Err(Outcome::Rejected { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(b""), Rejection::Truncated);
    assert_eq!(reason(b"#!/bin/sh\n"), Rejection::Invalid);
    let module = tidy_module("");
    assert_eq!(reason(&module[..module.len() - 1]), Rejection::Truncated);
    let nested = format!("{}{}", "(component ".repeat(17), ")".repeat(17));
    assert_eq!(reason(&wat::parse_str(nested).unwrap()), Rejection::TooComplex);
}

#[test]
fn claims_are_not_believed() {
    // Four billion functions, elements, targets: sections that say so and end.
    let claim = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for id in [2, 3, 4, 5, 6, 7, 9, 10, 11] {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([id, 5]);
        bytes.extend(claim);
        assert!(statics(&bytes).is_err(), "section {id}");
    }
}

#[test]
fn indices_that_lead_nowhere_are_passed_over() {
    // No such function is exported, started or called, no such table and global exported.
    let parts: [&[u8]; 6] = [
        b"\0asm\x01\0\0\0",
        b"\x01\x04\x01\x60\0\0",
        b"\x03\x02\x01\0",
        b"\x07\x0e\x03\x01a\0\xff\x01\x01b\x01\x09\x01c\x03\x09",
        b"\x08\x02\xff\x01",
        b"\x0a\x07\x01\x05\0\x10\xff\x01\x0b",
    ];
    let statics = of(&parts.concat());
    assert_eq!((statics.functions, statics.instructions), (1, 1));
    assert_in_range(&statics);
}

#[test]
fn findings_read_well() {
    let statics = of(&tidy_module("(func $dead nop)"));
    let text = finding(&statics, "dead-functions").unwrap().to_string();
    assert_eq!(text, "dead-functions: 1 (2 instructions per 1,000 live ones), 0.3 points");
}

/// Functions of a module that is made by chance: how long, how many panics, calls, whether exported.
fn functions() -> impl Strategy<Value = String> {
    let function = (0..250_usize, 0..4_usize, 0..3_usize, any::<bool>());
    proptest::collection::vec(function, 1..12).prop_map(|functions| {
        let written = functions.iter().enumerate().map(|(i, (length, panics, calls, exported))| {
            let export = if *exported { format!(r#"(export "f{i}")"#) } else { String::new() };
            let (nops, panics) = ("nop ".repeat(*length), "unreachable ".repeat(*panics));
            let calls = format!("call {} ", i / 2).repeat(*calls);
            format!("(func $f{i} {export} {nops} {calls} {panics})")
        });
        written.collect()
    })
}

proptest! {
    #[test]
    fn dead_code_is_never_better(functions in functions(), length in 0..500_usize) {
        let without = of(&tidy_module(&functions));
        let dead = format!("(func $dead {} call $f0 unreachable)", "nop i32.const 1 drop ".repeat(length));
        let with = of(&tidy_module(&format!("{functions} {dead}")));
        prop_assert!(with.code_quality <= without.code_quality);
        prop_assert!(with.security_score <= without.security_score);
        prop_assert!(with.maintainability <= without.maintainability);
        prop_assert!(with.exposure >= without.exposure);
        assert_in_range(&with);
    }

    #[test]
    fn another_import_is_never_better(functions in functions(), name in "(sock_|path_|clock_|random_|fd_)[a-z]{1,4}") {
        let without = of(&tidy_module(&functions));
        let import = format!(r#"(import "wasi_snapshot_preview1" "{name}" (func $import))"#);
        // Calls by number mean other functions now.
        let functions = functions.replace("call ", "call $f");
        let with = of(&tidy_module(&format!("{import} {functions}")));
        prop_assert!(with.code_quality <= without.code_quality);
        prop_assert!(with.security_score < without.security_score);
        prop_assert!(with.exposure >= without.exposure);
    }

    #[test]
    fn other_custom_sections_change_nothing(functions in functions(), data in proptest::collection::vec(any::<u8>(), 0..64)) {
        let mut bytes = tidy_module(&functions);
        let plain = of(&bytes);
        bytes.extend([0, u8::try_from(data.len() + 4).unwrap(), 3]);
        bytes.extend(b"any");
        bytes.extend(data);
        prop_assert_eq!(of(&bytes), plain);
    }

    #[test]
    fn mutated_bytes_do_no_harm(
        component in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = if component { sample_component() } else { tidy_module(&sample_code()) };
        for (place, byte) in edits {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(first) = statics(&bytes) {
            assert_in_range(&first);
            prop_assert_eq!(of(&bytes), first);
        }
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..512), component in any::<bool>()) {
        let start: &[u8] = if component { b"\0asm\x0d\0\x01\0" } else { b"\0asm\x01\0\0\0" };
        if let Ok(read) = statics(&[start, &bytes].concat()) {
            assert_in_range(&read);
        }
    }
}

fn sample_code() -> String {
    r#"(import "env" "f" (func $import (param i32)))
       (memory (export "memory") 1) (data (i32.const 8) "some data")
       (table (export "table") 2 funcref) (elem (i32.const 0) $import $branchy)
       (global $global (export "global") (mut i64) (i64.const -1))
       (func $branchy (param i32) block block local.get 0 br_table 0 1 0 end local.get 0 call $import end)
       (func $floats (export "floats") (result f64) (f64.add (f64.const 1) (f64.load offset=8 (i32.const 0))))
       (func $indirect (call_indirect (param i32) (i32.const 1) (i32.const 0)))
       (start $indirect)"#
        .to_owned()
}

fn sample_component() -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (import "wasi:random/random@0.2.0" (instance $random (export "get" (func (result u64)))))
            (core module $m {})
            (component $inner (import "host" (instance)) (core module $n (func)) (core instance (instantiate $n)))
            (instance $made (instantiate $inner (with "host" (instance $random))))
            (alias export $random "get" (func $get))
            (core func $lowered (canon lower (func $get)))
            (core instance $env (export "f" (func $lowered)))
            (export "get" (func $get)))"#,
        sample_code()
    ))
    .unwrap()
}
