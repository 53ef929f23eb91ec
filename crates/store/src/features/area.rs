//! Boxes and shapes of a question as PostGIS geometries in a layer's own CRS.
//!
//! A layer's index is in the CRS of its table, so what is asked is brought there, once, while the
//! plan is made. A straight edge of one CRS is bent in another: it is cut into steps first.
//!
//! A layer in metres covers no more than the area of use of its CRS, and what is asked is cut to
//! that: the projection knows nothing of the far side of the earth.

use geo_types::{Geometry, LineString, Point, Rect, coord};
use geozero::{CoordDimensions, ToWkb};
use urbis_filter::Shape;

use super::statement::{Statement, Value};
use super::{FeatureBox, FeatureCrs};

/// Longest step of an edge, degrees: an edge along a parallel bends by 7 mm within it.
const STEP_DEG: f64 = 0.01;

/// Longest step of an edge in metres.
const STEP_M: f64 = 1_000.0;

/// Most steps of all edges together; longer steps are taken from there on.
const MAX_STEPS: f64 = 4_000.0;

/// Longitudes and latitudes of Viet Nam with its sea, and some more.
const VN_2000: [f64; 4] = [100.0, 4.0, 120.0, 26.0];

/// Half the width and half the height of what is asked in VN-2000 at most, around the crossing of
/// its central meridian and the equator, metres.
const VN_2000_REACH_M: [f64; 2] = [2_000_000.0, 4_000_000.0];

/// What surely lies within [`VN_2000`], whatever its central meridian: easting and northing.
const VN_2000_SURE_M: [f64; 4] = [0.0, 460_000.0, 1_000_000.0, 2_850_000.0];

/// The same in Web Mercator.
const MERCATOR_SURE_M: [f64; 4] = [11_140_000.0, 450_000.0, 13_350_000.0, 2_990_000.0];

/// Edge of the Web Mercator square, metres from the middle.
const MERCATOR_EDGE_M: f64 = 20_037_508.342_789_244;

/// Latitude of that edge, degrees.
const MERCATOR_EDGE_DEG: f64 = 85.051_128_779;

/// SQL of the geometries that a box is in a storage CRS: one, two across the antimeridian, none
/// where no feature can be.
pub(super) fn box_in(
    bbox: FeatureBox,
    storage: FeatureCrs,
    statement: &mut Statement,
) -> Vec<String> {
    let (min, max) = (bbox.min, bbox.max);
    let parts = if bbox.crs.is_geographic() && min[0] > max[0] {
        vec![(min, [180.0, max[1]]), ([-180.0, min[1]], max)]
    } else {
        vec![(min, max)]
    };
    let parts = parts.into_iter().map(|([west, south], [east, north])| [west, south, east, north]);
    parts.filter_map(|part| part_in(part, bbox.crs, storage, statement)).collect()
}

fn part_in(
    part: [f64; 4],
    crs: FeatureCrs,
    storage: FeatureCrs,
    statement: &mut Statement,
) -> Option<String> {
    if crs.srid() == storage.srid() {
        return Some(literal(&rectangle(part), crs, statement));
    }
    if crs.is_geographic() {
        let part = cut(part, degrees_of(storage))?;
        let shape = literal(&rectangle(part), crs, statement);
        return Some(stepped(&shape, perimeter(part), STEP_DEG, storage));
    }
    let part = cut(part, metres_of(crs))?;
    let shape = literal(&rectangle(part), crs, statement);
    let degrees = stepped(&shape, perimeter(part), STEP_M, FeatureCrs::Crs84);
    if storage.is_geographic() {
        return Some(degrees);
    }
    Some(format!("ST_Transform({}, {})", cut_in_sql(&degrees, storage), storage.srid().0))
}

/// SQL of a filter's shape in a storage CRS; `crs` is that of the shape.
pub(super) fn shape_in(
    shape: &Shape,
    crs: FeatureCrs,
    storage: FeatureCrs,
    statement: &mut Statement,
) -> String {
    let (geometry, length) = (shape.geometry(), length_of(shape.geometry()));
    let written = literal(geometry, crs, statement);
    if crs.srid() == storage.srid() {
        return written;
    }
    if crs.is_geographic() {
        let is_cut = reaches_beyond(shape.bounds(), crs, storage);
        let degrees = if is_cut { cut_in_sql(&written, storage) } else { written };
        return stepped(&degrees, length, STEP_DEG, storage);
    }
    let degrees = stepped(&written, length, STEP_M, FeatureCrs::Crs84);
    if storage.is_geographic() {
        return degrees;
    }
    let is_cut = may_reach_beyond(shape.bounds(), crs, storage);
    let degrees = if is_cut { cut_in_sql(&degrees, storage) } else { degrees };
    format!("ST_Transform({degrees}, {})", storage.srid().0)
}

/// Whether a shape in degrees lies partly where no feature of a layer in a storage CRS can be.
pub(super) fn reaches_beyond(bounds: Rect<f64>, crs: FeatureCrs, storage: FeatureCrs) -> bool {
    crs.is_geographic() && !is_within(bounds, degrees_of(storage))
}

