//! The railway: a barrier from north to south that streets cross at few places.

use geo::Coord;

use super::projection::{Place, from_degrees};
use crate::ring::cross;

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

    /// Its corners from north to south.
    pub(crate) fn corners(&self) -> &[Place] {
        &self.corners
    }

    /// Where a straight way crosses it.
    pub(crate) fn crossing(&self, from: Place, to: Place) -> Option<Place> {
        self.corners.windows(2).find_map(|piece| meet((from, to), (piece[0], piece[1])))
    }
}

/// Where two straight pieces cross.
fn meet((a, b): (Place, Place), (c, d): (Place, Place)) -> Option<Place> {
    let (ab, cd) = (b - a, d - c);
    let turn = cross(ab, cd);
    let (s, t) = (cross(c - a, cd) / turn, cross(c - a, ab) / turn);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then(|| a + ab * s)
}
