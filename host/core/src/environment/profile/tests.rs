use super::*;
use crate::environment::named::{class_word, mode_word};

fn of(text: &str) -> Environment {
    text.parse::<Profile>().unwrap().environment()
}

#[test]
fn every_profile_is_on_the_page_and_valid_and_harder_when_high() {
    let page = include_str!("../profile.rs");
    for row in Profile::TABLE {
        let words = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let values: Vec<String> =
            row.values.iter().map(|(key, low, high)| format!("{} {low} / {high}", key.row().name)).collect();
        let aliases = if row.aliases.is_empty() { String::new() } else { format!(" {}", row.aliases.join(", ")) };
        let line = format!(
            "/// | {} |{aliases} | {} | {} | {} | {} |\n",
            row.name,
            row.doc,
            values.join(", "),
            words(row.failure_modes.iter().map(|mode| mode_word(*mode)).collect()),
            words(row.input_classes.iter().map(|class| class_word(*class)).collect()),
        );
        assert!(page.contains(&line), "{line}");
        for (key, low, high) in row.values {
            assert!(low != high && key.harder(*low, *high) == *high, "{} {key:?}", row.name);
        }
        for name in row.aliases.iter().chain([&row.name]) {
            for severity in ["low", "high"] {
                let environment = of(&format!("{name}:{severity}"));
                assert_eq!(environment.validate(), Ok(()));
                assert_eq!(environment.name, Some(format!("{}:{severity}", row.name)));
                assert_eq!(environment.failure_modes, row.failure_modes);
                assert_eq!(environment.has_no_failures(), row.failure_modes.is_empty());
                assert_eq!(environment.has_no_hostile_inputs(), row.input_classes.is_empty());
            }
        }
    }
}

#[test]
fn several_have_the_harder_of_two_values_and_the_faults_of_both() {
    let both = of("resource_strain:low + Flaky-Upstream + chaotic_failure:low");
    assert_eq!(both.name.as_deref(), Some("resource_strain:low+flaky_upstream:high+chaotic_failure:low"));
    assert_eq!(both.get(Key::CpuLimit), Some(0.25));
    assert_eq!(both.get(Key::MemoryLimit), Some(16.0));
    assert_eq!(both.get(Key::Timeout), Some(5.0));
    assert_eq!(both.get(Key::ThreatIntensity), Some(70.0));
    assert_eq!(both.get(Key::SecurityLevel), Some(3.0));
    let mut modes = both.failure_modes.clone();
    modes.sort_by_key(|mode| *mode as u8);
    assert_eq!(modes, FailureMode::ALL, "each once");
    let inputs = of("schema_drift:low+hostile_input:low");
    use InputClass::{Adversarial, Huge, Malformed, NotUtf8, Truncated};
    assert_eq!(inputs.input_classes, [Malformed, Truncated, Adversarial, Huge, NotUtf8]);
    assert_eq!(inputs.get(Key::ThreatIntensity), Some(30.0));
}

#[test]
fn a_profile_with_itself_is_itself() {
    for row in Profile::TABLE {
        let (once, twice) = (of(row.name), of(&format!("{0}+{0}:low+{0}", row.name)));
        assert_eq!(Environment { name: once.name.clone(), ..twice }, once);
    }
}

#[test]
fn the_shares_of_strange_inputs_are_those_that_are_promised() {
    let share = |text: &str| of(text).scenario("s").hostile_inputs;
    assert_eq!([share("schema_drift:low"), share("schema_mismatch")], [0.05, 0.2]);
    assert_eq!([share("high_latency"), share("flaky_upstream"), share("concurrency_spike")], [0.0; 3]);
    let drift = of("schema_drift").scenario("s");
    assert_eq!(drift.conditions.faults, 0.0);
    assert_eq!(drift.hostile_classes, [InputClass::Malformed, InputClass::Truncated]);
}

#[test]
fn what_is_no_profile_is_told_with_the_nearest() {
    let told = |text: &str| text.parse::<Profile>().unwrap_err().to_string();
    assert_eq!(told("shcema_drift"), "no profile `shcema_drift`: did you mean `schema_drift`?");
    assert_eq!(told("high_latency:medium"), "no severity `medium`: expected `low` or `high`, as in `schema_drift:low`");
    assert!(told("").starts_with("no profile ``: there are high_latency, high_latency_api, "));
    assert!(told("high_latency+").starts_with("no profile ``"));
    assert!(told("\u{1b}[2J").starts_with("no profile `\\u{1b}[2j`"));
}
