use proptest::prelude::*;

use super::*;
use crate::conditions::FailureMode;
use crate::input_class::InputClass;

fn with(values: &[(Key, f64)]) -> Environment {
    let mut environment = Environment::default();
    for (key, value) in values {
        environment.set(*key, *value);
    }
    environment
}

#[test]
fn limits_are_what_the_keys_say_and_else_those_of_the_base() {
    let base = Limits::default();
    assert_eq!(Environment::default().limits(&base, Environment::CPU_FUEL), base);
    let environment = with(&[
        (Key::CpuLimit, 0.5),
        (Key::MemoryLimit, 128.0),
        (Key::DiskLimit, 512.0),
        (Key::BandwidthLimit, 10.0),
        (Key::GpuLimit, 2.0),
        (Key::Timeout, 2.5),
        (Key::NetworkLatency, 50.0),
    ]);
    let expected = Limits {
        fuel: 500_000_000,
        memory_bytes: 134_217_728,
        disk_bytes: 536_870_912,
        bandwidth_bytes_per_s: 1_250_000,
        accelerators: 2,
        time_ns: 2_500_000_000,
        ..base.clone()
    };
    assert_eq!(environment.limits(&base, Environment::CPU_FUEL), expected);
    assert_eq!(environment.limits(&base, 100).fuel, 50);
}

#[test]
fn more_fuel_comes_with_the_time_it_takes() {
    let base = Limits::default();
    let time = |environment: Environment| environment.limits(&base, Environment::CPU_FUEL).time_ns;
    assert_eq!(time(with(&[(Key::CpuLimit, 8.0)])), 8_000_000_000);
    assert_eq!(time(with(&[(Key::CpuLimit, 0.5)])), base.time_ns);
    assert_eq!(time(with(&[(Key::CpuLimit, 8.0), (Key::Timeout, 1.0)])), 1_000_000_000);
}

#[test]
fn a_tiny_or_a_senseless_value_is_no_limit_of_nothing() {
    for value in [1e-300, -1.0, f64::NAN] {
        let environment = with(&[(Key::CpuLimit, value), (Key::MemoryLimit, value), (Key::Timeout, value)]);
        let limits = environment.limits(&Limits::default(), Environment::CPU_FUEL);
        assert_eq!([limits.fuel, limits.memory_bytes, limits.time_ns], [1; 3], "{value}");
    }
    let huge = with(&[(Key::CpuLimit, 64.0)]).limits(&Limits::default(), u64::MAX);
    assert_eq!(huge.fuel, u64::MAX);
}

#[test]
fn limits_of_presets_are_environments() {
    for preset in crate::Preset::builtin() {
        let environment = Environment::of_limits(&preset.limits, Environment::CPU_FUEL);
        assert_eq!(environment.iter().count(), 6, "{}", preset.name);
        assert_eq!(environment.validate(), Ok(()));
    }
    let standard = Environment::of_limits(&Limits::default(), Environment::CPU_FUEL);
    let values: Vec<f64> = standard.iter().map(|(_, value)| value).collect();
    // 2^30 / 125,000 = 8589.934592.
    assert_eq!(values, [1.0, 64.0, 16.0, 8589.934592, 0.0, 2.0]);
    assert_eq!(Environment::of_limits(&Limits { fuel: u64::MAX, ..Limits::default() }, 1).get(Key::CpuLimit), None);
    assert_eq!(Environment::of_limits(&Limits::default(), 0).get(Key::CpuLimit), None);
}

#[test]
fn a_scenario_is_what_befalls_a_run() {
    let mut environment = with(&[
        (Key::NetworkLatency, 50.0),
        (Key::NetworkJitter, 0.5),
        (Key::MinBandwidth, 1.0),
        (Key::MaxBandwidth, 5.0),
        (Key::PacketLoss, 0.05),
        (Key::PacketDuplication, 0.01),
        (Key::ThreatIntensity, 50.0),
        (Key::ConcurrencyLevel, 5.0),
    ]);
    environment.failure_modes = vec![FailureMode::Disk];
    environment.input_classes = vec![InputClass::Huge];
    let expected = Scenario {
        name: "s".to_owned(),
        role: Role::Stressed,
        threat_intensity: 0.5,
        hostile_inputs: 0.25,
        hostile_classes: vec![InputClass::Huge],
        crowd: 5,
        conditions: Conditions {
            latency_ns: 50_000_000,
            jitter_ns: 500_000,
            least_bandwidth_bytes_per_s: 125_000,
            most_bandwidth_bytes_per_s: 625_000,
            loss: 0.05,
            duplication: 0.01,
            faults: 0.025,
            failure_modes: vec![FailureMode::Disk],
        },
        ..Scenario::default()
    };
    assert_eq!(environment.scenario("s"), expected);
    let calm = Environment::default().scenario("nominal");
    assert_eq!(Scenario { role: Role::Nominal, ..calm }, Scenario::default());
}

