//! Synergy in every metric, on one scale.
//!
//! Metrics have different units, so each difference is shown as a share of the larger of the two that it lies between:
//! the group's value and its members' mean. That is -100 % to 100 % for values of one sign, whatever the unit.

use holobiont_core::SynergyValue;

use super::canvas::{Area, At, Drawn, Mark, draw, fill, line, mark, write};
use super::markup::Html;
use super::number::{count, interval, number, percent, signed};
use super::palette::{AXIS, BAD, GOOD, GRID, NEUTRAL, SOFT, Tone};
use super::view::{Row, View, value};

const WIDTH: i32 = 330;
const HEIGHT: i32 = 30;
/// From the middle to where a share of 100 % of the scale lies.
const HALF: i32 = 145;

/// One metric's synergy, as shares of its size.
struct Gain<'a> {
    row: Row<'a>,
    synergy: &'a SynergyValue,
    share: f64,
    ends: Option<(f64, f64)>,
}

impl Gain<'_> {
    fn of<'a>(view: &View<'a>, row: Row<'a>) -> Option<Gain<'a>> {
        let synergy = view.assessment.synergy.get(row.name)?;
        let together = view.combined().map_or(0.0, |report| value(report, row.name));
        let alone = view.mean_of_solos(row.name).unwrap_or(0.0);
        let size = together.abs().max(alone.abs());
        // To the right is better, also where less is.
        let side = row.gain(1.0).unwrap_or(1.0);
        let share = |value: f64| {
            let share = if size > 0.0 { side * value / size } else { side * value.signum() * f64::from(value != 0.0) };
            if share.is_finite() { share } else { 0.0 }
        };
        let ends = synergy.low.zip(synergy.high).map(|(low, high)| (share(low), share(high)));
        let ends = ends.map(|(one, other)| (one.min(other), one.max(other)));
        Some(Gain { row, synergy, share: share(synergy.value), ends })
    }

    /// Whether the interval leaves out 0; not known without one.
    fn sure(&self) -> Option<bool> {
        self.ends.map(|(low, high)| low > 0.0 || high < 0.0)
    }

    /// Colour, shape, sign and words for which way it goes.
    fn look(&self) -> (Tone, Mark, &'static str, &'static str) {
        match self.row.gain(self.synergy.value) {
            Some(gain) if gain > 0.0 => (GOOD, Mark::Up, "good", "better"),
            Some(gain) if gain < 0.0 => (BAD, Mark::Down, "bad", "worse"),
            Some(_) => (NEUTRAL, Mark::Round, "neutral", "the same"),
            None if self.synergy.value == 0.0 => (NEUTRAL, Mark::Round, "neutral", "the same"),
            None => (NEUTRAL, Mark::Round, "neutral", "different"),
        }
    }

    fn words(&self) -> String {
        let (.., word) = self.look();
        let SynergyValue { value, low, high, .. } = self.synergy;
        match self.sure() {
            // No input says anything else.
            Some(false) if *value == 0.0 && *low == Some(0.0) && *high == Some(0.0) => word.to_owned(),
            Some(true) => word.to_owned(),
            Some(false) => format!("{word}, not sure"),
            None => format!("{word}, no interval"),
        }
    }
}

/// The chart, a line for each metric.
pub(super) fn gains(view: &View<'_>) -> Html {
    let all: Vec<Gain<'_>> = view.metrics().into_iter().filter_map(|row| Gain::of(view, row)).collect();
    let mut html = Html::new();
    if all.is_empty() {
        html.element("p", &[], "No synergy was measured.");
        return html;
    }
    let scale = scale(&all);
    html.open("figure", &[]);
    caption(&mut html, &all, scale);
    html.raw("<ul class=\"gains\">");
    html.raw("<li class=\"head\"><span></span><span></span>").append(&head(scale)).raw("<span></span></li>");
    for gain in &all {
        let (_, _, class, _) = gain.look();
        html.raw("<li>").element("span", &[("class", "metric"), ("title", gain.row.doc)], gain.row.name);
        html.open("span", &[("class", "value")]).element("b", &[], &signed(gain.synergy.value)).text(" ");
        html.element("small", &[], gain.row.unit).raw("</span>");
        html.append(&strip(gain, scale));
        html.open("span", &[("class", "says")]).element("span", &[("class", class)], &gain.words());
        if let Some((low, high)) = gain.synergy.low.zip(gain.synergy.high) {
            html.raw(" ").element("small", &[], &interval(low, high, "to"));
        }
        html.raw("</span></li>\n");
    }
    html.raw("</ul>").close("figure");
    html
}

