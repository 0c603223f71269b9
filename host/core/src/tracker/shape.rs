//! How the deltas have gone, drawn as a parabola: something to look at, and no reason to stop.

use super::RoiTracker;
use super::newest;

/// A curvature that moves no delta by more than this share of the largest is none.
const STRAIGHT: f64 = 1e-9;

/// The parabola that fits the newest deltas best, by least squares: `a x^2 + b x + c`, x the cycle from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadratic {
    /// The middle of the cycles that it was fitted to: numbers are small from there.
    middle: f64,
    curvature: f64,
    slope: f64,
    height: f64,
    first: usize,
    points: usize,
    straight: bool,
}

impl Quadratic {
    /// Fits deltas of which the first is that of cycle `first`. `None` for fewer than three, and where sums overflow.
    fn of(deltas: &[f64], first: usize) -> Option<Self> {
        if deltas.len() < 3 {
            return None;
        }
        let n = deltas.len() as f64;
        let half = (n - 1.0) / 2.0;
        let [mut squares, mut fourths, mut sum, mut by_x, mut by_square, mut largest] = [0.0_f64; 6];
        for (place, delta) in deltas.iter().enumerate() {
            let x = place as f64 - half;
            squares += x * x;
            fourths += x.powi(4);
            sum += delta;
            by_x += x * delta;
            by_square += x * x * delta;
            largest = largest.max(delta.abs());
        }
        // Odd sums of x are 0, so the normal equations come apart.
        let curvature = (n * by_square - squares * sum) / (n * fourths - squares * squares);
        let (slope, height) = (by_x / squares, (sum - curvature * squares) / n);
        let straight = curvature.abs() * half * half <= STRAIGHT * largest;
        let fit = Self { middle: first as f64 + half, curvature, slope, height, first, points: deltas.len(), straight };
        [curvature, slope, height].iter().all(|value| value.is_finite()).then_some(fit)
    }

    /// How fast the slope changes: `a`. Below 0 growth slows, above 0 it speeds up.
    #[must_use]
    pub fn curvature(&self) -> f64 {
        if self.straight { 0.0 } else { self.curvature }
    }

    /// The cycle at which it turns, which need not have been yet. `None` where it is straight.
    #[must_use]
    pub fn vertex(&self) -> Option<f64> {
        (!self.straight).then(|| self.middle - self.slope / (2.0 * self.curvature))
    }

    /// Whether it has turned downwards: it is open below, and its top is not ahead. Chance bends a short series as it
    /// likes, so this is no reason to stop.
    #[must_use]
    pub fn is_past_its_top(&self) -> bool {
        let last = (self.first + self.points - 1) as f64;
        self.curvature < 0.0 && self.vertex().is_some_and(|vertex| vertex <= last)
    }

    /// What it says for a cycle.
    #[must_use]
    pub fn at(&self, cycle: f64) -> f64 {
        let x = cycle - self.middle;
        (self.curvature() * x + self.slope) * x + self.height
    }

    /// What it says for each cycle that it was fitted to.
    #[must_use]
    pub fn fitted(&self) -> Vec<f64> {
        (self.first..self.first + self.points).map(|cycle| self.at(cycle as f64)).collect()
    }
}

impl RoiTracker {
    /// The parabola through the newest [`Trend::CYCLES`](crate::Trend::CYCLES) deltas. `None` for fewer than three.
    #[must_use]
    pub fn quadratic(&self) -> Option<Quadratic> {
        let cycles = newest(&self.updates);
        let deltas: Vec<f64> = cycles.iter().map(super::Update::delta).collect();
        Quadratic::of(&deltas, self.updates.len() - cycles.len())
    }
}
