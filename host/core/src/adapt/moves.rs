//! From votes to moves: one rung, floors, rests.

use serde::{Serialize, Serializer};

use super::config::AdaptConfig;
use super::evidence::Evidence;
use super::need::Need;
use super::rules::BANDWIDTHS;
use super::state::EnvironmentState;
use super::votes::{Vote, Way, of_need};
use super::words::{election, named};
use crate::environment::{Environment, Key};
use crate::units::figure;

/// The keys that are made where they are absent. Another limit that is absent holds nothing back, so that to make it
/// would be to take something away; and nobody is to be granted an accelerator by a rule.
pub(super) const MADE: &[Key] = &[Key::NetworkLatency, Key::SecurityLevel, Key::ThreatIntensity];

/// What an absent key counts as: what its table says, but a threat what faults and hostile inputs that are named make it.
pub(super) fn absent(key: Key, environment: &Environment) -> f64 {
    let named = 100.0 * environment.scenario("").threat_intensity;
    if key == Key::ThreatIntensity && named > 0.0 { named } else { key.row().absent }
}

/// Why a key was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// More votes were for it than against it.
    Votes,
    /// What was measured of a resource is for it: a module needed more than the limit, whatever the votes; or it is
    /// one of the votes, and they were more.
    Need,
    /// Another bandwidth moved, and the three have an order.
    Order,
}

/// A key that was moved, by a rung.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// The name of the environment.
    pub environment: String,
    /// What was moved.
    #[serde(serialize_with = "by_name")]
    pub key: Key,
    /// The value before, or what an absent key counts as.
    pub from: f64,
    /// The value now.
    pub to: f64,
    /// What it came from.
    pub cause: Cause,
    /// All votes on the key that counted.
    pub votes: Vec<Vote>,
    /// Why, in words.
    pub because: String,
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// There was no new cycle.
    NothingNew,
    /// A rule was looked at, and its metric is where nothing follows from it.
    Band,
    /// As many votes were for it as against it.
    Tie,
    /// There is no further rung.
    End,
    /// The rung would not hold what was measured to be needed.
    Floor,
    /// The limit is measured to have room: to raise it would change nothing.
    Slack,
    /// The key was moved the other way not long ago.
    Rest,
    /// The three bandwidths would have got out of order.
    Order,
}

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The name of the environment; absent where it holds for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The key, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "some_by_name")]
    pub key: Option<Key>,
    /// The rule, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Why not.
    pub reason: Reason,
    /// The votes that came to nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
    /// Why not, in words.
    pub because: String,
}

fn by_name<S: Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.row().name)
}

fn some_by_name<S: Serializer>(key: &Option<Key>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_some(&key.map(|key| key.row().name))
}

/// What is to become of a key.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) key: Key,
    pub(super) from: f64,
    /// Whether the environment has a value of it.
    pub(super) is_given: bool,
    /// Where it goes, which way, and what from; `None` for staying.
    pub(super) to: Option<(f64, Way, Cause)>,
    /// Votes for, less votes against.
    pub(super) net: f64,
    /// The votes that counted.
    pub(super) votes: Vec<Vote>,
    /// Why, or why not, in words.
    pub(super) because: String,
    /// Why not, where there was something to be done.
    pub(super) held: Option<Reason>,
}

impl Decision {
    pub(super) fn stay(key: Key, from: f64, is_given: bool) -> Self {
        Self { key, from, is_given, to: None, net: 0.0, votes: Vec::new(), because: String::new(), held: None }
    }

    /// The value that it comes to.
    pub(super) fn value(&self) -> f64 {
        self.to.map_or(self.from, |(to, ..)| to)
    }

    pub(super) fn way(&self) -> Option<Way> {
        self.to.map(|(_, way, _)| way)
    }

    /// Whether it may yet be taken along by a neighbour: it stays, and not because of the order.
    pub(super) fn may_go_along(&self) -> bool {
        self.to.is_none() && self.held != Some(Reason::Order)
    }

    /// Stays after all.
    pub(super) fn hold(&mut self, reason: Reason, because: String) {
        self.to = None;
        self.held = Some(reason);
        self.because = because;
    }

    /// Goes to the next rung, or holds at the end of the ladder.
    fn go(&mut self, way: Way, cause: Cause, because: String) {
        match self.key.next_rung(self.from, way == Way::Up) {
            Some(to) => {
                self.to = Some((to, way, cause));
                self.because = because;
            }
            None => self.hold(Reason::End, format!("there is no rung {} from {}", way.word(), figure(self.from))),
        }
    }
}

/// What decisions on the keys of an environment go by.
#[derive(Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) config: &'a AdaptConfig,
    pub(super) state: &'a EnvironmentState,
}

