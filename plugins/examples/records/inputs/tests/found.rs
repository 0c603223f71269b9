//! How many of the pairs the modules find in the inputs, alone and together: the relations that the family
//! is there to show, and the table behind them (`cargo test -p records-inputs -- --nocapture`).
//!
//! The modules are components, which no test can link; their work is in plain functions, and those are
//! tested here.

#[path = "../../blocking/src/blocks.rs"]
mod blocks;
#[path = "../../phonetic/src/codes.rs"]
mod codes;
#[path = "../../matching/src/pairs.rs"]
mod pairs;
#[path = "../../matching/src/similarity.rs"]
mod similarity;
#[path = "../../scorer/src/tally.rs"]
mod tally;
#[path = "../../normalise/src/values.rs"]
mod values;
#[path = "../../abbreviations/src/words.rs"]
mod words;

use records_table::Table;

/// A step with the parameters that its module has by default.
struct Step {
    name: &'static str,
    run: fn(&mut Table),
}

const ABBREVIATIONS: Step = Step {
    name: "abbreviations",
    run: |table| {
        let places = table.places("address_1,address_2,suburb");
        words::write_out(table, &places, words::Effort { repair: 1 });
    },
};
const NORMALISE: Step = Step {
    name: "normalise",
    run: |table| values::normalise(table, values::Style { keep_spaces: false, day_first: true }),
};
const PHONETIC: Step = Step {
    name: "phonetic",
    run: |table| {
        let places = table.places("given_name,surname");
        codes::add(table, &places, codes::Method::Nysiis, 6);
    },
};
const BLOCKING: Step = Step {
    name: "blocking",
    run: |table| {
        let places = table.places("address_1");
        blocks::add_candidates(table, &places, blocks::Rule { prefix: 0, largest: 24 }).expect("few candidates");
    },
};
const MATCHING: Step = Step {
    name: "matching",
    run: |table| {
        pairs::find(table, pairs::Rule { threshold: 0.6, floor: 0.8, window: 2 }).expect("few comparisons");
    },
};

/// In the order of the workflow.
const STEPS: [&Step; 5] = [&ABBREVIATIONS, &NORMALISE, &PHONETIC, &BLOCKING, &MATCHING];

const INPUTS: [&str; 10] = [
    "few-duplicates-1",
    "few-duplicates-2",
    "many-duplicates-1",
    "many-duplicates-2",
    "one-duplicate-1",
    "one-duplicate-2",
    "one-duplicate-3",
    "two-offices-1",
    "two-offices-2",
    "two-offices-3",
];

fn input(name: &str) -> String {
    std::fs::read_to_string(format!("{}/data/{name}.csv", env!("CARGO_MANIFEST_DIR"))).expect("an input")
}

/// What the scorer would say, in the whole, for one input after another.
fn f1(steps: &[&Step]) -> [f64; INPUTS.len()] {
    INPUTS.map(|name| {
        let input = input(name);
        // Each step reads what the one before has written.
        let output = steps.iter().fold(input.clone(), |text, step| {
            let mut table = Table::parse(&text).expect("a table");
            (step.run)(&mut table);
            table.to_text()
        });
        tally::tally(&Table::parse(&input).expect("a table"), &Table::parse(&output).expect("a table")).f1()
    })
}

fn mean(steps: &[&Step]) -> f64 {
    f1(steps).iter().sum::<f64>() / INPUTS.len() as f64
}

#[test]
fn together_they_find_more_on_every_input_than_any_alone() {
    let together = f1(&STEPS);
    for step in STEPS {
        let alone = f1(&[step]);
        assert!(alone.iter().zip(&together).all(|(alone, together)| alone < together), "{}: {alone:?}", step.name);
    }
    assert!(together.iter().all(|found| *found > 0.9), "{together:?}");
}

#[test]
fn every_module_adds_to_the_others() {
    let together = mean(&STEPS);
    for left_out in STEPS {
        let others: Vec<&Step> = STEPS.into_iter().filter(|step| step.name != left_out.name).collect();
        assert!(mean(&others) < together, "without {}", left_out.name);
    }
}

#[test]
fn keys_and_blocking_find_nobody_alone_and_much_for_matching() {
    assert_eq!(mean(&[&PHONETIC, &BLOCKING]), 0.0);
    let keys_alone = mean(&[&PHONETIC, &MATCHING]) - mean(&[&MATCHING]);
    let blocking_alone = mean(&[&BLOCKING, &MATCHING]) - mean(&[&MATCHING]);
    let both = mean(&[&PHONETIC, &BLOCKING, &MATCHING]) - mean(&[&MATCHING]);
    // More than the sum of what each adds: nobody but blocking has a use for keys.
    assert_eq!(keys_alone, 0.0);
    assert!(both > keys_alone + blocking_alone + 0.2, "{both} {blocking_alone}");
}

#[test]
fn either_method_makes_keys_that_serve() {
    let soundex = Step {
        name: "soundex",
        run: |table| {
            let places = table.places("given_name,surname");
            codes::add(table, &places, codes::Method::Soundex, 6);
        },
    };
    let with = |keys| mean(&[&ABBREVIATIONS, &NORMALISE, keys, &BLOCKING, &MATCHING]);
    assert!((with(&soundex) - with(&PHONETIC)).abs() < 0.05, "{} {}", with(&soundex), with(&PHONETIC));
}

#[test]
fn no_input_is_large_and_none_without_pairs() {
    for name in INPUTS {
        let text = input(name);
        let table = Table::parse(&text).expect("a table");
        assert!((100..=160).contains(&table.records.len()), "{name}: {} records", table.records.len());
        assert!(tally::tally(&table, &table).there >= 50, "{name}");
    }
}

#[test]
fn the_table() {
    println!("{:60}{}{:>8}", "F1", INPUTS.map(|name| format!("{name:>19}")).concat(), "mean");
    let rows: [&[&Step]; 12] = [
        &[&ABBREVIATIONS],
        &[&NORMALISE],
        &[&PHONETIC],
        &[&BLOCKING],
        &[&MATCHING],
        &[&ABBREVIATIONS, &NORMALISE],
        &[&NORMALISE, &MATCHING],
        &[&PHONETIC, &MATCHING],
        &[&BLOCKING, &MATCHING],
        &[&PHONETIC, &BLOCKING, &MATCHING],
        &[&NORMALISE, &PHONETIC, &BLOCKING, &MATCHING],
        &STEPS,
    ];
    for steps in rows {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        let cells = f1(steps).map(|found| format!("{found:19.3}"));
        println!("{:60}{}{:8.3}", names.join("+"), cells.concat(), mean(steps));
    }
}
