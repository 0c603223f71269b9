//! Linear regression that forgets, and says how sure it is.

use serde::{Deserialize, Serialize};

/// A square matrix.
pub(crate) type Matrix<const N: usize> = [[f64; N]; N];

/// What is known before anything is: as much as one observation of each term by itself would say, which is that it
/// counts for nothing.
pub(crate) const PRIOR: f64 = 1.0;

/// Observations that are off by more standard deviations than this count less (Huber, Robust estimation of a location
/// parameter, Annals of Mathematical Statistics 35, 1964): one return that is far off is no reason to turn round.
const USUAL_DEVIATIONS: f64 = 2.5;

/// Further off than this counts as so far: squares stay finite.
const MOST_DEVIATIONS: f64 = 1e9;

/// How sure the noise's distribution can become to be normal, as degrees of freedom of Student's: for the same reason.
const MOST_FREEDOM: f64 = 6.0;

/// Bayesian linear regression whose past counts less from observation to observation, by a share: with it a sum of n
/// past observations counts at most 1 / (1 - share). West and Harrison, Bayesian Forecasting and Dynamic Models (2nd
/// edition, 1997), chapters 4 and 6, with the variance learned as in section 4.5; what is forgotten is given back to
/// the prior, so that it never knows less than at first.
///
/// ```text
/// A <- share A + (1 - share) prior + x x'     b <- share b + x y      mean = A^-1 b, covariance = noise A^-1
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound(
        serialize = "Matrix<N>: Serialize, [f64; N]: Serialize",
        deserialize = "Matrix<N>: Deserialize<'de>, [f64; N]: Deserialize<'de>"
    )
)]
pub(crate) struct Regression<const N: usize> {
    precision: Matrix<N>,
    moments: [f64; N],
    /// How many observations the squares are of.
    count: f64,
    /// Squares of what was off, in relation to how far off it was expected to be.
    squares: f64,
}

/// What a regression says at a time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Posterior<const N: usize> {
    /// What each term counts.
    pub(crate) mean: [f64; N],
    /// How unsure that is, in units of the noise's variance.
    pub(crate) covariance: Matrix<N>,
    /// The variance of the noise.
    pub(crate) noise: f64,
}

impl<const N: usize> Regression<N> {
    /// One that knows nothing.
    pub(crate) fn new() -> Self {
        Self { precision: diagonal(PRIOR), moments: [0.0; N], count: 0.0, squares: 0.0 }
    }

    /// Takes an observation. What comes back is the logarithm of how likely it was before, but for a constant; `None`
    /// as long as nothing is known of the noise.
    pub(crate) fn observe(&mut self, terms: &[f64; N], value: f64, share: f64) -> Option<f64> {
        for (place, row) in self.precision.iter_mut().enumerate() {
            row.iter_mut().for_each(|entry| *entry *= share);
            row[place] += (1.0 - share) * PRIOR;
        }
        self.moments.iter_mut().for_each(|moment| *moment *= share);
        let before = self.posterior();
        let off = value - dot(&before.mean, terms);
        let expected = 1.0 + before.spread(terms);
        let knows_noise = before.noise.is_normal();
        let deviations = if knows_noise { off.abs() / (expected * before.noise).sqrt() } else { 0.0 };
        let deviations = deviations.min(MOST_DEVIATIONS);
        let fit = knows_noise.then(|| log_student(deviations, self.count) - 0.5 * (expected * before.noise).ln());
        // Huber's weight: it counts in full up to some deviations, and beyond as if it were only so far off.
        let weight = (USUAL_DEVIATIONS / deviations).min(1.0);
        self.count = share * self.count + 1.0;
        self.squares = share * self.squares + weight * off * off / expected;
        for (place, row) in self.precision.iter_mut().enumerate() {
            row.iter_mut().zip(terms).for_each(|(entry, term)| *entry += weight * terms[place] * term);
        }
        self.moments.iter_mut().zip(terms).for_each(|(moment, term)| *moment += weight * term * value);
        fit
    }

    /// What it says now.
    pub(crate) fn posterior(&self) -> Posterior<N> {
        // A sum of the prior and of squares is positive definite. Were it not by rounding, nothing is known.
        let covariance = inverse(&self.precision).unwrap_or_else(|| diagonal(1.0 / PRIOR));
        let mean = covariance.map(|row| dot(&row, &self.moments));
        let noise = if self.count > 0.0 { self.squares / self.count } else { 0.0 };
        Posterior { mean, covariance, noise }
    }

    /// Forgets what it knows of a term, and nothing else.
    pub(crate) fn forget(&mut self, place: usize) {
        let Posterior { mut mean, mut covariance, .. } = self.posterior();
        mean[place] = 0.0;
        covariance[place] = [0.0; N];
        covariance.iter_mut().for_each(|row| row[place] = 0.0);
        covariance[place][place] = 1.0 / PRIOR;
        if let Some(precision) = inverse(&covariance) {
            self.precision = precision;
            self.moments = precision.map(|row| dot(&row, &mean));
        }
    }

    /// Whether observations can have come to it.
    pub(crate) fn is_sound(&self) -> bool {
        let finite = self.precision.iter().flatten().chain(&self.moments).all(|number| number.is_finite());
        let sums = [self.count, self.squares];
        finite && sums.iter().all(|sum| sum.is_finite() && *sum >= 0.0) && inverse(&self.precision).is_some()
    }
}

impl<const N: usize> Posterior<N> {
    /// How unsure it is of a sum of terms, in units of the noise's variance.
    pub(crate) fn spread(&self, terms: &[f64; N]) -> f64 {
        spread(&self.covariance, terms)
    }
}

