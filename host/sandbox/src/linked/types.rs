//! Whether what one module imports is what another exports: by types, before anything runs.

use holobiont_core::{Outcome, Rejection};
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};
use wasmtime::component::{Component, ComponentExportIndex};

use crate::module::Link;

/// The most parts that the types of all linked functions may have: real ones have hundreds, and a type can
/// be written so that each level has all of the next one twice.
const MOST_PARTS: u32 = 100_000;

/// A function of a linked interface.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) ty: ComponentFunc,
    /// Where the provider has it.
    pub(crate) export: ComponentExportIndex,
}

/// The functions that a component imports through a link.
///
/// # Errors
///
/// The outcome of a component whose import is not what the provider exports.
pub(crate) fn functions(component: &Component, link: &Link, parts: &mut Parts) -> Result<Vec<Function>, Outcome> {
    let provider = link.provider.inner.pre.component();
    let wrong = |words: String| {
        let whose = format!("imports `{}`, which the module {} exports", link.import, link.provider.digest().short());
        Outcome::rejected(Rejection::InterfaceMismatch, format_args!("{whose}: {words}"))
    };
    let imported =
        imported(component, &link.import).ok_or_else(|| wrong("it is imported as no interface".to_owned()))?;
    let (exported, instance) =
        exported(provider, &link.export).ok_or_else(|| wrong("it is exported as no interface".to_owned()))?;
    let mut functions = Vec::new();
    for (name, item) in imported.exports(component.engine()) {
        let ty = match item.ty {
            ComponentItem::ComponentFunc(ty) => ty,
            ComponentItem::Type(_) => continue,
            ComponentItem::Resource(_) => return Err(wrong(format!("`{name}` is a resource; {RESOURCES}"))),
            _ => return Err(wrong(format!("`{name}` is no function"))),
        };
        parts.take(&ty).map_err(|words| wrong(format!("`{name}`: {words}")))?;
        let theirs = exported.exports(provider.engine()).find(|(export, _)| *export == name);
        match theirs.map(|(_, item)| item.ty) {
            Some(ComponentItem::ComponentFunc(theirs)) if same(&ty, &theirs) => {}
            Some(_) => return Err(wrong(format!("`{name}` is of another type there"))),
            None => return Err(wrong(format!("there is no `{name}` there"))),
        }
        let export = provider
            .get_export_index(Some(&instance), name)
            .ok_or_else(|| wrong(format!("there is no `{name}` there")))?;
        functions.push(Function { name: name.to_owned(), ty, export });
    }
    Ok(functions)
}

const RESOURCES: &str = "resources cannot be handed across sandboxes";

/// Whether a component imports an interface that has nothing in it but types, which nobody needs to meet.
pub(crate) fn only_types(component: &Component, import: &str) -> bool {
    let items = imported(component, import);
    items.is_some_and(|items| {
        items.exports(component.engine()).all(|(_, item)| matches!(item.ty, ComponentItem::Type(_)))
    })
}

fn imported(component: &Component, import: &str) -> Option<ComponentInstance> {
    let ty = component.component_type();
    let found = ty.imports(component.engine()).find(|(name, _)| *name == import).map(|(_, item)| item.ty);
    interface(found?)
}

fn exported(component: &Component, export: &str) -> Option<(ComponentInstance, ComponentExportIndex)> {
    let ty = component.component_type();
    let found = ty.exports(component.engine()).find(|(name, _)| *name == export).map(|(_, item)| item.ty);
    Some((interface(found?)?, component.get_export_index(None, export)?))
}

fn interface(item: ComponentItem) -> Option<ComponentInstance> {
    match item {
        ComponentItem::ComponentInstance(instance) => Some(instance),
        _ => None,
    }
}

/// Whether two functions are of one type, the names of their parameters included, as in a fused component.
fn same(ours: &ComponentFunc, theirs: &ComponentFunc) -> bool {
    ours.async_() == theirs.async_()
        && ours.params().len() == theirs.params().len()
        && ours.params().eq(theirs.params())
        && ours.results().len() == theirs.results().len()
        && ours.results().eq(theirs.results())
}

/// Parts of types that may still be looked at.
pub(crate) struct Parts(u32);

impl Parts {
    pub(crate) fn new() -> Self {
        Self(MOST_PARTS)
    }

    /// Looks through a function's type for what cannot be handed on.
    fn take(&mut self, func: &ComponentFunc) -> Result<(), String> {
        if func.async_() {
            return Err("asynchronous functions cannot be called across sandboxes".to_owned());
        }
        func.params().map(|(_, ty)| ty).chain(func.results()).try_for_each(|ty| self.take_type(&ty))
    }

    fn take_type(&mut self, ty: &Type) -> Result<(), String> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| format!("its type has more than {MOST_PARTS} parts"))?;
        match ty {
            Type::Own(_) | Type::Borrow(_) => Err(RESOURCES.to_owned()),
            Type::Future(_) | Type::Stream(_) | Type::ErrorContext => {
                Err("futures and streams cannot be handed across sandboxes".to_owned())
            }
            Type::List(list) => self.take_type(&list.ty()),
            Type::FixedLengthList(list) => self.take_type(&list.ty()),
            Type::Map(map) => self.take_type(&map.key()).and_then(|()| self.take_type(&map.value())),
            Type::Record(record) => record.fields().try_for_each(|field| self.take_type(&field.ty)),
            Type::Tuple(tuple) => tuple.types().try_for_each(|ty| self.take_type(&ty)),
            Type::Variant(variant) => variant.cases().filter_map(|case| case.ty).try_for_each(|ty| self.take_type(&ty)),
            Type::Option(option) => self.take_type(&option.ty()),
            Type::Result(result) => result.ok().into_iter().chain(result.err()).try_for_each(|ty| self.take_type(&ty)),
            _ => Ok(()),
        }
    }
}
