//! `wasi:clocks`: virtual clocks that advance with fuel and with sleeps, or the host's where granted.

use std::time::{SystemTime, UNIX_EPOCH};

use wasmtime::component::Linker;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

use super::Interface;
use super::io::Pollable;
use crate::meter::EPOCH_S;
use crate::resources::Wait;
use crate::state::RunState;

/// The resolution of both clocks, in nanoseconds. A virtual clock tells a guest nothing but its own use.
const RESOLUTION_NS: u64 = 1;

/// What the host's clocks are cut to, in nanoseconds: coarse enough to be of little use to a side channel.
const REAL_RESOLUTION_NS: u64 = 1_000_000;

/// Nanoseconds since 1970 as WASI writes them.
pub(crate) fn datetime(ns: u64) -> Datetime {
    // The remainder is below 10^9.
    Datetime { seconds: ns / 1_000_000_000, nanoseconds: (ns % 1_000_000_000) as u32 }
}

/// Nanoseconds since 1970, as the guest's wall clock tells them.
pub(crate) fn wall_ns(state: &RunState) -> u64 {
    if state.grants.realtime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ns = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        ns - ns % REAL_RESOLUTION_NS
    } else {
        (EPOCH_S * 1_000_000_000).saturating_add(state.meter.clock_ns())
    }
}

fn monotonic_ns(state: &RunState) -> u64 {
    let now = state.meter.clock_ns();
    if state.grants.realtime { now - now % REAL_RESOLUTION_NS } else { now }
}

fn resolution_ns(state: &RunState) -> u64 {
    if state.grants.realtime { REAL_RESOLUTION_NS } else { RESOLUTION_NS }
}

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:clocks/monotonic-clock")?;
    i.func("now", |call, (): ()| Ok(monotonic_ns(call.state)))?;
    i.func("resolution", |call, (): ()| Ok(resolution_ns(call.state)))?;
    i.func("subscribe-instant", |call, (when,): (u64,)| call.insert::<Pollable>(Wait::Until(when)))?;
    i.func("subscribe-duration", |call, (ns,): (u64,)| {
        let until = call.state.meter.clock_ns().saturating_add(ns);
        call.insert::<Pollable>(Wait::Until(until))
    })?;

    let mut i = Interface::new(linker, "wasi:clocks/wall-clock")?;
    i.func("now", |call, (): ()| Ok(datetime(wall_ns(call.state))))?;
    i.func("resolution", |call, (): ()| Ok(datetime(resolution_ns(call.state))))
}
