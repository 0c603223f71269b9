//! One thing at a time: bands, floors, rests, ends, the order of bandwidths, words.

use super::*;
use crate::environment::Key::{DiskLimit, GpuLimit};

const GIGA: u64 = 1_000_000_000;
const MIB: u64 = 1 << 20;

/// Adapts after each of some cycles, in which the return falls, and says where keys end up.
fn after_each(given: &Environment, cycles: Vec<Update>, config: &AdaptConfig) -> Vec<Adaptation> {
    let fall = |(place, update): (usize, Update)| Update { after: -(place as f64), ..update };
    as_they_are(given, cycles.into_iter().enumerate().map(fall).collect(), config)
}

fn as_they_are(given: &Environment, cycles: Vec<Update>, config: &AdaptConfig) -> Vec<Adaptation> {
    let (mut tracker, mut state, mut environment) = (RoiTracker::default(), AdaptState::default(), given.clone());
    let mut all = Vec::new();
    for update in cycles {
        tracker.record(update);
        let adaptation = adapt_presets(&tracker, &[environment], config, &mut state, None);
        environment = adaptation.environments[0].clone();
        all.push(adaptation);
    }
    all
}

fn path(all: &[Adaptation], key: Key) -> Vec<f64> {
    all.iter().map(|adaptation| adaptation.environments[0].get(key).unwrap()).collect()
}

fn reasons(adaptation: &Adaptation, key: Key) -> Vec<Reason> {
    adaptation.held.iter().filter(|held| held.key == Some(key)).map(|held| held.reason).collect()
}

fn with_metric(name: &str, value: f64, mut update: Update) -> Update {
    update.metrics.insert(name.to_owned(), value);
    update
}

#[test]
fn every_rule_has_a_series_of_the_metrics_and_moves_what_there_is() {
    for rule in RULES {
        let base = rule.metric.strip_prefix("synergy_").unwrap_or(rule.metric);
        assert!(crate::METRICS.iter().any(|metric| metric.name == base), "{}", rule.metric);
        assert!(rule.band[0] < rule.band[1]);
    }
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.metric).collect();
    names.dedup();
    assert_eq!(names.len(), 26);
}

#[test]
fn from_five_values_on_the_interval_has_to_be_beyond_the_band() {
    let config = AdaptConfig::default();
    let standing = |samples: usize, low: f64, high: f64, reliability: Option<f64>| {
        let mut evidence = Evidence::of(&tracker(&[("synergy_efficiency", &vec![0.1; samples])]), &config);
        let series = evidence.series.get_mut("synergy_efficiency").unwrap();
        series.expected = Some(Prediction { value: 0.1, low: Some(low), high: Some(high) });
        series.reliability = reliability;
        let given = [environment(&[(CpuLimit, 1.0)])];
        let adapted = adapt_on(&evidence, &given, &config, &mut AdaptState::default(), None);
        (adapted.environments[0].get(CpuLimit).unwrap(), adapted)
    };
    assert_eq!(standing(4, -1.0, 1.0, None).0, 0.5);
    let (limit, unsure) = standing(5, 0.0, 0.2, None);
    assert_eq!(limit, 1.0);
    let held = unsure.held.iter().find(|held| held.rule == Some("synergy_efficiency")).unwrap();
    assert_eq!(held.reason, Reason::Band);
    assert_eq!(held.because, "0.1 is beyond -0.01 to 0.01, but what is expected next, 0 to 0.2, is not");
    assert_eq!(standing(5, 0.02, 0.2, None).0, 0.5);
    // A half of 0.1 counts 2 (1 - r) times: at 0.75 it is 0.05; at 0.25, of a half of 0.08, 0.12.
    assert_eq!(standing(5, 0.0, 0.2, Some(0.75)).0, 0.5);
    assert_eq!(standing(5, 0.02, 0.2, Some(0.25)).0, 1.0);
    assert_eq!(standing(5, -9.0, 9.0, Some(1.0)).0, 0.5);
}

