//! Puts the lots of a block on the written grid so that neighbours share their edges exactly.
//!
//! Corners closer than [`NEAR`] become one, and where a corner of one lot lies on the side of
//! another, the other gets it too: after this each edge within a block is an edge of exactly two
//! lots, and no rounding parts them.

use std::collections::BTreeMap;

use crate::plane::{Cell, Plane};
use crate::ring::Ring;

/// Distance at which two places are the same, cells (millimetres).
const NEAR: i64 = 3;

/// The rings on the grid, in the same order; `None` where nothing is left of one.
pub(crate) fn share_edges(rings: &[Ring], plane: Plane) -> Vec<Option<Vec<Cell>>> {
    let mut corners = Corners::default();
    let rings: Vec<Vec<Cell>> = rings
        .iter()
        .map(|ring| ring.iter().map(|at| corners.settle(plane.to_cell(*at))).collect())
        .collect();
    let by_x = corners.by_x();
    rings.into_iter().map(|ring| tidy(with_neighbours(&ring, &by_x))).collect()
}

/// Twice the signed area, in cells.
pub(crate) fn double_area(ring: &[Cell]) -> i128 {
    let next = ring.iter().cycle().skip(1);
    let product = |(a, b): (&Cell, &Cell)| {
        i128::from(a.0) * i128::from(b.1) - i128::from(a.1) * i128::from(b.0)
    };
    ring.iter().zip(next).map(product).sum()
}

/// The corners so far, in squares of [`NEAR`].
#[derive(Default)]
struct Corners {
    squares: BTreeMap<Cell, Vec<Cell>>,
}

impl Corners {
    /// The corner that a place becomes: the first one near it, else itself.
    fn settle(&mut self, at: Cell) -> Cell {
        let square = (at.0.div_euclid(NEAR), at.1.div_euclid(NEAR));
        for x in square.0 - 1..=square.0 + 1 {
            for y in square.1 - 1..=square.1 + 1 {
                let known = self.squares.get(&(x, y)).into_iter().flatten();
                let is_near = |other: &&Cell| {
                    (other.0 - at.0).abs() <= NEAR && (other.1 - at.1).abs() <= NEAR
                };
                if let Some(known) = known.copied().find(|other| is_near(&other)) {
                    return known;
                }
            }
        }
        self.squares.entry(square).or_default().push(at);
        at
    }

    fn by_x(self) -> Vec<Cell> {
        let mut corners: Vec<Cell> = self.squares.into_values().flatten().collect();
        corners.sort_unstable();
        corners
    }
}

/// Puts every corner that lies on a side of the ring into it.
fn with_neighbours(ring: &[Cell], by_x: &[Cell]) -> Vec<Cell> {
    let mut full = Vec::with_capacity(ring.len() + 8);
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        full.push(*a);
        let first = by_x.partition_point(|corner| corner.0 < a.0.min(b.0) - NEAR);
        let last = by_x.partition_point(|corner| corner.0 <= a.0.max(b.0) + NEAR);
        let mut between: Vec<(f64, Cell)> = by_x[first..last]
            .iter()
            .filter_map(|corner| Some((place_on(*a, *b, *corner)?, *corner)))
            .collect();
        between.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        full.extend(between.into_iter().map(|(_, corner)| corner));
    }
    full
}

/// Where on the side from `a` to `b` a corner lies, 0 to 1 and neither end.
fn place_on(a: Cell, b: Cell, corner: Cell) -> Option<f64> {
    if corner == a || corner == b {
        return None;
    }
    // Within one block: small numbers, exact as floats.
    let along = ((b.0 - a.0) as f64, (b.1 - a.1) as f64);
    let to = ((corner.0 - a.0) as f64, (corner.1 - a.1) as f64);
    let squared = along.0 * along.0 + along.1 * along.1;
    let share = (along.0 * to.0 + along.1 * to.1) / squared;
    let off = (along.0 * to.1 - along.1 * to.0).abs() / squared.sqrt();
    (share > 0.0 && share < 1.0 && off <= NEAR as f64).then_some(share)
}

/// Takes out doubled corners and sides that run back on themselves.
fn tidy(ring: Vec<Cell>) -> Option<Vec<Cell>> {
    let mut clean: Vec<Cell> = Vec::with_capacity(ring.len());
    for cell in ring {
        if clean.last() == Some(&cell) {
            continue;
        }
        if clean.len() > 1 && clean[clean.len() - 2] == cell {
            clean.pop();
            continue;
        }
        clean.push(cell);
    }
    loop {
        let (count, ends) = (clean.len(), clean.first().zip(clean.last()));
        if count < 3 {
            return None;
        }
        if ends.is_some_and(|(first, last)| first == last) {
            clean.pop();
        } else if clean[count - 2] == clean[0] {
            clean.pop();
            clean.remove(0);
        } else if clean[1] == clean[count - 1] {
            clean.remove(0);
        } else {
            return (double_area(&clean) > 0).then_some(clean);
        }
    }
}
