//! `holobiont autonomous run`: goes round by itself.

use std::collections::BTreeMap;

use holobiont::{Round, SelfTest, SqliteStore};
use holobiont_core::printable;
use serde::Serialize;

use crate::args::{Args, AutonomousArgs, AutonomousCommand};
use crate::context::{project, sandbox};
use crate::self_test::{choose, text};
use crate::synergy::{number, signed};
use crate::terminal::{print, print_json, progress, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    /// The switches of self-tests, as whatever this starts would see them.
    environment: BTreeMap<&'static str, &'static str>,
    rounds: &'a [Round],
}

pub(crate) fn autonomous(args: &Args, asked: &AutonomousArgs) -> Done {
    let AutonomousCommand::Run(run) = &asked.command;
    let mut project = project(args)?;
    project.settings.mirror_sandbox(&|name| std::env::var(name).ok())?;
    choose(&mut project, &run.under)?;
    run.inclusion.apply(&mut project.settings);
    let sandbox = sandbox(&project)?;
    // Told before the store is made, so that a folder without a project stays as it is.
    SelfTest::default().check(&project, &project.discover_dry(&project.reached_by_workflows()?.modules)?)?;
    let store = SqliteStore::open(&project.database())?;
    let mut rounds = Vec::new();
    for number in 1..=run.cycles {
        let bar = progress(0, "trials");
        let round = project.round(&sandbox, &store, &|state| {
            bar.set_message(state.what);
            bar.set_length(state.total);
            bar.set_position(state.done);
        });
        bar.finish_and_clear();
        let round = round?;
        if !args.json {
            print(&told(number, &round))?;
        }
        let is_last = round.self_test.integrated.is_empty();
        rounds.push(round);
        if is_last {
            break;
        }
    }
    if args.json {
        let environment = project.settings.mirrored().into_iter().collect();
        print_json(&Document { schema: "holobiont.autonomous/1", environment, rounds: &rounds })?;
    }
    Ok(Verdict::Passed)
}

fn told(number_of: u32, round: &Round) -> String {
    let gap = if number_of > 1 { "\n" } else { "" };
    let mut lines = vec![format!("{gap}Round {number_of}. {}", text(&round.self_test))];
    if !round.workflows.is_empty() {
        let mut shown = table(&["workflow", "modules", "ROI", "profit", "synergy", ""], 1..5);
        for workflow in &round.workflows {
            shown.add_row([
                printable(&workflow.workflow),
                workflow.modules.len().to_string(),
                number(workflow.roi),
                signed(workflow.profitability),
                signed(workflow.synergy),
                if workflow.passed { "surely worth more than its parts" } else { "" }.to_owned(),
            ]);
        }
        lines.push(format!("\n{shown}"));
    }
    lines.join("\n")
}
