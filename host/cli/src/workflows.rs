//! `holobiont workflows`: what they hold, and what is wrong with them.

use holobiont::{FileState, WorkflowListed, WorkflowRead, WorkflowShown};
use holobiont_core::{ModuleId, printable};
use serde::Serialize;

use crate::args::{Args, WorkflowsArgs, WorkflowsCommand};
use crate::context::project;
use crate::fault::Fault;
use crate::terminal::{print, print_json, table};
use crate::{Done, Verdict};

pub(crate) fn workflows(args: &Args, asked: &WorkflowsArgs) -> Done {
    match &asked.command {
        WorkflowsCommand::List => list(args),
        WorkflowsCommand::Show { name } => show(args, name),
        WorkflowsCommand::Check { names } => check(args, names),
    }
}

#[derive(Serialize)]
struct ListDocument<'a> {
    schema: &'static str,
    workflows: &'a [WorkflowListed],
}

fn list(args: &Args) -> Done {
    let workflows = project(args)?.workflows()?;
    if args.json {
        print_json(&ListDocument { schema: "holobiont.workflows/1", workflows: &workflows })?;
        return Ok(Verdict::Passed);
    }
    if workflows.is_empty() {
        print("No workflows: they are the files workflows/*.toml.")?;
        return Ok(Verdict::Passed);
    }
    let mut rows = table(&["workflow", "file", "steps", "members", "inputs", "reads"], 2..5);
    for workflow in &workflows {
        let file = printable(&workflow.file);
        rows.add_row(match &workflow.read {
            WorkflowRead::Wrong { error } => {
                [String::new(), file, String::new(), String::new(), String::new(), format!("no: {error}")]
            }
            WorkflowRead::Good { name, steps, members, inputs } => {
                [printable(name), file, steps.to_string(), members.to_string(), count(*inputs), "yes".to_owned()]
            }
        });
    }
    print(&rows.to_string())?;
    Ok(Verdict::Passed)
}

fn count(inputs: Option<usize>) -> String {
    inputs.map_or_else(|| "missing".to_owned(), |count| count.to_string())
}

#[derive(Serialize)]
struct ShowDocument<'a> {
    schema: &'static str,
    #[serde(flatten)]
    shown: &'a WorkflowShown,
}

fn show(args: &Args, name: &str) -> Done {
    let shown = project(args)?.workflow_shown(name)?;
    if args.json {
        print_json(&ShowDocument { schema: "holobiont.workflow/1", shown: &shown })?;
    } else {
        print(&text(&shown)?)?;
    }
    Ok(Verdict::Passed)
}

fn text(shown: &WorkflowShown) -> Result<String, Fault> {
    let workflow = &shown.workflow;
    let mut rows = table(&["", "module", "digest", "integrated", "parameters"], 0..0);
    let mut row = |place: String, id: &ModuleId, parameters: String| {
        let known = shown.modules.get(id);
        let digest = known.and_then(|known| known.digest).map_or_else(|| "missing".to_owned(), |digest| digest.short());
        let integrated = match known.and_then(|known| known.integrated) {
            None => "no".to_owned(),
            Some(file) => format!("yes, {}", state(file)),
        };
        rows.add_row([place, id.to_string(), digest, integrated, parameters]);
    };
    for (place, step) in workflow.steps.iter().enumerate() {
        let parameters =
            step.parameters.iter().map(|(name, value)| format!("{}={}", printable(name), printable(value)));
        row(format!("step {}", place + 1), &step.module, parameters.collect::<Vec<_>>().join(", "));
    }
    for member in &workflow.members {
        row("member".to_owned(), &member.module, String::new());
    }
    // As the file says it, which is how a person knows it.
    let written = serde_json::to_value(workflow).map_err(|error| Fault::Host(error.to_string()))?;
    let mut said = vec![format!("{}: {}", printable(&workflow.name), printable(&shown.file))];
    if !workflow.summary.is_empty() {
        said.push(printable(&workflow.summary));
    }
    said.push(format!("inputs: {}", count(shown.inputs)));
    said.push(format!("objective: {}", printable(&keys(&written["objective"]))));
    Ok(format!("{}\n\n{rows}", said.join("\n")))
}

/// A table as one line.
fn keys(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(table) => {
            let keys = table.iter().map(|(key, value)| match value.is_object() {
                true => format!("{key} ({})", keys(value)),
                false => format!("{key} {}", keys(value)),
            });
            keys.collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What became of a module's file, in words.
pub(crate) fn state(file: FileState) -> &'static str {
    match file {
        FileState::AsMeasured => "as measured",
        FileState::Changed => "changed since",
        FileState::Missing => "missing",
    }
}

#[derive(Serialize)]
struct CheckDocument {
    schema: &'static str,
    passed: bool,
    workflows: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
    file: String,
    problems: Vec<String>,
}

fn check(args: &Args, names: &[String]) -> Done {
    let checked = project(args)?.check_workflows(names)?;
    let passed = checked.iter().all(|workflow| workflow.problems.is_empty());
    let verdict = if passed { Verdict::Passed } else { Verdict::NotPassed };
    let workflows: Vec<Checked> = checked
        .into_iter()
        .map(|workflow| Checked {
            file: workflow.file,
            problems: workflow.problems.iter().map(ToString::to_string).collect(),
        })
        .collect();
    if args.json {
        print_json(&CheckDocument { schema: "holobiont.workflow-check/1", passed, workflows })?;
        return Ok(verdict);
    }
    let mut lines = Vec::new();
    for Checked { file, problems } in &workflows {
        let file = printable(file);
        if problems.is_empty() {
            lines.push(format!("{file}: ok"));
        }
        lines.extend(problems.iter().map(|problem| format!("{file}: {problem}")));
    }
    if lines.is_empty() {
        lines.push("No workflows: they are the files workflows/*.toml.".to_owned());
    }
    print(&lines.join("\n"))?;
    Ok(verdict)
}
