//! What discovery finds in folders that are made here.

use std::fs;
use std::path::{Path, PathBuf};

use holobiont_core::graph::{Integrated, ModuleMap, OrphanModules};
use holobiont_core::{Digest, ModuleId};
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, CustomSection, InstanceType,
};

use super::{DiscoverError, Discovery, SkipReason};
use crate::project::Project;

mod documents;
mod files;
mod graphs;
mod remembered;

/// A repository that is taken away afterwards.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        path
    }

    /// Writes a component with some imports and exports, whose bytes are its own.
    fn component(&self, name: &str, imports: &[&str], exports: &[&str]) -> Digest {
        let bytes = component(imports, exports, name);
        self.write(name, &bytes);
        Digest::of(&bytes)
    }

    fn project(&self) -> Project {
        let found = Project::find(self.folder.path(), Some(&self.settings("")), &|_| None);
        found.expect("a project")
    }

    /// Writes holobiont.toml unless there is one.
    fn settings(&self, text: &str) -> PathBuf {
        let path = self.path("holobiont.toml");
        if !text.is_empty() || !path.exists() {
            fs::write(&path, text).expect("written");
        }
        path
    }

    fn discover(&self) -> Discovery {
        self.project().discover(&[]).expect("discovered")
    }

    /// What is discovered long after the files were last changed.
    fn later(&self) -> Discovery {
        let project = self.project();
        let discovery = project.discover_at(&[], i128::from(u64::MAX)).expect("discovered");
        project.keep_cache(&discovery);
        discovery
    }

    fn map(&self, modules: &[(&str, Digest)]) {
        let entry = |(path, digest): &(&str, Digest)| {
            (id(path), Integrated { digest: *digest, group: Vec::new(), since_ms: 1 })
        };
        let map = ModuleMap { modules: modules.iter().map(entry).collect() };
        self.write("sandbox_data/module_map.json", map.to_json().expect("json"));
    }
}

/// A component whose parts that others see are real, and whose bytes hold a note.
fn component(imports: &[&str], exports: &[&str], note: &str) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let (mut imported, mut exported) = (ComponentImportSection::new(), ComponentExportSection::new());
    for import in imports {
        imported.import(*import, ComponentTypeRef::Instance(0));
    }
    let mut instances = ComponentInstanceSection::new();
    instances.export_items::<&str, _>([]);
    for export in exports {
        let place = u32::try_from(imports.len()).expect("a few");
        exported.export(*export, ComponentExportKind::Instance, place, None);
    }
    let note = Digest::of(note.as_bytes());
    let mut component = Component::new();
    component.section(&types).section(&imported).section(&instances).section(&exported);
    component.section(&CustomSection { name: "note".into(), data: note.as_bytes().as_slice().into() });
    component.finish()
}

/// The entry point of a candidate.
const CANDIDATE: &str = "holobiont:plugin/module@0.1.0";

fn id(path: &str) -> ModuleId {
    ModuleId::new(path).expect("an id")
}

fn ids<'a>(ids: impl IntoIterator<Item = &'a ModuleId>) -> Vec<&'a str> {
    ids.into_iter().map(ModuleId::as_str).collect()
}

fn orphans(discovery: &Discovery) -> Vec<&str> {
    ids(discovery.orphans.keys())
}

/// Each thing that was skipped, as `path: reason`.
fn skipped(discovery: &Discovery) -> Vec<String> {
    discovery.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, skipped.reason)).collect()
}

fn reason<'a>(discovery: &'a Discovery, path: &str) -> &'a str {
    discovery.orphans[&id(path)].reason.as_deref().unwrap_or("none")
}

fn set_modified(path: &Path, time: std::time::SystemTime) {
    let file = fs::File::options().write(true).open(path).expect("a file");
    file.set_times(fs::FileTimes::new().set_modified(time)).expect("set");
}
