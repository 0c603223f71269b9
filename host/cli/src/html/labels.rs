//! Labels of points: near them where there is room, else at the side, none over another.

use super::canvas::{Area, At, Drawn, Mark, TEXT, line, mark, write, write_bold};
use super::number::{fitted, width};
use super::palette::{AXIS, Tone};

/// Pixels from one label to the next.
const GAP: i32 = 16;

/// A point that is to be labelled.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// Where it lies.
    pub(super) place: (i32, i32),
    /// What it is called.
    pub(super) text: String,
    /// Its colour.
    pub(super) tone: Tone,
    /// Its shape.
    pub(super) shape: Mark,
    /// Whether its shape is filled.
    pub(super) solid: bool,
    /// Whether it is what the chart is about.
    pub(super) bold: bool,
}

impl Point {
    fn write(&self, area: &Area<'_>, text: &str, place: (i32, i32), at: At) -> Drawn {
        let write = if self.bold { write_bold } else { write };
        write(area, text, place, at, self.tone)
    }
}

/// Places that are at least [`GAP`] apart, in the same order, as near to those wished for as that allows, and between
/// `top` and `bottom` where there is room.
pub(super) fn spread(wished: &[i32], top: i32, bottom: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wished.len()).collect();
    order.sort_by_key(|index| wished[*index]);
    let mut places = vec![0; wished.len()];
    let mut free = top;
    for index in &order {
        places[*index] = wished[*index].max(free);
        free = places[*index] + GAP;
    }
    // What was pushed out at the bottom pushes back.
    let mut free = bottom.max(top + GAP * (wished.len() as i32 - 1));
    for index in order.iter().rev() {
        places[*index] = places[*index].min(free);
        free = places[*index] - GAP;
    }
    places
}

/// Labels in a column at the right, each with a line to its point.
pub(super) fn column(area: &Area<'_>, points: &[&Point], left: i32, (top, bottom): (i32, i32), room: f64) -> Drawn {
    let places = spread(&points.iter().map(|point| point.place.1).collect::<Vec<_>>(), top, bottom);
    for (point, y) in points.iter().zip(places) {
        line(area, (point.place.0 + 7, point.place.1), (left - 4, y), AXIS, 1)?;
        point.write(area, &fitted(&point.text, TEXT, room), (left, y), At::Left)?;
    }
    Ok(())
}

/// A rectangle: left, top, right, bottom.
pub(super) type Room = (i32, i32, i32, i32);

/// Draws points, and their labels beside them, inside of a room and outside of what is taken; those that find no place
/// there go to a column at `left`.
pub(super) fn points(
    area: &Area<'_>,
    points: &[Point],
    (inside, mut taken): (Room, Vec<Room>),
    left: i32,
    room: f64,
) -> Drawn {
    taken.extend(points.iter().map(|Point { place: (x, y), .. }| (x - 7, y - 7, x + 7, y + 7)));
    let mut aside = Vec::new();
    let mut beside = Vec::new();
    for point in points {
        let text = fitted(&point.text, TEXT, room);
        let wide = width(&text, TEXT).ceil() as i32;
        let found = spots(point.place, wide).into_iter().find(|(_, _, spot)| {
            let within = spot.0 >= inside.0 && spot.1 >= inside.1 && spot.2 <= inside.2 && spot.3 <= inside.3;
            within && !taken.iter().any(|other| overlap(spot, other))
        });
        match found {
            Some((place, at, spot)) => {
                taken.push(spot);
                beside.push((point, text, place, at));
            }
            None => aside.push(point),
        }
    }
    column(area, &aside, left, (inside.1 + 8, inside.3 - 8), room)?;
    for point in points {
        mark(area, point.place, point.shape, point.solid, 5, point.tone)?;
    }
    for (point, text, place, at) in beside {
        point.write(area, &text, place, at)?;
    }
    Ok(())
}

/// Where a label may stand, best first: what is written where, and the room that it takes.
fn spots((x, y): (i32, i32), wide: i32) -> [((i32, i32), At, Room); 6] {
    let half = wide / 2 + 1;
    [
        ((x + 11, y), At::Left, (x + 9, y - 8, x + 13 + wide, y + 8)),
        ((x - 11, y), At::Right, (x - 13 - wide, y - 8, x - 9, y + 8)),
        ((x, y - 15), At::Middle, (x - half, y - 23, x + half, y - 8)),
        ((x, y + 16), At::Middle, (x - half, y + 8, x + half, y + 24)),
        ((x + 8, y - 14), At::Left, (x + 7, y - 22, x + 10 + wide, y - 7)),
        ((x + 8, y + 15), At::Left, (x + 7, y + 7, x + 10 + wide, y + 23)),
    ]
}

fn overlap(one: &Room, other: &Room) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_keep_apart_and_in_order(wished in proptest::collection::vec(-50i32..500, 1..16), top in 0i32..50) {
            let bottom = 400;
            let places = spread(&wished, top, bottom);
            let mut pairs: Vec<(i32, i32)> = wished.iter().copied().zip(places.iter().copied()).collect();
            pairs.sort_unstable();
            prop_assert!(pairs.windows(2).all(|two| two[1].1 - two[0].1 >= GAP));
            prop_assert!(places.iter().all(|place| (top..=bottom).contains(place)));
        }
    }
}
