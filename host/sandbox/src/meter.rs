//! Fuel and virtual time: one tank for both.
//!
//! Virtual time is fuel at [`NS_PER_FUEL`] plus what the guest waited for. The engine counts fuel only,
//! so the tank never holds more than the time left is worth; when it runs dry, the meter knows which
//! of the two was used up.

use std::time::{Duration, Instant};

use holobiont_core::{LimitKind, Limits};

/// Virtual nanoseconds that one unit of fuel takes: about what it takes for real (10^6 fuel of an
/// empty loop run for 0.9 ms), and a whole number.
pub(crate) const NS_PER_FUEL: u64 = 1;

/// Fuel for a host call, dropping a handle included: about what entering the host, accounting and leaving
/// costs; it also ends a guest that does nothing but call.
pub(crate) const HOST_CALL_FUEL: u64 = 500;

/// Fuel for having another module run or described: about what making its sandbox and clearing it afterwards
/// costs, which is the same for one that does nothing.
pub(crate) const INVOCATION_FUEL: u64 = 50_000;

/// Fuel for a byte that the host copies: the engine's own price for a byte of `memory.copy`.
pub(crate) const FUEL_PER_BYTE: u64 = 1;

/// Multiply-adds that a unit makes in a virtual nanosecond: about what the host makes for real in one, so that one
/// unit takes as long as it says. More units take less virtual time and no less real time.
pub(crate) const OPERATIONS_PER_NS: u64 = 2;

/// What the virtual wall clock shows when a run begins, in seconds since 1970: 2026-01-01T00:00:00Z. A
/// plausible date, since programs refuse certificates and licences that are "not yet valid".
pub(crate) const EPOCH_S: u64 = 1_767_225_600;

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) kind: LimitKind,
    pub(crate) asked: u64,
    pub(crate) allowed: u64,
}

#[derive(Debug)]
pub(crate) struct Meter {
    fuel_limit: u64,
    time_limit_ns: u64,
    bandwidth: u64,
    used_fuel: u64,
    /// What was in the tank when the guest was last let go.
    tank: u64,
    waited_ns: u64,
    /// By how much the clock is ahead of the time that was used: a linked module's is its caller's.
    ahead_ns: u64,
    /// Where a run uses the host's clock: sleeping takes real time.
    realtime: bool,
    started: Instant,
    wall_limit: Duration,
}

impl Meter {
    pub(crate) fn new(limits: &Limits, realtime: bool) -> Self {
        Self {
            fuel_limit: limits.fuel,
            time_limit_ns: limits.time_ns,
            bandwidth: limits.bandwidth_bytes_per_s,
            used_fuel: 0,
            tank: 0,
            waited_ns: 0,
            ahead_ns: 0,
            realtime,
            started: Instant::now(),
            wall_limit: Duration::from_nanos(limits.wall_time_ns),
        }
    }

    /// Fills the tank for the guest: what is left of the fuel, no more than the time left is worth, and
    /// one unit above. The engine looks at its tank at loops and calls only, and what is overdrawn
    /// between the last of them and the end it does not tell: the one unit does, when it is gone.
    pub(crate) fn release(&mut self) -> Result<u64, Exhausted> {
        self.check()?;
        self.tank = self.fuel_left().min(self.time_left_ns() / NS_PER_FUEL).saturating_add(1);
        Ok(self.tank)
    }

    /// Whether the run may go on.
    pub(crate) fn check(&self) -> Result<(), Exhausted> {
        if let Some(over) = self.over() {
            return Err(over);
        }
        if self.started.elapsed() > self.wall_limit {
            return Err(self.out_of_wall_time());
        }
        Ok(())
    }

    pub(crate) fn fuel_left(&self) -> u64 {
        self.fuel_limit.saturating_sub(self.used_fuel)
    }

    /// Virtual time that is left, in nanoseconds.
    pub(crate) fn time_left_ns(&self) -> u64 {
        self.time_limit_ns.saturating_sub(self.now_ns())
    }

