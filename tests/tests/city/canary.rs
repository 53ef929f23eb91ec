//! A text that stands in everything hidden, so that a leak is seen wherever it comes out.

use urbis_catalog::{AttributeType, Catalog};
use urbis_model::Openness;
use urbis_tests::City;

use crate::rows::hidden_from;

/// Stands in every hidden text.
pub const CANARY: &str = "CANARY";

/// Writes the canary into each text that the public may not see.
pub fn plant_canaries(city: &City, catalog: &Catalog) {
    for layer in catalog.layers() {
        for attribute in &layer.attributes {
            // A key keeps its values apart, so it stays as it is.
            let is_key = layer.key.contains(&attribute.name);
            if attribute.kind != AttributeType::Text || is_key {
                continue;
            }
            let rows = if layer.openness_of(attribute) > Openness::Open {
                "true".to_owned()
            } else {
                hidden_from(layer, Openness::Open)
            };
            city.psql(&format!(
                "UPDATE layer.{} SET \"{name}\" = '{CANARY} {name}' WHERE {rows}",
                layer.id,
                name = attribute.name
            ));
        }
    }
}

/// Says whether a text stands in bytes. Files are megabytes: most places are ruled out by one byte.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    let first = text.as_bytes()[0];
    let mut starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    starts.any(|(at, _)| bytes[at..].starts_with(text.as_bytes()))
}
