//! `presets adapt`: a preset's limits go where measurements say.

use holobiont::{Adapted, PresetAdapted, SqliteStore, adapt_environments, read_presets};
use holobiont_core::adapt::{Held, Move, Reason};
use holobiont_core::printable;
use serde::Serialize;

use super::told;
use crate::args::{AdaptArgs, Args};
use crate::context::{output_folder, project};
use crate::fault::Fault;
use crate::history::Past;
use crate::terminal::{print, print_json, say};
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
    let mut lines = Vec::new();
    if adapted.moves.is_empty() {
        lines.push(format!("The preset {preset} stays as it is, by {cycles} of {title}."));
    } else {
        let done = if dry_run { "would be moved" } else { "is moved; the next runs under it use this" };
        lines.push(format!("By {cycles} of {title}, the preset {preset} {done}:"));
        lines.extend(adapted.moves.iter().map(|step| {
            let row = step.key.row();
            let unit = row.suffix.unwrap_or_default();
            format!("  {:<18} {}{unit} to {}{unit}\n      {}", row.name, step.from, step.to, step.because)
        }));
    }
    // What a rule that says nothing had to say, and who voted for more of what nobody touches, is for --json.
    let told = |held: &&Held| !matches!(held.reason, Reason::Band | Reason::Slack | Reason::End);
    let held: Vec<&Held> = adapted.held.iter().filter(told).collect();
    if !held.is_empty() {
        lines.push("\nHeld back:".to_owned());
        lines.extend(held.into_iter().map(|held| {
            let what = held.key.map_or("all of it", |key| key.row().name);
            format!("  {what:<18} {}", held.because)
        }));
    }
    lines.join("\n")
}

/// Takes back what was adapted.
fn reset(args: &Args, asked: &AdaptArgs) -> Done {
    let project = project(args)?;
    let name = asked.preset.as_deref().unwrap_or(&project.settings.preset);
    let mut adapted = Adapted::read(&project.presets_file())?;
    let word = if adapted.remove(name) {
        adapted.keep(&project.presets_file())?;
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
