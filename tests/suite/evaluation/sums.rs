//! What values add up to, what is nothing, and what a module that goes wrong takes along.

use holobiont::MemoryStore;
use holobiont_core::{METRICS, Scenario};
use holobiont_test_guests as guests;

use super::lab::{Lab, SAVED, arm, beside, metric, nominal};
use super::modules::{Shaper, TOIL, Traps, actor};

/// A group of which each helps another: marks, takes the mark and cuts, cuts always.
fn helpers() -> Lab {
    let steps = [
        ("marks", Shaper { marks: Some(b'#'), ..Shaper::default() }.wasm()),
        ("takes", Shaper { needs: Some(b'#'), toils: TOIL, ..Shaper::cuts(20) }.wasm()),
        ("always", Shaper { grows: 20, ..Shaper::cuts(7) }.wasm()),
    ];
    Lab::new(&steps, SAVED)
}

#[test]
fn shapley_values_add_up_to_together_less_nothing() {
    let answer = helpers().inputs(8).ask(&MemoryStore::default(), &Scenario::builtin());
    let assessment = answer.assessment;
    let (nothing, together) = (arm(&assessment, &[]), arm(&assessment, &["marks", "takes", "always"]));
    for name in METRICS.iter().map(|metric| metric.name) {
        let sum: f64 = assessment.shapley.values().map(|own| own.get(name).expect("a value")).sum();
        let whole = metric(together, name) - metric(nothing, name);
        let size = metric(together, name).abs().max(metric(nothing, name).abs()).max(1.0);
        assert!((sum - whole).abs() <= 1e-9 * size, "{name}: {sum} is not {whole}");
        let alone: Vec<f64> =
            ["marks", "takes", "always"].iter().map(|module| metric(arm(&assessment, &[module]), name)).collect();
        let synergy = metric(together, name) - alone.iter().sum::<f64>() / 3.0;
        assert!((assessment.synergy[name].value - synergy).abs() <= 1e-9 * size, "{name}");
    }
    // What one marks, the other takes: 20 bytes less, and the mark is gone; together with the last 27.
    assert_eq!(together.units, 8.0 * 27.0);
    assert_eq!(arm(&assessment, &["marks"]).units + arm(&assessment, &["takes"]).units, 0.0);
    let revenue = |module: usize| assessment.shapley[&assessment.group[module]].get("revenue").expect("a value");
    // Without those who come before it, the last one cuts its 7; a mark alone costs it one of them.
    assert!((revenue(0) + revenue(1) + revenue(2) - 27.0).abs() < 1e-9 && revenue(2) > 6.0 && revenue(2) < 7.0);
    let pair = &assessment.pairs.iter().find(|pair| pair.pair[1].short() == "takes").expect("the pair");
    assert!(pair.metrics.get("revenue").expect("a value") > 20.0);
}

/// Modules of the same instructions, each with other bytes, that hand on what they are given.
fn copies() -> Lab {
    let steps = [("a", 1), ("b", 2), ("c", 3)].map(|(name, note)| (name, Shaper { note, ..Shaper::default() }.wasm()));
    let lab = Lab::new(&steps, "expected = \"inputs\"\nmeasure = \"exact\"");
    lab.inputs(8)
}

/// A group without effect is worth what each of its members is, fails as seldom, and is made as they are: for all
/// that is said of an output, or is the same of every member, synergy is nothing. What runs use up adds up, so three
/// modules have less throughput and take more energy, time and money than one: their synergy is not 0, and it is
/// their interaction that is.
#[test]
fn a_group_without_effect_has_no_synergy() {
    let lab = copies();
    let assessment = lab.ask(&MemoryStore::default(), &beside(&["tight", "classes", "repeat"])).assessment;
    for name in [
        "revenue",
        "reliability",
        "resilience",
        "antifragility",
        "adaptability",
        "flexibility",
        "recovery_time",
        "safety_rating",
        "security_score",
        "risk_index",
        "discrepancy_count",
        "gpu_usage",
        "long_term_lucrativity",
    ] {
        let synergy = &assessment.synergy[name];
        assert_eq!((synergy.value, synergy.low, synergy.high), (0.0, Some(0.0), Some(0.0)), "{name}");
    }
    // Means, in which three times the same may be rounded to something else than once.
    for name in ["cpu_usage", "memory_usage", "efficiency", "shannon_entropy", "maintainability", "code_quality"] {
        assert!(assessment.synergy[name].value.abs() <= 1e-12 * 100.0, "{name}: {:?}", assessment.synergy[name]);
    }
    let of = |name: &str| assessment.synergy[name].value;
    assert!(of("throughput") < 0.0 && of("energy_consumption") > 0.0 && of("profitability") < 0.0 && of("roi") < 0.0);
    assert_eq!(assessment.revenue_by_input, [0.0; 8]);
    assert!(!assessment.verdict.passed && assessment.verdict.enough_data);
}

