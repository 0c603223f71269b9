//! `MIN_BANDWIDTH`, `MAX_BANDWIDTH` and `BANDWIDTH_LIMIT` do not fall in this order.

use super::moves::{Bench, Cause, Decision, Reason};
use super::votes::Way;
use super::words::named;
use crate::environment::{Environment, Key};

/// The three, lowest first.
const ORDER: [Key; 3] = [Key::MinBandwidth, Key::MaxBandwidth, Key::BandwidthLimit];

/// Puts bandwidths that came out of order into it, by raising the higher one: a decision for each that is raised.
pub(super) fn mend(environment: &Environment) -> Vec<Decision> {
    let mut decisions = Vec::new();
    let mut highest: Option<(Key, f64)> = None;
    for key in ORDER {
        let Some(value) = environment.get(key) else { continue };
        if let Some((low, least)) = highest.filter(|(_, least)| *least > value) {
            let mut decision = Decision::stay(key, value, true);
            decision.to = Some((least, Way::Up, Cause::Order));
            decision.because = format!("up: {} was above {}", named(low, least), named(key, value));
            decisions.push(decision);
            highest = Some((key, least));
        } else {
            highest = Some((key, value));
        }
    }
    decisions
}

/// Has decisions on bandwidths keep their order. One that would break it takes its neighbour along, if nothing speaks
/// against that; where it may not, it stays too.
pub(super) fn keep(decisions: &mut Vec<Decision>, environment: &Environment, bench: Bench<'_>) {
    for key in ORDER {
        if let Some(value) = environment.get(key)
            && !decisions.iter().any(|decision| decision.key == key)
        {
            decisions.push(Decision::stay(key, value, true));
        }
    }
    // Each turn lets a bandwidth go along or holds one for good; there are three.
    for _ in 0..2 * ORDER.len() {
        let Some((low, high)) = broken(decisions) else { return };
        settle(decisions, low, high, bench);
    }
}

/// The places of two neighbours that are out of order.
fn broken(decisions: &[Decision]) -> Option<(usize, usize)> {
    let places: Vec<usize> = ORDER
        .iter()
        .filter_map(|key| decisions.iter().position(|decision| decision.key == *key && exists(decision)))
        .collect();
    let out = |pair: &&[usize]| match **pair {
        [low, high] => matches!((decisions.get(low), decisions.get(high)), (Some(l), Some(h)) if l.value() > h.value()),
        _ => false,
    };
    places.windows(2).find(out).and_then(|pair| Some((*pair.first()?, *pair.last()?)))
}

/// Whether the key has a value, or is about to.
fn exists(decision: &Decision) -> bool {
    decision.is_given || decision.to.is_some()
}

/// Puts two neighbours in order: one goes along, or the one that moved stays.
fn settle(decisions: &mut [Decision], low: usize, high: usize, bench: Bench<'_>) {
    let (Some(lower), Some(higher)) = (decisions.get(low), decisions.get(high)) else { return };
    let (mover, follower, way) = match (lower.way(), higher.way()) {
        (Some(Way::Up), Some(Way::Down)) => {
            let (up, down) = (lower.net.abs(), higher.net.abs());
            let because = format!(
                "{} and {} would pass each other",
                named(lower.key, lower.value()),
                named(higher.key, higher.value())
            );
            // The side with fewer votes stays; on a tie both do, one after the other.
            let loser = if up <= down { low } else { high };
            return hold(decisions, loser, because);
        }
        (Some(Way::Up), _) => (low, high, Way::Up),
        (_, Some(Way::Down)) => (high, low, Way::Down),
        _ => return,
    };
    let (Some(moved), Some(other)) = (decisions.get(mover), decisions.get(follower)) else { return };
    let taken = named(moved.key, moved.value());
    let because = format!("{}: {taken} would pass {}", way.word(), named(other.key, other.from));
    let to = other.key.next_rung(other.from, way == Way::Up);
    let reaches = to.is_some_and(|to| if way == Way::Up { to >= moved.value() } else { to <= moved.value() });
    let wants_other = if way == Way::Up { other.net < 0.0 } else { other.net > 0.0 };
    let rests = bench.resting(other.key, way, Cause::Order).is_some();
    match to.filter(|_| reaches && other.may_go_along() && !wants_other && !rests) {
        Some(to) => {
            if let Some(other) = decisions.get_mut(follower) {
                other.to = Some((to, way, Cause::Order));
                (other.held, other.because) = (None, because);
            }
        }
        None => {
            let because = format!("{taken} would pass {}, which stays", named(other.key, other.value()));
            hold(decisions, mover, because);
        }
    }
}

fn hold(decisions: &mut [Decision], place: usize, because: String) {
    if let Some(decision) = decisions.get_mut(place) {
        decision.hold(Reason::Order, because);
    }
}