    /// Charges what a run inside of this one used, which was given all that was left. One that ran dry wanted
    /// more, and so its caller is out of it too: how much more, nobody knows.
    pub(crate) fn charge_nested(&mut self, fuel: u64, waited_ns: u64, dry: bool) {
        self.charge(fuel.saturating_add(u64::from(dry)));
        self.waited_ns = self.waited_ns.saturating_add(waited_ns);
    }

    /// What was overdrawn, if anything was: fuel before time.
    pub(crate) fn over(&self) -> Option<Exhausted> {
        if self.used_fuel > self.fuel_limit {
            return Some(self.out_of_fuel());
        }
        let now = self.now_ns();
        // The one unit above is the meter's, not the guest's.
        let asked = if now == self.time_limit_ns.saturating_add(NS_PER_FUEL) { self.time_limit_ns } else { now };
        // Time ends where it can no longer be told, even where all of it was allowed.
        (now > self.time_limit_ns || now == u64::MAX).then_some(Exhausted {
            kind: LimitKind::Time,
            asked,
            allowed: self.time_limit_ns,
        })
    }

    /// Takes the guest's use into account, from what it left in the tank.
    pub(crate) fn settle(&mut self, left: u64) {
        self.used_fuel = self.used_fuel.saturating_add(self.tank.saturating_sub(left));
        self.tank = left;
    }

    /// Charges work that the host did for the guest.
    pub(crate) fn charge(&mut self, fuel: u64) {
        self.used_fuel = self.used_fuel.saturating_add(fuel);
    }

    /// Charges bytes that the host copied, in fuel and in time at the bandwidth: that of the limits or the one that
    /// the crossing has, whichever is less. One of 0 takes no time.
    pub(crate) fn charge_bytes(&mut self, bytes: u64, of_crossing: u64) {
        self.charge(bytes.saturating_mul(FUEL_PER_BYTE));
        let bandwidth = match (self.bandwidth, of_crossing) {
            (0, only) | (only, 0) => only,
            (limit, of_crossing) => limit.min(of_crossing),
        };
        if bandwidth > 0 {
            let ns = u128::from(bytes) * 1_000_000_000 / u128::from(bandwidth);
            self.waited_ns = self.waited_ns.saturating_add(u64::try_from(ns).unwrap_or(u64::MAX));
        }
    }

    /// Lets the guest sleep. In virtual time that costs nothing real; in real time it ends at the wall
    /// deadline at the latest, which is what cuts a guest that is blocked in the host.
    pub(crate) fn sleep(&mut self, ns: u64) {
        if self.realtime {
            let left = self.wall_limit.saturating_sub(self.started.elapsed());
            std::thread::sleep(Duration::from_nanos(ns).min(left + Duration::from_millis(1)));
        }
        self.waited_ns = self.waited_ns.saturating_add(ns);
    }

    /// Lets time pass that somebody else used, while the guest waited for it.
    pub(crate) fn wait(&mut self, ns: u64) {
        self.waited_ns = self.waited_ns.saturating_add(ns);
    }

    /// Makes this the meter of a module that another calls: its clock tells the caller's time, and the real
    /// deadline is the caller's.
    pub(crate) fn follow(&mut self, caller: &Self) {
        self.ahead_ns = caller.virtual_ns().saturating_sub(self.now_ns());
        self.started = caller.started;
    }

    /// Nanoseconds since the run began, as the guest's monotonic clock tells them.
    pub(crate) fn clock_ns(&self) -> u64 {
        if self.realtime {
            u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
        } else {
            self.virtual_ns()
        }
    }

    /// The virtual time of the run: its own, and what had passed when it was called.
    fn virtual_ns(&self) -> u64 {
        self.now_ns().saturating_add(self.ahead_ns)
    }

    /// The virtual time, in nanoseconds.
    pub(crate) fn now_ns(&self) -> u64 {
        self.used_fuel.saturating_mul(NS_PER_FUEL).saturating_add(self.waited_ns)
    }

