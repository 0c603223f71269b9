//! How often diminishing returns are declared where there are none, and how long it takes where there are.

use super::*;
use crate::random::{Draws, Stream};

/// An even share of 0..1, never 0 or 1.
fn even(draws: &mut Draws) -> f64 {
    (f64::from(draws.below(1 << 30)) + 0.5) / f64::from(1 << 30)
}

/// A draw of the normal distribution (Box and Muller, 1958).
fn normal(draws: &mut Draws) -> f64 {
    (-2.0 * even(draws).ln()).sqrt() * (std::f64::consts::TAU * even(draws)).cos()
}

/// The cycle, from 1, after which diminishing returns are first declared. Somebody looks after each.
fn told(cycles: usize, rules: &Rules, mut gain: impl FnMut(usize) -> f64) -> Option<usize> {
    let mut tracker = RoiTracker::default().with_rules(rules.clone()).expect("rules");
    (1..=cycles).find(|cycle| {
        let update = Update { after: gain(*cycle), cost: 1.0, ..Update::default() };
        matches!(tracker.record(update).diminishing, Diminishing::Diminishing { .. })
    })
}

/// The cycles of so many runs after which it is first declared, and those in which it never is as `None`.
fn runs(count: usize, cycles: usize, gain: impl Fn(usize, &mut Draws) -> f64) -> Vec<Option<usize>> {
    let mut draws = Draws::new(4, Stream::Split);
    (0..count).map(|_| told(cycles, &Rules::default(), |cycle| gain(cycle, &mut draws))).collect()
}

fn middle(mut stops: Vec<Option<usize>>) -> usize {
    stops.sort_by_key(|stop| stop.unwrap_or(usize::MAX));
    stops[stops.len() / 2].unwrap_or(usize::MAX)
}

#[test]
fn where_cycles_bring_the_tolerance_it_is_rarely_said_that_they_do_not() {
    // All have the mean 0.01, the tolerance, and none is above 0.05, the reach.
    let coins = |_: usize, draws: &mut Draws| f64::from(draws.below(2)) * 0.08 - 0.03;
    let rare = |_: usize, draws: &mut Draws| if draws.below(5) == 0 { 0.05 } else { 0.0 };
    let losses = |_: usize, draws: &mut Draws| if draws.below(10) == 0 { -0.26 } else { 0.04 };
    let bell = |_: usize, draws: &mut Draws| 0.01 + (0.01 * normal(draws)).clamp(-0.04, 0.04);
    let falling = |cycle: usize, draws: &mut Draws| 0.01 + 0.03 / cycle as f64 + 0.01 * (even(draws) - 0.5);
    let count = |stops: Vec<Option<usize>>| stops.iter().flatten().count();
    // One in a hundred brings 1, which is so rare that it takes a reach of that to wait for it.
    let once = |rules: Rules| {
        let mut draws = Draws::new(4, Stream::Split);
        let mut gain = || if draws.below(100) == 0 { 1.0 } else { 0.0 };
        count((0..300).map(|_| told(250, &rules, |_| gain())).collect())
    };
    assert!(once(Rules::default()) > 200);
    let counts = [
        once(Rules { reach: 100.0, ..Rules::default() }),
        count(runs(300, 250, coins)),
        count(runs(300, 250, rare)),
        count(runs(300, 250, losses)),
        count(runs(300, 250, bell)),
        count(runs(300, 250, falling)),
    ];
    println!("false stops of 300: {counts:?}");
    // At 5 % of 300, 27 and more are as rare as three standard deviations.
    assert!(counts.iter().all(|count| *count < 27), "{counts:?}");
}

#[test]
fn where_cycles_bring_nothing_it_is_said_in_time() {
    assert_eq!(told(100, &Rules::default(), |_| 0.0), Some(28));
    let quiet = middle(runs(100, 400, |_, draws| 0.005 * normal(draws)));
    let noisy = middle(runs(100, 400, |_, draws| 0.02 * normal(draws)));
    let losing = middle(runs(100, 400, |_, draws| -0.02 + 0.005 * normal(draws)));
    println!("flat {quiet}, noisy {noisy}, losing {losing}");
    assert!(quiet <= 40 && noisy <= 140 && losing <= 15, "{quiet} {noisy} {losing}");
}

#[test]
fn a_line_goes_on_and_a_saturating_curve_ends_when_it_has() {
    let line = runs(200, 300, |_, draws| 0.03 + 0.01 * normal(draws));
    assert_eq!(line.iter().flatten().count(), 0);
    // 0.1 exp(-cycle / 10): below 0.01 from cycle 24 on.
    let curve = |cycle: usize| 0.1 * (-(cycle as f64) / 10.0).exp();
    assert!(curve(23) > 0.01 && curve(24) < 0.01);
    let exact = told(300, &Rules::default(), curve);
    let stops = runs(200, 300, |cycle, draws| curve(cycle) + 0.005 * normal(draws));
    let false_stops = stops.iter().flatten().filter(|stop| **stop < 24).count();
    let usual = middle(stops);
    println!("saturating: exact {exact:?}, usual {usual}, false {false_stops} of 200");
    assert!(false_stops < 20 && exact.is_some_and(|stop| (24..80).contains(&stop)) && (24..90).contains(&usual));
}

#[test]
fn a_late_jump_ends_the_verdict() {
    let mut tracker = RoiTracker::default();
    let mut draws = Draws::new(4, Stream::Split);
    let mut verdicts = Vec::new();
    for cycle in 1..=120 {
        let gain = if cycle > 60 { 0.05 } else { 0.0 } + 0.005 * normal(&mut draws);
        let verdict = tracker.record(Update { after: gain, ..Update::default() }).diminishing;
        verdicts.push(matches!(verdict, Diminishing::Diminishing { .. }));
    }
    // No rule foresees the jump: before it, cycles bring nothing and it is said so. After it, at once or nearly, no more.
    assert!(verdicts[59], "{verdicts:?}");
    assert!(verdicts[62..].iter().all(|said| !said), "{verdicts:?}");
}

#[test]
fn growth_that_speeds_up_never_diminishes() {
    for curve in [|n: f64| n * n, |n: f64| 0.15 * n * n - 0.05 * n, |n: f64| n.exp2()] {
        for calm in [0, 5, 50] {
            let gain = |cycle: usize| if cycle <= calm { 0.05 } else { curve((cycle - calm - 1) as f64) };
            assert_eq!(told(calm + 40, &Rules::default(), gain), None);
        }
    }
}

#[test]
fn gains_are_held_against_what_they_cost() {
    let rules = Rules { per: Per::Credit, tolerance: 0.001, ..Rules::default() };
    // 0.02 per cycle: of 4 credits that is 0.005 per credit, of 40 it is 0.0005.
    let told_at = |credits: f64| {
        let mut tracker = RoiTracker::default().with_rules(rules.clone()).expect("rules");
        (1..=150).find(|_| {
            let update = Update { after: 0.02, cost: credits, ..Update::default() };
            matches!(tracker.record(update).diminishing, Diminishing::Diminishing { .. })
        })
    };
    assert_eq!(told_at(4.0), None);
    assert!(told_at(40.0).is_some());
    // Cycles that cost nothing say nothing of credits.
    let mut free = RoiTracker::default().with_rules(rules.clone()).expect("rules");
    for _ in 0..50 {
        free.record(Update::default());
    }
    assert_eq!(free.diminishing(), Diminishing::NotEnoughData { have: 0, need: 5 });
}
