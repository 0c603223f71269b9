//! What a cycle costs under some limits, and what a tracker is told of it.
//!
//! Prices were set before anything was run:
//!
//! - Reserving: 1 credit a run for a `CPU_LIMIT` of 1, and 1 for a `MEMORY_LIMIT` of 256 MiB, in proportion. A host is
//!   full when either is used up, so a reservation blocks its share of both; and the starting preset says in what
//!   proportion a host of its kind has them.
//! - Losing a run: 4 times the price of what it needed. A workflow is worth running if it earns well above its cost; a
//!   return on investment of 3 is that, and a larger run is a larger task.

use std::collections::BTreeMap;

use holobiont_core::{Environment, Key, LimitKind, Peaks, Update};

/// The fuel of a `CPU_LIMIT` of 1.
pub(crate) const CPU_FUEL: f64 = 1e9;

/// The memory that costs as much as that.
const PRICED_MIB: f64 = 256.0;

/// What losing a run costs, as a multiple of the price of what it needed.
pub(crate) const LOSS: f64 = 4.0;

const MIB: f64 = 1_048_576.0;

/// What a run needs: fuel in units of `CPU_LIMIT`, memory in MiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Demand {
    pub(crate) module: usize,
    pub(crate) fuel: f64,
    pub(crate) memory: f64,
}

impl Demand {
    fn price(self) -> f64 {
        price(self.fuel, self.memory)
    }
}

/// What reserving or using so much costs.
pub(crate) fn price(fuel: f64, memory: f64) -> f64 {
    fuel + memory / PRICED_MIB
}

/// The two limits that the worlds know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub(crate) fuel: f64,
    pub(crate) memory: f64,
}

/// The limits that everything starts with.
pub(crate) const START: Limits = Limits { fuel: 1.0, memory: 256.0 };

impl Limits {
    pub(crate) fn of(environment: &Environment) -> Self {
        let value = |key: Key| environment.get(key).unwrap_or(key.row().absent);
        Self { fuel: value(Key::CpuLimit), memory: value(Key::MemoryLimit) }
    }

    pub(crate) fn environment(self) -> Environment {
        let mut environment = Environment::default();
        environment.set(Key::CpuLimit, self.fuel);
        environment.set(Key::MemoryLimit, self.memory);
        environment
    }

    /// All pairs of rungs.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let memories = Key::MemoryLimit.row().ladder;
        let fuels = Key::CpuLimit.row().ladder;
        fuels.iter().flat_map(move |fuel| memories.iter().map(move |memory| Self { fuel: *fuel, memory: *memory }))
    }

    fn loses(self, demand: Demand) -> bool {
        demand.fuel > self.fuel || demand.memory > self.memory
    }
}

/// What some cycles came to, in credits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bill {
    /// What was reserved.
    pub(crate) reserved: f64,
    /// What runs that completed used of it.
    pub(crate) used: f64,
    /// What lost runs would have been worth.
    pub(crate) lost: f64,
    /// How many runs were lost.
    pub(crate) hits: f64,
    /// How many there were.
    pub(crate) runs: f64,
}

impl Bill {
    pub(crate) fn of(demands: &[Demand], limits: Limits, loss: f64) -> Self {
        let mut bill = Self { runs: demands.len() as f64, ..Self::default() };
        bill.reserved = bill.runs * price(limits.fuel, limits.memory);
        for demand in demands {
            if limits.loses(*demand) {
                bill.lost += loss * demand.price();
                bill.hits += 1.0;
            } else {
                bill.used += demand.price();
            }
        }
        bill
    }

    /// What was reserved and what was lost.
    pub(crate) fn total(&self) -> f64 {
        self.reserved + self.lost
    }

    /// What was reserved and not used by runs that completed: what stood idle, and what lost runs burned.
    pub(crate) fn idle(&self) -> f64 {
        self.reserved - self.used
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.reserved += other.reserved;
        self.used += other.used;
        self.lost += other.lost;
        self.hits += other.hits;
        self.runs += other.runs;
    }
}