    /// Real time that is left, in nanoseconds.
    pub(crate) fn wall_time_left_ns(&self) -> u64 {
        u64::try_from(self.wall_limit.saturating_sub(self.started.elapsed()).as_nanos()).unwrap_or(u64::MAX)
    }

    pub(crate) fn out_of_wall_time(&self) -> Exhausted {
        let allowed = u64::try_from(self.wall_limit.as_nanos()).unwrap_or(u64::MAX);
        Exhausted { kind: LimitKind::WallTime, asked: allowed, allowed }
    }

    fn out_of_fuel(&self) -> Exhausted {
        // How much more it would have taken, nobody knows.
        Exhausted { kind: LimitKind::Fuel, asked: self.fuel_limit, allowed: self.fuel_limit }
    }

    /// Fuel used; never more than the limit, since the last charge may have gone past it.
    pub(crate) fn used_fuel(&self) -> u64 {
        self.used_fuel.min(self.fuel_limit)
    }

    pub(crate) fn waited_ns(&self) -> u64 {
        self.waited_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(fuel: u64, time_ns: u64) -> Meter {
        Meter::new(&Limits { fuel, time_ns, bandwidth_bytes_per_s: 0, ..Limits::default() }, false)
    }

    #[test]
    fn the_tank_holds_no_more_than_the_time_is_worth() {
        let mut m = meter(1_000, 300);
        assert_eq!(m.release(), Ok(301));
        m.settle(101);
        assert_eq!((m.used_fuel(), m.now_ns()), (200, 200));
        m.sleep(50);
        assert_eq!(m.release(), Ok(51));
        m.settle(1);
        assert_eq!(m.over(), None);
        m.settle(0);
        assert_eq!(m.over().map(|over| over.kind), Some(LimitKind::Time));
    }

    #[test]
    fn a_dry_tank_with_time_left_is_fuel() {
        let mut m = meter(100, 1_000);
        assert_eq!(m.release(), Ok(101));
        m.settle(0);
        assert_eq!(m.over(), Some(Exhausted { kind: LimitKind::Fuel, asked: 100, allowed: 100 }));
        assert_eq!(m.used_fuel(), 100);
    }

    #[test]
    fn host_work_is_paid_and_a_year_of_sleep_is_only_virtual() {
        let mut m = meter(1_000, u64::MAX);
        m.charge_bytes(900, 0);
        assert_eq!(m.release(), Ok(101));
        m.sleep(365 * 86_400 * 1_000_000_000);
        assert!(m.started.elapsed() < Duration::from_secs(1));
        m.charge(101);
        assert_eq!(m.release().map_err(|e| e.kind), Err(LimitKind::Fuel));
        let mut short = meter(1_000, 10);
        short.sleep(1_000_000);
        assert_eq!(short.release().map_err(|e| (e.kind, e.asked)), Err((LimitKind::Time, 1_000_000)));
        let mut endless = meter(1_000, u64::MAX);
        endless.sleep(u64::MAX);
        assert_eq!(endless.release().map_err(|e| e.kind), Err(LimitKind::Time), "it can be told no further");
    }

    #[test]
    fn bytes_take_time_at_the_bandwidth() {
        let limits = Limits { bandwidth_bytes_per_s: 1_000, ..Limits::default() };
        let mut m = Meter::new(&limits, false);
        m.charge_bytes(500, 0);
        assert_eq!(m.waited_ns(), 500_000_000);
        m.charge_bytes(500, 1_000_000);
        assert_eq!(m.waited_ns(), 1_000_000_000, "no crossing has more than the limits");
        m.charge_bytes(500, 100);
        assert_eq!(m.waited_ns(), 6_000_000_000);
        let mut free = meter(u64::MAX, u64::MAX);
        free.charge_bytes(u64::MAX, 0);
        assert_eq!(free.waited_ns(), 0);
        free.charge_bytes(10, 1);
        assert_eq!(free.waited_ns(), 10_000_000_000);
        free.charge_bytes(u64::MAX, 1);
        assert_eq!(free.waited_ns(), u64::MAX, "it can be told no further");
    }
}
