//! What scenarios do to a group is what they say.

use holobiont::MemoryStore;
use holobiont_core::{Assessment, Conditions, Role, Scenario};

use super::lab::{Lab, SAVED, arm, beside, metric};
use super::modules::{Shaper, Traps, actor};

fn scenario<'a>(assessment: &'a Assessment, modules: &[&str], name: &str) -> &'a holobiont_core::ScenarioResult {
    let found = arm(assessment, modules).scenarios.iter().find(|result| result.scenario == name);
    found.expect("it was tried under it")
}

fn stressed(name: &str) -> Scenario {
    Scenario { name: name.to_owned(), role: Role::Stressed, threat_intensity: 0.5, ..Scenario::default() }
}

/// What hands its input on gives what was expected, unless the input is a hostile variant.
#[test]
fn so_many_inputs_are_hostile_as_the_share_says() {
    let lab = Lab::new(&[("cat", Shaper::default().wasm())], "expected = \"inputs\"\nmeasure = \"exact\"").inputs(8);
    for (share, hostile) in [(0.0, 0.0), (0.25, 2.0), (0.5, 4.0), (1.0, 8.0)] {
        let scenarios = [Scenario::default(), Scenario { hostile_inputs: share, ..stressed("some") }];
        let assessment = lab.ask(&MemoryStore::default(), &scenarios).assessment;
        assert_eq!(scenario(&assessment, &["cat"], "some").mean_value, 1.0 - hostile / 8.0, "{share}");
        assert_eq!(scenario(&assessment, &["cat"], "nominal").mean_value, 1.0);
    }
}

#[test]
fn every_class_of_inputs_is_tried() {
    for count in [2, 7, 9] {
        let steps = [
            ("all", Shaper::default().wasm()),
            ("some", Shaper { traps: Traps::OnNothing, ..Shaper::default() }.wasm()),
            ("none", Shaper { traps: Traps::Always, ..Shaper::default() }.wasm()),
        ];
        let assessment = Lab::new(&steps, SAVED).inputs(count).ask(&MemoryStore::default(), &beside(&["classes"]));
        let flexibility = |name: &str| metric(arm(&assessment.assessment, &[name]), "flexibility");
        assert_eq!((flexibility("all"), flexibility("none")), (1.0, 0.0), "{count} inputs");
        // One of the seven classes is no bytes at all.
        assert!((flexibility("some") - 6.0 / 7.0).abs() < 1e-12, "{count} inputs: {}", flexibility("some"));
    }
}

#[test]
fn a_repeat_finds_who_draws_lots() {
    let lab = Lab::new(&[("draws", actor()), ("calm", Shaper::cuts(3).wasm())], SAVED).inputs(5);
    let lab = lab.told(0, "act", "random_sample");
    let assessment = lab.ask(&MemoryStore::default(), &beside(&["repeat"])).assessment;
    let count = |modules: &[&str]| metric(arm(&assessment, modules), "discrepancy_count");
    assert_eq!([count(&[]), count(&["calm"]), count(&["draws"]), count(&["draws", "calm"])], [0.0, 0.0, 5.0, 5.0]);
}

#[test]
fn tight_limits_are_met() {
    let steps = [
        ("small", Shaper::cuts(1).wasm()),
        // 1,000 million fuel are allowed, and a twentieth of that here; 1,024 pages, and 51 here.
        ("busy", Shaper { toils: 15_000_000, ..Shaper::cuts(1) }.wasm()),
        ("large", Shaper { grows: 100, ..Shaper::cuts(1) }.wasm()),
    ];
    let assessment = Lab::new(&steps, SAVED).inputs(2).ask(&MemoryStore::default(), &beside(&["tight"])).assessment;
    let completed = |module: &str, name: &str| scenario(&assessment, &[module], name).completed;
    assert_eq!([completed("small", "nominal"), completed("busy", "nominal")], [1.0, 1.0]);
    assert_eq!([completed("small", "tight"), completed("busy", "tight")], [1.0, 0.0]);
    assert_eq!(scenario(&assessment, &["small", "busy", "large"], "tight").mean_value, 0.0);
    // Memory that is refused is no failure of those who do without.
    assert_eq!(completed("large", "tight"), 1.0);
    assert!(metric(arm(&assessment, &["busy"]), "resilience") < metric(arm(&assessment, &["small"]), "resilience"));
}

/// A fault takes effect: it is counted, and the way out of it takes time.
#[test]
fn faults_are_injected() {
    let lab = Lab::new(&[("a", actor()), ("b", Shaper::cuts(2).wasm())], SAVED).inputs(6).told(0, "act", "upper");
    let sure = Scenario { conditions: Conditions { faults: 1.0, ..Conditions::default() }, ..stressed("sure") };
    let none = Scenario { conditions: Conditions { faults: 0.0, ..Conditions::default() }, ..stressed("none") };
    let recovery = |other: Scenario| {
        let assessment = lab.ask(&MemoryStore::default(), &[Scenario::default(), other]).assessment;
        ["a", "b"].map(|name| metric(arm(&assessment, &[name]), "recovery_time"))
    };
    assert_eq!(recovery(none), [0.0, 0.0]);
    assert!(recovery(sure).iter().all(|time| *time > 0.0));
    let faulty = beside(&["faulty"]).remove(1);
    assert_eq!(faulty.name, "faulty");
    assert!(recovery(faulty).iter().any(|time| *time > 0.0));
}

/// A slow network makes waiting, and nothing else of a module that does not mind.
#[test]
fn weather_is_felt_under_its_scenario_only() {
    let lab = Lab::new(&[("a", Shaper::cuts(2).wasm()), ("b", actor())], SAVED).inputs(2).told(1, "act", "upper");
    let assessment = lab.ask(&MemoryStore::default(), &beside(&["slow-network", "crowded"])).assessment;
    for name in ["slow-network", "crowded"] {
        let result = scenario(&assessment, &["a"], name);
        assert_eq!((result.completed, result.mean_value), (1.0, 2.0), "{name}");
    }
    assert_eq!(metric(arm(&assessment, &["a"]), "adaptability"), 1.0);
    assert!(metric(arm(&assessment, &["a"]), "network_latency") < 1.0, "the nominal case has none of it");
}
