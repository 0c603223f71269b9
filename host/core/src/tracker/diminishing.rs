//! Whether cycles still bring enough to go on for, said such that one may look after each of them.
//!
//! The naive rule, to stop where the last few deltas are small, has no notion of noise, and looking again and again
//! makes chance win in the end. Here the answer rests on an upper bound of what recent cycles were expected to bring,
//! which holds after every cycle at once: with a chance of at least 1 - alpha no bound is ever too low.
//!
//! The bound. Let x be the gains of a window of cycles, none more than c; p a guess at each from those before it, not
//! below 0; and v the sum of ((p - x) / c)^2. Then for a boldness b below 1 the expectations of the gains sum to less
//! than
//!
//! ```text
//! sum(x) + c (ln(1 / alpha) + (-ln(1 - b) - b) v) / b
//! ```
//!
//! after every cycle at once (Howard, Ramdas, McAuliffe and Sekhon, Time-uniform, nonparametric, nonasymptotic confidence
//! sequences, Annals of Statistics 49, 2021, theorem 4; the inequality is Fan, Grama and Liu's of 2015). Gains may be
//! skewed, their expectation may drift, and how much they scatter need not be known.
//!
//! The windows. Returns diminish at some time, so windows begin at every tenth cycle, and alpha is spread over them
//! (the k-th gets alpha / (k (k + 1)), which sums to alpha) and over the boldnesses. So the first is the quickest to
//! tell, and later ones pay for it by the logarithm.
//!
//! What it does not say. The largest gain, c, is the rules' reach, or what the window has seen if that was more; a gain
//! that is larger is not foretold, and the promise is for reaches that gains keep. No rule could do without: where one
//! cycle in twenty brings all there is, as many in a row bring nothing. So the reach should be what a cycle may bring
//! at most, and somebody who stops should look again from time to time.

use super::rules::{Per, Rules};
use super::{RoiTracker, Update, newest};

/// With fewer cycles than this nothing is said.
const LEAST_CYCLES: usize = 5;

/// A window begins at each multiple of so many cycles.
const BLOCK: usize = 10;

/// How bold the bounds are, and each one's share of alpha: the boldest is best where gains hardly scatter.
const BOLDNESS: [(f64, f64); 3] = [(0.8, 0.5), (0.5, 0.25), (0.25, 0.25)];

/// Whether cycles still bring enough to go on for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Diminishing {
    /// Too few cycles to say anything.
    NotEnoughData {
        /// So many there are.
        have: usize,
        /// So many it takes.
        need: usize,
    },
    /// It is not shown that recent cycles bring less than the tolerance.
    Continuing {
        /// What they may bring at most on average, per cycle or credit; infinite where that cannot be said.
        upper: f64,
    },
    /// Recent cycles bring less than the tolerance.
    Diminishing {
        /// What they may bring at most on average, per cycle or credit.
        upper: f64,
    },
}

impl RoiTracker {
    /// Whether recent cycles still bring as much as the rules' tolerance. It may be asked after every cycle: the
    /// chance that it ever says so where they do is at most the rules' alpha.
    #[must_use]
    pub fn diminishing(&self) -> Diminishing {
        judge(&self.updates, &self.rules)
    }
}

fn judge(updates: &[Update], rules: &Rules) -> Diminishing {
    let recent = newest(updates);
    // A cycle that cost nothing says nothing of what a credit brings; what it gained still counts.
    let have = recent.iter().filter(|update| rules.per == Per::Cycle || update.cost > 0.0).count();
    if have < LEAST_CYCLES {
        return Diminishing::NotEnoughData { have, need: LEAST_CYCLES };
    }
    let first = updates.len() - recent.len();
    let starts = (first.div_ceil(BLOCK)..).map(|block| (block, block * BLOCK));
    let windows = starts.take_while(|(_, start)| start + LEAST_CYCLES <= updates.len());
    let bounds: Vec<f64> = windows.map(|(block, start)| upper_bound(&updates[start..], block, rules)).collect();
    // NaN, of sums that overflow, is no bound.
    let lowest = bounds.iter().copied().fold(f64::INFINITY, f64::min);
    // An old calm says nothing against growth that has just begun.
    let newest = updates[updates.len() - LEAST_CYCLES..].iter();
    let (gain, cost) =
        newest.fold((0.0, 0.0), |(gain, cost), update| (gain + update.delta(), cost + weight(update, rules)));
    if gain < rules.tolerance * cost || gain <= 0.0 {
        if lowest < rules.tolerance {
            return Diminishing::Diminishing { upper: lowest };
        }
        return Diminishing::Continuing { upper: lowest };
    }
    Diminishing::Continuing { upper: bounds.last().copied().filter(|bound| !bound.is_nan()).unwrap_or(f64::INFINITY) }
}

/// What a cycle's gain is held against.
fn weight(update: &Update, rules: &Rules) -> f64 {
    match rules.per {
        Per::Cycle => 1.0,
        Per::Credit => update.cost,
    }
}

/// What the cycles of a window were expected to bring at most, per cycle or credit.
fn upper_bound(window: &[Update], block: usize, rules: &Rules) -> f64 {
    let most = window.iter().map(Update::delta).fold(0.0, f64::max);
    let dearest = window.iter().map(|update| weight(update, rules)).fold(0.0, f64::max);
    // A gain that was larger than reckoned with shows that they can be.
    let most = most.max(rules.reach * rules.tolerance * dearest);
    let (mut gain, mut cost, mut scatter) = (0.0, 0.0, 0.0);
    for (before, update) in window.iter().enumerate() {
        // To count losses as no more than the largest gain makes the bound higher, so it still holds.
        let delta = update.delta().max(-most);
        let guess = if before == 0 { 0.0 } else { (gain / before as f64).max(0.0) };
        scatter += ((guess - delta) / most).powi(2);
        gain += delta;
        cost += weight(update, rules);
    }
    let block = block as f64 + 1.0;
    let slack = BOLDNESS.map(|(boldness, share)| {
        let level: f64 = share * rules.alpha / (block * (block + 1.0));
        (-level.ln() + (-(1.0 - boldness).ln() - boldness) * scatter) / boldness
    });
    (gain + most * slack.into_iter().fold(f64::INFINITY, f64::min)) / cost
}
