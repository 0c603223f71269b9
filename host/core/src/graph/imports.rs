//! From what modules import and export to who meets whom.

use std::collections::BTreeMap;

use super::cycles::{Cycle, rounds};
use super::documents::ModuleMap;
use super::facts::ModuleFacts;
use super::import_error::ImportError;
use super::interface::{Interface, Slot, Track};
use super::links::Links;
use crate::id::ModuleId;

/// How the names of what the host offers itself begin; the last is that of core modules.
pub const HOST_PREFIXES: &[&str] = &["wasi:", "holobiont:plugin/", "wasi_snapshot_preview1."];

/// Who imports what others export. Inside, a module is its place in the order of ids.
#[derive(Clone, Debug)]
pub struct ImportGraph {
    pub(super) nodes: Vec<Node>,
    exporters: BTreeMap<Slot, Exporters>,
    cycles: Vec<Cycle>,
}

/// A module among the others.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) facts: ModuleFacts,
    pub(super) integrated: bool,
    /// What it imports and the host does not offer, by name, each once.
    pub(super) imports: Vec<Import>,
    /// The modules that meet those, ascending.
    pub(super) needs: Vec<usize>,
    /// The modules of which it meets an import, ascending.
    pub(super) users: Vec<usize>,
    /// Its cycle, if it is in one.
    pub(super) cycle: Option<usize>,
}

/// An import that the host does not offer.
#[derive(Clone, Debug)]
pub(super) struct Import {
    name: String,
    met: Met,
}

/// Who meets an import.
#[derive(Clone, Debug)]
enum Met {
    By(Exporter),
    Nobody(Interface),
    /// More than one could.
    Several(Interface),
    /// The one that was named does not export it.
    Astray(Interface, ModuleId),
    /// Its name is that of no interface.
    Unnamed,
}

/// A module that exports an interface, and which of its exports that is.
#[derive(Clone, Copy, Debug)]
struct Exporter {
    module: usize,
    export: usize,
}

/// Those who export an interface, ascending.
#[derive(Clone, Debug, Default)]
struct Exporters {
    all: Vec<Exporter>,
    integrated: Vec<Exporter>,
}

/// An import of one module that an export of another meets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge<'a> {
    /// Who imports.
    pub importer: &'a ModuleId,
    /// What, as the importer spells it.
    pub import: &'a str,
    /// Who exports it.
    pub exporter: &'a ModuleId,
    /// As what, as the exporter spells it.
    pub export: &'a str,
}

impl ImportGraph {
    /// The graph of some modules; of facts with one and the same id the last count.
    ///
    /// An import whose name begins with one of `host` is left to the host. Any other is met by the module that exports
    /// the interface in a version that goes with it; no module meets its own imports. Of several it is the one that is
    /// integrated, then the one that `links` names, then, where all have the same code, the one that is kept of such
    /// twins; otherwise none is. A row of `links` whose module does not export the interface is a mistake, and is
    /// named as one even where the import could be met without it.
    #[must_use]
    pub fn new(facts: impl IntoIterator<Item = ModuleFacts>, map: &ModuleMap, links: &Links, host: &[&str]) -> Self {
        let facts: BTreeMap<ModuleId, ModuleFacts> = facts.into_iter().map(|facts| (facts.id.clone(), facts)).collect();
        let node = |facts: ModuleFacts| {
            let integrated = map.modules.contains_key(&facts.id);
            Node { facts, integrated, imports: Vec::new(), needs: Vec::new(), users: Vec::new(), cycle: None }
        };
        let nodes: Vec<Node> = facts.into_values().map(node).collect();
        let exporters = exporters(&nodes, host);
        let mut graph = Self { nodes, exporters, cycles: Vec::new() };
        for importer in 0..graph.nodes.len() {
            graph.nodes[importer].imports = graph.imports(importer, links, host);
        }
        graph.connect();
        graph
    }

    fn imports(&self, importer: usize, links: &Links, host: &[&str]) -> Vec<Import> {
        let facts = &self.nodes[importer].facts;
        let mut names: Vec<&String> = facts.imports.iter().filter(|name| !is_offered(name, host)).collect();
        names.sort_unstable();
        names.dedup();
        let import = |name: &String| {
            let met = match name.parse::<Interface>() {
                Err(_) => Met::Unnamed,
                // What a row says to everybody does not concern the module that it names.
                Ok(interface) => {
                    let link = links.module_for(&facts.id, &interface).filter(|module| **module != facts.id);
                    self.met(importer, interface, link)
                }
            };
            Import { name: name.clone(), met }
        };
        names.into_iter().map(import).collect()
    }

