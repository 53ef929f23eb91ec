//! Geometries as EWKB, rounded so that the same place is the same number in every feature.

use geo::Coord;

use super::projection::{Place, to_degrees};

const HAS_SRID: u32 = 0x2000_0000;

/// Places in a metre and in a degree that are told apart: a millimetre each.
const PER_METRE: f64 = 1e3;
const PER_DEGREE: f64 = 1e8;

/// A corner on the millimetre grid of EPSG:5899.
pub(crate) fn rounded(place: Place) -> Place {
    Coord {
        x: (place.x * PER_METRE).round() / PER_METRE,
        y: (place.y * PER_METRE).round() / PER_METRE,
    }
}

/// A place in units of 1e-8 degrees, x = longitude.
pub(crate) fn degree_cell(place: Place) -> (i64, i64) {
    let degrees = to_degrees(place);
    ((degrees.x * PER_DEGREE).round() as i64, (degrees.y * PER_DEGREE).round() as i64)
}

/// The degrees of a cell, x = longitude.
pub(crate) fn cell_degrees((x, y): (i64, i64)) -> Coord<f64> {
    Coord { x: x as f64 / PER_DEGREE, y: y as f64 / PER_DEGREE }
}

/// A MultiPolygon of one ring in EPSG:5899; the ring is open and rounded already.
pub(crate) fn polygon(ring: &[Place]) -> Vec<u8> {
    let mut bytes = start(6, 5899, 40 + 16 * ring.len());
    bytes.extend(1_u32.to_le_bytes());
    part(&mut bytes, 3);
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend((ring.len() as u32 + 1).to_le_bytes());
    for corner in ring.iter().chain(ring.first()) {
        put(&mut bytes, *corner);
    }
    bytes
}

/// A MultiLineString of one line in EPSG:4326.
pub(crate) fn line(cells: &[(i64, i64)]) -> Vec<u8> {
    let mut bytes = start(5, 4326, 40 + 16 * cells.len());
    bytes.extend(1_u32.to_le_bytes());
    part(&mut bytes, 2);
    bytes.extend((cells.len() as u32).to_le_bytes());
    for cell in cells {
        put(&mut bytes, cell_degrees(*cell));
    }
    bytes
}

/// A Point in EPSG:5899.
pub(crate) fn point(place: Place) -> Vec<u8> {
    let mut bytes = start(1, 5899, 25);
    put(&mut bytes, rounded(place));
    bytes
}

fn start(kind: u32, srid: u32, capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity);
    part(&mut bytes, kind | HAS_SRID);
    bytes.extend(srid.to_le_bytes());
    bytes
}

fn part(bytes: &mut Vec<u8>, kind: u32) {
    bytes.push(1);
    bytes.extend(kind.to_le_bytes());
}

fn put(bytes: &mut Vec<u8>, at: Coord<f64>) {
    bytes.extend(at.x.to_le_bytes());
    bytes.extend(at.y.to_le_bytes());
}
