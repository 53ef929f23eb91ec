//! Layers, features and chance for the tests.

use std::sync::Arc;

use geo_types::Geometry;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{AttributeValue, Feature, FeatureId, LayerId, Moment, Revision, Validity};
use urbis_snapshot::City;

/// The moment of every city of the tests.
pub const NOW: Moment = Moment(0);

/// A seeded sequence, so that a failure repeats (constants of Knuth's MMIX).
pub struct Random(pub u64);

impl Random {
    /// A whole number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A number from `low` up to `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.below(1 << 30) as f64 / f64::from(1 << 30)
    }
}

/// A layer with the attributes `name` (text), `size` (integer) and `secret` (internal), and the
/// lines of a `[tiles]` table; a second text goes to the top.
pub fn layer(id: &str, geometry: &str, tiles: &str, top: &str) -> Layer {
    let text = format!(
        r#"
theme = "land"
title = {{ vi = "Lớp", en = "Layer" }}
description = {{ vi = "Để thử.", en = "For tests." }}
geometry = "{geometry}"
storage_srid = 4326
key = "name"
{top}
[tiles]
{tiles}
[[attributes]]
name = "name"
title = {{ vi = "Tên", en = "Name" }}
type = "text"
[[attributes]]
name = "size"
title = {{ vi = "Cỡ", en = "Size" }}
type = "integer"
[[attributes]]
name = "secret"
title = {{ vi = "Kín", en = "Secret" }}
type = "text"
openness = "internal"
[[examples]]
title = "good"
input = {{ geometry = "POINT (1 1)" }}
output = {{ name = "a" }}
[[examples]]
title = "bad"
input = {{ geometry = "POINT (1 1)" }}
fault = "attribute_missing"
"#
    );
    let mut layer: Layer = toml::from_str(&text).unwrap();
    layer.id = LayerId::new(id).unwrap();
    layer
}

pub fn id(number: u64) -> FeatureId {
    FeatureId::new(i64::try_from(number).unwrap()).unwrap()
}

pub fn feature(number: u64, geometry: impl Into<Geometry<f64>>, name: &str) -> Feature {
    Feature {
        id: id(number),
        geometry: Some(geometry.into()),
        attributes: vec![
            AttributeValue::text(name),
            AttributeValue::Int(number as i64 - 50),
            AttributeValue::text("hidden"),
        ],
        validity: Validity::ALWAYS,
    }
}

/// A city of one layer.
pub fn city_of(layer: &Layer, features: Vec<Feature>) -> City {
    let catalog = Arc::new(Catalog::from_layers(vec![layer.clone()]).unwrap());
    City::build(catalog, Revision(1), vec![(layer.id.clone(), features)], NOW)
}
