use std::collections::HashMap;

use holobiont_guest::{Attempt, Domain, Parameter};

use super::*;

fn target(id: &str, tunables: &[(&str, Domain, &str)]) -> Target {
    let tunables = tunables.iter().map(|(name, domain, default)| Tunable {
        name: (*name).into(),
        summary: String::new(),
        domain: domain.clone(),
        default: (*default).into(),
    });
    Target { id: id.into(), tunables: tunables.collect(), current: Vec::new() }
}

/// By target and name.
type Values = HashMap<(String, String), String>;

fn values(context: &Context) -> Values {
    let of = |target: &Target| {
        let value = |tunable: &Tunable| target.value(&tunable.name).unwrap_or_default().to_owned();
        target.tunables.iter().map(|t| ((target.id.clone(), t.name.clone()), value(t))).collect::<Vec<_>>()
    };
    context.targets.iter().flat_map(of).collect()
}

/// A host: tries all that is proposed, makes the best of it the values of now if it is better than they are, and so on
/// until nothing is proposed any more. Says the values it ended with and how many were tried.
fn climb(mut context: Context, worth: impl Fn(&Values) -> f64) -> (Values, usize) {
    let mut tried: Vec<(Attempt, f64)> = Vec::new();
    loop {
        let now = worth(&values(&context));
        context.history = tried.iter().map(|(a, worth)| Attempt { gain: worth - now, ..a.clone() }).collect();
        let mut best: Option<(f64, String, String, String)> = None;
        let polls = polls(&context);
        if polls.is_empty() {
            return (values(&context), tried.len());
        }
        for Poll { id, name, value } in polls {
            let mut all = values(&context);
            all.insert((id.into(), name.into()), value.clone());
            let worth = worth(&all);
            let own = all.iter().filter(|((other, _), _)| other == id);
            let set = own.map(|((_, name), value)| Parameter { name: name.clone(), value: value.clone() });
            tried.push((Attempt { id: id.into(), values: set.collect(), gain: 0.0 }, worth));
            if best.as_ref().is_none_or(|(most, ..)| worth > *most) {
                best = Some((worth, id.into(), name.into(), value));
            }
        }
        assert!(tried.len() < 5_000, "it does not end");
        if let Some((worth, id, name, value)) = best
            && worth > now
        {
            let target = context.targets.iter_mut().find(|target| target.id == id).expect("a target");
            target.current.retain(|parameter| parameter.name != name);
            target.current.push(Parameter { name, value });
        }
    }
}

fn number(values: &Values, id: &str, name: &str) -> f64 {
    values[&(id.to_owned(), name.to_owned())].parse().expect("a number")
}

fn context(targets: Vec<Target>) -> Context {
    Context { targets, history: Vec::new(), seed: 7 }
}

#[test]
fn the_top_of_a_hill_is_found_wherever_it_is() {
    for top in [0, 1, 37, 640, 999, 1000] {
        for start in ["0", "500", "1000"] {
            let one = target("m", &[("x", Domain::Integer((0, 1000)), start)]);
            let (values, tried) = climb(context(vec![one]), |v| -(number(v, "m", "x") - f64::from(top)).abs());
            assert_eq!(number(&values, "m", "x"), f64::from(top), "from {start}");
            assert!(tried < 90, "{tried}");
        }
    }
}

#[test]
fn parameters_of_several_modules_and_kinds_are_tuned_together() {
    let words = Domain::Choice(["low", "mid", "high"].map(String::from).into());
    let targets = vec![
        target("a", &[("x", Domain::Integer((1, 4096)), "32"), ("free", Domain::Text, "as it is")]),
        target("b", &[("x", Domain::Number((-2.0, 2.0)), "0"), ("word", words, "low")]),
    ];
    let (values, tried) = climb(context(targets), |v| {
        let word = if v[&("b".into(), "word".into())] == "high" { 5.0 } else { 0.0 };
        word - (number(v, "a", "x").log2() - 9.0).powi(2) - (number(v, "b", "x") - 1.25).powi(2)
    });
    assert!((number(&values, "a", "x").log2() - 9.0).abs() < 0.02, "{values:?}");
    assert!((number(&values, "b", "x") - 1.25).abs() < 0.01, "{values:?}");
    assert_eq!(values[&("b".into(), "word".into())], "high");
    assert_eq!(values[&("a".into(), "free".into())], "as it is");
    assert!(tried < 250, "{tried}");
}

#[test]
fn along_a_bent_ridge_it_ends_where_no_step_is_better() {
    // Rosenbrock's valley, upside down and on a grid: its top is at (1, 1).
    let hill = |x: f64, y: f64| -((1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2));
    let targets =
        vec![target("m", &[("x", Domain::Number((-2.0, 2.0)), "-1.2"), ("y", Domain::Number((-2.0, 2.0)), "1")])];
    let (values, _) = climb(context(targets), |v| hill(number(v, "m", "x"), number(v, "m", "y")));
    let (x, y) = (number(&values, "m", "x"), number(&values, "m", "y"));
    let least = 4.0 * FIRST_STEP * 0.5f64.powi(HALVINGS);
    for (dx, dy) in [(least, 0.0), (-least, 0.0), (0.0, least), (0.0, -least)] {
        assert!(hill(x + dx, y + dy) <= hill(x, y) + 1e-9, "{x} {y}");
    }
    assert!(hill(x, y) > hill(-1.2, 1.0) + 3.0, "{x} {y}");
}

#[test]
fn nothing_is_proposed_twice_and_a_flat_function_is_left_at_its_values() {
    let one = target("m", &[("x", Domain::Integer((0, 16)), "8")]);
    let (values, tried) = climb(context(vec![one]), |_| 1.0);
    assert_eq!(number(&values, "m", "x"), 8.0);
    // 4, 12, 6, 10, 7, 9.
    assert_eq!(tried, 6);
}

#[test]
fn the_order_follows_from_the_seed_and_from_what_made_a_difference() {
    let tunables: Vec<(&str, Domain, &str)> =
        ["a", "b", "c", "d"].into_iter().map(|name| (name, Domain::Integer((0, 16)), "8")).collect();
    let with = |seed: u64, history: Vec<Attempt>| {
        let context = Context { seed, history, ..context(vec![target("m", &tunables)]) };
        polls(&context).into_iter().map(|poll| format!("{}={}", poll.name, poll.value)).collect::<Vec<_>>()
    };
    assert_eq!(with(1, Vec::new()), with(1, Vec::new()));
    assert_ne!(with(1, Vec::new()), with(2, Vec::new()));
    let attempt = |name: &str, value: &str, gain: f64| Attempt {
        id: "m".into(),
        values: vec![Parameter { name: name.into(), value: value.into() }],
        gain,
    };
    let history = vec![attempt("c", "4", 0.5), attempt("b", "4", -0.5), attempt("a", "4", f64::NAN)];
    let order = with(1, history);
    assert_eq!((order.len(), order[0].as_str(), order[4].as_str()), (5, "c=12", "b=12"), "{order:?}");
}

#[test]
fn there_may_be_nothing_to_tune() {
    assert_eq!(polls(&context(Vec::new())), []);
    assert_eq!(polls(&context(vec![target("m", &[("t", Domain::Text, "x")])])), []);
    assert_eq!(polls(&context(vec![target("m", &[("x", Domain::Integer((0, 9)), "unheard of")])])), []);
}
