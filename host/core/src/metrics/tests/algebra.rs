//! What holds for all metrics: they are finite, keep within their range, do not mind the order of inputs, see a draw
//! as an arm of its own; and what synergy and interaction come to.

use super::arbitrary::{sober, wild};
use super::*;
use proptest::prelude::*;

fn range(unit: &str) -> (f64, f64) {
    match unit {
        "0..1" => (0.0, 1.0),
        "0..100" => (0.0, 100.0),
        "count" | "bits" | "virtual ms" | "virtual ms/input" | "inputs/virtual s" => (0.0, f64::MAX),
        _ => (f64::MIN, f64::MAX),
    }
}

/// A case in which inputs are those that a draw of another names.
fn drawn_out(case: &Case, draw: &[usize]) -> Case {
    let mut out = case.clone();
    out.inputs = draw.len();
    for (trials, before) in out.trials.iter_mut().zip(&case.trials) {
        let per_input = before.samples.len() / case.inputs;
        let of = |input: &usize| input * per_input..(input + 1) * per_input;
        trials.samples = draw.iter().flat_map(|input| before.samples[of(input)].to_vec()).collect();
        if !before.classes.is_empty() {
            trials.classes = draw.iter().flat_map(|input| before.classes[of(input)].to_vec()).collect();
        }
    }
    out
}

#[test]
fn nothing_measured_is_finite() {
    let limits = Limits { fuel: 0, memory_bytes: 0, time_ns: 0, wall_time_ns: 0, ..Limits::default() };
    let unmeasured = Sample::new(0.0, 0.0, false, OutputFacts::of(&[]), Vec::new());
    let none = Case { trials: Vec::new(), ..Case::nominal(Vec::new()) };
    for case in [none, Case::nominal(Vec::new()), Case::nominal(vec![unmeasured])] {
        let case = Case { limits: limits.clone(), ..case };
        assert!(case.all().iter().all(|(_, value)| value.is_finite()), "{:?}", case.all());
        assert_eq!(case.drawn(&[0, 9, usize::MAX]).iter().count(), METRICS.len());
    }
}

proptest! {
    #[test]
    fn all_are_finite_and_in_their_range(case in wild()) {
        for metric in METRICS {
            let value = case.one(metric.name);
            let (low, high) = range(metric.unit);
            prop_assert!(low <= value && value <= high, "{} is {}", metric.name, value);
        }
    }

    #[test]
    fn a_draw_is_an_arm_of_its_own(case in sober(), picks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..8)) {
        let draw: Vec<usize> = picks.iter().map(|pick| pick.index(case.inputs)).collect();
        prop_assert_eq!(case.drawn(&draw), drawn_out(&case, &draw).all());
    }

    #[test]
    fn the_order_of_inputs_does_not_matter((case, order) in sober().prop_flat_map(|case| {
        let order: Vec<usize> = (0..case.inputs).collect();
        (Just(case), Just(order).prop_shuffle())
    })) {
        let (before, after) = (case.all(), case.drawn(&order));
        for metric in METRICS.iter().filter(|metric| metric.name != "recovery_time") {
            prop_assert!(near(before[metric.name], after[metric.name]), "{}", metric.name);
        }
    }

    #[test]
    fn a_group_that_is_each_of_its_members_has_no_synergy(case in sober(), members in 1usize..8) {
        let arm = case.all();
        let synergies = synergy(&vec![arm.clone(); members], &arm);
        prop_assert_eq!(synergies.iter().count(), METRICS.len());
        for (name, value) in synergies.iter() {
            prop_assert_eq!(value, 0.0, "{}", name);
        }
    }

    #[test]
    fn what_each_adds_by_itself_is_no_interaction(parts in proptest::collection::vec(sober(), 1..4)) {
        // Each part's trials on its first input; the group's are all of theirs, on top of nothing.
        let of = |parts: &[Case]| {
            let all: Vec<&Sample> = parts.iter().map(|part| &part.trials[0].samples[0]).collect();
            let invocations = all.iter().flat_map(|sample| sample.invocations.clone()).collect();
            let (value, cost) = (all.iter().map(|s| s.value).sum(), all.iter().map(|s| s.cost).sum());
            Case::nominal(vec![Sample::new(value, cost, true, OutputFacts::of(&[]), invocations)]).all()
        };
        let solos: Vec<MetricSet> = parts.iter().map(|part| of(std::slice::from_ref(part))).collect();
        let interactions = interaction(&solos, &of(&parts), &of(&[]));
        for name in ["revenue", "profitability", "projected_lucrativity", "energy_consumption", "network_latency"] {
            prop_assert!(interactions[name].abs() < 1e-9, "{} {}", name, interactions[name]);
        }
    }

    #[test]
    fn whole_numbers_that_add_up_have_no_interaction(empty in -100i32..100, parts in proptest::collection::vec(-100i32..100, 1..6)) {
        // Whole numbers, so that sums are exact.
        let set = |value: i32| MetricSet::from_iter([("revenue", f64::from(value))]);
        let solos: Vec<_> = parts.iter().map(|part| set(empty + part)).collect();
        let combined = set(empty + parts.iter().sum::<i32>());
        prop_assert_eq!(interaction(&solos, &combined, &set(empty))["revenue"], 0.0);
    }

    #[test]
    fn a_group_of_copies_has_no_synergy(value in -1e6..1e6f64, copies in 1usize..9) {
        let one = MetricSet::from_iter([("revenue", value)]);
        let solos = vec![one.clone(); copies];
        prop_assert_eq!(synergy(&solos, &one)["revenue"], 0.0);
    }

    #[test]
    fn synergy_is_combined_minus_the_mean_of_solos(solos in proptest::collection::vec(-1e3..1e3f64, 1..6), together in -1e3..1e3f64) {
        let sets: Vec<_> = solos.iter().map(|v| MetricSet::from_iter([("roi", *v)])).collect();
        let expected = together - solos.iter().sum::<f64>() / solos.len() as f64;
        prop_assert_eq!(synergy(&sets, &MetricSet::from_iter([("roi", together)]))["roi"], expected);
    }
}
