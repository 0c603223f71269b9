//! What a cycle costs under limits, and what it would have cost somebody who knew.

use holobiont_core::Key;

use crate::world::{Cycle, Demand};

/// The limits, in the order of demands: gigafuel and MiB.
pub(crate) const KEYS: [Key; 2] = [Key::CpuLimit, Key::MemoryLimit];

/// What reserving a gigafuel and a MiB costs for a run, in credits.
///
/// They are the host's own prices of what runs use: 1 for a gigafuel, 0.01 for a MiB and virtual second; memory is
/// reserved for a second, the time that a gigafuel takes.
pub(crate) const UNIT_PRICES: [f64; 2] = [1.0, 0.01];

/// What a run that a limit ends would have been worth, as a multiple of what it needed, at the same prices.
///
/// A run brings more than it costs, or nobody would make it; and the run that is lost has to be made again by somebody
/// who waits. Less than 1 would make it best to let runs fail; 5 says that a hit is dear, but not that limits ought to
/// be set so high that there are none.
pub(crate) const WORTH: f64 = 5.0;

/// Limits of a cycle.
pub(crate) type Limits = [f64; 2];

/// What a cycle came to, in credits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bill {
    /// What was reserved.
    pub(crate) reserved: f64,
    /// What runs that ended well used of it.
    pub(crate) used: f64,
    /// What runs that a limit ended would have been worth.
    pub(crate) lost: f64,
    /// So many runs a limit ended.
    pub(crate) hits: f64,
}

impl Bill {
    /// What is reserved and what is lost. What a lost run burned is among what was reserved for it.
    pub(crate) fn total(&self) -> f64 {
        self.reserved + self.lost
    }

    /// The total without what was put to use: reserved for nothing, burned for nothing, lost.
    pub(crate) fn waste(&self) -> f64 {
        self.total() - self.used
    }
}

impl std::iter::Sum for Bill {
    fn sum<I: Iterator<Item = Self>>(bills: I) -> Self {
        bills.fold(Self::default(), |sum, bill| Self {
            reserved: sum.reserved + bill.reserved,
            used: sum.used + bill.used,
            lost: sum.lost + bill.lost,
            hits: sum.hits + bill.hits,
        })
    }
}

/// What an amount of each resource costs.
pub(crate) fn priced(amounts: &[f64; 2]) -> f64 {
    amounts.iter().zip(UNIT_PRICES).map(|(amount, price)| amount * price).sum()
}

impl Demand {
    /// How far a run gets: 1 where it ends well. That it ends is exact for real runs too; that it has used both
    /// resources in proportion by then is assumed.
    pub(crate) fn share_done(&self, limits: &Limits) -> f64 {
        let shares = self.amounts.iter().zip(limits).map(|(amount, limit)| limit / amount);
        shares.fold(1.0, f64::min)
    }

    /// What it is worth where it ends well.
    pub(crate) fn worth(&self, worth: f64) -> f64 {
        worth * priced(&self.amounts)
    }
}

/// What a cycle comes to under limits.
pub(crate) fn bill(cycle: &Cycle, limits: &Limits, worth: f64) -> Bill {
    let of_run = |run: &Demand| {
        let reserved = priced(limits);
        if run.share_done(limits) < 1.0 {
            Bill { reserved, used: 0.0, lost: run.worth(worth), hits: 1.0 }
        } else {
            Bill { reserved, used: priced(&run.amounts), ..Bill::default() }
        }
    };
    cycle.iter().map(of_run).sum()
}

/// All pairs of rungs.
pub(crate) fn rungs() -> impl Iterator<Item = Limits> {
    let [fuel, memory] = KEYS.map(|key| key.row().ladder);
    fuel.iter().flat_map(|fuel| memory.iter().map(|memory| [*fuel, *memory]))
}

/// The cheapest rungs for some cycles together: for a single one, what somebody takes who knows what will be needed;
/// for all of them, the best limits that stay as they are.
pub(crate) fn cheapest(cycles: &[Cycle], worth: f64) -> Limits {
    let total = |limits: &Limits| cycles.iter().map(|cycle| bill(cycle, limits, worth).total()).sum::<f64>();
    let all = rungs().map(|limits| (limits, total(&limits)));
    let best = all.min_by(|(_, one), (_, other)| one.total_cmp(other));
    best.map_or([f64::INFINITY; 2], |(limits, _)| limits)
}
