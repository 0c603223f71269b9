//! What an output is worth, by every kind of objective.

use holobiont::{EvaluateError, MemoryStore};
use holobiont_core::ArmReport;
use holobiont_test_guests as guests;

use super::lab::{Lab, SAVED, arm, nominal};
use super::modules::{Shaper, actor, example};

/// Asks with one module on one input: the arm of that module, and that of nobody.
fn worth(lab: &Lab) -> (ArmReport, ArmReport) {
    let assessment = lab.ask(&MemoryStore::default(), &nominal()).assessment;
    (arm(&assessment, &["it"]).clone(), arm(&assessment, &[]).clone())
}

fn cut(bytes: u32, objective: &str, input: &str) -> Lab {
    let lab = Lab::new(&[("it", Shaper::cuts(bytes).wasm())], objective);
    lab.write("inputs/in.txt", input.as_bytes());
    lab.write("m/scorer.wasm", guests::SCORER.wasm);
    lab
}

#[test]
fn a_scorer_says() {
    // A unit for each byte of output, less those of the input, plus those expected.
    let lab = cut(3, "scorer = \"m/scorer.wasm\"", "hello there");
    let (it, nobody) = worth(&lab);
    assert_eq!((it.units, nobody.units), (-3.0, 0.0));
    let lab = cut(3, "scorer = \"m/scorer.wasm\"\nexpected = \"right\"", "hello there");
    lab.write("right/in.txt", b"12345678");
    let (it, nobody) = worth(&lab);
    assert_eq!((it.units, nobody.units), (5.0, 8.0));
}

#[test]
fn a_scorer_that_goes_wrong_says_nothing() {
    for (input, trouble) in [
        ("nanX", "the scorer: failed: internal"),
        ("infinityX", "the scorer: failed: internal"),
        ("noX", "the scorer: failed: invalid-input"),
        ("spinX", "the scorer: limit: fuel"),
        ("panicX", "the scorer: trap: unreachable"),
    ] {
        let (it, nobody) = worth(&cut(1, "scorer = \"m/scorer.wasm\"", input));
        assert_eq!((it.units, nobody.units, nobody.troubles.len()), (0.0, 0.0, 0), "{input}");
        assert!(it.troubles[0].1.starts_with(trouble), "{input}: {:?}", it.troubles);
        assert!(!it.troubles[0].1.contains('\u{1b}'));
        // The module did what it was asked.
        assert_eq!(it.metrics.get("reliability"), Some(1.0));
    }
}

