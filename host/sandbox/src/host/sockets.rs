//! `wasi:sockets`: nobody is granted the network, but standard libraries import it, so it is there and
//! says no. Only the functions that a component imports are linked, from the component's own types.

use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};
use wasmtime::component::{Component, Linker, ResourceType, Val};

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
                let refusal = refusal(&func);
                offered.func_new(item, move |store, _, _, results| {
                    let refusal = refusal.clone();
                    let answered = metered(store, id, |call| {
                        call.denied();
                        Ok(refusal)
                    })?;
                    match (answered, results) {
                        (Some(value), [result]) => *result = value,
                        (None, []) => {}
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

/// `err(access-denied)`, for a function that can say so.
fn refusal(func: &ComponentFunc) -> Option<Val> {
    let Some(Type::Result(result)) = func.results().next() else { return None };
    let Some(Type::Enum(codes)) = result.err() else { return None };
    let denied = codes.names().find(|name| *name == "access-denied")?;
    Some(Val::Result(Err(Some(Box::new(Val::Enum(denied.to_owned()))))))
}
