//! How much a cycle may use.

use serde::Serialize;

use crate::text::printable;
use crate::units::figure;

/// The least and the most energy of a cycle.
const BOUNDS: (f64, f64) = (1.0, 100.0);

/// The energy that a full capital is worth.
const OF_CAPITAL: f64 = 5.0;

/// How many values of a synergy are its present, and as many its past.
const RECENT: usize = 3;

/// How many of the newest values of a synergy say how much it scatters.
const SCATTER: usize = 20;

/// What lies further from 0 counts as no further: by then the bounds have been reached, and products stay finite.
const FURTHEST: f64 = 1e6;

/// What the energy of a cycle depends on. What is `None` or no number says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnergyInputs {
    /// How well off the project is, from 0 to 1.
    pub capital: Option<f64>,
    /// What the policy expects of a cycle in this state.
    pub policy: Option<f64>,
    /// The mean of the newest ROI deltas: [`EngineState::short_mean`](super::EngineState::short_mean).
    pub short_mean: f64,
    /// The moving average of the ROI deltas: [`EngineState::roi_delta_ema`](super::EngineState::roi_delta_ema).
    pub roi_delta_ema: f64,
    /// The synergies, each with its weight.
    pub synergies: Vec<WeightedSynergy>,
}

/// How far a synergy metric has moved, and how much that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedSynergy {
    /// The metric.
    pub metric: String,
    /// How far it has moved, in a unit that compares between metrics, such as its own standard deviation.
    pub value: f64,
    /// Its weight, 0 or more; 1 for one that nothing has been learned of.
    pub weight: f64,
}

impl WeightedSynergy {
    /// How far a synergy has moved of late, by its values, oldest first: the mean of the newest three less that of the
    /// three before, in standard deviations of the newest twenty. `None` for fewer than six values; 0 for what never
    /// changes.
    ///
    /// The windows are those of the engine that this one succeeds. It also made do with a single value, against nothing, and
    /// measured the deviation on other records than the values.
    #[must_use]
    pub fn of(metric: &str, series: &[f64], weight: f64) -> Option<Self> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let newest = &series[series.len().saturating_sub(SCATTER)..];
        let [before, now] = series.last_chunk::<{ 2 * RECENT }>()?.as_chunks::<RECENT>().0 else { return None };
        // The mean of equal values may differ from them by rounding, which would be divided by itself.
        let value = if newest.iter().all(|value| Some(value) == newest.first()) {
            0.0
        } else {
            let level = mean(newest);
            let variance = newest.iter().map(|value| (value - level).powi(2)).sum::<f64>() / newest.len() as f64;
            (mean(now) - mean(before)) / variance.sqrt()
        };
        Some(Self { metric: metric.to_owned(), value, weight })
    }
}

/// How much a cycle may use, and how that came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnergyPlan {
    /// The energy, from 1 to 100.
    pub energy: u8,
    /// What it is the product of, rounded and brought within the bounds.
    pub parts: Vec<EnergyPart>,
}

/// One factor of an energy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnergyPart {
    /// What it rests on.
    pub name: &'static str,
    /// What the energy was multiplied by: above 1 it was raised, below 1 lowered.
    pub factor: f64,
    /// What it was made of, in words.
    pub because: String,
}

impl EnergyPlan {
    /// The fuel that the energy buys, where an energy of 1 buys so much.
    #[must_use]
    pub fn fuel(&self, fuel_per_energy: u64) -> u64 {
        fuel_per_energy.saturating_mul(u64::from(self.energy))
    }
}

