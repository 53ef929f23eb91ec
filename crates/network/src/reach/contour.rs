//! The outline of all that lies within a distance of some lines, as valid nested polygons.
//!
//! The distance is kept at the nodes of a square grid and is linear in each of the two triangles
//! of a square, so that what lies within it is the inside of a continuous function: there is no
//! ambiguous case, rings never touch, and less distance everywhere means more inside everywhere.
//!
//! ```text
//! NW--+--NE     each square is cut along NW-SE; a triangle of which one or two corners lie
//! | \    |      within gives one piece of outline, from edge to edge, with the inside on its
//! +  +   +      left; an edge is shared by two triangles, and so the pieces join to rings
//! |    \ |
//! SW--+--SE
//! ```
//!
//! Source: marching triangles, the two-dimensional case of Bloomenthal, "An Implicit Surface
//! Polygonizer", Graphics Gems IV, 1994.

use std::collections::BTreeMap;

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use urbis_model::WorldXy;

use super::field::Field;

/// A ring's vertices keep this share of an edge from its ends: rings never meet in a node.
const MARGIN: f64 = 0.01;

/// No node within.
const OUTSIDE: u32 = u32::MAX;

/// Outlines what a field holds within its radius: degrees, EPSG:4326, x = longitude; exteriors
/// counter-clockwise and holes clockwise (RFC 7946, 3.1.6), each closed.
///
/// Cost: linear in the nodes of the grid.
pub(super) fn outline(field: &Field) -> MultiPolygon<f64> {
    let parts = connected(field);
    let pieces = pieces(field);
    let mut polygons: BTreeMap<u32, Rings> = BTreeMap::new();
    for (ring, inside) in rings(field, &pieces) {
        let polygon = polygons.entry(parts[inside]).or_default();
        if signed_area(&ring) > 0.0 {
            polygon.exterior = Some(ring);
        } else {
            polygon.holes.push(ring);
        }
    }
    let polygons = polygons.into_values();
    polygons.filter_map(|rings| Some(Polygon::new(rings.exterior?, rings.holes))).collect()
}

/// The rings of one polygon.
#[derive(Debug, Default)]
struct Rings {
    exterior: Option<LineString<f64>>,
    holes: Vec<LineString<f64>>,
}

/// One piece of outline, from an edge of the grid to another.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: Edge,
    to: Edge,
}

/// An edge of the grid, crossed by the outline: from a node within to a node that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    inside: usize,
    outside: usize,
}

/// Of all triangles, in order of where they start.
fn pieces(field: &Field) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for row in 1..field.rows() {
        for column in 1..field.columns() {
            let south_east = row * field.columns() + column;
            let (north_east, south_west) = (south_east - field.columns(), south_east - 1);
            let north_west = north_east - 1;
            pieces.extend(piece(field, [north_west, south_west, south_east]));
            pieces.extend(piece(field, [north_west, south_east, north_east]));
        }
    }
    pieces.sort_unstable_by_key(|piece| piece.from);
    pieces
}

/// Of a triangle whose nodes go counter-clockwise.
fn piece(field: &Field, nodes: [usize; 3]) -> Option<Piece> {
    let within = nodes.map(|node| field.is_within(node));
    let odd = match within {
        [a, b, c] if a == b && b == c => return None,
        [_, b, c] if b == c => 0,
        [a, _, c] if a == c => 1,
        _ => 2,
    };
    let [apex, next, before] = [0, 1, 2].map(|step| nodes[(odd + step) % 3]);
    if within[odd] {
        let edge = |outside| Edge { inside: apex, outside };
        return Some(Piece { from: edge(next), to: edge(before) });
    }
    let edge = |inside| Edge { inside, outside: apex };
    Some(Piece { from: edge(before), to: edge(next) })
}

