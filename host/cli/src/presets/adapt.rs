//! `presets adapt`: a preset's limits go where measurements say.

use holobiont::{Adapted, PresetAdapted, SqliteStore, adapt_environments, read_presets};
use holobiont_core::adapt::{Held, Move};
use holobiont_core::printable;
use serde::Serialize;

use super::told;
use crate::args::{AdaptArgs, Args};
use crate::context::{output_folder, project};
use crate::fault::Fault;
use crate::history::Past;
use crate::terminal::{print, print_json, say, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    preset: &'a str,
    cycles: u64,
    dry_run: bool,
    moves: &'a [Move],
    held: &'a [Held],
}

pub(super) fn adapt(args: &Args, asked: &AdaptArgs) -> Done {
    if asked.reset {
        return reset(args, asked);
    }
    if let Some(file) = &asked.file {
        return adapt_file(args, asked, file);
    }
    let past = Past::of(args, &asked.past)?;
    let preset = asked.preset.as_deref().unwrap_or(&past.project.settings.preset);
    let (adapted, presets) = PresetAdapted::of(&past.project, &past.all, &past.group, preset)?;
    if adapted.cycles == 0 {
        return Err(Fault::usage(format!(
            "nothing of {} was compared under the preset {}: there is nothing to adapt it to",
            past.title(),
            printable(preset)
        )));
    }
    if !asked.dry_run {
        let store = SqliteStore::open(&past.project.database())?;
        adapted.keep(&past.project, &store, &past.workflow, &presets)?;
    }
    if args.json {
        print_json(&Document {
            schema: "holobiont.adaptation/1",
            workflow: &past.workflow,
            preset: &adapted.preset,
            cycles: adapted.cycles,
            dry_run: asked.dry_run,
            moves: &adapted.moves,
            held: &adapted.held,
        })?;
        return Ok(Verdict::Passed);
    }
    print(&text(&past.title(), &adapted, asked.dry_run))?;
    Ok(Verdict::Passed)
}

fn text(title: &str, adapted: &PresetAdapted, dry_run: bool) -> String {
    let preset = printable(&adapted.preset);
    let cycles = if adapted.cycles == 1 { "1 cycle".to_owned() } else { format!("{} cycles", adapted.cycles) };
    let mut parts = Vec::new();
    if adapted.moves.is_empty() {
        parts.push(format!("The preset {preset} stays as it is, by {cycles} of {title}."));
    } else {
        let done = if dry_run { "would be moved" } else { "is moved; the next runs under it use this" };
        let mut rows = table(&["limit", "from", "to", "why"], 1..3);
        for step in &adapted.moves {
            rows.add_row([
                step.key.row().name.to_owned(),
                step.from.to_string(),
                step.to.to_string(),
                step.because.clone(),
            ]);
        }
        parts.push(format!("By {cycles} of {title}, the preset {preset} {done}:\n{rows}"));
    }
    // What a rule that says nothing had to say is for --json.
    let named: Vec<&Held> = adapted.held.iter().filter(|held| held.key.is_some() || held.rule.is_none()).collect();
    if !named.is_empty() {
        let mut rows = table(&["limit", "why"], 0..0);
        for held in named {
            let key = held.key.map_or("", |key| key.row().name);
            rows.add_row([key.to_owned(), held.because.clone()]);
        }
        parts.push(format!("Not moved:\n{rows}"));
    }
    parts.join("\n\n")
}

/// Takes back what was adapted.
fn reset(args: &Args, asked: &AdaptArgs) -> Done {
    let project = project(args)?;
    let name = asked.preset.as_deref().unwrap_or(&project.settings.preset);
    let mut adapted = Adapted::of(&project)?;
    let word = if adapted.remove(name) {
        adapted.keep(&project)?;
        "is again what holobiont.toml or the program says"
    } else {
        "was not adapted"
    };
    print(&format!("The preset {} {word}.", printable(name)))?;
    Ok(Verdict::Passed)
}

/// Adapts the presets of a file, which stays as it is.
fn adapt_file(args: &Args, asked: &AdaptArgs, file: &std::path::Path) -> Done {
    if let Some(output) = &asked.output {
        output_folder(output)?;
    }
    let given = read_presets(file)?;
    let past = Past::of(args, &asked.past)?;
    let adaptation = adapt_environments(&past.project, &past.history, &given);
    for step in &adaptation.moves {
        say(&format!(
            "{}: {} {} to {}: {}",
            printable(&step.environment),
            step.key.row().name,
            step.from,
            step.to,
            step.because
        ));
    }
    told(args, asked.output.as_deref(), if asked.dry_run { given } else { adaptation.environments })
}
