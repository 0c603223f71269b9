//! The answer, before everything else: a sentence, the verdict, and how far to trust it.

use holobiont_core::Calibration;

use super::markup::Html;
use super::number::{count, interval, number, percent, signed};
use super::view::{View, value};

/// The head of the page.
pub(super) fn answer(view: &View<'_>) -> Html {
    let mut html = Html::new();
    html.open("p", &[("class", "kicker")]).text("Synergy of the workflow ");
    html.name(&view.assessment.workflow, &view.assessment.workflow);
    let inputs = count(view.assessment.inputs.len(), "input");
    html.text(&format!(", measured on {inputs}")).close("p");
    headline(view, &mut html);
    certainty(view, &mut html);
    verdict(view, &mut html);
    match &view.assessment.calibration {
        Some(calibration) => {
            html.append(&calibrated(calibration));
        }
        None => {
            let words = "How often this gate is wrong was not measured: holobiont synergy calibrate does.";
            html.element("p", &[("class", "soft")], words);
        }
    }
    html
}

/// The answer in a sentence.
fn headline(view: &View<'_>, html: &mut Html) {
    html.raw("<h1>");
    view.write_group(html);
    let (Some(combined), Some(best)) = (view.combined(), view.best_solo()) else {
        html.text(": not all that is compared was measured").close("h1");
        return;
    };
    let synergy = view.assessment.synergy.get("revenue");
    let gain = synergy.map_or(0.0, |synergy| synergy.value);
    let (together, alone) = (value(combined, "revenue"), value(best, "revenue"));
    // Synergy is against the mean of the members; a group can beat that and still be beaten by its best.
    html.text(match (gain > 0.0, together > alone) {
        (_, true) => " is worth more than any of its parts: ",
        (true, false) => " is worth more than the mean of its parts, but no more than the best of them: ",
        (false, false) => " is worth no more than the mean of its parts: ",
    });
    html.element("b", &[], &number(together)).text(" credits per input together, ");
    html.element("b", &[], &number(alone)).text(" the best alone (");
    view.write_arm(html, &best.arm);
    html.text("), synergy ").element("b", &[], &signed(gain));
    if let Some((low, high)) = synergy.and_then(|synergy| Some((synergy.low?, synergy.high?))) {
        html.text(&format!(" (between {})", interval(low, high, "and")));
    }
    html.text(".").close("h1");
}

/// What the interval says, in words.
fn certainty(view: &View<'_>, html: &mut Html) {
    let Some(synergy) = view.assessment.synergy.get("revenue") else { return };
    let inputs = count(view.assessment.inputs.len(), "input");
    let better = view.assessment.revenue_by_input.iter().filter(|value| **value > 0.0).count();
    let sure = match (synergy.low, synergy.high) {
        (Some(low), Some(high)) if low > 0.0 || high < 0.0 => {
            "The interval leaves out 0: which inputs were tried is not likely to be the reason."
        }
        (Some(_), Some(_)) => "The interval includes 0: with other inputs of this kind the synergy might be gone.",
        _ => "There are too few inputs for an interval, so how far other inputs would differ is not known.",
    };
    html.raw("<p class=\"lead\">");
    html.text("Synergy is what the group is worth less what its members are worth by themselves, on average. ");
    html.text(&format!("It is above 0 on {better} of {inputs}. {sure}")).close("p");
}

fn verdict(view: &View<'_>, html: &mut Html) {
    let verdict = &view.assessment.verdict;
    // Said by a sign, a word and a colour.
    let (class, sign, word) = match (verdict.enough_data, verdict.passed) {
        (false, _) => ("verdict unsure", "?", "Not enough data"),
        (true, true) => ("verdict passed", "✓", "Passed"),
        (true, false) => ("verdict failed", "✗", "Not passed"),
    };
    html.open("section", &[("class", class), ("aria-label", "Verdict")]).raw("<p class=\"word\">");
    html.raw("<span class=\"sign\" aria-hidden=\"true\">").raw(sign).raw("</span>").text(word).close("p");
    html.raw("<ul>");
    for reason in &verdict.reasons {
        html.element("li", &[], reason);
    }
    html.raw("</ul>").close("section");
}

fn calibrated(calibration: &Calibration) -> Html {
    let Calibration { false_positives, target, inputs } = calibration;
    let mut html = Html::new();
    let kept = if false_positives.low > *target {
        "more than is acceptable"
    } else if false_positives.high <= *target {
        "within what is acceptable"
    } else {
        "as far as could be told, about what is acceptable"
    };
    html.open("p", &[("class", "soft")]).element("b", &[], "How often this gate is wrong. ").text(&format!(
        "Where there was nothing to find, it passed {} of simulated comparisons of {} ({} to {}): {kept}, \
         which is {} at most.",
        percent(false_positives.share),
        count(*inputs, "input"),
        percent(false_positives.low),
        percent(false_positives.high),
        percent(*target),
    ));
    html.close("p");
    html
}
