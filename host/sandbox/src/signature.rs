//! The types of the functions that the host calls in a component. The engine would find a difference
//! only when the function is called; a module that cannot be called is refused when it is loaded.

use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};

use crate::scan::{ModuleKind, split_version};

/// A type, as wit/holobiont.wit has it.
enum Shape {
    U8,
    S64,
    U64,
    F64,
    Text,
    Pair(&'static Shape, &'static Shape),
    List(&'static Shape),
    Maybe(&'static Shape),
    Result(Option<&'static Shape>, Option<&'static Shape>),
    Record(&'static [(&'static str, Shape)]),
    /// Cases by name; one without a payload has none.
    Variant(&'static [(&'static str, Option<Shape>)]),
}

const BYTES: Shape = Shape::List(&Shape::U8);
const PARAMETER: Shape = Shape::Record(&[("name", Shape::Text), ("value", Shape::Text)]);
const TASK: Shape =
    Shape::Record(&[("payload", BYTES), ("media-type", Shape::Text), ("parameters", Shape::List(&PARAMETER))]);
const FAILURE: Shape = Shape::Variant(&[
    ("invalid-input", Some(Shape::Text)),
    ("invalid-parameter", Some(Shape::Text)),
    ("unsupported", Some(Shape::Text)),
    ("internal", Some(Shape::Text)),
]);
const RUN: (&[Shape], Shape) = (&[TASK], Shape::Result(Some(&BYTES), Some(&FAILURE)));
const SCORE: (&[Shape], Shape) =
    (&[BYTES, BYTES, Shape::Maybe(&BYTES)], Shape::Result(Some(&Shape::F64), Some(&FAILURE)));
const REPORT: Shape = Shape::Record(&[
    ("output", BYTES),
    ("summary", Shape::Text),
    ("metrics", Shape::List(&Shape::Pair(&Shape::Text, &Shape::F64))),
]);
const PIPELINE: (&[Shape], Shape) = (&[TASK, Shape::F64], Shape::Result(Some(&REPORT), Some(&FAILURE)));
const DOMAIN: Shape = Shape::Variant(&[
    ("integer", Some(Shape::Pair(&Shape::S64, &Shape::S64))),
    ("number", Some(Shape::Pair(&Shape::F64, &Shape::F64))),
    ("choice", Some(Shape::List(&Shape::Text))),
    ("text", None),
]);
const TUNABLE: Shape =
    Shape::Record(&[("name", Shape::Text), ("summary", Shape::Text), ("domain", DOMAIN), ("default", Shape::Text)]);
const PATCH_TARGET: Shape =
    Shape::Record(&[("id", Shape::Text), ("tunables", Shape::List(&TUNABLE)), ("current", Shape::List(&PARAMETER))]);
const ATTEMPT: Shape = Shape::Record(&[("id", Shape::Text), ("values", Shape::List(&PARAMETER)), ("gain", Shape::F64)]);
const CONTEXT: Shape =
    Shape::Record(&[("targets", Shape::List(&PATCH_TARGET)), ("history", Shape::List(&ATTEMPT)), ("seed", Shape::U64)]);
const PATCH: Shape = Shape::Variant(&[
    ("parameters", Some(Shape::Record(&[("id", Shape::Text), ("values", Shape::List(&PARAMETER))]))),
    ("component", Some(Shape::Record(&[("id", Shape::Text), ("component", BYTES)]))),
]);
const PROPOSE: (&[Shape], Shape) = (&[CONTEXT], Shape::Result(Some(&Shape::List(&PATCH)), Some(&FAILURE)));
const COMMAND: (&[Shape], Shape) = (&[], Shape::Result(None, None));

/// The function that the host calls in a kind of module.
pub(crate) fn function(kind: ModuleKind) -> &'static str {
    match kind {
        ModuleKind::Candidate | ModuleKind::Pipeline | ModuleKind::Command | ModuleKind::CoreCommand => "run",
        ModuleKind::Scorer => "score",
        ModuleKind::Patcher => "propose",
        // Other modules call it, by names of their own.
        ModuleKind::Library => "",
    }
}

/// Whether a component's function has the type that the host will call it by, if the host calls such
/// functions at all; `false` too when it has no such function.
pub(crate) fn fits(component: &Component, kind: ModuleKind, export: &str) -> bool {
    let (parameters, result) = match kind {
        ModuleKind::Candidate => RUN,
        ModuleKind::Scorer => SCORE,
        ModuleKind::Command | ModuleKind::CoreCommand => COMMAND,
        ModuleKind::Pipeline => PIPELINE,
        ModuleKind::Patcher => PROPOSE,
        // Modules call these, and were held against it when they were loaded.
        ModuleKind::Library => return true,
    };
    let Some(func) = exported(component, export, function(kind)) else { return false };
    let (theirs, mut results) = (func.params(), func.results());
    theirs.len() == parameters.len()
        && theirs.zip(parameters).all(|((_, theirs), ours)| same(&theirs, ours))
        && results.next().is_some_and(|theirs| same(&theirs, &result))
        && results.next().is_none()
}

fn exported(component: &Component, interface: &str, name: &str) -> Option<ComponentFunc> {
    let engine = component.engine();
    let ty = component.component_type();
    // Any 0.2.x of an interface is the same to the host.
    let base = split_version(interface).0;
    let (_, interface) = ty.exports(engine).find(|(export, _)| split_version(export).0 == base)?;
    let ComponentItem::ComponentInstance(interface) = interface.ty else { return None };
    let (_, function) = interface.exports(engine).find(|(export, _)| *export == name)?;
    match function.ty {
        ComponentItem::ComponentFunc(function) => Some(function),
        _ => None,
    }
}

/// Whether a stranger's type is ours. It goes no deeper than ours does.
fn same(theirs: &Type, ours: &Shape) -> bool {
    let both = |theirs: Option<Type>, ours: &Option<&Shape>| match (theirs, ours) {
        (None, None) => true,
        (Some(theirs), Some(ours)) => same(&theirs, ours),
        _ => false,
    };
    match (theirs, ours) {
        (Type::U8, Shape::U8)
        | (Type::S64, Shape::S64)
        | (Type::U64, Shape::U64)
        | (Type::Float64, Shape::F64)
        | (Type::String, Shape::Text) => true,
        (Type::Tuple(tuple), Shape::Pair(first, second)) => {
            let mut types = tuple.types();
            let mut next = |ours: &Shape| types.next().is_some_and(|theirs| same(&theirs, ours));
            next(first) && next(second) && types.next().is_none()
        }
        (Type::List(list), Shape::List(ours)) => same(&list.ty(), ours),
        (Type::Option(option), Shape::Maybe(ours)) => same(&option.ty(), ours),
        (Type::Result(result), Shape::Result(ok, err)) => both(result.ok(), ok) && both(result.err(), err),
        (Type::Record(record), Shape::Record(ours)) => {
            record.fields().len() == ours.len()
                && record.fields().zip(*ours).all(|(field, (name, ty))| field.name == *name && same(&field.ty, ty))
        }
        (Type::Variant(variant), Shape::Variant(ours)) => {
            variant.cases().len() == ours.len()
                && variant
                    .cases()
                    .zip(*ours)
                    .all(|(case, (name, ty))| case.name == *name && both(case.ty, &ty.as_ref()))
        }
        _ => false,
    }
}