/// Joins pieces to rings; with each a node that lies within, beside it.
fn rings(field: &Field, pieces: &[Piece]) -> Vec<(LineString<f64>, usize)> {
    let mut rings = Vec::new();
    let mut is_used = vec![false; pieces.len()];
    for start in 0..pieces.len() {
        let mut vertices = Vec::new();
        let mut at = start;
        while !std::mem::replace(&mut is_used[at], true) {
            vertices.push(crossing(field, pieces[at].from));
            let next = pieces.binary_search_by_key(&pieces[at].to, |piece| piece.from);
            // Nothing at the border of a field is within: a piece always has a next one.
            let Ok(next) = next else { break };
            at = next;
        }
        if let Some(first) = vertices.first().copied() {
            vertices.push(first);
            rings.push((LineString(vertices), pieces[start].from.inside));
        }
    }
    rings
}

/// Where the distance on an edge is the radius.
fn crossing(field: &Field, edge: Edge) -> Coord<f64> {
    let (near, far) = (field.distance_m(edge.inside), field.distance_m(edge.outside));
    let share = (field.radius_m() - near) / (far - near);
    let share = share.clamp(MARGIN, 1.0 - MARGIN);
    let (from, to) = (field.node(edge.inside), field.node(edge.outside));
    let along = |from: u32, to: u32| {
        let step = (f64::from(to) - f64::from(from)) * share;
        (f64::from(from) + step).round() as u32
    };
    let place = WorldXy { x: along(from.x, to.x), y: along(from.y, to.y) }.to_lonlat();
    Coord { x: place.lon(), y: place.lat() }
}

/// For each node within, the number of the part of the inside that it is in.
fn connected(field: &Field) -> Vec<u32> {
    let columns = field.columns();
    let mut parts = vec![OUTSIDE; columns * field.rows()];
    let mut waiting = Vec::new();
    let mut count = 0;
    for start in 0..parts.len() {
        if parts[start] != OUTSIDE || !field.is_within(start) {
            continue;
        }
        parts[start] = count;
        waiting.push(start);
        while let Some(node) = waiting.pop() {
            // Nodes within are never at the border: all six neighbours are there.
            let beside = [1, columns, columns + 1];
            let around = beside.into_iter().flat_map(|step| [node - step, node + step]);
            for next in around.filter(|next| field.is_within(*next)) {
                if parts[next] == OUTSIDE {
                    parts[next] = count;
                    waiting.push(next);
                }
            }
        }
        count += 1;
    }
    parts
}

