//! `holobiont presets`: environments by their keys.

mod adapt;

use std::path::Path;

use holobiont::Adapted;
use holobiont_core::{Environment, Preset, Presets, Profile, printable};

use crate::args::{Args, GenerateArgs, PresetsArgs, PresetsCommand, ShowArgs};
use crate::context::{output_folder, project};
use crate::fault::Fault;
use crate::terminal::{print, print_json, replace_with, say, show, table};
use crate::{Done, Verdict};

pub(crate) fn presets(args: &Args, presets: &PresetsArgs) -> Done {
    match &presets.command {
        PresetsCommand::Generate(asked) => generate(args, asked),
        PresetsCommand::Adapt(asked) => adapt::adapt(args, asked),
        PresetsCommand::Show(asked) => shown(args, asked),
    }
}

fn generate(args: &Args, asked: &GenerateArgs) -> Done {
    if let Some(output) = &asked.output {
        output_folder(output)?;
    }
    let profiles: Vec<Profile> = asked
        .profile
        .iter()
        .map(|text| text.parse().map_err(|error| Fault::usage(format!("--profile: {error}"))))
        .collect::<Result<_, _>>()?;
    let project = project(args)?;
    let seed = asked.seed.unwrap_or(project.settings.seed);
    let drawn = Environment::generate(usize::from(asked.count), seed, &profiles);
    if asked.keep {
        let mut adapted = Adapted::read(&project.presets_file())?;
        drawn.iter().for_each(|environment| adapted.put(environment.clone()));
        adapted.keep(&project.presets_file())?;
        say(&format!("{} presets added to {}", drawn.len(), show(&project.presets_file())));
    }
    told(args, asked.output.as_deref(), drawn)
}

/// Presets as JSON where that is asked for, else as a table.
fn told(args: &Args, output: Option<&Path>, environments: Vec<Environment>) -> Done {
    match output {
        Some(path) if path != Path::new("-") => {
            let count = environments.len();
            let text = serde_json::to_string_pretty(&Presets(environments)).map_err(|e| Fault::Host(e.to_string()))?;
            replace_with(path, format!("{text}\n").as_bytes())?;
            say(&format!("{} written, {count} presets", show(path)));
        }
        Some(_) => print_json(&Presets(environments))?,
        None if args.json => print_json(&Presets(environments))?,
        None => print(&listed(&environments)?)?,
    }
    Ok(Verdict::Passed)
}

fn shown(args: &Args, asked: &ShowArgs) -> Done {
    let project = project(args)?;
    let settings = &project.settings;
    let chosen: Vec<&Preset> = if asked.names.is_empty() {
        settings.presets.iter().collect()
    } else {
        asked
            .names
            .iter()
            .map(|name| Preset::find(&settings.presets, name))
            .collect::<Result<_, _>>()
            .map_err(Fault::usage)?
    };
    let mut environments: Vec<Environment> =
        chosen.into_iter().map(|preset| preset.as_environment(settings.cpu_fuel)).collect();
    environments.sort_by(|a, b| a.name.cmp(&b.name));
    told(args, None, environments)
}

/// Environments as a table: a row for each key that one of them has, a column for each of them.
fn listed(environments: &[Environment]) -> Result<String, Fault> {
    if environments.is_empty() {
        return Ok("No presets.".to_owned());
    }
    let mut columns = Vec::new();
    for environment in environments {
        let value = serde_json::to_value(environment).map_err(|e| Fault::Host(e.to_string()))?;
        columns.push(value.as_object().cloned().unwrap_or_default());
    }
    let name = |column: &serde_json::Map<String, serde_json::Value>| {
        column.get("SCENARIO_NAME").and_then(|name| name.as_str()).map(printable).unwrap_or_default()
    };
    let names: Vec<String> = columns.iter().map(name).collect();
    let head: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
    let mut rows = table(&head, 1..head.len());
    let mut keys: Vec<&String> = Vec::new();
    for key in columns.iter().flat_map(|column| column.keys()).filter(|key| *key != "SCENARIO_NAME") {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    for key in keys {
        let cell = |column: &serde_json::Map<String, serde_json::Value>| column.get(key).map(plain).unwrap_or_default();
        rows.add_row(std::iter::once(key.clone()).chain(columns.iter().map(cell)));
    }
    Ok(rows.to_string())
}

/// A value without quotes and brackets.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => printable(text),
        serde_json::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