#[test]
fn a_band_is_configurable_by_metric() {
    let series = [("synergy_efficiency", [0.02].as_slice())];
    let mut config = AdaptConfig::default();
    config.bands.insert("synergy_efficiency".into(), 0.05);
    let evidence = Evidence::of(&tracker(&series), &config);
    let adapted = adapt_on(&evidence, &[environment(&[(CpuLimit, 1.0)])], &config, &mut AdaptState::default(), None);
    assert_eq!((adapted.moves.len(), adapted.held[0].because.as_str()), (0, "0.02 is within -0.05 to 0.05"));
}

#[test]
fn the_same_cycles_move_nothing_twice() {
    let series = tracker(&[("synergy_efficiency", &[0.1; 2])]);
    let (config, mut state) = (AdaptConfig::default(), AdaptState::default());
    let first = adapt_presets(&series, &[environment(&[(CpuLimit, 1.0)])], &config, &mut state, None);
    // What is remembered goes through a file.
    let mut state: AdaptState = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
    let second = adapt_presets(&series, &first.environments, &config, &mut state, None);
    assert_eq!((&second.environments, second.moves.len()), (&first.environments, 0));
    let held = second.held.last().unwrap();
    assert_eq!((held.reason, held.environment.as_deref()), (Reason::NothingNew, Some("scenario_0")));
    assert_eq!(held.because, "nothing new: it was adapted to these 2 cycles before");
    // Of no cycles there is nothing to say either.
    let none = adapt_presets(&RoiTracker::default(), &first.environments, &config, &mut AdaptState::default(), None);
    assert_eq!(none.held.len(), 1);
    // A tracker with fewer cycles is another one.
    let other = tracker(&[("synergy_efficiency", &[0.1])]);
    assert_eq!(adapt_presets(&other, &first.environments, &config, &mut state, None).moves.len(), 1);
}

#[test]
fn environments_of_one_name_are_kept_apart() {
    let mut twins = [environment(&[]), environment(&[]), environment(&[])];
    twins[0].name = Some("storm".into());
    twins[1].name = Some("storm".into());
    assert_eq!(names(&twins), ["storm", "storm#1", "scenario_2"]);
}

#[test]
fn a_limit_goes_down_to_what_is_used_and_no_further() {
    let cycles = vec![cycle(peaks(90_000_000, 20 * MIB, &[])); 9];
    let config = AdaptConfig { headroom: 0.1, ..AdaptConfig::default() };
    let all = after_each(&environment(&[(CpuLimit, 1.0), (MemoryLimit, 256.0)]), cycles, &config);
    // 0.09 and a tenth is 0.099, which 0.1 holds; 22 MiB takes 32.
    assert_eq!(path(&all, CpuLimit)[..4], [0.5, 0.25, 0.1, 0.1]);
    assert_eq!(path(&all, MemoryLimit)[..4], [128.0, 64.0, 32.0, 32.0]);
    assert_eq!((path(&all, CpuLimit)[8], path(&all, MemoryLimit)[8]), (0.1, 32.0));
    assert_eq!(all[0].moves[0].votes[0].metric, "fuel");
}

#[test]
fn a_floor_is_stronger_than_any_votes() {
    let mut cycles = Vec::new();
    for _ in 0..6 {
        let mut update = cycle(peaks(GIGA / 2, 0, &[]));
        for metric in ["synergy_efficiency", "synergy_adaptability"] {
            update.metrics.insert(metric.into(), 0.5);
        }
        cycles.push(update);
    }
    let config = AdaptConfig { headroom: 0.1, window: 4, ..AdaptConfig::default() };
    let all = after_each(&environment(&[(CpuLimit, 1.0)]), cycles, &config);
    assert_eq!(path(&all, CpuLimit), [1.0; 6]);
    let held = all[5].held.iter().find(|held| held.key == Some(CpuLimit)).unwrap();
    assert_eq!((held.reason, held.votes.len()), (Reason::Floor, 2));
    assert_eq!(held.because, "CPU_LIMIT 0.5 is below 0.55: a module used 0.5 in the last 4 cycles, and headroom");
}

