//! Arms made at random: sober ones, whose figures are whole numbers of a few digits so that sums are exact, and wild
//! ones with anything that the types allow.

use super::*;
use crate::{FailureKind, InputClass, LimitKind, Rejection, TrapKind};
use proptest::collection::vec;
use proptest::prelude::*;
use strum::VariantArray as _;

/// The scenarios of a case: role, intensity, samples for each input.
const SCENARIOS: [(Role, f64, usize); 5] = [
    (Role::Nominal, 0.0, 1),
    (Role::Stressed, 0.5, 1),
    (Role::Stressed, 1.0, 1),
    (Role::Classes, 0.0, 3),
    (Role::Repeat, 0.0, 1),
];

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        4 => Just(End::Completed),
        1 => Just(End::Failed(FailureKind::InvalidInput)),
        1 => Just(End::Failed(FailureKind::Internal)),
        1 => proptest::sample::select(LimitKind::ALL).prop_map(End::Limit),
        1 => Just(End::Denied),
        1 => Just(End::Trap(TrapKind::Unreachable)),
        1 => Just(End::Trap(TrapKind::BadValue)),
        1 => Just(End::Rejected(Rejection::Empty)),
    ]
}

fn interfaces() -> impl Strategy<Value = Vec<InterfaceUse>> {
    proptest::sample::subsequence(vec!["wasi:clocks", "wasi:io", "wasi:random"], 0..=3).prop_map(|names| {
        let used = |name: &str| InterfaceUse { name: name.to_owned(), calls: 1, ..InterfaceUse::default() };
        names.into_iter().map(used).collect()
    })
}

/// A usage whose counts are below a bound each; `most` bounds those that may be as large as the type allows.
fn usage(most: u64) -> impl Strategy<Value = Usage> {
    let counts = (0..=most, 0..=most, 0..=most, 0..=most, 0..=most, 0..=most);
    let rest = (0..=most, 0..=2_u64, 0..=most, 0..=1_u64, interfaces());
    (counts, rest).prop_map(|(counts, rest)| {
        let (fuel, peak_memory_bytes, virtual_time_ns, waiting_ns, output_bytes, host_data_bytes) = counts;
        let (accelerator_ns, faults, first_fault_ns, denied_calls, interfaces) = rest;
        Usage {
            fuel,
            peak_memory_bytes,
            virtual_time_ns,
            waiting_ns,
            output_bytes,
            host_data_bytes,
            accelerator_ns,
            faults,
            first_fault_ns,
            denied_calls,
            interfaces,
            ..Usage::default()
        }
    })
}

fn samples(
    count: usize,
    value: impl Strategy<Value = f64> + Clone + 'static,
    most: u64,
) -> impl Strategy<Value = Vec<Sample>> {
    let invocations = vec((end(), usage(most)).prop_map(|(end, usage)| run(end, usage)), 0..3);
    let one = (value.clone(), value, any::<bool>(), "[ab]{0,2}", invocations);
    vec(one, count).prop_map(|all| {
        let make = |(value, cost, completed, output, invocations): (f64, f64, bool, String, _)| {
            Sample::new(value, cost, completed, OutputFacts::of(output.as_bytes()), invocations)
        };
        all.into_iter().map(make).collect()
    })
}

fn case(
    inputs: impl Strategy<Value = usize> + 'static,
    value: impl Strategy<Value = f64> + Clone + 'static,
    most: u64,
) -> impl Strategy<Value = Case> {
    let past = vec(value.clone(), 0..15);
    let inner = inputs.prop_flat_map(move |inputs| {
        let of = |scenario: usize| samples(inputs * SCENARIOS[scenario].2, value.clone(), most);
        (Just(inputs), (of(0), of(1), of(2), of(3), of(4)))
    });
    let classes = vec(proptest::sample::select(InputClass::VARIANTS), 3);
    let score = || 0..=100_u8;
    let statics = vec((score(), score(), score(), score()), 0..4);
    (inner, classes, statics, past.clone(), past).prop_map(
        |((inputs, samples), classes, statics, past_roi, past_profitability)| {
            let samples = [samples.0, samples.1, samples.2, samples.3, samples.4];
            let mut all: Vec<Trials> = SCENARIOS
                .iter()
                .zip(samples)
                .map(|((role, intensity, _), samples)| trials(*role, *intensity, samples))
                .collect();
            all[3].classes = classes.repeat(inputs);
            let number = f64::from;
            let statics = statics.into_iter().map(|(maintainability, code_quality, security_score, exposure)| {
                let (maintainability, code_quality) = (number(maintainability), number(code_quality));
                let (security_score, exposure) = (number(security_score), number(exposure));
                StaticScores { maintainability, code_quality, security_score, exposure }
            });
            let limits = Limits {
                fuel: 1 << 20,
                memory_bytes: 1 << 20,
                time_ns: 1000,
                wall_time_ns: 1 << 20,
                ..Limits::default()
            };
            let (energy, statics) = (Energy::default(), statics.collect());
            Case { inputs, trials: all, limits, security_level: 1, energy, statics, past_roi, past_profitability }
        },
    )
}

/// A case of whole numbers of a few digits.
pub(super) fn sober() -> impl Strategy<Value = Case> {
    case(1..6_usize, (-100..100_i32).prop_map(f64::from), 1000)
}

/// A case of any numbers, whose trials may be none, whose limits may be 0 and whose coefficients may be anything.
pub(super) fn wild() -> impl Strategy<Value = Case> {
    let wild = case(0..4_usize, any::<f64>(), u64::MAX);
    (wild, any::<bool>(), any::<[f64; 3]>(), any::<f64>(), 0..4_usize).prop_map(
        |(mut case, limited, joules, score, kept)| {
            if !limited {
                case.limits = Limits { fuel: 0, memory_bytes: 0, time_ns: 0, wall_time_ns: 0, ..case.limits };
            }
            let [joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second] = joules;
            case.energy = Energy { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second };
            if let Some(first) = case.statics.first_mut() {
                *first = StaticScores {
                    maintainability: score,
                    code_quality: score,
                    security_score: score,
                    exposure: score,
                };
            }
            case.trials.truncate(kept + 1);
            case.trials[0].threat_intensity = score;
            case
        },
    )
}
