//! What all drawings are made with: a surface, text, marks, and room for labels.

use std::io;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont as _, ShapeStyle, TextStyle};

use super::markup::Html;
use super::palette::{PAPER, Tone};

/// A surface, in pixels.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether drawing went well. Into memory it always does, but the library leaves that open.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// The size of text in drawings, in pixels.
pub(super) const TEXT: f64 = 12.0;

/// A drawing as part of a page; `label` says in words what it shows.
pub(super) fn draw(size: (u32, u32), label: &str, paint: impl FnOnce(&Area<'_>) -> Drawn) -> Html {
    let mut drawn = String::new();
    let done = {
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        paint(&area).and_then(|()| area.present())
    };
    let mut html = Html::new();
    match done {
        Ok(()) => html.drawing(size, label, &drawn),
        Err(fault) => html.element("p", &[], &format!("This could not be drawn: {fault}. It shows: {label}")),
    };
    html
}

/// A style of text; the library writes a size divided by 1.24.
pub(super) fn font(pixels: f64, tone: Tone) -> TextStyle<'static> {
    ("sans-serif", pixels * 1.24).into_font().color(&tone.rgb())
}

/// Which end of a text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The left end.
    Left,
    /// The middle.
    Middle,
    /// The right end.
    Right,
}

/// A text whose middle line runs through its place.
pub(super) fn write(area: &Area<'_>, text: &str, place: (i32, i32), at: At, tone: Tone) -> Drawn {
    write_styled(area, text, place, at, font(TEXT, tone))
}

/// The same in bold.
pub(super) fn write_bold(area: &Area<'_>, text: &str, place: (i32, i32), at: At, tone: Tone) -> Drawn {
    let font = ("sans-serif", TEXT * 1.24).into_font().style(FontStyle::Bold).color(&tone.rgb());
    write_styled(area, text, place, at, font)
}

fn write_styled(area: &Area<'_>, text: &str, place: (i32, i32), at: At, font: TextStyle<'_>) -> Drawn {
    let h_pos = match at {
        At::Left => HPos::Left,
        At::Middle => HPos::Center,
        At::Right => HPos::Right,
    };
    area.draw_text(&holobiont_core::printable(text), &font.pos(Pos::new(h_pos, VPos::Center)), place)
}

/// A line.
pub(super) fn line(area: &Area<'_>, from: (i32, i32), to: (i32, i32), tone: Tone, width: u32) -> Drawn {
    area.draw(&PathElement::new(vec![from, to], stroke(tone, width)))
}

/// A line of short strokes.
pub(super) fn dashed(area: &Area<'_>, from: (i32, i32), to: (i32, i32), tone: Tone, width: u32) -> Drawn {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy);
    let along = |way: f64| {
        let share = (way / length.max(1.0)).min(1.0);
        (from.0 + (dx * share).round() as i32, from.1 + (dy * share).round() as i32)
    };
    let mut way = 0.0;
    while way < length {
        line(area, along(way), along(way + 6.0), tone, width)?;
        way += 10.0;
    }
    Ok(())
}

/// A filled rectangle between two corners.
pub(super) fn fill(area: &Area<'_>, one: (i32, i32), other: (i32, i32), tone: Tone) -> Drawn {
    let corners = [(one.0.min(other.0), one.1.min(other.1)), (one.0.max(other.0), one.1.max(other.1))];
    area.draw(&Rectangle::new(corners, tone.rgb().filled()))
}

/// How a line is drawn.
pub(super) fn stroke(tone: Tone, width: u32) -> ShapeStyle {
    tone.rgb().stroke_width(width)
}

/// A shape that marks a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
    /// A circle.
    Round,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
}

impl Mark {
    /// The marks of single modules, by turns.
    pub(super) const TURNS: [Self; 4] = [Self::Round, Self::Square, Self::Up, Self::Down];
}

/// Draws a mark; a hollow one says that something is not sure, or nothing.
pub(super) fn mark(area: &Area<'_>, (x, y): (i32, i32), shape: Mark, solid: bool, size: i32, tone: Tone) -> Drawn {
    let corners = match shape {
        Mark::Round => {
            // Paper below, so that lines do not show through a hollow one.
            area.draw(&Circle::new((x, y), size, if solid { tone } else { PAPER }.rgb().filled()))?;
            return area.draw(&Circle::new((x, y), size, stroke(tone, 2)));
        }
        Mark::Up => vec![(x - size, y + size), (x, y - size), (x + size, y + size)],
        Mark::Down => vec![(x - size, y - size), (x, y + size), (x + size, y - size)],
        Mark::Square => vec![(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)],
        Mark::Diamond => vec![(x - size, y), (x, y - size), (x + size, y), (x, y + size)],
    };
    area.draw(&Polygon::new(corners.clone(), if solid { tone } else { PAPER }.rgb().filled()))?;
    let outline = corners.iter().chain(&corners[..2]).copied().collect::<Vec<_>>();
    area.draw(&PathElement::new(outline, stroke(tone, 2)))
}
