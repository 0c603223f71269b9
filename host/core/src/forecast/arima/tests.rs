use super::super::tests::NILE;
use super::*;
use crate::random::{Draws, Stream};

/// An order, the coefficients of values and errors, what is expected after `NILE`, and the variances, in units of the
/// noise's.
type Fixture = (f64, [f64; 2], bool, [f64; 2], [f64; 5], [f64; 5]);

/// Of statsmodels 0.15.0: `ARIMA(nile[:30], order, trend).filter(params).get_forecast(5)`, with `trend="c"` and a mean
/// of 1000 for (1, 0, 0), else "n", and a variance of 1. It takes the first values as drawn from the process, not as
/// given, which by the 30th makes no difference with these parameters.
const FIXTURES: [Fixture; 4] = [
    (
        600.0,
        [0.4, 0.0],
        false,
        [0.0; 2],
        [936.0, 974.4, 989.76, 995.904, 998.361_6],
        [1.0, 1.16, 1.185_6, 1.189_696, 1.190_351_36],
    ),
    (0.0, [0.0; 2], true, [-0.5, 0.0], [891.903_440_546_333_4; 5], [1.0, 1.25, 1.5, 1.75, 2.0]),
    (
        0.0,
        [0.3, 0.0],
        true,
        [-0.4, 0.0],
        [
            846.588_802_524_016_4,
            848.565_443_281_221_3,
            849.158_435_508_382_8,
            849.336_333_176_531_3,
            849.389_702_476_975_8,
        ],
        [1.0, 1.81, 2.566_9, 3.308_221, 4.044_899_89],
    ),
    (
        0.0,
        [0.3, -0.2],
        true,
        [0.2, 0.1],
        [933.496_329_883_817_3, 972.564_802_433_025, 965.586_078_221_023_7, 955.678_766_447_582, 954.102_317_757_949_5],
        [1.0, 3.25, 5.652_5, 7.798_725, 9.842_195_25],
    ),
];

#[test]
fn given_parameters_say_what_the_reference_says() {
    for (constant, ar, differenced, ma, expected, variances) in FIXTURES {
        let mut model = Arima::new(constant, ar, differenced, ma);
        model.squared_errors(&NILE);
        for steps in 1..=5 {
            let (ahead, reference) = (model.ahead(steps), expected[steps - 1]);
            assert!((ahead / reference - 1.0).abs() < 1e-8, "{ar:?} {ma:?} {steps}: {ahead} {reference}");
            let (spread, reference) = (model.spread(steps), variances[steps - 1]);
            assert!((spread - reference).abs() < 1e-6, "{ar:?} {ma:?} {steps}: {spread} {reference}");
        }
    }
}

/// Fits of statsmodels 0.15.0, `ARIMA(nile[:30], order, trend).fit().params`: by likelihood, so that ours are to be no
/// worse by squared errors; for (1, 0, 0) the mean is turned into a constant.
#[test]
fn a_fit_is_no_worse_than_the_reference() {
    let references = [
        (
            (1, 0, 0),
            1_077.775_264_148_183_4 * (1.0 - 0.218_924_762_690_134_08),
            [0.218_924_762_690_134_08, 0.0],
            [0.0; 2],
        ),
        ((0, 1, 1), 0.0, [0.0; 2], [-0.995_074_331_435_238, 0.0]),
        ((1, 1, 1), 0.0, [0.262_754_713_008_584_94, 0.0], [-0.999_173_400_627_959_8, 0.0]),
        (
            (2, 1, 2),
            0.0,
            [-0.352_768_854_890_951_8, 0.200_558_686_086_065_9],
            [-0.384_812_747_374_457_8, -0.614_386_875_149_276_9],
        ),
    ];
    for (order, constant, ar, ma) in references {
        let ours = begun_again(&Arima::of_order(&NILE, order).0).squared_errors(&NILE);
        let theirs = Arima::new(constant, ar, order.1 > 0, ma).squared_errors(&NILE);
        assert!(ours <= theirs * (1.0 + 1e-6), "{order:?}: {ours} {theirs}");
    }
}

fn begun_again(model: &Arima) -> Arima {
    Arima { count: 0, past: [0.0; 3], past_errors: [0.0; 2], ..*model }
}

#[test]
fn a_fit_is_as_good_as_a_fine_grid() {
    let squares = |a: f64, c: f64| Arima::new(0.0, [a, 0.0], true, [c, 0.0]).squared_errors(&NILE);
    let ours = begun_again(&Arima::of_order(&NILE, (1, 1, 1)).0).squared_errors(&NILE);
    for a in -99..=99 {
        for c in -99..=99 {
            assert!(ours <= squares(f64::from(a) / 100.0, f64::from(c) / 100.0) * (1.0 + 1e-9), "{a} {c}");
        }
    }
}

#[test]
fn a_process_is_found_again() {
    let mut draws = Draws::new(1, Stream::Null);
    let mut series = vec![5.0];
    for place in 1..400 {
        // Even noise of a variance of 1/12.
        let noise = f64::from(draws.below(1000)) / 1000.0 - 0.4995;
        series.push(5.0 + 0.7 * (series[place - 1] - 5.0) + noise);
    }
    let model = Arima::of_order(&series, (1, 0, 0)).0;
    // Three standard errors of each: sqrt((1 - 0.7^2) / 400), and sqrt(1 / 12 / 400) / (1 - 0.7).
    assert!((model.values[0] - 0.7).abs() < 0.11, "{model:?}");
    assert!((model.constant / (1.0 - model.values[0]) - 5.0).abs() < 0.15, "{model:?}");
}

#[test]
fn short_and_flat_series() {
    assert_eq!(Arima::fitted(&NILE[..9]), None);
    let flat = Arima::fitted(&[0.0; 10]).unwrap();
    assert_eq!((flat.ahead(1), flat.ahead(50), flat.parameters()), (0.0, 0.0, 1));
}

#[test]
fn the_simplex_finds_the_bottom_of_a_bent_valley() {
    // Rosenbrock's, whose bottom is at 0.5 twice, at a size that fits.
    let valley = |[x, y]: [f64; 2]| (1.0 - 2.0 * x).powi(2) + 100.0 * (2.0 * y - 4.0 * x * x).powi(2);
    let [x, y] = minimum(9, valley);
    assert!((x - 0.5).abs() < 1e-3 && (y - 0.5).abs() < 1e-3, "{x} {y}");
    let [x, y] = minimum(9, |[x, y]: [f64; 2]| x - y);
    assert!((x + 1.0).abs() < 1e-9 && (y - 1.0).abs() < 1e-9, "{x} {y}");
}
