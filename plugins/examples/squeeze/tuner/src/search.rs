//! Where to look next: compass search.
//!
//! From the values of now it looks one step away in both directions of each parameter, at first a quarter of the whole
//! way. What is better there, the host makes the values of now; where nothing is, the step is halved. For functions
//! that are smooth enough this ends where no direction leads further up, however they are shaped (T. G. Kolda, R. M.
//! Lewis, V. Torczon, "Optimization by Direct Search: New Perspectives on Some Classical and Modern Methods", SIAM
//! Review 45(3), 2003, pages 385 to 482; the method itself is E. Fermi's and N. Metropolis', 1952). Beside the
//! directions of numbers there are those of choices: every other word is one step away, whatever the step.
//!
//! The step is not remembered but found again: it is the largest at which something next to the values of now has not
//! been tried. After a move it is a quarter again, so that a better hill further off is not passed by.

use holobiont_guest::{Context, Target, Tunable};

use crate::scale::Scale;

/// The first step, as a part of the whole way.
const FIRST_STEP: f64 = 0.25;

/// How often it is halved. After that a step is less than a measurement tells apart.
const HALVINGS: i32 = 8;

/// A value to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub value: String,
}

/// The values to try next; none where all that are near were tried. Those of parameters that have made a difference for
/// the better come first, others in an order that follows from the seed.
pub fn polls(context: &Context) -> Vec<Poll<'_>> {
    for halvings in 0..=HALVINGS {
        let mut polls = at_step(context, FIRST_STEP * 0.5f64.powi(halvings));
        polls.retain(|(target, poll)| !was_tried(context, target, poll));
        if polls.is_empty() {
            continue;
        }
        let mut polls: Vec<(f64, u64, Poll<'_>)> = polls
            .into_iter()
            .zip(0u64..)
            .map(|((target, poll), place)| (promise(context, target, poll.name), mixed(context.seed, place), poll))
            .collect();
        polls.sort_by(|(more, a, _), (less, b, _)| less.total_cmp(more).then(a.cmp(b)));
        return polls.into_iter().map(|(_, _, poll)| poll).collect();
    }
    Vec::new()
}

/// All that is one step away.
fn at_step(context: &Context, step: f64) -> Vec<(&Target, Poll<'_>)> {
    let of = |target: &'_ Target, tunable: &'_ Tunable| {
        let value = target.value(&tunable.name)?;
        Some(Scale::of(&tunable.domain)?.around(value, step))
    };
    let mut polls = Vec::new();
    for target in &context.targets {
        for tunable in &target.tunables {
            for value in of(target, tunable).unwrap_or_default() {
                polls.push((target, Poll { id: &target.id, name: &tunable.name, value }));
            }
        }
    }
    polls
}

/// Whether a value was tried among the other values of now. What an attempt did not set, it had as it is now.
fn was_tried(context: &Context, target: &Target, poll: &Poll<'_>) -> bool {
    let wanted = |name: &str| if name == poll.name { Some(poll.value.as_str()) } else { target.value(name) };
    context.history.iter().filter(|attempt| attempt.id == target.id).any(|attempt| {
        target.tunables.iter().all(|tunable| {
            let name = tunable.name.as_str();
            attempt.value(name).or_else(|| target.value(name)) == wanted(name)
        })
    })
}

/// The most that another value of a parameter than that of now was found to be better by, or to be less worse; nothing
/// where no other was tried.
fn promise(context: &Context, target: &Target, name: &str) -> f64 {
    let now = target.value(name);
    let others = context.history.iter().filter(|attempt| attempt.id == target.id);
    let gains = others.filter(|attempt| attempt.value(name).is_some_and(|value| Some(value) != now));
    gains.map(|attempt| attempt.gain).filter(|gain| gain.is_finite()).max_by(f64::total_cmp).unwrap_or(0.0)
}

/// A number that follows from two others and looks like neither: the finaliser of SplitMix64 (G. L. Steele, D. Lea,
/// C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
fn mixed(seed: u64, place: u64) -> u64 {
    let mut bits = seed.wrapping_add((place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