    fn met(&self, importer: usize, interface: Interface, link: Option<&ModuleId>) -> Met {
        let nobody = Exporters::default();
        let exporters = self.exporters.get(interface.slot()).unwrap_or(&nobody);
        let linked = link.map(|module| (module, self.place(module).and_then(|place| exporters.of(place))));
        if let Some((module, None)) = linked {
            return Met::Astray(interface, module.clone());
        }
        let mut choice = exporters.choice(importer);
        let Some(first) = choice.next() else { return Met::Nobody(interface) };
        let Some(second) = choice.next() else { return Met::By(first) };
        let code = |exporter: Exporter| self.nodes[exporter.module].facts.code_digest;
        match linked {
            Some((_, Some(linked))) => Met::By(linked),
            _ if [second].into_iter().chain(choice).all(|other| code(other) == code(first)) => Met::By(first),
            _ => Met::Several(interface),
        }
    }

    /// Fills in who needs whom, and finds the cycles.
    fn connect(&mut self) {
        for importer in 0..self.nodes.len() {
            let met = |import: &Import| if let Met::By(exporter) = import.met { Some(exporter.module) } else { None };
            let mut needs: Vec<usize> = self.nodes[importer].imports.iter().filter_map(met).collect();
            needs.sort_unstable();
            needs.dedup();
            for exporter in &needs {
                self.nodes[*exporter].users.push(importer);
            }
            self.nodes[importer].needs = needs;
        }
        let needs: Vec<&[usize]> = self.nodes.iter().map(|node| node.needs.as_slice()).collect();
        let rounds = rounds(&needs);
        self.cycles = rounds
            .iter()
            .map(|round| Cycle { members: self.ids(&round.members), path: self.ids(&round.path) })
            .collect();
        for (number, round) in rounds.iter().enumerate() {
            for member in &round.members {
                self.nodes[*member].cycle = Some(number);
            }
        }
    }

    /// What is known of the modules, in the order of their ids.
    pub fn modules(&self) -> impl Iterator<Item = &ModuleFacts> {
        self.nodes.iter().map(|node| &node.facts)
    }

    /// What is known of a module.
    #[must_use]
    pub fn module(&self, id: &ModuleId) -> Option<&ModuleFacts> {
        self.place(id).map(|place| &self.nodes[place].facts)
    }

