//! The page.

use std::fmt::Write as _;

use holobiont_core::adapt::AdaptConfig;
use holobiont_core::stats::{Bootstrap, Estimate};

use crate::cost::{Bill, LOSS};
use crate::policy::{Run, WAYS};
use crate::world::World;
use crate::{CYCLES, Outcome, Source};

/// The rules without an agent, among the ways.
pub(crate) const RULES: usize = 2;
const AGENT: usize = 3;
const TRAINED: usize = 4;
const NEVER: usize = 0;

type Worlds<'a> = [(Source<'a>, Vec<Outcome>)];

/// The section.
pub(crate) fn page(all: &Worlds<'_>, config: &AdaptConfig) -> String {
    let mut page = preamble(all, config);
    totals(&mut page, all);
    agents(&mut page, all);
    profile(&mut page, all);
    sensitivity(&mut page, all);
    page
}

fn preamble(all: &Worlds<'_>, config: &AdaptConfig) -> String {
    let seeds = all.first().map_or(0, |(_, outcomes)| outcomes.len());
    let AdaptConfig { headroom, upper_share, window, rest, need_weight, agent_weight, .. } = config;
    format!(
        "## What adapting limits saves\n\n\
         Worlds of {CYCLES} cycles, {seeds} of each kind, nothing to warm up. Simulated ones have three modules with four \
         inputs each; what they need differs by 10 % within a cycle, and drifts (5 % a cycle), spikes (one cycle in 25 \
         begins 1 to 3 cycles of 2 to 4 times as much), falls (one in 50, to a half or a third, and grows back by 1 % a \
         cycle), has a season (twice and half as much, 24 cycles), or some of all. The hungriest module starts anywhere \
         from 0.05 to 2 gigafuel and from 16 to 512 MiB. Measured ones replay runs: a cycle draws 6 inputs, how likely \
         which wanders, and each module needs what its run on the input used. All start with CPU_LIMIT 1 and \
         MEMORY_LIMIT 256.\n\n\
         Prices, set before anything was run: to reserve costs 1 credit a run for a CPU_LIMIT of 1 and 1 for 256 MiB, in \
         proportion (a host is full when either is used up, and the starting preset says in what proportion it has \
         them); a run that a limit ends loses {LOSS} times the price of what it needed (a return on investment of 3). The \
         total is what was reserved and what was lost. What lost runs burned is within what was reserved.\n\n\
         The oracle knows what a cycle will need and takes the cheapest rungs, each cycle anew. Settings of the rules: \
         headroom {headroom}, share of a forecast's interval {upper_share}, {window} cycles remembered, {rest} of rest, \
         votes of need {need_weight} and of the agent {agent_weight}; tuned on other seeds.\n\n"
    )
}

/// A mean over worlds with its interval.
fn shown(values: &[f64], digits: usize) -> String {
    match Bootstrap::new(1).mean(values) {
        Estimate::Known(interval) => {
            format!("{:.digits$} ({:.digits$} to {:.digits$})", interval.estimate, interval.low, interval.high)
        }
        _ => format!("{:.digits$}", mean(values)),
    }
}

/// The mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn heading(page: &mut String, title: &str, columns: &[&str]) {
    let _ = writeln!(page, "| {title} | {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len() + 1));
}

/// The total of each world under a way, as a multiple of the oracle's.
pub(crate) fn to_oracle(outcomes: &[Outcome], way: usize, loss: f64) -> Vec<f64> {
    outcomes
        .iter()
        .filter_map(|outcome| {
            let oracle = Run::oracle(&outcome.world, loss).bill(&outcome.world, loss).total();
            Some(outcome.runs.get(way)?.bill(&outcome.world, loss).total() / oracle)
        })
        .collect()
}

/// By how much of never adapting's total a way is cheaper, in each world.
pub(crate) fn saved(outcomes: &[Outcome], way: usize, loss: f64) -> Vec<f64> {
    let total = |outcome: &Outcome, way: usize| Some(outcome.runs.get(way)?.bill(&outcome.world, loss).total());
    outcomes.iter().filter_map(|outcome| Some(1.0 - total(outcome, way)? / total(outcome, NEVER)?)).collect()
}

