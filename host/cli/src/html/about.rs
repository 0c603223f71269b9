//! How to read the page, and how it came about.

use super::About;
use super::markup::Html;
use super::number::count;
use super::view::View;

/// What the words mean: each with a sentence or two.
const WORDS: &[(&str, &str)] = &[
    ("Arm", "What is switched on in a trial: nothing, one module, or the whole group. Every arm runs on every input."),
    (
        "Credits",
        "What an output is worth by the workflow's objective, and in what fuel, memory and calls are paid for.",
    ),
    (
        "Synergy",
        "The group less the mean of its members, metric by metric. A group can have synergy and still be worth less \
         than its best member: the headline says which.",
    ),
    (
        "Interval",
        "Where the synergy would likely lie with other inputs of the same kind (by resampling those that were tried). \
         If it includes 0, there may be nothing. With too few inputs there is none.",
    ),
    (
        "Interaction",
        "The group less the sum of its members, with what all share counted once. 0 where each just adds its own, \
         which synergy does not show.",
    ),
    (
        "Shapley value",
        "A member's fair share: what it adds when it joins, averaged over every order of joining. The shares add up to \
         the group less nothing.",
    ),
    (
        "Pair",
        "What two members do together beyond what each adds, averaged over the company of the others. Above 0 they \
         help each other, below 0 one does the other's work or is in its way.",
    ),
    (
        "Threat intensity",
        "How hard a scenario is meant to be: 0 is undisturbed, 1 has hostile inputs and failing calls.",
    ),
    ("ROI", "Return on investment: value less cost, divided by cost. 0 is break-even."),
];

/// The words of the page.
pub(super) fn words() -> Html {
    let mut html = Html::new();
    html.raw("<dl class=\"words\">\n");
    for (word, meaning) in WORDS {
        html.raw("<div>").element("dt", &[], word).element("dd", &[], meaning).close("div");
    }
    html.close("dl");
    html
}

/// What was measured, by what, and how.
pub(super) fn about(view: &View<'_>, made: &About) -> Html {
    let assessment = view.assessment;
    let mut html = Html::new();
    html.raw("<dl class=\"about\">\n");
    let mut row = |name: &str, text: &str| {
        html.raw("<div>").element("dt", &[], name).element("dd", &[], text).close("div");
    };
    row("workflow", &assessment.workflow);
    row("put together as", &assessment.combination.to_string());
    row("objective counts", &assessment.unit);
    row("scenarios", &assessment.scenarios.join(", "));
    row("preset", &made.preset);
    row("seed", &made.seed);
    row("engine", &made.engine);
    for (name, version) in &made.versions {
        row(name, version);
    }
    html.close("dl");
    let lists = [
        (count(assessment.group.len(), "module"), assessment.group.iter().map(ToString::to_string).collect()),
        (count(assessment.inputs.len(), "input"), assessment.inputs.clone()),
    ];
    for (title, paths) in lists {
        let paths: Vec<String> = paths;
        html.raw("<details>").element("summary", &[], &title).raw("<ol class=\"paths\">\n");
        for path in &paths {
            html.element("li", &[], path);
        }
        html.raw("</ol>").close("details");
    }
    html
}
