//! `holobiont discover`: which modules there are, who imports from whom, and what nobody uses yet.

use std::collections::BTreeMap;

use holobiont::Discovery;
use holobiont_core::graph::{Cycle, ImportError, Orphan, OrphanModules};
use holobiont_core::{ModuleId, printable};
use serde::Serialize;

use crate::args::{Args, DiscoverArgs};
use crate::context::project;
use crate::terminal::{named, print, print_json, section};
use crate::{Done, Verdict};

/// The most of a kind that are printed; a document has all of them.
const MOST_SHOWN: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    dry_run: bool,
    modules: BTreeMap<&'a ModuleId, &'static str>,
    edges: Vec<Edge<'a>>,
    orphans: BTreeMap<&'a ModuleId, OrphanFacts<'a>>,
    isolated: Vec<&'a ModuleId>,
    cycles: Vec<CycleFacts<'a>>,
    unmet: Vec<Unmet>,
    changed: &'a [ModuleId],
    missing: &'a [ModuleId],
    skipped: Vec<SkippedFacts<'a>>,
    listed: Vec<&'a ModuleId>,
    parsed: usize,
    unchanged: usize,
}

#[derive(Serialize)]
struct Edge<'a> {
    importer: &'a ModuleId,
    import: &'a str,
    exporter: &'a ModuleId,
    export: &'a str,
}

#[derive(Serialize)]
struct OrphanFacts<'a> {
    kind: &'static str,
    #[serde(flatten)]
    orphan: &'a Orphan,
}

#[derive(Serialize)]
struct CycleFacts<'a> {
    members: &'a [ModuleId],
    path: &'a [ModuleId],
}

/// An import that nobody meets. Of one that several could meet there are all who export it.
#[derive(Serialize)]
struct Unmet {
    importer: ModuleId,
    reason: String,
    exporters: Vec<ModuleId>,
}

#[derive(Serialize)]
struct SkippedFacts<'a> {
    path: &'a str,
    reason: String,
}

pub(crate) fn discover(args: &Args, asked: &DiscoverArgs) -> Done {
    let project = project(args)?;
    let reached = project.reached_by_workflows()?;
    let mut found = project.discover_dry(&reached.modules)?;
    found.skipped.extend(reached.skipped);
    let (list, before) = project.orphan_list(&found, asked.refresh_orphans)?;
    if !asked.dry_run {
        project.keep_discovery(&found, &list, before)?;
    }
    if args.json {
        print_json(&document(&found, &list, asked.dry_run))?;
    } else {
        print(&text(&found, &list, asked.dry_run))?;
    }
    Ok(Verdict::Passed)
}

fn document<'a>(found: &'a Discovery, list: &'a OrphanModules, dry_run: bool) -> Document<'a> {
    let edge = |edge: holobiont_core::graph::Edge<'a>| Edge {
        importer: edge.importer,
        import: edge.import,
        exporter: edge.exporter,
        export: edge.export,
    };
    let orphan = |(id, orphan): (&'a ModuleId, &'a Orphan)| (id, OrphanFacts { kind: kind(found, id), orphan });
    let unmet = |error: ImportError| Unmet {
        importer: error.importer().clone(),
        reason: error.to_string(),
        exporters: exporters(error),
    };
    Document {
        schema: "holobiont.discovery/1",
        dry_run,
        modules: found.kinds.iter().map(|(id, kind)| (id, kind.name())).collect(),
        edges: found.graph.edges().map(edge).collect(),
        orphans: found.orphans.iter().map(orphan).collect(),
        isolated: found.isolated.iter().collect(),
        cycles: found.graph.cycles().iter().map(|Cycle { members, path }| CycleFacts { members, path }).collect(),
        unmet: found.graph.unmet().map(unmet).collect(),
        changed: &found.changed,
        missing: &found.missing,
        skipped: found
            .skipped
            .iter()
            .map(|skipped| SkippedFacts { path: &skipped.path, reason: skipped.reason.to_string() })
            .collect(),
        listed: list.modules.keys().collect(),
        parsed: found.parsed,
        unchanged: found.unchanged,
    }
}

/// Those who export what an import asks for.
fn exporters(error: ImportError) -> Vec<ModuleId> {
    match error {
        ImportError::Ambiguous { candidates, .. } | ImportError::Astray { candidates, .. } => candidates,
        _ => Vec::new(),
    }
}

fn kind(found: &Discovery, id: &ModuleId) -> &'static str {
    found.kinds.get(id).map_or("module", |kind| kind.name())
}

fn text(found: &Discovery, list: &OrphanModules, dry_run: bool) -> String {
    let mut lines = vec![format!(
        "{} modules, {} imports between them; {} that nobody uses, {} of those with no connection to another",
        found.kinds.len(),
        found.graph.edges().count(),
        found.orphans.len(),
        found.isolated.len()
    )];
    section(&mut lines, "Orphans", MOST_SHOWN, found.orphans.iter().map(|(id, orphan)| orphan_line(found, id, orphan)));
    section(&mut lines, "Isolated", MOST_SHOWN, found.isolated.iter().map(ModuleId::to_string));
    section(&mut lines, "Circles", MOST_SHOWN, found.graph.cycles().iter().map(Cycle::to_string));
    section(&mut lines, "Imports that nobody meets", MOST_SHOWN, found.graph.unmet().map(|error| error.to_string()));
    section(
        &mut lines,
        "Changed since they were integrated",
        MOST_SHOWN,
        found.changed.iter().map(ModuleId::to_string),
    );
    section(&mut lines, "Integrated and not there", MOST_SHOWN, found.missing.iter().map(ModuleId::to_string));
    let skipped =
        found.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, printable(&skipped.reason.to_string())));
    section(&mut lines, "Skipped", MOST_SHOWN, skipped);
    let done = if dry_run { "would list" } else { "lists" };
    lines.push(format!(
        "\norphan_modules.json {done} {}; {} contents were new, {} files were as they had been",
        list.modules.len(),
        found.parsed,
        found.unchanged
    ));
    lines.join("\n")
}

fn orphan_line(found: &Discovery, id: &ModuleId, orphan: &Orphan) -> String {
    let mut words = vec![kind(found, id).to_owned()];
    if orphan.redundant {
        words.push("redundant".to_owned());
    }
    let parents = named(orphan.parents.iter().map(ModuleId::to_string));
    words.extend(parents.map(|parents| format!("imported by {parents}")));
    let reason = orphan.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", printable(reason)));
    format!("{id} ({}){reason}", words.join("; "))
}
