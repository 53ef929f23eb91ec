//! The mountain of the Sơn Trà peninsula: nobody settles there, and few roads lead in.
//!
//! The bundled terrain model ends at its southern foot, so its outline and its roads are drawn by
//! hand, roughly where the real ones are.

use geo::{Coord, LineString, MultiPolygon, Polygon};

use super::projection::{Place, from_degrees};

/// Around the mountain, degrees, x = longitude; the sea is its limit but in the south-west.
const OUTLINE: [(f64, f64); 8] = [
    (108.200, 16.118),
    (108.236, 16.113),
    (108.262, 16.1085),
    (108.266, 16.098),
    (108.300, 16.090),
    (108.360, 16.090),
    (108.360, 16.170),
    (108.200, 16.170),
];

/// What its roads pass, degrees, x = longitude: from the port along the northern shore, from the
/// southern foot along the other one, and over the ridge between both.
const ROADS: [&[(f64, f64)]; 3] = [
    &[
        (108.240, 16.104),
        (108.222, 16.123),
        (108.236, 16.141),
        (108.258, 16.143),
        (108.285, 16.132),
        (108.306, 16.122),
    ],
    &[(108.255, 16.105), (108.275, 16.106), (108.294, 16.112), (108.306, 16.122), (108.318, 16.13)],
    &[(108.258, 16.143), (108.262, 16.126), (108.275, 16.106)],
];

/// Its ground on the plane.
pub(crate) fn ground() -> MultiPolygon {
    let ring: LineString = OUTLINE.iter().map(place).collect();
    MultiPolygon::new(vec![Polygon::new(ring, Vec::new())])
}

/// The places that each of its roads passes, on the plane; the first two begin in the town.
pub(crate) fn roads() -> impl Iterator<Item = Vec<Place>> {
    ROADS.into_iter().map(|road| road.iter().map(place).collect())
}

fn place((x, y): &(f64, f64)) -> Place {
    from_degrees(Coord { x: *x, y: *y })
}