#[test]
fn a_scorer_that_is_none_is_one_clear_error() {
    for (wasm, words) in [
        (&b"prose"[..], "scorer m/scorer.wasm: rejected: not-wasm"),
        (
            guests::CAT.wasm,
            "scorer m/scorer.wasm: rejected: no-entry-point: the module is a command, which cannot be asked to score an output",
        ),
    ] {
        let lab = cut(1, "scorer = \"m/scorer.wasm\"", "hello");
        lab.write("m/scorer.wasm", wasm);
        let error = lab.try_ask(&MemoryStore::default(), &lab.modules(), &nominal()).expect_err("no scorer");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn the_way_back_counts() {
    let back = "[objective.round-trip]\nparameter = \"direction\"\nvalue = \"decode\"";
    let input = "so and so and so and so and so and so and so and so and so and so and so".repeat(9);
    let saved = |objective: &str| {
        let lab = Lab::new(&[("it", example("squeeze_coder"))], &format!("{objective}\n{back}"));
        lab.write("inputs/in.txt", input.as_bytes());
        lab.write("m/scorer.wasm", &example("squeeze_scorer"));
        let (it, nobody) = worth(&lab);
        assert_eq!(nobody.units, 0.0);
        it.units
    };
    let by_host = saved("bytes-saved = true");
    assert!(by_host > 100.0 && by_host < input.len() as f64);
    assert_eq!(saved("scorer = \"m/scorer.wasm\""), by_host);

    // What is cut off does not come back.
    let lossy = cut(4, &format!("bytes-saved = true\n{back}"), &input);
    let (it, _) = worth(&lossy);
    assert_eq!(it.units, 0.0);
    let words = &it.troubles[0].1;
    assert!(words.contains("the way back does not lead to the input"), "{words}");
    let (it, _) = worth(&cut(4, SAVED, &input));
    assert_eq!((it.units, it.troubles.len()), (4.0, 0), "without a way back it is believed");

    // Who cannot go back is named.
    let lab = Lab::new(&[("it", actor())], &format!("bytes-saved = true\n{back}")).told(0, "act", "upper");
    let mut lab = lab.told(0, "direction", "there");
    lab.write("inputs/in.txt", b"hello");
    let holobiont_core::Judge::BuiltIn(holobiont_core::BuiltIn::BytesSaved { round_trip: Some(back) }) =
        &mut lab.workflow.objective.judge
    else {
        panic!("bytes saved")
    };
    (back.parameter, back.value) = ("act".to_owned(), "panics".to_owned());
    let (it, _) = worth(&lab);
    assert!(it.troubles[0].1.starts_with("on the way back, m/it.wasm: trap: unreachable"), "{:?}", it.troubles);
}

#[test]
fn likeness_to_what_was_expected() {
    let expecting = |objective: &str, cuts: u32, input: &str, right: &str| {
        let lab = cut(cuts, &format!("expected = \"right\"\n{objective}"), input);
        lab.write("right/in.txt", right.as_bytes());
        let (it, nobody) = worth(&lab);
        assert!(it.troubles.is_empty(), "{objective}: {:?}", it.troubles);
        (it.units, nobody.units)
    };
    assert_eq!(expecting("measure = \"exact\"", 2, "hello", "hel"), (1.0, 0.0));
    assert_eq!(expecting("measure = \"exact\"", 3, "hello", "hello"), (0.0, 1.0));
    // Of two lines that came one was expected, of the two expected one came.
    let (it, nobody) = expecting("measure = \"lines-f1\"", 2, "a\nb\nc\n", "a\nx\n");
    assert_eq!((it, nobody), (0.5, 0.4));
    // Quoted or not, a record is a record.
    let (it, _) = expecting("measure = \"records-f1\"", 1, "\"a\",1\nb,2\n!", "a,1\nb,2\n");
    assert_eq!(it, 1.0);
    let headed = "measure = \"records-f1\"\nheader = true";
    assert_eq!(
        expecting(headed, 2, "id,n\na,1\nb,2", "id,n\na,1\n").0,
        expecting("measure = \"lines-f1\"", 0, "a\nb", "a\n").0
    );
}

#[test]
fn a_wrong_header_is_told() {
    let lab = cut(0, "expected = \"right\"\nmeasure = \"records-f1\"\nheader = true", "a,1\n");
    lab.write("right/in.txt", b"id,n\na,1\n");
    let (it, _) = worth(&lab);
    assert_eq!(it.units, 0.0);
    assert_eq!(it.troubles[0].1, "the output: its first record is not the expected header `id,n`");
}

#[test]
fn a_metric_that_was_recorded() {
    let lab = Lab::new(&[("it", actor())], "metric = \"bytes\"").told(0, "act", "upper");
    lab.write("inputs/in.txt", b"hello");
    let (it, nobody) = worth(&lab);
    assert_eq!((it.units, nobody.units), (5.0, 0.0));
    assert_eq!(nobody.troubles[0].1, "the output: no step recorded the metric `bytes`: nothing was recorded");
    let lab = Lab::new(&[("it", actor())], "metric = \"byte\"").told(0, "act", "upper");
    lab.write("inputs/in.txt", b"hello");
    let (it, _) = worth(&lab);
    assert_eq!(it.troubles[0].1, "the output: no step recorded the metric `byte`: did you mean `bytes`?");
}

#[test]
fn a_missing_expected_file_is_one_clear_error() {
    for objective in ["measure = \"exact\"", "scorer = \"m/scorer.wasm\""] {
        let lab = cut(1, &format!("expected = \"right\"\n{objective}"), "hello");
        lab.write("right/other.txt", b"something");
        let error = lab.try_ask(&MemoryStore::default(), &lab.modules(), &nominal()).expect_err("it is missing");
        assert!(matches!(error, EvaluateError::Project(_)));
        let words = error.to_string();
        assert_eq!(
            words,
            "tiny: inputs/in.txt has no expected output: cannot read right/in.txt: No such file or directory (os error 2)"
        );
    }
}
