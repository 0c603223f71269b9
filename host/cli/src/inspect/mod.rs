//! `holobiont inspect`: what a module is, what it wants, and what it is to the other modules of its repository, without
//! running it.

mod repository;

use holobiont_core::graph::HOST_PREFIXES;
use holobiont_core::{Digest, Grants, Outcome, bytes_text, printable};
use holobiont_sandbox::{Facts, Finding, ModuleKind, Statics, Wish, statics};
use serde::Serialize;

use self::repository::Repository;
use crate::args::{Args, InspectArgs};
use crate::context::{module_id, project, read};
use crate::terminal::{print, print_json, say, show};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    module: ModuleFacts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imports: Option<Imports<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exports: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a Outcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grants: Option<&'a Grants>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Scores>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a Repository>,
}

/// Static scores, and what lowered them.
#[derive(Serialize)]
struct Scores {
    maintainability: f64,
    code_quality: f64,
    security_score: f64,
    exposure: f64,
    findings: Vec<FindingFacts>,
}

#[derive(Serialize)]
struct FindingFacts {
    id: &'static str,
    count: u64,
    points: f64,
}

impl Scores {
    fn of(statics: &Statics) -> Self {
        let finding = |f: &Finding| FindingFacts { id: f.id, count: f.count, points: f.points };
        Self {
            maintainability: statics.maintainability,
            code_quality: statics.code_quality,
            security_score: statics.security_score,
            exposure: statics.exposure,
            findings: statics.findings.iter().map(finding).collect(),
        }
    }
}

#[derive(Serialize)]
struct ModuleFacts<'a> {
    id: &'a str,
    digest: Digest,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

/// Imports by what they ask for.
#[derive(Serialize)]
struct Imports<'a> {
    standard: Vec<&'a str>,
    plugin: Vec<&'a str>,
    #[serde(rename = "virtual")]
    virtual_: Vec<&'a str>,
    files: Vec<&'a str>,
    network: Vec<&'a str>,
    unknown: Vec<&'a str>,
}

#[derive(Serialize)]
struct Code<'a> {
    functions: u64,
    code_bytes: u64,
    largest_function_bytes: u64,
    core_instances: u64,
    memories: &'a [(u64, Option<u64>)],
    producers: &'a [String],
}

pub(crate) fn inspect(args: &Args, inspect: &InspectArgs) -> Done {
    let project = project(args)?;
    let bytes = read(&inspect.module)?;
    let id = module_id(&project, &inspect.module);
    let module = ModuleFacts { id: &id, digest: Digest::of(&bytes), bytes: bytes.len() as u64, kind: None };
    let facts = match holobiont_sandbox::inspect(&bytes) {
        Ok(facts) => facts,
        Err(outcome) => {
            if args.json {
                print_json(&Document {
                    schema: "holobiont.inspect/1",
                    module,
                    imports: None,
                    exports: None,
                    code: None,
                    outcome: Some(&outcome),
                    grants: None,
                    scores: None,
                    repository: None,
                })?;
            }
            say(&format!("holobiont: {}: {outcome}", show(&inspect.module)));
            return Ok(Verdict::NotPassed);
        }
    };
    let repository = Repository::of(&project, &inspect.module)?;
    let grants = project.grants_of(&module.digest);
    let statics = statics(&bytes).ok();
    let imports = Imports {
        standard: of(&facts, Wish::Standard),
        plugin: of(&facts, Wish::Plugin),
        virtual_: of(&facts, Wish::Virtual),
        files: of(&facts, Wish::Files),
        network: of(&facts, Wish::Network),
        unknown: of(&facts, Wish::Unknown),
    };
    if args.json {
        print_json(&Document {
            schema: "holobiont.inspect/1",
            module: ModuleFacts { kind: Some(facts.kind.name()), ..module },
            imports: Some(imports),
            exports: Some(&facts.exports),
            code: Some(Code {
                functions: facts.functions,
                code_bytes: facts.code_bytes,
                largest_function_bytes: facts.largest_function_bytes,
                core_instances: facts.core_instances,
                memories: &facts.memories,
                producers: &facts.producers,
            }),
            outcome: None,
            grants: Some(&grants),
            scores: statics.as_ref().map(Scores::of),
            repository: repository.as_ref(),
        })?;
    } else {
        let shown =
            Shown { module: &module, facts: &facts, imports: &imports, grants: &grants, statics: statics.as_ref() };
        print(&shown.text(repository.as_ref()))?;
    }
    Ok(Verdict::Passed)
}

