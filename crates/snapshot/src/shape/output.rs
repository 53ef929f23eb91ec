//! From cells back to degrees.

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point};
use urbis_model::{GeometryKind, WorldXy};

use super::{Part, Path, Shape};

/// Fewest positions of a closed ring in GeoJSON (RFC 7946, 3.1.6).
const RING_POSITIONS: usize = 4;

/// The geometry in degrees, EPSG:4326, within half a cell of what came in; `None` where there is
/// none.
pub(crate) fn to_geometry(shape: Shape<'_>) -> Option<Geometry<f64>> {
    if shape.vertices.is_empty() {
        return None;
    }
    Some(match shape.kind {
        GeometryKind::Point => points_to_geometry(shape.parts()),
        GeometryKind::MultiLineString => {
            MultiLineString::from_iter(shape.parts().filter_map(line_to_geometry)).into()
        }
        GeometryKind::MultiPolygon => {
            MultiPolygon::from_iter(shape.parts().filter_map(polygon_to_geometry)).into()
        }
    })
}

fn points_to_geometry<'a>(parts: impl Iterator<Item = Part<'a>>) -> Geometry<f64> {
    let points: Vec<Point<f64>> = parts
        .filter_map(|part| match part {
            Part::Point(vertex) => Some(Point(to_coord(vertex))),
            _ => None,
        })
        .collect();
    match points[..] {
        [one] => one.into(),
        _ => MultiPoint(points).into(),
    }
}

fn line_to_geometry(part: Part<'_>) -> Option<LineString<f64>> {
    let Part::Line(path) = part else { return None };
    let mut coords: Vec<Coord<f64>> = path.vertices.iter().copied().map(to_coord).collect();
    if coords.len() == 1 {
        coords.push(coords[0]);
    }
    Some(LineString(coords))
}

fn polygon_to_geometry(part: Part<'_>) -> Option<geo_types::Polygon<f64>> {
    let Part::Polygon(polygon) = part else { return None };
    let holes = polygon.interiors().map(close_ring).collect();
    Some(geo_types::Polygon::new(close_ring(polygon.exterior()), holes))
}

/// Repeats the last vertex of a degenerate ring until it has the positions that formats demand.
fn close_ring(ring: Path<'_>) -> LineString<f64> {
    let mut coords: Vec<Coord<f64>> = ring.vertices.iter().copied().map(to_coord).collect();
    let first = coords[0];
    while coords.len() + 1 < RING_POSITIONS {
        coords.push(coords[coords.len() - 1]);
    }
    coords.push(first);
    LineString(coords)
}

fn to_coord(vertex: WorldXy) -> Coord<f64> {
    let place = vertex.to_lonlat();
    Coord { x: place.lon(), y: place.lat() }
}
