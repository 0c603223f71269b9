use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::environment::Presets;

fn profiles(names: &[&str]) -> Vec<Profile> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn as_many_as_are_asked_for_the_same_for_the_same_seed() {
    assert!(Environment::generate(0, 1, &[]).is_empty());
    let four = Environment::generate(4, 7, &[]);
    assert_eq!(four.len(), 4);
    for (place, environment) in four.iter().enumerate() {
        for key in [Key::CpuLimit, Key::NetworkLatency, Key::SecurityLevel] {
            assert!(environment.get(key).is_some());
        }
        assert_eq!(environment.name, Some(format!("scenario_{place}")));
    }
    let text = |environments| serde_json::to_string(&Presets(environments)).unwrap();
    assert_eq!(text(four.clone()), text(Environment::generate(4, 7, &[])));
    assert_eq!(four, Environment::generate(9, 7, &[])[..4]);
    assert_ne!(four, Environment::generate(4, 8, &[]));
}

#[test]
fn draws_are_even_over_the_rungs_and_as_likely_as_said() {
    let many = Environment::generate(4000, 3, &[]);
    for key in DRAWN {
        let row = key.row();
        let rungs: Vec<f64> = row.ladder.iter().copied().filter(|rung| *rung >= row.drawn_from).collect();
        let share = 4000.0 / rungs.len() as f64;
        for rung in rungs {
            let count = many.iter().filter(|environment| environment.get(key) == Some(rung)).count();
            // Five standard deviations of a count, which is at most sqrt(share).
            assert!((count as f64 - share).abs() < 5.0 * share.sqrt(), "{key:?} {rung}: {count}");
        }
    }
    let count = |is: &dyn Fn(&Environment) -> bool| many.iter().filter(|environment| is(environment)).count() as f64;
    // 5 standard deviations: 158 of a half, 126 of a fifth, 95 of a tenth.
    assert!((count(&|e| e.get(Key::GpuLimit).is_some()) - 2000.0).abs() < 158.0);
    assert!((count(&|e| e.failure_modes.len() > 1) - 800.0).abs() < 126.0);
    assert!((count(&|e| e.failure_modes.len() == 3) - 400.0).abs() < 95.0);
    assert!((count(&|e| e.has_no_failures()) - 400.0).abs() < 95.0);
    let seen: BTreeSet<String> = many.iter().flat_map(|e| &e.failure_modes).map(FailureMode::to_string).collect();
    assert_eq!(seen.len(), FailureMode::ALL.len());
}

#[test]
fn profiles_take_turns_over_what_was_drawn() {
    let some = Environment::generate(5, 11, &profiles(&["high_latency:low", "resource_strain"]));
    let latencies: Vec<Option<f64>> = some.iter().map(|environment| environment.get(Key::NetworkLatency)).collect();
    assert_eq!([latencies[0], latencies[2], latencies[4]], [Some(200.0); 3]);
    assert_eq!(some[1].get(Key::CpuLimit), Some(0.05));
    assert_eq!(some[3].name.as_deref(), Some("resource_strain:high_3"));
    assert_eq!(Environment::generate(1, 11, &profiles(&["user_misuse"]))[0].name.as_deref(), Some("user_misuse:high"));
    assert_eq!(some[3].get(Key::MaxBandwidth), Some(1.0));
    assert!(some.iter().all(|environment| environment.has_no_failures()));
    let drawn = Environment::generate(5, 11, &[]);
    assert_eq!(some[0].get(Key::DiskLimit), drawn[0].get(Key::DiskLimit));
    assert_eq!((some[0].get(Key::Timeout), drawn[0].get(Key::Timeout)), (Some(30.0), None));
}

proptest! {
    #[test]
    fn whatever_is_generated_is_valid(seed in any::<u64>(), place in 0..Profile::TABLE.len(), low in any::<bool>()) {
        let name = format!("{}:{}", Profile::TABLE[place].name, if low { "low" } else { "high" });
        for environment in Environment::generate(6, seed, &[]).iter()
            .chain(&Environment::generate(6, seed, &profiles(&[&name, "chaotic_failure+resource_strain"])))
        {
            prop_assert_eq!(environment.validate(), Ok(()));
            prop_assert!(environment.failure_modes.len() <= 7);
            let text = serde_json::to_string(environment).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Environment>(&text).unwrap(), environment);
        }
    }
}
