//! The benchmark in small: what it is to show is shown by a few seeds.

use holobiont_learn::LearnerKind;
use strum::VariantArray as _;

use crate::players::{Make, all};
use crate::synergy_bandit::Variant;
use crate::{Arguments, play, report, spread_out, write};

/// All but the neural learners, which take a hundred times as long and have tests of their own.
fn quick() -> Vec<(String, Make)> {
    let neural = |name: &str| {
        let mut kinds = LearnerKind::VARIANTS.iter().filter(|kind| kind.is_neural());
        kinds.any(|kind| name.starts_with(&format!("`{kind}`")))
    };
    all().into_iter().filter(|(name, _)| !neural(name)).collect()
}

#[test]
fn in_small_it_shows_what_it_is_to_show() {
    let players = quick();
    let tables = play(&players, 8, 300);
    let mean = |variant: Variant, name: &str| {
        let place = players.iter().position(|(other, _)| other == name).expect(name);
        let table = tables.iter().find(|table| table.variant == variant).expect("it was played");
        table.regrets[place].iter().sum::<f64>() / 8.0
    };
    for variant in Variant::ALL {
        let learned = mean(variant, "`linucb`");
        assert!(learned < 0.5 * mean(variant, "equal weights"), "{variant:?}");
        assert!(learned < mean(variant, "`actor-critic`"), "{variant:?}");
        assert!(mean(variant, "`actor-critic`") < mean(variant, "equal weights"), "{variant:?}");
    }
    assert!(mean(Variant::Static, "`linucb`") < 0.04, "{}", mean(Variant::Static, "`linucb`"));
    // What forgets nothing goes on as if nothing had changed.
    assert!(mean(Variant::Drifting, "`linucb`") < 0.3 * mean(Variant::Drifting, "LinUCB, nothing forgotten"));
    // One far-off reward turns it round less than those who take it as it comes.
    assert!(mean(Variant::HeavyTails, "`linucb`") < mean(Variant::HeavyTails, "LinUCB, discount 0.98"));
    // Who knows is the measure, also of worlds that choices change.
    assert!(tables.iter().flat_map(|table| table.regrets.iter().flatten()).all(|regret| *regret > -0.02));
}

#[test]
fn the_section_stands_in_its_place() {
    let players = quick();
    let names: Vec<&str> = players.iter().map(|(name, _)| name.as_str()).collect();
    let section = report::section(&names, &play(&players, 8, 4), &[500.0; 8], 4).expect("a text");
    assert!(section.contains("| actor-critic | 8 | 500.0 | 500.0 | 8 |"), "{section}");
    let page = std::env::temp_dir().join(format!("holobiont-learn-bench-{}.md", std::process::id()));
    std::fs::write(&page, format!("before\n{}\nold\n{}\nafter\n", crate::BEGIN, crate::END)).expect("a page");
    write(&page, &section).expect("it has the place");
    let text = std::fs::read_to_string(&page).expect("a page");
    assert!(text.starts_with("before\n") && text.ends_with("\nafter\n") && !text.contains("\nold\n"), "{text}");
    std::fs::write(&page, "no place").expect("a page");
    assert!(write(&page, &section).expect_err("no place").to_string().contains("has no line"));
    std::fs::remove_file(&page).expect("it is there");
}

#[test]
fn jobs_are_in_order_and_arguments_are_read() {
    assert_eq!(spread_out(25, |number| number * number)[24], 576);
    let read = |words: &[&str]| Arguments::read(words.iter().map(ToString::to_string));
    let arguments = read(&["--seeds", "9", "--cycles", "3", "--write", "page.md"]).expect("all are known");
    assert_eq!((arguments.seeds, arguments.cycles), (9, 3));
    for wrong in [&["--seeds", "7"][..], &["--cycles"], &["--write"], &["--fast"]] {
        assert!(read(wrong).is_err(), "{wrong:?}");
    }
}