/// Twice the area of a ring, positive counter-clockwise; from its first vertex, so that small
/// rings far from the origin lose no digits.
fn signed_area(ring: &LineString<f64>) -> f64 {
    let Some(origin) = ring.0.first() else { return 0.0 };
    let doubled = |edge: geo_types::Line<f64>| {
        let (a, b) = (edge.start - *origin, edge.end - *origin);
        a.x * b.y - b.x * a.y
    };
    ring.lines().map(doubled).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    use geo::{Contains, Validation, Winding};
    use urbis_model::{LonLat, WorldBox};

    /// A sequence that looks random and repeats (`SplitMix64`).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u32) -> u32 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) % u64::from(bound)) as u32
        }
    }

    const SIDE: u32 = 200_000;

    fn random_lines(seed: u64) -> Vec<(WorldXy, WorldXy)> {
        let south_west = WorldXy::from_lonlat(LonLat::new(108.2, 16.0).unwrap());
        let mut random = Random(seed);
        let mut cell = |from: WorldXy, span: u32| WorldXy {
            x: from.x + random.below(span),
            y: from.y + random.below(span),
        };
        let pieces = (0..40).map(|_| {
            let from = cell(south_west, SIDE);
            (from, cell(from, SIDE / 6))
        });
        // One of no length.
        pieces.chain([(south_west, south_west)]).collect()
    }

    fn outlines(lines: &[(WorldXy, WorldXy)]) -> (Field, MultiPolygon<f64>) {
        let area = WorldBox::around(lines.iter().flat_map(|(from, to)| [*from, *to])).unwrap();
        let mut field = Field::around(area, 60.0);
        lines.iter().for_each(|(from, to)| field.add(*from, *to));
        let outline = outline(&field);
        (field, outline)
    }

    /// By the share of each line, in metres on the plane at its latitude.
    fn distance_m(at: WorldXy, lines: &[(WorldXy, WorldXy)]) -> f64 {
        let cell_m = 40_075_016.7 / 4_294_967_296.0 * at.to_lonlat().lat().to_radians().cos();
        let place = geo::Point::new(f64::from(at.x), f64::from(at.y));
        let to_line = |(from, to): &(WorldXy, WorldXy)| {
            let point = |cell: &WorldXy| Coord { x: f64::from(cell.x), y: f64::from(cell.y) };
            let line = geo::Line::new(point(from), point(to));
            geo::Distance::distance(&geo::Euclidean, &place, &line) * cell_m
        };
        lines.iter().map(to_line).fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn an_outline_is_valid_wound_and_within_its_tolerance_of_the_radius() {
        for seed in 0..20 {
            let lines = random_lines(seed);
            let (field, outline) = outlines(&lines);
            assert!(outline.is_valid(), "seed {seed}");
            for polygon in &outline {
                assert!(polygon.exterior().is_ccw());
                assert!(polygon.interiors().iter().all(Winding::is_cw));
            }
            let mut random = Random(seed);
            for _ in 0..2_000 {
                let corner = lines[lines.len() - 1].0;
                let at =
                    WorldXy { x: corner.x + random.below(SIDE), y: corner.y + random.below(SIDE) };
                let (place, distance_m) = (at.to_lonlat(), distance_m(at, &lines));
                let is_inside = outline.contains(&geo::Point::new(place.lon(), place.lat()));
                if distance_m < field.radius_m() - field.tolerance_m() {
                    assert!(is_inside, "seed {seed}: {distance_m}");
                }
                if distance_m > field.radius_m() + field.tolerance_m() {
                    assert!(!is_inside, "seed {seed}: {distance_m}");
                }
            }
            for (from, to) in &lines {
                for cell in [from, to] {
                    let place = cell.to_lonlat();
                    assert!(outline.contains(&geo::Point::new(place.lon(), place.lat())));
                }
            }
        }
    }

    #[test]
    fn more_lines_hold_all_that_fewer_hold() {
        for seed in 0..10 {
            let lines = random_lines(seed);
            let area = WorldBox::around(lines.iter().flat_map(|(from, to)| [*from, *to])).unwrap();
            let mut field = Field::around(area, 60.0);
            let mut before = MultiPolygon(Vec::new());
            for some in lines.chunks(10) {
                some.iter().for_each(|(from, to)| field.add(*from, *to));
                let next = outline(&field);
                for vertex in before.iter().flat_map(|polygon| polygon.exterior().points()) {
                    let is_in = next.contains(&vertex);
                    let on_ring = |ring: &LineString<f64>| {
                        let distance = geo::Distance::distance(&geo::Euclidean, &vertex, ring);
                        // A cell of the world grid.
                        distance < 1e-7
                    };
                    let mut rings = next
                        .iter()
                        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
                    assert!(is_in || rings.any(on_ring), "seed {seed}");
                }
                before = next;
            }
        }
    }

    #[test]
    fn a_ring_of_streets_leaves_a_hole() {
        let corner = WorldXy::from_lonlat(LonLat::new(108.2, 16.0).unwrap());
        let at = |x: u32, y: u32| WorldXy { x: corner.x + x, y: corner.y + y };
        let corners = [at(0, 0), at(SIDE, 0), at(SIDE, SIDE), at(0, SIDE), at(0, 0)];
        let lines: Vec<_> = corners.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let (_, outline) = outlines(&lines);
        assert_eq!(outline.0.len(), 1);
        assert_eq!(outline.0[0].interiors().len(), 1);
    }
}
