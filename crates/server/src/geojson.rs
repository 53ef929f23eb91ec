//! Features as GeoJSON (RFC 7946): longitude, latitude; every attribute present, null if absent.

use geo_types::{Coord, Geometry, LineString, Point, Polygon};
use serde_json::{Map, Value, json};
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::{Metres, Openness};
use urbis_snapshot::{SnapshotFeature, Value as AttributeValue};

use crate::moment;

/// Vertices that the geometries of one answer may have together: some 2.6 MB of JSON.
const MAX_VERTICES: usize = 100_000;

/// Writes the features of one answer and keeps its size within bounds.
///
/// A geometry is sent whole or not at all. Where it has more vertices than are left of the budget
/// of the answer, `geometry` is null and the member `geometry_omitted` is true; smaller ones that
/// follow are still sent.
#[derive(Debug)]
pub(crate) struct FeatureWriter {
    class: Openness,
    offset: UtcOffset,
    vertices_left: usize,
}

impl FeatureWriter {
    /// For an answer to somebody of `class`, with moments in the city's time.
    pub fn new(class: Openness, offset: UtcOffset) -> Self {
        Self { class, offset, vertices_left: MAX_VERTICES }
    }

    /// A feature as a JSON object, with the attributes that the class may see and `distance_m`;
    /// beside them `valid_from` and `valid_to`, null where they are open.
    pub fn write(
        &mut self,
        layer: &Layer,
        feature: SnapshotFeature<'_>,
        distance: Metres,
    ) -> Map<String, Value> {
        let mut properties = properties_to_json(layer, feature, self.class);
        properties.insert("distance_m".into(), round(distance.0, 1e3).into());
        let mut object = Map::new();
        object.insert("type".into(), "Feature".into());
        object.insert("id".into(), feature.id().value().into());
        match self.vertices_left.checked_sub(feature.vertex_count()) {
            Some(left) => {
                self.vertices_left = left;
                let geometry = feature.to_geometry().as_ref().map_or(Value::Null, to_json);
                object.insert("geometry".into(), geometry);
            }
            None => {
                object.insert("geometry".into(), Value::Null);
                object.insert("geometry_omitted".into(), true.into());
            }
        }
        object.insert("properties".into(), properties.into());
        let validity = feature.validity();
        object.insert("valid_from".into(), moment::to_json(validity.from, self.offset));
        object.insert("valid_to".into(), moment::to_json(validity.to, self.offset));
        object
    }
}

fn properties_to_json(
    layer: &Layer,
    feature: SnapshotFeature<'_>,
    class: Openness,
) -> Map<String, Value> {
    let values = layer.attributes.iter().zip(feature.attributes());
    values
        .filter(|(attribute, _)| layer.openness_of(attribute) <= class)
        .map(|(attribute, value)| (attribute.name.clone(), value_to_json(value)))
        .collect()
}

/// A number that is not finite becomes null: JSON has no word for it.
fn value_to_json(value: AttributeValue<'_>) -> Value {
    match value {
        AttributeValue::Null => Value::Null,
        AttributeValue::Bool(truth) => truth.into(),
        AttributeValue::Int(number) => number.into(),
        AttributeValue::Float(number) => number.into(),
        AttributeValue::Text(text) => text.into(),
    }
}

fn to_json(geometry: &Geometry<f64>) -> Value {
    let (kind, coordinates) = match geometry {
        Geometry::Point(Point(at)) => ("Point", position(at)),
        Geometry::MultiPoint(points) => {
            ("MultiPoint", points.iter().map(|Point(at)| position(at)).collect())
        }
        Geometry::MultiLineString(lines) => {
            ("MultiLineString", lines.iter().map(positions).collect())
        }
        Geometry::MultiPolygon(polygons) => ("MultiPolygon", polygons.iter().map(rings).collect()),
        // A layer has one of the kinds above.
        _ => return Value::Null,
    };
    json!({"type": kind, "coordinates": coordinates})
}

fn rings(polygon: &Polygon<f64>) -> Value {
    // The right-hand rule of RFC 7946, 3.1.6: exteriors counter-clockwise, holes clockwise.
    let exterior = positions(&wound(polygon.exterior(), Winding::CounterClockwise));
    let holes = polygon.interiors().iter().map(|ring| positions(&wound(ring, Winding::Clockwise)));
    std::iter::once(exterior).chain(holes).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Winding {
    CounterClockwise,
    Clockwise,
}

fn wound(ring: &LineString<f64>, winding: Winding) -> LineString<f64> {
    // From the first vertex, so that small rings far from the origin lose no digits.
    let Some(origin) = ring.0.first() else { return ring.clone() };
    let doubled_area: f64 = ring
        .lines()
        .map(|edge| {
            let (a, b) = (edge.start - *origin, edge.end - *origin);
            a.x * b.y - b.x * a.y
        })
        .sum();
    let is_clockwise = doubled_area < 0.0;
    let mut ring = ring.clone();
    if is_clockwise != (winding == Winding::Clockwise) && doubled_area != 0.0 {
        ring.0.reverse();
    }
    ring
}

fn positions(line: &LineString<f64>) -> Value {
    line.coords().map(position).collect()
}

/// Eight decimals of a degree, 1 mm: finer than the grid in memory, no longer than needed.
fn position(at: &Coord<f64>) -> Value {
    json!([round(at.x, 1e8), round(at.y, 1e8)])
}

fn round(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    #[test]
    fn rings_follow_the_right_hand_rule_whatever_came_in() {
        let clockwise: Geometry<f64> = geo_types::MultiPolygon(vec![polygon!(
            exterior: [(x: 108.0, y: 16.0), (x: 108.0, y: 17.0), (x: 109.0, y: 16.0)],
            interiors: [[(x: 108.1, y: 16.1), (x: 108.2, y: 16.1), (x: 108.1, y: 16.2)]],
        )])
        .into();
        let rings = &to_json(&clockwise)["coordinates"][0];
        assert_eq!(rings[0][1], json!([109.0, 16.0]));
        assert_eq!(rings[1][1], json!([108.1, 16.2]));
    }

    #[test]
    fn a_number_that_json_cannot_say_is_null() {
        assert_eq!(value_to_json(AttributeValue::Float(f64::NAN)), Value::Null);
        assert_eq!(value_to_json(AttributeValue::Float(2.0)).to_string(), "2.0");
    }
}
