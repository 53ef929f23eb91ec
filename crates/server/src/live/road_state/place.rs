//! Where a report of a road holds: GeoJSON or the id of a segment in, cells of the world out.

use std::sync::Arc;

use serde_json::Value;
use urbis_model::{FeatureId, LonLat, WorldXy};
use urbis_network::Reach;

use super::fields::{Fields, RoadFault};

/// Widest circle, metres. Ours: what is wider is said in pieces, so that each is soon matched.
const MAX_RADIUS_M: f64 = 2_000.0;

/// Longest side of an area's box, degrees: five kilometres from south to north.
const MAX_SIDE_DEG: f64 = 0.045;

/// Most vertices of one geometry.
const MAX_VERTICES: usize = 2_000;

/// Members of a geometry (RFC 7946); what is kept of a report has no others.
const MEMBERS: [&str; 3] = ["type", "coordinates", "bbox"];

/// Reads `geometry` or `segment`.
pub(super) fn read_reach(fields: &Fields<'_>) -> Result<Reach, RoadFault> {
    let segment = fields.get("segment").map(read_segment).transpose()?;
    match (segment, fields.get("geometry")) {
        (Some(_), Some(_)) => Err(RoadFault::Both { one: "segment", other: "geometry" }),
        (Some(segment), None) => Ok(Reach::Segment(segment)),
        (None, Some(geometry)) => read_geometry(fields, geometry),
        (None, None) => Err(RoadFault::missing("geometry")),
    }
}

fn read_segment(value: &Value) -> Result<FeatureId, RoadFault> {
    let id = value.as_i64().and_then(|id| FeatureId::new(id).ok());
    id.ok_or(RoadFault::Invalid { field: "segment", wanted: "the id of a road segment" })
}

fn read_geometry(fields: &Fields<'_>, geometry: &Value) -> Result<Reach, RoadFault> {
    let mut names = geometry.as_object().into_iter().flat_map(|members| members.keys());
    if names.any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(RoadFault::Geometry { fault: "has members other than type and coordinates" });
    }
    let coordinates = &geometry["coordinates"];
    let mut left = MAX_VERTICES;
    match geometry["type"].as_str() {
        Some("Point") => {
            let wanted = "metres from 1 to 2000, beside a Point";
            let radius = fields.number("radius_m", 1.0..=MAX_RADIUS_M, wanted)?;
            let radius = radius.ok_or(RoadFault::missing("radius_m"))?;
            Ok(Reach::Circle(read_place(coordinates)?, radius))
        }
        _ if fields.get("radius_m").is_some() => {
            Err(RoadFault::Invalid { field: "radius_m", wanted: "beside any other than a Point" })
        }
        Some("LineString") => {
            let line = read_line(coordinates, 2, &mut left)?;
            Ok(Reach::Lines(Arc::from([line])))
        }
        Some("MultiLineString") => Ok(Reach::Lines(read_lines(coordinates, 2, &mut left)?)),
        Some("Polygon") => {
            let rings = read_lines(coordinates, 4, &mut left)?;
            if is_wide(&rings) {
                return Err(RoadFault::Geometry {
                    fault: "is more than 0.045 degrees wide or high",
                });
            }
            Ok(Reach::Area(rings.iter().map(|ring| opened(ring)).collect()))
        }
        _ => Err(RoadFault::Geometry {
            fault: "is none of Point, LineString, MultiLineString, Polygon",
        }),
    }
}

/// Says whether the box around rings is larger than an area may be.
fn is_wide(rings: &[Box<[WorldXy]>]) -> bool {
    let places = || rings.iter().flatten().map(|xy| xy.to_lonlat());
    let side = |of: fn(&LonLat) -> f64| {
        let (low, high) = places().fold((f64::MAX, f64::MIN), |(low, high), place| {
            (low.min(of(&place)), high.max(of(&place)))
        });
        high - low
    };
    side(|place| place.lon()) > MAX_SIDE_DEG || side(|place| place.lat()) > MAX_SIDE_DEG
}

/// A ring without its last vertex, which repeats the first.
fn opened(ring: &[WorldXy]) -> Box<[WorldXy]> {
    match ring {
        [first, rest @ .., last] if first == last => [&[*first], rest].concat().into(),
        ring => ring.into(),
    }
}

fn read_lines(
    value: &Value,
    least: usize,
    left: &mut usize,
) -> Result<Arc<[Box<[WorldXy]>]>, RoadFault> {
    let lines = value.as_array().filter(|lines| !lines.is_empty());
    let lines = lines.ok_or(RoadFault::Geometry { fault: "has no coordinates" })?;
    lines.iter().map(|line| read_line(line, least, left)).collect()
}

fn read_line(value: &Value, least: usize, left: &mut usize) -> Result<Box<[WorldXy]>, RoadFault> {
    let places = value.as_array().ok_or(RoadFault::Geometry { fault: "has no coordinates" })?;
    if places.len() < least {
        return Err(RoadFault::Geometry { fault: "has too few vertices" });
    }
    let too_many = RoadFault::Geometry { fault: "has more than 2000 vertices" };
    *left = left.checked_sub(places.len()).ok_or(too_many)?;
    places.iter().map(read_place).collect()
}

fn read_place(value: &Value) -> Result<WorldXy, RoadFault> {
    let number = |index: usize| value.get(index).and_then(Value::as_f64);
    let place = number(0).zip(number(1)).and_then(|(lon, lat)| LonLat::new(lon, lat).ok());
    let fault = RoadFault::Geometry { fault: "has a vertex that is no [longitude, latitude]" };
    place.map(WorldXy::from_lonlat).ok_or(fault)
}
