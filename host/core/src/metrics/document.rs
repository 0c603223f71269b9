//! docs/METRICS.md, made from the tables, so that it cannot say anything else than the code.

use std::fmt::{self, Write as _};

use super::{Direction, INCIDENTS, IncidentKind, METRICS};
use crate::energy::Energy;
use crate::scenario::{Role, Scenario};
use crate::units::{bytes_text, duration_text};

const INTRODUCTION: &str = "\
# Metrics

This page is made from the tables in `host/core/src/metrics`; `cargo xtask metrics --bless` writes it, and a test
fails when it is stale.

A workflow is run over its inputs with different modules switched on. Such a selection is an **arm**: none of them
(*empty*), one of them (*solo*), all of the group (*combined*). Each arm is run on every input under every
**scenario**; one such run of the whole arm is a *trial*, one run of one module in it an *invocation*. A trial has an
end, a usage, a value in credits (what the workflow's objective says the output is worth) and a cost in credits
(`[prices]`). All of it is the same, to the last bit, for the same modules, inputs, limits and seed; real time is in
none of it, unless the wall-time limit ended a run.

Every metric is a number for an arm. Where nothing was measured it has the value that its section says, never NaN.

## What a group is worth

**Synergy.** `synergy_<metric>` = combined - mean of the solos, exactly. Above 0, the group does more than its members
do on average. It is not 0 for members that each just add their own: two that earn 10 each and together 20 have a
synergy of 10.

**Interaction.** combined - sum of the solos + (n - 1) x empty, for n members. It is 0 where each member adds its own
and nothing else, so what it shows is what only the company brings about. It makes sense for metrics that add up
(revenue, profitability, energy_consumption); for shares and scores read it with care.

**Shapley value.** What one member brings in, averaged over all orders in which the group could have come together.
The values of all members add up to combined - empty. Up to 12 members it is exact, from all 2^n arms; beyond it is
sampled by permutations and their reverses, with standard errors.

**Pairwise interaction.** The Shapley interaction index of two members: how much more one brings in when the other is
there, averaged over the company of the rest. Above 0 they help each other, below 0 they do the same work twice.

## How sure

Fuel, bytes and virtual time do not vary for a given input, so what is uncertain is which inputs there were. Inputs
are drawn anew, with repetition, together with all that was measured on them in every arm and scenario; the metric is
reckoned for each draw, and the spread gives a 95 % interval. With fewer than 8 inputs there is not enough data to
say. An interval says how the figure would vary with other inputs of the same kind, and nothing of inputs of another
kind.
";

const INCIDENTS_INTRODUCTION: &str = "\
## Incidents

What a module did that it should not have done, for safety_rating and risk_index. They are looked for in the trials of
all scenarios, but not in invocations into which a fault was injected: what follows from a flipped bit or a lost
message is not the module's doing. That a tight limit ended a run is an incident: a module that needs less would have
completed. A declared failure is none: it is what a module is asked to do when it cannot go on. A run with denied
calls counts them once, on top of how it ended.
";

const ENERGY_INTRODUCTION: &str = "\
## Energy

The coefficients of `[energy]`, which energy_consumption multiplies with what was used. The default is a rough figure
for a server of the 2020s: a busy core of an EPYC 7763 takes 280 W / 64 = 4.4 W, and 10^9 fuel keep it busy for up to
0.9 s; a copied byte is read from and written to DRAM at 1.3 nJ for 8 bytes (Horowitz, Computing's energy problem,
ISSCC 2014); memory takes 0.392 W for a gigabyte (Cloud Carbon Footprint). To calibrate, measure a run that computes,
one that moves bytes and one that sleeps with much memory, and divide.
";

/// The text of docs/METRICS.md.
#[must_use]
pub fn document() -> String {
    let mut page = INTRODUCTION.to_owned();
    // Writing to a string does not fail.
    let _ = scenarios(&mut page).and_then(|()| incidents(&mut page)).and_then(|()| energy(&mut page));
    let _ = metrics(&mut page);
    page
}

fn scenarios(page: &mut String) -> fmt::Result {
    page.push_str(
        "\n## Scenarios\n\nWhat a comparison is made under, unless it is told otherwise. Intensity says how hard a \
         scenario is meant to be, from\n0 to 1.\n\n| scenario | role | intensity | what is different |\n| --- | --- | \
         --- | --- |\n",
    );
    for scenario in Scenario::builtin() {
        let role = match scenario.role {
            Role::Nominal => "nominal",
            Role::Stressed => "stressed",
            Role::Classes => "classes",
            Role::Repeat => "repeat",
        };
        writeln!(
            page,
            "| {} | {role} | {} | {} |",
            scenario.name,
            scenario.threat_intensity,
            differences(&scenario).join("; ")
        )?;
    }
    Ok(())
}

/// What a scenario has that the nominal one has not, in words.
fn differences(scenario: &Scenario) -> Vec<String> {
    let conditions = &scenario.conditions;
    let nominal = Scenario::default();
    let mut words = Vec::new();
    match scenario.role {
        Role::Nominal => words.push("nothing: the money is counted here".to_owned()),
        Role::Classes => words.push("inputs of every class".to_owned()),
        Role::Repeat => words.push("other entropy".to_owned()),
        Role::Stressed => {}
    }
    let mut say = |differs: bool, text: String| {
        if differs {
            words.push(text);
        }
    };
    let percent = |share: f64| format!("{} %", (share * 1000.0).round() / 10.0);
    let bandwidth = scenario.bandwidth_bytes_per_s;
    say(bandwidth > 0, format!("bandwidth {}/s", bytes_text(bandwidth)));
    let latency = (duration_text(conditions.latency_ns), duration_text(conditions.jitter_ns));
    say(conditions.latency_ns > 0 || conditions.jitter_ns > 0, format!("latency {} +- {}", latency.0, latency.1));
    say(conditions.loss > 0.0, format!("{} of messages lost", percent(conditions.loss)));
    say(conditions.duplication > 0.0, format!("{} of messages twice", percent(conditions.duplication)));
    say(
        scenario.crowd > 1,
        format!("memory, disk, bandwidth and time shared with {} other groups", scenario.crowd.saturating_sub(1)),
    );
    say(
        scenario.resources != nominal.resources,
        format!("{} of the fuel, time, memory, disk and output", percent(scenario.resources)),
    );
    say(scenario.hostile_inputs > 0.0, format!("{} of inputs in a hostile variant", percent(scenario.hostile_inputs)));
    say(conditions.faults > 0.0, format!("a fault at {} of crossings", percent(conditions.faults)));
    words
}

fn incidents(page: &mut String) -> fmt::Result {
    write!(page, "\n{INCIDENTS_INTRODUCTION}\n| incident | weight | why |\n| --- | --- | --- |\n")?;
    for incident in INCIDENTS {
        let what = match incident.kind {
            IncidentKind::DeniedCall => "denied call".to_owned(),
            IncidentKind::DeniedImport => "denied import".to_owned(),
            IncidentKind::UnsafeTrap => "trap: memory or table out of bounds, bad indirect call, bad value".to_owned(),
            IncidentKind::Trap => "trap: any other".to_owned(),
            IncidentKind::Rejected => "rejected".to_owned(),
            IncidentKind::Limit(limit) => format!("limit: {limit}"),
        };
        writeln!(page, "| {what} | {} | {} |", incident.weight, incident.reason)?;
    }
    Ok(())
}

fn energy(page: &mut String) -> fmt::Result {
    let Energy { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second } = Energy::default();
    write!(page, "\n{ENERGY_INTRODUCTION}\n| key | default |\n| --- | --- |\n")?;
    writeln!(page, "| joules-per-gigafuel | {joules_per_gigafuel} |")?;
    writeln!(page, "| joules-per-mib-moved | {joules_per_mib_moved} |")?;
    writeln!(page, "| joules-per-mib-second | {joules_per_mib_second} |")
}

fn metrics(page: &mut String) -> fmt::Result {
    page.push_str("\n## The metrics\n\n| metric | unit | better |\n| --- | --- | --- |\n");
    for metric in METRICS {
        writeln!(page, "| [{0}](#{0}) | {1} | {2} |", metric.name, metric.unit, better(metric.direction))?;
    }
    for metric in METRICS {
        let (unit, better) = (metric.unit, better(metric.direction));
        write!(page, "\n### {}\n\nUnit: {unit}. Better: {better}.\n\n", metric.name)?;
        wrap(page, metric.doc);
    }
    Ok(())
}

fn better(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::Neutral => "neutral",
    }
}

/// Adds a paragraph in lines of up to 120 characters.
fn wrap(page: &mut String, text: &str) {
    const WIDTH: usize = 120;
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            page.push('\n');
            column = 0;
        } else if column > 0 {
            page.push(' ');
            column += 1;
        }
        page.push_str(word);
        column += length;
    }
    page.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_the_tables_say() {
        let page = include_str!("../../../../docs/METRICS.md");
        assert!(page == document(), "docs/METRICS.md is stale: `cargo xtask metrics --bless` writes it anew");
    }

    #[test]
    fn every_metric_scenario_and_limit_is_on_it() {
        let page = document();
        for metric in METRICS {
            assert!(page.contains(&format!("\n### {}\n", metric.name)), "{}", metric.name);
        }
        for scenario in Scenario::builtin() {
            assert!(page.contains(&format!("\n| {} |", scenario.name)), "{}", scenario.name);
            assert!(!differences(&scenario).is_empty(), "{}", scenario.name);
        }
        for limit in crate::LimitKind::ALL {
            assert!(page.contains(&format!("\n| limit: {limit} |")), "{limit}");
        }
    }
}
