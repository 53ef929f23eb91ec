//! The railway: a barrier from north to south that streets cross at few places.

use geo::Coord;

use super::projection::{Place, from_degrees};
use crate::ring::{cross, distance_m, length};

/// What is nearer to the line than this lies on it, metres.
const ON_LINE_M: f64 = 1e-6;

/// Roughly where the real line runs, degrees, x = longitude; drawn by hand, no alignment.
const LINE: [(f64, f64); 12] = [
    (108.090, 16.200),
    (108.125, 16.130),
    (108.160, 16.075),
    (108.205, 16.071),
    (108.180, 16.040),
    (108.197, 15.980),
    (108.228, 15.885),
    (108.310, 15.770),
    (108.410, 15.650),
    (108.478, 15.570),
    (108.600, 15.450),
    (108.720, 15.380),
];

/// The line on the plane.
#[derive(Debug)]
pub(crate) struct Rail {
    corners: Vec<Place>,
}

impl Rail {
    /// The railway of the city.
    pub(crate) fn new() -> Self {
        let place = |(x, y): &(f64, f64)| from_degrees(Coord { x: *x, y: *y });
        Self { corners: LINE.iter().map(place).collect() }
    }

    /// Says whether a straight way crosses it.
    pub(crate) fn is_crossed(&self, from: Place, to: Place) -> bool {
        !self.crossings(from, to).is_empty()
    }

    /// Where a straight way crosses it, in the order of the way.
    pub(crate) fn crossings(&self, from: Place, to: Place) -> Vec<Place> {
        let pieces = self.corners.windows(2);
        let mut found: Vec<Place> =
            pieces.filter_map(|piece| meet((from, to), (piece[0], piece[1]))).collect();
        found.sort_by(|one, other| length(*one - from).total_cmp(&length(*other - from)));
        found
    }

    /// Its corners from north to south, and among them the given places on it.
    pub(crate) fn through(&self, places: &[Place]) -> Vec<Place> {
        let mut line = vec![self.corners[0]];
        for piece in self.corners.windows(2) {
            let own = places.iter().filter(|at| distance_m(**at, (piece[0], piece[1])) < ON_LINE_M);
            let mut own: Vec<Place> = own.copied().collect();
            own.sort_by(|one, other| length(*one - piece[0]).total_cmp(&length(*other - piece[0])));
            line.extend(own);
            line.push(piece[1]);
        }
        line
    }
}

/// Where two straight pieces cross.
fn meet((a, b): (Place, Place), (c, d): (Place, Place)) -> Option<Place> {
    let (ab, cd) = (b - a, d - c);
    let turn = cross(ab, cd);
    let (s, t) = (cross(c - a, cd) / turn, cross(c - a, ab) / turn);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then(|| a + ab * s)
}
