use super::*;
use proptest::prelude::*;

fn known(estimate: Estimate) -> Interval {
    *estimate.interval().expect("an interval")
}

#[derive(serde::Deserialize)]
struct Fixture {
    data: Vec<f64>,
    resampled: Vec<f64>,
    low: f64,
    high: f64,
    acceleration: f64,
    t975: std::collections::BTreeMap<String, f64>,
}

#[test]
fn another_implementation_agrees_on_bias_and_acceleration() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../../tests-data/bca.json")).expect("a fixture");
    let mean = fixture.data.iter().sum::<f64>() / fixture.data.len() as f64;
    let sample = Sample::new(mean, fixture.data.iter().map(|value| value - mean).collect());
    assert!((sample.acceleration() - fixture.acceleration).abs() < 1e-12);
    let values = sorted(fixture.resampled.into_iter());
    let (low, high) = bca_levels(&values, &sample, fixture.acceleration, 0.025).expect("levels");
    assert!((low - fixture.low).abs() < 1e-9 && (high - fixture.high).abs() < 1e-9, "{low} {high}");
    for (degrees, expected) in fixture.t975 {
        let ours = student(degrees.parse().expect("a number"), 0.975);
        assert!((ours - expected).abs() < 1e-8, "{degrees}: {ours} {expected}");
    }
}

#[test]
fn few_inputs_equal_inputs_and_undefined_ones() {
    let bootstrap = Bootstrap::new(1);
    let few = Estimate::NotEnoughData { inputs: 7, needed: 8 };
    assert_eq!((bootstrap.mean(&[1.0; 7]), bootstrap.statistic(7, |_| 1.0)), (few, few));
    let same = known(bootstrap.mean(&[0.1; 10]));
    assert_eq!((same.method, same.estimate, same.low, same.high), (IntervalMethod::Constant, 0.1, 0.1, 0.1));
    assert_eq!(bootstrap.mean(&[f64::NAN; 9]), Estimate::Undefined);
    assert_eq!(bootstrap.statistic(9, |inputs| 1.0 / (inputs[0] as f64)), Estimate::Undefined);
}

#[test]
fn where_there_is_no_standard_error_percentiles_are_left() {
    // How many inputs are there again: leaving one out of the whole changes nothing.
    let ties = |inputs: &[usize]| inputs.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64;
    for bootstrap in [Bootstrap::new(3), Bootstrap::new(3).bca()] {
        let interval = known(bootstrap.statistic(10, ties));
        assert_eq!((interval.method, interval.estimate, interval.low), (IntervalMethod::Percentile, 0.0, 0.0));
        assert!(interval.high >= 5.0);
    }
}

#[test]
fn the_mean_is_a_statistic_like_others() {
    let data: Vec<f64> = (0..12).map(|i| f64::from(i * i % 17)).collect();
    let mean = |inputs: &[usize]| inputs.iter().map(|i| data[*i]).sum::<f64>() / inputs.len() as f64;
    for bootstrap in [Bootstrap::new(5), Bootstrap::new(5).bca().level(0.9)] {
        let (short, general) = (known(bootstrap.mean(&data)), known(bootstrap.statistic(12, mean)));
        assert_eq!(short.method, general.method);
        for (a, b) in [(short.low, general.low), (short.high, general.high)] {
            assert!((a - b).abs() < 1e-9, "{short:?} {general:?}");
        }
    }
}

#[test]
fn rare_inputs_do_not_make_ends_infinite() {
    let mut data = vec![0.0; 9];
    data.push(1.0);
    let interval = known(Bootstrap::new(2).mean(&data));
    assert_eq!(interval.method, IntervalMethod::Studentized);
    assert!(interval.low < 0.0 && interval.high < 2.0, "{interval:?}");
}

#[test]
fn a_seed_fixes_the_interval_and_levels_nest() {
    let data: Vec<f64> = (0..15).map(|i| f64::from(i * 7 % 15)).collect();
    let of = |bootstrap: Bootstrap| known(bootstrap.mean(&data));
    assert_eq!(of(Bootstrap::new(1)), of(Bootstrap::new(1)));
    assert_ne!(of(Bootstrap::new(1)), of(Bootstrap::new(2)));
    let (narrow, wide) = (of(Bootstrap::new(1).level(0.8)), of(Bootstrap::new(1).level(0.99)));
    assert!(wide.low < narrow.low && narrow.high < wide.high);
}

/// The share of intervals for a mean of 0 that hold it.
fn coverage(inputs: usize, draw: impl Fn(f64) -> f64) -> f64 {
    let mut draws = Draws::new(11, Stream::Split);
    let trials = 400u32;
    let held = (0..trials).filter(|trial| {
        let data: Vec<f64> =
            (0..inputs).map(|_| draw((f64::from(draws.below(1 << 30)) + 0.5) / f64::from(1 << 30))).collect();
        !known(Bootstrap::new(u64::from(*trial)).resamples(400).mean(&data)).excludes(0.0)
    });
    held.count() as f64 / f64::from(trials)
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    // The example `coverage` measures this with many more trials. Three standard errors of 400 trials are
    // 3.3 points, around 93 to 97 %.
    let allowed = 0.897..=1.0;
    let normal = coverage(10, |share| Normal::standard().inverse_cdf(share));
    let exponential = coverage(20, |share| -share.ln() - 1.0);
    assert!(allowed.contains(&normal) && allowed.contains(&exponential), "{normal} {exponential}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_interval_holds_the_estimate_and_scales(
        data in proptest::collection::vec(-1e3..1e3f64, 8..30), power in -6i32..6, negative: bool,
        bca: bool, shift in -4i32..4
    ) {
        let bootstrap = Bootstrap::new(4).resamples(200);
        let bootstrap = if bca { bootstrap.bca() } else { bootstrap };
        let interval = known(bootstrap.mean(&data));
        prop_assert!(interval.low <= interval.estimate && interval.estimate <= interval.high);
        // A power of two, so that products are exact.
        let factor = 2f64.powi(power) * if negative { -1.0 } else { 1.0 };
        let scaled = known(bootstrap.mean(&data.iter().map(|value| value * factor).collect::<Vec<_>>()));
        let (a, b) = (interval.low * factor, interval.high * factor);
        let slack = 1e-9 * 1e3 * factor.abs();
        prop_assert!((scaled.low - a.min(b)).abs() <= slack && (scaled.high - a.max(b)).abs() <= slack);
        let moved = known(bootstrap.mean(&data.iter().map(|value| value + f64::from(shift)).collect::<Vec<_>>()));
        prop_assert!((moved.low - interval.low - f64::from(shift)).abs() < 1e-8);
    }
}