#[test]
fn a_limit_that_was_hit_goes_up_and_is_not_come_back_to() {
    let config = AdaptConfig { window: 4, rest: 1, ..AdaptConfig::default() };
    // A growth of memory that was refused leaves the peak far below the limit.
    let mut cycles = vec![cycle(peaks(0, 10 * MIB, &[LimitKind::Memory]))];
    cycles.extend(vec![cycle(peaks(0, 10 * MIB, &[])); 6]);
    for update in &mut cycles {
        // Votes against it, which do not help.
        update.metrics.insert("synergy_efficiency".into(), 0.5);
        update.metrics.insert("synergy_flexibility".into(), 0.5);
        update.metrics.insert("synergy_adaptability".into(), 0.5);
    }
    let all = after_each(&environment(&[(MemoryLimit, 32.0)]), cycles, &config);
    let by_hit = all[0].moves.iter().find(|step| step.key == MemoryLimit).unwrap();
    assert_eq!((by_hit.to, by_hit.cause), (64.0, Cause::Need));
    assert_eq!(by_hit.because, "up: a run of the newest cycle was ended by the limit of 32");
    assert_eq!(path(&all, MemoryLimit), [64.0, 64.0, 64.0, 64.0, 32.0, 16.0, 16.0]);
    assert_eq!(reasons(&all[1], MemoryLimit), [Reason::Floor]);
    assert_eq!(
        all[1].held.last().unwrap().because,
        "MEMORY_LIMIT 32 is not above 32, which was hit in the last 4 cycles"
    );
}

#[test]
fn a_hit_is_of_the_tightest_environment() {
    let mut tracker = RoiTracker::default();
    tracker.record(cycle(peaks(GIGA / 4, 0, &[LimitKind::Fuel])));
    let given = [environment(&[(CpuLimit, 0.25)]), environment(&[(CpuLimit, 8.0)]), environment(&[(CpuLimit, 0.25)])];
    let adapted = adapt_presets(&tracker, &given, &AdaptConfig::default(), &mut AdaptState::default(), None);
    let after: Vec<f64> = adapted.environments.iter().map(|environment| environment.get(CpuLimit).unwrap()).collect();
    assert_eq!(after, [0.5, 4.0, 0.5]);
}

#[test]
fn a_limit_below_a_measured_peak_goes_up() {
    let all =
        after_each(&environment(&[(CpuLimit, 0.5)]), vec![cycle(peaks(2 * GIGA, 0, &[]))], &AdaptConfig::default());
    assert_eq!(all[0].moves[0].because, "up: the limit of 0.5 stands below a measured peak of 2");
    assert_eq!((all[0].moves[0].to, all[0].moves[0].cause), (1.0, Cause::Need));
    // Absent limits begin where they hold what was measured.
    let all = after_each(&environment(&[]), vec![cycle(peaks(5 * GIGA, 900 * MIB, &[])); 3], &AdaptConfig::default());
    assert!(all.iter().all(|adaptation| adaptation.moves.iter().all(|step| step.key == DiskLimit)), "{all:?}");
}

