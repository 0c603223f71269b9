use super::*;
use crate::random::{Draws, Stream};
use proptest::prelude::*;

/// An even share of 0..1, never 0 or 1.
fn even(draws: &mut Draws) -> f64 {
    (f64::from(draws.below(1 << 30)) + 0.5) / f64::from(1 << 30)
}

/// In how many of 300 runs somebody who looks after each of 60 inputs, at 5 %, is told something.
fn alarms(bets: &Bets, draw: impl Fn(&mut Draws) -> f64) -> u32 {
    let mut draws = Draws::new(21, Stream::Split);
    let told = (0..300).filter(|_| {
        let mut bets = bets.clone();
        (0..60).any(|_| {
            bets.observe(draw(&mut draws)).expect("within bounds");
            bets.verdict(0.05).expect("a level") != Verdict::Open
        })
    });
    told.count() as u32
}

#[test]
fn looking_after_every_input_stays_honest() {
    // At 5 % of 300, 27 and more are as rare as three standard deviations.
    let most = 27;
    let coins = |draws: &mut Draws| f64::from(draws.below(2)) * 2.0 - 1.0;
    // Nine in ten lose a little, one in ten wins nine times as much: a mean of 0, and skewed.
    let skewed = |draws: &mut Draws| if draws.below(10) == 0 { 0.9 } else { -0.1 };
    let heavy = |draws: &mut Draws| coins(draws) * even(draws).powi(-2);
    let bounded = Bets::bounded(-1.0, 1.0).expect("bounds");
    let counts = [
        alarms(&bounded, coins),
        alarms(&bounded, skewed),
        alarms(&bounded, |draws| -skewed(draws)),
        alarms(&Bets::symmetric(), coins),
        alarms(&Bets::symmetric(), heavy),
    ];
    assert!(counts.iter().all(|count| *count < most), "{counts:?}");
}

#[test]
fn what_is_there_is_found() {
    // Differences of mean 0.25 within -1..1.
    let better = |draws: &mut Draws| (even(draws) * 1.5 - 0.5).clamp(-1.0, 1.0);
    for bets in [Bets::bounded(-1.0, 1.0).expect("bounds"), Bets::symmetric()] {
        let found = alarms(&bets, better);
        assert!(found > 250, "{found} of 300");
    }
    let mut bets = Bets::symmetric();
    for _ in 0..9 {
        bets.observe(-3.0).expect("finite");
    }
    assert_eq!(bets.verdict(0.05), Ok(Verdict::Less));
    assert!(bets.e_value(Side::Less) > 40.0 && bets.e_value(Side::More) < 0.5);
}

#[test]
fn the_expected_wealth_of_fair_bets_is_what_it_was() {
    // Over all 2^8 outcomes of fair coins.
    for kind in [Bets::bounded(-2.0, 1.0).expect("bounds"), Bets::symmetric()] {
        let wealth = (0..256u32).map(|signs| {
            let mut bets = kind.clone();
            for toss in 0..8 {
                bets.observe(if signs >> toss & 1 == 1 { 0.7 } else { -0.7 }).expect("within bounds");
            }
            bets.e_value(Side::More)
        });
        assert!((wealth.sum::<f64>() / 256.0 - 1.0).abs() < 1e-9);
    }
}

#[test]
fn what_cannot_be_bet_on_is_refused() {
    assert_eq!(Bets::bounded(0.0, 1.0).err(), Some(BetError::Bounds { low: 0.0, high: 1.0 }));
    let mut bets = Bets::bounded(-1.0, 1.0).expect("bounds");
    assert_eq!(bets.observe(1.5), Err(BetError::Beyond(1.5)));
    assert!(bets.observe(f64::NAN).is_err() && Bets::symmetric().observe(f64::INFINITY).is_err());
    assert_eq!(bets.e_value(Side::More), 1.0);
    assert_eq!(bets.verdict(1.0), Err(BetError::Level(1.0)));
    assert!(MeanSequence::new(1.0, 1.0, 0.05).is_err());
    let mut nothing = Bets::symmetric();
    nothing.observe(0.0).expect("finite");
    assert_eq!((nothing.e_value(Side::More), nothing.verdict(0.05)), (1.0, Ok(Verdict::Open)));
}

#[test]
fn wealth_does_not_overflow() {
    let mut bets = Bets::symmetric();
    for _ in 0..2000 {
        bets.observe(1e300).expect("finite");
    }
    assert!(bets.e_value(Side::More) == f64::MAX && bets.e_value(Side::Less) < 1e-9);
}

#[test]
fn the_sequence_holds_the_mean_all_the_time() {
    let mut draws = Draws::new(8, Stream::Split);
    let (mut missed, mut width) = (0, 0.0);
    for _ in 0..60 {
        let mut sequence = MeanSequence::new(0.0, 1.0, 0.05).expect("bounds");
        let mut held = true;
        for _ in 0..40 {
            sequence.observe(even(&mut draws).powi(3)).expect("within bounds");
            let (low, high) = sequence.interval();
            held &= low <= 0.25 && 0.25 <= high;
        }
        missed += u32::from(!held);
        width += (sequence.interval().1 - sequence.interval().0) / 60.0;
    }
    // At 5 % of 60, 9 and more are as rare as three standard deviations.
    assert!(missed < 9 && width < 0.5, "{missed} of 60, {width} wide");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_sequence_and_the_bets_agree(data in proptest::collection::vec(-0.2..1.0f64, 1..40)) {
        let mut bets = Bets::bounded(-1.0, 1.0).expect("bounds");
        let mut sequence = MeanSequence::new(-1.0, 1.0, 0.05).expect("bounds");
        let mut before = sequence.interval();
        for difference in data {
            bets.observe(difference).expect("within bounds");
            sequence.observe(difference).expect("within bounds");
            let now = sequence.interval();
            prop_assert!(before.0 <= now.0 && now.1 <= before.1);
            before = now;
        }
        let (low, high) = sequence.interval();
        if low.abs() > 1e-6 && high.abs() > 1e-6 {
            let expected = if low > 0.0 { Verdict::More } else if high < 0.0 { Verdict::Less } else { Verdict::Open };
            prop_assert_eq!(bets.verdict(0.05).expect("a level"), expected);
        }
    }

    #[test]
    fn sides_mirror_and_scale_does_not_matter(
        data in proptest::collection::vec(-1.0..1.0f64, 1..30), power in -9i32..9
    ) {
        let factor = 2f64.powi(power);
        for (mut one, mut other) in [
            (Bets::bounded(-1.0, 1.0).expect("bounds"), Bets::bounded(-factor, factor).expect("bounds")),
            (Bets::symmetric(), Bets::symmetric()),
        ] {
            for difference in &data {
                one.observe(*difference).expect("within bounds");
                other.observe(-difference * factor).expect("within bounds");
            }
            let (a, b) = (one.e_value(Side::More), other.e_value(Side::Less));
            prop_assert!((a - b).abs() <= 1e-9 * a);
        }
    }
}
