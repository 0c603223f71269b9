//! Decisions one by one; a long time of them is in [`simulations`].

mod simulations;

use proptest::prelude::*;

use super::*;

fn engines(names: &[&str]) -> Vec<Ranked> {
    names.iter().map(|name| ranked(name, 0.0)).collect()
}

fn ranked(name: &str, brought: f64) -> Ranked {
    Ranked { name: name.to_owned(), total: brought, robust_total: brought }
}

/// One that does at once what the first signal says.
fn eager() -> Autoscale {
    Autoscale { signals: 1, cool_down_ms: 0, ..Autoscale::default() }
}

/// Decides, and does it to the engines.
fn step(
    scale: &Autoscale,
    state: &mut ScaleState,
    (capital, trend): (f64, f64),
    all: &mut Vec<Ranked>,
    now_ms: u64,
) -> Scaling {
    let scaling = scale.decide(state, &Load { capital, trend, engines: all }, now_ms);
    match &scaling {
        Scaling::Add { name, .. } => all.push(ranked(name, 0.0)),
        Scaling::Remove { name, .. } => all.retain(|engine| engine.name != *name),
        Scaling::Stay { .. } => {}
    }
    state.changed(&scaling, now_ms);
    scaling
}

fn words(scaling: &Scaling) -> &str {
    let (Scaling::Add { because, .. } | Scaling::Remove { because, .. } | Scaling::Stay { because }) = scaling;
    because
}

#[test]
fn engines_come_with_energy_and_growth_and_go_without() {
    // Fact E3.
    let scale = Autoscale { roi_threshold: 0.1, max_engines: 2, ..eager() };
    let (mut state, mut all) = (ScaleState::default(), engines(&["alpha"]));
    step(&scale, &mut state, (0.9, 0.5), &mut all, 0);
    assert_eq!(all, engines(&["alpha", "engine-1"]));
    let most = step(&scale, &mut state, (0.9, 0.5), &mut all, 1);
    assert!(
        matches!(most, Scaling::Stay { .. }) && words(&most).ends_with("but max-engines is 2, and so many there are")
    );
    step(&scale, &mut state, (0.2, -0.2), &mut all, 2);
    assert_eq!(all.len(), 1);
    let fewest = step(&scale, &mut state, (0.2, -0.2), &mut all, 3);
    assert_eq!(words(&fewest), "the capital is 0.2, below 0.3; but min-engines is 1, and so many there are");
    // Where a signal has to come three times, so many later.
    let scale = Autoscale { signals: 3, ..scale };
    let (mut state, mut all) = (ScaleState::default(), engines(&["alpha"]));
    let counts: Vec<usize> = (0..8)
        .map(|now_ms| {
            step(&scale, &mut state, if now_ms < 4 { (0.9, 0.5) } else { (0.2, -0.2) }, &mut all, now_ms);
            all.len()
        })
        .collect();
    assert_eq!(counts, [1, 1, 2, 2, 2, 2, 1, 1]);
}

#[test]
fn each_criterion_is_needed_for_one_more_and_each_is_enough_for_one_less() {
    let scale = Autoscale { cost_per_engine: 0.2, ..eager() };
    let decide = |capital, trend| {
        let all = engines(&["a", "b"]);
        scale.decide(&mut ScaleState::default(), &Load { capital, trend, engines: &all }, 0)
    };
    let why = "the capital is 0.9, above 0.8, and the trend is 0.5, above 0.02 and more than an engine costs, 0.2";
    let more = Scaling::Add { name: "engine-1".to_owned(), cost: 0.2, because: why.to_owned() };
    assert_eq!(decide(0.9, 0.5), more);
    assert_eq!(words(&decide(0.8, 0.5)), "the capital is 0.8, neither above 0.8 nor below 0.3");
    assert_eq!(words(&decide(0.9, 0.02)), "the trend is 0.02, neither above 0.02 nor below -0.02");
    assert_eq!(words(&decide(0.9, 0.2)), "the trend is 0.2, not more than an engine costs, 0.2");
    assert_eq!(words(&decide(0.9, f64::NAN)), "the capital or the trend is no number");
    assert!(matches!(decide(0.3, -0.02), Scaling::Stay { .. }));
    assert!(matches!(decide(0.29, 0.5), Scaling::Remove { .. }));
    assert_eq!(words(&decide(0.9, -0.03)), "the trend is -0.03, below -0.02; b brought the least, 0");
    assert!(matches!(decide(f64::INFINITY, f64::INFINITY), Scaling::Add { .. }));
}

