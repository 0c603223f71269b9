//! Reading a stranger's bytes without compiling or validating them: what they are, what they want, how
//! large and intricate they are. One pass, in memory proportional to the names it keeps.

use holobiont_core::{Outcome, Rejection, printable};
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentTypeRef, Encoding, Instance, KnownCustom, Parser, Payload, TypeRef,
    WasmFeatures,
};

use crate::interfaces::{INTERFACES, PLUGIN_VERSION};

/// What a module is to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ModuleKind {
    /// Exports `holobiont:plugin/module`.
    Candidate,
    /// Exports `holobiont:plugin/pipeline`.
    Pipeline,
    /// Exports `holobiont:plugin/scorer`.
    Scorer,
    /// Exports `holobiont:plugin/patcher`.
    Patcher,
    /// A `wasi:cli/command` component.
    Command,
    /// A core module for WASI preview 1, run as a command through an adapter.
    CoreCommand,
    /// Exports interfaces of its author's only: other modules import them, and nothing runs it by itself.
    Library,
}

impl ModuleKind {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Pipeline => "pipeline",
            Self::Scorer => "scorer",
            Self::Patcher => "patcher",
            Self::Command => "command",
            Self::CoreCommand => "core-command",
            Self::Library => "library",
        }
    }

    /// The interface whose export makes a component of this kind, without version; of a library any may.
    pub(crate) fn entry_interface(self) -> &'static str {
        match self {
            Self::Candidate => "holobiont:plugin/module",
            Self::Pipeline => "holobiont:plugin/pipeline",
            Self::Scorer => "holobiont:plugin/scorer",
            Self::Patcher => "holobiont:plugin/patcher",
            Self::Command | Self::CoreCommand => "wasi:cli/run",
            Self::Library => "",
        }
    }
}

/// The kinds of component, most specific first: a component that exports two entry points is the first.
const COMPONENT_KINDS: [ModuleKind; 5] =
    [ModuleKind::Candidate, ModuleKind::Pipeline, ModuleKind::Scorer, ModuleKind::Patcher, ModuleKind::Command];

/// What the bytes of a module say of it; nothing was run or compiled to find out.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// What it is.
    pub kind: ModuleKind,
    /// How large it is.
    pub bytes: u64,
    /// The interfaces (of a core module: `module.function`) that it imports.
    pub imports: Vec<Import>,
    /// What it exports, by name.
    pub exports: Vec<String>,
    /// Core functions defined in it, at all depths.
    pub functions: u64,
    /// Bytes of code, at all depths.
    pub code_bytes: u64,
    /// The largest function, in bytes.
    pub largest_function_bytes: u64,
    /// Core instances that running it makes.
    pub core_instances: u64,
    /// Linear memories defined in it, with initial and maximum size in pages of 64 KiB.
    pub memories: Vec<(u64, Option<u64>)>,
    /// The tools that made it, such as `rustc 1.95.0`.
    pub producers: Vec<String>,
}

/// An import, and what kind of wish it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The name, as the module spells it.
    pub name: String,
    /// What it asks for.
    pub wish: Wish,
}

/// What an import asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wish {
    /// What Rust's standard library imports whether the program uses it or not: 13 interfaces that
    /// give no authority.
    Standard,
    /// Telemetry, workspace, accelerator, of a pipeline the other modules: parts of `holobiont:plugin`.
    Plugin,
    /// Clocks or entropy: virtual, and no authority either.
    Virtual,
    /// Files.
    Files,
    /// The network, which nobody is granted.
    Network,
    /// Nothing that this host offers.
    Unknown,
}

/// What Rust's standard library for wasm32-wasip2 always imports.
const STANDARD: [&str; 13] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

/// What only a pipeline is given: the other modules.
pub(crate) const MODULES: &str = "holobiont:plugin/modules";

/// The module that WASI preview 1 is imported from.
const PREVIEW1: &str = "wasi_snapshot_preview1";

