//! T9: what is written is read again, to the last bit; what is damaged is said in a line.

use super::*;
use crate::limits::LimitKind;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), -1.0..1.0f64, Just(-0.0), Just(5e-324)]
}

fn metrics() -> impl Strategy<Value = BTreeMap<String, f64>> {
    let name = prop_oneof![Just("synergy_roi".to_owned()), Just("roi".to_owned()), any::<String>()];
    proptest::collection::btree_map(name, number(), 0..4)
}

fn update() -> impl Strategy<Value = Update> {
    let peaks = (any::<u64>(), any::<u64>(), proptest::sample::subsequence(LimitKind::ALL.to_vec(), 0..3));
    let peaks = peaks.prop_map(|(fuel, memory_bytes, exceeded)| Peaks {
        fuel,
        memory_bytes,
        disk_bytes: 1,
        bytes_per_s: 2,
        exceeded,
    });
    (
        (number(), number(), proptest::option::of(any::<u64>()), 0.0..1e9f64),
        proptest::collection::vec("[ab\n]", 0..3),
        proptest::collection::btree_map(any::<String>(), peaks, 0..2),
        metrics(),
        proptest::collection::btree_map("nominal|slow", metrics(), 0..2),
    )
        .prop_map(|((before, after, at_ms, cost), modules, peaks, metrics, scenarios)| Update {
            before,
            after,
            modules,
            peaks,
            metrics,
            scenarios,
            cost,
            at_ms,
        })
}

/// Every answer of a tracker; `{:?}` of a float is the shortest text that is it, so equal texts are equal bits.
fn answers(tracker: &RoiTracker) -> String {
    let series = tracker.series("synergy_roi");
    let ranked = (tracker.rankings(), tracker.cluster_rankings(), tracker.module_deltas());
    let foretold = (
        tracker.forecast(),
        tracker.forecast_metric("roi", 3),
        tracker.predict_synergy(None),
        tracker.predict_synergy_metric("roi", Some(3)),
    );
    let relied = (
        tracker.pairs("roi"),
        tracker.rolling_mae("roi", Some(2)),
        tracker.reliability("roi"),
        tracker.synergy_reliability(),
        tracker.reliability_of(&series),
    );
    let judged = (tracker.diminishing(), tracker.tolerance(), tracker.outliers(), tracker.quadratic());
    let scenarios = (tracker.worst_scenario("roi"), tracker.scenario_series("slow", "roi"));
    format!("{tracker:?}{:?}{ranked:?}{foretold:?}{relied:?}{judged:?}{scenarios:?}", (tracker.levels(), series))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn t9_a_reload_says_the_same(
        updates in proptest::collection::vec(update(), 0..24),
        pairs in proptest::collection::vec((number(), number()), 0..6),
        window in 1..9usize,
    ) {
        let rules = Rules { window, tolerance: 0.1 / window as f64, per: Per::Credit, ..Rules::default() };
        let clusters = BTreeMap::from([("a".to_owned(), "x".to_owned())]);
        let mut tracker = RoiTracker::default().with_method(Method::Theta).with_clusters(clusters).with_rules(rules).expect("rules");
        for update in updates {
            tracker.record(update);
        }
        for (predicted, actual) in pairs {
            // Not all are finite.
            let _ = tracker.record_prediction("roi", predicted, actual);
        }
        let text = tracker.to_json().expect("finite numbers");
        let reloaded = RoiTracker::from_json(&text).expect("what was written");
        prop_assert_eq!(answers(&reloaded), answers(&tracker));
        prop_assert_eq!(reloaded.to_json().expect("the same"), text);
    }

    #[test]
    fn no_text_makes_it_stumble(text in any::<String>()) {
        let refused = RoiTracker::from_json(&text).expect_err("no tracker").to_string();
        prop_assert!(!refused.contains('\n'));
        let _ = RoiTracker::from_legacy_json(&text);
    }
}

fn refused(text: &str) -> String {
    RoiTracker::from_json(text).expect_err("damaged").to_string()
}