/// The energy of a cycle. It never falls where one of the inputs rises, but for the weight of a synergy below 0.
///
/// ```text
/// energy = the whole number nearest to max(1, 5 capital) f(policy) f(short mean) f(ema) f(synergy), from 1 to 100
/// f(x) = 1 + x from 0 on, 1 / (1 - x) below
/// synergy = the mean over the metrics of weight times value
/// ```
///
/// The base and the factors 1 + x are those of the engine that this one succeeds (its `run_cycle`: 5 times the capital
/// score, then 1 + x for the policy's value, for the synergies and for the moving average). What is otherwise:
///
/// - What is below 0 lowers the energy. There, negative policy values and averages were left out, though its manual
///   says that they reduce it; and a synergy below -1 made the energy negative. As f(-x) = 1 / f(x), a loss takes away
///   what an equal gain brings, and no factor is 0: one bad sign does not silence the others.
/// - The short mean has a factor, as its manual says; it was reckoned and not used.
/// - Rounded is once, at the end (halves to even, as there). Rounded after each factor, an energy of 1 could not be
///   raised by anything less than a half.
/// - Each synergy has an equal share and its learned weight. There, the shares came from a regression of seven columns
///   on at most twenty rows, which says next to nothing.
/// - What is no number is left out by name, instead of spoiling the whole.
#[must_use]
pub fn energy_for(inputs: &EnergyInputs) -> EnergyPlan {
    let EnergyInputs { capital, policy, short_mean, roi_delta_ema, synergies } = inputs;
    let parts = vec![
        of_capital(*capital),
        of_figure("policy", "the policy", *policy),
        of_figure("short-mean", "the mean of the newest ROI deltas", Some(*short_mean)),
        of_figure("roi-delta-ema", "the moving average of ROI deltas", Some(*roi_delta_ema)),
        of_synergies(synergies),
    ];
    let product: f64 = parts.iter().map(|part| part.factor).product();
    EnergyPlan { energy: product.round_ties_even().clamp(BOUNDS.0, BOUNDS.1) as u8, parts }
}

fn of_capital(capital: Option<f64>) -> EnergyPart {
    let (factor, because) = match capital {
        None => (1.0, "nobody says what capital there is: the base is 1".to_owned()),
        Some(score) if score.is_nan() => (1.0, "the capital is no number: the base is 1".to_owned()),
        Some(score) => {
            let base = (OF_CAPITAL * score.clamp(0.0, 1.0)).max(1.0);
            (base, format!("a capital of {} makes the base {}", figure(score), figure(base)))
        }
    };
    EnergyPart { name: "capital", factor, because }
}

fn of_figure(name: &'static str, what: &str, value: Option<f64>) -> EnergyPart {
    match value {
        None => EnergyPart { name, factor: 1.0, because: format!("{what} says nothing") },
        Some(value) if value.is_nan() => {
            EnergyPart { name, factor: 1.0, because: format!("{what} is no number, and is left out") }
        }
        Some(value) => {
            let factor = factor(value);
            EnergyPart { name, factor, because: format!("{what} is {}: {}", figure(value), effect(factor)) }
        }
    }
}

fn of_synergies(synergies: &[WeightedSynergy]) -> EnergyPart {
    let (mut sum, mut count, mut left_out) = (0.0, 0usize, Vec::new());
    for WeightedSynergy { metric, value, weight } in synergies {
        let product = value * weight;
        if product.is_nan() || !(*weight >= 0.0 && weight.is_finite()) {
            left_out.push(printable(metric));
        } else {
            sum += product.clamp(-FURTHEST, FURTHEST);
            count += 1;
        }
    }
    let mut part = if count == 0 {
        EnergyPart { name: "synergy", factor: 1.0, because: "no synergy says anything".to_owned() }
    } else {
        let metrics = if count == 1 { "1 synergy".to_owned() } else { format!("{count} synergies") };
        of_figure("synergy", &format!("the weighted mean of {metrics}"), Some(sum / count as f64))
    };
    if !left_out.is_empty() {
        part.because.push_str("; left out, with a value or weight that cannot be: ");
        part.because.push_str(&left_out.join(", "));
    }
    part
}

/// What a figure multiplies the energy by.
fn factor(value: f64) -> f64 {
    let value = value.clamp(-FURTHEST, FURTHEST);
    if value >= 0.0 { 1.0 + value } else { 1.0 / (1.0 - value) }
}

