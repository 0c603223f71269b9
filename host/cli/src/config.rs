//! `holobiont config`.

use holobiont_core::printable;
use serde::Serialize;

use crate::args::Args;
use crate::context::project;
use crate::terminal::{print, print_json, show, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    root: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    settings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: String,
    origin: String,
}

pub(crate) fn config(args: &Args) -> Done {
    let project = project(args)?;
    let rows: Vec<Row> = project
        .settings
        .all()
        .into_iter()
        .map(|setting| Row { key: setting.key, value: setting.value, origin: setting.origin.to_string() })
        .collect();
    if args.json {
        print_json(&Document {
            schema: "holobiont.config/1",
            root: project.root.to_string_lossy().into_owned(),
            file: project.file.as_ref().map(|path| path.to_string_lossy().into_owned()),
            settings: rows,
        })?;
        return Ok(Verdict::Passed);
    }
    match &project.file {
        Some(path) => print(&format!("Settings of {}\n", show(path)))?,
        None => print("No holobiont.toml in this folder or above: every setting has its default.\n")?,
    }
    let mut shown = table(&["setting", "value", "from"], 1..2);
    for row in rows {
        shown.add_row([row.key, printable(&row.value), row.origin]);
    }
    print(&shown.to_string())?;
    Ok(Verdict::Passed)
}
