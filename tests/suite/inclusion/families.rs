//! In the families of examples: what is good goes where it should, and nothing else goes anywhere.

use holobiont_core::inclusion::Stage;
use holobiont_test_guests as guests;

use super::yard::{Yard, left_out, of};
use crate::evaluation::modules::{Shaper, example};

/// The same program with another note in it.
fn again(wasm: &[u8]) -> Vec<u8> {
    [wasm, b"\x00\x06\x04note1"].concat()
}

const SQUEEZE: &str = "scorer = \"m/squeeze_scorer.wasm\"\ncredits-per-unit = 1e-5\n[objective.round-trip]\n\
                       parameter = \"direction\"\nvalue = \"decode\"";

const RECORDS: &str = "scorer = \"m/records_scorer.wasm\"\ncredits-per-unit = 0.01";

fn family(steps: &[&str], objective: &str, modules: &[&str]) -> Yard {
    let yard = Yard::new(steps, objective);
    for name in modules {
        yard.module(name, &example(name));
    }
    yard
}

#[test]
fn squeeze_takes_in_what_sorts_before_what_moves_to_front_and_nothing_else() {
    let modules = ["squeeze_bwt", "squeeze_mtf", "squeeze_coder", "squeeze_scorer"];
    let yard = family(&["squeeze_mtf", "squeeze_coder"], SQUEEZE, &modules);
    yard.inputs_of("squeeze", 16);
    yard.module("useless", guests::CAT.wasm);
    yard.module("redundant", &again(&example("squeeze_mtf")));
    // It takes the ends of things away, and nothing brings them back.
    yard.module("harmful", &Shaper { room: 60, ..Shaper::cuts(5) }.wasm());

    let report = yard.test();

    let good = of(&report, "squeeze_bwt");
    assert!(good.passed, "{good:#?}");
    assert_eq!(yard.steps("work"), ["squeeze_bwt", "squeeze_mtf", "squeeze_coder"]);
    assert!(
        yard.text("workflows/work.toml").contains("# What squeeze_mtf is for.\n[[step]]\nmodule = \"m/squeeze_mtf")
    );
    assert_eq!(yard.listed("module_map"), ["m/squeeze_bwt.wasm"]);
    // Both measures are there, whatever came of them.
    let measures = &good.workflows[0];
    assert!(measures.roi.is_some() && measures.synergy_roi.is_some_and(|s| s.interval().is_some_and(|i| i.low > 0.0)));

    let useless = of(&report, "useless");
    assert!(!useless.passed && useless.stage == Stage::Group, "{useless:#?}");
    assert!(useless.reasons.iter().any(|reason| reason.starts_with("its synergy_roi is not above 0")), "{useless:#?}");
    let harmful = of(&report, "harmful");
    assert!(!harmful.passed && harmful.stage == Stage::Pairs, "{harmful:#?}");
    assert!(harmful.reasons[0].contains("nothing is left of what that is worth"), "{harmful:#?}");
    assert!(left_out(&report, "redundant").contains("has the same code as `m/squeeze_mtf.wasm`"));

    // The list says so too, and the next test finds nothing new to do.
    let list = yard.text("sandbox_data/orphan_modules.json");
    assert!(list.contains("\"redundant\": true") && list.contains("nothing is left of what that is worth"), "{list}");
    let text = yard.text("workflows/work.toml");
    let second = yard.test();
    assert!(second.integrated.is_empty() && second.candidates.len() == 2, "{second:#?}");
    assert_eq!(yard.text("workflows/work.toml"), text);
}

#[test]
fn records_takes_in_what_spells_by_sound_where_names_are_clean_already() {
    let modules = ["records_normalise", "records_phonetic", "records_blocking", "records_matching", "records_scorer"];
    let yard = family(&["records_normalise", "records_blocking", "records_matching"], RECORDS, &modules);
    yard.inputs_of("records", 10);
    yard.module("useless", guests::CAT.wasm);
    yard.module("redundant", &again(&example("records_matching")));
    // It makes runs of letters shorter, so that nothing reads the records any more.
    yard.module("harmful", &example("squeeze_rle"));

    let report = yard.test();

    assert!(of(&report, "records_phonetic").passed, "{report:#?}");
    assert_eq!(yard.steps("work"), ["records_normalise", "records_phonetic", "records_blocking", "records_matching"]);
    let useless = of(&report, "useless");
    assert!(!useless.passed && useless.reasons[1].starts_with("its synergy_roi is not above 0"), "{useless:#?}");
    let harmful = of(&report, "harmful");
    assert!(!harmful.passed && harmful.stage == Stage::Pairs, "{harmful:#?}");
    assert!(left_out(&report, "redundant").contains("has the same code as"));
    assert_eq!(report.integrated.len(), 1);
}

#[test]
fn two_that_are_better_together_come_before_the_best_single_one() {
    let modules = ["squeeze_bwt", "squeeze_mtf", "squeeze_coder", "squeeze_lz77", "squeeze_scorer"];
    let yard = family(&["squeeze_coder"], SQUEEZE, &modules);
    yard.inputs_of("squeeze", 16);
    let report = yard.test();
    assert_eq!(yard.steps("work"), ["squeeze_bwt", "squeeze_mtf", "squeeze_coder"], "{report:#?}");
    // Alone, moving to front does harm.
    let mtf = &of(&report, "squeeze_mtf").workflows[0];
    assert_eq!(mtf.company.iter().map(|id| id.short()).collect::<Vec<_>>(), ["squeeze_bwt"]);
    assert_eq!(mtf.step, Some(2));
    assert!(report.workflows[0].after > report.workflows[0].before);
    // It is worth something by itself, and so integrated; but beside these two it has nothing to do.
    let lz77 = of(&report, "squeeze_lz77");
    assert!(lz77.passed && lz77.reasons.iter().any(|reason| reason.contains("a step of none")), "{lz77:#?}");
}
