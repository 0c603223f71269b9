//! Forwarding a call: from the importer's sandbox to the provider's, and back.
//!
//! The host takes the arguments out of the one memory and puts them into the other. For bytes and texts,
//! which most such calls carry, that is a copy of each; other values go through the engine's own form of a
//! value, which takes about as many bytes of host memory as there are bytes in forty of them, and is bounded
//! by the same limit of a host call.

use holobiont_core::{Digest, Grants, Limits, Outcome, TrapKind};
use wasmtime::component::types::{ComponentFunc, Type};
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, ComponentType, Instance, Lift, Linker, LinkerInstance, Lower, Val,
};
use wasmtime::{AsContextMut as _, Store};

use super::types::Function;
use super::value::{Copied, Data, copied_all};
use crate::arm::{arm, moved};
use crate::attribution::{Answer, outcome};
use crate::engine::ticks;
use crate::files::Files;
use crate::host::{Call, metered_in};
use crate::interfaces::InterfaceId;
use crate::module::{Link, Module};
use crate::state::{Callee, RunState, Start};
use crate::stop::Stop;
use crate::weather::{Touches, Weather};
use crate::workspace::{Marks, Workspace};

/// The function of another module that an import leads to.
struct Target {
    provider: Module,
    /// The interface, as the provider spells it.
    interface: String,
    function: ComponentExportIndex,
    stack_bytes: u64,
}

/// Puts the functions of a link into a linker.
pub(crate) fn link(
    linker: &mut Linker<RunState>,
    (place, link): (usize, &Link),
    functions: Vec<Function>,
    stack_bytes: u64,
) -> wasmtime::Result<()> {
    let id = InterfaceId::linked(place);
    let mut offered = linker.instance(&link.import)?;
    for Function { name, ty, export } in functions {
        let target =
            Target { provider: link.provider.clone(), interface: link.export.clone(), function: export, stack_bytes };
        define(&mut offered, &name, id, target, &ty)?;
    }
    Ok(())
}

/// Types that are handed on without the engine's own form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plain {
    Bytes,
    Text,
    BytesOrText,
    TextOrText,
}

impl Plain {
    fn of(ty: &Type) -> Option<Self> {
        let simple = |ty: &Type| match ty {
            Type::String => Some(Self::Text),
            Type::List(list) if list.ty() == Type::U8 => Some(Self::Bytes),
            _ => None,
        };
        let Type::Result(result) = ty else { return simple(ty) };
        match (simple(&result.ok()?)?, simple(&result.err()?)?) {
            (Self::Bytes, Self::Text) => Some(Self::BytesOrText),
            (Self::Text, Self::Text) => Some(Self::TextOrText),
            _ => None,
        }
    }
}

type Offered<'a> = LinkerInstance<'a, RunState>;

/// Defines a function by the fastest way that its type allows.
fn define(
    offered: &mut Offered<'_>,
    name: &str,
    id: InterfaceId,
    target: Target,
    ty: &ComponentFunc,
) -> wasmtime::Result<()> {
    let params: Option<Vec<Plain>> = ty.params().map(|(_, ty)| Plain::of(&ty)).collect();
    let results: Option<Vec<Plain>> = ty.results().map(|ty| Plain::of(&ty)).collect();
    match (params.as_deref(), results.as_deref()) {
        (Some([Plain::Bytes]), Some([result])) => define_plain::<(Vec<u8>,)>(offered, name, id, target, *result),
        (Some([Plain::Text]), Some([result])) => define_plain::<(String,)>(offered, name, id, target, *result),
        (Some([Plain::Text, Plain::Bytes]), Some([result])) => {
            define_plain::<(String, Vec<u8>)>(offered, name, id, target, *result)
        }
        _ => define_other(offered, name, id, target),
    }
}

fn define_plain<P>(
    offered: &mut Offered<'_>,
    name: &str,
    id: InterfaceId,
    target: Target,
    result: Plain,
) -> wasmtime::Result<()>
where
    P: ComponentNamedList + Lift + Lower + Copied + Send + Sync + 'static,
{
    match result {
        Plain::Bytes => define_typed::<P, Vec<u8>>(offered, name, id, target),
        Plain::Text => define_typed::<P, String>(offered, name, id, target),
        Plain::BytesOrText => define_typed::<P, Result<Vec<u8>, String>>(offered, name, id, target),
        Plain::TextOrText => define_typed::<P, Result<String, String>>(offered, name, id, target),
    }
}