impl Bench<'_> {
    /// Decides on a key that has, or counts as having, a value. `tightest` says that no other environment has a lower
    /// one, so that a limit that was hit was this one. Votes that did not count come along.
    pub(super) fn decide(&self, mut decision: Decision, tightest: bool, votes: Vec<Vote>) -> (Decision, Option<Held>) {
        let Decision { key, from, is_given, .. } = decision;
        let need = self.evidence.needs.get(&key);
        let (mut votes, idle) = self.without_idle(key, from, need, votes);
        if let Some(vote) = need.and_then(|need| of_need(key, from, need, self.config)) {
            votes.push(vote);
        }
        decision.net =
            votes.iter().map(|vote| if vote.direction == Way::Up { vote.weight } else { -vote.weight }).sum();
        decision.votes = votes;
        match need.filter(|_| is_given).and_then(|need| too_low(from, need, tightest)) {
            Some(because) => decision.go(Way::Up, Cause::Need, because),
            None => self.by_votes(&mut decision, need),
        }
        (decision, idle)
    }

    /// Takes out the votes for raising a limit that is measured to have room. A limit that nobody touches cannot be
    /// what holds anything back, so raising it would cost and change nothing.
    fn without_idle(&self, key: Key, from: f64, need: Option<&Need>, votes: Vec<Vote>) -> (Vec<Vote>, Option<Held>) {
        let room = match need {
            Some(need) => {
                let hit = self.state.hit(key, self.evidence.updates, self.config.window);
                need.least() <= from && !need.was_hit && hit.is_none_or(|limit| limit < from)
            }
            // Of traffic no peak is measured, only whether anything waited for it. That is for growth to ask; a
            // group that bears more traffic may be given it all the same.
            None => BANDWIDTHS.contains(&key) && self.evidence.nothing_waits,
        };
        let is_idle = |vote: &Vote| {
            let asks = need.is_some() || vote.rule == "roi";
            room && asks && vote.direction == Way::Up
        };
        let (idle, counted): (Vec<Vote>, Vec<Vote>) = votes.into_iter().partition(is_idle);
        let held = (!idle.is_empty()).then(|| Held {
            environment: None,
            key: Some(key),
            rule: None,
            reason: Reason::Slack,
            because: match need {
                Some(need) => {
                    format!("{} has room: {} is enough with headroom", named(key, from), figure(need.least()))
                }
                None => format!("{} has room: nothing has waited in the last cycles", named(key, from)),
            },
            votes: idle,
        });
        (counted, held)
    }

    fn by_votes(&self, decision: &mut Decision, need: Option<&Need>) {
        let key = decision.key;
        if decision.votes.is_empty() {
            return;
        }
        if decision.net == 0.0 {
            let votes = decision.votes.len();
            return decision.hold(Reason::Tie, format!("its {votes} votes cancel"));
        }
        let way = if decision.net > 0.0 { Way::Up } else { Way::Down };
        let mut because = election(&decision.votes, way, decision.net);
        if let Some(need) = need.filter(|need| way == Way::Down && below_highest(key, decision.from, need)) {
            because +=
                &format!(". A module once used {}, more than {} cycles ago", figure(need.highest), self.config.window);
        }
        let is_measured = decision.votes.iter().any(|vote| vote.rule == "need" && vote.direction == way);
        decision.go(way, if is_measured { Cause::Need } else { Cause::Votes }, because);
        let Some((to, _, cause)) = decision.to else { return };
        let against = self.below_floor(key, way, to, need).or_else(|| self.resting(key, way, cause));
        if let Some((reason, because)) = against {
            decision.hold(reason, because);
        }
    }

    /// Whether a rung would not hold what was measured.
    fn below_floor(&self, key: Key, way: Way, to: f64, need: Option<&Need>) -> Option<(Reason, String)> {
        let need = need.filter(|_| way == Way::Down)?;
        let window = self.config.window;
        let cycles = if window == 1 { "the newest cycle".to_owned() } else { format!("the last {window} cycles") };
        if to < need.floor {
            let (floor, peak) = (figure(need.floor), figure(need.peak));
            let because =
                format!("{} is below {floor}: a module used {peak} in {cycles}, and headroom", named(key, to));
            return Some((Reason::Floor, because));
        }
        let hit = self.state.hit(key, self.evidence.updates, window).filter(|hit| to <= *hit)?;
        Some((Reason::Floor, format!("{} is not above {}, which was hit in {cycles}", named(key, to), figure(hit))))
    }

    /// Whether a key rests from a move the other way. What was measured has no need to wait: it is not turned round by
    /// chance in the way that a few values of a metric are.
    pub(super) fn resting(&self, key: Key, way: Way, cause: Cause) -> Option<(Reason, String)> {
        let rest = self.config.rest;
        let rests = cause != Cause::Need && self.state.rests(key, way, self.evidence.updates, rest);
        rests.then(|| {
            let way = way.word();
            let because = format!("it was moved the other way less than {rest} cycles ago, and is not moved {way} yet");
            (Reason::Rest, because)
        })
    }
}

/// Whether the next rung down would not hold what a module once used.
fn below_highest(key: Key, from: f64, need: &Need) -> bool {
    key.next_rung(from, false).is_some_and(|rung| rung < need.highest)
}

/// Whether a limit is too low by measurement, in words.
fn too_low(limit: f64, need: &Need, tightest: bool) -> Option<String> {
    if need.was_hit && tightest {
        return Some(format!("up: a run of the newest cycle was ended by the limit of {}", figure(limit)));
    }
    (limit < need.peak)
        .then(|| format!("up: the limit of {} stands below a measured peak of {}", figure(limit), figure(need.peak)))
}

/// Whether a limit was hit, and so is not one to come back to.
pub(super) fn was_hit(need: &Need, limit: f64, tightest: bool) -> bool {
    need.was_hit && (tightest || limit <= need.peak)
}
