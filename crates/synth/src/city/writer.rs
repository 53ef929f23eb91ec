//! Geometries as EWKB, rounded so that the same place is the same number in every feature.

use geo::Coord;

use super::projection::{Place, to_degrees};
use crate::plane::{Cell, cell_of, degrees_of};

const HAS_SRID: u32 = 0x2000_0000;

/// Places in a metre that are told apart.
const PER_METRE: f64 = 1e3;

/// A corner on the millimetre grid of EPSG:5899.
pub(crate) fn rounded(place: Place) -> Place {
    Coord {
        x: (place.x * PER_METRE).round() / PER_METRE,
        y: (place.y * PER_METRE).round() / PER_METRE,
    }
}

/// The cell of degrees nearest to a place: where streets end, and what tells junctions apart.
pub(crate) fn degree_cell(place: Place) -> Cell {
    cell_of(to_degrees(place))
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
pub(crate) fn line(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = start(5, 4326, 40 + 16 * cells.len());
    bytes.extend(1_u32.to_le_bytes());
    part(&mut bytes, 2);
    bytes.extend((cells.len() as u32).to_le_bytes());
    for cell in cells {
        put(&mut bytes, degrees_of(*cell));
    }
    bytes
}

/// A Point in EPSG:5899.
pub(crate) fn point(place: Place) -> Vec<u8> {
    let mut bytes = start(1, 5899, 25);
    put(&mut bytes, rounded(place));
    bytes
}

/// A Point in EPSG:4326.
pub(crate) fn node(cell: Cell) -> Vec<u8> {
    let mut bytes = start(1, 4326, 25);
    put(&mut bytes, degrees_of(cell));
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