#[test]
fn a_limit_with_room_is_not_raised() {
    // A return that has stopped asks for more of everything. Fuel is measured to have room.
    let update = |_| with_metric("network_latency", 0.0, cycle(peaks(GIGA * 2 / 5, 0, &[])));
    let given = environment(&[(CpuLimit, 0.5), (BandwidthLimit, 5.0), (GpuLimit, 1.0)]);
    let config = AdaptConfig { headroom: 0.1, ..AdaptConfig::default() };
    let all = as_they_are(&given, (0..3).map(update).collect(), &config);
    assert_eq!((path(&all, CpuLimit), path(&all, BandwidthLimit)), (vec![0.5; 3], vec![5.0; 3]));
    assert_eq!(
        (reasons(&all[2], CpuLimit), reasons(&all[2], BandwidthLimit)),
        (vec![Reason::Slack], vec![Reason::Slack])
    );
    let said: Vec<&str> = all[2].held.iter().map(|held| held.because.as_str()).collect();
    assert!(said.contains(&"CPU_LIMIT 0.5 has room: 0.44 is enough with headroom"), "{said:?}");
    // Where something waits, bandwidth goes up.
    let waiting = |_| with_metric("network_latency", 3.0, cycle(peaks(GIGA * 2 / 5, 0, &[])));
    let all = as_they_are(&given, (0..3).map(waiting).collect(), &AdaptConfig::default());
    assert_eq!(path(&all, BandwidthLimit), [5.0, 10.0, 50.0]);
}

#[test]
fn a_key_rests_before_it_is_moved_back() {
    let config = AdaptConfig { rest: 3, ..AdaptConfig::default() };
    let with = |value| with_metric("synergy_antifragility", value, Update::default());
    let cycles = [9.0, -9.0, -9.0, -9.0].map(with).to_vec();
    let all = after_each(&environment(&[(ThreatIntensity, 50.0)]), cycles, &config);
    // The means with what is expected next are 9, -3 and so on down; up in cycle 1, so back in cycle 4 at the earliest.
    assert_eq!(path(&all, ThreatIntensity), [70.0, 70.0, 70.0, 50.0]);
    assert_eq!(reasons(&all[1], ThreatIntensity), [Reason::Rest]);
    assert_eq!(
        all[1].held.last().unwrap().because,
        "it was moved the other way less than 3 cycles ago, and is not moved down yet"
    );
}

#[test]
fn the_end_of_a_ladder_is_said() {
    let adapted = adapted(&[(ThreatIntensity, 90.0)], &[("security_score", &[95.0])], &[]);
    assert_eq!((adapted.moves.len(), reasons(&adapted, ThreatIntensity)), (0, vec![Reason::End]));
    assert_eq!(adapted.held[0].because, "there is no rung up from 90");
}

#[test]
fn an_absent_key_is_made_only_to_try_harder() {
    // Without the key nothing bounds traffic: any bandwidth would be less. Nobody granted an accelerator.
    let signals: &[(&str, &[f64])] = &[("synergy_resilience", &[0.5]), ("synergy_gpu_usage", &[0.5])];
    let adapted = adapted(&[], signals, &[]);
    assert_eq!((adapted.environments[0].clone(), adapted.moves.len()), (Environment::default(), 0));
    let given = |key, value: f64| super::adapted(&[], &[("synergy_roi", &[value])], &[]).environments[0].get(key);
    assert_eq!((given(ThreatIntensity, 0.5), given(ThreatIntensity, -0.5)), (Some(30.0), None));
    assert_eq!((given(Key::NetworkLatency, 0.5), given(Key::NetworkLatency, -0.5)), (None, Some(50.0)));
}

#[test]
fn a_limit_that_goes_below_an_old_peak_says_so() {
    let cycles = [9, 1, 1, 1, 1, 1].map(|tenths| cycle(peaks(GIGA / 10 * tenths, 0, &[]))).to_vec();
    let config = AdaptConfig { window: 2, ..AdaptConfig::default() };
    let all = after_each(&environment(&[(CpuLimit, 1.0)]), cycles, &config);
    let below: Vec<&Move> = all.iter().flat_map(|adaptation| &adaptation.moves).filter(|step| step.to < 0.9).collect();
    assert!(!below.is_empty());
    assert!(
        below.iter().all(|step| step.because.contains("A module once used 0.9, more than 2 cycles ago")),
        "{below:?}"
    );
}