#[test]
fn damage_is_one_clear_line() {
    let mut tracker = of(&[0.5]);
    tracker.record_prediction("m", 1.0, 2.0).expect("finite");
    let text = tracker.to_json().expect("finite");
    assert_eq!(
        text,
        concat!(
            r#"{"schema":"holobiont.tracker/1","method":"auto","rules":{"window":5,"tolerance":0.01,"alpha":0.05,"#,
            r#""reach":5.0,"per":"cycle","flag_outliers":true},"clusters":{},"#,
            r#""updates":[{"before":0.0,"after":0.5,"cost":0.0}],"predictions":{"m":[{"predicted":1.0,"actual":2.0}]}}"#
        )
    );
    assert_eq!(
        refused(&text.replace("tracker/1", "tracker/2")),
        "the tracker's document has the schema `holobiont.tracker/2`, where this program reads `holobiont.tracker/1`"
    );
    assert_eq!(
        refused(&text.replace(r#""cost":0.0"#, r#""cost":-1"#)),
        "the tracker's document is damaged: updates[0].cost is not a finite number of credits, 0 or more"
    );
    assert_eq!(
        refused(&text.replace(r#""window":5"#, r#""window":0"#)),
        "the tracker's document is damaged: rules.window is 0: it is a number of cycles, 1 or more"
    );
    let unknown = refused(&text.replace("clusters", "clu\\u001bsters"));
    assert!(unknown.contains("unknown field `clu\\u{1b}sters`") && unknown.contains("line 1 column"), "{unknown}");
    assert!(refused(&text.replace("before", "befor")).contains("befor"));
    assert!(refused(&text.replace(r#""after":0.5,"#, "")).contains("missing field `after`"));
    assert!(refused(&text.replace("0.5", "1e999")).contains("number out of range"));
    assert!(refused(&text.replace("0.5", "null")).contains("invalid type: null"));
    assert!(refused(&text[..text.len() - 1]).contains("EOF"));
    for cut in 0..text.len() {
        assert!(RoiTracker::from_json(&text[..cut]).is_err());
    }
    assert!(refused("{}").contains("missing field `schema`"));
}

#[test]
fn a_history_of_the_predecessor_is_taken_over() {
    let text = r#"{
        "roi_history": [0.5, 0.25, 0.5],
        "module_deltas": {"a": [0.5, 0.5], "b": [0.25, 0.5], "c": [7.0]},
        "predicted_roi": [0.1], "actual_roi": [0.5],
        "metrics_history": {"security_score": [70.0, 80.0, 90.0], "late": [1.0], "empty": []},
        "synergy_metrics_history": {"synergy_roi": [0.1, 0.2, 0.3]},
        "synergy_history": [{"synergy_roi": 0.1}],
        "scenario_synergy": {"slow": [{"synergy_roi": 0.05}]},
        "predicted_metrics": {}, "actual_metrics": {},
        "metric_predictions": {"synergy_roi": [[1.0, 1.5], [2.0, 1.0]]}
    }"#;
    let tracker = RoiTracker::from_legacy_json(text).expect("a history");
    assert_eq!((tracker.deltas(), tracker.levels()), (vec![0.5, 0.25, 0.5], vec![0.5, 0.75, 1.25]));
    assert_eq!(tracker.module_deltas(), BTreeMap::from([("a", vec![0.5, 0.5]), ("b", vec![0.25, 0.5])]));
    assert_eq!(tracker.series("security_score"), [70.0, 80.0, 90.0]);
    assert_eq!(tracker.updates()[2].metrics["late"], 1.0);
    // The predecessor lost these when it read its own file.
    assert_eq!(tracker.series("synergy_roi"), [0.1, 0.2, 0.3]);
    assert_eq!(tracker.scenario_series("slow", "synergy_roi"), [0.05]);
    assert_eq!(tracker.rolling_mae("synergy_roi", None), Some(0.75));
    assert_eq!(RoiTracker::from_legacy_json(" [0.5, -0.5]").expect("deltas").levels(), [0.5, 0.0]);
    for bad in ["{}", "[1e308, 1e308]", "[NaN]", "nonsense"] {
        assert!(RoiTracker::from_legacy_json(bad).is_err(), "{bad}");
    }
    let own = of(&[0.1]).to_json().expect("finite");
    assert!(RoiTracker::from_legacy_json(&own).is_err(), "a tracker of ours is no history of its");
}

#[test]
fn ten_thousand_cycles_are_not_much() {
    let mut tracker = RoiTracker::default();
    for cycle in 0..10_000 {
        let delta = f64::from(cycle % 11) / 100.0;
        tracker.update(0.0, delta, &["a", "b"], BTreeMap::new(), &[("synergy_roi", delta), ("roi", delta)]);
    }
    let text = tracker.to_json().expect("finite");
    assert!(text.len() < 10_000 * 160, "{} bytes", text.len());
    assert_eq!(RoiTracker::from_json(&text).expect("what was written"), tracker);
}
