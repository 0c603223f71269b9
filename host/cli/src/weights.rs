//! `holobiont weights`: how much each synergy counts.

use std::collections::BTreeMap;
use std::path::Path;

use holobiont::{
    History, Project, RankedGroup, SqliteStore, Store, Weighing, WeightsChanged, WeightsError, decisions_of,
    rank_groups, read_decisions,
};
use holobiont_core::{SynergyWeights, WeightedMetric, nearest, printable};
use holobiont_learn::Decision;
use serde::Serialize;

use crate::args::{Args, WeightsArgs, WeightsCommand};
use crate::context::{folder_is_there, looked_at, project, read};
use crate::fault::Fault;
use crate::history::when;
use crate::html::{Series, weights_page};
use crate::synergy::{number, signed, tail};
use crate::terminal::{print, print_json, replace_with, say, show as shown, table, wrap};
use crate::{Done, Verdict};

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    learner: String,
    weights: BTreeMap<String, f64>,
    /// By workflow, the groups that were compared, the most promising first.
    ranking: BTreeMap<String, Vec<RankedGroup>>,
}

#[derive(Serialize)]
struct Changes {
    schema: &'static str,
    changes: Vec<Change>,
}

#[derive(Serialize)]
struct Change {
    at_ms: u64,
    cause: String,
    learner: String,
    weights: BTreeMap<String, f64>,
}

pub(crate) fn weights(args: &Args, asked: &WeightsArgs) -> Done {
    let project = project(args)?;
    match &asked.command {
        WeightsCommand::Show(show) => self::show(args, &project, show.workflow.as_deref()),
        WeightsCommand::Export(export) => self::export(&project, &export.out),
        WeightsCommand::Import(import) => self::import(args, &project, &import.file),
        WeightsCommand::Train(train) => self::train(args, &project, train.history.as_deref()),
        WeightsCommand::Reset => {
            change(args, &project, "reset by hand", &mut |weighing| Ok(weighing.reset(project.settings.seed)?))
        }
        WeightsCommand::History(history) => self::history(args, &project, history.plot.as_deref()),
    }
}

/// The weights of a project; what had to be mended is said.
pub(crate) fn opened(project: &Project) -> Result<Weighing, WeightsError> {
    let weighing = Weighing::open(project)?;
    weighing.notes().iter().for_each(|note| say(&format!("note: {}", printable(note))));
    Ok(weighing)
}

fn by_name(values: &[f64]) -> BTreeMap<String, f64> {
    WeightedMetric::ALL.iter().map(ToString::to_string).zip(values.iter().copied()).collect()
}