/// The cheapest limits for demands that are known.
pub(crate) fn cheapest(cycles: &[Vec<Demand>], loss: f64) -> Limits {
    let cost = |limits: &Limits| cycles.iter().map(|demands| Bill::of(demands, *limits, loss).total()).sum::<f64>();
    Limits::all().min_by(|a, b| cost(a).total_cmp(&cost(b))).unwrap_or(START)
}

/// What a tracker is told of a cycle. Alone, a module needs `1 + sharing` times what it needs in the group; stress
/// makes a run need half as much again.
pub(crate) fn update(demands: &[Demand], limits: Limits, sharing: f64, before: f64) -> Update {
    let bill = Bill::of(demands, limits, LOSS);
    let grouped = arm(demands, limits, 1.0);
    let alone = arm(demands, limits, 1.0 + sharing);
    let mut metrics = BTreeMap::from([("revenue".to_owned(), grouped.earned / bill.runs)]);
    let shares = |arm: &Arm| {
        [
            ("cpu_usage", arm.cpu),
            ("memory_usage", arm.memory),
            ("efficiency", 1.0 - f64::midpoint(arm.cpu, arm.memory)),
            ("resilience", arm.borne),
            ("roi", arm.roi),
        ]
    };
    for ((name, group), (_, solo)) in shares(&grouped).into_iter().zip(shares(&alone)) {
        metrics.insert(name.to_owned(), group);
        metrics.insert(format!("synergy_{name}"), group - solo);
    }
    Update { before, after: grouped.roi, peaks: peaks(demands, limits), metrics, ..Update::default() }
}

/// What is measured of an arm.
struct Arm {
    cpu: f64,
    memory: f64,
    /// The share of value that is left under stress.
    borne: f64,
    earned: f64,
    roi: f64,
}

fn arm(demands: &[Demand], limits: Limits, more: f64) -> Arm {
    let count = demands.len() as f64;
    let (mut cpu, mut memory, mut earned, mut under_stress) = (0.0, 0.0, 0.0, 0.0);
    for demand in demands {
        let needed = |more: f64| Demand { fuel: demand.fuel * more, memory: demand.memory * more, ..*demand };
        cpu += (needed(more).fuel / limits.fuel).min(1.0) / count;
        memory += (needed(more).memory / limits.memory).min(1.0) / count;
        let worth = LOSS * demand.price();
        earned += if limits.loses(needed(more)) { 0.0 } else { worth };
        under_stress += if limits.loses(needed(1.5 * more)) { 0.0 } else { worth };
    }
    let cost = count * price(limits.fuel, limits.memory);
    let borne = if earned > 0.0 { under_stress / earned } else { 1.0 };
    Arm { cpu, memory, borne, earned, roi: (earned - cost) / cost }
}

/// What each module used at most. Fuel stops at the limit; memory grows in eighths of what is needed, and the growth
/// that the limit refuses is not in the peak.
fn peaks(demands: &[Demand], limits: Limits) -> BTreeMap<String, Peaks> {
    let mut peaks: BTreeMap<String, Peaks> = BTreeMap::new();
    for demand in demands {
        let of_module = peaks.entry(format!("module-{}", demand.module)).or_default();
        let mut memory = demand.memory;
        if demand.memory > limits.memory {
            let growth = demand.memory / 8.0;
            memory = growth * (limits.memory / growth).floor();
            note(&mut of_module.exceeded, LimitKind::Memory);
        } else if demand.fuel > limits.fuel {
            note(&mut of_module.exceeded, LimitKind::Fuel);
        }
        of_module.fuel = of_module.fuel.max((demand.fuel.min(limits.fuel) * CPU_FUEL) as u64);
        of_module.memory_bytes = of_module.memory_bytes.max((memory * MIB) as u64);
    }
    peaks
}

fn note(exceeded: &mut Vec<LimitKind>, kind: LimitKind) {
    if !exceeded.contains(&kind) {
        exceeded.push(kind);
    }
}
