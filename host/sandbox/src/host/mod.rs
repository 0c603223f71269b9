//! What the host offers to guests: one file per package of interfaces.
//!
//! To add an import: write its interface in wit/, give it a row in [`crate::interfaces`], write its functions
//! in a file here with [`Interface::func`], and call that file's `link` in [`link`]. Counting, charging
//! and limits come with [`Interface::func`].

mod accelerator;
mod cli;
mod clocks;
mod filesystem;
mod io;
mod modules;
mod plugin;
mod random;
pub(crate) mod sockets;

use std::time::Instant;

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType};

use crate::interfaces::{InterfaceId, PLUGIN_VERSION, WASI_VERSION};
use crate::resources::Entry;
use crate::state::RunState;
use crate::stop::Stop;
use crate::weather::Touches;

/// Puts everything the host offers into a linker, but for sockets, which are linked by need.
pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    accelerator::link(linker)?;
    cli::link(linker)?;
    clocks::link(linker)?;
    filesystem::link(linker)?;
    io::link(linker)?;
    modules::link(linker)?;
    plugin::link(linker)?;
    random::link(linker)
}

/// One interface while it is being linked.
pub(crate) struct Interface<'a> {
    instance: LinkerInstance<'a, RunState>,
    id: InterfaceId,
}

impl<'a> Interface<'a> {
    pub(crate) fn new(linker: &'a mut Linker<RunState>, name: &str) -> wasmtime::Result<Self> {
        let id = InterfaceId::named(name)
            .ok_or_else(|| wasmtime::format_err!("{name} has no row in the table of interfaces"))?;
        let version = if name.starts_with("wasi:") { WASI_VERSION } else { PLUGIN_VERSION };
        Ok(Self { instance: linker.instance(&format!("{name}@{version}"))?, id })
    }

    /// Offers a function. The call is counted and charged, its bytes are what the body says it moves,
    /// and the guest goes on only with what fuel and time it has left.
    pub(crate) fn func<P, R>(
        &mut self,
        name: &str,
        body: impl Fn(&mut Call<'_>, P) -> Result<R, Stop> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: 'static,
        (R,): ComponentNamedList + Lower,
    {
        self.func_at(name, |_, _| Touches::Nothing, body)
    }

    /// Offers a function that touches what can break, for the faults that are injected: it opens or writes what
    /// is kept, and answers so where [`Call::disk_fails`]; or it gives the guest data, by [`Call::delivers`].
    pub(crate) fn func_at<P, R>(
        &mut self,
        name: &str,
        touches: impl Fn(&RunState, &P) -> Touches + Send + Sync + 'static,
        body: impl Fn(&mut Call<'_>, P) -> Result<R, Stop> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: 'static,
        (R,): ComponentNamedList + Lower,
    {
        let id = self.id;
        self.instance.func_wrap(name, move |store, params: P| {
            // Where it is calm, nothing is asked.
            let crossing = store.data().weather.as_ref().map(|_| touches(store.data(), &params));
            metered_in(store, id, crossing, |call| body(call, params)).map(|result| (result,))
        })
    }

    /// Offers a function without a result.
    pub(crate) fn procedure<P>(
        &mut self,
        name: &str,
        body: impl Fn(&mut Call<'_>, P) -> Result<(), Stop> + Send + Sync + 'static,
    ) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
    {
        let id = self.id;
        self.instance.func_wrap(name, move |store, params: P| metered(store, id, |call| body(call, params)))
    }

    /// Offers a resource type whose handles live in the run's table.
    pub(crate) fn resource<T: 'static>(&mut self, name: &str) -> wasmtime::Result<()> {
        let id = self.id;
        self.instance.resource(name, ResourceType::host::<T>(), move |store, index| {
            // Dropping a handle sends nobody a message.
            metered_in(store, id, None, |call| {
                if let Some(entry) = call.state.handles.remove(index) {
                    entry.close(&mut call.state.files);
                }
                Ok(())
            })
        })
    }
}

/// A host call in progress.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut RunState,
    interface: InterfaceId,
}

impl Call<'_> {
    /// The call gives the guest bytes.
    pub(crate) fn gives(&mut self, bytes: usize) -> Result<(), Stop> {
        self.state.moves_to_guest(self.interface, bytes as u64)
    }

    /// The call gives the guest data, which may have come to harm on its way.
    pub(crate) fn delivers(&mut self, data: &mut [u8]) -> Result<(), Stop> {
        self.gives(data.len())?;
        self.harms(data);
        Ok(())
    }

    /// Does to data that was given what is to come to it on its way.
    pub(crate) fn harms(&mut self, data: &mut [u8]) {
        let RunState { weather, meter, .. } = &mut *self.state;
        if let Some(weather) = weather {
            weather.corrupt(data, meter);
        }
    }

    /// Whether what the call opens or writes is to fail, as a disk does: not for want of room.
    pub(crate) fn disk_fails(&mut self) -> bool {
        let RunState { weather, meter, .. } = &mut *self.state;
        weather.as_mut().is_some_and(|weather| weather.disk_fails(meter))
    }

    /// The call takes bytes from the guest.
    pub(crate) fn takes(&mut self, bytes: usize) -> Result<(), Stop> {
        self.state.moves_to_host(self.interface, bytes as u64)
    }

    pub(crate) fn denied(&mut self) {
        self.state.denied(self.interface);
    }

    pub(crate) fn insert<T: 'static>(&mut self, entry: impl Into<Entry>) -> Result<Resource<T>, Stop> {
        self.state.handles.insert(entry)
    }
}

/// What a function touches that always opens or writes.
fn disk<P>(_: &RunState, _: &P) -> Touches {
    Touches::Disk
}

/// What a function touches that always gives data.
fn data<P>(_: &RunState, _: &P) -> Touches {
    Touches::Data
}

/// Runs the body of a host call between taking the guest's use into account and letting it go on.
fn metered<R>(
    store: StoreContextMut<'_, RunState>,
    interface: InterfaceId,
    body: impl FnOnce(&mut Call<'_>) -> Result<R, Stop>,
) -> wasmtime::Result<R> {
    metered_in(store, interface, Some(Touches::Nothing), body)
}

/// The same, for a crossing that touches something, or for none.
pub(crate) fn metered_in<R>(
    mut store: StoreContextMut<'_, RunState>,
    interface: InterfaceId,
    crossing: Option<Touches>,
    body: impl FnOnce(&mut Call<'_>) -> Result<R, Stop>,
) -> wasmtime::Result<R> {
    let began = Instant::now();
    let left = store.get_fuel()?;
    let state = store.data_mut();
    state.meter.settle(left);
    state.begin_call(interface);
    // A message that does not get through is not acted on.
    let crossed = crossing.map_or(Ok(()), |touches| state.cross(touches));
    let result = crossed.and_then(|()| body(&mut Call { state, interface }));
    // Fuel and time come before whatever else the call came to.
    let result = state.meter.release().map_err(Stop::from).and_then(|tank| Ok((result?, tank)));
    state.end_call();
    state.host_wall_ns += u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    match result {
        Ok((result, tank)) => {
            store.set_fuel(tank)?;
            Ok(result)
        }
        Err(stop) => Err(wasmtime::Error::new(store.data_mut().stopped(stop))),
    }
}