fn caption(html: &mut Html, all: &[Gain<'_>], scale: f64) {
    let changed = |word: &str| all.iter().filter(|gain| gain.look().3 == word).count();
    let known = all.iter().any(|gain| gain.ends.is_some());
    let sure = all.iter().filter(|gain| gain.sure() == Some(true)).count();
    let sure = if known {
        format!("In {sure} of {} the interval leaves out 0.", all.len())
    } else {
        "There are too few inputs for intervals.".to_owned()
    };
    html.raw("<figcaption><b>").text(&format!(
        "The group against the mean of its members: better in {}, worse in {} of {}. {sure}",
        changed("better"),
        changed("worse"),
        count(all.len(), "metric"),
    ));
    html.raw("</b>").text(&format!(
        "Right of the middle is better, also where less is better: a triangle up is better, one down worse, a circle \
         neither; filled where the interval, which is the bar, leaves out 0. The scale is the difference as a share of \
         the larger of the two that are compared, up to {} at the ends; an arrowhead says that a bar goes on.",
        percent(scale),
    ));
    html.close("figcaption");
}

/// The share at the ends of the scale: what is needed, though no more than 100 % and no less than 1 %.
fn scale(all: &[Gain<'_>]) -> f64 {
    let ends = all.iter().flat_map(|gain| {
        let (low, high) = gain.ends.unwrap_or((gain.share, gain.share));
        [low.abs(), high.abs(), gain.share.abs()]
    });
    let most = ends.fold(0.0, f64::max);
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|scale| *scale >= most).unwrap_or(1.0)
}

fn middle() -> i32 {
    WIDTH / 2
}

/// What the sides of the strips below mean.
fn head(scale: f64) -> Html {
    let label = format!("Scale from {} worse to {} better.", percent(scale), percent(scale));
    draw((WIDTH as u32, 36), &label, |area| {
        write(area, "◄ group worse", (middle() - HALF, 9), At::Left, SOFT)?;
        write(area, "group better ►", (middle() + HALF, 9), At::Right, SOFT)?;
        write(area, "same", (middle(), 26), At::Middle, SOFT)?;
        write(area, &percent(scale), (middle() - HALF, 26), At::Left, SOFT)?;
        write(area, &percent(scale), (middle() + HALF, 26), At::Right, SOFT)
    })
}

fn strip(gain: &Gain<'_>, scale: f64) -> Html {
    let interval =
        gain.ends.map_or_else(String::new, |(low, high)| format!(", interval {} to {}", percent(low), percent(high)));
    let label = format!("{}: {}, {} of its size{interval}", gain.row.name, gain.words(), percent(gain.share));
    draw((WIDTH as u32, HEIGHT as u32), &label, |area| paint(area, gain, scale))
}

fn paint(area: &Area<'_>, gain: &Gain<'_>, scale: f64) -> Drawn {
    let y = HEIGHT / 2;
    let place = |share: f64| middle() + ((share / scale).clamp(-1.0, 1.0) * f64::from(HALF)).round() as i32;
    let (tone, shape, ..) = gain.look();
    for x in [-HALF, -HALF / 2, HALF / 2, HALF] {
        line(area, (middle() + x, 0), (middle() + x, HEIGHT), GRID, 1)?;
    }
    line(area, (middle(), 0), (middle(), HEIGHT), AXIS, 2)?;
    if let Some((low, high)) = gain.ends {
        fill(area, (place(low), y - 2), (place(high).max(place(low) + 1), y + 2), tone)?;
        for (end, side) in [(low, -1), (high, 1)] {
            let x = place(end);
            if end.abs() > scale * 1.001 && end.signum() as i32 == side {
                for dy in [-5, 5] {
                    line(area, (x, y + dy), (x + 6 * side, y), tone, 2)?;
                }
            } else {
                line(area, (x, y - 5), (x, y + 5), tone, 2)?;
            }
        }
    }
    mark(area, (place(gain.share), y), shape, gain.sure() == Some(true), 6, tone)
}

/// A metric's value with its unit.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    if unit.is_empty() { number(value) } else { format!("{} {unit}", number(value)) }
}