#[test]
fn bandwidths_that_are_not_all_there_are_completed() {
    let between = |values: &[(Key, f64)]| {
        let conditions = with(values).scenario("s").conditions;
        (conditions.least_bandwidth_bytes_per_s, conditions.most_bandwidth_bytes_per_s)
    };
    let (least, most, limit) = ((Key::MinBandwidth, 1.0), (Key::MaxBandwidth, 5.0), (Key::BandwidthLimit, 10.0));
    assert_eq!(between(&[least]), (0, 0));
    assert_eq!(between(&[limit]), (0, 0), "that is a limit");
    assert_eq!(between(&[most, limit]), (625_000, 625_000));
    assert_eq!(between(&[least, limit]), (125_000, 1_250_000));
}

#[test]
fn what_is_named_without_a_threat_comes_all_the_same_and_none_never() {
    let modes = Environment { failure_modes: vec![FailureMode::Network], ..Environment::default() }.scenario("s");
    assert_eq!((modes.conditions.faults, modes.hostile_inputs, modes.threat_intensity), (0.02, 0.0, 0.4));
    let classes = Environment { input_classes: vec![InputClass::Empty], ..Environment::default() }.scenario("s");
    assert_eq!((classes.conditions.faults, classes.hostile_inputs), (0.0, 0.2));
    let mut none = with(&[(Key::ThreatIntensity, 100.0)]);
    let all = none.scenario("s");
    assert_eq!((all.conditions.faults, all.hostile_inputs), (0.05, 0.5));
    none.forbid_failures();
    none.forbid_hostile_inputs();
    let neither = none.scenario("s");
    assert_eq!((neither.conditions.faults, neither.hostile_inputs, neither.threat_intensity), (0.0, 0.0, 1.0));
}

#[test]
fn a_level_of_security_is_from_1_to_5() {
    let level = |value: f64| with(&[(Key::SecurityLevel, value)]).security_level();
    assert_eq!([level(1.0), level(3.0), level(5.0), level(99.0), level(-4.0)], [1, 3, 5, 5, 1]);
    assert_eq!(Environment::default().security_level(), 1);
}

proptest! {
    #[test]
    fn limits_survive_the_way_there_and_back(
        fuel in any::<u64>(), memory in any::<u64>(), shift in 0..64u32, time in any::<u64>(), cpu_fuel in any::<u64>(),
    ) {
        let limits = Limits {
            fuel: fuel >> shift,
            memory_bytes: memory >> shift,
            disk_bytes: fuel.rotate_left(7) >> shift,
            bandwidth_bytes_per_s: memory.rotate_left(9) >> shift,
            accelerators: fuel % 100,
            time_ns: time >> shift,
            ..Limits::default()
        };
        for cpu_fuel in [Environment::CPU_FUEL, cpu_fuel] {
            let environment = Environment::of_limits(&limits, cpu_fuel);
            prop_assert_eq!(environment.limits(&limits, cpu_fuel), limits.clone());
            prop_assert_eq!(environment.validate(), Ok(()));
        }
        // All but what is nothing, or more than the keys go up to, has a key.
        if (1..=64_000_000_000).contains(&limits.fuel) {
            prop_assert!(Environment::of_limits(&limits, Environment::CPU_FUEL).get(Key::CpuLimit).is_some());
        }
    }

    #[test]
    fn a_greater_threat_is_no_smaller_in_anything(one in 0.0..=100.0f64, other in 0.0..=100.0f64) {
        let scenario = |threat: f64| with(&[(Key::ThreatIntensity, threat)]).scenario("s");
        let (low, high) = (scenario(one.min(other)), scenario(one.max(other)));
        prop_assert!(low.threat_intensity <= high.threat_intensity);
        prop_assert!(low.hostile_inputs <= high.hostile_inputs && high.hostile_inputs <= 0.5);
        prop_assert!(low.conditions.faults <= high.conditions.faults && high.conditions.faults <= 0.05);
    }
}
