//! ARIMA: a value follows from those before it, from their differences and from the errors before it.
//!
//! Parameters make the sum of squared errors least, where the first values are taken as given and errors before them
//! as 0 (conditional least squares; Box, Jenkins and Reinsel, Time Series Analysis, section 7.1.2). They are looked
//! for as partial autocorrelations within (-1, 1), each set of which is a stationary process (Barndorff-Nielsen and
//! Schou, On the parametrization of autoregressive models by partial autocorrelations, Journal of Multivariate
//! Analysis 3, 1973), and with the opposite sign an invertible one.
//!
//! The order is one of four, by Akaike's criterion with the correction for few values (Hurvich and Tsai, Regression
//! and time series model selection in small samples, Biometrika 76, 1989). All four are held against the same values,
//! all but the first three: a likelihood of values and one of their differences could not be compared.

use super::{Model, least};

/// With fewer points than this no ARIMA is fitted: four parameters of seven errors is as far as it goes.
pub const LEAST_ARIMA_POINTS: usize = 10;

/// So many values are taken as given: as many as the longest memory of the four, two and a difference.
pub(super) const GIVEN: usize = 3;

/// Partial autocorrelations are looked for up to this; at 1 a process is neither stationary nor invertible.
const MOST_CORRELATED: f64 = 1.0 - 1e-4;

/// The orders that are tried: how many values, differences and errors go in, (p, d, q).
const ORDERS: [(usize, usize, usize); 4] = [(1, 0, 0), (0, 1, 1), (1, 1, 1), (2, 1, 2)];

/// An ARIMA model of a series. Without differences it has a mean; with one it has none, and so no drift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arima {
    constant: f64,
    /// What each value before counts for, newest first; differences are multiplied in.
    values: [f64; 3],
    /// What each error before counts for, newest first.
    errors: [f64; 2],
    /// The newest values, newest first.
    past: [f64; 3],
    /// The newest errors, newest first.
    past_errors: [f64; 2],
    /// How many values there were.
    count: usize,
    /// How many parameters were fitted.
    parameters: usize,
}

impl Arima {
    /// The model before any value: `ar` and `ma` are the coefficients of earlier values (or of their differences,
    /// where `differenced`) and of earlier errors, newest first.
    #[must_use]
    pub fn new(constant: f64, ar: [f64; 2], differenced: bool, ma: [f64; 2]) -> Self {
        let [a, b] = ar;
        // (1 - a B - b B^2)(1 - B) = 1 - (1 + a) B - (b - a) B^2 + b B^3
        let values = if differenced { [1.0 + a, b - a, -b] } else { [a, b, 0.0] };
        Self { constant, values, errors: ma, past: [0.0; 3], past_errors: [0.0; 2], count: 0, parameters: 0 }
    }

    /// The model after a series: the best of four orders, with the parameters that fit it best. `None` for fewer than
    /// [`LEAST_ARIMA_POINTS`] values.
    #[must_use]
    pub fn fitted(series: &[f64]) -> Option<Self> {
        if series.len() < LEAST_ARIMA_POINTS {
            return None;
        }
        let fits = ORDERS.map(|order| Self::of_order(series, order));
        fits.into_iter().min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(model, _)| model)
    }

    /// How many parameters were fitted.
    pub(super) fn parameters(&self) -> usize {
        self.parameters
    }

    /// The model of an order that fits a series best, after it, and its criterion; less is better.
    fn of_order(series: &[f64], (p, d, q): (usize, usize, usize)) -> (Self, f64) {
        let at = |partial: [f64; 4]| {
            let [a, b, c, e] = partial.map(|share| share * MOST_CORRELATED);
            let (ar, ma) = (coefficients([a, b]), coefficients([c, e]).map(|theta| -theta));
            let constant = if d == 0 { mean_after(series, ar[0]) } else { 0.0 };
            Self::new(constant, ar, d > 0, ma)
        };
        let squares = |partial: [f64; 4]| at(partial).squared_errors(series);
        let best = match (p, q) {
            (1, 0) => [least((-1.0, 1.0), |a| squares([a, 0.0, 0.0, 0.0])), 0.0, 0.0, 0.0],
            (0, 1) => [0.0, 0.0, least((-1.0, 1.0), |c| squares([0.0, 0.0, c, 0.0])), 0.0],
            (1, 1) => {
                let [a, c] = minimum::<2>(9, |[a, c]| squares([a, 0.0, c, 0.0]));
                [a, 0.0, c, 0.0]
            }
            _ => minimum::<4>(5, squares),
        };
        let mut model = at(best);
        let sum = model.squared_errors(series);
        model.parameters = p + q + usize::from(d == 0);
        let (count, fitted) = ((series.len() - GIVEN) as f64, model.parameters as f64 + 1.0);
        // Where all errors are as good as 0, fewer parameters are better.
        let fit = count * (sum / count).max(1e-30).ln();
        let corrected = 2.0 * fitted * count / (count - fitted - 1.0);
        (model, fit + corrected)
    }

    /// The model after the first value.
    pub(super) fn begun(&self, first: f64) -> Self {
        Self { past: [first, 0.0, 0.0], past_errors: [0.0; 2], count: 1, ..*self }
    }

    fn expected(&self, past: &[f64; 3], errors: &[f64; 2]) -> f64 {
        let [a, b, c] = self.values;
        self.constant
            + a * past[0]
            + b * past[1]
            + c * past[2]
            + self.errors[0] * errors[0]
            + self.errors[1] * errors[1]
    }
}

