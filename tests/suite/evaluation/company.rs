//! Modules that call others: by an import that another meets, or as a pipeline that invokes them.

use holobiont::{Evaluator, MemoryStore};
use holobiont_core::{Combination, Member, ModuleId};
use holobiont_test_guests as guests;

use super::lab::{HOST, Lab, SAVED, arm, metric, nominal};
use super::modules::Shaper;
use crate::linking::{ADD, adder, asks, provider};
use crate::support::working;

fn with_member(mut lab: Lab, name: &str, wasm: &[u8]) -> Lab {
    let path = format!("m/{name}.wasm");
    lab.write(&path, wasm);
    lab.workflow.members.push(Member { module: ModuleId::new(&path).expect("an id") });
    lab
}

#[test]
fn an_import_is_met_by_a_member_of_the_group_and_by_nobody_else() {
    const NEXT: &str = "acme:sums/next@0.1.0";
    let lab = with_member(Lab::new(&[("asks", asks(NEXT, 3))], SAVED).inputs(8), "next", &adder(NEXT));
    let store = MemoryStore::default();
    let answer = lab.ask(&store, &nominal());
    let assessment = &answer.assessment;
    assert_eq!(assessment.combination, Combination::Linked);
    let alone = arm(assessment, &["asks"]);
    assert_eq!(alone.troubles.len(), 8);
    assert!(alone.troubles.iter().all(|(_, words)| words.contains(NEXT)), "{:?}", alone.troubles);
    // By itself a library is no step; what it does for another is on the bill of both together.
    assert_eq!((arm(assessment, &["next"]).units, arm(assessment, &["next"]).fuel), (0.0, 0));
    let together = arm(assessment, &["asks", "next"]);
    assert!(together.troubles.is_empty() && together.units > 0.0, "{:?}", together.troubles);
    assert_eq!(metric(together, "reliability"), 1.0);
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 0, "asking again runs nothing");
    // Another library is another company: what it is part of runs again, and nothing else.
    lab.write("m/next.wasm", &adder("acme:sums/next@0.1.7"));
    let changed = lab.ask(&store, &nominal());
    assert_eq!(changed.runs_made, 8);
    assert_eq!(arm(&changed.assessment, &["asks", "next"]).units, together.units);
}

#[test]
fn of_two_that_meet_an_import_it_is_the_one_that_the_link_table_names() {
    const NEXT: &str = "acme:sums/next@0.1.0";
    let asks = Shaper { asks: Some(NEXT), ..Shaper::cuts(4) };
    // The one adds 1 to 3, the other says 9 whatever it is asked.
    let nine = provider(NEXT, ADD, "(param i32) (result i32) (i32.const 9)");
    let mut lab = with_member(Lab::new(&[("asks", asks.wasm())], SAVED).inputs(8), "adds", &adder(NEXT));
    lab = with_member(lab, "nine", &nine);
    let store = MemoryStore::default();
    let saved = |lab: &Lab| arm(&lab.ask(&store, &nominal()).assessment, &["asks", "adds", "nine"]).units;
    assert_eq!(saved(&lab), 8.0 * 4.0);
    lab.write("holobiont.toml", format!("[link]\n\"{NEXT}\" = \"m/nine.wasm\"\n").as_bytes());
    lab.project = holobiont::Project::find(&lab.path("."), None, &|_| None).expect("a project");
    assert_eq!(saved(&lab), 8.0 * 9.0);
}

#[test]
fn a_pipeline_invokes_those_of_its_arm() {
    let pipeline = guests::PIPELINE_INVOKES_ALL;
    let mut lab = Lab::new(&[("auto", pipeline.wasm.to_vec())], SAVED).inputs(8);
    if let Some(act) = pipeline.act {
        lab = lab.told(0, "act", act);
    }
    let lab = with_member(lab, "echo", &Shaper::cuts(3).wasm());
    let store = MemoryStore::default();
    let assessment = lab.ask(&store, &nominal()).assessment;
    assert_eq!(assessment.combination, Combination::Linked);
    let (alone, together) = (arm(&assessment, &["auto"]), arm(&assessment, &["auto", "echo"]));
    // What it invokes is on its own bill.
    assert!(together.fuel > alone.fuel, "{} and {}", together.fuel, alone.fuel);
    assert_eq!(lab.ask(&store, &nominal()).runs_made, 0);
}

#[test]
fn a_calibration_does_not_hold_for_another_member() {
    const NEXT: &str = "acme:sums/next@0.1.0";
    let lab = with_member(Lab::new(&[("asks", asks(NEXT, 3))], SAVED).inputs(8), "next", &adder(NEXT));
    let store = MemoryStore::default();
    {
        let _working = working();
        Evaluator::new(&lab.project, &HOST, &store).calibrate(&lab.workflow, &|_| ()).expect("calibrated");
    }
    assert!(lab.ask(&store, &nominal()).assessment.calibration.is_some());
    lab.write("m/next.wasm", &adder("acme:sums/next@0.1.7"));
    assert!(lab.ask(&store, &nominal()).assessment.calibration.is_none());
}
