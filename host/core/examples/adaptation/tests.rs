use holobiont_core::LimitKind;
use holobiont_core::forecast::Method;

use super::*;
use crate::cost::{Bill, bill, cheapest};
use crate::policy::{Policy, update};
use crate::trial::Contender;
use crate::world::{Demand, Shape};

fn run(module: usize, fuel: f64, memory: f64) -> Demand {
    Demand { module, amounts: [fuel, memory] }
}

#[test]
fn a_bill_by_hand() {
    let cycle = vec![run(0, 0.5, 100.0), run(1, 2.0, 50.0)];
    // Two runs reserve 1 + 2 each; the first uses 0.5 + 1, the second needs 2 + 0.5 and loses 5 times that.
    let limits = [1.0, 200.0];
    assert_eq!(bill(&cycle, &limits, 5.0), Bill { reserved: 6.0, used: 1.5, lost: 12.5, hits: 1.0 });
    let bill = bill(&cycle, &limits, 5.0);
    assert_eq!((bill.total(), bill.waste()), (18.5, 17.0));
    // A run that needs exactly the limit ends well.
    assert_eq!(super::cost::bill(&vec![run(0, 1.0, 200.0)], &limits, 5.0).hits, 0.0);
}

#[test]
fn the_oracle_takes_the_cheapest_rungs_and_lets_go_what_is_not_worth_it() {
    assert_eq!(cheapest(&[vec![run(0, 0.3, 65.0)]], 5.0), [0.5, 128.0]);
    // What is worth a tenth of what it needs is let go: the lowest rungs.
    assert_eq!(cheapest(&[vec![run(0, 0.3, 65.0)]], 0.1), cost::KEYS.map(|key| key.row().ladder[0]));
    for world in World::simulated() {
        let cycles = world.cycles(3, 40);
        let total = |mut policy: Policy| -> f64 {
            let limits = policy.limits(&cycles, 5.0);
            policy::bills(&cycles, &limits, 5.0).iter().map(Bill::total).sum()
        };
        let (oracle, fixed, never) = (total(Policy::Oracle), total(Policy::BestFixed), total(Policy::Never));
        assert!(oracle <= fixed && fixed <= never, "{}: {oracle} {fixed} {never}", world.name());
    }
}

#[test]
fn a_host_sees_no_further_than_the_limit() {
    let seen = update(&vec![run(0, 4.0, 100.0), run(1, 0.5, 100.0)], &[1.0, 200.0], 5.0, 0.25);
    let (ended, well) = (&seen.peaks["module-0"], &seen.peaks["module-1"]);
    // A quarter of the fuel was there, so a quarter of the memory was used.
    assert_eq!((ended.fuel, ended.memory_bytes), (1_000_000_000, 25 * 1_048_576));
    assert_eq!((ended.exceeded.as_slice(), well.exceeded.as_slice()), ([LimitKind::Fuel].as_slice(), [].as_slice()));
    // Reserved 2 times 3; the second is worth 5 times 1.5. Alone the first returns -1, the second 1.5.
    assert_eq!((seen.before, seen.after, seen.metrics["synergy_roi"]), (0.25, 0.25, 0.0));
    // 1 of 1 and half of it; memory 25 and 100 MiB of 200.
    assert_eq!((seen.metrics["cpu_usage"], seen.metrics["memory_usage"]), (0.75, 0.5));
    assert_eq!((seen.metrics["synergy_cpu_usage"], seen.metrics["synergy_memory_usage"]), (0.0, 0.1875));
}

#[test]
fn worlds_are_fixed_by_their_seed_and_fall_as_they_say() {
    for world in World::simulated() {
        assert_eq!(world.cycles(7, 30), world.cycles(7, 30));
        assert_ne!(world.cycles(7, 30), world.cycles(8, 30));
    }
    let cycles = World::Simulated(Shape::Falls).cycles(1, 60);
    let mean = |from: usize| cycles[from..from + 20].iter().map(|cycle| cycle[0].amounts[0]).sum::<f64>();
    let falls = [mean(0) / mean(20), mean(20) / mean(40)];
    assert!(falls.iter().all(|fall| (3.7..4.3).contains(fall)), "{falls:?}");
}

#[test]
fn traces_are_replayed_as_they_were_measured() {
    let text = r#"{"schema":"holobiont.traces/1","families":[{"name":"f","runs":[
        {"input":"x","module":"a","fuel":500000000,"memory_bytes":1048576},
        {"input":"x","module":"b","fuel":250000000,"memory_bytes":2097152}]}]}"#;
    let families = traces::parse(text).unwrap();
    let cycles = World::Replayed(families[0].clone()).cycles(1, 3);
    let of_input = [run(0, 0.5, 1.0), run(1, 0.25, 2.0)];
    assert_eq!(cycles, vec![of_input.repeat(4); 3]);
    let error = |text: &str| traces::parse(text).unwrap_err().to_string();
    assert!(error("{").starts_with("the traces are damaged: EOF"));
    assert_eq!(
        error(&text.replace("traces/1", "traces/2")),
        "the traces have the schema `holobiont.traces/2`, where this program reads `holobiont.traces/1`"
    );
    let empty = r#"{"schema":"holobiont.traces/1","families":[{"name":"f","runs":[]}]}"#;
    assert_eq!(error(empty), "the family `f` has no runs: give it one at least");
}

#[test]
fn what_is_paid_beyond_the_oracle_is_explained_to_the_last_credit() {
    let plan = Plan { cycles: 40, ..Plan::of(2, Method::Ema) };
    for outcomes in plan.run_all(&World::simulated(), &tuned()).iter().map(|(_, outcomes)| outcomes) {
        for seed in outcomes {
            for outcome in seed {
                let profile = outcome.profile;
                let parts = profile.headroom + profile.late + profile.too_low + profile.hits;
                let beyond = outcome.bill.total() - report::total(seed, Contender::Oracle);
                assert!((parts - beyond).abs() < 1e-6 * outcome.bill.total(), "{parts} {beyond}");
            }
        }
    }
}

/// The mean over the reported seeds of what the tuned rules pay more than another, in percent.
fn more_than(other: &Policy, world: &World, seeds: u64) -> f64 {
    let of_seed = |seed: u64| {
        let cycles = world.cycles(trial::REPORTED + seed, world::CYCLES);
        let total = |mut policy: Policy| -> f64 {
            let limits = policy.limits(&cycles, WORTH);
            policy::bills(&cycles, &limits, WORTH).iter().map(Bill::total).sum()
        };
        100.0 * (total(Policy::Rules(tuned(), Method::Ema, None)) / total(other.clone()) - 1.0)
    };
    (0..seeds).map(of_seed).sum::<f64>() / seeds as f64
}

/// Where demand drifts or falls, the mean is within 15 % of the oracle's. A few seeds would not show that: their mean is
/// no surer than 10 %. Where demand jumps or swings it is out of reach, and is not asserted.
#[test]
fn rules_come_near_the_oracle_where_demand_moves_slowly_or_seldom() {
    std::thread::scope(|scope| {
        for shape in [Shape::Drift, Shape::Falls] {
            scope.spawn(move || {
                let more = more_than(&Policy::Oracle, &World::Simulated(shape), 30);
                assert!((0.0..=15.0).contains(&more), "{shape:?}: {more}");
            });
        }
    });
}

#[test]
fn rules_are_nearly_a_third_cheaper_than_never_adapting() {
    for world in World::simulated() {
        let more = more_than(&Policy::Never, &world, 4);
        assert!(more <= -30.0, "{}: {more}", world.name());
    }
}
