//! Small arms whose figures are worked by hand.

use super::*;
use crate::{FailureKind, InputClass, LimitKind, TrapKind};

const MS: u64 = 1_000_000;

fn fuel_and_memory(fuel: u64, peak_memory_bytes: u64) -> Usage {
    Usage { fuel, peak_memory_bytes, ..Usage::default() }
}

fn timed(virtual_time_ns: u64) -> Usage {
    Usage { virtual_time_ns, ..Usage::default() }
}

fn worth(values: &[f64]) -> Vec<Sample> {
    values.iter().map(|value| sample(*value, 1.0, Usage::default())).collect()
}

#[test]
fn money() {
    let mut case = Case::nominal(vec![sample(3.0, 1.0, Usage::default()), sample(2.0, 1.0, Usage::default())]);
    assert_eq!(case.one("revenue"), 2.5);
    assert_eq!(case.one("roi"), (5.0 - 2.0) / 2.0);
    assert_eq!(case.one("profitability"), 1.5);
    // Without a past the forecast is this cycle's value, ten times.
    assert_eq!(case.one("projected_lucrativity"), 15.0);
    assert_eq!(case.one("long_term_lucrativity"), 0.0);
    // 3.5, 1.5: slope -2. 0.5, 2.5, 1.5: slopes 2, -1, 0.5.
    case.past_roi = vec![3.5];
    assert_eq!(case.one("long_term_lucrativity"), -2.0);
    case.past_roi = vec![0.5, 2.5];
    assert_eq!(case.one("long_term_lucrativity"), 0.5);
}

#[test]
fn a_forecast_goes_by_the_number_of_cycles() {
    let mut case = Case::nominal(vec![sample(2.0, 1.0, Usage::default())]);
    case.past_profitability = vec![5.0, 7.0, 9.0];
    assert_eq!(case.one("projected_lucrativity"), 10.0);
    // Smoothing a flat past keeps it; what share of the present value it takes does not matter then.
    case.past_profitability = vec![1.0; 5];
    assert!(near(case.one("projected_lucrativity"), 10.0));
    // Each cycle 1 more, to the present 1: all three models go on upwards, none faster than by 1 a cycle.
    case.past_profitability = (-20..1).map(f64::from).collect();
    let sum = case.one("projected_lucrativity");
    assert!(10.0 < sum && sum < (2..12).map(f64::from).sum(), "{sum}");
}

#[test]
fn usage() {
    let mut case =
        Case::nominal(vec![sample(3.0, 1.0, fuel_and_memory(200, 10)), sample(1.0, 1.0, fuel_and_memory(400, 30))]);
    case.limits = Limits { fuel: 1000, memory_bytes: 100, ..Limits::default() };
    assert_eq!(case.one("cpu_usage"), 0.3);
    assert_eq!(case.one("memory_usage"), 0.2);
    assert_eq!(case.one("efficiency"), 0.75);
    // Two invocations in a trial: fuel is a mean over them, memory the higher of the two.
    let two = vec![run(End::Completed, fuel_and_memory(100, 40)), run(End::Completed, fuel_and_memory(500, 20))];
    case.trials[0].samples[0] = Sample::new(1.0, 1.0, true, OutputFacts::of(&[]), two);
    assert_eq!(case.one("cpu_usage"), (100.0 + 500.0 + 400.0) / 3.0 / 1000.0);
    assert_eq!(case.one("memory_usage"), (40.0 + 30.0) / 2.0 / 100.0);
}

#[test]
fn accelerator_time_is_a_share_of_the_wall_limit() {
    let busy = |accelerator_ns| sample(1.0, 0.0, Usage { accelerator_ns, ..Usage::default() });
    let mut case = Case::nominal(vec![busy(100), busy(200)]);
    case.limits.wall_time_ns = 600;
    assert_eq!(case.one("gpu_usage"), 0.25);
}

#[test]
fn energy_is_counted_by_invocation() {
    let held = |mib: u64, seconds: u64| Usage {
        fuel: 500_000_000,
        host_data_bytes: 1 << 20,
        peak_memory_bytes: mib << 20,
        virtual_time_ns: seconds * 1_000_000_000,
        ..Usage::default()
    };
    let runs = vec![run(End::Completed, held(2, 1)), run(End::Completed, held(1, 3))];
    let mut case = Case::nominal(vec![
        Sample::new(1.0, 0.0, true, OutputFacts::of(&[]), runs),
        Sample::new(1.0, 0.0, true, OutputFacts::of(&[]), Vec::new()),
    ]);
    case.energy = Energy { joules_per_gigafuel: 100.0, joules_per_mib_moved: 10.0, joules_per_mib_second: 1.0 };
    assert_eq!(case.one("energy_consumption"), (100.0 + 20.0 + (2.0 + 3.0)) / 2.0);
}

