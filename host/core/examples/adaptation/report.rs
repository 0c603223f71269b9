//! The tables.

use std::fmt::Write as _;

use holobiont_core::stats::{Bootstrap, Interval};

use crate::cost::Bill;
use crate::trial::{Contender, Outcome, Outcomes, Profile};

/// The seed of the resamples.
const RESAMPLES: u64 = 7;

/// The mean over seeds of a percentage, with its interval.
pub(crate) fn over_seeds(outcomes: &Outcomes, of: impl Fn(&[Outcome; Contender::COUNT]) -> f64) -> Option<Interval> {
    let values: Vec<f64> = outcomes.iter().map(|seed| 100.0 * of(seed)).collect();
    Bootstrap::new(RESAMPLES).mean(&values).interval().copied()
}

/// How much more somebody pays than another, as a share of what the other pays.
pub(crate) fn more(seed: &[Outcome; Contender::COUNT], who: Contender, than: Contender) -> f64 {
    total(seed, who) / total(seed, than) - 1.0
}

pub(crate) fn total(seed: &[Outcome; Contender::COUNT], who: Contender) -> f64 {
    seed[who as usize].bill.total()
}

fn percent(interval: Option<Interval>) -> String {
    interval.map_or("too few seeds".to_owned(), |found| {
        format!("{:+.1} ({:+.1} to {:+.1})", found.estimate, found.low, found.high)
    })
}

fn mean(outcomes: &Outcomes, who: Contender, of: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(|seed| of(&seed[who as usize])).sum::<f64>() / outcomes.len().max(1) as f64
}

/// The table of a world: what everybody pays.
pub(crate) fn totals(text: &mut String, world: &str, outcomes: &Outcomes) -> std::fmt::Result {
    writeln!(text, "\n### {world}\n")?;
    writeln!(
        text,
        "| limits | total | reserved | lost | hits | unused and lost | next to the oracle, % | next to never adapting, % |"
    )?;
    writeln!(text, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for who in Contender::ALL {
        let of = |part: fn(&Bill) -> f64| mean(outcomes, *who, |outcome| part(&outcome.bill));
        writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.0} | {} | {} |",
            who.name(),
            of(Bill::total),
            of(|bill| bill.reserved),
            of(|bill| bill.lost),
            of(|bill| bill.hits),
            of(Bill::waste),
            percent(over_seeds(outcomes, |seed| more(seed, *who, Contender::Oracle))),
            percent(over_seeds(outcomes, |seed| more(seed, *who, Contender::Never))),
        )?;
    }
    Ok(())
}

/// Where the rules pay more than the oracle, as shares of what the oracle pays; and what rungs cost the oracle itself.
pub(crate) fn profiles(text: &mut String, worlds: &[(String, Outcomes)]) -> std::fmt::Result {
    writeln!(
        text,
        "\n| world | rounding up to rungs (the oracle's too) | headroom | not down yet | hits, net of what was saved by being too low | in all |"
    )?;
    writeln!(text, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
    for (name, outcomes) in worlds {
        let share = |of: &dyn Fn(&[Outcome; Contender::COUNT]) -> f64| {
            over_seeds(outcomes, |seed| of(seed) / total(seed, Contender::Oracle))
                .map_or("too few seeds".to_owned(), |found| format!("{:+.1}", found.estimate))
        };
        let profile = |part: fn(&Profile) -> f64| {
            share(&move |seed: &[Outcome; Contender::COUNT]| part(&seed[Contender::RulesTuned as usize].profile))
        };
        writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            share(&|seed| seed[Contender::Oracle as usize].bill.waste()),
            profile(|profile| profile.headroom),
            profile(|profile| profile.late),
            profile(|profile| profile.hits + profile.too_low),
            profile(|profile| profile.headroom + profile.late + profile.hits + profile.too_low),
        )?;
    }
    Ok(())
}

/// What the agent changes: paired differences to the rules alone.
pub(crate) fn agents(text: &mut String, worlds: &[(String, Outcomes)]) -> std::fmt::Result {
    writeln!(text, "\n| world | learning as it goes, % | trained on other seeds, % |\n| --- | ---: | ---: |")?;
    for (name, outcomes) in worlds {
        let next_to_rules = |who| percent(over_seeds(outcomes, |seed| more(seed, who, Contender::RulesTuned)));
        let (learning, trained) = (next_to_rules(Contender::Learning), next_to_rules(Contender::Trained));
        writeln!(text, "| {name} | {learning} | {trained} |")?;
    }
    Ok(())
}

/// A row of the table of sensitivity.
pub(crate) fn sensitivity(text: &mut String, worth: f64, world: &str, outcomes: &Outcomes) -> std::fmt::Result {
    let next = |who, than| percent(over_seeds(outcomes, |seed| more(seed, who, than)));
    writeln!(
        text,
        "| {worth} | {world} | {} | {} | {} |",
        next(Contender::RulesTuned, Contender::Oracle),
        next(Contender::RulesTuned, Contender::Never),
        next(Contender::Trained, Contender::RulesTuned),
    )
}
