//! What all learners keep to, whatever they do inside.

use holobiont_core::{SynergyWeights, WEIGHTS};
use holobiont_learn::{
    Decision, Learner, LearnerError, LearnerKind, Outcome, SCHEMA, Seen, Synergies, create, from_bytes, to_bytes, train,
};
use proptest::prelude::*;
use strum::VariantArray as _;

use crate::dice::Dice;

const RATE: f64 = 0.1;

/// A learner of each kind that this program was built with.
fn learners(weights: SynergyWeights, seed: u64) -> Vec<Box<dyn Learner>> {
    LearnerKind::VARIANTS.iter().filter_map(|kind| create(*kind, weights, RATE, seed).ok()).collect()
}

fn fresh() -> Vec<Box<dyn Learner>> {
    learners(SynergyWeights::default(), 7)
}

/// A decision of a world in which the third synergy costs and all others pay.
fn met(dice: &mut Dice) -> (Seen, Outcome) {
    let seen = |dice: &mut Dice| Seen { groups: (0..4).map(|_| dice.normals()).collect() };
    let (now, next) = (seen(dice), seen(dice));
    let chosen = now.groups[dice.place(4)];
    let reward = chosen.iter().sum::<f64>() - 2.0 * chosen[2] + dice.normal();
    (now, Outcome { chosen, reward, next: Some(next) })
}

/// Takes both through the same, and holds all that can be seen of them against each other.
fn go_on_alike(first: &mut dyn Learner, second: &mut dyn Learner, dice: &mut Dice, decisions: usize) {
    let bits = |learner: &dyn Learner, group: &Synergies| {
        (learner.weights().values().map(f64::to_bits), learner.score(group).to_bits())
    };
    for decision in 0..decisions {
        let (seen, outcome) = met(dice);
        first.tell(&seen, &outcome);
        second.tell(&seen, &outcome);
        for group in &seen.groups {
            assert_eq!(bits(first, group), bits(second, group), "{} after {decision} more", first.kind());
        }
    }
    assert_eq!(to_bytes(first), to_bytes(second));
}

#[test]
fn what_was_saved_goes_on_as_if_there_had_been_no_break() {
    for mut learner in fresh() {
        let mut dice = Dice::new(1, 0);
        // Breaks at the beginning, soon, and later.
        for decisions in [0, 3, 150] {
            for _ in 0..decisions {
                let (seen, outcome) = met(&mut dice);
                learner.tell(&seen, &outcome);
            }
            let bytes = to_bytes(&*learner).expect("finite numbers only");
            let mut loaded = from_bytes(&bytes, RATE).expect("it was saved");
            assert_eq!(loaded.kind(), learner.kind());
            assert_eq!(to_bytes(&*loaded).as_ref(), Ok(&bytes));
            go_on_alike(&mut *learner, &mut *loaded, &mut dice, 60);
        }
    }
}

#[test]
fn a_seed_fixes_everything() {
    for (mut first, mut second) in fresh().into_iter().zip(fresh()) {
        go_on_alike(&mut *first, &mut *second, &mut Dice::new(2, 0), 100);
    }
}

#[test]
fn what_says_nothing_moves_nothing() {
    for mut learner in fresh() {
        let mut dice = Dice::new(3, 0);
        for _ in 0..2 {
            let before = to_bytes(&*learner);
            let (seen, outcome) = met(&mut dice);
            for reward in [0.0, 1.0] {
                learner.tell(&seen, &Outcome { chosen: [0.0; WEIGHTS], reward, next: None });
            }
            for reward in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
                learner.tell(&seen, &Outcome { reward, ..outcome.clone() });
            }
            learner.tell(&seen, &Outcome { chosen: [f64::NAN; WEIGHTS], ..outcome.clone() });
            assert_eq!(to_bytes(&*learner), before, "{}", learner.kind());
            for _ in 0..40 {
                let (seen, outcome) = met(&mut dice);
                learner.tell(&seen, &outcome);
            }
        }
    }
}

#[test]
fn a_reward_of_nothing_leaves_the_weights_where_they_were_set() {
    for mut learner in fresh() {
        for synergy in [1.0, -2.0] {
            let seen = Seen { groups: vec![[synergy; WEIGHTS]] };
            learner.tell(&seen, &Outcome { chosen: [synergy; WEIGHTS], reward: 0.0, next: None });
        }
        assert_eq!(learner.weights(), SynergyWeights::default(), "{}", learner.kind());
    }
}

