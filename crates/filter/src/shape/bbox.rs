//! Boxes as geometries.

use cql2::Expr;
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Point, Rect};
use urbis_model::Srid;

use super::{OUT_OF_REACH, ShapeCrs, invalid};
use crate::error::FilterError;

/// Reads four numbers; of six, which have heights, the heights are left out. In degrees a box whose
/// west is east of its east goes across the antimeridian.
pub(super) fn read(numbers: &[Box<Expr>], crs: ShapeCrs) -> Result<Geometry<f64>, FilterError> {
    let corners = match numbers {
        [a, b, c, d] | [a, b, _, c, d, _] => [a, b, c, d],
        _ => return Err(invalid("a box has four numbers, or six with heights")),
    };
    let [a, b, c, d] = corners.map(|number| match number.as_ref() {
        Expr::Float(number) => *number,
        _ => f64::NAN,
    });
    let [west, south, east, north] = if crs.is_north_first { [b, a, d, c] } else { [a, b, c, d] };
    if [west, south, east, north].iter().any(|number| !number.is_finite()) {
        return Err(invalid("a box has numbers"));
    }
    if south > north || (west > east && crs.srid != Srid::WGS84) {
        return Err(invalid("the lower corner of a box comes first"));
    }
    if west <= east {
        return Ok(rectangle([west, south, east, north]));
    }
    let [first, _, last, _] = crs.reach;
    if west > last || east < first {
        return Err(invalid(OUT_OF_REACH));
    }
    let parts = [[west, south, last, north], [first, south, east, north]].map(rectangle);
    Ok(across(parts))
}

/// The two parts of a box across the antimeridian; one that has no width is a line.
fn across(parts: [Geometry<f64>; 2]) -> Geometry<f64> {
    match parts {
        [Geometry::Rect(one), Geometry::Rect(other)] => {
            MultiPolygon(vec![one.to_polygon(), other.to_polygon()]).into()
        }
        parts => Geometry::GeometryCollection(parts.into_iter().collect()),
    }
}

/// A rectangle; a line or a point where it has no height or no width.
fn rectangle([west, south, east, north]: [f64; 4]) -> Geometry<f64> {
    let (low, high) = (Coord { x: west, y: south }, Coord { x: east, y: north });
    match (west == east, south == north) {
        (true, true) => Point(low).into(),
        (false, false) => Rect::new(low, high).into(),
        _ => LineString(vec![low, high]).into(),
    }
}
