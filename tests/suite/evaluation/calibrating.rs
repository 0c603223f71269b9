//! A gate is believed only as far as it was tried.

use std::fs;
use std::path::Path;

use holobiont::{CalibrationReport, Evaluator, MemoryStore, Store};
use holobiont_sandbox::Sandbox;

use super::lab::{HOST, Lab, nominal};
use super::modules::example;
use crate::support::working;

/// Squeezing the beginnings of the example's inputs: whole, they take longer and say no more here.
fn squeeze() -> Lab {
    let steps = ["bwt", "mtf", "coder"].map(|name| (name, example(&format!("squeeze_{name}"))));
    let back = "[objective.round-trip]\nparameter = \"direction\"\nvalue = \"decode\"";
    let lab = Lab::new(&steps, &format!("bytes-saved = true\ncredits-per-unit = 1e-3\n{back}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/examples/squeeze/inputs/data");
    for entry in fs::read_dir(folder).expect("the inputs of the example") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("an input");
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        lab.write(&format!("inputs/{name}"), &bytes[..bytes.len().min(3000)]);
    }
    lab
}

fn calibrate(lab: &Lab, sandbox: &Sandbox, store: &dyn Store) -> CalibrationReport {
    let _working = working();
    Evaluator::new(&lab.project, sandbox, store).calibrate(&lab.workflow, &|_| ()).expect("calibrated")
}

#[test]
fn the_default_gate_is_good_and_a_lax_one_is_found_out() {
    let (mut lab, store) = (squeeze(), MemoryStore::default());
    let group = lab.group(&["mtf", "coder"]);
    let before = lab.try_ask(&store, &group, &nominal()).expect("answered").assessment;
    assert!(before.calibration.is_none() && before.verdict.passed, "{:?}", before.verdict);

    let good = calibrate(&lab, &HOST, &store);
    assert!(good.calibration.is_good() && good.enough_data, "{good:?}");
    assert_eq!(good.calibration.inputs, 16);
    // Three pairs and all; three modules against their copies; four groups of three without effect.
    assert_eq!((good.simulated.trials, good.own_copies.trials, good.no_effect.trials), (4 * 500, 3, 4));
    assert_eq!((good.own_copies.alarms, good.no_effect.alarms), (0, 0));
    assert_eq!(good.engine, HOST.identity());
    let judged = lab.try_ask(&store, &group, &nominal()).expect("answered").assessment;
    assert_eq!(judged.calibration, Some(good.calibration.clone()));
    assert!(judged.verdict.passed);
    assert_eq!(calibrate(&lab, &HOST, &store), good, "calibrating again says the same");

    lab.project.settings.gate.level = 0.5;
    let uncalibrated = lab.try_ask(&store, &group, &nominal()).expect("answered").assessment;
    assert!(uncalibrated.calibration.is_none(), "another gate is another calibration");
    let lax = calibrate(&lab, &HOST, &store);
    assert!(!lax.calibration.is_good() && lax.calibration.false_positives.low > 0.05, "{lax:?}");
    let judged = lab.try_ask(&store, &group, &nominal()).expect("answered").assessment;
    assert!(!judged.verdict.passed && judged.verdict.enough_data);
    let reasons = judged.verdict.reasons.join("\n");
    assert!(reasons.contains("the gate cannot be relied on here: it passes"), "{reasons}");

    lab.project.settings.gate.level = 0.95;
    assert!(lab.try_ask(&store, &group, &nominal()).expect("answered").assessment.verdict.passed, "it was kept");
    what_it_does_not_hold_for(lab, &store);
}

/// Another input, media type, module, limit or engine than the gate was calibrated with.
fn what_it_does_not_hold_for(mut lab: Lab, store: &MemoryStore) {
    let group = lab.group(&["mtf", "coder"]);
    let known = |lab: &Lab| lab.try_ask(store, &group, &nominal()).expect("answered").assessment.calibration.is_some();
    assert!(known(&lab));
    lab.workflow.media_type = "text/plain".to_owned();
    assert!(!known(&lab), "another media type");
    lab.workflow.media_type = "application/octet-stream".to_owned();
    lab.project.settings.preset = "wide".to_owned();
    assert!(!known(&lab), "other limits");
    lab.project.settings.preset = "standard".to_owned();
    assert!(known(&lab));
    {
        let _working = working();
        let strict = Sandbox::builder().strict(true).build().expect("a sandbox");
        let evaluator = Evaluator::new(&lab.project, &strict, store);
        let answer = evaluator.synergy(&lab.workflow, &group, &nominal(), &|_| ()).expect("answered");
        assert!(answer.assessment.calibration.is_none(), "another engine");
    }
    lab.write("inputs/prose.txt", b"Other prose.");
    assert!(!known(&lab), "another input");
}

#[test]
fn few_inputs_are_told() {
    let lab = Lab::new(&[("a", example("squeeze_rle")), ("b", example("squeeze_delta"))], super::lab::SAVED).inputs(4);
    let store = MemoryStore::default();
    let report = calibrate(&lab, &HOST, &store);
    assert!(!report.enough_data);
    assert_eq!(report.calibration.false_positives.share, 0.0, "it never passes anybody");
}
