//! Features as GeoJSON (RFC 7946), straight into the bytes of an answer: longitude, latitude; every
//! attribute present, null if absent.

use geo_types::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use serde::Serialize;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::{Metres, Openness};
use urbis_snapshot::{SnapshotFeature, Value as AttributeValue};

use crate::moment;

/// Vertices that the geometries of one answer may have together: some 2.6 MB of JSON.
const MAX_VERTICES: usize = 100_000;

/// Room for the features of a small answer.
const SMALL_LEN: usize = 2_048;

/// Writes an answer with features and keeps its size within bounds.
///
/// A geometry is sent whole or not at all. Where it has more vertices than are left of the budget
/// of the answer, `geometry` is null and the member `geometry_omitted` is true; smaller ones that
/// follow are still sent.
#[derive(Debug)]
pub(crate) struct FeatureWriter {
    class: Openness,
    offset: UtcOffset,
    vertices_left: usize,
    /// The answer so far.
    body: Vec<u8>,
    is_first: bool,
}

impl FeatureWriter {
    /// For an answer to somebody of `class`, with moments in the city's time.
    ///
    /// `head` is a JSON object of the members that come before the features; one at least.
    pub fn new(head: &str, class: Openness, offset: UtcOffset) -> Self {
        let mut body = Vec::with_capacity(head.len() + SMALL_LEN);
        // What was the end of the object is the place for one more member.
        body.extend_from_slice(&head.as_bytes()[..head.len().saturating_sub(1)]);
        body.extend_from_slice(br#","features":["#);
        Self { class, offset, vertices_left: MAX_VERTICES, body, is_first: true }
    }

    /// Adds a feature with its layer's id, the attributes that the class may see and `distance_m`,
    /// and `more` numbers among its properties; beside them `valid_from` and `valid_to`, null where
    /// they are open.
    pub fn write(
        &mut self,
        layer: &Layer,
        feature: SnapshotFeature<'_>,
        distance: Metres,
        more: &[(&str, f64)],
    ) {
        if !std::mem::take(&mut self.is_first) {
            self.body.push(b',');
        }
        self.put(br#"{"type":"Feature","id":"#, &feature.id().value());
        self.put(br#","layer":"#, layer.id.as_str());
        self.write_geometry(feature);
        self.write_properties(layer, feature, distance, more);
        let validity = feature.validity();
        self.put(br#","valid_from":"#, &moment::to_json(validity.from, self.offset));
        self.put(br#","valid_to":"#, &moment::to_json(validity.to, self.offset));
        self.body.push(b'}');
    }

    /// The whole answer.
    pub fn finish(mut self) -> Vec<u8> {
        self.body.extend_from_slice(b"]}");
        self.body
    }

    fn write_geometry(&mut self, feature: SnapshotFeature<'_>) {
        self.body.extend_from_slice(br#","geometry":"#);
        match self.vertices_left.checked_sub(feature.vertex_count()) {
            Some(left) => {
                self.vertices_left = left;
                put_geometry(&mut self.body, feature.to_geometry().as_ref());
            }
            None => self.body.extend_from_slice(br#"null,"geometry_omitted":true"#),
        }
    }

    fn write_properties(
        &mut self,
        layer: &Layer,
        feature: SnapshotFeature<'_>,
        distance: Metres,
        more: &[(&str, f64)],
    ) {
        self.body.extend_from_slice(br#","properties":{"#);
        for (attribute, value) in layer.attributes.iter().zip(feature.attributes()) {
            if layer.openness_of(attribute) <= self.class {
                put(&mut self.body, &attribute.name);
                self.body.push(b':');
                put_value(&mut self.body, value);
                self.body.push(b',');
            }
        }
        self.put(br#""distance_m":"#, &round(distance.0, 1e3));
        for (name, number) in more {
            self.body.push(b',');
            put(&mut self.body, name);
            self.put(b":", number);
        }
        self.body.push(b'}');
    }

    fn put<T: Serialize + ?Sized>(&mut self, before: &[u8], value: &T) {
        self.body.extend_from_slice(before);
        put(&mut self.body, value);
    }
}

/// A number that is not finite becomes null: JSON has no word for it.
fn put<T: Serialize + ?Sized>(body: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(body, value).expect("memory takes every text, number and JSON value");
}

fn put_value(body: &mut Vec<u8>, value: AttributeValue<'_>) {
    match value {
        AttributeValue::Null => body.extend_from_slice(b"null"),
        AttributeValue::Bool(truth) => put(body, &truth),
        AttributeValue::Int(number) => put(body, &number),
        AttributeValue::Float(number) => put(body, &number),
        AttributeValue::Text(text) => put(body, text),
    }
}

fn put_geometry(body: &mut Vec<u8>, geometry: Option<&Geometry<f64>>) {
    let kind: &[u8] = match geometry {
        Some(Geometry::Point(_)) => b"Point",
        Some(Geometry::MultiPoint(_)) => b"MultiPoint",
        Some(Geometry::MultiLineString(_)) => b"MultiLineString",
        Some(Geometry::MultiPolygon(_)) => b"MultiPolygon",
        // A layer has one of the kinds above.
        _ => return body.extend_from_slice(b"null"),
    };
    body.extend_from_slice(br#"{"type":""#);
    body.extend_from_slice(kind);
    body.extend_from_slice(br#"","coordinates":"#);
    match geometry {
        Some(Geometry::Point(Point(at))) => put_position(body, at),
        Some(Geometry::MultiPoint(points)) => {
            put_array(body, points, |body, Point(at)| put_position(body, at));
        }
        Some(Geometry::MultiLineString(MultiLineString(lines))) => {
            put_array(body, lines, put_positions);
        }
        Some(Geometry::MultiPolygon(MultiPolygon(polygons))) => {
            put_array(body, polygons, put_rings);
        }
        _ => {}
    }
    body.push(b'}');
}

fn put_array<T>(
    body: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut put_item: impl FnMut(&mut Vec<u8>, T),
) {
    body.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        put_item(body, item);
    }
    body.push(b']');
}

fn put_rings(body: &mut Vec<u8>, polygon: &Polygon<f64>) {
    // The right-hand rule of RFC 7946, 3.1.6: exteriors counter-clockwise, holes clockwise.
    let exterior = wound(polygon.exterior(), Winding::CounterClockwise);
    let holes = polygon.interiors().iter().map(|ring| wound(ring, Winding::Clockwise));
    let rings = std::iter::once(exterior).chain(holes);
    put_array(body, rings, |body, ring| put_positions(body, &ring));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Winding {
    CounterClockwise,
    Clockwise,
}

/// From a ring that is wound either way.
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

fn put_positions(body: &mut Vec<u8>, line: &LineString<f64>) {
    put_array(body, line.coords(), put_position);
}

/// Eight decimals of a degree, 1 mm: finer than the grid in memory, no longer than needed.
fn put_position(body: &mut Vec<u8>, at: &Coord<f64>) {
    body.push(b'[');
    put(body, &round(at.x, 1e8));
    body.push(b',');
    put(body, &round(at.y, 1e8));
    body.push(b']');
}

fn round(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;
    use serde_json::{Value, json};

    fn written(put: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut body = Vec::new();
        put(&mut body);
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn rings_follow_the_right_hand_rule_whatever_came_in() {
        let clockwise: Geometry<f64> = MultiPolygon(vec![polygon!(
            exterior: [(x: 108.0, y: 16.0), (x: 108.0, y: 17.0), (x: 109.0, y: 16.0)],
            interiors: [[(x: 108.1, y: 16.1), (x: 108.2, y: 16.1), (x: 108.1, y: 16.2)]],
        )])
        .into();
        let text = written(|body| put_geometry(body, Some(&clockwise)));
        let geometry: Value = serde_json::from_str(&text).unwrap();
        let rings = &geometry["coordinates"][0];
        assert_eq!(rings[0][1], json!([109.0, 16.0]));
        assert_eq!(rings[1][1], json!([108.1, 16.2]));
    }

    #[test]
    fn a_number_that_json_cannot_say_is_null() {
        assert_eq!(written(|body| put_value(body, AttributeValue::Float(f64::NAN))), "null");
        assert_eq!(written(|body| put_value(body, AttributeValue::Float(2.0))), "2.0");
    }

    #[test]
    fn what_a_text_holds_stays_within_it() {
        let text = "a\"b\\c\n\u{1}\u{202e}đ";
        let written = written(|body| put_value(body, AttributeValue::Text(text)));
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
