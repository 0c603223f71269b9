//! The page as a whole.

use holobiont_core::{Assessment, MetricSet, ModuleId};
use proptest::prelude::*;

use super::fixtures::{about, crowd, degenerate, extreme, squeeze};
use super::page;

/// All elements and attributes that a page may have: none of them runs or fetches anything.
const ELEMENTS: &str = "html head meta title style body header main section h1 h2 h3 p b small span bdi ul ol li dl dt \
    dd div table thead tbody tr th td figure figcaption details summary svg circle line polygon polyline rect \
    text";
const ATTRIBUTES: &str = "lang charset http-equiv content name class title scope role aria-label aria-hidden viewBox \
    tabindex width height x y x1 y1 x2 y2 cx cy r dy points fill stroke stroke-width opacity text-anchor font-family \
    font-size font-weight transform";

/// Takes a page apart by the few rules that ours keeps: `<` begins a tag, tags nest, attributes are quoted.
/// Returns what stands between tags and in attributes.
fn texts(page: &str) -> Result<Vec<&str>, String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let mut open: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    while let Some((text, tail)) = rest.split_once('<') {
        texts.push(text);
        let (tag, after) = tail.split_once('>').ok_or("a tag does not end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let name = attributes(tag, &mut texts)?;
        if name == "style" {
            (_, rest) = rest.split_once("</style>").ok_or("style does not end")?;
        } else if !tag.ends_with('/') && name != "meta" {
            open.push(name);
        }
    }
    if open.is_empty() && rest.trim().is_empty() { Ok(texts) } else { Err(format!("left open: {open:?}")) }
}

/// The name of a tag's element; its attributes' values go to the texts.
fn attributes<'a>(tag: &'a str, texts: &mut Vec<&'a str>) -> Result<&'a str, String> {
    let (name, mut rest) = tag.strip_suffix('/').unwrap_or(tag).split_once(' ').unwrap_or((tag, ""));
    if !ELEMENTS.split_whitespace().any(|known| known == name) {
        return Err(format!("<{name}>"));
    }
    while !rest.is_empty() {
        let (attribute, tail) = rest.split_once("=\"").ok_or_else(|| format!("<{tag}>"))?;
        let (value, after) = tail.split_once('"').ok_or_else(|| format!("<{tag}>"))?;
        if !ATTRIBUTES.split_whitespace().any(|known| known == attribute.trim()) {
            return Err(format!("{attribute} of <{tag}>"));
        }
        texts.push(value);
        rest = after;
    }
    Ok(name)
}

/// What holds for every page.
fn check(assessment: &Assessment) -> String {
    let made = page(assessment, &about());
    assert_eq!(made, page(assessment, &about()));
    for text in texts(&made).unwrap_or_else(|wrong| panic!("{wrong}")) {
        assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        assert!(!text.contains("could not be drawn"), "{text}");
    }
    assert!(!["http:", "https:", "url(", "@import"].iter().any(|foreign| made.contains(foreign)));
    for part in made.split("<svg").skip(1) {
        assert!(part.contains("role=\"img\" aria-label=\""), "a drawing that says nothing");
        let drawing = part.split("</svg>").next().unwrap_or_default();
        for name in ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"] {
            for value in drawing.split(&format!(" {name}=\"")).skip(1) {
                let value = value.split('"').next().unwrap_or_default();
                assert!(value.parse::<i32>().is_ok_and(|value| value.abs() < 5000), "{name}={value}");
            }
        }
    }
    assert_eq!(made.matches("<figure").count(), made.matches("<figcaption").count());
    assert_eq!(made.matches("<th").count() - made.matches("<thead").count(), made.matches("<th scope=").count());
    made
}

