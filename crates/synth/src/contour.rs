//! Rings of equal value through a grid of numbers (marching squares).
//!
//! Rings of different levels never touch, for each crosses every side of the grid at its own place:
//! what lies between two levels is bounded by both rings as they are.
//!
//! Source: Maple, "Geometric design and space planning using the marching squares and marching
//! cube algorithms", Proc. GMAG 2003; saddles are cut so that the high corners stay apart.

use std::collections::BTreeMap;

use crate::plane::Xy;
use crate::ring::{Ring, area_m2, contains};

/// Numbers at the corners of squares.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// South-western corner.
    pub(crate) origin: Xy,
    /// Side of a square, metres.
    pub(crate) step_m: f64,
    /// Corners in a row; the outermost ones must lie below every level.
    pub(crate) columns: usize,
    /// Row after row from the south.
    pub(crate) values: Vec<f64>,
}

/// A side of a square: the corner that it starts at, and whether it goes north.
type Side = (usize, bool);

impl Field {
    /// The rings around all that is at least `level`, which lies on their left: anticlockwise
    /// around high ground, clockwise around a hollow in it.
    pub(crate) fn rings(&self, level: f64) -> Vec<Ring> {
        let mut next = self.steps(level);
        let mut rings = Vec::new();
        while let Some((start, mut side)) = next.pop_first() {
            let mut ring = vec![self.place(start, level)];
            while side != start {
                ring.push(self.place(side, level));
                let Some(following) = next.remove(&side) else { break };
                side = following;
            }
            ring.dedup();
            rings.push(ring);
        }
        rings
    }

    /// In every square, from the side where the line comes in to the side where it leaves.
    fn steps(&self, level: f64) -> BTreeMap<Side, Side> {
        let mut steps = BTreeMap::new();
        let rows = self.values.len() / self.columns;
        for row in 0..rows.saturating_sub(1) {
            for column in 0..self.columns - 1 {
                let at = row * self.columns + column;
                let corners = [at, at + 1, at + self.columns + 1, at + self.columns];
                let [south, east, north, west] =
                    [(at, false), (at + 1, true), (at + self.columns, false), (at, true)];
                let is_high = corners.map(|corner| self.values[corner] >= level);
                // Corners anticlockwise from the south-west; sides anticlockwise from the south.
                let sides = [south, east, north, west];
                // Walking around the square with the square on the left, the high part begins at a
                // side from low to high; the line comes in at its end and leaves at its beginning.
                for (index, side) in sides.iter().enumerate() {
                    if !is_high[index] || is_high[(index + 1) % 4] {
                        continue;
                    }
                    let begins = (1..4)
                        .map(|back| (index + 4 - back) % 4)
                        .find(|side| !is_high[*side] && is_high[(side + 1) % 4]);
                    if let Some(begins) = begins {
                        steps.insert(*side, sides[begins]);
                    }
                }
            }
        }
        steps
    }

    /// Where the level crosses a side.
    fn place(&self, (from, goes_north): Side, level: f64) -> Xy {
        let to = if goes_north { from + self.columns } else { from + 1 };
        let (low, high) = (self.values[from], self.values[to]);
        // Never a corner itself: two levels would meet there.
        let share = ((level - low) / (high - low)).clamp(0.02, 0.98);
        let corner = |index: usize| {
            let (column, row) = (index % self.columns, index / self.columns);
            self.origin + Xy { x: column as f64, y: row as f64 } * self.step_m
        };
        corner(from) + (corner(to) - corner(from)) * share
    }
}

/// Groups rings into polygons: each anticlockwise ring with the clockwise ones directly in it.
pub(crate) fn polygons(rings: Vec<Ring>) -> Vec<Vec<Ring>> {
    let (mut outer, holes): (Vec<_>, Vec<_>) =
        rings.into_iter().partition(|ring| area_m2(ring) > 0.0);
    // The smallest one that holds a hole is the one that it is in.
    outer.sort_by(|one, other| area_m2(one).total_cmp(&area_m2(other)));
    let mut polygons: Vec<Vec<Ring>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        let holder = polygons.iter_mut().find(|polygon| contains(&polygon[0], hole[0]));
        if let Some(polygon) = holder {
            polygon.push(hole);
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cone with a dent in its middle.
    fn volcano() -> Field {
        let columns = 61;
        let value = |index: usize| {
            let at = Xy { x: (index % columns) as f64 - 30.0, y: (index / columns) as f64 - 30.0 };
            let radius = libm::hypot(at.x, at.y);
            20.0 - (radius - 12.0).abs()
        };
        let values = (0..columns * columns).map(value).collect();
        Field { origin: Xy { x: -30.0, y: -30.0 }, step_m: 1.0, columns, values }
    }

    #[test]
    fn a_crater_is_a_hole_of_its_mountain() {
        let field = volcano();
        let found = polygons(field.rings(15.0));
        assert_eq!(found.len(), 1);
        let areas: Vec<f64> = found[0].iter().map(|ring| area_m2(ring)).collect();
        // Circles of 17 and 7; a chord polygon is a little smaller.
        let circles = [289.0, -49.0].map(|squared: f64| squared * std::f64::consts::PI);
        for (found, circle) in areas.iter().zip(circles) {
            assert!((found / circle - 1.0).abs() < 0.02, "{found} instead of {circle}");
        }
    }

    #[test]
    fn the_band_between_two_levels_is_their_difference() {
        let field = volcano();
        let sum = |rings: &[Ring]| rings.iter().map(|ring| area_m2(ring)).sum::<f64>();
        let (low, high) = (field.rings(12.0), field.rings(16.0));
        let wanted = sum(&low) - sum(&high);
        let mut rings = low;
        rings.extend(high.into_iter().map(|ring| ring.into_iter().rev().collect::<Ring>()));
        let band = polygons(rings);
        assert!((sum(&band.concat()) - wanted).abs() < 1e-6);
        assert_eq!(band.len(), 2, "outside and inside of the rim");
    }
}
