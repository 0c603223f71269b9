use std::collections::BTreeMap;

use holobiont_core::{LimitKind, Peaks};

use super::*;
use crate::cost::{Bill, Demand, LOSS, Limits, START, cheapest, update};
use crate::report::{RULES, mean, saved, to_oracle};

fn demand(module: usize, fuel: f64, memory: f64) -> Demand {
    Demand { module, fuel, memory }
}

#[test]
fn a_bill_by_hand() {
    let demands = [demand(0, 0.5, 64.0), demand(1, 2.0, 64.0), demand(2, 0.5, 512.0)];
    let bill = Bill::of(&demands, START, 4.0);
    // Each run reserves 1 + 1; the first uses 0.5 + 0.25; the others would have been worth 4 (2 + 0.25), 4 (0.5 + 2).
    assert_eq!((bill.reserved, bill.used, bill.lost, bill.hits), (6.0, 0.75, 19.0, 2.0));
    assert_eq!((bill.total(), bill.idle()), (25.0, 5.25));
    // 2 gigafuel and 512 MiB lose nothing and cost 3 times 4.
    assert_eq!(cheapest(&[demands.to_vec()], 4.0), Limits { fuel: 2.0, memory: 512.0 });
    // Where losing costs next to nothing, the least is the cheapest.
    assert_eq!(cheapest(&[demands.to_vec()], 0.001), Limits { fuel: 0.01, memory: 1.0 });
}

#[test]
fn a_tracker_is_told_what_a_host_would_see() {
    let demands = [demand(0, 0.5, 64.0), demand(0, 2.0, 64.0), demand(1, 0.5, 400.0)];
    let cycle = update(&demands, START, 0.0, -1.0);
    // 400 MiB grow by 50; 256 hold 250.
    let expected = BTreeMap::from([
        (
            "module-0".to_owned(),
            Peaks { fuel: 1_000_000_000, memory_bytes: 64 << 20, exceeded: vec![LimitKind::Fuel], ..Peaks::default() },
        ),
        (
            "module-1".to_owned(),
            Peaks { fuel: 500_000_000, memory_bytes: 250 << 20, exceeded: vec![LimitKind::Memory], ..Peaks::default() },
        ),
    ]);
    assert_eq!(cycle.peaks, expected);
    // Earned 4 (0.5 + 0.25) of 6 that was reserved.
    assert_eq!((cycle.before, cycle.after, cycle.metrics["roi"]), (-1.0, -0.5, -0.5));
    assert!((cycle.metrics["cpu_usage"] - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(cycle.metrics["synergy_efficiency"], 0.0);
    assert!(update(&demands[..1], START, 0.1, 0.0).metrics["synergy_efficiency"] > 0.0);
}

#[test]
fn who_knows_more_pays_less() {
    for (seed, manner) in (1..).zip(&MANNERS) {
        let world = World::simulated(manner, 60, seed);
        let total = |run: Run| {
            assert_eq!((run.limits.len(), manner.name), (60, manner.name));
            run.bill(&world, LOSS).total()
        };
        let oracle = total(Run::oracle(&world, LOSS));
        let by_rungs = Run::rung_by_rung(&world, LOSS);
        assert_eq!(by_rungs.limits[0], START);
        let by_rungs = total(by_rungs);
        let rules = total(Run::adapted(&world, &AdaptConfig::default(), None));
        assert!(oracle <= by_rungs && by_rungs <= rules, "{}: {oracle} {by_rungs} {rules}", manner.name);
        assert!(oracle <= total(Run::fixed(&world, cheapest(&world.cycles, LOSS))));
        assert!(by_rungs <= total(Run::fixed(&world, START)));
    }
}

#[test]
fn an_excess_adds_up() {
    let world = World::simulated(&MANNERS[4], 60, 3);
    let config = AdaptConfig::default();
    let (rules, oracle) = (Run::adapted(&world, &config, None), Run::oracle(&world, LOSS));
    let excess = rules.excess(&world, &oracle, &config);
    let more = rules.bill(&world, LOSS).reserved - oracle.bill(&world, LOSS).reserved;
    assert!((excess.headroom + excess.memory + excess.late + excess.below - more).abs() < 1e-6, "{excess:?} {more}");
}

#[test]
fn measured_runs_are_replayed() {
    let json = r#"{"schema": "holobiont.traces/1", "families": [{"name": "squeeze", "runs": [
        {"input": "a", "module": "x", "fuel": 250000000, "memory_bytes": 1048576},
        {"input": "a", "module": "y", "fuel": 500000000, "memory_bytes": 2097152},
        {"input": "b", "module": "x", "fuel": 750000000, "memory_bytes": 3145728}]}]}"#;
    let traces = Traces::read(json).unwrap();
    let world = traces.families[0].world(30, 1);
    let measured = [demand(0, 0.25, 1.0), demand(1, 0.5, 2.0), demand(0, 0.75, 3.0)];
    assert!(world.cycles.iter().flatten().all(|run| measured.contains(run)));
    assert!(world.cycles.iter().all(|runs| (6..=12).contains(&runs.len())));
    let error = |json: &str| Traces::read(json).err().unwrap();
    assert!(error(&json.replace("fuel", "fule")).contains("unknown field `fule`"));
    assert!(error(&json.replace("traces/1", "traces/9")).contains("traces/9"));
    assert_eq!(
        error(r#"{"schema": "holobiont.traces/1", "families": [{"name": "x", "runs": []}]}"#),
        "the family \"x\" has no runs"
    );
}

#[test]
fn jobs_come_back_in_order() {
    for count in 0..6 {
        assert_eq!(
            in_parallel(count, |place| place * place),
            (0..count).map(|place| place * place).collect::<Vec<_>>()
        );
    }
}
