//! Which pairs of members help each other: a heat map.

use holobiont_core::{ModuleId, PairInteraction};

use super::canvas::{Area, At, Drawn, TEXT, draw, fill, write};
use super::markup::Html;
use super::number::{fitted, signed, superscript, width};
use super::palette::{HEAT, INK};
use super::view::View;

/// The metric that is shown.
const METRIC: &str = "revenue";
const ROW: i32 = 34;
const NAME: f64 = 200.0;

/// What is drawn: members by name, and the number of each pair.
struct Map<'a> {
    names: Vec<&'a str>,
    /// Of the later member, of the earlier one, and how much.
    cells: Vec<(usize, usize, f64)>,
    most: f64,
    cell: i32,
}

/// The heat map.
pub(super) fn pairs(view: &View<'_>) -> Html {
    let group = &view.assessment.group;
    let index = |module: &ModuleId| group.iter().position(|other| other == module);
    let cell = |pair: &PairInteraction| {
        let (one, other) = (index(&pair.pair[0])?, index(&pair.pair[1])?);
        let value = pair.metrics.get(METRIC).filter(|value| value.is_finite())?;
        (one != other).then_some((one.max(other), one.min(other), value))
    };
    let cells: Vec<(usize, usize, f64)> = view.assessment.pairs.iter().filter_map(cell).collect();
    let mut html = Html::new();
    if cells.is_empty() {
        html.element("p", &[], "There are no pairs, or what they do together was not measured.");
        return html;
    }
    let most = cells.iter().map(|(.., value)| value.abs()).fold(0.0, f64::max);
    let cell = if group.len() > 8 { 54 } else { 84 };
    let map = Map { names: group.iter().map(|module| view.name(module)).collect(), cells, most, cell };
    html.open("figure", &[]);
    let label = caption(view, &map, &mut html);
    let names = map.names.iter().enumerate().map(|(i, name)| i as i32 * cell + width(name, TEXT).min(NAME) as i32);
    let wide = names.max().unwrap_or(0) + 34;
    let size = (wide as u32, (group.len() as i32 * ROW + 4) as u32);
    html.scroll("Heat map of pairs").append(&draw(size, &label, |area| paint(area, &map))).close("div");
    html.close("figure");
    html
}

fn caption(view: &View<'_>, map: &Map<'_>, html: &mut Html) -> String {
    let group = &view.assessment.group;
    let strongest = |sign: f64| {
        map.cells.iter().filter(|cell| cell.2 * sign > 0.0).max_by(|a, b| (a.2 * sign).total_cmp(&(b.2 * sign)))
    };
    let mut label = format!("Heat map of {} pairs. ", map.cells.len());
    html.raw("<figcaption><b>");
    for (sign, word) in [(1.0, "help each other most"), (-1.0, "are most in each other's way")] {
        let Some((later, earlier, value)) = strongest(sign) else { continue };
        let (Some(one), Some(other)) = (group.get(*earlier), group.get(*later)) else { continue };
        view.write_name(html, one);
        html.text(" and ");
        view.write_name(html, other);
        html.text(&format!(" {word} ({} credits per input). ", signed(*value)));
        label += &format!("{} and {} {word}: {}. ", view.name(one), view.name(other), signed(*value));
    }
    if map.most == 0.0 {
        html.text("No pair earns more or less than its two members do by themselves. ");
    }
    let (exponent, _) = thousands(map.most);
    let unit = if exponent == 0 { String::new() } else { format!("10{} ", superscript(exponent)) };
    html.raw("</b>").text(&format!(
        "Each cell is one pair: go left from one name and down from the other. Above 0 (blue-green) the two earn more \
         together than each adds by itself, below 0 (orange-brown) less. In {unit}credits per input, by Shapley \
         interaction."
    ));
    html.close("figcaption");
    label
}

fn paint(area: &Area<'_>, map: &Map<'_>) -> Drawn {
    let (exponent, decimals) = thousands(map.most);
    for (later, earlier, value) in &map.cells {
        let (x, y) = (*earlier as i32 * map.cell, *later as i32 * ROW);
        let (colour, ink) = heat(*value, map.most);
        fill(area, (x + 1, y + 1), (x + map.cell - 1, y + ROW - 1), colour)?;
        let scaled = value / 10f64.powi(exponent);
        let text = format!("{scaled:+.decimals$}").replace('-', "−");
        let text = if *value == 0.0 { "0".to_owned() } else { text };
        write(area, &text, (x + map.cell / 2, y + ROW / 2), At::Middle, ink)?;
    }
    for (index, name) in map.names.iter().enumerate() {
        let place = (index as i32 * map.cell + 8, index as i32 * ROW + ROW / 2);
        write(area, &fitted(name, TEXT, NAME), place, At::Left, INK)?;
    }
    Ok(())
}

/// The power of a thousand that numbers up to this are counted in, and how many decimals make three digits.
fn thousands(most: f64) -> (i32, usize) {
    if most < 1e-290 {
        return (0, 2);
    }
    let power = most.log10().floor() as i32;
    // Nothing to be gained by counting what has a few digits in anything but ones.
    let exponent = if (-2..=3).contains(&power) { 0 } else { power.div_euclid(3) * 3 };
    (exponent, usize::try_from(2 - (power - exponent)).unwrap_or(0))
}

/// The colour of a cell and of the text on it.
fn heat(value: f64, most: f64) -> (super::palette::Tone, super::palette::Tone) {
    let share = if most > 0.0 { value / most } else { 0.0 };
    // The middle is for what hardly differs from 0.
    let step = (share.abs() * 3.0 - 0.05).ceil().clamp(0.0, 3.0) as usize;
    HEAT[if share < 0.0 { 3 - step } else { 3 + step }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_in_what_keeps_them_short() {
        assert_eq!(thousands(0.31), (0, 3));
        assert_eq!(thousands(12.0), (0, 1));
        assert_eq!(thousands(0.000_31), (-6, 0));
        assert_eq!(thousands(4.2e7), (6, 1));
        assert_eq!(thousands(0.0), (0, 2));
    }
}