#[test]
fn set_weights_are_gone_on_from() {
    for mut learner in fresh() {
        let mut dice = Dice::new(4, 0);
        for _ in 0..60 {
            let (seen, outcome) = met(&mut dice);
            learner.tell(&seen, &outcome);
        }
        let kind = learner.kind();
        let group = dice.normals();
        let (before, score, bytes) = (learner.weights(), learner.score(&group), to_bytes(&*learner));
        learner.set_weights(before);
        assert_eq!((learner.score(&group), to_bytes(&*learner)), (score, bytes), "{kind}: nothing was set");

        let mut values = before.values();
        (values[0], values[2], values[4]) = (9.0, 8.0, 0.5);
        let set = SynergyWeights::new(values).expect("all are from 0 to 10");
        // How much a group with a synergy is preferred to one with its opposite.
        let preferred = |learner: &dyn Learner, place: usize| {
            let only = |synergy| std::array::from_fn(|other| if other == place { synergy } else { 0.0 });
            learner.score(&only(2.0)) - learner.score(&only(-2.0))
        };
        let (first, third) = (preferred(&*learner, 0), preferred(&*learner, 2));
        learner.set_weights(set);
        assert_eq!(learner.weights(), set, "{kind}");
        if !kind.is_neural() {
            assert!(preferred(&*learner, 0) > first && preferred(&*learner, 2) > third.max(0.0), "{kind}");
        }
        let (seen, outcome) = met(&mut dice);
        learner.tell(&seen, &outcome);
        let moved = learner.weights().values().into_iter().zip(values).map(|(now, then)| (now - then).abs());
        assert!(moved.fold(0.0, f64::max) <= RATE + 1e-12, "{kind}");
    }
}

#[test]
fn what_is_far_off_for_long_leaves_numbers_finite() {
    for mut learner in fresh() {
        for cycle in 0..2000 {
            let group = [1e9, -1e9, 1e9, 1e-9, 0.0, 1.0, f64::from(cycle % 2) - 1e9];
            let seen = Seen { groups: vec![group; 3] };
            let reward = [1e59, 1e-59, -1e59, 0.0][cycle as usize % 4];
            learner.tell(&seen, &Outcome { chosen: group, reward, next: Some(seen.clone()) });
        }
        let bytes = to_bytes(&*learner).expect("finite numbers only");
        assert!(from_bytes(&bytes, RATE).is_ok(), "{}", learner.kind());
    }
}

#[test]
fn a_history_teaches_what_paid() {
    let mut dice = Dice::new(5, 0);
    let history: Vec<Decision> = (0..400)
        .map(|_| {
            let groups: Vec<Synergies> = (0..4).map(|_| dice.normals()).collect();
            let chosen = dice.place(4);
            let reward = 2.0 * groups[chosen][1] - groups[chosen][3] + 0.2 * dice.normal();
            Decision { groups, chosen, reward }
        })
        .collect();
    for kind in [LearnerKind::Linucb, LearnerKind::ActorCritic] {
        let learned = || {
            let mut learner = create(kind, SynergyWeights::default(), RATE, 1).expect("it is built");
            train(&mut *learner, &history)
        };
        let values = learned().values();
        assert_eq!(values, learned().values());
        assert!((0..WEIGHTS).all(|place| place == 1 || values[place] < 0.5 * values[1]), "{kind}: {values:?}");
        assert!(values[3] < 0.05, "{kind}: {values:?}");
    }
    let mut learner = create(LearnerKind::Linucb, SynergyWeights::default(), RATE, 1).expect("it is built");
    let nobody = Decision { groups: vec![[1.0; WEIGHTS]], chosen: 1, reward: 1.0 };
    assert_eq!(train(&mut *learner, &[nobody]), SynergyWeights::default());
}

#[test]
fn what_is_no_learner_is_said() {
    let create = |kind, rate| create(kind, SynergyWeights::default(), rate, 1);
    for rate in [0.0, -1.0, 1.1, f64::NAN] {
        let words = create(LearnerKind::Linucb, rate).expect_err("a rate").to_string();
        assert!(words.ends_with("it is a number above 0, up to 1"), "{words}");
    }
    for kind in LearnerKind::VARIANTS {
        match create(*kind, RATE) {
            Ok(learner) => assert_eq!(learner.kind(), *kind),
            Err(error) => assert!(
                kind.is_neural()
                    && matches!(error, LearnerError::NotBuilt(_))
                    && error.to_string().contains("--features deep")
            ),
        }
    }
    let words = |json: &str| from_bytes(json.as_bytes(), RATE).expect_err("a mistake").to_string();
    let json =
        |learner: &dyn Learner| String::from_utf8(to_bytes(learner).expect("finite numbers only")).expect("text");
    for learner in fresh().into_iter().filter(|learner| !learner.kind().is_neural()) {
        let json = json(&*learner);
        assert!(json.starts_with(&format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"kind\": \"{}\",", learner.kind())));
        assert!(words(&json.replace("learner/1", "learner/2")).contains("learner/2"));
        assert!(words(&json.replace("\"state\"", "\"stat\"")).contains("unknown key `stat`: did you mean `state`?"));
        assert!(
            words(&format!("{{\"schema\": \"{SCHEMA}\", \"kind\": \"{}\", \"state\": {{}}}}", learner.kind()))
                .starts_with(&format!("the learner `{}` is damaged: ", learner.kind()))
        );
    }
    let linear = json(&*create(LearnerKind::Linucb, RATE).expect("it is built"));
    assert!(
        words(&linear.replace("\"weights\": [\n      1.0", "\"weights\": [-1.0")).contains("the weight of roi is -1")
    );
    let damaged = linear.replace("\"count\": 0.0", "\"count\": -1.0");
    assert!(words(&damaged).starts_with("the learner `linucb` is damaged: "), "{}", words(&damaged));
}

