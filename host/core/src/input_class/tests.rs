use proptest::prelude::*;
use strum::VariantArray as _;

use super::adversarial::{NUMBERS, PATTERN_MOST, PATTERNS};
use super::damage::{HUGE_LEAST, HUGE_MOST};
use super::*;

/// Whether `part` is what is left of `whole` when some of its bytes are taken away.
fn is_among(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}

/// Checks what a class says of its variants.
fn keeps_its_promise(class: InputClass, nominal: &[u8], seed: u64) {
    let variant = class.variant(nominal, seed);
    let (n, length) = (nominal.len(), variant.len());
    assert_eq!(variant, class.variant(nominal, seed), "{class}: not the same again");
    let may_be_nominal =
        class == InputClass::Nominal || n == 0 && matches!(class, InputClass::Empty | InputClass::Truncated);
    assert_eq!(variant == nominal, may_be_nominal, "{class}");
    match class {
        InputClass::Nominal => {}
        InputClass::Empty => assert_eq!(length, 0),
        InputClass::Huge => {
            assert!(variant.starts_with(nominal));
            let target = (4 * n).clamp(HUGE_LEAST, HUGE_MOST);
            let line = nominal.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(2);
            if n >= HUGE_MOST {
                assert!(length > n && length <= n + HUGE_LEAST);
            } else {
                assert!(length <= (target + line + 1).min(HUGE_MOST), "{length} of {n}");
                assert!(length >= target || length + line + 1 >= HUGE_MOST, "{length} of {n}");
            }
        }
        InputClass::Truncated => {
            assert!(nominal.starts_with(&variant));
            assert!(n < 2 || length >= 1);
        }
        InputClass::Malformed => {
            assert!(length.abs_diff(n) <= (n / 100).max(1));
        }
        InputClass::NotUtf8 => {
            assert!(std::str::from_utf8(&variant).is_err());
            assert!(length > n && length <= n + 33);
            // Byte by byte, so only where that does not take long.
            assert!(n > HUGE_LEAST || is_among(nominal, &variant));
        }
        InputClass::Adversarial => assert!(length <= n + PATTERN_MOST + 1),
    }
}

proptest! {
    #[test]
    fn every_class_keeps_its_promise_for_any_bytes(
        nominal in prop::collection::vec(any::<u8>(), 0..2000), seed in any::<u64>()
    ) {
        InputClass::VARIANTS.iter().for_each(|class| keeps_its_promise(*class, &nominal, seed));
    }

    #[test]
    fn every_class_keeps_its_promise_for_lines_and_for_the_shortest(
        nominal in "[ab,\n]{0,12}", seed in any::<u64>()
    ) {
        InputClass::VARIANTS.iter().for_each(|class| keeps_its_promise(*class, nominal.as_bytes(), seed));
    }

    #[test]
    fn a_hostile_variant_is_that_of_its_class_and_never_the_input(
        nominal in prop::collection::vec(any::<u8>(), 0..200), seed in any::<u64>()
    ) {
        let (class, variant) = InputClass::hostile(&nominal, seed, &[]);
        prop_assert!(class != InputClass::Nominal);
        prop_assert_ne!(&variant, &nominal);
        prop_assert_eq!(variant, class.variant(&nominal, seed));
    }

    #[test]
    fn whatever_was_broken_is_not_made_whole(rest in any::<[u8; 2]>(), seed in any::<u64>()) {
        // The beginning of a character, which a sequence from the list could go on with.
        let nominal = [0xc3, rest[0], rest[1], 0xc3];
        keeps_its_promise(InputClass::NotUtf8, &nominal, seed);
    }
}

