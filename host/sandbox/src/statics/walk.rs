//! One pass over a file: a core module, or a component with what is nested in it.

use holobiont_core::{Outcome, Rejection};
use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, CustomSectionReader, Encoding, Instance, KnownCustom, Name, Parser, Payload,
};

use super::core_module::{CoreModule, data_bytes};
use super::function::Reader;
use super::shape::Shape;

/// How deep components may nest, as for loading them.
const MOST_LEVELS: usize = 16;

/// Functions that are looked at, the most that a core module may have. A file that passes the limits for
/// loading is far below.
const MOST_FUNCTIONS: u64 = 1_000_000;

/// A component as it is read: what its index spaces hold, as far as it matters.
#[derive(Default)]
struct Component {
    core_instances: u64,
    /// Core instances that each component of its index space makes.
    components: Vec<u64>,
    /// Its index space of instances.
    instances: Vec<InstanceUse>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InstanceUse {
    /// Imported, and nothing refers to it yet.
    Unused,
    /// Imported, and something refers to it.
    Used,
    /// Made here.
    Own,
}

enum Level<'a> {
    Core(Box<CoreModule<'a>>),
    Component(Component),
}

struct Walk<'a> {
    levels: Vec<Level<'a>>,
    reader: Reader,
    shape: Shape,
    functions: u64,
}

/// Reads what the rules look at.
pub(super) fn walk(bytes: &[u8]) -> Result<Shape, Outcome> {
    let mut walk = Walk { levels: Vec::new(), reader: Reader::default(), shape: Shape::default(), functions: 0 };
    for payload in Parser::new(0).parse_all(bytes) {
        payload.and_then(|payload| walk.take(payload)).map_err(|e| broken(bytes, &e))?;
        if walk.levels.len() > MOST_LEVELS {
            return Err(too_complex(format_args!("components nest deeper than {MOST_LEVELS} levels")));
        }
        if walk.functions > MOST_FUNCTIONS {
            return Err(too_complex(format_args!("more than {MOST_FUNCTIONS} functions")));
        }
    }
    Ok(walk.shape)
}

fn too_complex(words: std::fmt::Arguments<'_>) -> Outcome {
    Outcome::rejected(Rejection::TooComplex, words)
}

fn broken(bytes: &[u8], error: &BinaryReaderError) -> Outcome {
    let at_end = error.offset() >= bytes.len() || error.message().contains("unexpected end");
    let reason = if at_end { Rejection::Truncated } else { Rejection::Invalid };
    Outcome::rejected(reason, format_args!("{} at byte {} of {}", error.message(), error.offset(), bytes.len()))
}

impl<'a> Walk<'a> {
    fn take(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. } => self.levels.push(Level::Core(Box::default())),
            Payload::Version { .. } => self.levels.push(Level::Component(Component::default())),
            Payload::End(_) => self.leave(),
            Payload::CustomSection(section) => self.custom(&section),
            payload => {
                let outermost = self.levels.len() == 1;
                match self.levels.pop() {
                    Some(Level::Core(mut module)) => {
                        self.core(&mut module, payload, outermost)?;
                        self.levels.push(Level::Core(module));
                    }
                    Some(Level::Component(mut component)) => {
                        self.component(&mut component, payload, outermost)?;
                        self.levels.push(Level::Component(component));
                    }
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn core(&mut self, module: &mut CoreModule<'a>, payload: Payload<'a>, outermost: bool) -> wasmparser::Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if outermost {
                        self.shape.note_import(import.module, import.name);
                    }
                    module.import(import);
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    module.function_type(index?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    module.table(&table?)?;
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.shape.unbounded_memories += u64::from(memory?.maximum.is_none());
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    module.global(global.ty.mutable, &global.init_expr)?;
                }
            }
            Payload::ExportSection(section) => module.exports(section, &mut self.shape)?,
            Payload::StartSection { func, .. } => {
                self.shape.starts += 1;
                module.start(func);
            }
            Payload::ElementSection(section) => {
                for element in section {
                    module.element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.functions += 1;
                module.function(body, &mut self.reader)?;
            }
            Payload::DataSection(section) => self.shape.data_bytes += data_bytes(section)?,
            _ => {}
        }
        Ok(())
    }