/// Programs without neural learners know one when they see its file, and others know when it is damaged.
#[test]
fn files_of_neural_learners_are_known() {
    let file = |kind: &str| {
        let head =
            format!(r#"{{"__metadata__":{{"holobiont":"[\"holobiont.neural-learner/1\",{{\"kind\":\"{kind}\"}}]"}}}}"#);
        [&(head.len() as u64).to_le_bytes()[..], head.as_bytes()].concat()
    };
    let words = |bytes: &[u8]| from_bytes(bytes, RATE).expect_err("no learner").to_string();
    for kind in LearnerKind::VARIANTS.iter().filter(|kind| kind.is_neural()) {
        let wanted = if cfg!(feature = "deep") { "is damaged: its description" } else { "`--features deep`" };
        let words = words(&file(&kind.to_string()));
        assert!(words.contains(wanted) && words.contains(&format!("`{kind}`")), "{words}");
    }
    assert!(words(&file("linucb")).starts_with("line 1"), "{}", words(&file("linucb")));
    assert!(words(&[0xff, 0xfe]).contains("utf-8"), "{}", words(&[0xff, 0xfe]));
    for learner in fresh().into_iter().filter(|learner| learner.kind().is_neural()) {
        let bytes = to_bytes(&*learner).expect("finite numbers only");
        let cut = words(&bytes[..bytes.len() - 1]);
        assert!(
            cut.starts_with(&format!("the learner `{}` is damaged: not a safetensors file", learner.kind())),
            "{cut}"
        );
    }
}

/// A number of any kind, mostly of a usual size.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -3.0..3.0f64, 1 => any::<f64>(), 1 => Just(0.0)]
}

fn synergies() -> impl Strategy<Value = Synergies> {
    proptest::array::uniform7(number())
}

/// Groups that were seen, the one that was chosen, what it brought, and whether the world goes on.
fn told() -> impl Strategy<Value = (Vec<Synergies>, Synergies, f64, bool)> {
    (proptest::collection::vec(synergies(), 0..4), synergies(), number(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn weights_stay_within_bounds_and_steps_within_the_rate(
        start in proptest::array::uniform7(0.0..=10.0f64),
        told in proptest::collection::vec(told(), 1..30),
    ) {
        let start = SynergyWeights::new(start).expect("all are from 0 to 10");
        for mut learner in learners(start, 3) {
            for (groups, chosen, reward, goes_on) in &told {
                let seen = Seen { groups: groups.clone() };
                let before = learner.weights().values();
                learner.tell(&seen, &Outcome { chosen: *chosen, reward: *reward, next: goes_on.then(|| seen.clone()) });
                let after = learner.weights().values();
                prop_assert!(SynergyWeights::new(after).is_ok(), "{:?}", after);
                for (before, after) in before.into_iter().zip(after) {
                    prop_assert!((after - before).abs() <= RATE + 1e-12, "{}: {} {}", learner.kind(), before, after);
                }
                prop_assert!(!learner.score(chosen).is_nan());
            }
            let bytes = to_bytes(&*learner).expect("finite numbers only");
            let loaded = from_bytes(&bytes, RATE).expect("it was saved");
            prop_assert_eq!(loaded.weights(), learner.weights());
            prop_assert_eq!(to_bytes(&*loaded).expect("finite numbers only"), bytes);
        }
    }

    /// Of learners that have learned nothing yet: later, a good return may still be less than was expected.
    #[test]
    fn a_gain_raises_the_weights_of_its_synergies_and_a_loss_lowers_them(
        chosen in proptest::array::uniform7(prop_oneof![Just(0.0), 0.05..2.5f64]),
        reward in prop_oneof![-1e6..-1e-6f64, 1e-6..1e6f64],
    ) {
        prop_assume!(chosen.iter().any(|synergy| *synergy != 0.0));
        for mut learner in fresh().into_iter().filter(|learner| !learner.kind().is_neural()) {
            learner.tell(&Seen { groups: vec![chosen] }, &Outcome { chosen, reward, next: None });
            for (weight, synergy) in learner.weights().values().into_iter().zip(chosen) {
                let moved = (weight - 1.0) * reward.signum();
                prop_assert!(if synergy > 0.0 { moved > 0.0 } else { moved == 0.0 }, "{}: {weight}", learner.kind());
            }
        }
    }

    #[test]
    fn the_unit_of_rewards_does_not_matter(seed in any::<u64>(), power in -20i32..20) {
        for mut learner in fresh().into_iter().filter(|learner| !learner.kind().is_neural()) {
            let mut other = create(learner.kind(), SynergyWeights::default(), RATE, 7).expect("it is built");
            let mut dice = Dice::new(seed, 0);
            for _ in 0..30 {
                let (seen, outcome) = met(&mut dice);
                learner.tell(&seen, &outcome);
                other.tell(&seen, &Outcome { reward: outcome.reward * 2f64.powi(power), ..outcome });
            }
            for (one, other) in learner.weights().values().into_iter().zip(other.weights().values()) {
                prop_assert!((one - other).abs() < 1e-9, "{}: {one} {other}", learner.kind());
            }
        }
    }
}