#[test]
fn the_engine_that_brought_the_least_goes() {
    let gone = |all: &[Ranked]| match remove(all, String::new()) {
        Scaling::Remove { name, .. } => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(gone(&[ranked("a", 0.5), ranked("b", -0.1), ranked("c", 0.2)]), "b");
    assert_eq!(gone(&[ranked("first", 0.0), ranked("last", 0.0)]), "last");
    assert_eq!(gone(&[ranked("a", -1.0), ranked("b", f64::NAN), ranked("c", 0.0)]), "b");
    // One odd cycle does not save an engine.
    assert_eq!(gone(&[ranked("a", 0.5), Ranked { total: 9.0, ..ranked("odd", 0.1) }]), "odd");
    assert_eq!(words(&remove(&engines(&["\u{1b}[2J"]), "x".to_owned())), "x; \\u{1b}[2J brought the least, 0");
    assert!(matches!(remove(&[], String::new()), Scaling::Stay { .. }));
}

#[test]
fn a_signal_has_to_come_in_a_row() {
    let scale = Autoscale { signals: 2, ..eager() };
    let (mut state, mut all) = (ScaleState::default(), engines(&["a"]));
    let first = step(&scale, &mut state, (0.9, 0.5), &mut all, 0);
    assert!(words(&first).ends_with("but this is signal 1 of 2 in a row"), "{first:?}");
    step(&scale, &mut state, (0.5, 0.5), &mut all, 1);
    step(&scale, &mut state, (0.9, 0.5), &mut all, 2);
    assert_eq!(all.len(), 1);
    step(&scale, &mut state, (0.9, 0.5), &mut all, 3);
    assert_eq!(all.len(), 2);
}

#[test]
fn after_a_change_and_after_a_refusal_there_is_a_rest() {
    let scale = Autoscale { cool_down_ms: 1000, ..eager() };
    let (mut state, mut all) = (ScaleState::default(), engines(&["a"]));
    step(&scale, &mut state, (0.9, 0.5), &mut all, 5000);
    let rests = step(&scale, &mut state, (0.9, 0.5), &mut all, 5999);
    assert!(words(&rests).ends_with("but the last change was 999.0 ms ago, less than 1.00 s"), "{rests:?}");
    let load = Load { capital: 0.9, trend: 0.5, engines: &all.clone() };
    let asked = scale.decide(&mut state, &load, 6000);
    assert!(matches!(&asked, Scaling::Add { name, .. } if name == "engine-2"));
    state.refused(6000);
    assert!(matches!(scale.decide(&mut state, &load, 6500), Scaling::Stay { .. }));
    // Nobody was made, so the name is still free.
    assert_eq!(scale.decide(&mut state, &load, 7000), asked);
    // A clock that was put back: no time has passed, and it passes from now on.
    assert!(matches!(scale.decide(&mut state, &load, 10), Scaling::Stay { .. }));
    assert!(matches!(scale.decide(&mut state, &load, 1009), Scaling::Stay { .. }));
    assert!(matches!(scale.decide(&mut state, &load, 1010), Scaling::Add { .. }));
}

#[test]
fn what_is_out_of_bounds_is_seen_to_at_once() {
    let scale = Autoscale { min_engines: 2, max_engines: 3, ..Autoscale::default() };
    let (mut state, mut all) = (ScaleState::default(), Vec::new());
    for now_ms in 0..3 {
        step(&scale, &mut state, (0.0, -9.0), &mut all, now_ms);
    }
    assert_eq!(all, engines(&["engine-1", "engine-2"]));
    all = engines(&["a", "b", "c", "d", "e"]);
    let fewer = step(&scale, &mut state, (1.0, 9.0), &mut all, 3);
    assert_eq!(words(&fewer), "the number of engines is 5, above max-engines, 3; e brought the least, 0");
    step(&scale, &mut state, (1.0, 9.0), &mut all, 4);
    assert_eq!(all.len(), 3);
}

#[test]
fn names_are_never_given_again() {
    let scale = Autoscale { max_engines: 100, ..eager() };
    let (mut state, mut all) = (ScaleState::default(), engines(&["alpha", "engine-7"]));
    step(&scale, &mut state, (0.9, 0.5), &mut all, 0);
    assert_eq!(all[2].name, "engine-8");
    // The engine of a person went, and its name with it; the state was read back in between.
    all.truncate(1);
    let mut state = ScaleState::from_json(&state.to_json().unwrap()).unwrap();
    step(&scale, &mut state, (0.9, 0.5), &mut all, 1);
    assert_eq!(all[1].name, "engine-9");
    // Numbers that no counter comes to do not use names up, and are not given twice.
    let far = format!("engine-{}", u32::MAX);
    let mut all = engines(&[&far, "engine-4294967296", &format!("engine-{}", u64::MAX), "engine-99999999999999999999"]);
    step(&scale, &mut state, (0.9, 0.5), &mut all, 2);
    assert_eq!(all[4].name, "engine-4294967297");
    all.truncate(1);
    step(&scale, &mut state, (0.9, 0.5), &mut all, 3);
    assert_eq!(all[1].name, "engine-4294967298");
}

#[test]
fn mistakes_in_the_state_are_said_with_their_line() {
    let good = ScaleState::default().to_json().unwrap();
    let words = |text: &str| ScaleState::from_json(text).unwrap_err().to_string();
    assert_eq!(
        words(&good.replace("state/1", "state/2")),
        "its schema is `holobiont.scale-state/2`, where this program reads `holobiont.scale-state/1`"
    );
    assert_eq!(words(&good.replace("named", "nmaed")), "line 3: unknown key `nmaed`: did you mean `named`?");
    assert!(words("{").starts_with("line 1: "));
}

#[test]
fn what_cannot_be_is_named() {
    assert_eq!(Autoscale::default().invalid(), None);
    type Spoil = fn(&mut Autoscale);
    let wrong: [(&str, Spoil); 9] = [
        ("create-energy", |scale| scale.create_energy = 1.5),
        ("remove-energy", |scale| scale.remove_energy = f64::NAN),
        ("remove-energy", |scale| scale.remove_energy = 0.8),
        ("roi-threshold", |scale| scale.roi_threshold = f64::INFINITY),
        ("band", |scale| scale.band = -0.1),
        ("cost-per-engine", |scale| scale.cost_per_engine = f64::NAN),
        ("max-engines", |scale| (scale.min_engines, scale.max_engines) = (0, 0)),
        ("min-engines", |scale| scale.min_engines = 6),
        ("signals", |scale| scale.signals = 0),
    ];
    for (key, spoil) in wrong {
        let mut scale = Autoscale::default();
        spoil(&mut scale);
        assert_eq!(scale.invalid().map(|(key, _)| key), Some(key));
    }
    assert!(serde_json::from_str::<Autoscale>(r#"{"min_engines": 1}"#).is_err());
    assert_eq!(serde_json::from_str::<Autoscale>(r#"{"min-engines": 2}"#).unwrap().min_engines, 2);
}

proptest! {
    #[test]
    fn whatever_the_load_the_bounds_hold(
        loads in prop::collection::vec((any::<f64>(), any::<f64>(), any::<u64>()), 0..60),
        (min, more) in (0usize..4, 0usize..4), signals in 1u32..4, cool_down_ms in any::<u64>(),
    ) {
        let scale = Autoscale {
            min_engines: min, max_engines: (min + more).max(1), signals, cool_down_ms, ..Autoscale::default()
        };
        prop_assert_eq!(scale.invalid(), None);
        let mut all: Vec<Ranked> = (0..min).map(|number| ranked(&number.to_string(), 0.0)).collect();
        let (mut state, mut named) = (ScaleState::default(), std::collections::BTreeSet::new());
        for (capital, trend, now_ms) in loads {
            if let Scaling::Add { name, .. } = step(&scale, &mut state, (capital, trend), &mut all, now_ms) {
                prop_assert!(named.insert(name));
            }
            prop_assert!((scale.min_engines..=scale.max_engines).contains(&all.len()));
            prop_assert_eq!(&ScaleState::from_json(&state.to_json().unwrap()).unwrap(), &state);
        }
    }
}
