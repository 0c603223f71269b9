use proptest::prelude::*;
use strum::VariantArray as _;

use super::*;
use crate::conditions::FailureMode;
use crate::input_class::InputClass;

fn json(text: &str) -> Result<Environment, String> {
    serde_json::from_str::<Environment>(text).map_err(|error| without_place(&error.to_string()))
}

fn file(text: &str) -> Result<Presets, String> {
    serde_json::from_str::<Presets>(text).map_err(|error| without_place(&error.to_string()))
}

/// What is said without serde's line and column.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

fn written(environment: &Environment) -> String {
    serde_json::to_string(environment).expect("valid")
}

const ALL_KEYS: &str = r#"{"SCENARIO_NAME":"slow","CPU_LIMIT":"0.5","MEMORY_LIMIT":"256Mi","DISK_LIMIT":"1Gi","NETWORK_LATENCY_MS":100,"NETWORK_JITTER_MS":5,"MIN_BANDWIDTH":1,"MAX_BANDWIDTH":"5Mbps","BANDWIDTH_LIMIT":"10","PACKET_LOSS":0.05,"PACKET_DUPLICATION":0.01,"SECURITY_LEVEL":2,"THREAT_INTENSITY":30,"GPU_LIMIT":"1","CONCURRENCY_LEVEL":5,"TIMEOUT":30,"FAILURE_MODES":["disk","network"],"INPUT_CLASSES":"malformed,not_utf8"}"#;

#[test]
fn every_key_is_read_and_written_back_as_it_was() {
    let environment = json(ALL_KEYS).unwrap();
    assert_eq!(written(&environment), ALL_KEYS);
    assert_eq!(environment.name.as_deref(), Some("slow"));
    let values: Vec<f64> = environment.iter().map(|(_, value)| value).collect();
    assert_eq!(
        values,
        [0.5, 256.0, 1024.0, 100.0, 5.0, 1.0, 5.0, 10.0, 0.05, 0.01, 2.0, 30.0, 1.0, 5.0, 30.0],
        "in the order of the table"
    );
    assert_eq!(environment.failure_modes, [FailureMode::Disk, FailureMode::Network]);
    assert_eq!(environment.input_classes, [InputClass::Malformed, InputClass::NotUtf8]);
}

#[test]
fn a_table_of_toml_says_the_same() {
    let toml = "CPU_LIMIT = \"0.5\"\nMEMORY_LIMIT = 256\nPACKET_LOSS = 0.05\nFAILURE_MODES = [\"cpu\"]";
    let read: Environment = toml::from_str(toml).unwrap();
    let as_json =
        r#"{"CPU_LIMIT": 0.5, "MEMORY_LIMIT": "256MiB", "PACKET_LOSS": "0.05", "FAILURE_MODES": "cpu-spike"}"#;
    assert_eq!(read, json(as_json).unwrap());
    assert_eq!(Environment::from_toml_table(toml.parse().unwrap()), Ok(read.clone()));
    let again: Environment = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
    assert_eq!(
        toml::to_string(&read).unwrap(),
        "CPU_LIMIT = \"0.5\"\nMEMORY_LIMIT = 256\nPACKET_LOSS = 0.05\nFAILURE_MODES = [\"cpu_spike\"]\n"
    );
    let date: toml::Table = "CPU_LIMIT = 1979-05-27".parse().unwrap();
    assert!(Environment::from_toml_table(date).is_err());
}