fn define_typed<P, R>(offered: &mut Offered<'_>, name: &str, id: InterfaceId, target: Target) -> wasmtime::Result<()>
where
    P: ComponentNamedList + Lift + Lower + Copied + Send + Sync + 'static,
    R: ComponentType + Lift + Lower + Data + Send + Sync + 'static,
{
    offered.func_wrap(name, move |store, params: P| {
        let touches = if R::HAS_DATA { Touches::Data } else { Touches::Nothing };
        metered_in(store, id, Some(touches), |call| {
            let mut result = forward(call, &target, params.copied(), |store, instance| {
                let function = instance.get_typed_func::<P, (R,)>(&mut *store, target.function)?;
                let (result,) = function.call(&mut *store, params)?;
                let bytes = result.copied();
                Ok((result, bytes))
            })?;
            if let Some(data) = result.data() {
                call.harms(data);
            }
            Ok(result)
        })
        .map(|result| (result,))
    })
}

fn define_other(offered: &mut Offered<'_>, name: &str, id: InterfaceId, target: Target) -> wasmtime::Result<()> {
    offered.func_new(name, move |mut store, _, params, results| {
        let count = results.len();
        let made = metered_in(store.as_context_mut(), id, Some(Touches::Nothing), |call| {
            forward(call, &target, copied_all(params), |store, instance| {
                let function = instance
                    .get_func(&mut *store, target.function)
                    .ok_or_else(|| wasmtime::format_err!("the provider has lost a function"))?;
                let mut made = vec![Val::Bool(false); count];
                function.call(&mut *store, params, &mut made)?;
                let bytes = copied_all(&made);
                Ok((made, bytes))
            })
        })?;
        for (result, made) in results.iter_mut().zip(made) {
            *result = made;
        }
        Ok(())
    })
}

/// Makes a call in the provider's sandbox. The caller pays for the call and the bytes, both ways, and waits;
/// the provider pays for what it does and for its side of the bytes.
fn forward<R>(
    call: &mut Call<'_>,
    target: &Target,
    bytes: u64,
    invoke: impl FnOnce(&mut Store<RunState>, &Instance) -> wasmtime::Result<(R, u64)>,
) -> Result<R, Stop> {
    call.takes(usize::try_from(bytes).unwrap_or(usize::MAX))?;
    if let Some(over) = call.state.meter.over() {
        return Err(over.into());
    }
    let caller = &mut *call.state;
    let (limits, weather) = (&caller.limits, caller.weather.as_deref());
    let identity = target.provider.identity();
    let callee = caller.callees.take(&identity, |seed| Box::new(target.callee(limits, weather, seed)));
    let Some(mut callee) = callee else {
        return Err(Stop::Fault("a call led back into a module that is in a call".to_owned()));
    };
    callee.calls += 1;
    lend(caller, &mut callee);
    let before_ns = callee.store.data().meter.now_ns();
    let made = visit(&mut callee, target, bytes, invoke);
    let after_ns = callee.store.data().meter.now_ns();
    take_back(caller, &mut callee);
    caller.meter.wait(after_ns.saturating_sub(before_ns));
    caller.callees.put(&identity, callee);
    match made {
        Ok((result, bytes)) => {
            call.gives(usize::try_from(bytes).unwrap_or(usize::MAX))?;
            Ok(result)
        }
        // It is why the run ends, whatever else is true by now.
        Err(stop) => Err(caller.stopped(stop)),
    }
}

/// Gives a module what is with whoever runs: the workspace, the table of sandboxes, the time.
fn lend(caller: &mut RunState, callee: &mut Callee) {
    caller.workspace.exchange(&mut callee.marks);
    let state = callee.store.data_mut();
    swap(caller, state);
    state.share_disk();
    state.meter.follow(&caller.meter);
}

/// Takes it back.
fn take_back(caller: &mut RunState, callee: &mut Callee) {
    swap(caller, callee.store.data_mut());
    caller.workspace.exchange(&mut callee.marks);
    caller.share_disk();
}

fn swap(caller: &mut RunState, callee: &mut RunState) {
    std::mem::swap(&mut caller.workspace, &mut callee.workspace);
    std::mem::swap(&mut caller.callees, &mut callee.callees);
}

/// The provider's side of a call: makes its instance if it has none yet, calls, and names how it ended if it
/// did.
fn visit<R>(
    callee: &mut Callee,
    target: &Target,
    bytes: u64,
    invoke: impl FnOnce(&mut Store<RunState>, &Instance) -> wasmtime::Result<(R, u64)>,
) -> Result<(R, u64), Stop> {
    let made = enter(callee, target).and_then(|instance| {
        let store = &mut callee.store;
        moved(store, usize::try_from(bytes).unwrap_or(usize::MAX))?;
        let (result, bytes) = invoke(store, &instance)?;
        moved(store, usize::try_from(bytes).unwrap_or(usize::MAX))?;
        Ok((result, bytes))
    });
    let left = callee.store.get_fuel();
    let state = callee.store.data_mut();
    if let Ok(left) = left {
        state.meter.settle(left);
    }
    let (made, answer) = match made {
        Ok(made) => (Some(made), Ok(Answer::Bytes(Vec::new()))),
        Err(error) => (None, Err(error)),
    };
    let (ended, _) = outcome(state, answer, target.stack_bytes)?;
    let ended = match (state.stop(), made) {
        (_, Some(made)) if ended.is_completed() => return Ok(made),
        // It names the module that it was in already.
        (Some(Stop::Linked(_)), _) => {
            callee.outcome = ended.clone();
            return Err(Stop::Linked(Box::new(ended)));
        }
        (Some(Stop::Exit(code)), _) if !matches!(ended, Outcome::Limit { .. }) => {
            let detail = format!("ended itself with exit code {code} in the middle of a call");
            Outcome::Trap { trap: TrapKind::Other, detail }
        }
        _ => ended,
    };
    callee.outcome = ended.clone();
    let place = format!("in linked module {} ({})", callee.digest.short(), target.interface);
    Err(Stop::Linked(Box::new(ended.at(place))))
}

/// The provider's instance, made at its first call under its own limits.
fn enter(callee: &mut Callee, target: &Target) -> wasmtime::Result<Instance> {
    if let Some(instance) = callee.instance {
        return Ok(instance);
    }
    let limits = callee.store.data().limits.clone();
    arm(&mut callee.store, &limits)?;
    // The real deadline is that of the run, which began earlier.
    callee.store.set_epoch_deadline(ticks(callee.store.data().meter.wall_time_left_ns()));
    let instance = target.provider.inner.pre.instantiate(&mut callee.store)?;
    callee.instance = Some(instance);
    Ok(instance)
}

impl Target {
    /// A sandbox for the provider: under the limits of the run, with nothing granted, and with entropy of its
    /// own, under the conditions of the run.
    fn callee(&self, limits: &Limits, weather: Option<&Weather>, seed: u64) -> Callee {
        let inner = &self.provider.inner;
        let start = Start {
            files: Files::default().for_run(limits.disk_bytes),
            workspace: Workspace::default(),
            weather: weather.map(|weather| weather.of_part(&inner.digest)),
            // Members are the pipeline's, not those of whom it calls.
            nest: None,
        };
        let seed = seed_of_part(seed, &inner.digest);
        let mut state = RunState::new(limits, &Grants::default(), seed, Vec::new(), start);
        state.count_links(inner.links.iter().map(|link| &link.name));
        Callee {
            digest: inner.digest,
            store: Store::new(inner.pre.engine(), state),
            instance: None,
            sizes: (inner.facts.core_instances, inner.memories),
            calls: 0,
            outcome: Outcome::Completed { code: None },
            marks: Marks::default(),
        }
    }
}

/// The seed of a part of a run: another for each module, so that two do not draw the same numbers.
fn seed_of_part(seed: u64, digest: &Digest) -> u64 {
    let mixed = Digest::of_parts([seed.to_le_bytes().as_slice(), digest.as_bytes().as_slice()]);
    mixed.as_bytes().iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}
