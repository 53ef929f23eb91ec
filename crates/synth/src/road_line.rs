//! Layer `road_line`: along the wider streets, where their ground ends and where houses may begin.
//!
//! The edges of the blocks are the red lines; building lines lie behind them.

use serde_json::json;

use crate::geojson::{Record, Shape};
use crate::plan::Plot;
use crate::plane::{Plane, Xy};
use crate::ring::{Ring, dot, edges, left, length, line_m, open_ring};
use crate::street::{Streets, is_wide};

/// A shorter piece is the corner of a block, metres.
const SHORTEST_M: f64 = 15.0;

/// From the red line to the building line, metres.
const SETBACK_M: f64 = 3.0;

/// Farthest that a corner of an offset line may lie from its own, in setbacks.
const MITRE: f64 = 2.0;

/// A stretch of a block's edge along one street.
struct Stretch {
    street: String,
    width_m: f64,
    corners: Vec<Xy>,
}

/// Two features a stretch: red line and building line.
pub(crate) fn records(plots: &[Plot], streets: &Streets<'_>, plane: Plane) -> Vec<Record> {
    let rings = plots.iter().map(|plot| open_ring(plot.block.ground.exterior()));
    let stretches = rings.flat_map(|ring| stretches(&ring, streets));
    let long = stretches.filter(|stretch| line_m(&stretch.corners) > SHORTEST_M);
    long.enumerate().flat_map(|(index, stretch)| lines(index + 1, &stretch, plane)).collect()
}

fn lines(number: usize, stretch: &Stretch, plane: Plane) -> [Record; 2] {
    let line = |kind: &str, letter: char, corners: &[Xy]| Record {
        shape: Shape::Lines(vec![corners.iter().map(|at| plane.to_cell(*at)).collect()]),
        properties: json!({
            "line_no": format!("GL-{letter}-{number:04}"),
            "kind": kind,
            "street": if stretch.street.is_empty() { None } else { Some(&stretch.street) },
            "width_m": stretch.width_m,
            "decree": "quyết định giả lập",
            "valid_from": "2025-07-01T00:00:00+07:00",
        }),
    };
    let behind = offset(&stretch.corners);
    [line("red_line", 'R', &stretch.corners), line("building_line", 'B', &behind)]
}

/// The parts of a ring that each run along one wide street.
fn stretches(ring: &Ring, streets: &Streets<'_>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut is_open = false;
    for (a, b) in edges(ring) {
        // Bands are octagons at their ends, so an edge may be a little nearer than the half width.
        let middle = (a + b) / 2.0;
        let piece = streets.nearest(middle, 18.0, is_wide);
        let piece = piece.filter(|piece| piece.distance_m(middle) < piece.half_m + 0.6);
        let Some(piece) = piece else {
            is_open = false;
            continue;
        };
        let road = streets.road(piece);
        match found.last_mut() {
            Some(last) if is_open && last.street == road.name => last.corners.push(b),
            _ => found.push(Stretch {
                street: road.name.clone(),
                width_m: 2.0 * piece.half_m,
                corners: vec![a, b],
            }),
        }
        is_open = true;
    }
    found
}

/// The line [`SETBACK_M`] to the left: into the block, whose ring runs anticlockwise.
fn offset(corners: &[Xy]) -> Vec<Xy> {
    let normal = |a: Xy, b: Xy| left(b - a) / length(b - a).max(1e-9);
    let place = |index: usize| {
        let at = corners[index];
        let before = (index > 0).then(|| normal(corners[index - 1], at));
        let after = corners.get(index + 1).map(|next| normal(at, *next));
        let (one, other) = match (before, after) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => {
                let only = one.or(other).unwrap_or_default();
                (only, only)
            }
        };
        let mean = one + other;
        let stretch = (2.0 / dot(mean, mean).max(1e-9)).min(MITRE);
        at + mean * (stretch * SETBACK_M)
    };
    (0..corners.len()).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_building_line_keeps_its_distance_around_a_corner() {
        let corners = [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)].map(|(x, y)| Xy { x, y });
        let found = offset(&corners);
        let wanted = [(0.0, 3.0), (47.0, 3.0), (47.0, 50.0)].map(|(x, y)| Xy { x, y });
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(length(*found - wanted) < 1e-9, "{found:?} instead of {wanted:?}");
        }
    }
}
