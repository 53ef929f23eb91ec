//! Goes through the JSON of a style.

use serde_json::Value;
use urbis_model::LayerId;

use crate::{Catalog, Layer};

/// Members of a style layer that read features.
pub(super) const READING: [&str; 3] = ["filter", "layout", "paint"];

/// A value and everything within it, each before its own parts. Names of members are no values.
pub fn parts(value: &Value) -> impl Iterator<Item = &Value> {
    let mut waiting = vec![value];
    std::iter::from_fn(move || {
        let next = waiting.pop()?;
        match next {
            Value::Array(items) => waiting.extend(items.iter().rev()),
            Value::Object(members) => waiting.extend(members.values().rev()),
            _ => {}
        }
        Some(next)
    })
}

/// Filter, layout and paint of a style layer, as far as it has them: what can read a feature.
pub fn reading(entry: &Value) -> impl Iterator<Item = &Value> {
    READING.iter().filter_map(|part| entry.get(part))
}

/// The layer of the catalogue that a style layer draws.
pub fn source_layer<'a>(catalog: &'a Catalog, entry: &Value) -> Option<&'a Layer> {
    catalog.layer(&LayerId::new(entry.get("source-layer")?.as_str()?).ok()?)
}
