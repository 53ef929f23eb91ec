//! The place within a polygon that is farthest from its edge, where its label stands.
//!
//! Source: Vladimir Agafonkin, "A new algorithm for finding a visual center of a polygon", Mapbox
//! 2016 (polylabel), which Circular 19/2026 names for parcel ids.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::plane::Xy;
use crate::ring::{contains, distance_m, edges};

/// How far from the best distance the answer may be, metres.
const PRECISION_M: f64 = 0.05;

/// Squares that are looked at most: a shape that needs more is no parcel.
const MOST_SQUARES: usize = 4_000;

/// A square and the best that may lie in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Square {
    middle: Xy,
    half_m: f64,
    distance_m: f64,
    bound_m: f64,
}

impl Eq for Square {}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = |one: Xy, two: Xy| one.x.total_cmp(&two.x).then(one.y.total_cmp(&two.y));
        let bounds = self.bound_m.total_cmp(&other.bound_m);
        bounds.then_with(|| by_place(self.middle, other.middle))
    }
}

impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Square {
    fn new(middle: Xy, half_m: f64, ring: &[Xy]) -> Self {
        let to_edge = edges(ring).map(|edge| distance_m(middle, edge));
        let nearest = to_edge.fold(f64::INFINITY, f64::min);
        let distance_m = if contains(ring, middle) { nearest } else { -nearest };
        let bound_m = distance_m + half_m * std::f64::consts::SQRT_2;
        Self { middle, half_m, distance_m, bound_m }
    }

    fn quarters(&self, ring: &[Xy]) -> [Self; 4] {
        let half = self.half_m / 2.0;
        [(-half, -half), (half, -half), (-half, half), (half, half)]
            .map(|(x, y)| Self::new(self.middle + Xy { x, y }, half, ring))
    }
}

/// The pole of inaccessibility of a ring.
pub(crate) fn pole(ring: &[Xy]) -> Xy {
    let low = ring.iter().copied().reduce(|a, b| Xy { x: a.x.min(b.x), y: a.y.min(b.y) });
    let high = ring.iter().copied().reduce(|a, b| Xy { x: a.x.max(b.x), y: a.y.max(b.y) });
    let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
    let size = (high.x - low.x).max(high.y - low.y);
    let mut best = Square::new((low + high) / 2.0, size / 2.0, ring);
    let mut open = BinaryHeap::from([best]);
    for _ in 0..MOST_SQUARES {
        let Some(square) = open.pop() else { break };
        if square.bound_m - best.distance_m <= PRECISION_M {
            break;
        }
        for quarter in square.quarters(ring) {
            if quarter.distance_m > best.distance_m {
                best = quarter;
            }
            open.push(quarter);
        }
    }
    best.middle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pole_of_an_l_lies_in_its_corner() {
        let corners = [(0.0, 0.0), (20.0, 0.0), (20.0, 4.0), (4.0, 4.0), (4.0, 20.0), (0.0, 20.0)];
        let ring: Vec<Xy> = corners.iter().map(|(x, y)| Xy { x: *x, y: *y }).collect();
        let found = pole(&ring);
        assert!(contains(&ring, found));
        // The largest circle touches both outer sides and the inner corner: r = 4 · (2 - √2).
        let radius = 4.0 * (2.0 - 2.0_f64.sqrt());
        assert!((found.x - radius).abs() < 0.2 && (found.y - radius).abs() < 0.2, "{found:?}");
    }
}