#[test]
fn long_inputs_are_bounded_too() {
    for length in [HUGE_LEAST, HUGE_MOST / 4 + 1, HUGE_MOST - 2, HUGE_MOST - 1, HUGE_MOST, HUGE_MOST + 5] {
        let one_line = vec![b'a'; length];
        let mut two_lines = one_line.clone();
        two_lines[0] = b'\n';
        let mut many_lines = one_line.clone();
        many_lines.iter_mut().skip(50).step_by(51).for_each(|byte| *byte = b'\n');
        for nominal in [one_line, two_lines, many_lines] {
            InputClass::VARIANTS.iter().for_each(|class| keeps_its_promise(*class, &nominal, 3));
        }
    }
}

#[test]
fn a_huge_input_repeats_whole_records_but_not_the_header() {
    let nominal = b"id,name\n1,a\n2,b\n3,c";
    let variant = InputClass::Huge.variant(nominal, 1);
    let text = std::str::from_utf8(&variant).expect("text");
    assert!(text.starts_with("id,name\n1,a\n2,b\n3,c\n"));
    assert!(text.lines().skip(1).all(|line| ["1,a", "2,b", "3,c"].contains(&line)), "{}", &text[..200]);
    let starts: std::collections::BTreeSet<Vec<u8>> =
        (0..20).map(|seed| InputClass::Huge.variant(nominal, seed)[20..24].to_vec()).collect();
    assert_eq!(starts.len(), 3, "the seed chooses where repeating begins");
    // Without lines, the input over and over; a single line is repeated as one.
    assert_eq!(&InputClass::Huge.variant(b"xyz", 1)[..8], b"xyzxyzxy");
    assert_eq!(&InputClass::Huge.variant(b"x\n", 1)[..6], b"x\nx\nx\n");
}

#[test]
fn damage_is_about_one_percent() {
    let nominal: Vec<u8> = (0..20_000u32).map(|n| (n % 251) as u8).collect();
    let variant = InputClass::Malformed.variant(&nominal, 5);
    assert!(variant.len().abs_diff(nominal.len()) < 200);
    // In the input each byte is one more than that before it. Two hundred harms spoil one such pair or two each.
    let spoilt = variant.windows(2).filter(|pair| (u32::from(pair[0]) + 1) % 251 != u32::from(pair[1])).count();
    assert!((150..=400).contains(&spoilt), "{spoilt} pairs");
}

#[test]
fn patterns_are_what_they_are_called() {
    for (place, pattern) in PATTERNS.iter().enumerate() {
        for seed in 0..50 {
            let made = pattern(&mut Draws::new(seed, Stream::Variant));
            assert!((200..=PATTERN_MOST).contains(&made.len()), "pattern {place}: {} bytes", made.len());
        }
    }
    let made = |place: usize, seed| PATTERNS[place](&mut Draws::new(seed, Stream::Variant));
    let run = made(0, 1);
    assert!(run.iter().all(|byte| *byte == run[0]));
    let depth = |text: &[u8]| text.iter().filter(|byte| b"[{(<".contains(*byte)).count();
    assert!((0..20).all(|seed| depth(&made(1, seed)) >= 9_000));
    assert_eq!(made(2, 1).iter().position(|byte| *byte == b'\n'), Some(PATTERN_MOST - 1));
    let numbers = String::from_utf8(made(3, 1)).expect("text");
    assert!(NUMBERS.iter().all(|number| numbers.contains(number)));
    assert!(String::from_utf8(made(4, 1)).expect("text").contains("=1+1"));
    // Every pair of bytes once, the last with the first.
    let sequence = made(6, 1);
    let pairs: std::collections::BTreeSet<(u8, u8)> =
        sequence.iter().zip(sequence.iter().cycle().skip(1)).map(|(a, b)| (*a, *b)).collect();
    assert_eq!((sequence.len(), pairs.len()), (PATTERN_MOST, PATTERN_MOST));
}