    fn component(
        &mut self,
        component: &mut Component,
        payload: Payload<'a>,
        outermost: bool,
    ) -> wasmparser::Result<()> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section {
                    let import = import?;
                    if outermost && !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        self.shape.note_import(import.name.name, "");
                    }
                    match import.ty {
                        ComponentTypeRef::Instance(_) => component.instances.push(InstanceUse::Unused),
                        // What it makes is counted where it is defined.
                        ComponentTypeRef::Component(_) => component.components.push(0),
                        _ => {}
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    if matches!(instance?, Instance::Instantiate { .. }) {
                        component.core_instances = component.core_instances.saturating_add(1);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    component.instance(&instance?);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.alias(component, &alias?);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export?;
                    component.refer(export.kind, export.index);
                    match export.kind {
                        ComponentExternalKind::Instance => component.instances.push(InstanceUse::Own),
                        ComponentExternalKind::Component => {
                            let made = component.components.get(export.index as usize).copied();
                            component.components.push(made.unwrap_or(0));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn alias(&self, component: &mut Component, alias: &ComponentAlias<'_>) {
        match *alias {
            ComponentAlias::InstanceExport { kind, instance_index, .. } => {
                component.refer(ComponentExternalKind::Instance, instance_index);
                match kind {
                    ComponentExternalKind::Instance => component.instances.push(InstanceUse::Own),
                    ComponentExternalKind::Component => component.components.push(0),
                    _ => {}
                }
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                // The component that is being read is not among the levels: zero means itself, one the
                // last of them.
                let outer = match count {
                    0 => component.components.get(index as usize).copied(),
                    count => self.levels.len().checked_sub(count as usize).and_then(|at| match self.levels.get(at) {
                        Some(Level::Component(outer)) => outer.components.get(index as usize).copied(),
                        _ => None,
                    }),
                };
                component.components.push(outer.unwrap_or(0));
            }
            ComponentAlias::Outer { .. } | ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }

    fn leave(&mut self) {
        match self.levels.pop() {
            Some(Level::Core(module)) => {
                module.finish(&mut self.shape);
                if self.levels.is_empty() {
                    self.shape.core_instances = 1;
                }
            }
            Some(Level::Component(component)) => match self.levels.last_mut() {
                Some(Level::Component(outer)) => outer.components.push(component.core_instances),
                _ => {
                    self.shape.core_instances = component.core_instances;
                    let imported = component.instances.iter().filter(|one| **one != InstanceUse::Own);
                    self.shape.imports += imported.count() as u64;
                    let unused = component.instances.iter().filter(|one| **one == InstanceUse::Unused);
                    self.shape.unused_imports += unused.count() as u64;
                }
            },
            None => {}
        }
    }

    /// Custom sections mean nothing to what a module does; a few are what lints are about.
    fn custom(&mut self, section: &CustomSectionReader<'a>) {
        match section.name() {
            "producers" => self.shape.producers += 1,
            "version" => self.shape.versions += u64::from(!section.data().is_empty()),
            "external_debug_info" | "sourceMappingURL" => self.shape.debug_sections += 1,
            name if name.starts_with(".debug_") => self.shape.debug_sections += 1,
            "name" => {
                // A section that does not read names nothing; that is no fault of the module.
                if let (KnownCustom::Name(names), Some(Level::Core(module))) =
                    (section.as_known(), self.levels.last_mut())
                    && names.into_iter().flatten().any(|name| matches!(name, Name::Function(map) if map.count() > 0))
                {
                    module.named();
                }
            }
            _ => {}
        }
    }
}

impl Component {
    fn instance(&mut self, instance: &ComponentInstance<'_>) {
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                let inner = self.components.get(*component_index as usize).copied().unwrap_or(0);
                self.core_instances = self.core_instances.saturating_add(inner);
                for arg in args {
                    self.refer(arg.kind, arg.index);
                }
            }
            ComponentInstance::FromExports(exports) => {
                for export in exports {
                    self.refer(export.kind, export.index);
                }
            }
        }
        self.instances.push(InstanceUse::Own);
    }

    /// Notes that an instance is of use.
    fn refer(&mut self, kind: ComponentExternalKind, index: u32) {
        if kind == ComponentExternalKind::Instance
            && let Some(instance @ InstanceUse::Unused) = self.instances.get_mut(index as usize)
        {
            *instance = InstanceUse::Used;
        }
    }
}
