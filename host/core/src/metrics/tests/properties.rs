//! A property for each metric.

use super::arbitrary::sober;
use super::*;
use crate::TrapKind;
use proptest::prelude::*;

fn invocations(case: &Case) -> impl Iterator<Item = &Invocation> {
    case.trials.iter().flat_map(|trials| &trials.samples).flat_map(|sample| &sample.invocations)
}

/// The case with all stressed samples worth what the nominal ones of their inputs are, times something.
fn stressed_as_nominal(case: &Case, times: f64) -> Case {
    let mut other = case.clone();
    let nominal: Vec<f64> = case.trials[0].samples.iter().map(|sample| sample.value).collect();
    for trials in other.trials.iter_mut().filter(|trials| trials.role == Role::Stressed) {
        for (sample, value) in trials.samples.iter_mut().zip(&nominal) {
            sample.value = value * times;
        }
    }
    other
}

/// The mean of a score over modules lies between the lowest and the highest of them.
fn lies_between(value: f64, scores: impl Iterator<Item = f64> + Clone) -> bool {
    let (low, high) = (scores.clone().fold(100.0, f64::min), scores.fold(0.0, f64::max).max(0.0));
    (low - 1e-9..=high.max(low) + 1e-9).contains(&value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roi_does_not_depend_on_the_currency(case in sober()) {
        let other = case.with_samples(|_, sample| { sample.value *= 4.0; sample.cost *= 4.0; });
        prop_assert_eq!(other.one("roi"), case.one("roi"));
    }

    #[test]
    fn revenue_grows_with_values(case in sober()) {
        let other = case.with_samples(|_, sample| { sample.value *= 4.0; sample.cost += 1.0; });
        prop_assert_eq!(other.one("revenue"), 4.0 * case.one("revenue"));
    }

    #[test]
    fn profitability_falls_by_what_each_input_costs_more(case in sober(), more in 0..100i32) {
        let other = case.with_samples(|_, sample| sample.cost += f64::from(more));
        prop_assert!(near(other.one("profitability"), case.one("profitability") - f64::from(more)));
    }

    #[test]
    fn projected_lucrativity_of_a_steady_arm_is_ten_times_its_profit(mut case in sober(), cycles in 0usize..30) {
        let profit = case.one("profitability");
        case.past_profitability = vec![profit; cycles];
        prop_assert!(near(case.one("projected_lucrativity"), 10.0 * profit));
    }

    #[test]
    fn long_term_lucrativity_is_the_slope_of_a_line(mut case in sober(), slope in -5..5i32, cycles in 1..300i32) {
        let roi = case.one("roi");
        case.past_roi = (1..=cycles).rev().map(|back| roi - f64::from(slope * back)).collect();
        prop_assert!(near(case.one("long_term_lucrativity"), f64::from(slope)));
    }

    #[test]
    fn efficiency_is_the_room_that_is_left(case in sober()) {
        let expected = 1.0 - (case.one("cpu_usage") + case.one("memory_usage")) / 2.0;
        prop_assert!(near(case.one("efficiency"), expected));
    }

    #[test]
    fn cpu_usage_halves_when_the_limit_doubles(case in sober()) {
        let limits = Limits { fuel: case.limits.fuel * 2, ..case.limits.clone() };
        let other = Case { limits, ..case.clone() };
        prop_assert_eq!(other.one("cpu_usage") * 2.0, case.one("cpu_usage"));
    }

    #[test]
    fn memory_usage_is_that_of_the_hungriest(case in sober()) {
        let other = case.with_samples(|_, sample| {
            sample.invocations.push(run(End::Completed, Usage { fuel: 9, ..Usage::default() }));
        });
        prop_assert_eq!(other.one("memory_usage"), case.one("memory_usage"));
    }

    #[test]
    fn gpu_usage_needs_an_accelerator(case in sober()) {
        let other = case.with_invocations(|run| run.usage.accelerator_ns = 0);
        prop_assert_eq!(other.one("gpu_usage"), 0.0);
    }

    #[test]
    fn energy_consumption_grows_with_its_coefficients(case in sober()) {
        let Energy { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second } = case.energy;
        let energy = Energy {
            joules_per_gigafuel: joules_per_gigafuel * 2.0,
            joules_per_mib_moved: joules_per_mib_moved * 2.0,
            joules_per_mib_second: joules_per_mib_second * 2.0,
        };
        let other = Case { energy, ..case.clone() };
        prop_assert_eq!(other.one("energy_consumption"), 2.0 * case.one("energy_consumption"));
    }

    #[test]
    fn throughput_halves_when_all_takes_twice_as_long(case in sober()) {
        let other = case.with_invocations(|run| run.usage.virtual_time_ns *= 2);
        prop_assert_eq!(other.one("throughput") * 2.0, case.one("throughput"));
    }

    #[test]
    fn network_latency_doubles_with_the_waiting(case in sober()) {
        let other = case.with_invocations(|run| run.usage.waiting_ns *= 2);
        prop_assert_eq!(other.one("network_latency"), 2.0 * case.one("network_latency"));
    }

    #[test]
    fn reliability_counts_what_completed(case in sober()) {
        let failed = case.trials[0].samples.iter().filter(|sample| !sample.completed).count();
        let expected = failed as f64 / case.inputs as f64;
        prop_assert!(near(1.0 - case.one("reliability"), expected));
    }

    #[test]
    fn resilience_is_the_share_that_is_left(case in sober(), eighths in 0..=8u8) {
        prop_assert_eq!(stressed_as_nominal(&case, 1.0).one("resilience"), 1.0);
        let left = f64::from(eighths) / 8.0;
        if case.one("revenue") > 0.0 {
            prop_assert!(near(stressed_as_nominal(&case, left).one("resilience"), left));
        }
    }

    #[test]
    fn antifragility_is_the_slope_of_a_line(case in sober(), slope in -50..50i32) {
        let other = case.with_samples(|trials, sample| {
            sample.value = 7.0 + f64::from(slope) * trials.threat_intensity;
        });
        prop_assert!(near(other.one("antifragility"), f64::from(slope)));
    }

    #[test]
    fn adaptability_falls_with_a_scenario_that_ruins(case in sober()) {
        let calm = stressed_as_nominal(&case, 1.0);
        prop_assert_eq!(calm.one("adaptability"), 1.0);
        let ruined = calm.and(Role::Stressed, 1.0, vec![sample(-1e6, 0.0, Usage::default()); case.inputs]);
        prop_assert_eq!(ruined.one("adaptability"), 2.0 / 3.0);
    }

    #[test]
    fn flexibility_does_not_fall_when_more_completes(case in sober(), place: proptest::sample::Index) {
        let mut other = case.clone();
        let classes = &mut other.trials[3].samples;
        let place = place.index(classes.len());
        classes[place].completed = true;
        prop_assert!(other.one("flexibility") >= case.one("flexibility"));
        prop_assert_eq!(case.with_samples(|_, sample| sample.completed = true).one("flexibility"), 1.0);
    }

    #[test]
    fn recovery_time_is_measured_in_the_time_that_passes(case in sober()) {
        let mut slower = case.with_invocations(|run| {
            run.usage.virtual_time_ns *= 2;
            run.usage.first_fault_ns *= 2;
        });
        slower.limits.time_ns *= 2;
        prop_assert_eq!(slower.one("recovery_time"), 2.0 * case.one("recovery_time"));
        let calm = case.with_invocations(|run| (run.usage.faults, run.usage.first_fault_ns) = (0, 0));
        prop_assert_eq!(calm.one("recovery_time"), 0.0);
    }

    #[test]
    fn safety_rating_falls_with_a_trap_and_not_with_a_faulty_one(case in sober(), faults in 0..2u64) {
        let usage = Usage { faults, ..Usage::default() };
        let other = case.with_samples(|trials, sample| {
            if trials.role == Role::Nominal {
                sample.invocations = vec![run(End::Completed, Usage::default())];
            } else {
                sample.invocations = vec![run(End::Trap(TrapKind::Other), usage.clone())];
            }
        });
        let expected = if faults > 0 { 100.0 } else { 100.0 - 100.0 * 6.0 / 7.0 };
        prop_assert!(near(other.one("safety_rating"), expected));
    }

    #[test]
    fn security_score_is_never_above_that_of_a_module(case in sober()) {
        let score = case.one("security_score");
        prop_assert!(case.statics.iter().all(|of| score <= of.security_score));
        prop_assert!(score == 100.0 || case.statics.iter().any(|of| score == of.security_score));
    }

    #[test]
    fn risk_index_is_at_most_the_exposure(case in sober()) {
        let exposure = case.statics.iter().map(|of| of.exposure).fold(0.0, f64::max);
        prop_assert!(case.one("risk_index") <= exposure);
        let always = case.with_invocations(|run| (run.end, run.usage.faults) = (End::Denied, 0));
        let any = invocations(&case).next().is_some();
        prop_assert_eq!(always.one("risk_index"), if any { exposure } else { 0.0 });
    }

    #[test]
    fn shannon_entropy_is_at_most_that_of_all_different(case in sober()) {
        let count = invocations(&case).count().max(1) as f64;
        prop_assert!(case.one("shannon_entropy") <= count.log2() + 1e-9);
        let twice: Vec<usize> = (0..case.inputs).chain(0..case.inputs).collect();
        prop_assert!(near(case.drawn(&twice)["shannon_entropy"], case.one("shannon_entropy")));
    }

    #[test]
    fn discrepancy_count_of_a_true_repeat_is_0(case in sober()) {
        prop_assert!(case.one("discrepancy_count") <= case.inputs as f64);
        let mut other = case.clone();
        other.trials[4].samples = case.trials[0].samples.clone();
        prop_assert_eq!(other.one("discrepancy_count"), 0.0);
    }

    #[test]
    fn maintainability_lies_between_those_of_the_modules(case in sober()) {
        prop_assert!(lies_between(case.one("maintainability"), case.statics.iter().map(|of| of.maintainability)));
    }

    #[test]
    fn code_quality_lies_between_those_of_the_modules(case in sober()) {
        prop_assert!(lies_between(case.one("code_quality"), case.statics.iter().map(|of| of.code_quality)));
    }
}
