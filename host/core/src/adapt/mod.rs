//! Environments that follow what is measured: which of their keys go a rung up or down, and why.
//!
//! **Votes.** A rule ([`RULES`]) looks at one series of the tracker. Where the mean of its last 3 values and of the
//! forecast is beyond the rule's band, it votes for moving some keys. With fewer than 5 values that decides; from 5 on
//! the interval of the forecast has to be beyond the band as well, scaled by how well forecasts of the series have held:
//! its halves count 2 (1 - reliability) times. What modules used at most ([`RESOURCES`]) votes too, and so may a
//! learned agent ([`PresetAgent`]). All votes on a key are added up, and it goes at most one rung.
//!
//! **What votes cannot do.** No limit goes to a rung below what a module used in the remembered window, with headroom, nor
//! back to one that was hit. A limit that ended a run, or stands below a measured peak, goes up. A limit that is
//! measured to have room is not raised: nobody touches it, so it holds nothing back. No key is moved back within some
//! cycles, unless what was measured of its resource speaks for it. `MIN_BANDWIDTH`, `MAX_BANDWIDTH` and `BANDWIDTH_LIMIT` keep their order: one that
//! would pass another takes it along, or stays. Nothing is moved twice by the same cycles.
//!
//! A key that is absent bounds nothing and grants nothing, and stays absent; only what makes an environment harder is made
//! where there was none: latency, threat, security.
//!
//! All that is said of why, in [`Move`] and [`Held`].
//!
//! ```
//! use holobiont_core::adapt::{AdaptConfig, AdaptState, adapt_presets};
//! use holobiont_core::{Environment, Key, RoiTracker, Update};
//!
//! let mut tracker = RoiTracker::default();
//! let metrics = [("synergy_efficiency".to_owned(), 0.02)].into();
//! tracker.record(Update { before: 0.0, after: 0.1, metrics, ..Update::default() });
//! let mut environment = Environment::default();
//! environment.set(Key::CpuLimit, 1.0);
//! environment.set(Key::MemoryLimit, 256.0);
//! let mut state = AdaptState::default();
//! let adapted = adapt_presets(&tracker, &[environment], &AdaptConfig::default(), &mut state, None);
//! let after = &adapted.environments[0];
//! assert_eq!((after.get(Key::CpuLimit), after.get(Key::MemoryLimit)), (Some(0.5), Some(128.0)));
//! ```

mod agent;
mod config;
mod evidence;
mod moves;
mod need;
mod order;
mod rules;
mod state;
#[cfg(test)]
mod tests;
mod votes;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use self::agent::{AGENT_BY_DEFAULT, Action, Advice, PolicyError, PresetAgent};
pub use self::config::AdaptConfig;
pub use self::moves::{Cause, Held, Move, Reason};
pub use self::need::{RESOURCES, Resource};
pub use self::rules::{Moves, RULES, Rule, Sight};
pub use self::state::AdaptState;
pub use self::votes::{Vote, Way};

use self::evidence::Evidence;
use self::moves::{Bench, Decision};
use self::state::EnvironmentState;
use self::votes::{Ballot, Silent};
use crate::environment::{Environment, Key};
use crate::tracker::RoiTracker;

/// Environments after adapting, and why they are as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adaptation {
    /// The environments, in the order in which they were given.
    pub environments: Vec<Environment>,
    /// What was moved.
    pub moves: Vec<Move>,
    /// What was not, though something spoke for it, and the rules that said nothing.
    pub held: Vec<Held>,
}

/// Moves the keys of environments by what a tracker says. The same arguments give the same answer. `state` is what was
/// remembered of the last time, and is brought up to date; an environment is known in it by its name, or where it has
/// none by its place (`scenario_0`). The agent, if there is one, learns from the newest cycle first.
#[must_use]
pub fn adapt_presets(
    tracker: &RoiTracker,
    environments: &[Environment],
    config: &AdaptConfig,
    state: &mut AdaptState,
    agent: Option<&mut PresetAgent>,
) -> Adaptation {
    let advice = agent.map(|agent| agent.advise(tracker));
    adapt_on(&Evidence::of(tracker, config), environments, config, state, advice.as_ref())
}

fn adapt_on(
    evidence: &Evidence,
    environments: &[Environment],
    config: &AdaptConfig,
    state: &mut AdaptState,
    advice: Option<&Advice>,
) -> Adaptation {
    let (mut ballot, silent) = votes::of_rules(evidence, config);
    if let Some(advice) = advice {
        votes::of_agent(advice, config, &mut ballot);
    }
    let mut adaptation = Adaptation { held: silent.into_iter().map(Silent::held).collect(), ..Adaptation::default() };
    for (environment, name) in environments.iter().zip(names(environments)) {
        let remembered = state.environments.entry(name.clone()).or_default();
        if evidence.updates < remembered.updates {
            // Another tracker than last time: what was remembered was of other cycles.
            *remembered = EnvironmentState::default();
        }
        if evidence.updates == remembered.updates {
            adaptation.held.push(nothing_new(name, evidence.updates));
            adaptation.environments.push(environment.clone());
            continue;
        }
        let decisions = decisions(evidence, config, remembered, environment, &tightest(environments), &ballot);
        remembered.updates = evidence.updates;
        adaptation.apply(environment, &name, decisions, remembered);
    }
    adaptation
}