#[test]
fn what_moves_keeps_its_notation() {
    let mut environment = json(r#"{"CPU_LIMIT": "1", "MEMORY_LIMIT": "256"}"#).unwrap();
    for key in [Key::CpuLimit, Key::MemoryLimit] {
        let down = key.next_rung(environment.get(key).unwrap(), false).unwrap();
        environment.set(key, down);
    }
    environment.set(Key::ThreatIntensity, 30.0);
    environment.set(Key::DiskLimit, 512.0);
    environment.set(Key::BandwidthLimit, 5.0);
    assert_eq!(
        written(&environment),
        r#"{"CPU_LIMIT":"0.5","MEMORY_LIMIT":"128","DISK_LIMIT":"512Mi","BANDWIDTH_LIMIT":"5Mbps","THREAT_INTENSITY":30}"#
    );
    let mut number = json(r#"{"MEMORY_LIMIT": 256, "PACKET_LOSS": 1e-2}"#).unwrap();
    number.set(Key::MemoryLimit, 128.0);
    assert_eq!(written(&number), r#"{"MEMORY_LIMIT":128,"PACKET_LOSS":0.01}"#);
}

#[test]
fn failure_modes_are_a_list_a_text_or_none() {
    let modes = |text: &str| json(&format!(r#"{{"FAILURE_MODES": {text}}}"#)).map(|read| read.failure_modes);
    use FailureMode::{CpuSpike, Disk, DiskCorruption, Network};
    assert_eq!(modes(r#""disk_corruption, network""#), Ok(vec![DiskCorruption, Network]));
    assert_eq!(modes(r#"["CPU", "cpu_spike", "cpu-spike", "disk"]"#), Ok(vec![CpuSpike, Disk]));
    for none in [r#""none""#, r#""""#, "[]", r#"["none"]"#] {
        let read = json(&format!(r#"{{"FAILURE_MODES": {none}}}"#)).unwrap();
        assert!(read.has_no_failures(), "{none}");
        assert_eq!(json(&written(&read)), Ok(read), "{none}");
    }
    assert!(!json("{}").unwrap().has_no_failures());
    let mut made = Environment { failure_modes: vec![Disk], ..Environment::default() };
    assert_eq!(written(&made), r#"{"FAILURE_MODES":"disk"}"#);
    made.failure_modes.push(Network);
    assert_eq!(written(&made), r#"{"FAILURE_MODES":["disk","network"]}"#);
}

#[test]
fn every_wrong_key_or_value_is_one_clear_line() {
    for (text, line) in [
        (r#"{"CPU_LIMTI": 1}"#, "unknown key `CPU_LIMTI`: did you mean `CPU_LIMIT`?"),
        (r#"{"memory_limit": 1}"#, "unknown key `memory_limit`: did you mean `MEMORY_LIMIT`?"),
        (r#"{"CPU_LIMIT": 1, "CPU_LIMIT": 2}"#, "CPU_LIMIT is given twice: keep one of them"),
        (r#"{"CPU_LIMIT": 0}"#, "CPU_LIMIT is 0: expected a number above 0 and at most 64, such as 1"),
        (r#"{"CPU_LIMIT": "65"}"#, "CPU_LIMIT is `65`: expected a number above 0 and at most 64, such as 1"),
        (r#"{"CPU_LIMIT": true}"#, "CPU_LIMIT is true: expected a number above 0 and at most 64, such as 1"),
        (r#"{"CPU_LIMIT": null}"#, "CPU_LIMIT is nothing: expected a number above 0 and at most 64, such as 1"),
        (
            r#"{"MEMORY_LIMIT": "65Gi"}"#,
            "MEMORY_LIMIT is `65Gi`: expected a number above 0 and at most 65536 MiB, such as 128Mi",
        ),
        (
            r#"{"MEMORY_LIMIT": "\u001b[2J"}"#,
            "MEMORY_LIMIT is `\\u{1b}[2J`: expected a number above 0 and at most 65536 MiB, such as 128Mi",
        ),
        (
            r#"{"BANDWIDTH_LIMIT": "11Gbps"}"#,
            "BANDWIDTH_LIMIT is `11Gbps`: expected a number above 0 and at most 10000 Mbps, such as 1Mbps",
        ),
        (r#"{"PACKET_LOSS": 1.01}"#, "PACKET_LOSS is 1.01: expected a number from 0 to 1, such as 0"),
        (r#"{"PACKET_DUPLICATION": -0.1}"#, "PACKET_DUPLICATION is -0.1: expected a number from 0 to 1, such as 0"),
        (r#"{"SECURITY_LEVEL": 2.5}"#, "SECURITY_LEVEL is 2.5: expected a whole number from 1 to 5, such as 1"),
        (r#"{"SECURITY_LEVEL": 6}"#, "SECURITY_LEVEL is 6: expected a whole number from 1 to 5, such as 1"),
        (r#"{"THREAT_INTENSITY": 101}"#, "THREAT_INTENSITY is 101: expected a number from 0 to 100, such as 10"),
        (
            r#"{"MIN_BANDWIDTH": 50, "MAX_BANDWIDTH": "10"}"#,
            "MIN_BANDWIDTH (50 Mbps) is above MAX_BANDWIDTH (10 Mbps): MIN_BANDWIDTH, MAX_BANDWIDTH and \
             BANDWIDTH_LIMIT must not fall in this order",
        ),
        (
            r#"{"MIN_BANDWIDTH": 50, "BANDWIDTH_LIMIT": 5}"#,
            "MIN_BANDWIDTH (50 Mbps) is above BANDWIDTH_LIMIT (5 Mbps): MIN_BANDWIDTH, MAX_BANDWIDTH and \
             BANDWIDTH_LIMIT must not fall in this order",
        ),
        (
            r#"{"OS_TYPE": "windows"}"#,
            "OS_TYPE is not for a WebAssembly host: modules run in a sandbox without an operating system; leave it out",
        ),
        (r#"{"SCENARIO_NAME": " "}"#, "SCENARIO_NAME is ` `: expected a name, such as \"slow\""),
        (r#"{"FAILURE_MODES": "netwrok"}"#, "FAILURE_MODES: no `netwrok`: did you mean `network`?"),
        (
            r#"{"FAILURE_MODES": ["disk", "malicious_data"]}"#,
            "FAILURE_MODES: no `malicious_data`: that is a profile and no failure mode: take the environment of \
             `hostile_input`",
        ),
        (
            r#"{"FAILURE_MODES": 3}"#,
            "FAILURE_MODES is 3: expected a list of names, names with commas between, or \"none\"",
        ),
        (r#"{"INPUT_CLASSES": "malformd"}"#, "INPUT_CLASSES: no `malformd`: did you mean `malformed`?"),
        ("[]", "expected a table of keys such as CPU_LIMIT, not a list"),
    ] {
        assert_eq!(json(text), Err(line.to_owned()), "{text}");
    }
    for word in ["concurrency_spike", "hostile_input", "user_misuse", "schema_drift", "flaky_upstream", "api_latency"] {
        let told = json(&format!(r#"{{"FAILURE_MODES": "{word}"}}"#)).unwrap_err();
        assert!(told.contains("that is a profile"), "{told}");
    }
    assert!(json(r#"{"INPUT_CLASSES": "nominal"}"#).is_err());
}

#[test]
fn the_ends_of_each_range_are_read() {
    for row in Key::TABLE {
        let with = |value: f64| json(&format!("{{\"{}\": {value}}}", row.name));
        assert!(with(row.most).is_ok(), "{}", row.name);
        assert!(with(row.most + 1.0).is_err(), "{}", row.name);
        assert_eq!(with(row.least).is_ok(), row.least_included, "{}", row.name);
        assert!(with(row.least - 1.0).is_err(), "{}", row.name);
    }
}

#[test]
fn what_was_set_in_code_is_looked_at() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
        let mut environment = Environment::default();
        environment.set(Key::CpuLimit, bad);
        assert!(environment.validate().is_err(), "{bad}");
        assert!(serde_json::to_string(&environment).is_err(), "{bad}");
    }
    let nominal = Environment { input_classes: vec![InputClass::Nominal], ..Environment::default() };
    assert!(nominal.validate().is_err());
    let nameless = Environment { name: Some(" ".to_owned()), ..Environment::default() };
    assert!(nameless.validate().is_err());
    let mut zero = Environment::default();
    zero.set(Key::PacketLoss, -0.0);
    assert_eq!(written(&zero), r#"{"PACKET_LOSS":0}"#);
    assert_eq!(Environment::default().validate(), Ok(()));
}

#[test]
fn a_file_is_a_table_a_list_or_what_is_written() {
    let one = r#"{"CPU_LIMIT": "1"}"#;
    let count = |text: &str| file(text).map(|presets| presets.0.len());
    assert_eq!(count(one), Ok(1));
    assert_eq!(count("[]"), Ok(0));
    assert_eq!(count(&format!("[{one}, {one}]")), Ok(2));
    let presets = file(&format!("[{one}, {ALL_KEYS}]")).unwrap();
    let text = serde_json::to_string(&presets).unwrap();
    assert!(text.starts_with(r#"{"schema":"holobiont.presets/1","presets":[{"CPU_LIMIT":"1"},{"#), "{text}");
    assert_eq!(file(&text), Ok(presets.clone()));
    let toml = toml::to_string(&presets).unwrap();
    assert_eq!(toml::from_str::<Presets>(&toml).unwrap(), presets);
}

#[test]
fn a_file_says_which_preset_is_wrong() {
    for (text, line) in [
        (r#"[{}, {"CPU": 1}]"#, "preset 2: unknown key `CPU`: did you mean `CPU_LIMIT`?"),
        (
            r#"[{"SCENARIO_NAME": "calm\n", "PACKET_LOSS": 2}]"#,
            "preset 1, `calm\\n`: PACKET_LOSS is 2: expected a number from 0 to 1, such as 0",
        ),
        ("[5]", "preset 1: expected a table of keys such as CPU_LIMIT, not 5"),
        ("5", "expected a table of keys such as CPU_LIMIT, or a list of such tables, not 5"),
        (r#"{"presets": []}"#, "`schema` is nothing: expected \"holobiont.presets/1\""),
        (
            r#"{"schema": "holobiont.presets/2", "presets": []}"#,
            "`schema` is `holobiont.presets/2`: expected \"holobiont.presets/1\"",
        ),
        (r#"{"schema": "holobiont.presets/1"}"#, "`presets` is nothing: expected a list of tables"),
        (
            r#"{"schema": "holobiont.presets/1", "presets": [], "CPU_LIMIT": 1}"#,
            "unknown key `CPU_LIMIT` beside `presets`: expected `schema` and `presets` only",
        ),
        (r#"{"PACKET_LOSS": 2}"#, "PACKET_LOSS is 2: expected a number from 0 to 1, such as 0"),
    ] {
        assert_eq!(file(text).map_err(|line| line.clone()), Err(line.to_owned()), "{text}");
    }
}

/// Any valid environment, some of its values read as texts or numbers, others set.
fn any_environment() -> impl Strategy<Value = Environment> {
    let value = |key: Key| {
        let row = key.row();
        let number = prop_oneof![
            prop::sample::select(row.ladder),
            (0.0..1.0f64).prop_map(|share| {
                let value = row.least + (row.most - row.least) * share.max(1e-6);
                if row.whole { value.round().max(row.least) } else { value }
            }),
        ];
        let units: Vec<&str> = row.units.iter().map(|(unit, _)| *unit).collect();
        prop::option::of((number, prop::option::of(prop::sample::select(units))))
    };
    let values: Vec<_> = Key::VARIANTS.iter().map(|key| value(*key)).collect();
    let modes = prop::sample::subsequence(FailureMode::ALL.to_vec(), 0..=3);
    let classes = prop::sample::subsequence(InputClass::VARIANTS[1..].to_vec(), 0..=3);
    (values, modes, classes, prop::option::of("[a-z]{1,8}"), any::<[bool; 2]>()).prop_map(
        |(values, failure_modes, input_classes, name, none)| {
            let mut environment = Environment { name, ..Environment::default() };
            if none[0] {
                environment.forbid_failures();
            }
            if none[1] {
                environment.forbid_hostile_inputs();
            }
            environment.failure_modes = failure_modes;
            environment.input_classes = input_classes;
            for (key, value) in Key::VARIANTS.iter().zip(values) {
                let Some((value, unit)) = value else { continue };
                if let Some(unit) = unit {
                    let written = Written::read(*key, &format!("1{unit}")).expect("a unit of the table");
                    environment.values.insert(*key, written);
                }
                environment.set(*key, value);
            }
            for (low, high) in [(Key::MaxBandwidth, Key::BandwidthLimit), (Key::MinBandwidth, Key::MaxBandwidth)] {
                let Some(below) = environment.get(low) else { continue };
                let above = environment.get(high).or(environment.get(Key::BandwidthLimit)).unwrap_or(below);
                environment.set(low, below.min(above));
            }
            environment
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(environment in any_environment()) {
        prop_assert_eq!(environment.validate(), Ok(()));
        let text = written(&environment);
        let again = json(&text).unwrap();
        prop_assert_eq!(&again, &environment, "{}", text);
        prop_assert_eq!(written(&again), text);
        let toml = toml::to_string(&environment).unwrap();
        prop_assert_eq!(toml::from_str::<Environment>(&toml).unwrap(), environment, "{}", toml);
    }

    #[test]
    fn a_moved_value_has_the_kind_of_notation_it_had(
        environment in any_environment(), place in any::<prop::sample::Index>(), up in any::<bool>(),
    ) {
        let mut moved = environment.clone();
        let keys: Vec<(Key, f64)> = environment.iter().collect();
        prop_assume!(!keys.is_empty());
        let (key, value) = keys[place.index(keys.len())];
        if let Some(rung) = key.next_rung(value, up) {
            moved.set(key, rung);
            prop_assert_eq!(moved.get(key), Some(rung));
            prop_assert_eq!(moved.values[&key].text.is_some(), environment.values[&key].text.is_some());
            let back = moved.values[&key].text.as_ref().map(|text| Written::read(key, text).unwrap().value);
            prop_assert!(back.is_none_or(|back| back == rung));
        }
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused_in_a_line(name in any::<String>(), text in any::<String>()) {
        let table = [(name, toml::Value::String(text.clone())), ("CPU_LIMIT".to_owned(), toml::Value::String(text))];
        if let Err(error) = Environment::from_toml_table(table.into_iter().collect()) {
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
