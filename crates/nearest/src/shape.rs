//! The place of a whole feature that is nearest to a place.

use urbis_model::{LonLat, WorldBox, WorldXy};
use urbis_snapshot::{Part, SnapshotFeature};

use crate::contain::{cell_on_grid, contains};
use crate::origin::Origin;
use crate::piece::{Piece, Reached, nearer};
use crate::plane::{ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, PlaneXy, SIDE, planar_reach};

/// The place of a feature's geometry nearest to `from` by WGS 84 geodesic: `from` itself inside
/// a polygon. `None` where the feature has no geometry.
///
/// Two passes over the pieces: the first finds the one that is nearest on the plane and measures
/// it on the geodesic; the second measures only those that the plane cannot rule out. One point is
/// measured at once. What comes out depends on the feature and the place alone.
pub(crate) fn reach_feature(feature: SnapshotFeature<'_>, origin: &Origin) -> Option<Reached> {
    if let Some(cell) = only_point(feature) {
        let place = PlaneXy::from(cell).to_lonlat();
        return Some(Reached { distance_m: origin.distance_m(place), place });
    }
    let from = origin.place();
    if cell_on_grid(from).is_some_and(|cell| contains(feature, cell)) {
        return Some(Reached { distance_m: 0.0, place: from });
    }
    let copies = Copies::new(from, feature.world_box()?);
    let first =
        pieces(feature).min_by(|a, b| copies.squared_to(a).total_cmp(&copies.squared_to(b)))?;
    let mut best = first.reach_from(from);
    let mut reach = planar_reach(from, best.distance_m);
    for piece in pieces(feature) {
        if copies.squared_to(&piece) <= reach * reach {
            best = nearer(best, piece.reach_from(from));
            reach = planar_reach(from, best.distance_m);
        }
    }
    Some(best)
}

fn only_point(feature: SnapshotFeature<'_>) -> Option<WorldXy> {
    let mut parts = feature.parts();
    match (parts.next(), parts.next()) {
        (Some(Part::Point(cell)), None) => Some(cell),
        _ => None,
    }
}

/// Says whether every place of a box is surely farther than `worst_m` metres; at the cost of one
/// geodesic, and so never of a box of one place, which is measured as soon.
pub(crate) fn is_beyond(world_box: WorldBox, from: LonLat, worst_m: f64) -> bool {
    let WorldBox { min_x, min_y, max_x, max_y } = world_box;
    let is_place = min_x == max_x && min_y == max_y;
    !is_place && distance_floor(world_box, from) > worst_m
}

/// A lower bound of the distance to any place of a box, metres.
///
/// The centre is measured, and half the diagonal taken off at the largest scale in the box: on the
/// ellipsoid a step on the plane is at most `a / √(1 - e²) · cos φ` long, `φ` the latitude of the
/// box that is nearest to the equator.
fn distance_floor(world_box: WorldBox, from: LonLat) -> f64 {
    let north_west = PlaneXy::from(WorldXy { x: world_box.min_x, y: world_box.min_y });
    let south_east = PlaneXy::from(WorldXy { x: world_box.max_x, y: world_box.max_y });
    let center =
        PlaneXy { x: (north_west.x + south_east.x) / 2.0, y: (north_west.y + south_east.y) / 2.0 };
    let (north, south) = (north_west.to_lonlat().lat(), south_east.to_lonlat().lat());
    let spans_equator = north >= 0.0 && south <= 0.0;
    let lowest_lat = if spans_equator { 0.0 } else { north.abs().min(south.abs()) };
    let half_diagonal = center.distance_squared(south_east).sqrt() / SIDE * std::f64::consts::TAU;
    let scale_m =
        EQUATORIAL_RADIUS_M / (1.0 - ECCENTRICITY_SQUARED).sqrt() * lowest_lat.to_radians().cos();
    // A millimetre stands for rounding.
    Piece::at(center).reach_from(from).distance_m - half_diagonal * scale_m - 1e-3
}

/// A place on the plane, with its copies one turn around the earth away.
struct Copies {
    places: [PlaneXy; 3],
    used: usize,
}

impl Copies {
    /// The copies that can be the nearest to some place of a box.
    fn new(from: LonLat, world_box: WorldBox) -> Self {
        let place = PlaneXy::from_lonlat(from);
        let turned = |x: f64| PlaneXy { x: place.x + x, y: place.y };
        let farthest = (place.x - f64::from(world_box.min_x))
            .abs()
            .max((place.x - f64::from(world_box.max_x)).abs());
        let used = if farthest <= SIDE / 2.0 { 1 } else { 3 };
        Self { places: [place, turned(-SIDE), turned(SIDE)], used }
    }

    fn squared_to(&self, piece: &Piece) -> f64 {
        let squared = self.places[..self.used].iter().map(|place| piece.distance_squared(*place));
        squared.fold(f64::INFINITY, f64::min)
    }
}

/// All straight pieces of a feature.
fn pieces(feature: SnapshotFeature<'_>) -> impl Iterator<Item = Piece> {
    feature.parts().flat_map(|part| -> Box<dyn Iterator<Item = Piece>> {
        match part {
            Part::Point(cell) => Box::new(std::iter::once(Piece::at(cell.into()))),
            Part::Line(line) => Box::new(pieces_of_line(line.vertices())),
            Part::Polygon(polygon) => {
                Box::new(polygon.rings().flat_map(|ring| pieces_of_ring(ring.vertices())))
            }
        }
    })
}

fn pieces_of_line(vertices: &[WorldXy]) -> impl Iterator<Item = Piece> {
    // A line of one vertex has no edge, and is one place all the same.
    let alone =
        vertices.first().filter(|_| vertices.len() == 1).map(|cell| Piece::at((*cell).into()));
    let edges = vertices.windows(2);
    let edges = edges.flat_map(|edge| Piece::along_edge(edge[0].into(), edge[1].into()));
    alone.into_iter().chain(edges)
}

fn pieces_of_ring(vertices: &[WorldXy]) -> impl Iterator<Item = Piece> {
    let closing = vertices.last().zip(vertices.first()).filter(|_| vertices.len() > 2);
    let closing = closing
        .into_iter()
        .flat_map(|(last, first)| Piece::along_edge((*last).into(), (*first).into()));
    pieces_of_line(vertices).chain(closing)
}
