//! Many questions at once: how few of the groups that are called good may be so by luck.
//!
//! Groups share modules, so what is asked of them is dependent, in ways that nobody knows. Both procedures
//! here hold the false discovery rate (the expected share of false among those called good) whatever the
//! dependence. Each gives, per question, the smallest rate at which it would be called good: call those good
//! whose rate is at most the one that is wanted.

/// Benjamini and Yekutieli's rates for p-values (The control of the false discovery rate in multiple testing
/// under dependency, Annals of Statistics 29, 2001, theorem 1.3), in the order given and at most 1. A p-value
/// that is not a number counts as 1.
///
/// With sorted p-values p(1) <= ... <= p(m), the rate of the k-th is the least of m (1 + 1/2 + ... + 1/m) p(j) / j
/// over j >= k.
#[must_use]
pub fn benjamini_yekutieli(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len() as f64;
    let dependence: f64 = (1..=p_values.len()).map(|k| 1.0 / k as f64).sum();
    let cleaned: Vec<f64> = p_values.iter().map(|p| if p.is_nan() { 1.0 } else { p.max(0.0) }).collect();
    step_up(&cleaned, |p, rank| count * dependence * p / rank)
}

/// The rates of e-values (e-BH: Wang and Ramdas, False discovery rate control with e-values, JRSS B 84, 2022),
/// in the order given and at most 1. E-values may each have been stopped when their owner liked, so this is
/// the one to use where testing stopped early. An e-value that is not a number, or negative, counts as 0.
///
/// With sorted e-values e(1) >= ... >= e(m), the rate of the k-th is the least of m / (j e(j)) over j >= k.
#[must_use]
pub fn e_benjamini_hochberg(e_values: &[f64]) -> Vec<f64> {
    let count = e_values.len() as f64;
    // The inverse of an e-value is a p-value (Markov), and ordered as one.
    let inverses: Vec<f64> = e_values.iter().map(|e| if *e > 0.0 { e.recip() } else { f64::INFINITY }).collect();
    step_up(&inverses, |inverse, rank| count * inverse / rank)
}

/// From the largest down, the least rate so far.
fn step_up(values: &[f64], rate: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut rates = vec![1.0; values.len()];
    let mut least = 1.0f64;
    for (place, at) in order.iter().enumerate().rev() {
        least = least.min(rate(values[*at], place as f64 + 1.0));
        rates[*at] = least;
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draws, Stream};
    use crate::stats::signflip::{Side, sign_flip};
    use proptest::prelude::*;

    #[test]
    fn another_implementation_agrees() {
        // scipy.stats.false_discovery_control(p, method="by").
        let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
        let known = [
            0.02928968253968254,
            0.11715873015873016,
            0.24603333333333333,
            0.24603333333333333,
            0.24603333333333333,
            0.2928968253968254,
            0.3096337868480725,
            0.6326571428571428,
            0.6326571428571428,
            0.6326571428571428,
        ];
        for (ours, theirs) in benjamini_yekutieli(&p).iter().zip(known) {
            assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
        }
    }

    #[test]
    fn e_values_by_hand() {
        // Of four: 80 alone gives 4/80; 80 and 40 give 4/(2 x 40).
        assert_eq!(e_benjamini_hochberg(&[1.0, 80.0, 40.0, 0.0]), [1.0, 0.05, 0.05, 1.0]);
        assert_eq!(e_benjamini_hochberg(&[f64::NAN, f64::INFINITY, -3.0]), [1.0, 0.0, 1.0]);
        assert!(benjamini_yekutieli(&[]).is_empty());
        assert_eq!(benjamini_yekutieli(&[f64::NAN]), [1.0]);
    }

    #[test]
    fn groups_that_do_nothing_are_seldom_called_good() {
        // All pairs of eight modules; a pair's differences are those of its members added, so that pairs are
        // dependent. Nobody does anything, so every discovery is false.
        // With 12 inputs p can be small enough for one pair to be called good by itself.
        let (modules, inputs, trials) = (8, 12, 200);
        let mut draws = Draws::new(3, Stream::Split);
        let mut false_alarms = 0;
        for _ in 0..trials {
            let mut draw = || f64::from(draws.below(2001)) - 1000.0;
            let noise: Vec<f64> = (0..modules * inputs).map(|_| draw()).collect();
            let of = |a: usize, b: usize, input: usize| noise[a * inputs + input] + noise[b * inputs + input];
            let pairs = (0..modules).flat_map(|a| (a + 1..modules).map(move |b| (a, b)));
            let p = pairs.map(|(a, b)| {
                let differences: Vec<f64> = (0..inputs).map(|input| of(a, b, input)).collect();
                sign_flip(&differences, Some(Side::More), 0, 0).expect("finite").value
            });
            let rates = benjamini_yekutieli(&p.collect::<Vec<_>>());
            false_alarms += u32::from(rates.iter().any(|rate| *rate <= 0.05));
        }
        // At 5 % of 200, 19 and more are as rare as three standard deviations.
        assert!(false_alarms < 19, "{false_alarms} of {trials}");
    }

    proptest! {
        #[test]
        fn rates_keep_the_order_and_are_not_below_p(p in proptest::collection::vec(0.0..1.0f64, 1..30)) {
            let rates = benjamini_yekutieli(&p);
            for (p, rate) in p.iter().zip(&rates) {
                prop_assert!(p <= rate && *rate <= 1.0);
            }
            for (a, one) in p.iter().zip(&rates) {
                for (b, other) in p.iter().zip(&rates) {
                    prop_assert!(a > b || one <= other);
                }
            }
        }

        #[test]
        fn the_rates_are_those_of_the_definition(
            e in proptest::collection::vec(0.1..500.0f64, 1..20), rate in 0.01..0.5f64
        ) {
            // The largest k such that the k-th largest e-value is at least m / (k x rate).
            let mut falling = e.clone();
            falling.sort_by(|a, b| b.total_cmp(a));
            let called = (1..=e.len()).rev().find(|k| falling[k - 1] >= e.len() as f64 / (*k as f64 * rate));
            let ours = e_benjamini_hochberg(&e).iter().filter(|least| **least <= rate).count();
            prop_assert_eq!(ours, called.unwrap_or(0));
        }
    }
}