fn of(facts: &Facts, wish: Wish) -> Vec<&str> {
    facts.imports.iter().filter(|import| import.wish == wish).map(|import| import.name.as_str()).collect()
}

/// What there is to say of a module.
struct Shown<'a> {
    module: &'a ModuleFacts<'a>,
    facts: &'a Facts,
    imports: &'a Imports<'a>,
    grants: &'a Grants,
    statics: Option<&'a Statics>,
}

impl Shown<'_> {
    fn text(&self, repository: Option<&Repository>) -> String {
        let mut lines = self.made();
        lines.extend(self.wishes(repository));
        lines.extend(repository.map(Repository::place).unwrap_or_default());
        lines.extend(self.scores());
        lines.push(format!("  gets       {} (by holobiont.toml, for this digest)", self.grants));
        lines.join("\n")
    }

    /// What it is made of.
    fn made(&self) -> Vec<String> {
        let Self { module, facts, .. } = self;
        let mut lines = vec![
            format!("{}: {}, {}", printable(module.id), facts.kind.name(), bytes_text(module.bytes)),
            format!("  digest     {}", module.digest),
        ];
        if !facts.producers.is_empty() {
            lines.push(format!("  made by    {}", facts.producers.join(", ")));
        }
        lines.push(format!(
            "  code       {} in {} functions, the largest {}; {} core instances",
            bytes_text(facts.code_bytes),
            facts.functions,
            bytes_text(facts.largest_function_bytes),
            facts.core_instances
        ));
        for (initial, maximum) in &facts.memories {
            let most =
                maximum.map_or("without a maximum".to_owned(), |pages| format!("at most {}", bytes_text(pages << 16)));
            lines.push(format!("  memory     {} at the start, {most}", bytes_text(initial << 16)));
        }
        lines.extend(facts.exports.iter().map(|export| format!("  exports    {}", printable(export))));
        if facts.kind == ModuleKind::Library {
            lines.push("  runs       not by itself: it is for modules that import what it exports".to_owned());
        }
        lines
    }

    /// What it asks for, and who gives it that.
    fn wishes(&self, repository: Option<&Repository>) -> Vec<String> {
        let imports = self.imports;
        // Names of the host's own that it does not offer are met by no module.
        let is_own = |name: &&str| HOST_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let (own, foreign): (Vec<&str>, Vec<&str>) = imports.unknown.iter().copied().partition(is_own);
        let foreign = foreign.into_iter().filter(|name| repository.is_none_or(|known| !known.tells(name))).collect();
        let wishes: [(&Vec<&str>, &str, &str); 6] = [
            (&imports.plugin, "plugin", "gets telemetry and a workspace of its own"),
            (&imports.virtual_, "clocks", "gets virtual clocks and seeded entropy unless the run is --realtime"),
            (&imports.files, "files", "gets the directories that are granted, none by default"),
            (&imports.network, "network", "gets nothing: each attempt is refused and counted"),
            (&own, "unknown", "gets nothing: this host does not offer it and will refuse the module"),
            (&foreign, "foreign", "this host does not offer it: it takes another module that exports it"),
        ];
        let mut lines = Vec::new();
        for (names, what, gets) in wishes {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| printable(name)).collect();
                lines.push(format!("  wants      {what}: {} ({gets})", names.join(", ")));
            }
        }
        lines.extend(repository.map(Repository::wishes).unwrap_or_default());
        if !imports.standard.is_empty() {
            lines.push(format!(
                "  standard   {} imports that a standard library always has; no authority behind them",
                imports.standard.len()
            ));
        }
        lines
    }

    fn scores(&self) -> Vec<String> {
        let Some(statics) = self.statics else { return Vec::new() };
        let mut lines = vec![format!(
            "  scores     maintainability {:.0}, code quality {:.0}, security {:.0} of 100; exposure {:.2}",
            statics.maintainability, statics.code_quality, statics.security_score, statics.exposure
        )];
        for finding in statics.findings.iter().filter(|finding| finding.points >= 1.0) {
            let Finding { id, count, extent, unit, points, .. } = finding;
            lines.push(format!("             -{points:.1} {id}: {count} ({extent:.1} {unit})"));
        }
        lines
    }
}
