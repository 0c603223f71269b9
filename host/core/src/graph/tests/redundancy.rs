//! Which of two is redundant, and why.

use super::*;

fn with_code(facts: ModuleFacts, code: &str) -> ModuleFacts {
    ModuleFacts { code_digest: Digest::of(code.as_bytes()), ..facts }
}

fn with_bytes(facts: ModuleFacts, bytes: &str) -> ModuleFacts {
    let digest = Digest::of(bytes.as_bytes());
    ModuleFacts { digest, code_digest: digest, ..facts }
}

/// Behaviours by module: the outputs, one letter each, and the cost.
fn behaviours(rows: &[(&str, &str, f64)]) -> BTreeMap<ModuleId, Behaviour> {
    let outputs = |text: &str| text.split_terminator("").skip(1).map(|one| Digest::of(one.as_bytes())).collect();
    rows.iter().map(|(path, text, cost)| (id(path), Behaviour { outputs: outputs(text), cost: *cost })).collect()
}

fn say(found: &BTreeMap<ModuleId, Redundancy>) -> Vec<String> {
    found.iter().map(|(id, redundancy)| format!("{id} {redundancy}")).collect()
}

#[test]
fn of_twins_the_integrated_one_stays_then_the_lesser_id() {
    let modules = || {
        vec![
            with_bytes(module("a", &[], &[]), "1"),
            with_bytes(module("b", &[], &[]), "1"),
            with_code(module("c", &[], &[]), "1"),
            with_code(module("d", &[], &[]), "1"),
            module("e", &[], &[]),
        ]
    };
    let none = BTreeMap::new();
    assert_eq!(
        say(&graph(modules(), &[]).redundancies(&none)),
        [
            "b has the same bytes as `a`",
            "c has the same code as `a`, only custom sections differ",
            "d has the same code as `a`, only custom sections differ"
        ]
    );
    assert_eq!(
        say(&graph(modules(), &["b", "d"]).redundancies(&none)),
        [
            "a has the same bytes as `b`",
            "c has the same code as `b`, only custom sections differ",
            "d has the same code as `b`, only custom sections differ"
        ]
    );
    assert_eq!(
        say(&graph(modules(), &["d"]).redundancies(&none)),
        [
            "a has the same code as `d`, only custom sections differ",
            "b has the same bytes as `a`",
            "c has the same code as `d`, only custom sections differ"
        ]
    );
}

#[test]
fn redundant_orphans_are_there_with_parents_and_reason() {
    let modules = vec![
        module("old", &[], &[]),
        with_bytes(module("new", &[C], &[]), "old"),
        with_bytes(module("ein Wort", &[C], &[]), "x"),
        module("c", &[], &[C]),
    ];
    let graph = graph(modules, &["old"]);
    let found = graph.recursive_orphans([], &graph.redundancies(&BTreeMap::new()));
    assert_eq!(found.keys().map(ModuleId::as_str).collect::<Vec<_>>(), ["c", "ein Wort", "new"]);
    assert_eq!(found[&id("c")].parents, ids(&["ein Wort", "new"]));
    assert!(!found[&id("c")].redundant && found[&id("new")].redundant);
    assert_eq!(found[&id("new")].reason.as_deref(), Some("has the same bytes as `old`"));
}

#[test]
fn of_those_that_behave_alike_the_cheaper_stays() {
    let modules = || ["a", "b", "c"].map(|path| module(path, &[], &[D, C])).to_vec();
    let behave = |rows, map: &[&str]| say(&graph(modules(), map).redundancies(&behaviours(rows)));
    assert_eq!(
        behave(&[("a", "xy", 2.5), ("b", "xy", 1.5), ("c", "xz", 0.5)], &[]),
        [
            "a exports what `b` does and gives the same outputs on all 2 inputs, for 2.5 credits where that one takes 1.5"
        ]
    );
    let kept = |costs: [f64; 3], map: &[&str]| {
        let rows: Vec<_> = ["a", "b", "c"].into_iter().zip(costs).map(|(path, cost)| (path, "xy", cost)).collect();
        let found = graph(modules(), map).redundancies(&behaviours(&rows));
        found.iter().map(|(id, redundancy)| format!("{id} for {}", redundancy.kept)).collect::<Vec<_>>()
    };
    assert_eq!(kept([1.0, 1.0, 1.0], &[]), ["b for a", "c for a"]);
    assert_eq!(kept([1.0, 1.0, 1.0], &["c"]), ["a for c", "b for c"]);
    // What is integrated does not give way to a cheaper candidate, which is worth trying itself.
    assert_eq!(kept([1.0, 2.0, 3.0], &["c"]), ["b for a"]);
    assert_eq!(kept([1.0, 2.0, 3.0], &["b"]), ["c for b"]);
    assert_eq!(kept([2.0, 1.0, 3.0], &["a", "b"]), ["a for b", "c for b"]);
    assert_eq!(kept([f64::NAN, 1.0, f64::INFINITY], &[]), [""; 0]);
    assert_eq!(kept([-0.0, 0.0, 1.0], &["b"]), ["a for b", "c for b"]);
}

#[test]
fn what_was_not_seen_or_exports_something_else_is_not_alike() {
    let modules = || vec![module("a", &[], &[C]), module("b", &[], &[C, C]), module("c", &[], &[C, D])];
    let behave = |rows| graph(modules(), &[]).redundancies(&behaviours(rows)).into_keys().collect::<Vec<_>>();
    assert_eq!(behave(&[("a", "xy", 1.0), ("b", "xy", 1.0), ("c", "xy", 1.0)]), ids(&["b"]));
    assert_eq!(behave(&[("a", "xy", 1.0), ("c", "xy", 1.0)]), []);
    assert_eq!(behave(&[("a", "", 1.0), ("b", "", 1.0)]), [], "no inputs, no likeness");
    assert_eq!(behave(&[("a", "xy", 1.0), ("b", "yx", 1.0)]), []);
    assert_eq!(behave(&[("a", "xy", 1.0), ("b", "x", 1.0)]), []);
    let figures = Sameness::Behaviour { inputs: 1, cost: 2.0, kept_cost: 1.0 };
    let found = graph(modules(), &[]).redundancies(&behaviours(&[("a", "x", 2.0), ("b", "x", 1.0)]));
    assert_eq!(found, BTreeMap::from([(id("a"), Redundancy { kept: id("b"), sameness: figures })]));
}
