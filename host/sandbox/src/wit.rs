//! Explaining a component that was built against another version of the interfaces.

use std::collections::BTreeSet;

use wasmparser::{ComponentTypeRef, Parser, Payload};
use wit_component::{DecodedWasm, OutputToString, WitPrinter};
use wit_parser::{Resolve, WorldItem};

/// The contract, as authors build against it.
pub const PLUGIN_WIT: &str = include_str!("../../../wit/holobiont.wit");

/// Where a component's view of `holobiont:plugin` differs from this host's, in a line; `None` when the
/// difference is elsewhere. It decodes the component, which is too dear for a module that is fine.
pub(crate) fn difference(component: &[u8]) -> Option<String> {
    // The decoder takes components for what the tools make, and panics on some that are valid and odd: those
    // that are known are not handed to it, and what may be left is caught. What it holds is dropped with it,
    // so nothing is left half done.
    if !names_interfaces(component) {
        return None;
    }
    std::panic::catch_unwind(|| explained(component)).ok().flatten()
}

/// Whether whatever a component imports by the name of an interface is one.
fn names_interfaces(component: &[u8]) -> bool {
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth -= 1,
            Ok(Payload::ComponentImportSection(section)) if depth == 1 => {
                let odd = |import: wasmparser::ComponentImport<'_>| {
                    import.name.name.contains('/') && !matches!(import.ty, ComponentTypeRef::Instance(_))
                };
                if section.into_iter().any(|import| import.is_err() || import.is_ok_and(odd)) {
                    return false;
                }
            }
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    true
}

fn explained(component: &[u8]) -> Option<String> {
    let mut ours = Resolve::default();
    ours.push_str("holobiont.wit", PLUGIN_WIT).ok()?;
    let DecodedWasm::Component(theirs, world) = wit_component::decode(component).ok()? else { return None };
    let world = theirs.worlds.get(world)?;
    for (item, exported) in world.imports.values().map(|i| (i, false)).chain(world.exports.values().map(|i| (i, true)))
    {
        let WorldItem::Interface { id, .. } = item else { continue };
        let Some(name) = plugin_interface(&theirs, *id) else { continue };
        let Some(here) = lines(&ours, &name) else {
            return Some(format!("`holobiont:plugin` has no interface `{name}` in this host"));
        };
        let there = lines(&theirs, &name)?;
        // What a module imports may be less than what there is; what it exports must be all of it.
        let extra = there.difference(&here).next();
        let missing = if exported { here.difference(&there).next() } else { None };
        match (extra, missing) {
            (None, None) => {}
            (Some(extra), _) => {
                let near = holobiont_core::nearest(extra, here.iter().map(String::as_str)).unwrap_or("nothing like it");
                return Some(format!("{name}: the module has `{extra}`, this host has `{near}`"));
            }
            (None, Some(missing)) => return Some(format!("{name}: the module lacks `{missing}`")),
        }
    }
    None
}

fn plugin_interface(resolve: &Resolve, id: wit_parser::InterfaceId) -> Option<String> {
    let interface = resolve.interfaces.get(id)?;
    let package = &resolve.packages.get(interface.package?)?.name;
    (package.namespace == "holobiont" && package.name == "plugin").then(|| interface.name.clone()).flatten()
}

/// The items of one interface, as lines of WIT without documentation; a type's lines are one item.
fn lines(resolve: &Resolve, interface: &str) -> Option<BTreeSet<String>> {
    let (id, _) = resolve.packages.iter().find(|(_, p)| p.name.namespace == "holobiont" && p.name.name == "plugin")?;
    let mut printer = WitPrinter::new(OutputToString::default());
    printer.emit_docs(false);
    printer.print(resolve, id, &[]).ok()?;
    let text = printer.output.to_string();
    let start = text.find(&format!("interface {interface} {{"))?;
    let body = &text[start..];
    let body = &body[body.find('\n')?..];
    let body = &body[..body.find("\n}").unwrap_or(body.len())];
    let mut items = BTreeSet::new();
    let mut item = String::new();
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !item.is_empty() {
            item.push(' ');
        }
        item.push_str(line);
        if item.matches('{').count() == item.matches('}').count() {
            let whole = std::mem::take(&mut item);
            if !whole.starts_with("use ") {
                items.insert(whole);
            }
        }
    }
    Some(items)
}
