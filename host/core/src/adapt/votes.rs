//! What speaks for moving a key, and which way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::agent::{Action, Advice};
use super::config::AdaptConfig;
use super::evidence::{Evidence, Reading, Standing};
use super::need::{Need, RESOURCES};
use super::rules::{BANDWIDTHS, Moves, RULES, Rule};
use crate::environment::Key;
use crate::units::figure;

/// Which way a key goes on its ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// To a higher rung.
    Up,
    /// To a lower one.
    Down,
}

impl Way {
    pub(super) fn word(self) -> &'static str {
        if self == Self::Up { "up" } else { "down" }
    }
}

/// A vote for moving a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Vote {
    /// Who votes: the metric of a rule, `need`, or `agent`.
    pub rule: &'static str,
    /// By what.
    pub metric: &'static str,
    /// Which way.
    pub direction: Way,
    /// What the vote counts.
    pub weight: f64,
    /// What the metric comes to, with what is expected next.
    pub value: f64,
    /// The lower end of the interval of what is expected, as wide as it counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Between these it would have said nothing.
    pub band: [f64; 2],
    /// How many values there were.
    pub samples: usize,
    /// How well forecasts of the metric have held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<f64>,
    /// Why.
    pub why: &'static str,
}

/// A rule that was looked at and says nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Silent {
    pub(super) rule: &'static str,
    pub(super) because: String,
}

/// The votes for each key, but for what was measured of resources, which depends on the environment.
pub(super) type Ballot = BTreeMap<Key, Vec<Vote>>;

/// What the rules say, and which of them say nothing.
pub(super) fn of_rules(evidence: &Evidence, config: &AdaptConfig) -> (Ballot, Vec<Silent>) {
    let (mut ballot, mut silent) = (Ballot::new(), Vec::new());
    for rule in RULES {
        let Some(reading) = evidence.reading(rule, config) else { continue };
        let moves = match reading.standing {
            Standing::Above => rule.above,
            Standing::Within => rule.within,
            Standing::Below => rule.below,
            Standing::Unsure => Moves { up: &[], down: &[] },
        };
        for (keys, way) in [(moves.up, Way::Up), (moves.down, Way::Down)] {
            for key in keys {
                ballot.entry(*key).or_default().push(vote(rule, &reading, way));
            }
        }
        if moves.up.is_empty() && moves.down.is_empty() {
            silent.push(Silent { rule: rule.metric, because: silence(&reading) });
        }
    }
    (ballot, silent)
}

fn vote(rule: &Rule, reading: &Reading, direction: Way) -> Vote {
    Vote {
        rule: rule.metric,
        metric: rule.metric,
        direction,
        weight: 1.0,
        value: reading.value,
        low: reading.interval.map(|(low, _)| low),
        high: reading.interval.map(|(_, high)| high),
        band: reading.band,
        samples: reading.samples,
        reliability: reading.reliability,
        why: rule.why,
    }
}

fn silence(reading: &Reading) -> String {
    let [low, high] = reading.band.map(figure);
    let value = figure(reading.value);
    match (reading.standing, reading.interval) {
        (Standing::Unsure, Some((least, most))) => format!(
            "{value} is beyond {low} to {high}, but what is expected next, {} to {}, is not",
            figure(least),
            figure(most)
        ),
        (Standing::Within, _) => format!("{value} is within {low} to {high}"),
        _ => format!("{value} is beyond {low} to {high}, where nothing follows from it"),
    }
}

/// Adds what the learned agent says.
pub(super) fn of_agent(advice: &Advice, config: &AdaptConfig, ballot: &mut Ballot) {
    const WHY: &str = "of what was tried in the like of this it has done best, or is being tried";
    let (keys, direction): (&[Key], Way) = match advice.action {
        Action::CpuUp => (&[Key::CpuLimit], Way::Up),
        Action::CpuDown => (&[Key::CpuLimit], Way::Down),
        Action::MemoryUp => (&[Key::MemoryLimit], Way::Up),
        Action::MemoryDown => (&[Key::MemoryLimit], Way::Down),
        Action::BandwidthUp => (BANDWIDTHS, Way::Up),
        Action::BandwidthDown => (BANDWIDTHS, Way::Down),
        Action::ThreatUp => (&[Key::ThreatIntensity], Way::Up),
        Action::ThreatDown => (&[Key::ThreatIntensity], Way::Down),
        Action::Stay => return,
    };
    for key in keys {
        ballot.entry(*key).or_default().push(Vote {
            rule: "agent",
            metric: "learned value",
            direction,
            weight: config.agent_weight,
            value: advice.value,
            low: None,
            high: None,
            band: [advice.value_of_staying; 2],
            samples: advice.tried,
            reliability: None,
            why: WHY,
        });
    }
}

/// What was measured of a resource says of a limit.
pub(super) fn of_need(key: Key, limit: f64, need: &Need, config: &AdaptConfig) -> Option<Vote> {
    let metric = RESOURCES.iter().find(|resource| resource.key == key)?.name;
    let below = key.next_rung(limit, false);
    let direction = if need.expected > limit {
        Way::Up
    } else if below.is_some_and(|rung| need.least() <= rung) {
        Way::Down
    } else {
        return None;
    };
    let interval = need.series.interval();
    Some(Vote {
        rule: "need",
        metric,
        direction,
        weight: config.need_weight,
        value: if direction == Way::Up { need.expected } else { need.least() },
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        band: [below.unwrap_or(0.0), limit],
        samples: need.series.samples,
        reliability: need.series.reliability,
        why: "a limit is to hold what is needed with headroom, and no more",
    })
}
