use super::*;

fn id(path: &str) -> ModuleId {
    ModuleId::new(path).unwrap()
}

fn of(situation: &Situation, buckets: u16) -> PolicyState {
    PolicyState::of(situation, &Feature::VARIANTS.iter().copied().collect(), buckets)
}

fn modules<const N: usize>(trends: [(&str, f64); N]) -> Situation {
    Situation { modules: trends.map(|(path, trend)| (id(path), trend)).into(), ..Situation::default() }
}

#[test]
fn each_row_is_at_its_place_and_on_the_page() {
    let page = include_str!("../mod.rs");
    for (feature, row) in Feature::VARIANTS.iter().zip(FEATURES) {
        assert_eq!(*feature, row.feature);
        assert!(!row.edges.is_empty() && row.edges.is_sorted_by(|low, high| low < high), "{feature}");
        let edges: Vec<String> = row.edges.iter().map(ToString::to_string).collect();
        let found = page.lines().find(|line| line.starts_with(&format!("//! | `{feature}` |")));
        assert!(found.is_some_and(|line| line.ends_with(&format!("| {} |", edges.join(", ")))), "{feature}: {found:?}");
    }
}

#[test]
fn readings_fall_into_bins() {
    assert_eq!(
        [f64::NEG_INFINITY, -0.05, 0.0, 0.05, 1e300].map(|reading| bin_of(reading, WAYS)),
        [Some(0), Some(1), Some(1), Some(2), Some(2)]
    );
    assert_eq!(bin_of(f64::NAN, WAYS), None);
    let readings =
        [(Feature::RoiGain, 0.7), (Feature::Waiting, 4.0), (Feature::Energy, f64::NAN), (Feature::Passed, 0.1)];
    let situation = Situation { readings: readings.into(), ..Situation::default() };
    assert_eq!(of(&situation, 64).to_string(), "roi-gain=4 passed=0 waiting=2");
    // What does not count is as if it had not been measured.
    let some = PolicyState::of(&situation, &[Feature::Waiting].into(), 64);
    assert_eq!(some.to_string(), "waiting=2");
    assert_eq!(PolicyState::of(&situation, &BTreeSet::new(), 0), PolicyState::default());
}

#[test]
fn the_module_that_goes_furthest_is_the_one() {
    let alone = of(&modules([("b.wasm", -0.4)]), 64);
    assert_eq!(of(&modules([("a.wasm", 0.3), ("b.wasm", -0.4), ("c.wasm", f64::NAN)]), 64), alone);
    assert_eq!(of(&modules([("b.wasm", -0.4), ("c.wasm", 0.4)]), 64), alone);
    assert_ne!(of(&modules([("b.wasm", 0.4)]), 64), alone);
    for nothing in [of(&modules([]), 64), of(&modules([("a", f64::NAN)]), 64), of(&modules([("b.wasm", -0.4)]), 0)] {
        assert_eq!(nothing.to_string(), "nothing");
    }
}

#[test]
fn buckets_are_the_same_for_ever_and_even() {
    // The first eight bytes of the SHA-256 of the path, taken with another program, modulo 64 and 1000.
    let text = |path, buckets| of(&modules([(path, 0.0)]), buckets).to_string();
    assert_eq!(
        (text("plugins/a.wasm", 64), text("plugins/a.wasm", 1000)),
        ("module=11:1".to_owned(), "module=987:1".to_owned())
    );
    let mut counts = [0_u32; 64];
    for number in 0..6400 {
        let state = of(&modules([(&format!("plugins/{number}.wasm"), 0.2)]), 64);
        counts[usize::from(state.module.unwrap().bucket)] += 1;
    }
    // Five standard deviations of a count are 50.
    assert!(counts.iter().all(|count| count.abs_diff(100) <= 50), "{counts:?}");
    assert_eq!(text("a", 1), "module=0:1");
}

#[test]
fn a_state_is_read_as_it_is_shown_and_in_no_other_way() {
    let mut situation = modules([("plugins/a.wasm", 0.2)]);
    situation.readings = Feature::VARIANTS.iter().map(|feature| (*feature, 100.0)).collect();
    for state in [PolicyState::default(), of(&modules([("x", 0.0)]), u16::MAX), of(&situation, 64)] {
        assert_eq!(PolicyState::try_from(state.to_string()), Ok(state));
    }
    let wrong = [
        "",
        " ",
        "nothing ",
        "luck=1",
        "roi-trend",
        "roi-trend=",
        "roi-trend=3",
        "roi-trend=+1",
        "roi-trend=01",
        "passed=1 roi-trend=1",
        "roi-trend=1 roi-trend=1",
        "roi-trend=1  passed=1",
        "module=1",
        "module=1:3",
        "module=70000:1",
        "module=-1:0",
        "module=1:1 roi-trend=1",
        "roi-trend=256",
        "\u{1b}[2J",
    ];
    for text in wrong {
        let error = PolicyState::try_from(text.to_owned()).unwrap_err().to_string();
        assert!(error.contains("is no state") && !error.contains('\u{1b}'), "{error}");
    }
}