fn effect(factor: f64) -> String {
    match factor {
        1.0 => "the energy stays as it is".to_owned(),
        1.0.. => format!("the energy is raised {} times", figure(factor)),
        _ => format!("the energy is lowered to {} of it", figure(factor)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn synergy(value: f64, weight: f64) -> WeightedSynergy {
        WeightedSynergy { metric: "synergy_roi".to_owned(), value, weight }
    }

    fn capital(score: f64) -> EnergyInputs {
        EnergyInputs { capital: Some(score), ..EnergyInputs::default() }
    }

    fn energy(inputs: &EnergyInputs) -> u8 {
        energy_for(inputs).energy
    }

    #[test]
    fn a_huge_synergy_gives_exactly_the_most() {
        // Fact E1.
        for value in [99.0, 1e6, 1e300, f64::INFINITY] {
            let inputs = EnergyInputs { synergies: vec![synergy(value, 1.0)], ..EnergyInputs::default() };
            assert_eq!(energy(&inputs), 100, "{value}");
        }
        let seven = [1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].map(|value| synergy(value, 1.0));
        assert_eq!(energy(&EnergyInputs { synergies: seven.to_vec(), ..EnergyInputs::default() }), 100);
        let inputs = EnergyInputs { synergies: vec![synergy(f64::NEG_INFINITY, 1.0)], ..capital(1.0) };
        assert_eq!(energy(&inputs), 1);
    }

    #[test]
    fn the_base_is_five_times_the_capital() {
        // Fact E1, second half: a score of 0.8 gives 4.
        let of = [0.0, 0.2, 0.5, 0.8, 1.0, 7.0, -3.0, f64::INFINITY].map(|score| energy(&capital(score)));
        assert_eq!(of, [1, 1, 2, 4, 5, 5, 1, 5]);
        assert_eq!(energy(&EnergyInputs::default()), 1);
    }

    #[test]
    fn factors_worked_by_hand() {
        // 4 * 1.5 * 1.1 * 1.05 = 6.93.
        let mut inputs =
            EnergyInputs { policy: Some(0.5), roi_delta_ema: 0.05, synergies: vec![synergy(0.1, 1.0)], ..capital(0.8) };
        let plan = energy_for(&inputs);
        assert_eq!(plan.energy, 7);
        assert_eq!(plan.parts.iter().map(|part| part.factor).collect::<Vec<_>>(), [4.0, 1.5, 1.0, 1.05, 1.1]);
        // What is lost weighs as much as what is gained: 4 / 2.
        assert_eq!(energy(&EnergyInputs { roi_delta_ema: -1.0, ..capital(0.8) }), 2);
        assert_eq!(energy(&EnergyInputs { short_mean: 1.0, roi_delta_ema: -1.0, ..capital(0.8) }), 4);
        // The mean of 2 * 0.3 and 0.5 * -0.2: 0.25.
        inputs.synergies = vec![synergy(0.3, 2.0), synergy(-0.2, 0.5)];
        assert_eq!(energy_for(&inputs).parts[4].factor, 1.25);
    }

    #[test]
    fn how_far_a_synergy_has_moved_worked_by_hand() {
        let moved = |series: &[f64]| WeightedSynergy::of("synergy_roi", series, 2.0).map(|synergy| synergy.value);
        // From 0 to 1, with a deviation of a half.
        assert_eq!(moved(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), Some(2.0));
        // The unit does not matter, nor what is more than twenty values old.
        let mut long = vec![1e9; 9];
        long.extend([7.0; 14]);
        long.extend([7.0, 7.0, 7.0, 6.0, 6.0, 6.0]);
        let short: Vec<f64> = long[9..].iter().map(|value| value * 1024.0).collect();
        assert_eq!(moved(&long), moved(&short));
        assert!((moved(&long).unwrap() + 1.0 / (0.15f64 * 0.85).sqrt()).abs() < 1e-12);
        assert_eq!((moved(&[0.1; 30]), moved(&[0.0, 1.0, 2.0, 3.0, 4.0]), moved(&[])), (Some(0.0), None, None));
    }

    #[test]
    fn each_part_says_what_it_did() {
        let mut inputs = EnergyInputs { policy: Some(-1.0), short_mean: 0.5, ..capital(0.8) };
        inputs.synergies = vec![
            synergy(0.5, 1.0),
            WeightedSynergy { metric: "a\u{1b}[2J".to_owned(), value: f64::NAN, weight: 1.0 },
            WeightedSynergy { metric: "b".to_owned(), value: 1.0, weight: -1.0 },
        ];
        let because: Vec<String> = energy_for(&inputs).parts.into_iter().map(|part| part.because).collect();
        assert_eq!(
            because,
            [
                "a capital of 0.8 makes the base 4",
                "the policy is -1: the energy is lowered to 0.5 of it",
                "the mean of the newest ROI deltas is 0.5: the energy is raised 1.5 times",
                "the moving average of ROI deltas is 0: the energy stays as it is",
                "the weighted mean of 1 synergy is 0.5: the energy is raised 1.5 times; left out, with a value or weight \
                 that cannot be: a\\u{1b}[2J, b",
            ]
        );
    }

    #[test]
    fn fuel_is_bought_and_never_overflows() {
        let plan = energy_for(&capital(0.8));
        assert_eq!((plan.fuel(1_000_000), plan.fuel(0), plan.fuel(u64::MAX)), (4_000_000, 0, u64::MAX));
    }

    fn inputs(number: impl Strategy<Value = f64> + Clone) -> impl Strategy<Value = EnergyInputs> {
        let maybe = || prop::option::of(number.clone());
        let synergies = prop::collection::vec((number.clone(), number.clone()), 0..8);
        (maybe(), maybe(), number.clone(), number, synergies).prop_map(
            |(capital, policy, short_mean, roi_delta_ema, synergies)| EnergyInputs {
                capital,
                policy,
                short_mean,
                roi_delta_ema,
                synergies: synergies.into_iter().map(|(value, weight)| synergy(value, weight)).collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_comes_in_it_is_an_energy(inputs in inputs(any::<f64>())) {
            let plan = energy_for(&inputs);
            prop_assert!((1..=100).contains(&plan.energy));
            prop_assert!(plan.parts.iter().all(|part| part.factor.is_finite() && part.factor > 0.0));
        }

        #[test]
        fn it_does_not_fall_where_an_input_rises(
            inputs in inputs(prop_oneof![-3.0..3.0f64, -1e9..1e9f64]), by in prop_oneof![0.0..2.0f64, 0.0..1e9f64]
        ) {
            let before = energy(&inputs);
            let higher = |raise: &dyn Fn(&mut EnergyInputs)| {
                let mut inputs = inputs.clone();
                raise(&mut inputs);
                energy(&inputs)
            };
            prop_assert!(higher(&|inputs| inputs.capital = inputs.capital.map(|score| score + by)) >= before);
            prop_assert!(higher(&|inputs| inputs.policy = inputs.policy.map(|value| value + by)) >= before);
            prop_assert!(higher(&|inputs| inputs.short_mean += by) >= before);
            prop_assert!(higher(&|inputs| inputs.roi_delta_ema += by) >= before);
            for place in 0..inputs.synergies.len() {
                prop_assert!(higher(&|inputs| inputs.synergies[place].value += by) >= before);
                let WeightedSynergy { value, weight, .. } = inputs.synergies[place];
                if weight < 0.0 {
                    continue;
                }
                let weightier = higher(&|inputs| inputs.synergies[place].weight += by);
                let holds = if value >= 0.0 { weightier >= before } else { weightier <= before };
                prop_assert!(holds);
            }
        }

        #[test]
        fn a_loss_takes_away_what_an_equal_gain_brings(value in -1e3..1e3f64) {
            prop_assert!((factor(value) * factor(-value) - 1.0).abs() < 1e-12);
        }
    }
}