fn totals(page: &mut String, all: &Worlds<'_>) {
    page.push_str("Total cost as a multiple of the oracle's (mean over worlds, 95 % interval):\n\n");
    heading(page, "world", &WAYS);
    for (source, outcomes) in all {
        let cells: Vec<String> = (0..WAYS.len()).map(|way| shown(&to_oracle(outcomes, way, LOSS), 2)).collect();
        let _ = writeln!(page, "| {} | {} |", source.name(), cells.join(" | "));
    }
    page.push_str("\nCheaper than never adapting, in % of its total:\n\n");
    heading(page, "world", WAYS.get(1..).unwrap_or_default());
    for (source, outcomes) in all {
        let percent = |way| saved(outcomes, way, LOSS).iter().map(|share| 100.0 * share).collect::<Vec<f64>>();
        let cells: Vec<String> = (1..WAYS.len()).map(|way| shown(&percent(way), 0)).collect();
        let _ = writeln!(page, "| {} | {} |", source.name(), cells.join(" | "));
    }
    page.push('\n');
}

fn agents(page: &mut String, all: &Worlds<'_>) {
    page.push_str(
        "What the agent adds to the rules' total, in % of the oracle's (paired by world; below 0 it helps):\n\n",
    );
    heading(page, "world", &["learning from nothing", "trained on 10 other worlds"]);
    for (source, outcomes) in all {
        let rules = to_oracle(outcomes, RULES, LOSS);
        let cells = [AGENT, TRAINED].map(|way| {
            let with = to_oracle(outcomes, way, LOSS);
            let differences: Vec<f64> =
                with.iter().zip(&rules).map(|(with, without)| 100.0 * (with - without)).collect();
            shown(&differences, 2)
        });
        let _ = writeln!(page, "| {} | {} |", source.name(), cells.join(" | "));
    }
    page.push('\n');
}

/// What the rules cost beyond the oracle, by why.
fn profile(page: &mut String, all: &Worlds<'_>) {
    page.push_str(
        "Where the rules' total beyond the oracle's comes from, in % of the oracle's total. Headroom: what was used and \
         headroom takes a higher rung. Remembered: an earlier cycle's use does. Late or voted up: the limit stands higher \
         than both. Too low: it stands lower than the oracle's, which saves that and loses runs. Idle is what was \
         reserved and not used by runs that completed, in % of what was reserved: the oracle's is what rungs, and limits \
         that hold for all modules and inputs, cost.\n\n",
    );
    let columns = [
        "headroom",
        "remembered",
        "late or voted up",
        "too low",
        "runs lost",
        "sum",
        "runs lost, %",
        "idle",
        "idle, oracle",
        "moves a cycle",
    ];
    heading(page, "world", &columns);
    for (source, outcomes) in all {
        let rows: Vec<[f64; 10]> = outcomes.iter().filter_map(profile_of).collect();
        let cells: Vec<String> = (0..columns.len())
            .map(|column| {
                let digits = if column == 9 { 2 } else { 1 };
                let values: Vec<f64> = rows.iter().filter_map(|row| row.get(column).copied()).collect();
                format!("{:.digits$}", mean(&values))
            })
            .collect();
        let _ = writeln!(page, "| {} | {} |", source.name(), cells.join(" | "));
    }
    page.push('\n');
}

fn profile_of(outcome: &Outcome) -> Option<[f64; 10]> {
    let bill = |run: &Run, world: &World| run.bill(world, LOSS);
    let rules = outcome.runs.get(RULES)?;
    let oracle = bill(outcome.runs.last()?, &outcome.world);
    let own = bill(rules, &outcome.world);
    let percent = |credits: f64| 100.0 * credits / oracle.total();
    let idle = |bill: &Bill| 100.0 * bill.idle() / bill.reserved;
    let excess = outcome.excess;
    Some([
        percent(excess.headroom),
        percent(excess.memory),
        percent(excess.late),
        percent(excess.below),
        percent(own.lost - oracle.lost),
        percent(own.total() - oracle.total()),
        100.0 * own.hits / own.runs,
        idle(&own),
        idle(&oracle),
        rules.moves as f64 / CYCLES as f64,
    ])
}

fn sensitivity(page: &mut String, all: &Worlds<'_>) {
    page.push_str("The rules' total as a multiple of the oracle's, and % cheaper than never adapting, by what a lost run costs:\n\n");
    heading(page, "world", &["half", "as set", "double"]);
    for (source, outcomes) in all {
        let cells = [LOSS / 2.0, LOSS, LOSS * 2.0].map(|loss| {
            let saved = 100.0 * mean(&saved(outcomes, RULES, loss));
            format!("{:.2}; {saved:.0} %", mean(&to_oracle(outcomes, RULES, loss)))
        });
        let _ = writeln!(page, "| {} | {} |", source.name(), cells.join(" | "));
    }
}