/// The names of environments: an unnamed one is called by its place, and of two of a name the later one also.
fn names(environments: &[Environment]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let of = |(place, environment): (usize, &Environment)| {
        let name = environment.name.clone().unwrap_or_else(|| format!("scenario_{place}"));
        let name = if taken.contains(&name) { format!("{name}#{place}") } else { name };
        taken.insert(name.clone());
        name
    };
    environments.iter().enumerate().map(of).collect()
}

/// The lowest value of each key.
fn tightest(environments: &[Environment]) -> BTreeMap<Key, f64> {
    let mut lowest = BTreeMap::new();
    for (key, value) in environments.iter().flat_map(Environment::iter) {
        let least = lowest.entry(key).or_insert(value);
        *least = value.min(*least);
    }
    lowest
}

fn nothing_new(environment: String, updates: usize) -> Held {
    Held {
        environment: Some(environment),
        key: None,
        rule: None,
        reason: Reason::NothingNew,
        votes: Vec::new(),
        because: format!("nothing new: it was adapted to these {updates} cycles before"),
    }
}

/// What is to become of the keys of an environment, and the votes that did not count. Notes limits that were hit.
fn decisions(
    evidence: &Evidence,
    config: &AdaptConfig,
    state: &mut EnvironmentState,
    environment: &Environment,
    tightest: &BTreeMap<Key, f64>,
    ballot: &Ballot,
) -> (Vec<Decision>, Vec<Held>) {
    let is_tightest = |key: Key, value: f64| tightest.get(&key).is_none_or(|least| value <= *least);
    for (key, need) in &evidence.needs {
        let Some(limit) = environment.get(*key) else { continue };
        if moves::was_hit(need, limit, is_tightest(*key, limit)) {
            state.note_hit(*key, limit, evidence.updates, config.window);
        }
    }
    let bench = Bench { evidence, config, state };
    let mended = order::mend(environment);
    let (mut decisions, mut held) = (Vec::new(), Vec::new());
    for row in Key::TABLE {
        let (key, given) = (row.key, environment.get(row.key));
        if given.is_none() && !moves::MADE.contains(&key) {
            continue;
        }
        let votes = ballot.get(&key).cloned().unwrap_or_default();
        if votes.is_empty() && !evidence.needs.contains_key(&key) {
            continue;
        }
        let from = given.unwrap_or_else(|| moves::absent(key, environment));
        let stays = Decision::stay(key, from, given.is_some());
        let (decision, idle) = bench.decide(stays, is_tightest(key, from), votes);
        // What is absent cannot be made easier.
        if given.is_none() && decision.way() != Some(Way::Up) {
            continue;
        }
        decisions.push(decision);
        held.extend(idle);
    }
    if mended.is_empty() {
        order::keep(&mut decisions, environment, bench);
    } else {
        // Votes on bandwidths are about those that there were.
        decisions.retain(|decision| !rules::BANDWIDTHS.contains(&decision.key));
        decisions.extend(mended);
    }
    (decisions, held)
}

impl Silent {
    fn held(self) -> Held {
        Held {
            environment: None,
            key: None,
            rule: Some(self.rule),
            reason: Reason::Band,
            votes: Vec::new(),
            because: self.because,
        }
    }
}

impl Adaptation {
    /// Does what was decided on an environment, and remembers it.
    fn apply(
        &mut self,
        environment: &Environment,
        name: &str,
        (decisions, idle): (Vec<Decision>, Vec<Held>),
        state: &mut EnvironmentState,
    ) {
        let mut adapted = environment.clone();
        self.held.extend(idle.into_iter().map(|held| Held { environment: Some(name.to_owned()), ..held }));
        for Decision { key, from, to, votes, because, held, .. } in decisions {
            if let Some((to, way, cause)) = to {
                adapted.set(key, to);
                state.key_mut(key).moved = Some((way, state.updates));
                self.moves.push(Move { environment: name.to_owned(), key, from, to, cause, votes, because });
            } else if let Some(reason) = held {
                let environment = Some(name.to_owned());
                self.held.push(Held { environment, key: Some(key), rule: None, reason, votes, because });
            }
        }
        self.environments.push(adapted);
    }
}
