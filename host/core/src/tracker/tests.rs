//! Facts about the predecessor keep their numbers, T1 to T12: where a fact does not hold here, its test says why.

mod documents;
mod simulations;

use proptest::prelude::*;

use super::*;

/// A tracker of cycles with these deltas, each from the level 0: differences are then exact.
fn of(deltas: &[f64]) -> RoiTracker {
    let mut tracker = RoiTracker::default();
    for delta in deltas {
        tracker.update(0.0, *delta, &[], BTreeMap::new(), &[]);
    }
    tracker
}

fn with(rules: Rules, deltas: &[f64]) -> RoiTracker {
    of(deltas).with_rules(rules).expect("rules")
}

#[test]
fn t1_the_forecast_is_of_the_next_delta() {
    // That 1..5 give 6.0 is the forecasts' business, and is tested there. Here: it is what they say of the deltas, and
    // not of the levels, of which the predecessor's pairs were.
    let mut tracker = RoiTracker::default();
    let mut level = 0.0;
    for step in 1..=5 {
        let before = level;
        level += f64::from(step);
        tracker.update(before, level, &[], BTreeMap::new(), &[("m", f64::from(step - 1))]);
    }
    assert_eq!(tracker.levels(), [1.0, 3.0, 6.0, 10.0, 15.0]);
    assert_eq!(tracker.deltas(), [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(tracker.forecast(), predict(&[1.0, 2.0, 3.0, 4.0, 5.0], 1, Method::Auto).first().copied());
    assert_eq!(tracker.forecast_metric("m", 3), predict(&[0.0, 1.0, 2.0, 3.0, 4.0], 3, Method::Auto));
    assert!(tracker.forecast_metric("m", 0).is_empty() && tracker.forecast_metric("none", 2).is_empty());
    assert_eq!(RoiTracker::default().forecast(), None);
}

#[test]
fn t2_a_weighted_mean_is_small_and_no_reason_to_stop() {
    let rules = Rules { window: 3, tolerance: 0.05, ..Rules::default() };
    let tracker = with(rules, &[0.1, 0.1, -0.04]);
    // 0.01 + 0.02 - 0.028, below 0.05: the predecessor stopped here. That is stale, since three noisy deltas come to
    // that by chance: the figure is there, the verdict is another's.
    let mean = tracker.weighted_mean_of_window(&[0.1, 0.2, 0.7]).expect("weights").expect("cycles");
    assert!((mean - 0.002).abs() < 1e-15, "{mean}");
    assert_eq!(tracker.weighted_mean_of_window(&[1.0, 2.0, 7.0]), Ok(Some(mean)));
    assert_eq!(tracker.diminishing(), Diminishing::NotEnoughData { have: 3, need: 5 });
}

#[test]
fn t3_the_parabola_has_a_top_and_stops_nothing() {
    let mut tracker = RoiTracker::default();
    assert_eq!(tracker.update(0.0, 0.1, &[], BTreeMap::new(), &[]).quadratic, None);
    let mut last = None;
    for delta in [0.2, 0.3, 0.2, 0.1, -0.05] {
        last = tracker.update(0.0, delta, &[], BTreeMap::new(), &[]).quadratic;
    }
    // By hand, x from -2.5 to 2.5: a = -41/1120, the slope in the middle -23/700, so the top is at 2.5 - 0.45.
    let fit = last.expect("six deltas");
    let vertex = fit.vertex().expect("a curve");
    assert!((fit.curvature() + 0.036_607).abs() < 1e-6, "{}", fit.curvature());
    assert!(vertex.round() == 2.0 && fit.is_past_its_top(), "{vertex}");
    assert_eq!(fit.fitted().len(), tracker.deltas().len());
    // Stale: the predecessor stopped past the vertex, of growth that speeds up as well.
    assert!(matches!(tracker.diminishing(), Diminishing::Continuing { .. }));
    for growing in [vec![0.0, 0.1, 0.4], vec![0.0, 1.0, 4.0, 9.0]] {
        let tracker = of(&growing);
        let fit = tracker.quadratic().expect("three and more");
        assert!(fit.curvature() > 0.0 && !fit.is_past_its_top());
        assert_eq!(tracker.diminishing(), Diminishing::NotEnoughData { have: growing.len(), need: 5 });
    }
    for straight in [[0.3; 6], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.0; 6]] {
        let fit = of(&straight).quadratic().expect("six");
        assert_eq!((fit.vertex(), fit.curvature(), fit.is_past_its_top()), (None, 0.0, false));
    }
}

#[test]
fn a_parabola_is_found_again_however_long_the_history() {
    // 7 - (x - 260)^2 / 100, of which the newest 200 are looked at.
    let curve = |x: f64| 7.0 - (x - 260.0).powi(2) / 100.0;
    let fit = of(&(0..300).map(|x| curve(f64::from(x))).collect::<Vec<_>>()).quadratic().expect("many");
    assert!((fit.curvature() + 0.01).abs() < 1e-9 && (fit.vertex().expect("a top") - 260.0).abs() < 1e-6);
    assert_eq!(fit.fitted().len(), 200);
    assert!((fit.fitted()[0] - curve(100.0)).abs() < 1e-6 && (fit.at(299.0) - curve(299.0)).abs() < 1e-6);
    assert_eq!(of(&[1e308, -1e308, 1e308]).quadratic(), None);
}

#[test]
fn t4_outliers_are_flagged_and_kept() {
    // The predecessor dropped the whole cycle. Median 0.165, deviations 0.065, 0.035, 0.015, 0.015: 0.025 times
    // 1.4826 times 3.5 to each side.
    for odd in [5.0, -3.0] {
        let mut tracker = of(&[0.1, 0.2, 0.15, 0.18]);
        let outlier = tracker.update(0.0, odd, &[], BTreeMap::new(), &[]).outlier.expect("an outlier");
        assert_eq!((outlier.cycle, outlier.delta), (4, odd));
        assert!((outlier.low - 0.035_272).abs() < 1e-6 && (outlier.high - 0.294_728).abs() < 1e-6, "{outlier:?}");
        assert_eq!((tracker.deltas().len(), tracker.outliers()), (5, vec![outlier]));
        let rules = Rules { flag_outliers: false, ..Rules::default() };
        let mut unfiltered = tracker.with_rules(rules).expect("rules");
        assert_eq!(unfiltered.outliers(), []);
        assert_eq!(unfiltered.update(0.0, odd, &[], BTreeMap::new(), &[]).outlier, None);
    }
    assert_eq!(of(&[0.1, 0.2, 0.15, 5.0]).outliers(), [], "three before are too few");
}

#[test]
fn a_history_of_equals_does_not_freeze() {
    // The spread is the tolerance at least: 0.05 and 0.035 to each side.
    assert_eq!(of(&[0.05, 0.05, 0.05, 0.05, 0.05, 0.08]).outliers(), []);
    // A lasting change is the new normal once it is half of what is looked at.
    let outliers = of(&[vec![0.0; 10], vec![1.0; 20]].concat()).outliers();
    assert_eq!(outliers.iter().map(|outlier| outlier.cycle).collect::<Vec<_>>(), (10..20).collect::<Vec<_>>());
}

#[test]
fn t5_modules_get_the_whole_delta_and_rank_by_their_sums() {
    let mut tracker = RoiTracker::default();
    tracker.update(0.0, 0.5, &["a", "b"], BTreeMap::new(), &[]);
    tracker.update(0.5, 1.0, &["b", "b"], BTreeMap::new(), &[]);
    assert_eq!(tracker.module_deltas(), BTreeMap::from([("a", vec![0.5]), ("b", vec![0.5, 0.5])]));
    let ranked = |name: &str, total| Ranked { name: name.to_owned(), total, robust_total: total };
    assert_eq!(tracker.rankings(), [ranked("b", 1.0), ranked("a", 0.5)]);
    tracker.update(1.0, 1.5, &["a", "c"], BTreeMap::new(), &[]);
    assert_eq!(tracker.rankings(), [ranked("a", 1.0), ranked("b", 1.0), ranked("c", 0.5)]);
    assert!(tracker.cluster_rankings().is_empty());
    let clusters =
        BTreeMap::from([("a", "x"), ("b", "x")].map(|(module, cluster)| (module.to_owned(), cluster.to_owned())));
    let tracker = tracker.with_clusters(clusters);
    // Once for the first cycle, though both of its modules are in the cluster.
    assert_eq!(tracker.cluster_deltas(), BTreeMap::from([("x", vec![0.5, 0.5, 0.5])]));
    assert_eq!(tracker.cluster_rankings(), [ranked("x", 1.5)]);
}

#[test]
fn one_odd_cycle_does_not_decide_the_robust_order() {
    let mut tracker = RoiTracker::default();
    for delta in [0.1, 0.1, 0.1, 0.1] {
        tracker.update(0.0, delta, &["steady"], BTreeMap::new(), &[]);
    }
    tracker.update(0.0, 9.0, &["lucky"], BTreeMap::new(), &[]);
    let ranked = tracker.rankings();
    assert_eq!((ranked[0].name.as_str(), ranked[0].total), ("lucky", 9.0));
    // The fence is at 0.1 and 3.5 tolerances.
    assert!((ranked[0].robust_total - 0.135).abs() < 1e-12 && ranked[1].robust_total > 0.39, "{ranked:?}");
}

#[test]
fn t6_errors_of_predictions() {
    let mut tracker = RoiTracker::default();
    for metric in ["roi", "synergy_roi"] {
        tracker.record_prediction(metric, 1.0, 1.5).expect("finite");
        tracker.record_prediction(metric, 2.0, 1.0).expect("finite");
    }
    assert_eq!(tracker.rolling_mae("roi", None), Some(0.75));
    assert_eq!(tracker.rolling_mae("roi", Some(1)), Some(1.0));
    assert_eq!((tracker.rolling_mae("roi", Some(0)), tracker.rolling_mae("none", None)), (None, None));
    // 0.3 times 1 and 0.7 times 0.5 is 0.65.
    assert!((tracker.reliability("roi").expect("evidence") - 1.0 / 1.65).abs() < 1e-12);
    // Stale: the predecessor's was the mean error, 0.75, which is better for being less. This is from 0 to 1.
    assert_eq!(tracker.synergy_reliability(), tracker.reliability("roi"));
    // Without evidence it trusted blindly, with 1.
    assert_eq!(RoiTracker::default().synergy_reliability(), None);
    assert_eq!(RoiTracker::default().reliability("roi"), None);
}

#[test]
fn t7_near_predictions_are_relied_on() {
    let mut tracker = RoiTracker::default();
    for step in 0..5 {
        tracker.record_prediction("m", f64::from(step), f64::from(step) + 0.1).expect("finite");
    }
    // The predecessor's here was the fit of a line, which hides that all are off by as much: ours is 1 / 1.1.
    assert!((tracker.reliability("m").expect("evidence") - 1.0 / 1.1).abs() < 1e-9);
}

#[test]
fn t8_weights_are_as_many_as_the_window_has_cycles() {
    let tracker = of(&[0.1; 5]);
    let error = tracker.weighted_mean_of_window(&[0.5, 0.5]).expect_err("two of five");
    assert_eq!(error.to_string(), "2 weights for a window of 5 cycles: give one for each, oldest first");
    for bad in [[0.0; 5], [-1.0, 1.0, 1.0, 1.0, 1.0], [f64::NAN; 5], [f64::INFINITY; 5], [f64::MAX; 5]] {
        assert!(matches!(tracker.weighted_mean_of_window(&bad), Err(WeightsError::Sum(_))));
    }
    assert_eq!(of(&[0.1; 4]).weighted_mean_of_window(&[1.0; 5]), Ok(None));
}

// T9, round trips, is in `documents`.

#[test]
fn t10_synergy_is_foretold_from_two_values_on() {
    // That the moving average of 1, 2, 3, 4 goes 1, 1.3, 1.81, 2.467 is the forecasts' business. Here: that it is asked.
    let mut tracker = RoiTracker::default().with_method(Method::Ema);
    assert_eq!((tracker.predict_synergy(None), tracker.predict_synergy_metric("roi", None)), (None, None));
    tracker.update(0.0, 0.1, &[], BTreeMap::new(), &[("synergy_roi", 1.0), ("synergy_efficiency", 0.02)]);
    // Too few: the predecessor said 0, which is an answer to something else. Its test that a single value of any
    // other synergy gives 0 too was stale even there.
    assert_eq!(tracker.predict_synergy(None), None);
    for name in ["efficiency", "synergy_efficiency"] {
        assert_eq!(tracker.predict_synergy_metric(name, None).expect("one value").value, 0.02);
    }
    for value in [2.0, 3.0, 4.0] {
        tracker.update(0.0, 0.1, &[], BTreeMap::new(), &[("synergy_roi", value)]);
    }
    let next = |series: &[f64]| predict(series, 1, Method::Ema).first().copied();
    assert_eq!(tracker.predict_synergy(None), next(&[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(tracker.predict_synergy(Some(2)), next(&[3.0, 4.0]));
    assert_eq!(
        (tracker.predict_synergy(Some(9)), tracker.predict_synergy(Some(0))),
        (next(&[1.0, 2.0, 3.0, 4.0]), None)
    );
    assert_eq!(tracker.series("synergy_efficiency"), [0.02], "what a cycle did not have is not repeated");
}

#[test]
fn t11_regression_on_other_series_is_not_there() {
    // Stale: 4.5 was a regression of synergy on the return and a metric, fitted with more columns than rows, and not
    // what was used by default. A synergy is foretold from its own past.
    let mut tracker = RoiTracker::default();
    for value in [1.0, 2.0, 3.0] {
        tracker.update(0.0, value, &[], BTreeMap::new(), &[("synergy_roi", 0.5 * value), ("m", value)]);
    }
    assert_eq!(tracker.predict_synergy(None), tracker.forecast_of(&[0.5, 1.0, 1.5]));
}

#[test]
fn t12_the_tolerance_widens_with_the_scatter() {
    let rules = Rules { tolerance: 0.05, ..Rules::default() };
    assert_eq!(with(rules.clone(), &[]).tolerance(), 0.05);
    assert!((with(rules.clone(), &[0.05; 3]).tolerance() - 0.05).abs() < 1e-15);
    assert!((with(rules.clone(), &[0.2, -0.1, 0.15]).tolerance() - 0.056_561_7).abs() < 1e-7);
    // Only the window counts.
    let tracker = with(Rules { window: 3, ..rules }, &[9.0, 0.2, -0.1, 0.15]);
    assert!((tracker.tolerance() - 0.056_561_7).abs() < 1e-7);
}

#[test]
fn what_is_no_number_is_refused_by_name() {
    let mut tracker = of(&[0.1]);
    let advance = tracker.update(0.0, f64::NAN, &["a"], BTreeMap::new(), &[("m", 1.0)]);
    assert_eq!((advance.cycle, advance.refused), (None, vec!["after".to_owned()]));
    let refused = |update| of(&[]).record(update).refused;
    assert_eq!(refused(Update { before: f64::INFINITY, ..Update::default() }), ["before"]);
    assert_eq!(refused(Update { before: f64::MIN, after: f64::MAX, ..Update::default() }), ["after"]);
    for cost in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(Update { cost, ..Update::default() }), ["cost"]);
    }
    assert_eq!((tracker.updates().len(), tracker.series("m")), (1, vec![]));
    let hostile = BTreeMap::from([("roi".to_owned(), f64::NAN), ("m".to_owned(), 2.0)]);
    let advance = tracker.record(Update {
        metrics: BTreeMap::from([("a\nb".to_owned(), f64::INFINITY), ("m".to_owned(), 1.0)]),
        scenarios: BTreeMap::from([("faults".to_owned(), hostile)]),
        ..Update::default()
    });
    assert_eq!(advance.refused, ["metrics.a\\nb", "scenarios.faults.roi"]);
    assert_eq!(advance.cycle, Some((1, 0.0)));
    assert_eq!((tracker.series("m"), tracker.series("a\nb")), (vec![1.0], vec![]));
    assert_eq!((tracker.scenario_series("faults", "m"), tracker.scenario_series("faults", "roi")), (vec![2.0], vec![]));
    let error = tracker.record_prediction("m\n", f64::NAN, 1.0).expect_err("not finite");
    assert_eq!(error.to_string(), "m\\n: predicted NaN, came 1: both are finite numbers");
    assert_eq!(tracker.pairs("m\n"), []);
}

#[test]
fn the_worst_scenario_is_the_biggest_drop() {
    let scenarios = |rows: &[(&str, &str, f64)]| {
        let mut scenarios: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        for &(scenario, name, value) in rows {
            scenarios.entry(scenario.to_owned()).or_default().insert(name.to_owned(), value);
        }
        scenarios
    };
    let mut tracker = RoiTracker::default();
    let rows =
        [("slow", "roi", 0.8), ("faults", "roi", 0.25), ("crowded", "roi", 2.0), ("faults", "network_latency", 9.0)];
    tracker.record(Update {
        metrics: BTreeMap::from([("roi".to_owned(), 1.0), ("network_latency".to_owned(), 4.0)]),
        scenarios: scenarios(&rows),
        ..Update::default()
    });
    let worst = tracker.worst_scenario("roi").expect("one is worse");
    assert_eq!(
        (worst.scenario.as_str(), worst.cycle, worst.nominal, worst.value, worst.drop),
        ("faults", 0, 1.0, 0.25, 0.75)
    );
    // Of latency less is better.
    assert_eq!(tracker.worst_scenario("network_latency").expect("worse").drop, 5.0);
    assert_eq!(tracker.worst_scenario("unknown"), None);
    // The newest cycle that can say decides, and its own nominal scenario.
    let rows = [("nominal", "roi", 0.5), ("slow", "roi", 0.6), ("faults", "shannon_entropy", 0.0)];
    tracker.record(Update {
        metrics: BTreeMap::from([("roi".to_owned(), 9.0), ("shannon_entropy".to_owned(), 1.0)]),
        scenarios: scenarios(&rows),
        ..Update::default()
    });
    tracker.record(Update::default());
    assert_eq!((tracker.worst_scenario("roi"), tracker.worst_scenario("shannon_entropy")), (None, None));
}

#[test]
fn rules_that_cannot_hold_are_refused() {
    let refused = |rules| RoiTracker::default().with_rules(rules).expect_err("no rules").to_string();
    assert_eq!(
        refused(Rules { window: 0, ..Rules::default() }),
        "rules.window is 0: it is a number of cycles, 1 or more"
    );
    assert_eq!(
        refused(Rules { tolerance: 0.0, ..Rules::default() }),
        "rules.tolerance is 0: it is a finite gain above 0"
    );
    assert!(refused(Rules { alpha: 1.0, ..Rules::default() }).contains("between 0 and 1"));
    assert!(refused(Rules { reach: f64::NAN, ..Rules::default() }).contains("1 or more"));
}

#[test]
fn only_the_newest_cycles_are_forecast_from() {
    let mut long = of(&vec![9.0; 150]);
    let newest: Vec<f64> = (0..200).map(|step| f64::from(step % 7)).collect();
    for delta in &newest {
        long.update(0.0, *delta, &[], BTreeMap::new(), &[("synergy_roi", *delta)]);
        long.record_prediction("m", *delta, 0.0).expect("finite");
    }
    long.record_prediction("m", 1.0, 0.0).expect("finite");
    assert_eq!((long.pairs("m").len(), long.pairs("m")[199].predicted), (200, 1.0));
    assert_eq!(long.forecast(), predict(&newest, 1, Method::Auto).first().copied());
    assert_eq!(long.reliability_of(&long.deltas()), reliability(&newest, Method::Auto));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_can_come_makes_it_stumble(
        levels in proptest::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..40),
    ) {
        let mut tracker = RoiTracker::default();
        for (before, after, cost) in levels {
            let update = Update { before, after, cost, modules: vec!["a".to_owned()], ..Update::default() };
            let kept = tracker.updates().len();
            let advance = tracker.record(update);
            prop_assert_eq!(advance.refused.is_empty(), tracker.updates().len() == kept + 1);
            prop_assert!(tracker.deltas().iter().all(|delta| delta.is_finite()));
            if let Diminishing::Continuing { upper } | Diminishing::Diminishing { upper } = advance.diminishing {
                prop_assert!(!upper.is_nan());
            }
        }
        prop_assert!(tracker.rankings().len() <= 1);
    }

    #[test]
    fn a_cycle_is_an_outlier_or_not_by_those_before_it(deltas in proptest::collection::vec(-1.0..1.0f64, 0..30)) {
        let whole = of(&deltas).outliers();
        let mut tracker = of(&[]);
        let seen: Vec<Outlier> =
            deltas.iter().filter_map(|delta| tracker.update(0.0, *delta, &[], BTreeMap::new(), &[]).outlier).collect();
        prop_assert_eq!(seen, whole);
    }
}