impl Model for Arima {
    /// The first three values are taken as given, and have no error.
    fn step(&mut self, value: f64) -> f64 {
        let error = if self.count < GIVEN { 0.0 } else { value - self.expected(&self.past, &self.past_errors) };
        self.past = [value, self.past[0], self.past[1]];
        self.past_errors = [error, self.past_errors[0]];
        self.count += 1;
        error
    }

    fn ahead(&self, steps: usize) -> f64 {
        let (mut past, mut errors) = (self.past, self.past_errors);
        for _ in 1..steps {
            past = [self.expected(&past, &errors), past[0], past[1]];
            errors = [0.0, errors[0]];
        }
        self.expected(&past, &errors)
    }

    /// The sum of the squares of what an error still counts for after 0, 1, ... values (the psi weights of Box,
    /// Jenkins and Reinsel, section 5.1).
    fn spread(&self, steps: usize) -> f64 {
        let unmoved = Self { constant: 0.0, ..*self };
        let (mut past, mut errors, mut sum) = ([1.0, 0.0, 0.0], [1.0, 0.0], 1.0);
        for _ in 1..steps {
            past = [unmoved.expected(&past, &errors), past[0], past[1]];
            errors = [0.0, errors[0]];
            sum += past[0] * past[0];
        }
        sum
    }
}

/// The coefficients of a process with two partial autocorrelations (the recursion of Durbin and Levinson).
fn coefficients([first, second]: [f64; 2]) -> [f64; 2] {
    [first * (1.0 - second), second]
}

/// The constant that makes the squares of the errors least where each value counts `share` for the next.
fn mean_after(series: &[f64], share: f64) -> f64 {
    let pairs = series.windows(2).skip(GIVEN - 1);
    let sum: f64 = pairs.map(|pair| pair[1] - share * pair[0]).sum();
    sum / (series.len() - GIVEN) as f64
}

/// Where in [-1, 1]^N a function is least: from the best of a grid and from its middle the simplex of Nelder and Mead
/// (A simplex method for function minimization, Computer Journal 7, 1965), begun anew where it came to rest until
/// that no longer helps.
fn minimum<const N: usize>(grid: usize, of: impl Fn([f64; N]) -> f64) -> [f64; N] {
    let middle = ([0.0; N], of([0.0; N]));
    let mut best = middle;
    for cell in 0..grid.pow(N as u32) {
        let mut rest = cell;
        let at = [0.0; N].map(|_: f64| {
            let place = rest % grid;
            rest /= grid;
            (2.0 * place as f64 + 1.0) / grid as f64 - 1.0
        });
        let value = of(at);
        if value < best.1 {
            best = (at, value);
        }
    }
    let mut best = simplex(best, &of);
    let other = simplex(middle, &of);
    if other.1 < best.1 {
        best = other;
    }
    for _ in 0..4 {
        let again = simplex(best, &of);
        if again.1 >= best.1 * (1.0 - 1e-10) {
            break;
        }
        best = again;
    }
    best.0
}

/// One descent of the simplex, with its usual coefficients 1, 2, 1/2 and 1/2, within [-1, 1]^N.
fn simplex<const N: usize>(start: ([f64; N], f64), of: impl Fn([f64; N]) -> f64) -> ([f64; N], f64) {
    let mut corners = vec![start];
    for axis in 0..N {
        let mut at = start.0;
        at[axis] += if at[axis] > 0.0 { -0.2 } else { 0.2 };
        corners.push((at, of(at)));
    }
    for _ in 0..60 * N {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (corners[0], corners[N]);
        if worst.1 - best.1 <= 1e-12 * best.1 {
            break;
        }
        let mut middle = [0.0; N];
        for corner in &corners[..N] {
            (0..N).for_each(|axis| middle[axis] += corner.0[axis] / N as f64);
        }
        let towards = |factor: f64| {
            let mut at = middle;
            (0..N).for_each(|axis| at[axis] = (at[axis] + factor * (worst.0[axis] - at[axis])).clamp(-1.0, 1.0));
            (at, of(at))
        };
        let reflected = towards(-1.0);
        let next = if reflected.1 < best.1 {
            let further = towards(-2.0);
            if further.1 < reflected.1 { further } else { reflected }
        } else if reflected.1 < corners[N - 1].1 {
            reflected
        } else {
            towards(if reflected.1 < worst.1 { -0.5 } else { 0.5 })
        };
        if next.1 < worst.1 {
            corners[N] = next;
            continue;
        }
        for corner in &mut corners[1..] {
            let at: [f64; N] = std::array::from_fn(|axis| f64::midpoint(corner.0[axis], best.0[axis]));
            *corner = (at, of(at));
        }
    }
    corners.into_iter().fold(start, |best, corner| if corner.1 < best.1 { corner } else { best })
}

#[cfg(test)]
mod tests;