#[test]
fn time() {
    let waited = |virtual_time_ns, waiting_ns| Usage { virtual_time_ns, waiting_ns, ..Usage::default() };
    let case = Case::nominal(vec![
        sample(1.0, 0.0, waited(300 * MS, 4 * MS)),
        sample(1.0, 0.0, waited(100 * MS, 2 * MS)),
        ended(End::Denied, waited(100 * MS, 0)),
    ]);
    assert_eq!(case.one("throughput"), 4.0);
    assert_eq!(case.one("network_latency"), 2.0);
    assert_eq!(case.one("reliability"), 2.0 / 3.0);
    assert_eq!(Case::nominal(worth(&[1.0])).one("throughput"), 0.0);
}

#[test]
fn value_under_stress() {
    let case = Case::nominal(worth(&[10.0, 10.0])).and(Role::Stressed, 0.5, worth(&[10.0, 8.0])).and(
        Role::Stressed,
        1.0,
        worth(&[2.0, 0.0]),
    );
    assert_eq!(case.one("resilience"), 0.5);
    // Means 10, 9, 1 at 0, 0.5, 1: slope (0.5 * (10 - 20/3) * -1 + 0.5 * (1 - 20/3)) / 0.5 = -9.
    assert!(near(case.one("antifragility"), -9.0));
    // 9 is within 10 % of 10, 1 is not.
    assert_eq!(case.one("adaptability"), 0.5);
}

#[test]
fn resilience_of_nothing_and_of_losses() {
    let of = |nominal: f64, stressed: f64| {
        Case::nominal(worth(&[nominal])).and(Role::Stressed, 1.0, worth(&[stressed])).one("resilience")
    };
    assert_eq!(of(0.0, 0.0), 1.0);
    assert_eq!(of(0.0, -1.0), 0.0);
    assert_eq!(of(-1.0, -1.0), 1.0);
    assert_eq!(of(-1.0, -2.0), 0.0);
    assert_eq!(of(4.0, -2.0), 0.0);
    assert_eq!(of(4.0, 9.0), 1.0);
    assert_eq!(Case::nominal(worth(&[4.0])).one("resilience"), 1.0);
}

#[test]
fn classes_of_inputs() {
    let invalid = || ended(End::Failed(FailureKind::InvalidInput), Usage::default());
    let trap = || ended(End::Trap(TrapKind::Unreachable), Usage::default());
    let completed = || sample(1.0, 0.0, Usage::default());
    let mut case = Case::nominal(worth(&[1.0, 1.0])).and(
        Role::Classes,
        0.0,
        // By input: nominal, empty, empty, huge.
        vec![completed(), invalid(), trap(), trap(), completed(), invalid(), completed(), completed()],
    );
    let classes = [InputClass::Nominal, InputClass::Empty, InputClass::Empty, InputClass::Huge];
    case.trials[1].classes = [classes, classes].concat();
    assert_eq!(case.one("flexibility"), (1.0 + 0.75 + 0.5) / 3.0);
    // A module that said so, and another that trapped over it.
    let runs = vec![
        run(End::Failed(FailureKind::InvalidInput), Usage::default()),
        run(End::Trap(TrapKind::Unreachable), Usage::default()),
    ];
    case.trials[1].samples[1] = Sample::new(0.0, 0.0, false, OutputFacts::of(&[]), runs);
    assert_eq!(case.one("flexibility"), (1.0 + 0.5 + 0.5) / 3.0);
    assert_eq!(Case::nominal(worth(&[1.0])).one("flexibility"), 0.0);
}

#[test]
fn recovery() {
    let faulty = |first_fault_ns, virtual_time_ns| Usage { faults: 2, first_fault_ns, ..timed(virtual_time_ns) };
    // From 4 to 10; from 13 over a failure to 40; from 45 to the end at 50 and 100 on top.
    let mut case = Case::nominal(worth(&[1.0; 5])).and(
        Role::Stressed,
        0.8,
        vec![
            sample(1.0, 0.0, faulty(4 * MS, 10 * MS)),
            ended(End::Trap(TrapKind::Unreachable), faulty(3 * MS, 10 * MS)),
            ended(End::Limit(LimitKind::Fuel), timed(10 * MS)),
            sample(1.0, 0.0, timed(10 * MS)),
            ended(End::Trap(TrapKind::Unreachable), faulty(5 * MS, 10 * MS)),
        ],
    );
    case.limits.time_ns = 100 * MS;
    assert_eq!(case.one("recovery_time"), (6.0 + 27.0 + 105.0) / 3.0);
    // In another order the one that failed last is followed by one that completed.
    assert_eq!(case.drawn(&[4, 0])["recovery_time"], (15.0 + 6.0) / 2.0);
    assert_eq!(Case::nominal(worth(&[1.0])).one("recovery_time"), 0.0);
}

