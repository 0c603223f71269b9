//! A store under its limits: arming it, filling its tank, and what crosses its boundary.

use std::borrow::Cow;

use holobiont_core::Limits;
use wasmtime::{Store, UpdateDeadline};

use crate::engine::ticks;
use crate::state::RunState;
use crate::stop::Stop;
use crate::weather::Touches;

/// Arms every limit before the first instruction: a start function runs under them too.
pub(crate) fn arm(store: &mut Store<RunState>, limits: &Limits) -> wasmtime::Result<()> {
    let Limits {
        fuel: _,
        memory_bytes: _,
        time_ns: _,
        wall_time_ns,
        output_bytes: _,
        log_bytes: _,
        table_elements: _,
        instances: _,
        memories: _,
        handles,
        disk_bytes: _,
        host_call_bytes,
        host_data_bytes: _,
        bandwidth_bytes_per_s: _,
        accelerators: _,
    } = limits;
    // Fuel, time and bandwidth are the meter's; memory, tables, instances and memories the
    // limiter's; output, log, disk, host data and accelerators the state's: all made from these limits.
    store.limiter(|state| &mut state.growth);
    store.set_epoch_deadline(ticks(*wall_time_ns));
    // A tick that was late counts for runs that began after it was due, so the clock has the last word.
    store.epoch_deadline_callback(|mut store| {
        let state = store.data_mut();
        match state.meter.wall_time_left_ns() {
            0 => Err(stopped(state, state.meter.out_of_wall_time().into())),
            left => Ok(UpdateDeadline::Continue(ticks(left))),
        }
    });
    store.set_hostcall_fuel(usize::try_from(*host_call_bytes).unwrap_or(usize::MAX));
    store.set_max_component_handles(usize::try_from(*handles).unwrap_or(usize::MAX));
    refuel(store)
}

/// Fills the tank from the meter.
fn refuel(store: &mut Store<RunState>) -> wasmtime::Result<()> {
    let state = store.data_mut();
    match state.meter.release() {
        Ok(tank) => store.set_fuel(tank),
        Err(out) => Err(stopped(state, out.into())),
    }
}

pub(crate) fn stopped(state: &mut RunState, stop: Stop) -> wasmtime::Error {
    wasmtime::Error::new(state.stopped(stop))
}

/// Something crosses the boundary outside of a host call, which is charged for its bytes.
pub(crate) fn moved(store: &mut Store<RunState>, bytes: usize) -> wasmtime::Result<()> {
    hands_over(store, bytes, None)
}

/// The same, for data that goes to the guest.
pub(crate) fn hands_over(
    store: &mut Store<RunState>,
    bytes: usize,
    data: Option<&mut Cow<'_, [u8]>>,
) -> wasmtime::Result<()> {
    let left = store.get_fuel()?;
    let state = store.data_mut();
    state.meter.settle(left);
    let touches = if data.as_ref().is_some_and(|data| !data.is_empty()) { Touches::Data } else { Touches::Nothing };
    let counted = state.cross(touches).and_then(|()| state.moved(bytes as u64));
    if let (Some(weather), Some(data)) = (&mut state.weather, data)
        && weather.corrupts()
    {
        weather.corrupt(data.to_mut(), &state.meter);
    }
    state.end_call();
    if let Err(stop) = counted {
        return Err(stopped(state, stop));
    }
    refuel(store)
}