#[test]
fn the_killer_of_the_median_of_three_has_every_number_once() {
    let kinds: std::collections::BTreeSet<Vec<u8>> =
        (0..60).map(|seed| PATTERNS[5](&mut Draws::new(seed, Stream::Variant))).collect();
    assert_eq!(kinds.len(), 6, "all six are drawn");
    let by_lines = kinds.iter().filter(|kind| kind.is_ascii() && kind.starts_with(b"00"));
    let distinct =
        by_lines.map(|kind| kind.split(|byte| *byte == b'\n').collect::<std::collections::BTreeSet<_>>().len());
    let lines = PATTERN_MOST / 7;
    // Three are permutations (and the end, which is no line); the one that goes up and down has each number twice.
    let mut distinct: Vec<usize> = distinct.collect();
    distinct.sort_unstable();
    assert_eq!(distinct[1..], [lines + 1; 3]);
    assert!(distinct[0].abs_diff(lines / 2) <= 3, "{distinct:?}");
}

#[test]
fn patterns_stand_alone_or_at_the_beginning_of_a_line() {
    let nominal = b"id,name\n1,a\n2,b\n";
    let variants: Vec<Vec<u8>> = (0..60).map(|seed| InputClass::Adversarial.variant(nominal, seed)).collect();
    let inside = variants.iter().filter(|v| v.starts_with(b"id,name\n") || v.ends_with(b"2,b\n")).count();
    assert!((15..=45).contains(&inside), "{inside} of 60");
    let kinds: std::collections::BTreeSet<&Vec<u8>> = variants.iter().collect();
    assert!(kinds.len() > 20);
    // A stranger's text that is a pattern itself still gets another.
    let run = vec![b'a'; PATTERN_MOST];
    assert!((0..500).all(|seed| InputClass::Adversarial.variant(&run, seed) != run));
}

#[test]
fn hostile_variants_are_of_all_classes_but_nominal() {
    let seen = |nominal: &[u8]| hostile_classes(nominal, &[]);
    assert_eq!(seen(b"abc"), InputClass::VARIANTS[1..]);
    use InputClass::{Adversarial, Huge, Malformed, NotUtf8};
    assert_eq!(seen(b""), [Huge, Malformed, NotUtf8, Adversarial]);
}

/// The classes that some seeds choose.
fn hostile_classes(nominal: &[u8], among: &[InputClass]) -> Vec<InputClass> {
    let classes: std::collections::BTreeSet<InputClass> =
        (0..200).map(|seed| InputClass::hostile(nominal, seed, among).0).collect();
    classes.into_iter().collect()
}

#[test]
fn hostile_variants_are_of_the_classes_that_are_named() {
    use InputClass::{Empty, Malformed, NotUtf8, Truncated};
    assert_eq!(hostile_classes(b"abc", &[Malformed, Truncated, Malformed]), [Truncated, Malformed]);
    assert_eq!(hostile_classes(b"", &[NotUtf8, Empty]), [NotUtf8], "an empty input is no other for being empty");
    assert_eq!(hostile_classes(b"", &[Empty, Truncated]), [Empty, Truncated]);
    assert_eq!(InputClass::hostile(b"", 7, &[Empty]), (Empty, Vec::new()));
}

#[test]
fn naming_every_class_changes_nothing() {
    for (nominal, seed) in [(b"a,b\n".as_slice(), 1), (b"", 2), (b"abcdef", 3), (b"x", 99)] {
        assert_eq!(InputClass::hostile(nominal, seed, &[]), InputClass::hostile(nominal, seed, InputClass::VARIANTS));
    }
}

#[test]
fn every_class_has_an_input_and_every_input_as_many_classes() {
    assert!(InputClass::assignment(0).is_empty());
    for inputs in 1..=20 {
        let assigned = InputClass::assignment(inputs);
        assert_eq!(assigned.len(), inputs);
        assert!(assigned.iter().all(|classes| classes.len() == 7usize.div_ceil(inputs)));
        for classes in &assigned {
            let distinct: std::collections::BTreeSet<&InputClass> = classes.iter().collect();
            assert_eq!(distinct.len(), classes.len());
        }
        assert!(InputClass::VARIANTS.iter().all(|class| assigned.iter().flatten().any(|a| a == class)));
    }
}