fn show(args: &Args, project: &Project, workflow: Option<&str>) -> Done {
    let weighing = opened(project)?;
    let ranking = looked_at(project, |store| {
        let mut all = History::workflows(store)?;
        if let Some(workflow) = workflow {
            if !all.iter().any(|known| known == workflow) {
                let remedy = match nearest(workflow, all.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{}`?", printable(near)),
                    None => "compare a group of it with `holobiont synergy` first".to_owned(),
                };
                let workflow = printable(workflow);
                return Err(Fault::usage(format!("nothing was measured of a workflow `{workflow}`: {remedy}")));
            }
            all = vec![workflow.to_owned()];
        }
        let of = |name: String| Ok((name.clone(), rank_groups(store, &name, weighing.learner())?));
        all.into_iter().map(of).collect::<Result<BTreeMap<_, _>, Fault>>()
    })?;
    if args.json {
        print_json(&Document {
            schema: "holobiont.weights/1",
            learner: weighing.learner().kind().to_string(),
            weights: by_name(&weighing.weights().values()),
            ranking,
        })?;
        return Ok(Verdict::Passed);
    }
    let overrides = &project.settings.learner.overrides;
    let mut rows = table(&["synergy", "weight", "from"], 1..2);
    for metric in WeightedMetric::ALL {
        let from = if overrides.contains_key(metric) { "environment" } else { "" };
        rows.add_row([metric.to_string(), number(weighing.weights().of(*metric)), from.to_owned()]);
    }
    let mut lines = vec![format!("Learned by {}", weighing.learner().kind()), String::new()];
    lines.extend(rows.lines());
    for (workflow, groups) in ranking.iter().filter(|(_, groups)| !groups.is_empty()) {
        lines.push(String::new());
        let words = "the most promising first; the return is that on inputs that the synergies were not measured on";
        wrap(&mut lines, "", &format!("Groups of {} that were compared, {words}", printable(workflow)));
        let mut rows = table(&["group", "promise", "weighed", "unweighed", "ROI"], 1..5);
        for ranked in groups {
            let group: Vec<String> = ranked.group.iter().map(tail).collect();
            let figures = [ranked.score, ranked.weighted, ranked.equal, ranked.roi].map(signed);
            rows.add_row(std::iter::once(group.join(" + ")).chain(figures));
        }
        lines.extend(rows.lines());
    }
    print(&lines.join("\n"))?;
    Ok(Verdict::Passed)
}

fn export(project: &Project, out: &Path) -> Done {
    folder_is_there(out).map_err(|fault| Fault::usage(format!("--out {fault}")))?;
    let text = opened(project)?.weights().to_json().map_err(|error| Fault::Host(error.to_string()))?;
    if out == Path::new("-") {
        print(text.trim_end())?;
    } else {
        replace_with(out, text.as_bytes())?;
        say(&format!("{} written", shown(out)));
    }
    Ok(Verdict::Passed)
}

fn import(args: &Args, project: &Project, file: &Path) -> Done {
    let text = String::from_utf8_lossy(&read(file)?).into_owned();
    let wrong = |error| Fault::usage(format!("{}: {error}", shown(file)));
    let weights = SynergyWeights::from_json(&text).map_err(wrong)?;
    change(args, project, &format!("imported from {}", shown(file)), &mut |weighing| {
        weighing.set(weights);
        Ok(())
    })
}

fn train(args: &Args, project: &Project, history: Option<&Path>) -> Done {
    let decisions = match history {
        Some(path) if path.extension().is_none_or(|extension| extension != "db") => {
            let text = String::from_utf8_lossy(&read(path)?).into_owned();
            read_decisions(&text).map_err(|error| Fault::usage(format!("{}: {error}", shown(path))))?
        }
        Some(path) => {
            // Opening a database that is not there would make one.
            read(path)?;
            decisions(&SqliteStore::open(path)?)?
        }
        None => looked_at(project, decisions)?,
    };
    if decisions.is_empty() {
        say("there is nothing to learn from: no group has been compared yet");
        return Ok(Verdict::NotEnoughData);
    }
    let count = match decisions.len() {
        1 => "1 decision".to_owned(),
        count => format!("{count} decisions"),
    };
    let from = history.map_or_else(|| "what was compared here".to_owned(), shown);
    change(args, project, &format!("trained on {count} of {from}"), &mut |weighing| {
        weighing.train(&decisions);
        Ok(())
    })
}

/// The decisions of all workflows of a store.
fn decisions(store: &dyn Store) -> Result<Vec<Decision>, Fault> {
    let mut all = Vec::new();
    for workflow in History::workflows(store)? {
        all.extend(decisions_of(store, &workflow)?);
    }
    Ok(all)
}

/// Changes the weights, keeps them, and shows what they are then.
fn change(
    args: &Args,
    project: &Project,
    cause: &str,
    change: &mut dyn FnMut(&mut Weighing) -> Result<(), Fault>,
) -> Done {
    // An engine that learns at the same time would find another file than it has read.
    let _turns = project.take_turns()?;
    let mut weighing = opened(project)?;
    let before = weighing.weights();
    change(&mut weighing)?;
    let after = weighing.weights();
    let learner = weighing.learner().kind().to_string();
    let store = SqliteStore::open(&project.database())?;
    weighing.keep(project, &store, cause)?;
    if args.json {
        let (weights, ranking) = (by_name(&after.values()), BTreeMap::new());
        print_json(&Document { schema: "holobiont.weights/1", learner, weights, ranking })?;
        return Ok(Verdict::Passed);
    }
    let mut rows = table(&["synergy", "was", "is"], 1..3);
    for metric in WeightedMetric::ALL {
        rows.add_row([metric.to_string(), number(before.of(*metric)), number(after.of(*metric))]);
    }
    print(&format!("{}\n\n{rows}", printable(cause)))?;
    Ok(Verdict::Passed)
}

fn history(args: &Args, project: &Project, plot: Option<&Path>) -> Done {
    let changes = looked_at(project, |store| Ok(WeightsChanged::all(store)?))?;
    if let Some(plot) = plot {
        folder_is_there(plot).map_err(|fault| Fault::usage(format!("--plot {fault}")))?;
        let series = |(place, metric): (usize, &WeightedMetric)| {
            // What they were before the first change is where the line begins.
            let first = changes.first().and_then(|(_, change)| change.before.get(place));
            let then = changes.iter().filter_map(|(_, change)| change.weights.get(place));
            let values = first.into_iter().chain(then).map(|value| (*value, false)).collect();
            Series {
                name: metric.to_string(),
                unit: String::new(),
                values,
                step: "change",
                ahead: Vec::new(),
                reliability: None,
            }
        };
        let all: Vec<Series> = WeightedMetric::ALL.iter().enumerate().map(series).collect();
        replace_with(plot, weights_page(&all).as_bytes())?;
        say(&format!("{} written, {} changes", shown(plot), changes.len()));
        return Ok(Verdict::Passed);
    }
    if args.json {
        let of = |(at_ms, change): (u64, WeightsChanged)| Change {
            at_ms,
            cause: change.cause,
            learner: change.learner.to_string(),
            weights: by_name(&change.weights),
        };
        let changes = changes.into_iter().map(of).collect();
        print_json(&Changes { schema: "holobiont.weights-history/1", changes })?;
        return Ok(Verdict::Passed);
    }
    if changes.is_empty() {
        print("The weights have not been changed yet: each is 1.")?;
        return Ok(Verdict::Passed);
    }
    let mut lines = Vec::new();
    for (at_ms, change) in &changes {
        wrap(&mut lines, "", &format!("{}  {}", when(*at_ms), printable(&change.cause)));
        let moved = WeightedMetric::ALL.iter().zip(change.before.iter().zip(&change.weights));
        let moved = moved.filter(|(_, (before, after))| before != after);
        let words =
            moved.map(|(metric, (before, after))| format!("{metric} {} to {}", number(*before), number(*after)));
        wrap(&mut lines, "  ", &words.collect::<Vec<_>>().join(", "));
    }
    print(&lines.join("\n"))?;
    Ok(Verdict::Passed)
}
