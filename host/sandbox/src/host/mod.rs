//! What the host offers to guests: one file per package of interfaces.
//!
//! To add an import: write its interface in wit/, give it a row in [`crate::interfaces`], write its functions
//! in a file here with [`Interface::func`], and call that file's `link` in [`link`]. Counting, charging
//! and limits come with [`Interface::func`].

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

/// Puts everything the host offers into a linker, but for sockets, which are linked by need.
pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
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
        let id = self.id;
        self.instance.func_wrap(name, move |store, params: P| {
            metered(store, id, |call| body(call, params)).map(|result| (result,))
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
            metered(store, id, |call| {
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

/// Runs the body of a host call between taking the guest's use into account and letting it go on.
pub(crate) fn metered<R>(
    mut store: StoreContextMut<'_, RunState>,
    interface: InterfaceId,
    body: impl FnOnce(&mut Call<'_>) -> Result<R, Stop>,
) -> wasmtime::Result<R> {
    let began = Instant::now();
    let left = store.get_fuel()?;
    let state = store.data_mut();
    state.meter.settle(left);
    state.begin_call(interface);
    let result = body(&mut Call { state, interface });
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