/// x' M x; never below 0.
pub(crate) fn spread<const N: usize>(matrix: &Matrix<N>, terms: &[f64; N]) -> f64 {
    dot(&matrix.map(|row| dot(&row, terms)), terms).max(0.0)
}

pub(crate) fn dot<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

pub(crate) fn diagonal<const N: usize>(value: f64) -> Matrix<N> {
    std::array::from_fn(|row| std::array::from_fn(|column| if row == column { value } else { 0.0 }))
}

/// The logarithm of Student's density so many deviations from the middle, but for a constant. The gamma functions are
/// the first terms of their series, which is off by less than 0.1 even for one degree of freedom.
fn log_student(deviations: f64, count: f64) -> f64 {
    let freedom = count.clamp(1.0, MOST_FREEDOM);
    -0.25 / freedom - 0.5 * (freedom + 1.0) * (deviations * deviations / freedom).ln_1p()
}

/// The inverse of a symmetric matrix by its root (Cholesky); `None` where it is not positive definite.
fn inverse<const N: usize>(matrix: &Matrix<N>) -> Option<Matrix<N>> {
    let mut root = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let known: f64 = (0..column).map(|place| root[row][place] * root[column][place]).sum();
            let rest = matrix[row][column] - known;
            if row == column {
                root[row][row] = Some(rest).filter(|rest| *rest > 0.0 && rest.is_finite())?.sqrt();
            } else {
                root[row][column] = rest / root[column][column];
            }
        }
    }
    // The inverse of the root, row by row; with its transpose it makes the inverse of the matrix.
    let mut solved: Matrix<N> = diagonal(1.0);
    for row in 0..N {
        for place in 0..row {
            let known = solved[place];
            solved[row].iter_mut().zip(known).for_each(|(entry, known)| *entry -= root[row][place] * known);
        }
        solved[row].iter_mut().for_each(|entry| *entry /= root[row][row]);
    }
    Some(std::array::from_fn(|row| {
        std::array::from_fn(|column| (row.max(column)..N).map(|place| solved[place][row] * solved[place][column]).sum())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: &[f64], right: &[f64]) -> bool {
        left.iter().zip(right).all(|(left, right)| (left - right).abs() < 1e-12)
    }

    #[test]
    fn an_inverse_times_its_matrix_is_one() {
        let matrix = [[4.0, 2.0, 0.5], [2.0, 3.0, -1.0], [0.5, -1.0, 2.0]];
        let inverse = inverse(&matrix).expect("positive definite");
        for (place, row) in inverse.iter().enumerate() {
            let product: [f64; 3] = std::array::from_fn(|column| dot(row, &matrix.map(|row| row[column])));
            assert!(near(&product, &diagonal::<3>(1.0)[place]), "{product:?}");
        }
        assert_eq!(super::inverse(&[[1.0, 2.0], [2.0, 1.0]]), None);
        assert_eq!(super::inverse(&[[f64::NAN]]), None);
    }

    #[test]
    fn a_regression_is_as_on_paper() {
        // A = 1 + 4, b = 6; then with a share of a half A = 2.5 + 0.5 + 1, b = 3 + 1.
        let mut regression = Regression::<1>::new();
        assert_eq!(regression.observe(&[2.0], 3.0, 0.5), None);
        let posterior = regression.posterior();
        assert!(near(&posterior.mean, &[1.2]) && near(&posterior.covariance[0], &[0.2]), "{posterior:?}");
        // It was off by 3, and expected to be by the root of 1 + 4.
        assert!(near(&[posterior.noise, posterior.spread(&[2.0])], &[1.8, 0.8]));
        assert!(regression.observe(&[1.0], 1.0, 0.5).is_some());
        assert!(near(&regression.posterior().mean, &[1.0]), "{regression:?}");
    }

    #[test]
    fn what_is_far_off_counts_less() {
        let mut usual = Regression::<1>::new();
        for place in 0..40 {
            usual.observe(&[1.0], if place % 2 == 0 { 0.9 } else { 1.1 }, 1.0);
        }
        let moved = |by: f64| {
            let mut regression = usual.clone();
            let fit = regression.observe(&[1.0], 1.0 + by, 1.0).expect("the noise is known");
            (regression.posterior().mean[0] - usual.posterior().mean[0], fit)
        };
        let ((little, likely), (far, unlikely), (further, _)) = (moved(0.1), moved(100.0), moved(200.0));
        assert!(little > 0.0 && far > little && far < 10.0 * little, "{little} {far}");
        assert!((further - far).abs() < 0.01 * far && unlikely < likely, "{far} {further}");
    }

    #[test]
    fn a_forgotten_term_leaves_the_others_as_they_are() {
        let mut regression = Regression::<3>::new();
        for terms in [[1.0, 2.0, 0.0], [0.5, -1.0, 1.0], [2.0, 0.0, -1.0], [1.0, 1.0, 1.0]] {
            regression.observe(&terms, terms[0] - terms[1], 0.99);
        }
        let before = regression.posterior();
        regression.forget(1);
        let after = regression.posterior();
        assert!(near(&after.mean, &[before.mean[0], 0.0, before.mean[2]]), "{after:?}");
        assert!(near(&after.covariance[1], &[0.0, 1.0, 0.0]), "{after:?}");
        assert!((after.covariance[0][2] - before.covariance[0][2]).abs() < 1e-12);
        assert!(regression.is_sound());
    }
}