/// Whether a shape in metres may be among those that lie partly there.
fn may_reach_beyond(bounds: Rect<f64>, crs: FeatureCrs, storage: FeatureCrs) -> bool {
    let sure = if crs == FeatureCrs::WebMercator { MERCATOR_SURE_M } else { VN_2000_SURE_M };
    storage != FeatureCrs::WebMercator && !is_within(bounds, sure)
}

fn is_within(bounds: Rect<f64>, area: [f64; 4]) -> bool {
    let found = [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y];
    cut(found, area) == Some(found)
}

fn literal(shape: &Geometry<f64>, crs: FeatureCrs, statement: &mut Statement) -> String {
    let wkb = shape.to_wkb(CoordDimensions::xy());
    let wkb = wkb.expect("memory takes every geometry of two dimensions");
    format!("ST_GeomFromWKB({}, {})", statement.bind(Value::Bytes(wkb)), crs.srid().0)
}

fn stepped(shape: &str, length: f64, step: f64, to: FeatureCrs) -> String {
    let step = (length / MAX_STEPS).max(step);
    format!("ST_Transform(ST_Segmentize({shape}, {step:?}), {})", to.srid().0)
}

fn cut_in_sql(degrees: &str, storage: FeatureCrs) -> String {
    let [west, south, east, north] = degrees_of(storage);
    format!(
        "ST_Intersection({degrees}, ST_MakeEnvelope({west:?}, {south:?}, {east:?}, {north:?}, 4326))"
    )
}

/// West, south, east, north of where features of a layer in this CRS can be, degrees.
const fn degrees_of(crs: FeatureCrs) -> [f64; 4] {
    match crs {
        FeatureCrs::Crs84 | FeatureCrs::Wgs84 => [-180.0, -90.0, 180.0, 90.0],
        FeatureCrs::WebMercator => [-180.0, -MERCATOR_EDGE_DEG, 180.0, MERCATOR_EDGE_DEG],
        FeatureCrs::Vn2000Tm3 | FeatureCrs::Vn2000Utm48 | FeatureCrs::Vn2000Utm49 => VN_2000,
    }
}

/// West, south, east, north of what PROJ brings to a CRS whatever it is, degrees.
pub(super) const fn reach_of(crs: FeatureCrs) -> [f64; 4] {
    match crs {
        FeatureCrs::Vn2000Tm3 | FeatureCrs::Vn2000Utm48 | FeatureCrs::Vn2000Utm49 => {
            [50.0, -85.0, 165.0, 85.0]
        }
        other => degrees_of(other),
    }
}

/// The same as [`degrees_of`] in its own numbers.
pub(super) const fn metres_of(crs: FeatureCrs) -> [f64; 4] {
    let [east, north] = VN_2000_REACH_M;
    match crs {
        FeatureCrs::WebMercator => {
            [-MERCATOR_EDGE_M, -MERCATOR_EDGE_M, MERCATOR_EDGE_M, MERCATOR_EDGE_M]
        }
        _ => [500_000.0 - east, -north, 500_000.0 + east, north],
    }
}

fn cut(part: [f64; 4], to: [f64; 4]) -> Option<[f64; 4]> {
    let (west, south) = (part[0].max(to[0]), part[1].max(to[1]));
    let (east, north) = (part[2].min(to[2]), part[3].min(to[3]));
    (west <= east && south <= north).then_some([west, south, east, north])
}

/// A rectangle; a line or a point where it has no height or no width.
fn rectangle([west, south, east, north]: [f64; 4]) -> Geometry<f64> {
    match (west == east, south == north) {
        (true, true) => Point::new(west, south).into(),
        (false, false) => Rect::new(coord! { x: west, y: south }, coord! { x: east, y: north })
            .to_polygon()
            .into(),
        _ => LineString::from(vec![(west, south), (east, north)]).into(),
    }
}

fn perimeter([west, south, east, north]: [f64; 4]) -> f64 {
    2.0 * (east - west + north - south)
}

fn length_of(shape: &Geometry<f64>) -> f64 {
    let line = |line: &LineString<f64>| -> f64 {
        line.lines().map(|edge| edge.delta().x.hypot(edge.delta().y)).sum()
    };
    match shape {
        Geometry::LineString(only) => line(only),
        Geometry::MultiLineString(lines) => lines.iter().map(line).sum(),
        Geometry::Polygon(only) => {
            line(only.exterior()) + only.interiors().iter().map(line).sum::<f64>()
        }
        Geometry::MultiPolygon(polygons) => {
            polygons.iter().map(|polygon| length_of(&polygon.clone().into())).sum()
        }
        Geometry::GeometryCollection(members) => members.iter().map(length_of).sum(),
        Geometry::Rect(rect) => 2.0 * (rect.width() + rect.height()),
        _ => 0.0,
    }
}
