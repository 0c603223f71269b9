use serde_json::{Value, json};

use super::*;

fn candidate(number: usize, passed: bool, workflows: &[Value]) -> Value {
    json!({
        "schema": "holobiont.candidate/1",
        "module": format!("plugins/target/wasm32-wasip2/release/candidate_{number:02}.wasm"),
        "digest": format!("sha256:{}", "0".repeat(64)),
        "imports": [],
        "passed": passed,
        "enough_data": true,
        "stage": "group",
        "redundant": false,
        "reasons": [
            "its ROI is not above 0: -1.0000 to -1.0000 at 95 %",
            "its synergy_roi may be as low as 0: -138.2745 to +209.9472 at 95 %",
        ],
        "stages": [],
        "workflows": workflows,
    })
}

fn measures(workflow: &str, gain: f64) -> Value {
    let estimate = |estimate: f64| {
        json!({
            "state": "known", "estimate": estimate, "low": estimate - 1e-5, "high": estimate + 0.123, "level": 0.95,
            "inputs": 12, "method": "bca",
        })
    };
    json!({
        "workflow": workflow, "roi": estimate(-1.0), "synergy_roi": estimate(1000.0 * gain), "gain": estimate(gain),
        "step": 3, "audited": false, "passed": false,
    })
}

fn report(candidates: &[Value], change: &dyn Fn(&mut Value)) -> SelfTestReport {
    let mut report = json!({
        "schema": SelfTestReport::SCHEMA,
        "candidates": candidates,
        "left_out": [],
        "workflows": [],
        "integrated": [],
        "dry_run": false,
        "false_rejections": { "rejected": 0, "audited": 0, "passed": 0 },
        "runs_made": 12,
        "reused": 3,
    });
    change(&mut report);
    serde_json::from_value(report).expect("a report")
}

/// Three workflows and thirty candidates go onto a few pages of 100 columns.
#[test]
fn many_candidates_in_many_workflows_stay_readable() {
    let workflows = ["one", "two", "three"];
    let of = |number: usize| {
        let measured: Vec<Value> = workflows.iter().map(|name| measures(name, number as f64 / 100.0)).collect();
        candidate(number, number.is_multiple_of(10), &measured)
    };
    let candidates: Vec<Value> = (0..30).map(of).collect();
    let report = report(&candidates, &|report| {
        let workflow = |name: &str| json!({ "workflow": name, "file": "f", "inserted": [], "before": 0.1, "kept": false, "reason": "so" });
        report["workflows"] = workflows.iter().map(|name| workflow(name)).collect();
    });
    let text = text(&report);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{text}");
    assert!(lines.len() < 150, "{} lines:\n{text}", lines.len());
    assert!(text.starts_with("3 of 30 candidates passed; nothing new is integrated.\n\nPassed\n"), "{text}");
    // The best are first, and nobody is gone without a word.
    let two = text.split("\nWhat they come to in two").nth(1).expect("a table");
    assert!(two.find("candidate_29").expect("the best") < two.find("candidate_20").expect("another"), "{text}");
    assert_eq!(text.matches("  and 20 more; --json has all of them").count(), 3);
    assert_eq!(text.matches("release/candidate_").count(), 30);
}

#[test]
fn nothing_is_told_of_what_is_not_there() {
    let none = text(&report(&[], &|_| ()));
    assert_eq!(
        none,
        "No candidates: nothing that nobody uses could be tried.\n\nNobody was turned away early.\n\
         12 runs made, 3 trials and runs remembered."
    );
}

#[test]
fn a_dry_run_says_what_would_be() {
    let changed = |dry_run: bool| {
        text(&report(&[candidate(1, true, &[measures("one", 1.0)])], &|report| {
            report["dry_run"] = dry_run.into();
            report["workflows"] = json!([{
                "workflow": "one", "file": "f", "inserted": [{ "module": "m/a.wasm", "step": 2 }], "before": 0.1,
                "after": 0.2, "kept": true, "reason": "it surely earns more",
            }]);
        }))
    };
    assert!(changed(true).contains("a dry run, so no file was changed"));
    assert!(changed(true).contains("  one would take in m/a.wasm as step 2, +0.1000 credits per input"));
    assert!(changed(false).contains("  one takes in m/a.wasm as step 2"));
}

#[test]
fn two_of_one_name_are_told_by_their_paths_and_strangers_words_are_shown_as_they_are() {
    let mut twin = candidate(1, false, &[measures("one", 0.0)]);
    twin["module"] = "m/candidate_01.wasm".into();
    twin["reasons"] = json!(["trap: \u{1b}[2J\nand so on"]);
    let text = text(&report(&[candidate(1, false, &[measures("one", 0.0)]), twin], &|report| {
        report["workflows"] = json!([{ "workflow": "one", "file": "f", "inserted": [], "kept": false, "reason": "" }]);
    }));
    assert!(text.contains("\n m/candidate_01.wasm") || text.contains("\n  m/candidate_01.wasm"), "{text}");
    assert!(!text.contains('\u{1b}') && text.contains("trap: \\u{1b}[2J\\nand so on"), "{text}");
}