    /// The imports that other modules meet, by importer and name.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.nodes.iter().flat_map(move |node| node.imports.iter().filter_map(move |import| self.edge(node, import)))
    }

    fn edge<'a>(&'a self, node: &'a Node, import: &'a Import) -> Option<Edge<'a>> {
        let Met::By(Exporter { module, export }) = import.met else { return None };
        let exporter = &self.nodes[module].facts;
        Some(Edge {
            importer: &node.facts.id,
            import: &import.name,
            exporter: &exporter.id,
            export: &exporter.exports[export],
        })
    }

    /// What a module imports and the host does not offer, by name, as it spells it: the edge to the module that meets
    /// it, or why none does. Nothing for a module that is not among these.
    pub fn needs_of<'a>(
        &'a self,
        id: &ModuleId,
    ) -> impl Iterator<Item = (&'a str, Result<Edge<'a>, ImportError>)> + use<'a> {
        let imports = self
            .place(id)
            .into_iter()
            .flat_map(move |place| self.nodes[place].imports.iter().map(move |import| (place, import)));
        imports.filter_map(move |(place, import)| {
            let met = match self.edge(&self.nodes[place], import) {
                Some(edge) => Ok(edge),
                None => Err(self.error(place, import)?),
            };
            Some((import.name.as_str(), met))
        })
    }

    /// The modules of which a module meets an import, in the order of their ids.
    pub fn importers_of<'a>(&'a self, id: &ModuleId) -> impl Iterator<Item = &'a ModuleId> + use<'a> {
        self.place(id).into_iter().flat_map(move |place| self.nodes[place].users.iter().map(|user| self.id(*user)))
    }

    /// The imports that neither the host nor a module meets, by importer and name.
    pub fn unmet(&self) -> impl Iterator<Item = ImportError> {
        (0..self.nodes.len()).flat_map(move |importer| self.unmet_of(importer))
    }

    /// The groups of modules that import each other in a circle, by their least members.
    #[must_use]
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    pub(super) fn unmet_of(&self, importer: usize) -> impl Iterator<Item = ImportError> {
        self.nodes[importer].imports.iter().filter_map(move |import| self.error(importer, import))
    }

    fn error(&self, importer: usize, import: &Import) -> Option<ImportError> {
        let id = self.id(importer).clone();
        Some(match &import.met {
            Met::By(_) => return None,
            Met::Unnamed => ImportError::NoInterface { importer: id, import: import.name.clone() },
            Met::Nobody(interface) => ImportError::Missing {
                importer: id,
                import: interface.clone(),
                other: self.other_version(importer, interface),
            },
            Met::Several(interface) => ImportError::Ambiguous {
                importer: id,
                import: interface.clone(),
                candidates: self.candidates(importer, interface),
            },
            Met::Astray(interface, module) => ImportError::Astray {
                importer: id,
                import: interface.clone(),
                module: module.clone(),
                candidates: self.candidates(importer, interface),
            },
        })
    }

    fn candidates(&self, importer: usize, interface: &Interface) -> Vec<ModuleId> {
        let exporters = self.exporters.get(interface.slot()).map_or(&[][..], |exporters| &exporters.all);
        exporters.iter().filter(|other| other.module != importer).map(|other| self.id(other.module).clone()).collect()
    }

    /// Somebody else who exports an interface in a version that does not go with the one asked for.
    fn other_version(&self, importer: usize, interface: &Interface) -> Option<(ModuleId, Interface)> {
        let least = Slot { name: interface.name().to_owned(), track: Track::Unversioned };
        let versions = self.exporters.range(least..).take_while(|(slot, _)| slot.name == interface.name());
        let mut exporters = versions.flat_map(|(_, exporters)| &exporters.all);
        let other = exporters.find(|other| other.module != importer)?;
        let facts = &self.nodes[other.module].facts;
        Some((facts.id.clone(), facts.exports[other.export].parse().ok()?))
    }

    pub(super) fn place(&self, id: &ModuleId) -> Option<usize> {
        self.nodes.binary_search_by(|node| node.facts.id.cmp(id)).ok()
    }

    pub(super) fn id(&self, place: usize) -> &ModuleId {
        &self.nodes[place].facts.id
    }

    pub(super) fn ids(&self, places: &[usize]) -> Vec<ModuleId> {
        places.iter().map(|place| self.id(*place).clone()).collect()
    }

    /// The cycle that a module is in.
    pub(super) fn cycle_of(&self, place: usize) -> Option<&Cycle> {
        self.nodes[place].cycle.and_then(|number| self.cycles.get(number))
    }
}

impl Exporters {
    /// Those among which an importer has the choice: of the others the integrated ones, where there are any.
    fn choice(&self, importer: usize) -> impl Iterator<Item = Exporter> {
        let is_other = move |exporter: &Exporter| exporter.module != importer;
        let some = if self.integrated.iter().any(is_other) { &self.integrated } else { &self.all };
        some.iter().copied().filter(is_other)
    }

    /// A module's own export of the interface.
    fn of(&self, module: usize) -> Option<Exporter> {
        let place = self.all.binary_search_by_key(&module, |exporter| exporter.module).ok()?;
        self.all.get(place).copied()
    }
}

fn exporters(nodes: &[Node], host: &[&str]) -> BTreeMap<Slot, Exporters> {
    let mut found: BTreeMap<Slot, Exporters> = BTreeMap::new();
    for (module, node) in nodes.iter().enumerate() {
        for (export, name) in node.facts.exports.iter().enumerate().filter(|(_, name)| !is_offered(name, host)) {
            let Ok(interface) = name.parse::<Interface>() else { continue };
            let exporters = found.entry(interface.slot().clone()).or_default();
            // Of an interface that it exports in two versions that go together, a module offers the first.
            if exporters.all.last().is_some_and(|last| last.module == module) {
                continue;
            }
            exporters.all.push(Exporter { module, export });
            if node.integrated {
                exporters.integrated.push(Exporter { module, export });
            }
        }
    }
    found
}

fn is_offered(name: &str, host: &[&str]) -> bool {
    host.iter().any(|prefix| name.starts_with(prefix))
}
