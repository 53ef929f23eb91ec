//! Reads what was grown with a JSON reader, for nothing of the generator's own.

use geo::{LineString, MultiPolygon, Polygon};
use serde_json::Value;
use urbis_synth::SyntheticLayer;

/// A corner as it is written, in 1e-8 degrees.
pub type Corner = (i64, i64);

/// The features of a layer.
pub fn features(layers: &[SyntheticLayer], name: &str) -> Vec<Value> {
    let layer = layers.iter().find(|layer| layer.layer.as_str() == name).expect("it is grown");
    let read: Value = serde_json::from_str(&layer.geojson).expect("it is JSON");
    let features = read["features"].as_array().expect("it is a collection").clone();
    assert_eq!(features.len(), layer.features);
    features
}

/// The text of a member.
pub fn text<'a>(feature: &'a Value, name: &str) -> &'a str {
    feature["properties"][name].as_str().unwrap_or_default()
}

/// Corners of every ring, the last the same as the first.
pub fn rings(feature: &Value) -> Vec<Vec<Corner>> {
    let polygons = feature["geometry"]["coordinates"].as_array().expect("a multipolygon");
    let rings = polygons.iter().flat_map(|polygon| polygon.as_array().expect("a polygon"));
    rings.map(corners).collect()
}

fn corners(ring: &Value) -> Vec<Corner> {
    let corner = |at: &Value| {
        let cell = |axis: usize| (at[axis].as_f64().expect("a number") * 1e8).round() as i64;
        (cell(0), cell(1))
    };
    ring.as_array().expect("a ring").iter().map(corner).collect()
}

/// The geometry on a plane of metres around 108.2, 16.05.
pub fn on_plane(feature: &Value) -> MultiPolygon {
    // Metres in a degree at that latitude; areas are only compared with each other.
    let flat = |ring: &Value| -> LineString {
        let to = |(x, y): (i64, i64)| {
            ((x as f64 / 1e8 - 108.2) * 107_000.0, (y as f64 / 1e8 - 16.05) * 110_650.0)
        };
        corners(ring).into_iter().map(to).collect()
    };
    let polygons = feature["geometry"]["coordinates"].as_array().expect("a multipolygon");
    let polygon = |rings: &Value| {
        let mut rings = rings.as_array().expect("a polygon").iter().map(flat);
        let outer = rings.next().expect("an outer ring");
        Polygon::new(outer, rings.collect())
    };
    MultiPolygon::new(polygons.iter().map(polygon).collect())
}