#[test]
fn bandwidths_take_each_other_along() {
    // A synergy of returns votes for the highest bandwidth only.
    let keys = [MinBandwidth, MaxBandwidth, BandwidthLimit];
    let after = |values, roi: f64| values_after(keys, values, &[("synergy_roi", &[roi; 3])], &[]);
    assert_eq!(after([1.0, 10.0, 10.0], 0.5), [1.0, 50.0, 50.0]);
    assert_eq!(after([1.0, 10.0, 50.0], 0.5), [1.0, 50.0, 50.0]);
    assert_eq!(after([10.0, 10.0, 10.0], -0.5), [5.0, 5.0, 10.0]);
    let values: Vec<(Key, f64)> = keys.into_iter().zip([10.0, 10.0, 10.0]).collect();
    let adaptation = adapted(&values, &[("synergy_roi", &[0.5])], &[]);
    let along = adaptation.moves.iter().find(|step| step.key == BandwidthLimit).unwrap();
    assert_eq!(
        (along.cause, along.because.as_str()),
        (Cause::Order, "up: MAX_BANDWIDTH 50 would pass BANDWIDTH_LIMIT 10")
    );
}

#[test]
fn a_bandwidth_that_may_not_take_its_neighbour_along_stays() {
    // One wants the highest bandwidth up, two want all three down.
    let series = [
        ("synergy_throughput", [5.0].as_slice()),
        ("synergy_resilience", [-0.5].as_slice()),
        ("synergy_roi", [0.5].as_slice()),
    ];
    let keys = [MinBandwidth, MaxBandwidth, BandwidthLimit];
    let given: Vec<(Key, f64)> = keys.into_iter().zip([10.0, 10.0, 10.0]).collect();
    let adapted = adapted(&given, &series, &[]);
    // Highest +2 -1, least +1 -1, limit -1: the first and the last would pass each other.
    assert_eq!(keys.map(|key| adapted.environments[0].get(key).unwrap()), [10.0; 3]);
    assert_eq!(reasons(&adapted, MaxBandwidth), [Reason::Order]);
    assert_eq!(reasons(&adapted, BandwidthLimit), [Reason::Order]);
    assert_eq!(reasons(&adapted, MinBandwidth), [Reason::Tie]);
}

#[test]
fn bandwidths_out_of_order_are_put_into_it() {
    let given = [(MinBandwidth, 50.0), (MaxBandwidth, 10.0), (BandwidthLimit, 5.0)];
    let adapted = adapted(&given, &[("synergy_resilience", &[0.5])], &[]);
    assert_eq!(
        adapted.environments[0],
        environment(&[(MinBandwidth, 50.0), (MaxBandwidth, 50.0), (BandwidthLimit, 50.0)])
    );
    assert_eq!(adapted.moves[0].because, "up: MIN_BANDWIDTH 50 was above MAX_BANDWIDTH 10");
    assert!(adapted.moves.iter().all(|step| step.cause == Cause::Order));
}

#[test]
fn moves_are_written_as_json() {
    let adapted = adapted(&[(CpuLimit, 1.0)], &[("synergy_shannon_entropy", &[0.1])], &[]);
    let json = serde_json::to_value(&adapted.moves).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{
            "environment": "scenario_0",
            "key": "CPU_LIMIT",
            "from": 1.0,
            "to": 2.0,
            "cause": "votes",
            "votes": [{
                "rule": "synergy_shannon_entropy",
                "metric": "synergy_shannon_entropy",
                "direction": "up",
                "weight": 1.0,
                "value": 0.1,
                "band": [-0.05, 0.05],
                "samples": 1,
                "why": "more varied behaviour takes more work"
            }],
            "because": "up by a net vote of 1: synergy_shannon_entropy 0.1 against -0.05 to 0.05 (1 sample): more \
                        varied behaviour takes more work"
        }])
    );
    let held = serde_json::to_value(&super::adapted(&[], &[("synergy_roi", &[0.0])], &[]).held).unwrap();
    assert_eq!(
        held,
        serde_json::json!([{"rule": "synergy_roi", "reason": "band", "because": "0 is within -0.01 to 0.01"}])
    );
}