#[test]
fn incidents() {
    let clean = Usage::default();
    let denied = Usage { denied_calls: 7, ..Usage::default() };
    let faulty = Usage { faults: 1, ..Usage::default() };
    let mut nominal = vec![ended(End::Failed(FailureKind::Internal), clean.clone()); 20];
    nominal[0] = ended(End::Limit(LimitKind::Output), clean.clone());
    nominal[1] = ended(End::Trap(TrapKind::MemoryOutOfBounds), denied);
    let stressed = vec![ended(End::Trap(TrapKind::Unreachable), faulty); 20];
    let mut case = Case::nominal(nominal).and(Role::Stressed, 1.0, stressed);
    // 0.5 for the output, 2 + 3 for the trap with denied calls; faults are nobody's doing.
    assert_eq!(case.one("safety_rating"), 100.0 - 100.0 * 5.5 / 20.0);
    let strict = Case { security_level: 5, ..case.clone() };
    let twice = strict.one("safety_rating");
    assert!((twice - (100.0 - 100.0 * 11.0 / 20.0)).abs() < 1e-9, "each incident counts twice: {twice}");
    assert_eq!(strict.one("risk_index"), case.one("risk_index"), "which counts incidents and not weights");
    assert_eq!(case.one("risk_index"), 0.0);
    case.statics = vec![scores(0.0, 0.0, 0.0, 30.0), scores(0.0, 0.0, 0.0, 60.0)];
    assert_eq!(case.one("risk_index"), 60.0 * 2.0 / 20.0);
    let all = Case::nominal(vec![ended(End::Limit(LimitKind::WallTime), clean)]);
    assert_eq!(all.one("safety_rating"), 0.0);
    assert_eq!(Case::nominal(Vec::new()).one("safety_rating"), 100.0);
}

fn scores(maintainability: f64, code_quality: f64, security_score: f64, exposure: f64) -> StaticScores {
    StaticScores { maintainability, code_quality, security_score, exposure }
}

#[test]
fn scores_of_modules() {
    let mut case = Case::nominal(Vec::new());
    for name in ["maintainability", "code_quality", "security_score"] {
        assert_eq!(case.one(name), 100.0, "{name}");
    }
    case.statics = vec![scores(40.0, 50.0, 90.0, 1.0), scores(60.0, 100.0, 70.0, 2.0)];
    assert_eq!(case.one("maintainability"), 50.0);
    assert_eq!(case.one("code_quality"), 75.0);
    assert_eq!(case.one("security_score"), 70.0);
}

#[test]
fn behaviours() {
    let called = |name: &str, output_bytes| Usage {
        output_bytes,
        interfaces: vec![InterfaceUse { name: name.to_owned(), calls: 1, ..InterfaceUse::default() }],
        ..Usage::default()
    };
    let one = sample(1.0, 0.0, called("wasi:clocks", 9));
    let other = sample(1.0, 0.0, called("wasi:random", 9));
    let case = Case::nominal(vec![one.clone(), one.clone()]);
    assert_eq!(case.one("shannon_entropy"), 0.0);
    // Of four behaviours two are equal: 1/2 * 1 + 2 * 1/4 * 2 bits. Repeats do not count.
    let third = ended(End::Denied, Usage::default());
    let case = case.and(Role::Stressed, 1.0, vec![other, third.clone()]).and(Role::Repeat, 0.0, vec![third; 2]);
    assert_eq!(case.one("shannon_entropy"), 1.5);
}

#[test]
fn discrepancies() {
    let gave = |output: &[u8], completed| Sample::new(1.0, 0.0, completed, OutputFacts::of(output), Vec::new());
    let nominal = vec![gave(b"a", true), gave(b"b", true), gave(b"", true)];
    let repeat = vec![gave(b"a", true), gave(b"c", true), gave(b"", false)];
    let case = Case::nominal(nominal.clone());
    assert_eq!(case.one("discrepancy_count"), 0.0);
    let case = case.and(Role::Repeat, 0.0, nominal);
    assert_eq!(case.one("discrepancy_count"), 0.0);
    let case = case.and(Role::Repeat, 0.0, repeat);
    assert_eq!(case.one("discrepancy_count"), 2.0);
    assert_eq!(case.drawn(&[0, 1, 1])["discrepancy_count"], 2.0);
}
