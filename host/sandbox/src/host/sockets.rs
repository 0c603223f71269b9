//! `wasi:sockets`: nobody is granted the network, but standard libraries import it, so it is there and
//! says no. Only the functions that a component imports are linked, from the component's own types.

use wasmtime::AsContextMut as _;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};
use wasmtime::component::{Component, Linker, Resource, ResourceType, Val};

use super::metered;
use crate::interfaces::InterfaceId;
use crate::state::RunState;

/// A socket, a network, a stream of names: there are none.
enum Nothing {}

/// The resources that these interfaces define; others, such as pollables, they use from elsewhere.
const OWN: [&str; 6] = [
    "network",
    "tcp-socket",
    "udp-socket",
    "incoming-datagram-stream",
    "outgoing-datagram-stream",
    "resolve-address-stream",
];

/// Whether an import is one that this file answers.
pub(crate) fn is_socket_import(name: &str) -> bool {
    name.starts_with("wasi:sockets/")
}

/// Links the sockets that a component imports: each function counts the attempt and answers
/// `access-denied` where its type has such an answer; where it has none, it ends the run.
pub(crate) fn link(linker: &mut Linker<RunState>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    for (name, item) in component.component_type().imports(engine) {
        let base = name.split('@').next().unwrap_or(name);
        let ComponentItem::ComponentInstance(instance) = item.ty else { continue };
        if let (true, Some(id)) = (is_socket_import(name), InterfaceId::named(base)) {
            link_instance(linker, component, name, &instance, id)?;
        }
    }
    Ok(())
}

fn link_instance(
    linker: &mut Linker<RunState>,
    component: &Component,
    name: &str,
    instance: &ComponentInstance,
    id: InterfaceId,
) -> wasmtime::Result<()> {
    let mut offered = linker.instance(name)?;
    for (item, described) in instance.exports(component.engine()) {
        match described.ty {
            ComponentItem::ComponentFunc(func) => {
                let answer = answer(&func);
                offered.func_new(item, move |mut store, _, parameters, results| {
                    metered(store.as_context_mut(), id, |call| {
                        call.denied();
                        Ok(())
                    })?;
                    // What was lent for the call goes back with it.
                    for parameter in parameters {
                        if let Val::Resource(lent) = parameter {
                            lent.resource_drop(&mut store)?;
                        }
                    }
                    match (&answer, results) {
                        (Answer::Denied(value), [result]) => *result = value.clone(),
                        (Answer::Handle, [result]) => {
                            let handle = Resource::<Nothing>::new_own(0).try_into_resource_any(&mut store)?;
                            *result = Val::Resource(handle);
                        }
                        _ => wasmtime::bail!("there are no sockets here"),
                    }
                    Ok(())
                })?;
            }
            ComponentItem::Resource(_) if OWN.contains(&item) => {
                offered.resource(item, ResourceType::host::<Nothing>(), |_, _| Ok(()))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a function of a socket answers.
enum Answer {
    /// `err(access-denied)`.
    Denied(Val),
    /// A handle, where its type has no other answer: it stands for nothing, and all it can be used for
    /// is refused.
    Handle,
    /// Nothing: its type can neither be refused nor be made up.
    None,
}

fn answer(func: &ComponentFunc) -> Answer {
    match func.results().next() {
        Some(Type::Result(result)) => match result.err() {
            Some(Type::Enum(codes)) if codes.names().any(|name| name == "access-denied") => {
                Answer::Denied(Val::Result(Err(Some(Box::new(Val::Enum("access-denied".to_owned()))))))
            }
            _ => Answer::None,
        },
        Some(Type::Own(_)) => Answer::Handle,
        _ => Answer::None,
    }
}
