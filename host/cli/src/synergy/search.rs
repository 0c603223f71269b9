//! `holobiont synergy --search`: good groups among many.

use holobiont::{Evaluator, Found, FoundGroup, SearchPlan, SqliteStore};
use holobiont_core::{ModuleId, stats};
use serde::Serialize;

use super::text::{ends, signed, tail};
use crate::args::{Args, GroupArgs, SearchArgs, SearchGoal};
use crate::context::sandbox;
use crate::fault::Fault;
use crate::terminal::{print, print_json, progress, table};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    workflow: &'a str,
    #[serde(flatten)]
    found: &'a Found,
}

pub(super) fn search(args: &Args, group: &GroupArgs, plan: &SearchArgs) -> Done {
    let (project, workflow) = super::prepared(args, group.workflow.as_deref(), &group.under)?;
    let modules: Vec<ModuleId> = if group.modules.is_empty() {
        workflow.modules().into_iter().cloned().collect()
    } else {
        workflow.group(&group.modules).map_err(Fault::usage)?
    };
    super::look(&project, &workflow, &modules)?;
    let plan = SearchPlan {
        goal: match plan.goal {
            SearchGoal::Worth => stats::Goal::Worth,
            SearchGoal::Synergy => stats::Goal::Synergy,
        },
        sizes: plan.at_least..=plan.at_most.unwrap_or(modules.len()),
        finalists: plan.finalists,
        budget: plan.budget,
    };
    let sandbox = sandbox(&project)?;
    let store = SqliteStore::open(&project.database())?;
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let bar = progress(0, "trials");
    let found = evaluator.search(&workflow, &modules, &plan, &|state| {
        bar.set_length(state.total);
        bar.set_position(state.done);
    });
    bar.finish_and_clear();
    let found = found?;
    if args.json {
        print_json(&Document { schema: "holobiont.search/1", workflow: &workflow.name, found: &found })?;
    } else {
        print(&text(&found, plan.goal))?;
    }
    Ok(match (found.enough_data, found.passed) {
        (false, _) => Verdict::NotEnoughData,
        (true, true) => Verdict::Passed,
        (true, false) => Verdict::NotPassed,
    })
}

fn names(group: &FoundGroup) -> String {
    group.group.iter().map(tail).collect::<Vec<_>>().join(" + ")
}

fn text(found: &Found, goal: stats::Goal) -> String {
    let what = match goal {
        stats::Goal::Worth => "worth",
        stats::Goal::Synergy => "synergy",
    };
    let headline = match found.finalists.first() {
        None => "No group was measured: the budget ended before groups were as large as asked for.".to_owned(),
        Some(best) => {
            let interval = ends(best.low, best.high).map(|ends| format!(" ({ends})")).unwrap_or_default();
            let sure = match (best.passed, found.enough_data) {
                (true, _) => "surely above the threshold",
                (false, true) => "not surely above the threshold",
                (false, false) => "on too few fresh inputs to say how sure that is",
            };
            format!(
                "The best group found is {}: {what} {} credits per input on fresh inputs{interval}, {sure}.",
                names(best),
                signed(best.fresh)
            )
        }
    };
    let mut shown = table(&["group", "chosen by", "fresh", "interval", "p", ""], 1..5);
    for group in &found.finalists {
        shown.add_row([
            names(group),
            signed(group.chosen_by),
            signed(group.fresh),
            ends(group.low, group.high).unwrap_or_default(),
            group.p_value.map(|p| format!("{p:.4}")).unwrap_or_default(),
            if group.passed { "passed" } else { "" }.to_owned(),
        ]);
    }
    let whole = if found.exhaustive { "all there are" } else { "a part of all there are" };
    let cut = if found.cut_short { "; the budget ended before the search did" } else { "" };
    format!(
        "{headline}\n\n{shown}\n\n{} groups looked at ({whole}{cut}), chosen on {} inputs and measured again on {} \
         others. What a group was chosen by flatters it; p is corrected for the number of finalists.\n{} runs made, \
         {} trials and runs remembered.",
        found.groups,
        found.choosing.len(),
        found.fresh.len(),
        found.runs_made,
        found.reused
    )
}
