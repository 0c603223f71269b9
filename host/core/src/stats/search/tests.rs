use super::*;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

/// Luck of a group on an input, about -1..1.
fn luck(group: Coalition, input: usize) -> f64 {
    let mut draws = Draws::new(group.bits().rotate_left(17) ^ input as u64, Stream::Split);
    (0..4).map(|_| f64::from(draws.below(1 << 20)) / f64::from(1 << 20) - 0.5).sum()
}

/// Answers by a function of group and input, and remembers what was asked.
fn answer(
    asked: &RefCell<Vec<Ask>>,
    worth: impl Fn(Coalition, usize) -> f64,
) -> impl FnMut(&[Ask]) -> Result<Vec<f64>, Infallible> {
    move |asks| {
        asked.borrow_mut().extend(asks);
        Ok(asks.iter().map(|ask| worth(ask.group, ask.input)).collect())
    }
}

fn run(search: &Search, worth: impl Fn(Coalition, usize) -> f64) -> (SearchOutcome, Vec<Ask>) {
    let asked = RefCell::new(Vec::new());
    let outcome = search.run(answer(&asked, worth)).expect("an outcome");
    assert_eq!(outcome.trials, asked.borrow().len() as u64);
    (outcome, asked.into_inner())
}

/// Each member costs 0.3, each two neighbours among 4, 9, 14 and 19 bring 2, and all four bring 4 more.
fn planted(group: Coalition) -> f64 {
    let inside = [4, 9, 14, 19].map(|player| group.contains(player));
    let two = inside.windows(2).filter(|pair| pair[0] && pair[1]).count() as f64;
    let all = if inside == [true; 4] { 4.0 } else { 0.0 };
    2.0 * two + all - 0.3 * group.len() as f64
}

#[test]
fn all_groups_of_a_few_are_tried_and_the_best_found() {
    let worth = |group: Coalition, _| f64::from((group.bits() as u32).wrapping_mul(40_503) % 1009);
    let (outcome, _) = run(&Search::new(8, 10, 1), worth);
    let masks = (0..256).map(Coalition::from_bits).filter(|group| group.len() >= 2);
    let best = masks.max_by(|a, b| worth(*a, 0).total_cmp(&worth(*b, 0))).expect("groups");
    assert_eq!((outcome.finalists[0].group, outcome.groups, outcome.exhaustive), (best, 247, true));
    assert_eq!((outcome.choosing.len(), outcome.fresh.len(), outcome.cut_short), (5, 5, false));
    assert_eq!(outcome.trials, 247 * 5 + 3 * 5);
}

#[test]
fn a_group_of_four_among_twenty_is_found_with_little() {
    for goal in [Goal::Worth, Goal::Synergy] {
        for seed in 0..4 {
            let search = Search::new(20, 60, seed).goal(goal);
            let (outcome, _) = run(&search, |group, input| planted(group) + luck(group, input));
            assert_eq!(outcome.finalists[0].group.to_string(), "{4, 9, 14, 19}", "seed {seed}");
            assert!(!outcome.exhaustive && outcome.trials < 12_000, "{} trials", outcome.trials);
        }
    }
}

#[test]
fn large_groups_are_reached_though_small_ones_are_no_better() {
    let worth = |group: Coalition, _| if group.len() == 7 { 1.0 } else { 0.0 };
    let (outcome, _) = run(&Search::new(14, 9, 0).sizes(7..=9), worth);
    assert_eq!((outcome.finalists[0].group.len(), outcome.finalists[0].chosen_by), (7, 1.0));
}

#[test]
fn what_is_chosen_by_luck_is_not_so_lucky_afresh() {
    let mut gap = 0.0;
    for seed in 0..8 {
        let (outcome, _) = run(&Search::new(8, 20, seed), |group, input| luck(group, input + 1000 * seed as usize));
        let first = &outcome.finalists[0];
        gap += (first.chosen_by - first.fresh.iter().sum::<f64>() / first.fresh.len() as f64) / 8.0;
    }
    // The best of 247 means of 12 draws with variance 1/3 is about 2.8 standard errors up.
    assert!((0.3..0.65).contains(&gap), "{gap}");
}