#[test]
fn what_adds_up_has_no_interaction() {
    let assessment = copies().ask(&MemoryStore::default(), &nominal()).assessment;
    for name in ["revenue", "profitability", "energy_consumption", "network_latency"] {
        let size = metric(arm(&assessment, &["a", "b", "c"]), name).abs();
        let interaction = assessment.interaction.get(name).expect("a value");
        assert!(interaction.abs() <= 1e-9 * size, "{name}: {interaction} of {size}");
        for pair in &assessment.pairs {
            assert!(pair.metrics.get(name).expect("a value").abs() <= 1e-9 * size, "{name}");
        }
    }
    let cost: Vec<f64> = assessment.arms.iter().map(|arm| arm.cost).collect();
    assert!((cost[4] - cost[1] - cost[2] - cost[3]).abs() <= 1e-9 * cost[4], "{cost:?}");
}

#[test]
fn a_module_that_goes_wrong_is_worth_nothing_and_named() {
    let bad: [(&str, Vec<u8>, &str); 6] = [
        ("traps", Shaper { traps: Traps::Always, ..Shaper::default() }.wasm(), "trap: unreachable"),
        ("endless", Shaper { toils: u32::MAX, ..Shaper::default() }.wasm(), "limit: fuel"),
        ("prose", b"This is no module.".to_vec(), "rejected: not-wasm"),
        ("nothing", Vec::new(), "rejected: empty"),
        ("stranger", guests::WAT_UNKNOWN_IMPORT.wasm.to_vec(), "rejected: unknown-import"),
        ("scorer", guests::SCORER.wasm.to_vec(), "rejected: no-entry-point"),
    ];
    for (name, wasm, outcome) in bad {
        let good = Shaper::cuts(5).wasm();
        let steps = [("first", good.clone()), (name, wasm), ("last", Shaper::cuts(6).wasm())];
        let lab = Lab::new(&steps, SAVED).inputs(2);
        let assessment = match lab.try_ask(&MemoryStore::default(), &lab.modules(), &beside(&["faulty"])) {
            Ok(answer) => answer.assessment,
            Err(error) => panic!("{name}: {error}"),
        };
        for report in &assessment.arms {
            let within = report.modules.iter().any(|module| module.short() == name);
            assert_eq!(report.troubles.len(), if within { 2 } else { 0 }, "{name}: {:?}", report.troubles);
            for (input, words) in &report.troubles {
                assert!(
                    input.starts_with("inputs/0") && words.starts_with(&format!("m/{name}.wasm: {outcome}")),
                    "{words}"
                );
            }
            if within {
                assert_eq!((report.units, metric(report, "reliability")), (0.0, 0.0), "{name}");
            }
        }
        assert_eq!((arm(&assessment, &["first"]).units, arm(&assessment, &["last"]).units), (10.0, 12.0));
        // One that never comes to run brings the others down all the same.
        assert!(assessment.shapley[&assessment.group[1]].get("revenue").expect("a value") < 0.0);
    }
}

/// Numbers that a stranger records are as large as can be: what is reckoned with them may be no number, but nothing
/// breaks, and nobody passes by it.
#[test]
fn numbers_at_the_edge_break_nothing() {
    let lab = Lab::new(&[("a", actor()), ("b", Shaper::default().wasm())], "metric = \"twice\"").inputs(8);
    let mut lab = lab.told(0, "act", "odd_metrics");
    lab.workflow.objective.credits_per_unit = f64::MAX;
    let assessment = lab.ask(&MemoryStore::default(), &nominal()).assessment;
    assert!(!assessment.verdict.passed && !assessment.verdict.enough_data, "{:?}", assessment.verdict);
    assert_eq!(arm(&assessment, &["a"]).units, 4.0 * 8.0);
}