#[test]
fn a_small_group_is_told_in_a_sentence() {
    let made = check(&squeeze());
    let headline = made.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).expect("a headline");
    assert!(headline.contains("is worth more than any of its parts"), "{headline}");
    for figure in ["0.313", "0.243", "+0.236"] {
        assert!(headline.contains(figure), "{figure} in {headline}");
    }
    let parts =
        ["Passed", "What each came to", "Thanks to whom", "Cost and value", "All numbers", "How it was measured"];
    let places: Vec<Option<usize>> = parts.iter().map(|part| made.find(part)).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?}");
    assert!(!made.contains("<h2>Troubles"));
}

#[test]
fn a_large_group_fits() {
    let made = check(&crowd());
    assert!(made.contains("The group of 12 modules"));
    assert!(made.contains("Not passed") && made.contains("<h2>Troubles"));
}

#[test]
fn strangers_texts_mean_nothing() {
    let made = check(&degenerate());
    assert!(!made.contains("<script") && !made.contains('\u{202e}') && !made.contains('\0'));
    assert!(made.contains("Not enough data") && made.contains("too few inputs"));
}

#[test]
fn extremes_are_drawn() {
    for scale in [1e-308, 1e-12, 1e9, 1e300, f64::MAX, -1.0, f64::NAN, f64::INFINITY] {
        check(&extreme(scale));
    }
}

#[test]
fn what_is_left_out_is_not_missed() {
    let mut made = squeeze();
    made.pairs.clear();
    made.shapley.clear();
    made.revenue_by_input.clear();
    made.synergy.clear();
    made.interaction = MetricSet::default();
    check(&made);
    made.arms.truncate(1);
    check(&made);
    made.arms.clear();
    made.group.clear();
    made.inputs.clear();
    made.scenarios.clear();
    check(&made);
}

#[test]
fn modules_of_one_name_are_told_apart() {
    let mut made = squeeze();
    let twin = ModuleId::new("elsewhere/squeeze_bwt.wasm").expect("a valid id");
    let old = std::mem::replace(&mut made.group[1], twin.clone());
    for report in &mut made.arms {
        if report.arm == holobiont_core::Arm::Solo(old.clone()) {
            report.arm = holobiont_core::Arm::Solo(twin.clone());
        }
    }
    assert!(check(&made).contains(">elsewhere/squeeze_bwt.wasm<"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_text_gets_out_of_its_place(text in "[<>&\"'/a-z =\\-!\u{202e}\u{1b}é漢]{1,40}") {
        let mut made = squeeze();
        made.workflow.clone_from(&text);
        made.unit.clone_from(&text);
        made.inputs = vec![text.clone(); made.inputs.len()];
        made.scenarios[1].clone_from(&text);
        made.verdict.reasons.push(text.clone());
        for report in &mut made.arms {
            report.scenarios[1].scenario.clone_from(&text);
            report.troubles.push((text.clone(), text.clone()));
        }
        if let Ok(id) = ModuleId::new(&text) {
            let old = std::mem::replace(&mut made.group[0], id.clone());
            if let Some(share) = made.shapley.remove(&old) {
                made.shapley.insert(id.clone(), share);
            }
            made.arms[1].arm = holobiont_core::Arm::Solo(id);
        }
        check(&made);
    }

    #[test]
    fn any_numbers_are_drawn(values in proptest::collection::vec(any::<f64>(), 7), together in any::<f64>()) {
        let mut made = squeeze();
        made.revenue_by_input.clone_from(&values);
        for (report, value) in made.arms.iter_mut().zip(&values) {
            (report.cost, report.value, report.units) = (*value, together, *value);
            report.metrics = report.metrics.iter().map(|(name, _)| (name.to_owned(), *value)).collect();
            report.scenarios.iter_mut().for_each(|result| result.mean_value = *value);
        }
        for (synergy, value) in made.synergy.values_mut().zip(&values) {
            (synergy.value, synergy.low, synergy.high) = (*value, Some(together), None);
        }
        for (share, value) in made.shapley.values_mut().zip(&values) {
            *share = share.iter().map(|(name, _)| (name.to_owned(), *value)).collect();
        }
        check(&made);
    }
}