#[test]
fn halving_pays_for_what_the_budget_cannot() {
    let luck = |group: Coalition, input| luck(group, input) + if group.bits() == 0b1011 { 3.0 } else { 0.0 };
    let all = Search::new(9, 60, 2);
    let (outcome, _) = run(&all.clone().budget(5000), luck);
    assert_eq!((outcome.finalists[0].group.bits(), outcome.cut_short), (0b1011, false));
    assert!(outcome.trials <= 5000 && outcome.groups == 502);
    let refused = all.budget(900).run(answer(&RefCell::default(), luck));
    assert_eq!(refused, Err(SearchError::Budget { budget: 900, needed: 502 * 3 + 3 * (3 * 40 + 20) }));
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let asked = RefCell::default();
    let refused = |search: Search| search.run(answer(&asked, |_, _| 0.0)).err();
    assert!(matches!(refused(Search::new(1, 10, 0)), Some(SearchError::Players { .. })));
    assert!(matches!(refused(Search::new(65, 10, 0)), Some(SearchError::Players { .. })));
    assert!(matches!(refused(Search::new(4, 1, 0)), Some(SearchError::Inputs { .. })));
    let short = Search::new(4, 10, 0).run(|_| Ok::<_, Infallible>(vec![1.0]));
    assert!(matches!(short, Err(SearchError::Answers { answers: 1, .. })));
    let failed = Search::new(4, 10, 0).run(|_| Err(std::fmt::Error));
    assert_eq!(failed, Err(SearchError::Measure(std::fmt::Error)));
}

#[test]
fn what_is_not_finite_is_the_worst() {
    for players in [5, 14] {
        let worth = |group: Coalition, _| if group.contains(0) { f64::NAN } else { group.len() as f64 };
        for goal in [Goal::Worth, Goal::Synergy] {
            let (outcome, _) = run(&Search::new(players, 12, 3).goal(goal).sizes(2..=3), worth);
            assert!(outcome.finalists.iter().all(|finalist| !finalist.group.contains(0)), "{goal:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn searches_keep_their_word(
        players in 3usize..16, inputs in 4usize..24, seed: u64, synergy: bool, budget in 300u64..4000,
        beam in 1usize..6, sizes in (1usize..4, 1usize..6)
    ) {
        let goal = if synergy { Goal::Synergy } else { Goal::Worth };
        let sizes = sizes.0..=(sizes.0 + sizes.1).min(players);
        let search = Search::new(players, inputs, seed).goal(goal).budget(budget).beam(beam).sizes(sizes.clone());
        let asked = RefCell::new(Vec::new());
        let outcome = match search.run(answer(&asked, luck)) {
            Err(SearchError::Budget { needed, .. }) => {
                prop_assert!(needed > budget && asked.borrow().is_empty());
                return Ok(());
            }
            other => other.expect("an outcome"),
        };
        let asked = asked.into_inner();
        prop_assert!(outcome.trials <= budget);
        prop_assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len());
        let mut split: Vec<usize> = outcome.choosing.iter().chain(&outcome.fresh).copied().collect();
        split.sort_unstable();
        prop_assert!(split.into_iter().eq(0..inputs));
        // Only finalists, and for synergy their members alone, were ever run on fresh inputs.
        let finalists: Vec<Coalition> = outcome.finalists.iter().map(|finalist| finalist.group).collect();
        prop_assert!(outcome.cut_short || !finalists.is_empty());
        prop_assert!(finalists.iter().all(|group| sizes.contains(&group.len())));
        let on_fresh = asked.iter().filter(|ask| outcome.fresh.contains(&ask.input)).map(|ask| ask.group);
        let members: BTreeSet<usize> = finalists.iter().flat_map(|of| of.players()).collect();
        let known = |group: Coalition| group.players().all(|one| members.contains(&one));
        let member = |group: Coalition| synergy && group.len() == 1 && known(group);
        for group in on_fresh {
            prop_assert!(finalists.contains(&group) || member(group));
        }
        let (again, _) = run(&search, luck);
        prop_assert_eq!(again, outcome);
    }
}