impl Wish {
    fn of(import: &str, kind: ModuleKind) -> Self {
        let (base, version) = split_version(import);
        let given = base != MODULES || kind == ModuleKind::Pipeline;
        if !given || !INTERFACES.contains(&base) || !offered_version(base, version) {
            return Self::Unknown;
        }
        match base {
            base if STANDARD.contains(&base) => Self::Standard,
            base if base.starts_with("holobiont:") => Self::Plugin,
            base if base.starts_with("wasi:clocks/") || base.starts_with("wasi:random/") => Self::Virtual,
            base if base.starts_with("wasi:filesystem/") => Self::Files,
            _ => Self::Network,
        }
    }
}

/// `name@version` as its two parts.
pub(crate) fn split_version(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

/// Whether a name is that of an interface which a module may offer to others: any but those of the packages
/// that the host speaks for.
pub(crate) fn is_strangers(name: &str) -> bool {
    let (base, _) = split_version(name);
    base.split_once(':')
        .is_some_and(|(namespace, rest)| !["wasi", "holobiont"].contains(&namespace) && rest.contains('/'))
}

/// Whether a version of an interface is one that this host offers: 0.2.x of WASI, and of its own
/// package the same minor version.
fn offered_version(base: &str, version: &str) -> bool {
    let offered = if base.starts_with("wasi:") { "0.2." } else { minor(PLUGIN_VERSION) };
    version.starts_with(offered)
}

/// `0.1.` of `0.1.0`.
pub(crate) fn minor(version: &str) -> &str {
    version.rfind('.').map_or(version, |dot| &version[..=dot])
}

#[derive(Default)]
struct Level {
    component: bool,
    /// Memories of a core module, its own and imported.
    memories: u64,
    own_instances: u64,
    /// Core instances of each component defined at this level, by its index.
    components: Vec<u64>,
}

struct Scan {
    levels: Vec<Level>,
    imports: Vec<String>,
    exports: Vec<String>,
    functions: u64,
    code_bytes: u64,
    largest_function_bytes: u64,
    core_instances: u64,
    memories: Vec<(u64, Option<u64>)>,
    producers: Vec<String>,
}

/// How deep components may nest: composed ones are a handful deep, and each level makes validating
/// dearer by more than its size.
const MOST_LEVELS: usize = 16;

/// The most names and memories that are kept of a module. Real ones have hundreds; a file of nothing else
/// has millions, and each takes the host many times what it takes the file.
const MOST_KEPT: usize = 20_000;

/// Reads the facts of a module's bytes.
///
/// # Errors
///
/// The outcome that says why they are no module: empty, not wasm, truncated, no entry point, …
pub fn inspect(bytes: &[u8]) -> Result<Facts, Outcome> {
    let core = classify(bytes)?;
    let mut scan = Scan {
        levels: Vec::new(),
        imports: Vec::new(),
        exports: Vec::new(),
        functions: 0,
        code_bytes: 0,
        largest_function_bytes: 0,
        // A core module becomes four: itself, the adapter, and two that join them.
        core_instances: if core { 4 } else { 0 },
        memories: Vec::new(),
        producers: Vec::new(),
    };
    let mut parser = Parser::new(0);
    // A proposal that lets one module name stand for thousands of imports: spelled out as here, 120 KB of
    // them would take 2 GB. The engine does not run it either.
    parser.set_features(WasmFeatures::all().difference(WasmFeatures::COMPACT_IMPORTS));
    for payload in parser.parse_all(bytes) {
        let payload = payload.map_err(|e| broken(bytes, &e))?;
        scan.take(payload).map_err(|e| broken(bytes, &e))?;
        if scan.full() {
            return Err(Outcome::rejected(
                Rejection::TooComplex,
                format_args!("more than {MOST_KEPT} imports, exports and memories"),
            ));
        }
        if scan.levels.last().is_some_and(|level| level.memories > 1) {
            let words = "a core module of two memories, which is a proposal that is switched off here";
            return Err(Outcome::rejected(Rejection::Invalid, words));
        }
        if scan.levels.len() > MOST_LEVELS {
            return Err(Outcome::rejected(
                Rejection::TooComplex,
                format_args!("components nest deeper than {MOST_LEVELS} levels"),
            ));
        }
    }
    scan.finish(bytes.len() as u64, core)
}

/// Tells by their first bytes what they are; `true` for a core module.
fn classify(bytes: &[u8]) -> Result<bool, Outcome> {
    let reject = |reason, words: &str| Err(Outcome::rejected(reason, words));
    if bytes.is_empty() {
        return reject(Rejection::Empty, "the file has 0 bytes; build it again, for wasm32-wasip2");
    }
    if bytes.starts_with(b"\x7fELF") {
        return reject(Rejection::Precompiled, "compiled code is not accepted from outside; give the .wasm file");
    }
    let text = bytes.trim_ascii_start();
    if text.starts_with(b"(module") || text.starts_with(b"(component") || text.starts_with(b";;") {
        return reject(Rejection::Text, "WebAssembly text; turn it into a binary first, as `wasm-tools parse` does");
    }
    if !bytes.starts_with(b"\0asm") {
        if b"\0asm".starts_with(bytes) {
            return reject(Rejection::Truncated, "the file ends in its first four bytes");
        }
        return reject(Rejection::NotWasm, "does not start as a WebAssembly file does; build it for wasm32-wasip2");
    }
    match bytes.get(4..8) {
        None => reject(Rejection::Truncated, "the file ends in its first eight bytes"),
        Some([1, 0, 0, 0]) => Ok(true),
        Some([13, 0, 1, 0]) => Ok(false),
        Some(_) => reject(Rejection::Invalid, "an unknown version of WebAssembly"),
    }
}

pub(crate) fn broken(bytes: &[u8], error: &wasmparser::BinaryReaderError) -> Outcome {
    let at_end = error.offset() >= bytes.len() || error.message().contains("unexpected end");
    let reason = if at_end { Rejection::Truncated } else { Rejection::Invalid };
    let remedy = if at_end { "; copy or build it again" } else { "" };
    let (message, offset) = (error.message(), error.offset());
    Outcome::rejected(reason, format_args!("{message} at byte {offset} of {}{remedy}", bytes.len()))
}

impl Scan {
    /// Whether more was found than is kept; what comes of it is refused.
    fn full(&self) -> bool {
        self.imports.len() + self.exports.len() + self.memories.len() > MOST_KEPT
    }

    fn take(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.levels.push(Level { component: encoding == Encoding::Component, ..Level::default() });
            }
            Payload::End(_) => self.leave(),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if let (TypeRef::Memory(_), Some(level)) = (import.ty, self.levels.last_mut()) {
                        level.memories += 1;
                    }
                    if self.levels.len() == 1 && !self.full() {
                        self.imports.push(format!("{}.{}", import.module, import.name));
                    }
                }
            }
            Payload::ExportSection(section) if self.levels.len() == 1 => {
                for export in section.into_iter().take(MOST_KEPT + 1) {
                    self.exports.push(export?.name.to_owned());
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.into_iter().take(MOST_KEPT + 1) {
                    let import = import?;
                    if let (ComponentTypeRef::Component(_), Some(level)) = (import.ty, self.levels.last_mut()) {
                        // What is imported is somebody else's to count, but it has an index.
                        level.components.push(0);
                    }
                    if self.levels.len() == 1 {
                        self.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.note_alias(&alias?);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.into_iter().take(MOST_KEPT + 1) {
                    let export = export?;
                    if self.levels.len() == 1 && export.kind != ComponentExternalKind::Type {
                        self.exports.push(export.name.name.to_owned());
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let (Instance::Instantiate { .. }, Some(level)) = (instance?, self.levels.last_mut()) {
                        level.own_instances = level.own_instances.saturating_add(1);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let (wasmparser::ComponentInstance::Instantiate { component_index, .. }, Some(level)) =
                        (instance?, self.levels.last_mut())
                    {
                        let inner = level.components.get(component_index as usize).copied().unwrap_or(0);
                        level.own_instances = level.own_instances.saturating_add(inner);
                    }
                }
            }
            Payload::MemorySection(section) => {
                if let Some(level) = self.levels.last_mut() {
                    level.memories += u64::from(section.count());
                }
                for memory in section.into_iter().take(MOST_KEPT + 1) {
                    let memory = memory?;
                    self.memories.push((memory.initial, memory.maximum));
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let bytes = (range.end - range.start) as u64;
                self.functions += 1;
                self.code_bytes = self.code_bytes.saturating_add(bytes);
                self.largest_function_bytes = self.largest_function_bytes.max(bytes);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(producers) = section.as_known() {
                    self.note_producers(producers);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An alias of a component takes the next index, and counts as what it stands for.
    fn note_alias(&mut self, alias: &ComponentAlias<'_>) {
        let counted = match alias {
            ComponentAlias::Outer { kind: wasmparser::ComponentOuterAliasKind::Component, count, index } => {
                let depth = self.levels.len().checked_sub(1 + *count as usize);
                let level = depth.and_then(|depth| self.levels.get(depth));
                level.and_then(|level| level.components.get(*index as usize)).copied().unwrap_or(0)
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => 0,
            _ => return,
        };
        if let Some(level) = self.levels.last_mut() {
            level.components.push(counted);
        }
    }

    fn leave(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        match self.levels.last_mut() {
            Some(outer) if level.component => outer.components.push(level.own_instances),
            Some(_) => {}
            None if level.component => self.core_instances = level.own_instances,
            None => {}
        }
    }

    /// A producers section that does not read is the tools' business, not a fault of the module.
    fn note_producers(&mut self, section: wasmparser::ProducersSectionReader<'_>) {
        for field in section.into_iter().flatten() {
            if field.name != "processed-by" && field.name != "language" {
                continue;
            }
            for value in field.values.into_iter().flatten() {
                let text = printable(&format!("{} {}", value.name, value.version)).trim().to_owned();
                if !self.producers.contains(&text) && self.producers.len() < 32 {
                    self.producers.push(text);
                }
            }
        }
    }

    fn finish(self, bytes: u64, core: bool) -> Result<Facts, Outcome> {
        let kind = if core { self.core_kind()? } else { self.component_kind()? };
        let imports = self
            .imports
            .into_iter()
            .map(|name| {
                let wish = if core { Wish::Standard } else { Wish::of(&name, kind) };
                Import { name, wish }
            })
            .collect();
        Ok(Facts {
            kind,
            bytes,
            imports,
            exports: self.exports,
            functions: self.functions,
            code_bytes: self.code_bytes,
            largest_function_bytes: self.largest_function_bytes,
            core_instances: self.core_instances,
            memories: self.memories,
            producers: self.producers,
        })
    }

    fn core_kind(&self) -> Result<ModuleKind, Outcome> {
        let prefix = format!("{PREVIEW1}.");
        if let Some(import) = self.imports.iter().find(|import| !import.starts_with(&prefix)) {
            return Err(Outcome::rejected(
                Rejection::UnknownImport,
                format_args!("core module imports `{import}`; a core module may import `{PREVIEW1}` only"),
            ));
        }
        if !self.exports.iter().any(|export| export == "_start") {
            return Err(Outcome::rejected(
                Rejection::NoEntryPoint,
                "core module without `_start`: build it as a program for wasm32-wasip1, or as a component",
            ));
        }
        Ok(ModuleKind::CoreCommand)
    }

    fn component_kind(&self) -> Result<ModuleKind, Outcome> {
        let exported =
            |kind: &ModuleKind| self.exports.iter().find(|export| split_version(export).0 == kind.entry_interface());
        for kind in COMPONENT_KINDS {
            let Some(export) = exported(&kind) else { continue };
            let (base, version) = split_version(export);
            if !offered_version(base, version) {
                let offered = if base.starts_with("wasi:") { "0.2" } else { PLUGIN_VERSION };
                return Err(Outcome::rejected(
                    Rejection::InterfaceMismatch,
                    format_args!("exports `{export}`; this host runs version {offered} of it"),
                ));
            }
            return Ok(kind);
        }
        if self.exports.iter().any(|export| is_strangers(export)) {
            return Ok(ModuleKind::Library);
        }
        let found = match self.exports.as_slice() {
            [] => "it exports nothing".to_owned(),
            some => format!("it exports `{}`", some.join("`, `")),
        };
        Err(Outcome::rejected(
            Rejection::NoEntryPoint,
            format_args!(
                "component without an entry point ({found}); expected `holobiont:plugin/module` or `wasi:cli/run`"
            ),
        ))
    }
}
