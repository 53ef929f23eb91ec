//! The wards of the bundled city, as its file has them.

use std::path::Path;

use geo_types::{LineString, MultiPolygon, Polygon};
use urbis_model::Feature;

use crate::support::feature;

/// All wards; their geometry shares vertices exactly.
pub fn wards() -> Vec<Feature> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/danang/wards_2025.geojson");
    let text = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ring = |ring: &serde_json::Value| -> LineString<f64> {
        let positions: Vec<[f64; 2]> = serde_json::from_value(ring.clone()).unwrap();
        positions.into()
    };
    let polygon = |rings: &serde_json::Value| {
        let rings = rings.as_array().unwrap();
        Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())
    };
    let features = file["features"].as_array().unwrap().iter().enumerate();
    features
        .map(|(index, ward)| {
            let parts = ward["geometry"]["coordinates"].as_array().unwrap();
            let geometry = MultiPolygon(parts.iter().map(polygon).collect());
            feature(index as u64 + 1, geometry, "ward")
        })
        .collect()
}
