//! The polygons around a place, exactly, on the integer world grid.
//!
//! A place is rounded to its cell (4.7 mm at most at the equator); from there on all arithmetic
//! is whole numbers, so no answer depends on rounding.
//!
//! The boundary belongs to the polygon, that of a hole too: a place on the common edge of two
//! wards is in both, and no place between two neighbours is in none.

use urbis_model::{LonLat, WorldBox, WorldXy};
use urbis_snapshot::{LayerSnapshot, Part, Polygon, SnapshotFeature, Visibility};

/// Zoom at which every feature is there.
const EVERY_ZOOM: u8 = urbis_model::TileAddress::MAX_ZOOM;

/// Features that `visibility` admits and whose polygons contain a place (EPSG:4326,
/// x = longitude), in order of their ids.
///
/// A place on a boundary is inside; a place in a hole is outside. Points and lines contain
/// nothing, and nothing contains a place beyond ±85.0511° of latitude, which is off the grid.
///
/// Cost: the features whose boxes hold the place are looked at, each in the number of its
/// vertices.
pub fn containing(
    layer: &LayerSnapshot,
    at: LonLat,
    visibility: Visibility,
) -> Vec<SnapshotFeature<'_>> {
    let Some(cell) = cell_on_grid(at) else { return Vec::new() };
    let mut found = layer.in_box(WorldBox::from_cell(cell), EVERY_ZOOM, visibility);
    found.retain(|feature| contains(*feature, cell));
    found.sort_unstable_by_key(|feature| feature.id());
    found
}

/// The cell of a place; `None` where the place is off the grid.
pub(crate) fn cell_on_grid(at: LonLat) -> Option<WorldXy> {
    const EDGE_LAT: f64 = 85.051_128_779_806_6;
    (at.lat().abs() <= EDGE_LAT).then(|| WorldXy::from_lonlat(at))
}

/// Says whether a polygon of the feature contains the cell.
pub(crate) fn contains(feature: SnapshotFeature<'_>, cell: WorldXy) -> bool {
    feature.parts().any(|part| match part {
        Part::Polygon(polygon) => polygon_contains(polygon, cell),
        _ => false,
    })
}

fn polygon_contains(polygon: Polygon<'_>, cell: WorldXy) -> bool {
    if locate(polygon.exterior().vertices(), cell) == Side::Outside {
        return false;
    }
    !polygon.interiors().any(|hole| locate(hole.vertices(), cell) == Side::Inside)
}

/// Where a cell lies against a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    Boundary,
    Outside,
}

/// Counts the edges that a ray to the east crosses; an odd number is inside.
fn locate(ring: &[WorldXy], cell: WorldXy) -> Side {
    let mut inside = false;
    for (start, end) in edges(ring) {
        let turn = turn(start, end, cell);
        let edge_box = WorldBox::from_cell(start).union(WorldBox::from_cell(end));
        if turn == 0 && edge_box.intersects(&WorldBox::from_cell(cell)) {
            return Side::Boundary;
        }
        // Half-open in y, so that a vertex on the ray counts once.
        let goes_down = start.y <= cell.y && cell.y < end.y;
        let goes_up = end.y <= cell.y && cell.y < start.y;
        if (goes_down && turn > 0) || (goes_up && turn < 0) {
            inside = !inside;
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// The edges of a ring that does not repeat its first vertex.
fn edges(ring: &[WorldXy]) -> impl Iterator<Item = (WorldXy, WorldXy)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Twice the signed area of a triangle: zero where the three lie on one line, positive where
/// `at` is west of an edge that goes south.
fn turn(start: WorldXy, end: WorldXy, at: WorldXy) -> i128 {
    let minus = |a: u32, b: u32| i128::from(a) - i128::from(b);
    minus(end.x, start.x) * minus(at.y, start.y) - minus(end.y, start.y) * minus(at.x, start.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xy(x: u32, y: u32) -> WorldXy {
        WorldXy { x, y }
    }

    #[test]
    fn a_triangle_is_cut_exactly_as_its_half_planes_say() {
        let triangle = [xy(2, 1), xy(19, 7), xy(5, 17)];
        for x in 0..22 {
            for y in 0..20 {
                let at = xy(x, y);
                let turns = [0, 1, 2].map(|i| turn(triangle[i], triangle[(i + 1) % 3], at));
                let expected = match turns.map(i128::signum) {
                    signs
                        if signs
                            .iter()
                            .any(|sign| *sign != signs[0] && *sign != 0 && signs[0] != 0) =>
                    {
                        Side::Outside
                    }
                    signs if signs.contains(&0) => {
                        if signs.contains(&1) && signs.contains(&-1) {
                            Side::Outside
                        } else {
                            Side::Boundary
                        }
                    }
                    _ => Side::Inside,
                };
                assert_eq!(locate(&triangle, at), expected, "{at:?}");
            }
        }
    }

    #[test]
    fn the_corners_of_the_world_do_not_overflow() {
        let all = u32::MAX;
        let world = [xy(0, 0), xy(all, 0), xy(all, all), xy(0, all)];
        assert_eq!(locate(&world, xy(all / 2, all / 3)), Side::Inside);
        assert_eq!(locate(&world, xy(all, all)), Side::Boundary);
    }

    #[test]
    fn a_degenerate_ring_has_only_a_boundary() {
        assert_eq!(locate(&[xy(3, 3)], xy(3, 3)), Side::Boundary);
        assert_eq!(locate(&[xy(3, 3)], xy(3, 4)), Side::Outside);
        assert_eq!(locate(&[xy(1, 1), xy(5, 5)], xy(3, 3)), Side::Boundary);
        assert_eq!(locate(&[xy(1, 1), xy(5, 5)], xy(3, 2)), Side::Outside);
    }
}
