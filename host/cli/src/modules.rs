//! `holobiont modules`: what is integrated, and changing that by hand.

use holobiont::{MappedModule, ModuleShown, Role, SqliteStore};
use holobiont_core::graph::Integrated;
use holobiont_core::{Digest, ModuleId, printable};
use serde::Serialize;

use crate::args::{Args, ModulesArgs, ModulesCommand};
use crate::context::project;
use crate::history::when;
use crate::terminal::{named, print, print_json, table};
use crate::workflows::state;
use crate::{Done, Verdict};

pub(crate) fn modules(args: &Args, asked: &ModulesArgs) -> Done {
    match &asked.command {
        ModulesCommand::List => list(args),
        ModulesCommand::Show(asked) => show(args, &asked.module),
        ModulesCommand::Pin(asked) => pin(args, &asked.module),
        ModulesCommand::Remove(asked) => remove(args, &asked.module),
    }
}

#[derive(Serialize)]
struct ListDocument<'a> {
    schema: &'static str,
    modules: &'a [MappedModule],
}

fn list(args: &Args) -> Done {
    let modules = project(args)?.modules()?;
    if args.json {
        print_json(&ListDocument { schema: "holobiont.modules/1", modules: &modules })?;
        return Ok(Verdict::Passed);
    }
    if modules.is_empty() {
        print("No modules are integrated.")?;
        return Ok(Verdict::Passed);
    }
    let mut rows = table(&["module", "digest", "since", "file", "passed with"], 0..0);
    for module in &modules {
        let Integrated { digest, group, since_ms } = &module.integrated;
        rows.add_row([
            module.id.to_string(),
            digest.short(),
            when(*since_ms),
            state(module.file).to_owned(),
            named(group.iter().filter(|member| **member != module.id).map(|member| member.short().to_owned()))
                .unwrap_or_default(),
        ]);
    }
    print(&rows.to_string())?;
    Ok(Verdict::Passed)
}

fn ids(group: &[ModuleId]) -> String {
    group.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[derive(Serialize)]
struct ShowDocument<'a> {
    schema: &'static str,
    #[serde(flatten)]
    shown: &'a ModuleShown,
}

fn show(args: &Args, name: &str) -> Done {
    let shown = project(args)?.module(name)?;
    if args.json {
        print_json(&ShowDocument { schema: "holobiont.module/1", shown: &shown })?;
    } else {
        print(&text(&shown))?;
    }
    Ok(Verdict::Passed)
}

fn text(shown: &ModuleShown) -> String {
    let digest = shown.digest.map_or_else(|| "its file is missing".to_owned(), |digest| digest.to_string());
    let mut lines = vec![format!("{}: {digest}", shown.id)];
    match (&shown.integrated, shown.file) {
        (Some(Integrated { digest, group, since_ms }), Some(file)) => {
            lines.push(format!("integrated since {}, {}", when(*since_ms), state(file)));
            if shown.digest != Some(*digest) {
                lines.push(format!("measured with {digest}"));
            }
            if !group.is_empty() {
                lines.push(format!("passed with {}", ids(group)));
            }
        }
        _ => lines.push("not integrated".to_owned()),
    }
    for used in &shown.used_by {
        lines.push(format!("{} of {}", role(used.role), printable(&used.workflow)));
    }
    if let Some(orphan) = &shown.orphan {
        let mut words = "an orphan".to_owned();
        if orphan.redundant {
            words += ", redundant";
        }
        if !orphan.parents.is_empty() {
            words += &format!(", imported by {}", ids(&orphan.parents));
        }
        if let Some(reason) = &orphan.reason {
            words += &format!(": {}", printable(reason));
        }
        lines.push(words);
    }
    lines.join("\n")
}

/// What a workflow has a module for, in words.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Step => "a step",
        Role::Member => "a member",
        Role::Scorer => "the scorer",
    }
}

#[derive(Serialize)]
struct ChangeDocument<'a> {
    schema: &'static str,
    module: &'a ModuleId,
    /// `pinned`, `removed`, or `none`.
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    workflows: &'a [String],
}

impl<'a> ChangeDocument<'a> {
    fn new(module: &'a ModuleId, change: &'static str, digest: Option<Digest>, workflows: &'a [String]) -> Self {
        Self { schema: "holobiont.module-change/1", module, change, digest, workflows }
    }
}

fn pin(args: &Args, name: &str) -> Done {
    let project = project(args)?;
    let Some(change) = project.pinning(name)? else {
        let shown = project.module(name)?;
        let words = format!("{} is integrated with the bytes that it has: nothing changed", shown.id);
        return told(args, &ChangeDocument::new(&shown.id, "none", shown.digest, &[]), &words);
    };
    let (module, digest) = (change.module.clone(), change.digest);
    change.make(&SqliteStore::open(&project.database())?)?;
    let short = digest.map(|digest| digest.short()).unwrap_or_default();
    let words = format!("{module} is integrated as it is now, {short}: by hand, no test was made");
    told(args, &ChangeDocument::new(&module, "pinned", digest, &[]), &words)
}

fn remove(args: &Args, name: &str) -> Done {
    let project = project(args)?;
    let change = project.removing(name)?;
    let (module, digest, workflows) = (change.module.clone(), change.digest, change.workflows.clone());
    change.make(&SqliteStore::open(&project.database())?)?;
    let mut words = format!("{module} is removed, and an orphan now");
    for workflow in &workflows {
        words += &format!("\n{} is without it", printable(workflow));
    }
    told(args, &ChangeDocument::new(&module, "removed", digest, &workflows), &words)
}

fn told(args: &Args, document: &ChangeDocument<'_>, words: &str) -> Done {
    if args.json {
        print_json(document)?
    } else {
        print(words)?
    }
    Ok(Verdict::Passed)
}
